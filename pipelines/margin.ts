// The margin account that a topology asks for: its brackets read, its symbols and assets found among the instruments of the run.
import { readFileSync } from 'node:fs'
import { type Brackets, bracketsSchema, tiersOf } from '../operators/margin/brackets.ts'
import { defaultBrackets } from '../operators/margin/default-brackets.ts'
import type { Collateral, MarginTerms } from '../operators/margin/terms.ts'
import { nearest, SmartspeedError } from '../schemas/errors.ts'
import type { Instrument } from '../schemas/records.generated.ts'
import type { Topology } from './config.ts'
import { parseConfig } from './config-errors.ts'
import { namesOf } from './named-instruments.ts'

type Asked = Pick<Topology, 'venue' | 'account'>

/** Leverage of symbols that a config names others beside. */
const leverageElse = 20

/**
 * The topology with its brackets in place of the name of their file, so that a run is computed again from what it was begun with, and other
 * brackets are another config.
 * @throws SmartspeedError FILE_MISSING, CONFIG_INVALID for what is in it, or for what `marginTermsOf` refuses
 */
export function withBrackets<T extends Asked>(topology: T, instruments: readonly Instrument[]): T {
  const { margin } = topology.venue
  if (margin === undefined) {
    marginTermsOf(topology, instruments)
    return topology
  }
  const { brackets } = margin
  const read =
    typeof brackets !== 'string' ? brackets : brackets === 'default' ? defaults(instruments) : readBrackets(brackets)
  const whole = { ...topology, venue: { ...topology.venue, margin: { ...margin, brackets: read } } }
  marginTermsOf(whole, instruments, typeof brackets === 'string' && brackets !== 'default' ? `${brackets}: ` : '')
  return whole
}

/**
 * What the account of a run is opened under; undefined where its exchange asks for no margin. The brackets are in the topology.
 * @throws SmartspeedError CONFIG_INVALID for a symbol that is not of the run, one without brackets, and collateral that nothing values, or
 * more than one instrument
 */
export function marginTermsOf(
  { venue: { margin }, account: { collateral = [] } }: Asked,
  instruments: readonly Instrument[],
  where = '',
): MarginTerms | undefined {
  if (margin === undefined) {
    if (collateral.length === 0) return undefined
    throw wrong('account.collateral covers positions of a margin account, and venue.margin is left out', {
      at: ['account', 'collateral'],
      fix: 'add venue: {margin: {mode: cross}}, or leave the collateral out',
    })
  }
  const { mode, positions, leverage, brackets, liquidationFee, insuranceFund } = margin
  if (typeof brackets === 'string') throw new RangeError(`brackets ${brackets} are not read yet`)
  if (mode === 'isolated' && collateral.length > 0) {
    throw wrong('account.collateral stands behind cross accounts alone, and venue.margin.mode is isolated', {
      at: ['account', 'collateral'],
      fix: 'set venue.margin.mode: cross, or leave the collateral out',
    })
  }
  if (typeof leverage !== 'number')
    for (const symbol of Object.keys(leverage)) named(symbol, instruments, ['venue', 'margin', 'leverage', symbol])
  return {
    ...{ mode, positions, liquidationFee, insuranceFund },
    leverage: instruments.map(({ exchange, symbol }) =>
      typeof leverage === 'number' ? leverage : (leverage[`${exchange}:${symbol}`] ?? leverage[symbol] ?? leverageElse),
    ),
    tiers: instruments.map(({ type, symbol }) => (type === 'spot' ? [] : tiersOf(brackets, symbol, where))),
    collateral: collateral.map((one, at) => collateralOf(one, instruments, ['account', 'collateral', String(at)])),
  }
}

/** Ours are of contracts in the quote asset. */
function defaults(instruments: readonly Instrument[]): Brackets {
  const inverse = instruments.find((one) => one.inverse && one.type !== 'spot')
  if (inverse === undefined) return bracketsSchema.parse(defaultBrackets)
  throw wrong(
    `venue.margin.brackets = default: they are in the quote asset, and ${inverse.symbol} is settled in ${inverse.settle}`,
    {
      at: ['venue', 'margin', 'brackets'],
      fix: 'give a file with the answer of GET /dapi/v2/leverageBracket',
    },
  )
}

function readBrackets(file: string): Brackets {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SmartspeedError(
      'FILE_MISSING',
      `venue.margin.brackets: cannot read ${file}: ${(cause as Error).message}`,
      {
        cause,
        fix: 'it is looked for in the folder that the command is run in; "default" needs no file',
        at: ['venue', 'margin', 'brackets'],
      },
    )
  }
  try {
    const said: unknown = JSON.parse(text)
    // The answer for one symbol is no list.
    return parseConfig(bracketsSchema, Array.isArray(said) ? said : [said], {
      what: 'brackets',
      where: () => `${file}: `,
    })
  } catch (cause) {
    if (cause instanceof SmartspeedError) throw cause
    throw wrong(`${file} is not JSON: ${(cause as Error).message}`, {
      at: ['venue', 'margin', 'brackets'],
      fix: 'keep the answer of GET /fapi/v1/leverageBracket as it is',
    })
  }
}

function collateralOf(
  { asset, amount, haircut, symbol, price }: NonNullable<Topology['account']['collateral']>[number],
  instruments: readonly Instrument[],
  at: readonly string[],
): Collateral {
  if (price !== undefined) return { asset, amount, haircut, at: { price } }
  const [index, ...others] = named(symbol!, instruments, [...at, 'symbol'])
  if (others.length > 0) {
    const places = [index, ...others].map((one) => `${instruments[one]!.exchange}:${symbol}`)
    throw wrong(`${at.join('.')}: ${symbol} is traded on several exchanges: ${places.join(', ')}`, {
      at: [...at, 'symbol'],
      fix: `name the one whose mark counts: symbol: ${places[0]}`,
    })
  }
  const { base, quote, inverse } = instruments[index]!
  const valued = inverse ? quote : base
  if (valued === asset) return { asset, amount, haircut, at: { instrument: index } }
  throw wrong(`${at.join('.')}: the mark of ${symbol} says what ${valued} is worth, not ${asset}`, {
    at: [...at, 'symbol'],
    fix: `name an instrument of ${asset}, or its price`,
  })
}

/** The instruments of a symbol: of each exchange, or of the one that it says, as `binance:BTCUSDT`. */
function named(said: string, instruments: readonly Instrument[], at: readonly string[]): [number, ...number[]] {
  const [first, ...others] = instruments.flatMap(({ exchange, symbol }, index) =>
    said === symbol || said === `${exchange}:${symbol}` ? index : [],
  )
  if (first !== undefined) return [first, ...others]
  const nameOf = namesOf(instruments)
  const names = instruments.map(({ exchange, symbol }) => nameOf(exchange, symbol))
  throw wrong(`${at.join('.')}: ${said} is not traded in this run; allowed: ${names.join(', ')}`, {
    at,
    fix: `did you mean "${nearest(said, names)}"?`,
  })
}

function wrong(message: string, more: { at: readonly string[]; fix: string }): SmartspeedError {
  return new SmartspeedError('CONFIG_INVALID', message, more)
}
