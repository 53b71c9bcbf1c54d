// What a backtest will read, decided before it starts: instruments, inputs and how far they go (DESIGN §6, §8).
import type { Strategy } from '../operators/strategies/strategy.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Instrument, RecordName } from '../schemas/records.generated.ts'
import { parseTime } from '../schemas/time.ts'
import { replay } from '../topics/replay.ts'
import type { TopicInfo, Topics } from '../topics/topics.ts'
import type { Topology } from './config.ts'
import { type Fill, fillOf, symbolsWithTicks } from './fill.ts'
import { candlesBefore, leadInOf } from './lead-in.ts'
import { namedInstruments } from './named-instruments.ts'
import { accountCurrency } from './settlement.ts'

/** Everything that a run depends on but code: plain JSON, kept with the run. */
export interface Plan {
  readonly topology: Topology
  /** Of several exchanges all of them, with commas. */
  readonly exchange: string
  /** What its instruments are called, in their order: of one exchange by their symbol, of several as `exchange:symbol`. */
  readonly symbols: readonly string[]
  readonly from: number | undefined
  readonly to: number | undefined
  /** Rows are read from here on, µs, so that the market is known at `from`; undefined: from `from` on. */
  readonly leadIn?: number | undefined
  readonly interval: string | undefined
  readonly fill: Fill
  readonly instruments: readonly Instrument[]
  /** Physical topics with the end offset of each partition when the run began: what comes later is not seen. */
  readonly inputs: readonly { readonly topic: string; readonly ends: readonly number[] }[]
}

const tickInputs: readonly RecordName[] = ['clocks', 'trades', 'quotes', 'books', 'funding', 'marks', 'heartbeats']
const candleInputs: readonly RecordName[] = ['funding', 'marks', 'candles']

/**
 * The plan of a topology over what is in the topics now.
 * @throws SmartspeedError NO_DATA when an exchange, a symbol or a range has no rows, CONFIG_INVALID when the fill mode does not fit the data
 */
export async function planOf(topics: Topics, topology: Topology, strategies: readonly Strategy[]): Promise<Plan> {
  const [from, to] = [timeOf('from', topology.from), timeOf('to', topology.to)]
  if (from !== undefined && to !== undefined && to <= from) {
    throw new SmartspeedError('CONFIG_INVALID', `to = ${topology.to} is not after from = ${topology.from}`, {
      fix: 'to is exclusive: take a later time',
      at: ['to'],
    })
  }
  const infos = new Map((await topics.list()).map((info) => [info.name, info]))
  const known = await knownInstruments(topics, infos)
  const named = await namedInstruments(
    topology,
    known,
    topology.pipeline === 'features'
      ? (exchange, listed) => symbolsWithTicks(topics, infos, { exchange, listed })
      : undefined,
  )
  const { instruments } = named
  if (topology.pipeline !== 'features') accountCurrency(topology.account, instruments)
  const { fill, interval } = await fillOf(topics, { infos, instruments, topology, strategies })
  const inputs = (fill === 'book' ? tickInputs : candleInputs)
    .map((record) => infos.get(physicalName(record)))
    .filter((info): info is TopicInfo => info !== undefined)
    .map(({ name, ends }) => ({ topic: name, ends }))
  const leadIn =
    from === undefined
      ? undefined
      : fill === 'book'
        ? await leadInOf(topics, { instruments, from, inputs })
        : candlesBefore(from, { interval: interval!, topology, strategies })
  return {
    ...{ topology: { ...topology, from, to }, ...named, from, to, interval, fill, inputs },
    ...(leadIn === undefined ? {} : { leadIn }),
  }
}

function timeOf(name: string, time: number | string | undefined): number | undefined {
  return time === undefined ? undefined : parseTime(name, String(time))
}

/** The newest row of each instrument. */
async function knownInstruments(topics: Topics, infos: ReadonlyMap<string, TopicInfo>): Promise<Instrument[]> {
  const newest = new Map<string, Instrument>()
  const topic = physicalName('instruments')
  if (infos.has(topic)) {
    for await (const { merged } of replay(topics, { inputs: [{ topic }] })) {
      for (let at = 0; at < merged.rows; at++) {
        const row = rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as Instrument
        newest.set(`${row.exchange}:${row.symbol}`, row)
      }
    }
  }
  if (newest.size === 0) {
    throw new SmartspeedError('NO_DATA', 'there is no market data yet', {
      fix: 'import a capture: smartspeed import FILE.gz --exchange binance-usdm, or make one: smartspeed simulate market --seed 1 --minutes 10 --exchange binance-usdm --symbol BTCUSDT -o market.gz',
    })
  }
  return [...newest.values()]
}

/** Whether there is any row of the plan's instruments in its range. */
export async function hasRows(topics: Topics, plan: Plan): Promise<boolean> {
  const { inputs, ...range } = replayOptions(plan)
  for (const { topic } of inputs) {
    if (topicsOfAll.includes(topic)) continue
    for await (const _ of replay(topics, { ...range, inputs: [{ topic }], maxRows: 1 })) return true
  }
  return false
}

/** Their rows are of no instrument. */
const topicsOfAll = [physicalName('clocks'), physicalName('heartbeats')]

/** What is there, for the error of a range without rows. */
export async function rangeOf(topics: Topics, plan: Plan): Promise<{ first: number; last: number } | undefined> {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { topic } of plan.inputs) {
    const info = await topics.info(topic)
    first = Math.min(first, info.first ?? first)
    last = Math.max(last, info.last ?? last)
  }
  return Number.isFinite(first) ? { first, last } : undefined
}

/** What a run reads: its rows, and those that lead in to them. */
export function inputOptions(plan: Plan) {
  const { leadIn } = plan
  return { ...replayOptions(plan), ...(leadIn === undefined ? {} : { from: leadIn }) }
}

/** The rows of a run. */
export function replayOptions(plan: Plan) {
  const { instruments, from, to, inputs } = plan
  return {
    ...{ inputs: inputs.map(({ topic }) => ({ topic })), instruments },
    ends: Object.fromEntries(inputs.map(({ topic, ends }) => [topic, ends])),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

const traded = ['signals', 'orders', 'executions', 'positions', 'accounts', 'risk-events'] as const

/** What a run of a plan writes. */
export function writtenBy({ topology: { pipeline, keep } }: Plan): RecordName[] {
  return [...keep, ...(pipeline === 'trading' ? traded : []), 'journal', 'snapshots']
}
