// Rows as an Arrow IPC file, a record batch for each write.
import {
  Field as ArrowField,
  Binary,
  Bool,
  type Data,
  type DataType,
  Decimal,
  Float64,
  Int32,
  Int64,
  List,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import type { Field } from '../../schemas/columns.ts'
import { amountPrecision, amountScale, type ObjectSink, type Row } from './objects.ts'
import type { Target } from './target.ts'

/** Times become timestamps of µs in UTC, money decimals of scale 8, enums text; absent fields and NaN are null. */
export function arrowObjects(fields: readonly Field[], target: Target): ObjectSink {
  const schema = new Schema(fields.map(arrowField))
  const writer = new PartsWriter()
  writer.reset(undefined, schema)
  return {
    async write(rows) {
      writer.write(recordBatch(schema, fields, rows))
      await target.write(writer.take())
    },
    async end() {
      writer.finish()
      await target.write(writer.take())
    },
  }
}

/** Gives what it wrote to whoever asks, rather than through a queue of its own. */
class PartsWriter extends RecordBatchFileWriter {
  private parts: Uint8Array[] = []

  protected override _write(chunk: Parameters<RecordBatchFileWriter['_write']>[0]): this {
    const bytes = bytesOf(chunk)
    if (this._started && bytes.length > 0) {
      this.parts.push(bytes)
      this._position += bytes.length
    }
    return this
  }

  take(): Uint8Array {
    const bytes = Buffer.concat(this.parts)
    this.parts = []
    return bytes
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk)
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  throw new TypeError('the Arrow writer wrote neither text nor bytes')
}

function arrowField(field: Field): ArrowField {
  return new ArrowField(field.name, typeOf(field), nullable(field))
}

function nullable(field: Field): boolean {
  return field.optional === true || field.kind === 'f64'
}

function typeOf(field: Field): DataType {
  switch (field.kind) {
    case 'f64':
      if (field.time) return new TimestampMicrosecond('UTC')
      return field.whole ? new Int64() : new Float64()
    case 'i64':
      return field.amount ? new Decimal(amountScale, amountPrecision, 128) : new Int64()
    case 'i32':
      return new Int32()
    case 'bool':
      return new Bool()
    case 'enum':
    case 'dict':
    case 'text':
      return new Utf8()
    case 'bytes':
      return new Binary()
    case 'list': {
      const items = field.items!
      if (items.length === 1 && items[0]!.name === 'value') return new List(arrowField({ ...items[0]!, name: 'item' }))
      return new List(new ArrowField('item', new Struct(items.map(arrowField)), false))
    }
  }
}

function recordBatch(schema: Schema, fields: readonly Field[], some: Iterable<Row>): RecordBatch {
  const rows = Array.from(some)
  const children = fields.map((field) => columnOf(field, rows))
  const type = new Struct(schema.fields)
  return new RecordBatch(schema, makeData({ type, length: rows.length, nullCount: 0, children }))
}

/** A column, straight into its memory: the library's builders take a value ten times as long, and dates but no µs. */
function columnOf(field: Field, rows: readonly Row[]): Data {
  const { name, kind } = field
  if (kind === 'list' || kind === 'bytes') return builtOf(field, rows)
  const length = rows.length
  const missing = new Validity(length)
  const isAbsent = (value: unknown, row: number): boolean => {
    if (value !== undefined && value !== null && !Number.isNaN(value)) return false
    missing.add(row)
    return true
  }
  if (kind === 'text' || kind === 'dict' || kind === 'enum') {
    const { offsets, bytes } = textsOf(rows, name, isAbsent)
    return makeData({ type: new Utf8(), length, ...missing.given, valueOffsets: offsets, data: bytes })
  }
  if (kind === 'bool') {
    const bits = new Uint8Array((length + 7) >> 3)
    for (let row = 0; row < length; row++) if (rows[row]![name] === true) bits[row >> 3]! |= 1 << (row & 7)
    return makeData({ type: new Bool(), length, nullCount: 0, data: bits })
  }
  if (kind === 'f64' && !field.time && !field.whole) {
    const data = new Float64Array(length)
    for (let row = 0; row < length; row++) {
      const value = rows[row]![name] as number
      if (!isAbsent(value, row)) data[row] = value
    }
    return makeData({ type: new Float64(), length, ...missing.given, data })
  }
  if (kind === 'i32') {
    const data = new Int32Array(length)
    for (let row = 0; row < length; row++) {
      const value = rows[row]![name] as number
      if (!isAbsent(value, row)) data[row] = value
    }
    return makeData({ type: new Int32(), length, ...missing.given, data })
  }
  const data = new BigInt64Array(length)
  for (let row = 0; row < length; row++) {
    const value = rows[row]![name] as number | bigint
    if (!isAbsent(value, row)) data[row] = BigInt(value)
  }
  if (field.amount) {
    return makeData({ type: typeOf(field) as Decimal, length, ...missing.given, data: wordsOf(data) })
  }
  if (field.time) return makeData({ type: new TimestampMicrosecond('UTC'), length, ...missing.given, data })
  return makeData({ type: new Int64(), length, ...missing.given, data })
}

/** Which rows have a value: a bit each, made when the first has none. */
class Validity {
  private bits: Uint8Array | undefined
  private count = 0
  private readonly length: number

  constructor(length: number) {
    this.length = length
  }

  add(row: number): void {
    this.bits ??= new Uint8Array((this.length + 7) >> 3).fill(255)
    this.bits[row >> 3]! &= ~(1 << (row & 7))
    this.count++
  }

  get given(): { nullCount: number; nullBitmap?: Uint8Array } {
    return this.bits === undefined ? { nullCount: 0 } : { nullCount: this.count, nullBitmap: this.bits }
  }
}

function textsOf(rows: readonly Row[], name: string, isAbsent: (value: unknown, row: number) => boolean) {
  const offsets = new Int32Array(rows.length + 1)
  let text = ''
  let bytes = 0
  for (let row = 0; row < rows.length; row++) {
    const value = rows[row]![name] as string
    if (!isAbsent(value, row)) {
      // Halves of a character would join with the next row's.
      const whole = value.toWellFormed()
      text += whole
      bytes += Buffer.byteLength(whole)
    }
    offsets[row + 1] = bytes
  }
  return { offsets, bytes: new Uint8Array(Buffer.from(text)) }
}

/** 64 bits made 128: the upper half is the sign. */
function wordsOf(values: BigInt64Array): Uint32Array {
  const words = new BigInt64Array(2 * values.length)
  for (let row = 0; row < values.length; row++) {
    words[2 * row] = values[row]!
    words[2 * row + 1] = values[row]! < 0n ? -1n : 0n
  }
  return new Uint32Array(words.buffer)
}

/** Columns of lists, and of bytes, by the library's builder. */
function builtOf(field: Field, rows: readonly Row[]): Data {
  const builder = makeBuilder({ type: typeOf(field), nullValues: absent })
  for (const row of rows) builder.append(arrowValue(field, row[field.name]))
  return builder.finish().flush()
}

const absent = [null]

function arrowValue(field: Field, value: unknown): unknown {
  if (field.kind === 'bool') return value === true
  if (value === undefined) return null
  if (field.kind === 'f64') {
    if (Number.isNaN(value)) return null
    return field.whole || field.time ? BigInt(value as number) : value
  }
  if (field.kind !== 'list') return value
  const items = field.items!
  const plain = items.length === 1 && items[0]!.name === 'value'
  return (value as unknown[]).map((item) => {
    if (plain) return arrowValue(items[0]!, item)
    const object = item as Record<string, unknown>
    return Object.fromEntries(items.map((one) => [one.name, arrowValue(one, object[one.name])]))
  })
}
