// Rows of sorted lanes in one order, in Rust. What the order is stands in topics/merge.ts.
import { load } from './index.ts'

/** What `native/src/merge.rs` exports. */
interface Addon {
  mergeLanes(
    received: readonly Float64Array[],
    rows: readonly Uint32Array[],
    next: Uint32Array,
    codes: Int32Array,
    sources: number,
    source: Uint16Array,
    row: Uint32Array,
    count: number,
    last: number,
  ): number
}

const addon = load<Addon>()

/** Lanes, of which an earlier one's rows come first where receive times are equal; arrays have a value a lane. */
export interface MergeLanes {
  /** µs, rising: the rows in hand. */
  readonly received: readonly Float64Array[]
  /** Numbers of the rows in their batch; empty: 0, 1, 2, … */
  readonly rows: readonly Uint32Array[]
  /** The next row; moves on. */
  readonly next: Uint32Array
  /** Number of the batch in the merged one; −1 for one that has no row there yet, which gets the next number. */
  readonly codes: Int32Array
}

/**
 * Moves rows into a merged batch (`source`, `row`) from `count` on, until a lane has no more, the batch is full or the next row is
 * later than `last`. `sources` batches have rows there already. Gives the lane of the last row; −1 when nothing was moved.
 */
export function mergeLanes(
  { received, rows, next, codes }: MergeLanes,
  fill: { readonly source: Uint16Array; readonly row: Uint32Array; readonly count: number; readonly last: number },
  sources: number,
): number {
  const { source, row, count, last } = fill
  return addon.mergeLanes(received, rows, next, codes, sources, source, row, count, last)
}
