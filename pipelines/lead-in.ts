// A run that begins in the middle of the data reads a little before: what the market was then has to be known (DESIGN §5).
import { fixedLength } from '../operators/bars/interval.ts'
import { featureStage } from '../operators/features/index.ts'
import { regimeWarmup } from '../operators/regime/engine.ts'
import { horizons } from '../operators/regime/horizons.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import type { Merged } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { wordAt } from '../schemas/columns.ts'
import type { BookColumns, ClockColumns } from '../schemas/records.generated.ts'
import { type InstrumentName, replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import type { Topology } from './config.ts'
import { usesOf } from './uses.ts'

/** A snapshot joins updates that were received before it. */
const beforeSnapshotUs = 60_000_000

export interface LeadInOptions {
  readonly instruments: readonly InstrumentName[]
  /** Receive time at which the run begins, µs. */
  readonly from: number
  /** What the run reads, as in its plan. */
  readonly inputs: readonly { readonly topic: string; readonly ends: readonly number[] }[]
}

/**
 * The receive time from which on rows have to be read so that at `from` each symbol's book is in sync and the exchange's clock
 * known: the last snapshot of each symbol and the last `clocks` row of each connection before it. Those rows move the market
 * and nothing else: no strategy sees them, no order meets them.
 *
 * Out: µs, below `from`; undefined when nothing before it helps.
 */
export async function leadInOf(topics: Topics, options: LeadInOptions): Promise<number | undefined> {
  const snapshots = await lastOf(topics, 'books', options, (batch, row) => {
    const { snapshot, exchange, symbol } = batch.columns as BookColumns
    return snapshot[row] === 1 ? `${wordAt(exchange, row)}:${wordAt(symbol, row)}` : undefined
  })
  const clocks = await lastOf(topics, 'clocks', options, (batch, row) => {
    const { exchange, connection } = batch.columns as ClockColumns
    return `${wordAt(exchange, row)}:${wordAt(connection, row)}`
  })
  const starts = [...snapshots.map((received) => received - beforeSnapshotUs), ...clocks]
  return starts.length === 0 ? undefined : Math.max(0, Math.min(...starts))
}

/**
 * The receive time from which on candles have to be read so that features and regimes are warm at `from`, where the run uses any.
 *
 * Out: µs, below `from`; undefined when nothing needs earlier candles.
 */
export function candlesBefore(from: number, { interval, topology, strategies }: CandleUse): number | undefined {
  const barUs = fixedLength(interval)
  if (barUs === undefined) return undefined
  const { features, regimes } = usesOf(topology, strategies)
  const warm = regimes ? Math.max(...horizons.map((horizon) => regimeWarmup(horizon, barUs) ?? 0)) + settling : 0
  const bars = Math.max(features ? featureStage.warmup : 0, warm)
  return bars === 0 ? undefined : Math.max(0, from - bars * barUs)
}

/** Bars after its warm-up from which on a regime does not hang on where its candles began (docs/regimes.md). */
const settling = 100

interface CandleUse {
  readonly interval: string
  readonly topology: Pick<Topology, 'keep' | 'regimeScaling'>
  readonly strategies: readonly Strategy[]
}

/** Receive times of the last row of each key before the run; rows without a key do not count. */
async function lastOf(
  topics: Topics,
  record: 'books' | 'clocks',
  { instruments, from, inputs }: LeadInOptions,
  keyOf: (batch: Merged['sources'][number], row: number) => string | undefined,
): Promise<number[]> {
  const input = inputs.find(({ topic }) => topic === physicalName(record))
  if (input === undefined) return []
  const last = new Map<string, number>()
  const ends = { [input.topic]: input.ends }
  for await (const { merged } of replay(topics, { inputs: [input], instruments, to: from, ends })) {
    for (let at = 0; at < merged.rows; at++) {
      const batch = merged.sources[merged.source[at]!]!
      const row = merged.row[at]!
      const key = keyOf(batch, row)
      if (key !== undefined) last.set(key, (batch.columns as BookColumns).received[row]!)
    }
  }
  return [...last.values()]
}
