// Checksums of columns on a thread of their own, beside JavaScript's.
import { load } from './index.ts'

/** What `native/src/digest.rs` exports. */
interface Addon {
  sumUp(sums: Uint8Array, counts: Uint32Array, arrays: readonly Uint8Array[]): Promise<Uint32Array>
}

const addon = load<Addon>()

/**
 * What is summed up of a column: its bytes; of u32 offsets the lengths between them; or the words that u16 codes stand for. The first
 * array of words holds the ids (u32) of each array of codes behind it: how many, then one a code; codes beyond have the last one.
 * Ids are numbers from 0 on.
 */
export const sums = { bytes: 0, lengths: 1, words: 2 } as const

/** A column: its values lie in one array after another. */
export interface Summed {
  readonly sum: (typeof sums)[keyof typeof sums]
  readonly arrays: readonly Uint8Array[]
}

/**
 * The CRC-32C of each column; behind that of words how many there are, and the id of each, by first use.
 *
 * In: columns — nobody writes to their arrays until this has resolved.
 */
export function sumUp(columns: readonly Summed[]): Promise<Uint32Array> {
  return addon.sumUp(
    Uint8Array.from(columns, ({ sum }) => sum),
    Uint32Array.from(columns, ({ arrays }) => arrays.length),
    columns.flatMap(({ arrays }) => arrays),
  )
}
