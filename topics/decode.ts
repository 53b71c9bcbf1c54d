// Avro rows straight into columns: no object a row, no text for a word that was there before. What a schema's rows look like is said
// by the layout of its columns, so there is one reader a kind of field, put together here for a whole row.
// Source: Avro 1.12 specification, "Binary encoding". codec.ts reads the same bytes by avsc; decode.test.ts holds both equal.
import type { Field } from '../schemas/columns.ts'
import { type Builders, layouts, type RecordName } from '../schemas/records.generated.ts'
import type {
  BoolWriter,
  BytesWriter,
  DictionaryWriter,
  EnumWriter,
  F64Writer,
  I32Writer,
  I64Writer,
  OffsetsWriter,
} from '../schemas/writers.ts'

/** Bytes that rows lie in, one after another. */
export interface Source {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export function sourceOf(bytes: Uint8Array): Source {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

/** Adds the row that lies at `from`…`to` to a builder. @throws RangeError when it is none; the builder is of no use then */
export type DecodeRow = (source: Source, from: number, to: number) => void

/** The reader of rows of a topic's own schema, for one builder. */
export function decoderOf<T extends RecordName>(topic: T, builder: Builders[T]): DecodeRow {
  const writers = builder as unknown as Record<string, unknown>
  const fields = layouts[topic].map((field) => readerOf(field, field.name, writers))
  const counted = builder as { count: number }
  return (source, from, to) => {
    cursor = from
    limit = to
    for (let i = 0; i < fields.length; i++) fields[i]!(source)
    if (cursor !== to) throw new RangeError(cursor > to ? 'it is cut off' : `${to - cursor} bytes are left over`)
    counted.count++
  }
}

/** Where the next field begins, and where the row ends. Reading never waits, so one of each is enough. */
let cursor = 0
let limit = 0
/** The long that was read last, as two halves of 32 bits. */
let low = 0
let high = 0

type Read = (source: Source) => void

function readerOf(field: Field, name: string, writers: Record<string, unknown>): Read {
  const value = valueReader(field, name, writers)
  if (!field.optional) return value
  const absent = absentWriter(field, writers[name])
  return (source) => {
    const branch = readByte(source)
    if (branch === 2) value(source)
    else if (branch === 0) absent()
    else throw new RangeError(`${name} has no branch ${branch >> 1}`)
  }
}

function valueReader(field: Field, name: string, writers: Record<string, unknown>): Read {
  const writer = writers[name]
  switch (field.kind) {
    case 'f64':
      return field.whole ? wholeReader(writer as F64Writer) : doubleReader(writer as F64Writer)
    case 'i64':
      return ({ bytes }) => {
        readLong(bytes)
        ;(writer as I64Writer).halves(low, high)
      }
    case 'i32':
      return ({ bytes }) => {
        readLong(bytes)
        if (high !== low >> 31) throw new RangeError('an int of more than 32 bits')
        ;(writer as I32Writer).push(low)
      }
    case 'bool':
      return (source) => (writer as BoolWriter).push(readByte(source) === 0 ? 0 : 1)
    case 'enum':
      return enumReader(writer as EnumWriter, field.symbols!.length)
    case 'dict':
      return (source) => {
        const to = readLength(source)
        ;(writer as DictionaryWriter).utf8(source.bytes, cursor, to)
        cursor = to
      }
    case 'text':
    case 'bytes':
      return (source) => {
        const to = readLength(source)
        ;(writer as BytesWriter).copy(source.bytes, cursor, to)
        cursor = to
      }
    case 'list':
      return listReader(field, name, writers)
  }
}

function doubleReader(writer: F64Writer): Read {
  return ({ view }) => {
    writer.push(view.getFloat64(cursor, true))
    cursor += 8
  }
}

function wholeReader(writer: F64Writer): Read {
  return ({ bytes }) => {
    readLong(bytes)
    const value = high * 2 ** 32 + (low >>> 0)
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} does not fit a double`)
    writer.push(value)
  }
}

function enumReader(writer: EnumWriter, symbols: number): Read {
  return ({ bytes }) => {
    readLong(bytes)
    if (high !== 0 || low < 0 || low >= symbols) throw new RangeError(`no symbol of number ${low}`)
    writer.push(low)
  }
}

/** Blocks of items: their number, or minus their number and then their bytes; 0 ends the list. */
function listReader({ items }: Field, name: string, writers: Record<string, unknown>): Read {
  const readers = items!.map((item) => readerOf(item, `${name}_${item.name}`, writers))
  const first = writers[`${name}_${items![0]!.name}`] as { readonly length: number }
  const ends = writers[name] as OffsetsWriter
  return (source) => {
    for (;;) {
      readLong(source.bytes)
      let count = low
      if (count === 0 && high === 0) break
      if (high !== count >> 31) throw new RangeError('a list that is longer than its row')
      if (count < 0) {
        count = -count
        readLong(source.bytes)
      }
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < readers.length; k++) readers[k]!(source)
        if (cursor > limit) throw new RangeError('it is cut off')
      }
    }
    ends.end(first.length)
  }
}

function absentWriter({ kind }: Field, writer: unknown): () => void {
  switch (kind) {
    case 'enum':
      return () => (writer as EnumWriter).name(undefined)
    case 'text':
      return () => (writer as BytesWriter).text(undefined)
    default:
      return () => (writer as { push(value: undefined): void }).push(undefined)
  }
}

function readByte({ bytes }: Source): number {
  return bytes[cursor++]!
}

/** The length of what follows; gives where that ends. */
function readLength({ bytes }: Source): number {
  readLong(bytes)
  const to = cursor + low
  if (high !== 0 || low < 0 || to > limit) throw new RangeError('it is cut off')
  return to
}

/** A variable-length zigzag long into `low` and `high`. Bytes past the end read as 0 and end it. */
function readLong(bytes: Uint8Array): void {
  let byte = bytes[cursor++]!
  let zigzag = byte & 127
  if (byte < 128) {
    low = (zigzag >>> 1) ^ -(zigzag & 1)
    high = low >> 31
    return
  }
  let upper = 0
  for (let shift = 7; ; shift += 7) {
    byte = bytes[cursor++]!
    if (shift < 28) zigzag |= (byte & 127) << shift
    else if (shift === 28) {
      zigzag |= (byte & 15) << 28
      upper = (byte & 127) >>> 4
    } else if (shift < 70) upper |= (byte & 127) << (shift - 32)
    else throw new RangeError('a number of more than 64 bits')
    if (!(byte > 127)) break
  }
  const sign = -(zigzag & 1)
  low = ((zigzag >>> 1) | (upper << 31)) ^ sign
  high = (upper >>> 1) ^ sign
}
