// The market that a run saw, read once more: prices, stretches without data, and what was odd about the rows.

import { namesOf } from '../../pipelines/named-instruments.ts'
import type { Plan } from '../../pipelines/plan.ts'
import { replayOptions } from '../../pipelines/plan.ts'
import { rowAt } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { wordAt } from '../../schemas/columns.ts'
import type { Clock, RecordName } from '../../schemas/records.generated.ts'
import { type ReplayOptions, replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import type { Gap } from './data.ts'
import { Thinned } from './thin.ts'

export interface MarketScan {
  readonly priceOf: string
  /** By what the run calls its instruments. */
  readonly prices: ReadonlyMap<string, Thinned>
  readonly gaps: readonly Gap[]
  /** Rows whose exchange time was derived from receive time. */
  readonly estimated: number
  /** Rows with an exchange time before that of the row before it of the same symbol. */
  readonly stepsBack: number
  /** The last of each exchange. */
  readonly clocks: readonly Clock[]
  /** Unreadable messages of these exchanges, by reason. */
  readonly deadLetters: ReadonlyMap<string, number>
}

/** Ticks farther apart than this, with no heartbeat between them, are a gap. */
const silenceUs = 60_000_000

/**
 * Prices of the run's instruments over its range: closes of candles, else last trades, else the middle of quotes.
 * A gap is a silence of all of them: candles that are missing, or a minute without row and heartbeat.
 */
export async function scanMarket(topics: Topics, plan: Plan): Promise<MarketScan> {
  const has = new Set(plan.inputs.map(({ topic }) => topic))
  const kind = (['candles', 'trades', 'quotes'] as const).find((record) => has.has(physicalName(record))) ?? 'trades'
  const record = plan.fill === 'book' && has.has(physicalName('trades')) ? 'trades' : kind
  const nameOf = namesOf(plan.instruments)
  const prices = new Map(plan.symbols.map((symbol) => [symbol, new Thinned()]))
  const silence = new Silence(record === 'candles' ? candleSilence(plan.interval) : silenceUs)
  const lastTime = new Map<string, number>()
  const found = { estimated: 0, stepsBack: 0 }
  const inputs = [record, 'heartbeats' as const].map((name) => physicalName(name)).filter((name) => has.has(name))
  if (inputs.length > 0) {
    for await (const { merged } of replay(topics, {
      ...replayOptions(plan),
      inputs: inputs.map((topic) => ({ topic })),
    })) {
      for (let at = 0; at < merged.rows; at++) {
        const batch = merged.sources[merged.source[at]!]!
        const row = merged.row[at]!
        silence.see(batch.columns.received[row]!)
        if (batch.topic === 'heartbeats') continue
        const columns = batch.columns as PriceColumns
        const symbol = nameOf(wordAt(columns.exchange, row)!, wordAt(columns.symbol, row)!)
        if (record === 'candles' && wordAt(columns.interval!, row) !== plan.interval) continue
        prices.get(symbol)?.push(columns.received[row]!, priceAt(columns, row))
        found.estimated += columns.timeEstimated?.[row] ?? 0
        if (columns.time[row]! < (lastTime.get(symbol) ?? 0)) found.stepsBack++
        lastTime.set(symbol, columns.time[row]!)
      }
    }
  }
  const priceOf = {
    candles: `close of ${plan.interval} candles`,
    trades: 'last trade',
    quotes: 'middle of the quotes',
  }[record]
  return {
    ...{ priceOf, prices, gaps: silence.gaps, ...found },
    clocks: await lastClocks(topics, plan),
    deadLetters: await deadLetters(topics, plan),
  }
}

/** The columns that a price is read from, whichever topic they belong to. */
interface PriceColumns {
  readonly time: Float64Array
  readonly received: Float64Array
  readonly exchange: { readonly codes: Uint16Array; readonly values: readonly string[] }
  readonly symbol: { readonly codes: Uint16Array; readonly values: readonly string[] }
  readonly interval?: { readonly codes: Uint16Array; readonly values: readonly string[] }
  readonly timeEstimated?: Uint8Array
  readonly close?: Float64Array
  readonly price?: Float64Array
  readonly bid?: Float64Array
  readonly ask?: Float64Array
}

function priceAt({ close, price, bid, ask }: PriceColumns, row: number): number {
  return close?.[row] ?? price?.[row] ?? (bid![row]! + ask![row]!) / 2
}

/** Stretches in which nothing was received. */
class Silence {
  readonly gaps: Gap[] = []
  private readonly longest: number
  private last = Number.NaN

  constructor(longest: number) {
    this.longest = longest
  }

  see(received: number): void {
    if (received - this.last > this.longest) this.gaps.push({ from: this.last, to: received })
    this.last = received
  }
}

const unitUs: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 }

/** Candles farther apart than one and a half of their length leave one out; of other bars there is no telling. */
function candleSilence(interval: string | undefined): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(interval ?? '') ?? []
  return unit === undefined ? Number.POSITIVE_INFINITY : Number(count) * unitUs[unit]! * 1.5
}

async function lastClocks(topics: Topics, { instruments, to }: Plan): Promise<Clock[]> {
  const last = new Map<string, Clock>()
  await eachOf(topics, 'clocks', { instruments, ...(to === undefined ? {} : { to }) }, (row) => {
    last.set((row as Clock).exchange, row as Clock)
  })
  return [...last.values()]
}

async function deadLetters(topics: Topics, { instruments }: Plan): Promise<Map<string, number>> {
  const reasons = new Map<string, number>()
  const exchanges = new Set(instruments.map(({ exchange }) => exchange))
  await eachOf(topics, 'dead-letters', {}, (row) => {
    const { reason, exchange } = row as { reason: string; exchange: string }
    if (exchange !== '' && !exchanges.has(exchange)) return
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  })
  return reasons
}

async function eachOf(
  topics: Topics,
  record: RecordName,
  range: Pick<ReplayOptions, 'instruments' | 'to'>,
  visit: (row: unknown) => void,
): Promise<void> {
  const topic = physicalName(record)
  if (!(await topics.list()).some(({ name }) => name === topic)) return
  for await (const { merged } of replay(topics, { inputs: [{ topic }], ...range })) {
    for (let at = 0; at < merged.rows; at++) visit(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!))
  }
}
