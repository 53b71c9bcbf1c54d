// Files of the embedded log on threads of their own, beside JavaScript's.
import { load } from './index.ts'

/** What `native/src/segment.rs` exports. */
interface Addon {
  readBlock(fd: number, position: number, block: Uint8Array): Promise<{ length: number; crc: number }>
}

const addon = load<Addon>()

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
