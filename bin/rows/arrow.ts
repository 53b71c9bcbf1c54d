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

function recordBatch(schema: Schema, fields: readonly Field[], rows: Iterable<Row>): RecordBatch {
  // The library's builder of timestamps takes ms and would lose digits, that of decimals takes words: both are built as whole
  // numbers, then given their type.
  const builders = fields.map((field) =>
    makeBuilder({ type: field.time || field.amount ? new Int64() : typeOf(field), nullValues: absent }),
  )
  let length = 0
  for (const row of rows) {
    for (let at = 0; at < fields.length; at++) builders[at]!.append(arrowValue(fields[at]!, row[fields[at]!.name]))
    length++
  }
  const children = builders.map((builder, at) => {
    const data = builder.finish().flush()
    return fields[at]!.time ? timesOf(data as Data<Int64>) : fields[at]!.amount ? decimalsOf(data as Data<Int64>) : data
  })
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }))
}

function timesOf({ length, nullCount, nullBitmap, values }: Data<Int64>): Data {
  return makeData({ type: new TimestampMicrosecond('UTC'), length, nullCount, nullBitmap, data: values })
}

/** 64 bits made 128: the upper half is the sign. */
function decimalsOf({ length, nullCount, nullBitmap, values }: Data<Int64>): Data {
  const words = new BigInt64Array(2 * length)
  for (let row = 0; row < length; row++) {
    words[2 * row] = values[row]!
    words[2 * row + 1] = values[row]! < 0n ? -1n : 0n
  }
  const type = new Decimal(amountScale, amountPrecision, 128)
  return makeData({ type, length, nullCount, nullBitmap, data: new Uint32Array(words.buffer) })
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
