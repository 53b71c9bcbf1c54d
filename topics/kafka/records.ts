// Record batches as they lie on the broker's disk and go over the wire (magic 2).
// Source: kafka.apache.org/documentation, "Record Batch" and "Record" (read 2026-11-21).
import { crc32c } from '../../native/index.ts'
import type { ReadRecord, WireRecord } from './client.ts'

const headBytes = 61
const transactional = 1 << 4
const control = 1 << 5
const compressed = 7
const logAppendTime = 1 << 3

export interface BatchHead {
  readonly timestamp: number
  readonly producerId: bigint
  readonly epoch: number
  readonly sequence: number
  readonly transactional: boolean
}

/** One batch, not compressed. */
export function encodeBatch(records: readonly WireRecord[], head: BatchHead): Buffer {
  let size = headBytes
  for (const { key, value } of records) size += 32 + key.length + (value === null ? 0 : value.length)
  const bytes = Buffer.allocUnsafe(size)
  let at = headBytes
  for (let i = 0; i < records.length; i++) at = writeRecord(bytes, at, records[i]!, i)
  bytes.writeBigInt64BE(0n, 0)
  bytes.writeInt32BE(at - 12, 8)
  bytes.writeInt32BE(-1, 12)
  bytes[16] = 2
  bytes.writeInt16BE(head.transactional ? transactional : 0, 21)
  bytes.writeInt32BE(records.length - 1, 23)
  bytes.writeBigInt64BE(BigInt(head.timestamp), 27)
  bytes.writeBigInt64BE(BigInt(head.timestamp), 35)
  bytes.writeBigInt64BE(head.producerId, 43)
  bytes.writeInt16BE(head.epoch, 51)
  bytes.writeInt32BE(head.sequence, 53)
  bytes.writeInt32BE(records.length, 57)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21, at)), 17)
  return bytes.subarray(0, at)
}

function writeRecord(bytes: Buffer, at: number, { key, value }: WireRecord, delta: number): number {
  const valueBytes = value === null ? varintBytes(-1) : varintBytes(value.length) + value.length
  const length = 2 + varintBytes(delta) + varintBytes(key.length) + key.length + valueBytes + 1
  at = writeVarint(bytes, at, length)
  bytes[at++] = 0
  bytes[at++] = 0
  at = writeVarint(bytes, at, delta)
  at = writeVarint(bytes, at, key.length)
  bytes.set(key, at)
  at += key.length
  at = writeVarint(bytes, at, value === null ? -1 : value.length)
  if (value !== null) {
    bytes.set(value, at)
    at += value.length
  }
  bytes[at++] = 0
  return at
}

function varintBytes(value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  let bytes = 1
  while (zigzag > 127) {
    zigzag >>>= 7
    bytes++
  }
  return bytes
}

function writeVarint(bytes: Buffer, at: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  while (zigzag > 127) {
    bytes[at++] = (zigzag & 127) | 128
    zigzag >>>= 7
  }
  bytes[at++] = zigzag
  return at
}

/** Transactions that were aborted, as a fetch answers them. */
export interface Aborted {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

/** Opens compressed batches (bits 0-2 of the attributes), which others may have written. */
export type Inflate = (kind: number, bytes: Buffer) => Buffer

/** The committed records at or after `from`, and where to read on. The last batch may be cut off; it is left for the next fetch. */
export function decodeBatches(
  bytes: Buffer,
  from: number,
  aborted: readonly Aborted[],
  inflate: Inflate,
): { records: ReadRecord[]; next: number } {
  const records: ReadRecord[] = []
  const next = eachBatch(bytes, from, aborted, inflate, ({ plain, at, to, head, base, count }) => {
    const fixed = (head.readInt16BE(21) & logAppendTime) !== 0
    const time = Number(head.readBigInt64BE(fixed ? 35 : 27))
    readRecords(plain.subarray(at, to), count, base, from, time, fixed, records)
  })
  return { records, next }
}

/** Where the values of records lie in `bytes`: of record i at `starts[i]`…`ends[i]`, -1 where it has none. */
export interface Spans {
  readonly bytes: Uint8Array
  readonly count: number
  readonly offsets: Float64Array
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** The same without an object a record, and of each the value alone: the bytes of batches that are not compressed stay where they are. */
export function spansOfBatches(
  bytes: Buffer,
  from: number,
  aborted: readonly Aborted[],
  inflate: Inflate,
): { spans: Spans; next: number } {
  let count = 0
  let copied = false
  eachBatch(bytes, from, aborted, inflate, (batch) => {
    count += batch.count
    copied ||= batch.plain !== bytes
  })
  if (copied) {
    const { records, next } = decodeBatches(bytes, from, aborted, inflate)
    return { spans: spansOfRecords(records), next }
  }
  const [offsets, starts, ends] = [new Float64Array(count), new Int32Array(count), new Int32Array(count)]
  const spans = { bytes, offsets, starts, ends }
  let filled = 0
  const next = eachBatch(bytes, from, aborted, inflate, ({ at, base, count }) => {
    filled = readSpans(spans, at, count, base, from, filled)
  })
  return { spans: { ...spans, count: filled }, next }
}

export function spansOfRecords(records: readonly ReadRecord[]): Spans {
  const bytes = Buffer.concat(records.map(({ value }) => value ?? noBytes))
  const { length: count } = records
  const [offsets, starts, ends] = [new Float64Array(count), new Int32Array(count), new Int32Array(count)]
  let at = 0
  for (const [i, { offset, value }] of records.entries()) {
    offsets[i] = offset
    starts[i] = value === null ? -1 : at
    at += value?.length ?? 0
    ends[i] = value === null ? -1 : at
  }
  return { bytes, count, offsets, starts, ends }
}

const noBytes = Buffer.alloc(0)

interface FoundBatch {
  /** Its first 61 bytes. */
  readonly head: Buffer
  /** Its records are at `at`…`to` of these bytes. */
  readonly plain: Buffer
  readonly at: number
  readonly to: number
  /** Offset that those of its records are counted from. */
  readonly base: number
  readonly count: number
}

/** Calls `found` for each whole batch of records that are committed; gives where to read on. */
function eachBatch(
  bytes: Buffer,
  from: number,
  aborted: readonly Aborted[],
  inflate: Inflate,
  found: (batch: FoundBatch) => void,
): number {
  const waiting = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const dropped = new Set<bigint>()
  let next = from
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const base = Number(bytes.readBigInt64BE(at))
    const end = at + 12 + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    if (bytes[at + 16] !== 2) throw new Error(`a record batch of format ${bytes[at + 16]}: only 2 is known`)
    const attributes = bytes.readInt16BE(at + 21)
    const last = base + bytes.readInt32BE(at + 23)
    const producerId = bytes.readBigInt64BE(at + 43)
    while (waiting.length > 0 && Number(waiting[0]!.firstOffset) <= last) dropped.add(waiting.shift()!.producerId)
    const count = bytes.readInt32BE(at + 57)
    if ((attributes & control) !== 0) {
      // The marker that ends a transaction: what this producer writes after it is another one.
      dropped.delete(producerId)
    } else if ((attributes & transactional) === 0 || !dropped.has(producerId)) {
      const head = bytes.subarray(at, at + headBytes)
      const kind = attributes & compressed
      if (kind === 0) found({ head, plain: bytes, at: at + headBytes, to: end, base, count })
      else {
        const plain = inflate(kind, bytes.subarray(at + headBytes, end))
        found({ head, plain, at: 0, to: plain.length, base, count })
      }
    }
    next = Math.max(next, last + 1)
    at = end
  }
  return next
}

/** Where the last varint ended. */
let cursor = 0

function readVarint(bytes: Uint8Array, at: number): number {
  let byte = bytes[at++]!
  let value = byte & 127
  for (let shift = 7; byte > 127; shift += 7) {
    // A difference of times may take more than 32 bits: then by BigInt.
    if (shift === 28) return readLongVarint(bytes, at - 4)
    byte = bytes[at++]!
    value |= (byte & 127) << shift
  }
  cursor = at
  return (value >>> 1) ^ -(value & 1)
}

function readLongVarint(bytes: Uint8Array, at: number): number {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at++]!
    value |= BigInt(byte & 127) << shift
    if (byte < 128) break
  }
  cursor = at
  return Number((value >> 1n) ^ -(value & 1n))
}

function readRecords(
  bytes: Buffer,
  count: number,
  base: number,
  from: number,
  time: number,
  fixed: boolean,
  out: ReadRecord[],
): void {
  let at = 0
  for (let i = 0; i < count; i++) {
    const length = readVarint(bytes, at)
    const end = cursor + length
    const timestamp = time + (fixed ? 0 : readVarint(bytes, cursor + 1))
    if (fixed) readVarint(bytes, cursor + 1)
    const offset = base + readVarint(bytes, cursor)
    const keyLength = readVarint(bytes, cursor)
    const keyAt = cursor
    const afterKey = keyAt + Math.max(keyLength, 0)
    const valueLength = readVarint(bytes, afterKey)
    if (offset >= from) {
      const key = bytes.subarray(keyAt, afterKey)
      const value = valueLength < 0 ? null : bytes.subarray(cursor, cursor + valueLength)
      out.push({ offset, timestamp, key, value })
    }
    at = end
  }
}

/** Fills in where the values of a batch lie; gives how many there are by now. */
function readSpans(
  { bytes, offsets, starts, ends }: Omit<Spans, 'count'>,
  at: number,
  count: number,
  base: number,
  from: number,
  filled: number,
): number {
  for (let i = 0; i < count; i++) {
    const length = readVarint(bytes, at)
    const end = cursor + length
    // Attributes are a byte; the difference of times is passed over.
    readVarint(bytes, cursor + 1)
    const offset = base + readVarint(bytes, cursor)
    const keyLength = readVarint(bytes, cursor)
    const valueLength = readVarint(bytes, cursor + Math.max(keyLength, 0))
    if (offset >= from) {
      offsets[filled] = offset
      starts[filled] = valueLength < 0 ? -1 : cursor
      ends[filled] = valueLength < 0 ? -1 : cursor + valueLength
      filled++
    }
    at = end
  }
  return filled
}
