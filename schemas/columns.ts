// Columns: how the values of one field lie in memory. A batch is immutable once a builder has given it away.

/** Few different texts: a code a row, and the texts. Code 65535 is "absent". */
export interface Dictionary {
  readonly codes: Uint16Array
  readonly values: readonly string[]
}

/** Any texts or bytes, one after another; row i is bytes[offsets[i]…offsets[i+1]]. An empty text is "absent" where a field may be. */
export interface Bytes {
  readonly offsets: Uint32Array
  readonly bytes: Uint8Array
}

/** Rows of a list field; row i has the items offsets[i]…offsets[i+1] of the columns. A list of plain values has one column, `value`. */
export interface List<C = Record<string, Column>> {
  readonly offsets: Uint32Array
  readonly columns: C
}

export type Column = Float64Array | BigInt64Array | Int32Array | Uint8Array | Dictionary | Bytes | List

/** What a column holds, and how "absent" is written where the field is optional. */
export type Kind =
  | 'f64' // a double, or a whole number below 2^53 (times are µs); absent = NaN
  | 'i64' // 64 bits; absent = absentI64
  | 'i32'
  | 'bool' // 0, 1
  | 'enum' // number of the symbol; absent = 255
  | 'dict'
  | 'text'
  | 'bytes'
  | 'list'

/** One field of a record, as its column is laid out. */
export interface Field {
  readonly name: string
  readonly kind: Kind
  readonly optional?: boolean
  /** Names of an enum, by number. */
  readonly symbols?: readonly string[]
  /** Fields of a list's items. */
  readonly items?: readonly Field[]
  /** Money: whole 10⁻⁸, always printed as decimal text. */
  readonly amount?: boolean
  /** A flag that is left out of rows while it is false. */
  readonly omitFalse?: boolean
  /** µs since 1970 UTC. */
  readonly time?: boolean
  /** A whole number. */
  readonly whole?: boolean
}

export const absentI64 = -(2n ** 63n)
export const absentCode = 0xffff
export const absentEnum = 0xff

const decoder = new TextDecoder()

/** The text of a row; '' when absent. */
export function textAt(column: Bytes, row: number): string {
  return utf8Text(column.bytes, column.offsets[row]!, column.offsets[row + 1]!)
}

/** The text of those bytes. */
export function utf8Text(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > 40) return decoder.decode(bytes.subarray(from, to))
  let text = ''
  for (let i = from; i < to; i++) {
    const code = bytes[i]!
    if (code > 127) return decoder.decode(bytes.subarray(from, to))
    text += String.fromCharCode(code)
  }
  return text
}

/** The text of a row; undefined when absent. */
export function wordAt(column: Dictionary, row: number): string | undefined {
  return column.values[column.codes[row]!]
}

/** Bytes of memory that a column's rows take. */
export function byteLengthOf(column: Column): number {
  if (ArrayBuffer.isView(column)) return column.byteLength
  if ('codes' in column) return column.codes.byteLength + column.values.join('').length
  if ('bytes' in column) return column.offsets.byteLength + column.bytes.byteLength
  let total = column.offsets.byteLength
  for (const one of Object.values(column.columns)) total += byteLengthOf(one)
  return total
}
