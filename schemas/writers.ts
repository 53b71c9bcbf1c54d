// Builds columns value by value. What most rows leave out is not pushed row by row, but filled up before the next value and at the end, by `to`.
import { absentCode, absentEnum, absentI64, type Bytes, type Dictionary, utf8Text } from './columns.ts'

const encoder = new TextEncoder()
const start = 256
const word = 2 ** 32
const perWord = 2 ** -32

/** Doubles; undefined is written as NaN. */
export class F64Writer {
  values = new Float64Array(start)
  length = 0
  push(value: number | undefined): void {
    if (this.length === this.values.length) this.values = grown(this.values, new Float64Array(this.length * 2))
    this.values[this.length++] = value === undefined ? Number.NaN : value
  }
  append(values: Float64Array): void {
    const length = this.length + values.length
    while (length > this.values.length) this.values = grown(this.values, new Float64Array(this.values.length * 2))
    this.values.set(values, this.length)
    this.length = length
  }
  /** Absent up to so many rows. */
  to(rows: number): this {
    if (this.length >= rows) return this
    while (rows > this.values.length) this.values = grown(this.values, new Float64Array(this.values.length * 2))
    const { values } = this
    // Mostly one or two, for which `fill` takes longer.
    for (let at = this.length; at < rows; at++) values[at] = Number.NaN
    this.length = rows
    return this
  }
  take(): Float64Array {
    const taken = this.values.slice(0, this.length)
    this.length = 0
    return taken
  }
  get byteLength(): number {
    return this.length * 8
  }
}

export class I64Writer {
  values = new BigInt64Array(start)
  length = 0
  /** The same memory as pairs of 32 bits, low half first, as on every machine that Node runs on. */
  private words = new Uint32Array(this.values.buffer)
  push(value: bigint | undefined): void {
    this.room()
    this.values[this.length++] = value === undefined ? absentI64 : value
  }
  /** A whole number below 2^53, without making a BigInt of it: 2 ns instead of 40. */
  number(value: number): void {
    this.room()
    const high = Math.floor(value * perWord)
    const at = 2 * this.length++
    this.words[at] = value - high * word
    this.words[at + 1] = high
  }
  append(values: BigInt64Array): void {
    this.room(values.length)
    this.values.set(values, this.length)
    this.length += values.length
  }
  /** 64 bits as two halves of 32, whatever the sign of the low one. */
  halves(low: number, high: number): void {
    this.room()
    const at = 2 * this.length++
    this.words[at] = low
    this.words[at + 1] = high
  }
  private room(more = 1): void {
    while (this.length + more > this.values.length) {
      this.values = grown(this.values, new BigInt64Array(this.values.length * 2))
      this.words = new Uint32Array(this.values.buffer)
    }
  }
  take(): BigInt64Array {
    const taken = this.values.slice(0, this.length)
    this.length = 0
    return taken
  }
  get byteLength(): number {
    return this.length * 8
  }
}

export class I32Writer {
  values = new Int32Array(start)
  length = 0
  push(value: number): void {
    if (this.length === this.values.length) this.values = grown(this.values, new Int32Array(this.length * 2))
    this.values[this.length++] = value
  }
  take(): Int32Array {
    const taken = this.values.slice(0, this.length)
    this.length = 0
    return taken
  }
  get byteLength(): number {
    return this.length * 4
  }
}

/** Flags and enum numbers. */
export class U8Writer {
  values = new Uint8Array(start)
  length = 0
  push(value: number): void {
    if (this.length === this.values.length) this.values = grown(this.values, new Uint8Array(this.length * 2))
    this.values[this.length++] = value
  }
  append(values: Uint8Array): void {
    const length = this.length + values.length
    while (length > this.values.length) this.values = grown(this.values, new Uint8Array(this.values.length * 2))
    this.values.set(values, this.length)
    this.length = length
  }
  /** Absent, of flags false, up to so many rows. */
  to(rows: number, absent = 0): this {
    if (this.length >= rows) return this
    while (rows > this.values.length) this.values = grown(this.values, new Uint8Array(this.values.length * 2))
    const { values } = this
    for (let at = this.length; at < rows; at++) values[at] = absent
    this.length = rows
    return this
  }
  take(): Uint8Array {
    const taken = this.values.slice(0, this.length)
    this.length = 0
    return taken
  }
  get byteLength(): number {
    return this.length
  }
}

export class BoolWriter extends U8Writer {
  flag(value: boolean | undefined): void {
    this.push(value === true ? 1 : 0)
  }
}

export class EnumWriter extends U8Writer {
  readonly numbers: ReadonlyMap<string, number>
  constructor(symbols: readonly string[]) {
    super()
    this.numbers = new Map(symbols.map((symbol, number) => [symbol, number]))
  }
  override to(rows: number): this {
    return super.to(rows, absentEnum)
  }
  name(symbol: string | undefined): void {
    const number = symbol === undefined ? absentEnum : this.numbers.get(symbol)
    if (number === undefined) throw new RangeError(`"${symbol}" is none of ${[...this.numbers.keys()].join(', ')}`)
    this.push(number)
  }
}

export class DictionaryWriter {
  codes = new Uint16Array(start)
  length = 0
  private values: string[] = []
  private known = new Map<string, number>()
  private lastValue: string | undefined
  private lastCode = absentCode
  private lastUtf8: Uint8Array | undefined
  private lastUtf8Code = absentCode
  /** Bytes `from`…`to` of another array as a text; none is made of those that came last. */
  utf8(source: Uint8Array, from: number, to: number): void {
    if (this.lastUtf8 === undefined || !isAt(this.lastUtf8, source, from, to)) {
      this.push(utf8Text(source, from, to))
      this.lastUtf8 = source.slice(from, to)
      this.lastUtf8Code = this.codes[this.length - 1]!
      return
    }
    if (this.length === this.codes.length) this.codes = grown(this.codes, new Uint16Array(this.length * 2))
    this.codes[this.length++] = this.lastUtf8Code
  }
  push(value: string | undefined): void {
    if (this.length === this.codes.length) this.codes = grown(this.codes, new Uint16Array(this.length * 2))
    this.codes[this.length++] = value === this.lastValue ? this.lastCode : this.code(value)
  }
  /** The same value in so many rows. */
  repeat(value: string | undefined, rows: number): void {
    const length = this.length + rows
    while (length > this.codes.length) this.codes = grown(this.codes, new Uint16Array(this.codes.length * 2))
    const code = value === this.lastValue ? this.lastCode : this.code(value)
    this.codes.fill(code, this.length, length)
    this.length = length
  }
  private code(value: string | undefined): number {
    if (value === undefined) return absentCode
    // Values that come in the same order again and again, as checks do, stand one after another.
    const next = this.lastCode === absentCode ? 0 : this.lastCode + 1
    if (value === this.values[next]) {
      this.lastValue = value
      this.lastCode = next
      return next
    }
    let code = this.known.get(value)
    if (code === undefined) {
      code = this.values.length
      this.values.push(value)
      this.known.set(value, code)
    }
    this.lastValue = value
    this.lastCode = code
    return code
  }
  take(): Dictionary {
    const taken = { codes: this.codes.slice(0, this.length), values: this.values }
    this.length = 0
    this.values = []
    this.known = new Map()
    this.lastValue = undefined
    this.lastCode = absentCode
    this.lastUtf8 = undefined
    return taken
  }
  get byteLength(): number {
    return this.length * 2
  }
}

export class BytesWriter {
  offsets = new Uint32Array(start)
  length = 0
  bytes = new Uint8Array(start * 8)
  used = 0
  push(value: Uint8Array): void {
    this.room(value.length)
    this.bytes.set(value, this.used)
    this.end(this.used + value.length)
  }
  /** Values `from`…`to` of those that stand one after another in `source`, each up to its end in `ends`. */
  append(source: Uint8Array, ends: Uint32Array, from: number, to: number): void {
    const start = from === 0 ? 0 : ends[from - 1]!
    const end = to === 0 ? 0 : ends[to - 1]!
    this.room(end - start)
    this.bytes.set(source.subarray(start, end), this.used)
    const back = this.used - start
    for (let at = from; at < to; at++) this.end(ends[at]! + back)
  }
  /** Bytes `from`…`to` of another array, without making a view of it: for a few bytes that costs more than copying them. */
  copy(source: Uint8Array, from: number, to: number): void {
    this.room(to - from)
    const { bytes, used } = this
    if (to - from > 64) bytes.set(source.subarray(from, to), used)
    else for (let at = from; at < to; at++) bytes[used + at - from] = source[at]!
    this.end(used + to - from)
  }
  text(value: string | undefined): void {
    this.end(value === undefined ? this.used : this.written(value))
  }
  /** Where the text's bytes end, after writing them. */
  private written(value: string): number {
    this.room(value.length * 3)
    const { bytes, used } = this
    const { length } = value
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 127 || length > 40) return used + encoder.encodeInto(value, bytes.subarray(used)).written
      bytes[used + i] = code
    }
    return used + length
  }
  private end(used: number): void {
    this.used = used
    if (this.length + 1 >= this.offsets.length)
      this.offsets = grown(this.offsets, new Uint32Array(this.offsets.length * 2))
    this.offsets[++this.length] = used
  }
  private room(more: number): void {
    if (this.used + more <= this.bytes.length) return
    this.bytes = grown(this.bytes, new Uint8Array(Math.max(this.bytes.length * 2, this.used + more)))
  }
  /** Absent, which is empty, up to so many rows. */
  to(rows: number): this {
    while (this.length < rows) this.end(this.used)
    return this
  }
  take(): Bytes {
    const taken = { offsets: this.offsets.slice(0, this.length + 1), bytes: this.bytes.slice(0, this.used) }
    this.length = 0
    this.used = 0
    return taken
  }
  get byteLength(): number {
    return this.length * 4 + this.used
  }
}

/** Ends of lists; the items are pushed into writers of their own before `end` is called. */
export class OffsetsWriter {
  offsets = new Uint32Array(start)
  length = 0
  end(items: number): void {
    if (this.length + 1 >= this.offsets.length)
      this.offsets = grown(this.offsets, new Uint32Array(this.offsets.length * 2))
    this.offsets[++this.length] = items
  }
  take(): Uint32Array {
    const taken = this.offsets.slice(0, this.length + 1)
    this.length = 0
    return taken
  }
  get byteLength(): number {
    return this.length * 4
  }
}

/** True when `bytes` are those at `from`…`to` of another array. */
function isAt(bytes: Uint8Array, source: Uint8Array, from: number, to: number): boolean {
  if (bytes.length !== to - from) return false
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== source[from + i]) return false
  return true
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}
