// Columns straight into Avro rows: no object a row. The bytes are those that avsc writes of the rows (encode.test.ts).
// Source: Avro 1.12 specification, "Binary encoding".
import type { Batch } from '../schemas/batch.ts'
import {
  absentCode,
  absentEnum,
  absentI64,
  type Bytes,
  type Column,
  type Dictionary,
  type Field,
  type List,
} from '../schemas/columns.ts'
import { layouts, type RecordName } from '../schemas/records.generated.ts'

/**
 * Each row of a batch as Avro, behind a header: all in one piece of memory.
 * @throws RangeError for a value that its schema cannot hold
 */
export function encodeRows<T extends RecordName>(batch: Batch<T>, header: Uint8Array): Buffer[] {
  const { rows, columns } = batch
  out.begin(rows * 96)
  const ends = new Uint32Array(rows)
  const fields = layouts[batch.topic].map((field) =>
    writerOf(field, (columns as unknown as Record<string, Column>)[field.name]!),
  )
  for (let row = 0; row < rows; row++) {
    out.copy(header, 0, header.length)
    for (let i = 0; i < fields.length; i++) fields[i]!(row)
    ends[row] = out.at
  }
  const bytes = out.take()
  return Array.from(ends, (end, row) => bytes.subarray(row === 0 ? 0 : ends[row - 1], end))
}

/** Writes the value of a row. */
type Write = (row: number) => void

/** Where rows are written; grows, and nothing of it is waited for, so one is enough. */
class Out {
  at = 0
  private bytes: Buffer = Buffer.alloc(0)
  private view: DataView = new DataView(this.bytes.buffer)

  begin(size: number): void {
    this.at = 0
    this.put(Buffer.allocUnsafeSlow(Math.max(size, 1024)))
  }

  /** What was written; the next row goes elsewhere. */
  take(): Buffer {
    const { bytes, at } = this
    this.put(noBytes)
    return bytes.subarray(0, at)
  }

  byte(value: number): void {
    this.room(1)
    this.bytes[this.at++] = value
  }

  double(value: number): void {
    this.room(8)
    this.view.setFloat64(this.at, value, true)
    this.at += 8
  }

  copy(source: Uint8Array, from: number, to: number): void {
    this.room(to - from)
    const { bytes, at } = this
    if (to - from > 64) bytes.set(source.subarray(from, to), at)
    else for (let i = from; i < to; i++) bytes[at + i - from] = source[i]!
    this.at += to - from
  }

  /** 64 bits, as two halves, as a variable-length zigzag long. */
  long(low: number, high: number): void {
    this.room(10)
    const { bytes } = this
    const sign = high >> 31
    let upper = (((high << 1) | (low >>> 31)) ^ sign) >>> 0
    let lower = ((low << 1) ^ sign) >>> 0
    while (upper !== 0 || lower > 127) {
      bytes[this.at++] = (lower & 127) | 128
      lower = ((lower >>> 7) | (upper << 25)) >>> 0
      upper >>>= 7
    }
    bytes[this.at++] = lower
  }

  private room(more: number): void {
    if (this.at + more <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.at + more))
    grown.set(this.bytes)
    this.put(grown)
  }

  private put(bytes: Buffer): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}

const noBytes = Buffer.alloc(0)
const out = new Out()

function writerOf(field: Field, column: Column): Write {
  const value = valueWriter(field, column)
  if (!field.optional) return value
  const absent = absence(field, column)
  return (row) => {
    if (absent(row)) return out.byte(0)
    out.byte(2)
    value(row)
  }
}

function valueWriter(field: Field, column: Column): Write {
  switch (field.kind) {
    case 'f64':
      return field.whole
        ? wholeWriter(field, column as Float64Array)
        : (row) => out.double((column as Float64Array)[row]!)
    case 'i64':
      return longWriter(column as BigInt64Array)
    case 'i32':
      return (row) => number((column as Int32Array)[row]!)
    case 'bool':
      return (row) => out.byte((column as Uint8Array)[row]! === 0 ? 0 : 1)
    case 'enum':
      return enumWriter(field, column as Uint8Array)
    case 'dict':
      return wordWriter(field, column as Dictionary)
    case 'text':
    case 'bytes':
      return bytesWriter(column as Bytes)
    case 'list':
      return listWriter(field, column as List)
  }
}

/** A whole number of at most 32 bits. */
function number(value: number): void {
  out.long(value, value >> 31)
}

function wholeWriter({ name }: Field, column: Float64Array): Write {
  return (row) => {
    const value = column[row]!
    if (!Number.isSafeInteger(value)) throw new RangeError(`${name} is ${value}, not a whole number`)
    const high = Math.floor(value / 2 ** 32)
    out.long(value - high * 2 ** 32, high)
  }
}

function longWriter(column: BigInt64Array): Write {
  // The same memory as pairs of 32 bits, low half first, as on every machine that Node runs on.
  const halves = new Int32Array(column.buffer, column.byteOffset, column.length * 2)
  return (row) => out.long(halves[2 * row]!, halves[2 * row + 1]!)
}

function enumWriter({ name, symbols }: Field, column: Uint8Array): Write {
  return (row) => {
    const symbol = column[row]!
    if (symbol >= symbols!.length) throw new RangeError(`${name} is none of ${symbols!.join(', ')}`)
    number(symbol)
  }
}

/** Each word of the dictionary is made once. */
function wordWriter({ name }: Field, { codes, values }: Dictionary): Write {
  const words = values.map((value) => Buffer.from(value))
  return (row) => {
    const word = words[codes[row]!]
    if (word === undefined) throw new RangeError(`${name} is missing`)
    number(word.length)
    out.copy(word, 0, word.length)
  }
}

function bytesWriter({ offsets, bytes }: Bytes): Write {
  return (row) => {
    const from = offsets[row]!
    const to = offsets[row + 1]!
    number(to - from)
    out.copy(bytes, from, to)
  }
}

/** One block of all items; 0 ends the list. */
function listWriter({ items }: Field, { offsets, columns }: List): Write {
  const writers = items!.map((item) => writerOf(item, columns[item.name]!))
  return (row) => {
    const from = offsets[row]!
    const to = offsets[row + 1]!
    if (to > from) number(to - from)
    for (let at = from; at < to; at++) for (let i = 0; i < writers.length; i++) writers[i]!(at)
    out.byte(0)
  }
}

/** Whether a row has no value: as columns.ts writes it, a kind a way. */
function absence({ kind, name }: Field, column: Column): (row: number) => boolean {
  switch (kind) {
    case 'f64':
      return (row) => Number.isNaN((column as Float64Array)[row])
    case 'i64':
      return (row) => (column as BigInt64Array)[row] === absentI64
    case 'enum':
      return (row) => (column as Uint8Array)[row] === absentEnum
    case 'dict':
      return (row) => (column as Dictionary).codes[row] === absentCode
    case 'text':
      return (row) => (column as Bytes).offsets[row] === (column as Bytes).offsets[row + 1]
    default:
      throw new Error(`${name}: no column of kind ${kind} can be absent`)
  }
}
