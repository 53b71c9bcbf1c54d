// A batch's columns as bytes and back: raw little-endian arrays, each at a multiple of eight, so that reading makes views, not copies.
import type { Bytes, Column, Dictionary, Field, List } from '../../schemas/columns.ts'
import { SmartspeedError } from '../../schemas/errors.ts'

/** One array of a column. `same` = all elements are equal, and one is stored. */
interface Part {
  readonly bytes: Uint8Array
  readonly same: boolean
  /** Subtracted from each element: where a cut text column or list begins. */
  readonly base: number
}

/** A column's arrays, collected but not yet written. */
export interface Packed {
  readonly parts: readonly Part[]
  /** Bytes that `writeParts` will write. */
  readonly length: number
}

type Columns = Readonly<Record<string, Column>>
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const nothing = new Uint8Array(0)

/** Collects the arrays of the first `rows` rows. Nothing is copied but the texts of dictionaries. */
export function packColumns(fields: readonly Field[], columns: Columns, rows: number): Packed {
  const parts: Part[] = []
  packFields(parts, fields, columns, 0, rows)
  let length = padded(4 + parts.length * 4)
  for (const part of parts) length += padded(part.bytes.length)
  return { parts, length }
}

function packFields(parts: Part[], fields: readonly Field[], columns: Columns, from: number, to: number): void {
  for (const field of fields) {
    const column = columns[field.name]!
    if (ArrayBuffer.isView(column)) {
      parts.push(valuesPart(column.subarray(from, to)))
    } else if ('codes' in column) {
      parts.push(valuesPart(column.codes.subarray(from, to)), plainPart(packTexts(column.values)))
    } else {
      const { offsets } = column
      const [first, end] = to > from ? [offsets[from]!, offsets[to]!] : [0, 0]
      parts.push(offsetsPart(offsets.subarray(from, to + 1), first))
      if ('bytes' in column) parts.push(plainPart(column.bytes.subarray(first, end)))
      else packFields(parts, field.items!, column.columns, first, end)
    }
  }
}

type Values = Exclude<Column, Dictionary | Bytes | List> | Uint16Array | Uint32Array

function valuesPart(values: Values): Part {
  const same = values.length > 1 && allSame(values)
  return { bytes: bytesOf(same ? values.subarray(0, 1) : values), same, base: 0 }
}

function offsetsPart(offsets: Uint32Array, base: number): Part {
  const same = offsets.length > 1 && offsets[offsets.length - 1] === base && allSame(offsets)
  return { bytes: bytesOf(same ? offsets.subarray(0, 1) : offsets), same, base }
}

function plainPart(bytes: Uint8Array): Part {
  return { bytes, same: false, base: 0 }
}

function bytesOf(values: Values): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** Compares bits, so that NaN equals NaN and 0 is not -0. */
function allSame(values: Values): boolean {
  if (values.BYTES_PER_ELEMENT !== 8) {
    const small = values as Uint8Array
    const first = small[0]
    for (let i = 1; i < small.length; i++) if (small[i] !== first) return false
    return true
  }
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const low = halves[0]
  const high = halves[1]
  for (let i = 2; i < halves.length; i += 2) if (halves[i] !== low || halves[i + 1] !== high) return false
  return true
}

/** Writes the arrays at `at`, a multiple of eight: their count, each one's bytes (highest bit: all the same), then the arrays. */
export function writeParts(packed: Packed, target: Uint8Array, at: number): void {
  const { parts } = packed
  const head = new Uint32Array(target.buffer, target.byteOffset + at, 1 + parts.length)
  head[0] = parts.length
  let position = at + padded(4 + parts.length * 4)
  target.fill(0, at + 4 + parts.length * 4, position)
  for (let i = 0; i < parts.length; i++) {
    const { bytes, same, base } = parts[i]!
    head[1 + i] = same ? bytes.length + sameBit : bytes.length
    target.set(bytes, position)
    if (base !== 0) {
      const offsets = new Uint32Array(target.buffer, target.byteOffset + position, bytes.length / 4)
      for (let row = 0; row < offsets.length; row++) offsets[row]! -= base
    }
    const end = position + bytes.length
    position += padded(bytes.length)
    target.fill(0, end, position)
  }
}

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

interface ArrayType<A> {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): A
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A
}

function readValues<A extends { fill(value: never): A; [row: number]: unknown }>(
  parts: Parts,
  Type: ArrayType<A>,
  length: number,
): A {
  const { bytes, position } = parts
  const said = parts.lengths[parts.next++]
  const stored = said !== undefined && said >= sameBit ? 1 : length
  if (said === undefined || said % sameBit !== stored * Type.BYTES_PER_ELEMENT) throw misfit()
  parts.position += padded(said % sameBit)
  if (parts.position > bytes.length) throw misfit()
  const values = new Type(bytes.buffer, bytes.byteOffset + position, stored)
  return said >= sameBit ? new Type(length).fill(values[0] as never) : values
}

function readBytes(parts: Parts): Uint8Array {
  const length = parts.lengths[parts.next++]
  if (length === undefined || parts.position + length > parts.bytes.length) throw misfit()
  const from = parts.position
  parts.position += padded(length)
  return parts.bytes.subarray(from, from + length)
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

const sameBit = 2 ** 31

export function padded(length: number): number {
  return (length + 7) & ~7
}

function misfit(): SmartspeedError {
  return new SmartspeedError('LOG_CORRUPT', 'the columns of a block do not fit its schema')
}
