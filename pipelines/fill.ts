// What the data of a run allow: orders filled on ticks or on candles, and which candles (DESIGN §8: never "0 trades, success").
import { exitsOf } from '../operators/exits/index.ts'
import { rulesOf } from '../operators/sizing/index.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { RecordName, Rows } from '../schemas/records.generated.ts'
import { type InstrumentName, replay } from '../topics/replay.ts'
import type { TopicInfo, Topics } from '../topics/topics.ts'
import type { Topology } from './config.ts'

export type Fill = 'book' | 'next-open' | 'close'

type Infos = ReadonlyMap<string, TopicInfo>

export interface FillOptions {
  readonly infos: Infos
  readonly instruments: readonly InstrumentName[]
  readonly topology: Topology
  readonly strategies: readonly Strategy[]
}

const ticks = ['trades', 'quotes', 'books'] as const

/**
 * The fill mode, and the interval of the bars that strategies see.
 * @throws SmartspeedError CONFIG_INVALID when the mode or the strategy does not fit what there is, NO_DATA when a symbol has no rows for it
 */
export async function fillOf(
  topics: Topics,
  options: FillOptions,
): Promise<{ fill: Fill; interval: string | undefined }> {
  const { infos, instruments, topology, strategies } = options
  const onTicks: InstrumentName[] = []
  for (const instrument of instruments) if (await hasTicks(topics, infos, instrument)) onTicks.push(instrument)
  const fill = topology.venue.fill ?? (onTicks.length > 0 ? 'book' : 'next-open')
  if (fill === 'book') {
    if (onTicks.length < instruments.length) throw noTicks(options, onTicks)
    const needsBars = topology.keep.length > 0 || strategies.some(seesBars) || restsOnBars(topology)
    return { fill, interval: topology.interval ?? (needsBars ? '1m' : undefined) }
  }
  let interval = topology.interval
  for (const instrument of instruments) interval = await candlesOf(topics, infos, { fill, instrument, interval })
  const strategy = strategies.find(({ needs }) => needs === 'ticks')
  if (strategy !== undefined) {
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `strategy ${strategy.name} needs ticks; fill = "${fill}" is on candles`,
      {
        fix:
          onTicks.length === instruments.length
            ? 'leave --fill out: there are ticks of it'
            : 'import a capture: smartspeed import FILE --exchange ID, or take a strategy that needs bars',
      },
    )
  }
  return { fill, interval }
}

/** Whether a sizing rule or an exit rests on the run's bars. */
function restsOnBars({ sizing, exits = [] }: Topology): boolean {
  return (
    rulesOf(sizing).some(({ rule: { needs } }) => needs !== undefined && needs !== 'prices') ||
    exitsOf(exits).some(({ exit }) => exit.needsBars)
  )
}

/** Those of an exchange's symbols that have ticks; all of them where none has, which leaves candles. */
export async function symbolsWithTicks(
  topics: Topics,
  infos: Infos,
  { exchange, listed }: { readonly exchange: string; readonly listed: readonly string[] },
): Promise<readonly string[]> {
  const found: string[] = []
  for (const symbol of listed) if (await hasTicks(topics, infos, { exchange, symbol })) found.push(symbol)
  return found.length === 0 ? listed : found
}

/** On ticks they are cut from trades; features and regimes change with them, and so do all that `keep` can name. */
function seesBars({ needs, features, regimes }: Strategy): boolean {
  return needs === 'bars' || features === true || regimes === true
}

async function hasTicks(topics: Topics, infos: Infos, instrument: InstrumentName): Promise<boolean> {
  for (const record of ticks) {
    for await (const _ of rowsOf(topics, infos, record, instrument)) return true
  }
  return false
}

/** The interval, or that of the symbol's first candle where none was named. */
async function candlesOf(
  topics: Topics,
  infos: Infos,
  { fill, instrument, interval }: { fill: Fill; instrument: InstrumentName; interval: string | undefined },
): Promise<string> {
  const { exchange, symbol } = instrument
  const seen = new Set<string>()
  for await (const candle of rowsOf(topics, infos, 'candles', instrument)) {
    if (interval === undefined || candle.interval === interval) return candle.interval
    seen.add(candle.interval)
  }
  const what = interval === undefined ? 'candles' : `candles of ${interval}`
  const there = seen.size === 0 ? 'there are none' : `there are those of ${[...seen].join(', ')}`
  throw new SmartspeedError('NO_DATA', `fill = "${fill}" needs ${what} of ${exchange} ${symbol}; ${there}`, {
    fix:
      seen.size === 0
        ? 'choose --fill book, or load candles: smartspeed load bars FILE.csv --exchange ID --symbol S --interval 1m'
        : `choose --interval ${[...seen][0]}, or load others: smartspeed load bars FILE.csv --exchange ID --symbol S --interval ${interval}`,
  })
}

function noTicks({ instruments }: FillOptions, onTicks: readonly InstrumentName[]): SmartspeedError {
  const without = instruments.filter((one) => !onTicks.includes(one))
  const names = [...new Set(without.map(({ exchange }) => exchange))].map((name) => {
    const own = without.filter(({ exchange }) => exchange === name)
    return `${name} ${own.map(({ symbol }) => symbol).join(', ')}`
  })
  const message = `fill = "book" needs trades, quotes or books of ${names.join(' and ')}; there are only candles`
  return new SmartspeedError('CONFIG_INVALID', message, {
    fix: 'choose --fill next-open or --fill close, or import ticks: smartspeed import FILE --exchange ID',
  })
}

async function* rowsOf<T extends RecordName>(
  topics: Topics,
  infos: Infos,
  record: T,
  instrument: InstrumentName,
): AsyncGenerator<Rows[T]> {
  const topic = physicalName(record)
  if (!infos.has(topic)) return
  for await (const { merged } of replay(topics, { inputs: [{ topic }], instruments: [instrument], maxRows: 256 })) {
    for (let at = 0; at < merged.rows; at++)
      yield rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as Rows[T]
  }
}
