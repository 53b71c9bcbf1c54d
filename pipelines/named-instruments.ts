// Which instruments a topology names, of one exchange or of several, and what a run calls them.
import { nearest, SmartspeedError, unknownName } from '../schemas/errors.ts'
import type { Instrument } from '../schemas/records.generated.ts'
import type { Topology } from './config.ts'

/** What a plan says of its instruments; `symbols` names them, in their order. */
export interface Named {
  /** Of several exchanges all of them, with commas. */
  readonly exchange: string
  readonly symbols: readonly string[]
  /** By exchange and symbol. */
  readonly instruments: readonly Instrument[]
}

type Choice = Pick<Topology, 'exchange' | 'symbols'>

/**
 * The instruments of a topology. `exchange` may name several, with commas, and a symbol may say its exchange, as
 * `binance:BTCUSDT`; one that does not is meant on each of them. What is left out is taken where the data leave no choice.
 *
 * In:     known — those that there are data of; all — the symbols of an exchange that are taken when none is named; undefined: its only one.
 * Errors: NO_DATA for an exchange or a symbol that is not known, CONFIG_INVALID where there is a choice or one of them contradicts the other.
 */
export async function namedInstruments(
  { exchange, symbols }: Choice,
  known: readonly Instrument[],
  all?: (exchange: string, symbols: readonly string[]) => Promise<readonly string[]>,
): Promise<Named> {
  const there = [...new Set(known.map((one) => one.exchange))]
  const exchanges = exchangesOf({ exchange, symbols }, there)
  const chosen = new Set<Instrument>()
  for (const name of exchanges) {
    const own = known.filter((one) => one.exchange === name)
    if (own.length === 0) throw noData('exchange', name, there)
    const listed = own.map(({ symbol }) => symbol)
    const wanted =
      symbols === undefined
        ? ((await all?.(name, listed)) ?? [only('symbol', listed)])
        : symbols.flatMap((symbol) => symbolOn(name, symbol, { there, exchanges }))
    for (const symbol of wanted) {
      const found = own.find((one) => one.symbol === symbol)
      if (found === undefined) throw noData('symbol', symbol, listed, `--exchange ${name} `)
      chosen.add(found)
    }
  }
  const instruments = [...chosen].sort((a, b) => compare(a.exchange, b.exchange) || compare(a.symbol, b.symbol))
  const nameOf = namesOf(instruments)
  return {
    exchange: [...new Set(instruments.map((one) => one.exchange))].join(),
    symbols: instruments.map((one) => nameOf(one.exchange, one.symbol)),
    instruments,
  }
}

/** What a run calls its instruments: by their symbol, and where it has several exchanges as `exchange:symbol`. */
export function namesOf(
  instruments: readonly Pick<Instrument, 'exchange'>[],
): (exchange: string, symbol: string) => string {
  const several = instruments.some(({ exchange }) => exchange !== instruments[0]!.exchange)
  return several ? (exchange, symbol) => `${exchange}:${symbol}` : (_, symbol) => symbol
}

/** The exchanges that are named, by themselves or with a symbol; else the only one. */
function exchangesOf({ exchange, symbols = [] }: Choice, there: readonly string[]): string[] {
  if (exchange !== undefined) return [...new Set(exchange.split(',').map((one) => one.trim()))].sort()
  const said = symbols.map((symbol) => exchangeIn(symbol, there))
  if (said.length === 0 || said.includes(undefined)) return [only('exchange', there)]
  return [...new Set(said as string[])].sort()
}

/** The symbol as an exchange spells it, where it is one of that exchange. */
function symbolOn(
  exchange: string,
  symbol: string,
  { there, exchanges }: { readonly there: readonly string[]; readonly exchanges: readonly string[] },
): string[] {
  const of = exchangeIn(symbol, [...there, ...exchanges])
  if (of === undefined) return [symbol]
  if (!exchanges.includes(of)) {
    throw new SmartspeedError('CONFIG_INVALID', `symbols: ${symbol} is of none of the exchanges ${exchanges.join()}`, {
      fix: `add it, --exchange ${[...exchanges, of].join()}, or leave exchange out`,
      at: ['symbols'],
    })
  }
  return of === exchange ? [symbol.slice(of.length + 1)] : []
}

/** The exchange that a symbol says; one with a colon in it that begins with none of them says none. */
function exchangeIn(symbol: string, exchanges: readonly string[]): string | undefined {
  return exchanges.find((exchange) => symbol.startsWith(`${exchange}:`))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function only(what: string, names: readonly string[]): string {
  if (names.length === 1) return names[0]!
  throw new SmartspeedError(
    'CONFIG_INVALID',
    `no ${what} was named and there are several: ${[...names].sort().join(', ')}`,
    { fix: `add --${what} ${names[0]}` },
  )
}

function noData(what: string, seen: string, allowed: readonly string[], context = ''): SmartspeedError {
  const { message } = unknownName(what, seen, allowed)
  return new SmartspeedError('NO_DATA', `no data: ${message}`, {
    fix: `did you mean "${nearest(seen, allowed)}"? Others come with: smartspeed import FILE.gz ${context || `--exchange ${what === 'exchange' ? seen : 'ID'} `}`.trimEnd(),
  })
}
