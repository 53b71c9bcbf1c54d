// The wire form of a row: Confluent's 5-byte header (0, then the schema id, big endian) and Avro.
// Source: docs.confluent.io, "Wire format" of the schema registry's serializers (read 2026-11-21); Avro 1.12 specification, "Binary encoding".
import type { Resolver, Type } from 'avsc'
import { type AvroSchema, resolverOf, schemaOf, typeOf } from '../schemas/avro.ts'
import type { Batch } from '../schemas/batch.ts'
import type { Field } from '../schemas/columns.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { type Builders, layouts, type RecordName, type Rows } from '../schemas/records.generated.ts'
import { type DecodeRow, decoderOf } from './decode.ts'
import { encodeRows } from './encode.ts'

/** Reads and writes the rows of one topic. */
export interface Codec<T extends RecordName> {
  /** @throws SmartspeedError RECORD_INVALID when the row does not fit its schema */
  encode(row: Rows[T]): Uint8Array
  /** @throws SmartspeedError RECORD_INVALID for other bytes, SCHEMA_INCOMPATIBLE for a schema that cannot be read */
  decode(bytes: Uint8Array): Rows[T]
  /** Every row of a batch. */
  encodeBatch(batch: Batch<T>): Uint8Array[]
  /**
   * What adds a row to a builder: the one that lies at `from`…`to` of the source, with its header.
   * @throws SmartspeedError as `decode`; the builder is of no use then
   */
  into(builder: Builders[T]): DecodeRow
}

export interface CodecOptions {
  /** Id under which the topic's own schema is registered; rows are written with it. */
  readonly schemaId: number
  /** Schemas of other ids, which rows may have been written with. */
  readonly writers?: (id: number) => AvroSchema | undefined
}

const headerBytes = 5

/** The codec of a topic. */
export function codecOf<T extends RecordName>(topic: T, { schemaId, writers }: CodecOptions): Codec<T> {
  const resolvers = new Map<number, Resolver>()
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32BE(schemaId, 1)

  function encode(row: Rows[T]): Uint8Array {
    const { type, toAvro } = formOf(topic)
    const value = toAvro(row as unknown as Value)
    try {
      return encoded(type, schemaId, value)
    } catch (cause) {
      throw unfit(topic, cause)
    }
  }

  function decode(bytes: Uint8Array): Rows[T] {
    const { type, fromAvro } = formOf(topic)
    const id = idOf(topic, bytes)
    const resolver = id === schemaId ? undefined : resolverFor(id, bytes)
    const body = Buffer.from(bytes.buffer, bytes.byteOffset + headerBytes, bytes.length - headerBytes)
    try {
      return fromAvro(type.fromBuffer(body, resolver) as Value) as unknown as Rows[T]
    } catch (cause) {
      throw invalid(topic, (cause as Error).message, bytes, cause)
    }
  }

  function resolverFor(id: number, bytes: Uint8Array): Resolver {
    let resolver = resolvers.get(id)
    if (resolver === undefined) {
      const schema = writers?.(id)
      if (schema === undefined) throw invalid(topic, `schema id ${id} is not known`, bytes)
      resolver = resolverOf(formOf(topic).type, typeOf(schema), topic)
      resolvers.set(id, resolver)
    }
    return resolver
  }

  return {
    encode,
    decode,
    encodeBatch(batch) {
      try {
        return encodeRows(batch, header)
      } catch (cause) {
        throw unfit(topic, cause)
      }
    },
    into(builder) {
      const own = decoderOf(topic, builder)
      return (source, from, to) => {
        const { bytes, view } = source
        if (to - from < headerBytes || bytes[from] !== 0 || view.getUint32(from + 1) !== schemaId) {
          ;(builder as { push(row: Rows[T]): void }).push(decode(bytes.subarray(from, to)))
          return
        }
        try {
          own(source, from + headerBytes, to)
        } catch (cause) {
          throw invalid(topic, (cause as Error).message, bytes.subarray(from, to), cause)
        }
      }
    },
  }
}

/** What avsc makes of a topic's schema: as much work as a thousand rows, so it is made once, and only for who goes row by row. */
interface Form {
  readonly type: Type
  readonly toAvro: (row: Value) => Value
  readonly fromAvro: (value: Value) => Value
}

const forms = new Map<RecordName, Form>()

function formOf(topic: RecordName): Form {
  let form = forms.get(topic)
  if (form === undefined) {
    const fields = layouts[topic]
    form = { type: typeOf(schemaOf(topic)), toAvro: avroOf(fields), fromAvro: rowOf(fields) }
    forms.set(topic, form)
  }
  return form
}

function encoded(type: Type, schemaId: number, value: Value): Uint8Array {
  // Most rows fit; one that does not says how long it is, and is written again.
  let bytes = Buffer.allocUnsafe(256)
  let end = type.encode(value, bytes, headerBytes)
  if (end < 0) {
    bytes = Buffer.allocUnsafe(bytes.length - end)
    end = type.encode(value, bytes, headerBytes)
  }
  bytes[0] = 0
  bytes.writeUInt32BE(schemaId, 1)
  return bytes.subarray(0, end)
}

function idOf(topic: string, bytes: Uint8Array): number {
  if (bytes.length < headerBytes || bytes[0] !== 0)
    throw invalid(topic, 'it does not begin with 0 and a schema id', bytes)
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
}

function unfit(topic: string, cause: unknown): SmartspeedError {
  const why = (cause as Error).message
  return new SmartspeedError('RECORD_INVALID', `a row of ${topic} does not fit its schema: ${why}`, { cause })
}

function invalid(topic: string, why: string, bytes: Uint8Array, cause?: unknown): SmartspeedError {
  return new SmartspeedError('RECORD_INVALID', `bytes that are no row of ${topic}: ${why}`, { bytes, cause })
}

type Value = Record<string, unknown>

/** Row → Avro value: an absent field is null, an absent flag false. */
function avroOf(fields: readonly Field[]): (row: Value) => Value {
  const optional = fields.filter(({ optional }) => optional)
  const flags = fields.filter(({ omitFalse }) => omitFalse)
  const lists = fields.filter(hasObjects).map((field) => ({ name: field.name, item: avroOf(field.items!) }))
  const bytes = fields.filter(({ kind }) => kind === 'bytes')
  const enums = fields.filter(hasHyphens)
  if (optional.length + flags.length + lists.length + bytes.length + enums.length === 0) return (row) => row
  return (row) => {
    const value = { ...row }
    for (const { name } of optional) value[name] ??= null
    for (const { name } of flags) value[name] ??= false
    for (const { name, item } of lists) value[name] = (row[name] as Value[]).map(item)
    for (const { name } of bytes) value[name] = bufferOf(row[name] as Uint8Array)
    for (const { name } of enums) value[name] = (value[name] as string | null)?.replaceAll('-', '_') ?? null
    return value
  }
}

/** Avro value → row, with every field of the layout. */
function rowOf(fields: readonly Field[]): (value: Value) => Value {
  const changes = fields.map((field): [string, ((value: unknown) => unknown) | undefined] => [
    field.name,
    changeOf(field),
  ])
  return (value) => {
    const row: Value = {}
    for (const [name, change] of changes) row[name] = change === undefined ? value[name] : change(value[name])
    return row
  }
}

function changeOf(field: Field): ((value: unknown) => unknown) | undefined {
  if (field.omitFalse) return (value) => (value === true ? true : undefined)
  if (hasObjects(field)) {
    const item = rowOf(field.items!)
    return (value) => (value as Value[]).map(item)
  }
  if (hasHyphens(field)) return (value) => (value as string | null)?.replaceAll('_', '-')
  if (field.kind === 'bytes') return (value) => new Uint8Array(value as Uint8Array)
  return field.optional ? (value) => value ?? undefined : undefined
}

function hasObjects({ kind, items }: Field): boolean {
  return kind === 'list' && !(items!.length === 1 && items![0]!.name === 'value')
}

/** Avro allows no hyphens in symbols: there they are underscores. */
function hasHyphens({ symbols }: Field): boolean {
  return symbols?.some((symbol) => symbol.includes('-')) === true
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
