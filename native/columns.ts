// What the log asks of a column, in Rust.
import { load } from './index.ts'

/** What `native/src/columns.rs` exports. */
interface Addon {
  rising(values: Float64Array): number
  toI64(values: Float64Array, out: BigInt64Array): void
}

const addon = load<Addon>()

/** How values follow each other: 2 when each is greater than the one before, 1 when none is less, 0 otherwise (NaN). */
export function rising(values: Float64Array): number {
  return addon.rising(values)
}

/** Whole numbers below 2⁵³, positive or negative, as 64 bits. */
export function toBigInts(values: Float64Array): BigInt64Array {
  const out = new BigInt64Array(values.length)
  addon.toI64(values, out)
  return out
}
