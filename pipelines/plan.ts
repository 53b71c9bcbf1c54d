// What a backtest will read, decided before it starts: instruments, inputs and how far they go (DESIGN §6, §8).
import { algorithmOf } from '../operators/algorithms/index.ts'
import type { FeeRates } from '../operators/execution/fees.ts'
import type { RecordedLatencies } from '../operators/execution/latency/recorded.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName, topicNamed } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Instrument, RecordName } from '../schemas/records.generated.ts'
import { parseTime } from '../schemas/time.ts'
import { replay } from '../topics/replay.ts'
import type { TopicInfo, Topics } from '../topics/topics.ts'
import type { Topology } from './config.ts'
import { commandsOf } from './control.ts'
import { type Fill, fillOf, symbolsWithTicks } from './fill.ts'
import { candlesBefore, leadInOf } from './lead-in.ts'
import { withBrackets } from './margin.ts'
import { namedInstruments } from './named-instruments.ts'
import { accountCurrency } from './settlement.ts'
import { venueDataOf } from './venue-options.ts'

/** Rates of an exchange; `seen` is the day on which they were seen to hold, where they are those of a list. */
export type DatedRates = FeeRates & { readonly seen?: string }

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
  /** By exchange; undefined in plans of versions that knew one rate for all. */
  readonly fees?: Readonly<Record<string, DatedRates>>
  /** What was in the file of latencies when the run began. */
  readonly recorded?: RecordedLatencies | undefined
  /** Physical topics with the end offset of each partition when the run began: what comes later is not seen. */
  readonly inputs: readonly { readonly topic: string; readonly ends: readonly number[] }[]
}

const tickInputs: readonly RecordName[] = ['clocks', 'trades', 'quotes', 'books', 'funding', 'marks', 'heartbeats']
const candleInputs: readonly RecordName[] = ['funding', 'marks', 'candles']

/**
 * The plan of a topology over what is in the topics now. `run` names who hears the commands that were given to it; one that follows also
 * hears those that come.
 * @throws SmartspeedError NO_DATA when an exchange, a symbol or a range has no rows, CONFIG_INVALID when the fill mode does not fit the data; those of `algorithmOf`
 */
export async function planOf(
  topics: Topics,
  topology: Topology,
  strategies: readonly Strategy[],
  { run, follow = false }: { readonly run?: string; readonly follow?: boolean } = {},
): Promise<Plan> {
  const [from, to] = [timeOf('from', topology.from), timeOf('to', topology.to)]
  if (from !== undefined && to !== undefined && to <= from) {
    throw new SmartspeedError('CONFIG_INVALID', `to = ${topology.to} is not after from = ${topology.from}`, {
      fix: 'to is exclusive: take a later time',
      at: ['to'],
    })
  }
  if (topology.execution !== undefined) algorithmOf(topology.execution)
  const infos = new Map((await topics.list()).map((info) => [info.name, info]))
  const known = await knownInstruments(topics, infos)
  const isFeatures = topology.pipeline === 'features'
  const named = await namedInstruments(
    topology,
    known,
    isFeatures ? (exchange, listed) => symbolsWithTicks(topics, infos, { exchange, listed }) : undefined,
  )
  const { instruments } = named
  if (!isFeatures) accountCurrency(topology.account, instruments)
  const ranged = { ...topology, from, to }
  const { fill, interval } = await fillOf(topics, { infos, instruments, topology, strategies })
  const inputs = (fill === 'book' ? tickInputs : candleInputs)
    .map((record) => infos.get(physicalName(record)))
    .filter((info): info is TopicInfo => info !== undefined)
    .map(({ name, ends }) => ({ topic: name, ends }))
  const commands = run === undefined || isFeatures ? undefined : commandsOf(run)
  const said = commands === undefined ? undefined : infos.get(commands)
  if (commands !== undefined && (follow || said !== undefined))
    inputs.push({ topic: commands, ends: said?.ends ?? [0] })
  const start = from ?? Math.min(...inputs.map(({ topic }) => infos.get(topic)?.first ?? Number.POSITIVE_INFINITY))
  const data = await venueDataOf(topology.venue, {
    fill,
    instruments,
    start,
  })
  const leadIn =
    from === undefined
      ? undefined
      : fill === 'book'
        ? await leadInOf(topics, { instruments, from, inputs })
        : candlesBefore(from, { interval: interval!, topology, strategies })
  return {
    topology: isFeatures ? ranged : withBrackets(ranged, instruments),
    ...{ ...named, from, to, interval, fill, inputs },
    ...data,
    ...(leadIn === undefined ? {} : { leadIn }),
  }
}

/** A plan that was made before, with what is asked for now in its place: where its data ended, and what they were, stays. */
export function planAgain(before: Plan, { topology, recorded }: Plan): Plan {
  return { ...before, topology, recorded }
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
    if (ofNoInstrument.includes(topicNamed(topic).name)) continue
    for await (const _ of replay(topics, { ...range, inputs: [{ topic }], maxRows: 1 })) return true
  }
  return false
}

/** Their rows are of no instrument. */
export const ofNoInstrument: readonly RecordName[] = ['clocks', 'heartbeats', 'commands']

/** What is there, for the error of a range without rows. */
export async function rangeOf(topics: Topics, plan: Plan): Promise<{ first: number; last: number } | undefined> {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { topic } of plan.inputs) {
    if (topicNamed(topic).name === 'commands') continue
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

const traded = ['signals', 'orders', 'executions', 'positions', 'accounts', 'risk-events', 'alerts'] as const

/** What a run of a plan writes. */
export function writtenBy({ topology: { pipeline, keep } }: Plan): RecordName[] {
  return [...keep, ...(pipeline === 'trading' ? traded : []), 'journal', 'snapshots']
}
