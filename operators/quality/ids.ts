// Update ids as numbers: reading a 64-bit column as BigInts would allocate one each.
import { absentI64 } from '../../schemas/columns.ts'

/** Every id below it is a double without an error. */
const exact = 2 ** 53

/** An id: a number where doubles are exact, else a BigInt; undefined where there is none. Two are compared by `<` whatever they are. */
export type Id = number | bigint | undefined

/** 64-bit numbers as pairs of 32-bit words. */
export function wordsOf(column: BigInt64Array): Int32Array {
  return new Int32Array(column.buffer, column.byteOffset, column.length * 2)
}

/** The number at a row; exact below 2^53, negative or absent ones are negative. Little-endian, as every machine here is. */
export function numberAt(words: Int32Array, row: number): number {
  return words[row * 2 + 1]! * 4294967296 + (words[row * 2]! >>> 0)
}

/** The id at a row of a column, whose words these are. */
export function idAt(words: Int32Array, row: number, column: BigInt64Array): Id {
  const number = numberAt(words, row)
  return number >= 0 && number < exact ? number : idOf(column[row]!)
}

export function idOf(id: bigint): Id {
  if (id === absentI64) return undefined
  return id >= 0n && id < exact ? Number(id) : id
}
