// Rows as an Arrow IPC file, a record batch for each merged batch.
import {
  Field as ArrowField,
  Binary,
  Bool,
  type Data,
  type DataType,
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
import { type Merged, rowAt } from '../../schemas/batch.ts'
import type { Field } from '../../schemas/columns.ts'
import { layouts, type RecordName } from '../../schemas/records.generated.ts'
import type { RowSink } from './index.ts'
import type { Target } from './target.ts'

/** Times become timestamps of µs in UTC; money stays whole 10⁻⁸, said in the field's metadata; absent fields are null. */
export function arrowFile(record: RecordName, target: Target): RowSink {
  const fields = layouts[record]
  const schema = new Schema(fields.map(arrowField))
  const writer = new PartsWriter()
  writer.reset(undefined, schema)
  return {
    async write(merged) {
      writer.write(recordBatch(schema, fields, merged))
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
  const metadata = field.amount ? new Map([['unit', '1e-8 of the currency']]) : undefined
  return new ArrowField(field.name, typeOf(field), nullable(field), metadata)
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
      return new Int64()
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

function recordBatch(schema: Schema, fields: readonly Field[], merged: Merged): RecordBatch {
  // The library's builder of timestamps takes ms, and would lose digits: times are built as whole numbers, then given their type.
  const builders = fields.map((field) =>
    makeBuilder({ type: field.time ? new Int64() : typeOf(field), nullValues: absent }),
  )
  for (let row = 0; row < merged.rows; row++) {
    const object = rowAt(merged.sources[merged.source[row]!]!, merged.row[row]!) as unknown as Record<string, unknown>
    for (let at = 0; at < fields.length; at++) builders[at]!.append(arrowValue(fields[at]!, object[fields[at]!.name]))
  }
  const children = builders.map((builder, at) => {
    const data = builder.finish().flush()
    if (!fields[at]!.time) return data
    const { length, nullCount, nullBitmap, values } = data as Data<Int64>
    return makeData({ type: new TimestampMicrosecond('UTC'), length, nullCount, nullBitmap, data: values })
  })
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: merged.rows, nullCount: 0, children }),
  )
}

const absent = [null]

function arrowValue(field: Field, value: unknown): unknown {
  if (field.kind === 'bool') return value === true
  if (value === undefined) return null
  if (field.kind === 'f64') {
    if (!Number.isFinite(value)) return null
    return field.whole ? BigInt(value as number) : value
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
