// Files of the embedded log on threads of their own, beside JavaScript's.
import { load } from './index.ts'

/** What `native/src/segment.rs` exports. */
interface Addon {
  packBlock(head: Uint8Array, kinds: Uint8Array, arrays: readonly Uint8Array[]): Promise<Uint8Array>
  readBlock(fd: number, position: number, block: Uint8Array): Promise<{ length: number; crc: number }>
}

const addon = load<Addon>()

/** What an array holds, by the number that Rust knows it by; a text is never stored shorter than it is. */
export const kinds = { text: 0, u8: 1, u16: 2, i32: 3, u32: 4, i64: 5, f64: 6 } as const

/** An array of a column, as bytes. */
export interface Part {
  readonly kind: (typeof kinds)[keyof typeof kinds]
  readonly bytes: Uint8Array
}

/**
 * Makes a block on another thread: the head with the block's length and checksum written into it, then the arrays, each in its
 * shortest form (topics/embedded/arrays.ts).
 *
 * In: head — as long as a multiple of eight; parts — nobody writes to their arrays until this has resolved.
 */
export function packBlock(head: Uint8Array, parts: readonly Part[]): Promise<Uint8Array> {
  return addon.packBlock(
    head,
    Uint8Array.from(parts, ({ kind }) => kind),
    parts.map(({ bytes }) => bytes),
  )
}

/** A block as it lies in its file. */
export interface RawBlock {
  /** In a buffer of their own; fewer than were asked for when the file ends before. */
  readonly bytes: Uint8Array
  /** CRC-32C of what the block's own covers: all behind the first eight bytes. */
  readonly crc: number
}

/**
 * Reads a block, and sums it up, on another thread. The descriptor may be closed as soon as this has returned.
 *
 * Errors: what the system says of the file.
 */
export async function readBlock(
  fd: number,
  { position, length }: { position: number; length: number },
): Promise<RawBlock> {
  // Never pooled: the columns are views of it for as long as anyone holds the batch.
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
  const read = await addon.readBlock(fd, position, bytes)
  return { bytes: read.length === length ? bytes : bytes.subarray(0, read.length), crc: read.crc }
}
