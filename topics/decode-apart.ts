// The same columns as decode.ts makes, on another thread: for many rows at once, while JavaScript does something else.
import { type AvroColumns, type AvroRows, avroKinds, decodeAvro } from '../native/avro.ts'
import type { Batch } from '../schemas/batch.ts'
import type { Column, Field } from '../schemas/columns.ts'
import { layouts, type RecordName } from '../schemas/records.generated.ts'

/** Rows of the topic's own schema as a batch; undefined when one is of another, or is none: decode.ts reads them, or says what is wrong. */
export async function decodeApart<T extends RecordName>(
  topic: T,
  schemaId: number,
  parts: readonly AvroRows[],
): Promise<Batch<T> | undefined> {
  const decoded = await decodeAvro(shapeOf(topic), schemaId, parts)
  if (decoded === null) return undefined
  const rows = parts.reduce((sum, { starts }) => sum + starts.length, 0)
  return { topic, rows, columns: columnsOf(layouts[topic], unpacking(decoded)) as unknown as Batch<T>['columns'] }
}

const shapes = new Map<RecordName, Uint8Array>()

function shapeOf(topic: RecordName): Uint8Array {
  let shape = shapes.get(topic)
  if (shape === undefined) {
    shape = Uint8Array.from(layouts[topic].flatMap(codesOf))
    shapes.set(topic, shape)
  }
  return shape
}

function codesOf(field: Field): number[] {
  const { kind, optional, whole, symbols = [], items = [] } = field
  const code = kind === 'text' ? avroKinds.bytes : kind === 'f64' && whole ? avroKinds.whole : avroKinds[kind]
  return [code, optional ? 1 : 0, symbols.length + items.length, ...items.flatMap(codesOf)]
}

interface Unpacking {
  /** The next array, whose values take so many bytes each. */
  next<A>(make: new (buffer: ArrayBufferLike, from: number, length: number) => A, bytes: number): A
  words(): readonly string[]
}

/** Arrays are views of one buffer: a column keeps those beside it in memory. */
function unpacking({ arrays, lengths, words }: AvroColumns): Unpacking {
  let array = 0
  let dictionary = 0
  let at = arrays.byteOffset
  return {
    next(make, bytes) {
      const from = at
      const length = lengths[array++]!
      at += (length + 7) & ~7
      return new make(arrays.buffer, from, length / bytes)
    },
    words: () => words[dictionary++]!,
  }
}

function columnsOf(fields: readonly Field[], from: Unpacking): Record<string, Column> {
  return Object.fromEntries(fields.map((field) => [field.name, columnOf(field, from)]))
}

function columnOf({ kind, items }: Field, from: Unpacking): Column {
  switch (kind) {
    case 'f64':
      return from.next(Float64Array, 8)
    case 'i64':
      return from.next(BigInt64Array, 8)
    case 'i32':
      return from.next(Int32Array, 4)
    case 'bool':
    case 'enum':
      return from.next(Uint8Array, 1)
    case 'dict':
      return { codes: from.next(Uint16Array, 2), values: from.words() }
    case 'text':
    case 'bytes':
      return { offsets: from.next(Uint32Array, 4), bytes: from.next(Uint8Array, 1) }
    case 'list':
      return { offsets: from.next(Uint32Array, 4), columns: columnsOf(items!, from) }
  }
}
