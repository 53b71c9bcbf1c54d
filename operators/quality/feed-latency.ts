// How far the exchange's clock stands from ours, from the rows of a connection alone (DESIGN §5, "Clocks disagree").
import type { Batch } from '../../schemas/batch.ts'

/** What `received − time` was at its smallest, and over how many rows. */
export interface Fastest {
  readonly micros: number
  readonly rows: number
}

interface Timed {
  readonly time: Float64Array
  readonly received: Float64Array
  readonly timeEstimated: Uint8Array
}

const timed: ReadonlySet<string> = new Set(['trades', 'quotes', 'books', 'funding', 'marks', 'liquidations'])

/** The fastest of the rows received before `until`; rows whose time was estimated do not count, nor do candles. */
export function fastestOf(batches: readonly Batch[], until: number): Fastest {
  let micros = Number.POSITIVE_INFINITY
  let rows = 0
  for (const batch of batches) {
    if (!timed.has(batch.topic)) continue
    const { time, received, timeEstimated } = batch.columns as unknown as Timed
    for (let row = 0; row < batch.rows; row++) {
      if (timeEstimated[row] === 1 || !(received[row]! < until)) continue
      rows++
      const taken = received[row]! - time[row]!
      if (taken < micros) micros = taken
    }
  }
  return { micros, rows }
}

/**
 * Exchange clock minus ours, µs: such that the fastest message took `minFeedLatencyUs`. 0 when no row says a time.
 * A whole number, because times are.
 */
export function offsetOf({ micros, rows }: Fastest, minFeedLatencyUs: number): number {
  return rows === 0 ? 0 : minFeedLatencyUs - micros
}

/** Rows that would have been here faster than `minFeedLatencyUs`, by a clock that stands `offset` from ours. */
export function tooFast({ topic, rows, columns }: Batch, offset: number, minFeedLatencyUs: number): number {
  if (!timed.has(topic)) return 0
  const { time, received, timeEstimated } = columns as unknown as Timed
  let count = 0
  for (let row = 0; row < rows; row++) {
    if (timeEstimated[row] !== 1 && received[row]! + offset - time[row]! < minFeedLatencyUs) count++
  }
  return count
}
