// What a row is known by: whole numbers in a named set. Two rows of one identity are one row (M5).
import type { Batch } from '../../schemas/batch.ts'
import { absentI64, type Bytes, type Dictionary } from '../../schemas/columns.ts'
import type { Columns } from '../../schemas/records.generated.ts'
import { numberAt, wordsOf } from './ids.ts'

/** Row i is known by the numbers from[i]…to[i] of the set names[set[i]]; one that is NaN is known by nothing. */
export interface Identities {
  readonly names: readonly string[]
  readonly set: Uint16Array
  readonly from: Float64Array
  readonly to: Float64Array
}

/** Ids past this are told apart by a set of their own, so that doubles hold them exactly. */
const page = 2 ** 50
const pageBig = BigInt(page)

/** Behind the symbol, in the name of the set of aggregated trades' ids. */
export const aggregated = ' agg'

/** More update ids than a message can bring (Binance's futures count some 30,000 a second): a wrong digit must not hide what follows. */
const mostBrought = 1e10

/**
 * - trades: the id; an aggregated trade's counts in a series of its own
 * - quotes: the update id
 * - books: the update ids that the message brings, (previous, last] or [first, last]; a snapshot its last update id
 * - funding, marks, interest: the time · candles: interval and opening time
 * - liquidations: time, price, size and side (a 50-bit hash) · dead letters: receive time and bytes (the same)
 *
 * `series`: 1 for rows whose ids are aggregated trades'.
 */
export function identitiesOf(batch: Batch, series?: Uint8Array): Identities {
  const { rows } = batch
  const { symbol } = batch.columns as unknown as { symbol: Dictionary }
  const namer = new Namer(symbol, rows)
  const from = new Float64Array(rows)
  const to = new Float64Array(rows)
  const one = (row: number, kind: string, id: number): void => {
    namer.name(row, kind)
    from[row] = id
    to[row] = id
  }
  switch (batch.topic) {
    case 'trades': {
      const { id } = batch.columns as Columns['trades']
      for (let row = 0; row < rows; row++) {
        const kind = series?.[row] === 1 ? aggregated : ''
        const number = idAt(id, row)
        if (number < page) one(row, kind, number)
        else long(row, kind, textIdAt(id, row), one)
      }
      break
    }
    case 'quotes': {
      const { sequence, time } = batch.columns as Columns['quotes']
      const words = wordsOf(sequence)
      for (let row = 0; row < rows; row++) {
        const number = numberAt(words, row)
        if (number >= 0 && number < page) one(row, '', number)
        else if (sequence[row] === absentI64) one(row, ' time', time[row]!)
        else long(row, '', sequence[row]!, one)
      }
      break
    }
    case 'books':
      bookIdentities(batch.columns as Columns['books'], rows, { namer, from, to, one })
      break
    case 'candles': {
      const { interval, openTime } = batch.columns as Columns['candles']
      for (let row = 0; row < rows; row++) one(row, ` ${interval.values[interval.codes[row]!]}`, openTime[row]!)
      break
    }
    case 'liquidations': {
      const { time, price, size, side } = batch.columns as Columns['liquidations']
      for (let row = 0; row < rows; row++) {
        one(row, '', hash50(new Float64Array([time[row]!, price[row]!, size[row]!, side[row]!])))
      }
      break
    }
    case 'dead-letters': {
      const { received, bytes } = batch.columns as Columns['dead-letters']
      for (let row = 0; row < rows; row++) {
        const seed = hash50(new Float64Array([received[row]!]))
        one(row, '', hash50(bytes.bytes.subarray(bytes.offsets[row]!, bytes.offsets[row + 1]!), seed))
      }
      break
    }
    default: {
      const { time } = batch.columns as Columns['marks']
      for (let row = 0; row < rows; row++) one(row, '', time[row]!)
    }
  }
  return { ...namer.done(), from, to }
}

type One = (row: number, kind: string, id: number) => void

function bookIdentities(
  columns: Columns['books'],
  rows: number,
  { namer, from, to, one }: { namer: Namer; from: Float64Array; to: Float64Array; one: One },
): void {
  const { snapshot, sequence, firstSequence, previousSequence, time } = columns
  const [last, first, previous] = [wordsOf(sequence), wordsOf(firstSequence), wordsOf(previousSequence)]
  for (let row = 0; row < rows; row++) {
    const end = numberAt(last, row)
    const kind = snapshot[row] === 1 ? ' snapshot' : ''
    if (sequence[row] === absentI64) one(row, `${kind} time`, time[row]!)
    else if (!(end < page)) long(row, kind, sequence[row]!, one)
    else {
      namer.name(row, kind)
      const before = numberAt(previous, row)
      const begin = before >= 0 ? before + 1 : numberAt(first, row)
      from[row] = kind === '' && begin >= 0 && begin <= end && end - begin < mostBrought ? begin : end
      to[row] = end
    }
  }
}

/** An id that a double cannot count on: its upper part names a set, its lower part is the number in it. */
function long(row: number, kind: string, id: bigint, one: One): void {
  one(row, `${kind} #${id / pageBig}`, Number(((id % pageBig) + pageBig) % pageBig))
}

/** The whole id of a number in a set that `identitiesOf` named. */
export function wholeId(name: string, id: number): bigint {
  const upper = / #(-?\d+)$/.exec(name)?.[1]
  return upper === undefined ? BigInt(id) : BigInt(upper) * pageBig + BigInt(id)
}

/** Gives rows the name of their set: the symbol and what kind of id it is. */
class Namer {
  private readonly names: string[] = []
  private readonly set: Uint16Array
  private readonly symbol: Dictionary
  private readonly known = new Map<string, (number | undefined)[]>()
  private lastKind: string | undefined
  private codes: (number | undefined)[] = []

  constructor(symbol: Dictionary, rows: number) {
    this.symbol = symbol
    this.set = new Uint16Array(rows)
  }

  name(row: number, kind: string): void {
    if (kind !== this.lastKind) this.turn(kind)
    const code = this.symbol.codes[row]!
    let number = this.codes[code]
    if (number === undefined) {
      number = this.names.length
      this.names.push(`${this.symbol.values[code] ?? ''}${kind}`)
      this.codes[code] = number
    }
    this.set[row] = number
  }

  done(): { names: readonly string[]; set: Uint16Array } {
    return { names: this.names, set: this.set }
  }

  private turn(kind: string): void {
    let codes = this.known.get(kind)
    if (codes === undefined) {
      codes = []
      this.known.set(kind, codes)
    }
    this.codes = codes
    this.lastKind = kind
  }
}

/** The number of a decimal text; Infinity when it is longer than 15 digits or is none. */
function idAt({ offsets, bytes }: Bytes, row: number): number {
  const end = offsets[row + 1]!
  let at = offsets[row]!
  if (end - at > 15 || end === at) return Number.POSITIVE_INFINITY
  let number = 0
  for (; at < end; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return Number.POSITIVE_INFINITY
    number = number * 10 + digit
  }
  return number
}

/** An id that is long, or no number at all (another venue's): then its hash. */
function textIdAt({ offsets, bytes }: Bytes, row: number): bigint {
  const part = bytes.subarray(offsets[row]!, offsets[row + 1]!)
  const text = String.fromCharCode(...part)
  return /^\d+$/.test(text) ? BigInt(text) : BigInt(hash50(part)) + (pageBig << 64n)
}

/**
 * A hash of 50 bits.
 * Source: the mixing of Austin Appleby's MurmurHash3 (fmix32's constants), two lanes.
 */
export function hash50(data: Float64Array | Uint8Array, seed = 0): number {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  let a = (seed ^ 0x9e3779b9) | 0
  let b = (Math.floor(seed / 4294967296) ^ 0x7f4a7c15) | 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    a = Math.imul(a ^ byte, 0x85ebca6b)
    a ^= a >>> 13
    b = Math.imul(b ^ byte, 0xc2b2ae35)
    b ^= b >>> 16
  }
  return ((b ^ a) >>> 14) * 4294967296 + (Math.imul(a ^ (a >>> 16), 0xc2b2ae35) >>> 0)
}
