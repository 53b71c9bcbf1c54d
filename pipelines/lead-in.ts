// A run that begins in the middle of the data reads a little before: what the market was then has to be known (DESIGN §5).
import type { Merged } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { wordAt } from '../schemas/columns.ts'
import type { BookColumns, ClockColumns } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'

/** A snapshot joins updates that were received before it. */
const beforeSnapshotUs = 60_000_000

export interface LeadInOptions {
  readonly exchange: string
  readonly symbols: readonly string[]
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
    const { snapshot, symbol } = batch.columns as BookColumns
    return snapshot[row] === 1 ? wordAt(symbol, row) : undefined
  })
  const clocks = await lastOf(topics, 'clocks', options, (batch, row) => {
    return wordAt((batch.columns as ClockColumns).connection, row)
  })
  const starts = [...snapshots.map((received) => received - beforeSnapshotUs), ...clocks]
  return starts.length === 0 ? undefined : Math.max(0, Math.min(...starts))
}

/** Receive times of the last row of each key before the run; rows without a key do not count. */
async function lastOf(
  topics: Topics,
  record: 'books' | 'clocks',
  { exchange, symbols, from, inputs }: LeadInOptions,
  keyOf: (batch: Merged['sources'][number], row: number) => string | undefined,
): Promise<number[]> {
  const input = inputs.find(({ topic }) => topic === physicalName(record))
  if (input === undefined) return []
  const last = new Map<string, number>()
  const ends = { [input.topic]: input.ends }
  for await (const { merged } of replay(topics, { inputs: [input], exchange, symbols, to: from, ends })) {
    for (let at = 0; at < merged.rows; at++) {
      const batch = merged.sources[merged.source[at]!]!
      const row = merged.row[at]!
      const key = keyOf(batch, row)
      if (key !== undefined) last.set(key, (batch.columns as BookColumns).received[row]!)
    }
  }
  return [...last.values()]
}
