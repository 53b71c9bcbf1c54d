// A block: one batch of one partition on disk. It says by itself what it is, so that segment files alone can be read again.
import { rising } from '../../native/columns.ts'
import { crc32c } from '../../native/index.ts'
import { packBlock } from '../../native/segment.ts'
import type { Batch } from '../../schemas/batch.ts'
import type { Dictionary, Field } from '../../schemas/columns.ts'
import { layouts } from '../../schemas/records.generated.ts'
import { padded } from './arrays.ts'
import { partsOf, readColumns } from './columns.ts'

/*
 * Layout, little-endian, every block a multiple of 8 bytes:
 *   0 u32 magic        4 u32 CRC-32C of all that follows in the block
 *   8 u32 length      12 u8 version, u8 kind (1 rows, 2 a schema), u8 sorted, u8 0
 *  16 u32 rows        20 u32 partition
 *  24 f64 offset      32 f64 ms of writing   40 f64 least received   48 f64 greatest received
 *  56 u64 schema      64 f64 commit          72 u32 part of the commit, u32 parts
 *  80 u32 length of the topic's name, u32 partitions of the topic   88 the name, padded; then columns (kind 1), or the schema as JSON (kind 2)
 */
const magic = 0x42535353
const version = 1
const fixed = 88

/** What a block says of itself. */
export interface BlockHead {
  readonly kind: 'rows' | 'schema'
  readonly length: number
  readonly rows: number
  /** Rows stand in rising (received, exchange, symbol). */
  readonly sorted: boolean
  readonly topic: string
  readonly partition: number
  readonly partitions: number
  /** Offset of row 0. */
  readonly offset: number
  /** ms since 1970. */
  readonly written: number
  /** Least and greatest receive time, µs. */
  readonly min: number
  readonly max: number
  readonly schema: bigint
  /** Blocks of one commit: which one, and how many. Salvage drops commits that are not whole. */
  readonly commit: number
  readonly part: number
  readonly parts: number
  /** Where the columns or the schema begin. */
  readonly body: number
}

/** A block to be: what is known of it before its place is. */
export interface Draft {
  readonly topic: string
  readonly partition: number
  /** How many the topic has. */
  readonly partitions: number
  readonly batch: Batch
  readonly schema: bigint
  readonly sorted: boolean
  readonly min: number
  readonly max: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A batch of one partition. */
export function draftBlock(
  topic: string,
  { partition, partitions }: { partition: number; partitions: number },
  batch: Batch,
  schema: bigint,
): Draft {
  return { topic, partition, partitions, batch, schema, ...orderOf(batch) }
}

interface Common {
  readonly received: Float64Array
  readonly exchange: Dictionary
  readonly symbol: Dictionary
}

function orderOf(batch: Batch): { sorted: boolean; min: number; max: number } {
  const { received, exchange, symbol } = batch.columns as Common
  const order = rising(received)
  // Rows of equal times are sorted when they are of one instrument.
  const one = exchange.values.length <= 1 && symbol.values.length <= 1
  if (order === 2 || (order === 1 && one)) return { sorted: true, min: received[0]!, max: received[batch.rows - 1]! }
  let min = received[0]!
  let max = min
  let sorted = true
  for (let row = 1; row < batch.rows; row++) {
    const at = received[row]!
    if (at > max) max = at
    else if (at < max) {
      sorted = false
      if (at < min) min = at
    } else if (sorted) {
      sorted = compareWords(exchange, row - 1, row) <= 0
      if (sorted && sameWord(exchange, row - 1, row)) sorted = compareWords(symbol, row - 1, row) <= 0
    }
  }
  return { sorted, min, max }
}

function sameWord({ codes }: Dictionary, a: number, b: number): boolean {
  return codes[a] === codes[b]
}

function compareWords({ codes, values }: Dictionary, a: number, b: number): number {
  if (codes[a] === codes[b]) return 0
  return (values[codes[a]!] ?? '') < (values[codes[b]!] ?? '') ? -1 : 1
}

export interface Place {
  readonly offset: number
  readonly written: number
  readonly commit: number
  readonly part: number
  readonly parts: number
}

/** The bytes of a block, made on another thread. */
export function packDraft(draft: Draft, place: Place): Promise<Uint8Array> {
  const { topic, columns, rows } = draft.batch
  return packBlock(headOf(1, draft, place), partsOf(layouts[topic], columns as never, rows))
}

/** A block that holds the fields of a record type, to stand before the first block that uses them. */
export function schemaBlock(schema: bigint, text: string, place: Place): Uint8Array {
  const json = encoder.encode(text)
  const head = headOf(
    2,
    { topic: '', partition: json.length, partitions: 0, schema, sorted: true, min: 0, max: 0 },
    place,
  )
  const bytes = new Uint8Array(head.length + padded(json.length))
  bytes.set(head)
  bytes.set(json, head.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(8, bytes.length, true)
  view.setUint32(4, crc32c(bytes.subarray(8)), true)
  return bytes
}

/** All but the length and the checksum, which are known when the block is made. */
function headOf(kind: number, draft: Omit<Draft, 'batch'> & { readonly batch?: Batch }, place: Place): Uint8Array {
  const name = encoder.encode(draft.topic)
  const head = new Uint8Array(fixed + padded(name.length))
  const view = new DataView(head.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(12, version | (kind << 8) | (draft.sorted ? 1 << 16 : 0), true)
  view.setUint32(16, draft.batch?.rows ?? 0, true)
  view.setUint32(20, draft.partition, true)
  view.setFloat64(24, place.offset, true)
  view.setFloat64(32, place.written, true)
  view.setFloat64(40, draft.min, true)
  view.setFloat64(48, draft.max, true)
  view.setBigUint64(56, draft.schema, true)
  view.setFloat64(64, place.commit, true)
  view.setUint32(72, place.part, true)
  view.setUint32(76, place.parts, true)
  view.setUint32(80, name.length, true)
  view.setUint32(84, draft.partitions, true)
  head.set(name, fixed)
  return head
}

/** Length of the block that begins with these bytes (at least 16); undefined when none does. */
export function blockLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < 16) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const length = view.getUint32(8, true)
  const whole = view.getUint32(0, true) === magic && (view.getUint32(12, true) & 0xff) === version
  return whole && length >= fixed && length % 8 === 0 ? length : undefined
}

/**
 * The head of a whole block; undefined when a bit is not as it was written. `bytes` begin at a multiple of eight in their buffer.
 * `crc` is that of all behind the first eight of them, for who knows it already.
 */
export function readHead(bytes: Uint8Array, crc = crc32c(bytes.subarray(8))): BlockHead | undefined {
  if (blockLength(bytes) !== bytes.length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(4, true) !== crc) return undefined
  const named = view.getUint32(80, true)
  const bits = view.getUint32(12, true)
  return {
    kind: ((bits >> 8) & 0xff) === 2 ? 'schema' : 'rows',
    length: bytes.length,
    rows: view.getUint32(16, true),
    sorted: (bits >> 16) % 2 === 1,
    topic: decoder.decode(bytes.subarray(fixed, fixed + named)),
    partition: view.getUint32(20, true),
    partitions: view.getUint32(84, true),
    offset: view.getFloat64(24, true),
    written: view.getFloat64(32, true),
    min: view.getFloat64(40, true),
    max: view.getFloat64(48, true),
    schema: view.getBigUint64(56, true),
    commit: view.getFloat64(64, true),
    part: view.getUint32(72, true),
    parts: view.getUint32(76, true),
    body: fixed + padded(named),
  }
}

/** The JSON of a schema block. */
export function schemaText(bytes: Uint8Array, head: BlockHead): string {
  return decoder.decode(bytes.subarray(head.body, head.body + head.partition))
}

/** The columns of a block of rows: views of `bytes`. */
export function readBlock(bytes: Uint8Array, head: BlockHead, fields: readonly Field[]): Batch['columns'] {
  return readColumns(fields, bytes, head.body, head.rows) as unknown as Batch['columns']
}
