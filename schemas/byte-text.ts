// JSON text as UTF-8 bytes in a buffer that grows: words, texts, and numbers exactly as ECMAScript prints them.
import type { Bytes } from './columns.ts'

/** Bytes 0…used are written. `room` may replace the array. */
export interface ByteText {
  bytes: Uint8Array
  used: number
}

const encoder = new TextEncoder()

export function byteText(capacity = 1 << 16): ByteText {
  return { bytes: new Uint8Array(capacity), used: 0 }
}

/** A text's UTF-8, to be written often. */
export function words(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Makes room for that many more bytes. */
export function room(out: ByteText, more: number): void {
  if (out.used + more <= out.bytes.length) return
  const wider = new Uint8Array(Math.max(out.bytes.length * 2, out.used + more))
  wider.set(out.bytes.subarray(0, out.used))
  out.bytes = wider
}

/** Appends bytes as they are, with room for one more byte. */
export function word(out: ByteText, text: Uint8Array): void {
  room(out, text.length + 1)
  const { bytes, used } = out
  // A call of `set` costs more than a short loop.
  if (text.length > 64) bytes.set(text, used)
  else for (let i = 0; i < text.length; i++) bytes[used + i] = text[i]!
  out.used = used + text.length
}

/** Appends a row of a text column in quotes; `textAt` is only asked when a letter needs an escape. Room for one more byte. */
export function quoted(
  out: ByteText,
  column: Bytes,
  row: number,
  textAt: (column: Bytes, row: number) => string,
): void {
  const from = column.offsets[row]!
  const to = column.offsets[row + 1]!
  const source = column.bytes
  room(out, to - from + 3)
  const { bytes, used } = out
  bytes[used] = quote
  let at = used + 1
  for (let i = from; i < to; i++) {
    const byte = source[i]!
    if (byte < 0x20 || byte === quote || byte === backslash) {
      word(out, words(JSON.stringify(textAt(column, row))))
      return
    }
    bytes[at++] = byte
  }
  bytes[at] = quote
  out.used = at + 1
}

/**
 * Appends a finite number as ECMAScript prints it. Room for one more byte.
 *
 * A double that equals r / 10^d, with r of at most 15 digits and the smallest such d, prints as those digits: no two decimals
 * of 15 digits are the same double, so none with fewer digits can be. All others are left to the engine.
 */
export function decimal(out: ByteText, value: number): void {
  room(out, 32)
  let size = value
  if (value < 0) {
    out.bytes[out.used++] = minus
    size = -value
  }
  if (size <= Number.MAX_SAFE_INTEGER && size === Math.floor(size)) {
    whole(out, size)
    return
  }
  if (size >= 1e-6 && size < 1e15) {
    for (let digits = 1; digits <= 8; digits++) {
      const scale = powers[digits]!
      const scaled = Math.round(size * scale)
      if (scaled >= 1e15) break
      if (scaled / scale !== size) continue
      const before = Math.floor(scaled / scale)
      whole(out, before)
      out.bytes[out.used++] = point
      padded(out, scaled - before * scale, digits)
      return
    }
  }
  const text = String(size)
  for (let i = 0; i < text.length; i++) out.bytes[out.used++] = text.charCodeAt(i)
}

/** A whole number from 0 to 2^53 − 1. */
function whole(out: ByteText, value: number): void {
  if (value < 1e8) {
    padded(out, value, lengthOf(value))
    return
  }
  const high = Math.floor(value / 1e8)
  whole(out, high)
  padded(out, value - high * 1e8, 8)
}

/** A whole number below 10^8 with leading zeros up to that many digits. */
function padded(out: ByteText, value: number, digits: number): void {
  const { bytes, used } = out
  let rest = value | 0
  for (let at = used + digits - 1; at >= used; at--) {
    const tens = (rest / 10) | 0
    bytes[at] = zero + rest - tens * 10
    rest = tens
  }
  out.used = used + digits
}

function lengthOf(value: number): number {
  let digits = 1
  while (digits < 8 && value >= powers[digits]!) digits++
  return digits
}

const powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]
const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const point = 0x2e
const zero = 0x30
