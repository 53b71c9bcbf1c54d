// Every whole block of a segment file, in order, without the index; damaged parts are stepped over.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type BlockHead, blockLength, readHead, schemaText } from './block.ts'

export interface Found {
  readonly head: BlockHead
  readonly position: number
  /** The JSON of a block that holds a schema. */
  readonly schema: string | undefined
}

/** Blocks whose checksum is right. Returns how many bytes belong to none. */
export function* walkSegment(path: string): Generator<Found, number> {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    let lost = 0
    let position = 0
    while (position < size) {
      const bytes = blockAt(fd, position, size)
      const head = bytes && readHead(bytes)
      if (bytes === undefined || head === undefined) {
        const next = nextCandidate(fd, position + 8, size)
        lost += next - position
        position = next
        continue
      }
      yield { head, position, schema: head.kind === 'schema' ? schemaText(bytes, head) : undefined }
      position += head.length
    }
    return lost
  } finally {
    closeSync(fd)
  }
}

function blockAt(fd: number, position: number, size: number): Uint8Array | undefined {
  const length = blockLength(readAt(fd, position, 16))
  return length === undefined || position + length > size ? undefined : readAt(fd, position, length)
}

/** Where the next block may begin: blocks stand at multiples of eight. */
function nextCandidate(fd: number, from: number, size: number): number {
  const step = 2 ** 16
  for (let at = from; at < size; at += step) {
    const bytes = readAt(fd, at, Math.min(step + 16, size - at))
    for (let i = 0; i < step && i + 16 <= bytes.length; i += 8) {
      if (blockLength(bytes.subarray(i, i + 16)) !== undefined) return at + i
    }
  }
  return size
}

function readAt(fd: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
  return bytes.subarray(0, readSync(fd, bytes, 0, length, position))
}
