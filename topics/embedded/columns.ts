// A batch's columns as bytes and back: raw little-endian arrays, each at a multiple of eight, so that reading makes views, not copies.
import { kinds, type Part } from '../../native/segment.ts'
import type { Bytes, Column, Dictionary, Field, List } from '../../schemas/columns.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { type ArrayType, forms, padded, partOf, restore, type Stored } from './arrays.ts'

type Columns = Readonly<Record<string, Column>>
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const nothing = new Uint8Array(0)

/** The arrays of the first `rows` rows, to be packed. Nothing is copied but the texts of dictionaries. */
export function partsOf(fields: readonly Field[], columns: Columns, rows: number): Part[] {
  const parts: Part[] = []
  addFields(parts, fields, columns, 0, rows)
  return parts
}

function addFields(parts: Part[], fields: readonly Field[], columns: Columns, from: number, to: number): void {
  for (const field of fields) {
    const column = columns[field.name]!
    if (ArrayBuffer.isView(column)) {
      parts.push(partOf(column.subarray(from, to)))
    } else if ('codes' in column) {
      parts.push(partOf(column.codes.subarray(from, to)), text(packTexts(column.values)))
    } else {
      const { offsets } = column
      const [first, end] = to > from ? [offsets[from]!, offsets[to]!] : [0, 0]
      const own = offsets.subarray(from, to + 1)
      // A part of a batch goes on counting from where the batch began.
      parts.push(partOf(first === 0 ? own : own.map((offset) => offset - first)))
      if ('bytes' in column) parts.push(text(column.bytes.subarray(first, end)))
      else addFields(parts, field.items!, column.columns, first, end)
    }
  }
}

function text(bytes: Uint8Array): Part {
  return { kind: kinds.text, bytes }
}

/** Above the 30 bits of a length. */
const formBit = 2 ** 30

/** The columns of a block, as views of `bytes`. @throws SmartspeedError LOG_CORRUPT when the arrays do not fit the fields */
export function readColumns(fields: readonly Field[], bytes: Uint8Array, at: number, rows: number): Columns {
  const count = new Uint32Array(bytes.buffer, bytes.byteOffset + at, 1)[0]!
  if (at + 4 + count * 4 > bytes.length) throw misfit()
  const parts = {
    bytes,
    lengths: new Uint32Array(bytes.buffer, bytes.byteOffset + at + 4, count),
    next: 0,
    position: at + padded(4 + count * 4),
  }
  const columns = readFields(parts, fields, rows)
  if (parts.next !== count || parts.position > bytes.length) throw misfit()
  return columns
}

interface Parts {
  readonly bytes: Uint8Array
  readonly lengths: Uint32Array
  next: number
  position: number
}

function readFields(parts: Parts, fields: readonly Field[], rows: number): Columns {
  const columns: Record<string, Column> = {}
  for (const field of fields) columns[field.name] = readColumn(parts, field, rows)
  return columns
}

function readColumn(parts: Parts, field: Field, rows: number): Column {
  switch (field.kind) {
    case 'f64':
      return readValues(parts, Float64Array, rows)
    case 'i64':
      return readValues(parts, BigInt64Array, rows)
    case 'i32':
      return readValues(parts, Int32Array, rows)
    case 'bool':
    case 'enum':
      return readValues(parts, Uint8Array, rows)
    case 'dict':
      return { codes: readValues(parts, Uint16Array, rows), values: unpackTexts(readBytes(parts)) }
    case 'text':
    case 'bytes': {
      const offsets = readValues(parts, Uint32Array, rows + 1)
      const bytes = readBytes(parts)
      if (offsets[rows] !== bytes.length) throw misfit()
      return { offsets, bytes }
    }
    case 'list': {
      const offsets = readValues(parts, Uint32Array, rows + 1)
      return { offsets, columns: readFields(parts, field.items!, offsets[rows]!) }
    }
  }
}

function readValues<A extends Exclude<Column, Dictionary | Bytes | List> | Uint16Array | Uint32Array>(
  parts: Parts,
  Type: ArrayType<A>,
  length: number,
): A {
  const { form, bytes } = nextPart(parts)
  const values = restore(form, bytes, Type as never, length) as A | undefined
  if (values === undefined) throw misfit()
  return values
}

function readBytes(parts: Parts): Uint8Array {
  const { form, bytes } = nextPart(parts)
  if (form !== 'plain') throw misfit()
  return bytes
}

function nextPart(parts: Parts): Stored {
  const said = parts.lengths[parts.next++]
  if (said === undefined) throw misfit()
  const from = parts.position
  const length = said % formBit
  if (from + length > parts.bytes.length) throw misfit()
  parts.position += padded(length)
  return { form: forms[Math.floor(said / formBit)]!, bytes: parts.bytes.subarray(from, from + length) }
}

/** Each text as its length and its bytes. */
function packTexts(texts: readonly string[]): Uint8Array {
  if (texts.length === 0) return nothing
  const encoded = texts.map((text) => encoder.encode(text))
  const bytes = new Uint8Array(encoded.reduce((sum, one) => sum + 4 + one.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const one of encoded) {
    view.setUint32(at, one.length, true)
    bytes.set(one, at + 4)
    at += 4 + one.length
  }
  return bytes
}

function unpackTexts(bytes: Uint8Array): string[] {
  const texts: string[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true)
    texts.push(decoder.decode(bytes.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return texts
}

function misfit(): SmartspeedError {
  return new SmartspeedError('LOG_CORRUPT', 'the columns of a block do not fit its schema')
}
