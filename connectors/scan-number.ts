// Numbers straight from bytes, where they are of the plain form that exchanges write.

const powers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
const [zero, nine, dot, quoteMark] = [48, 57, 46, 34]

/**
 * Each function gives the value and leaves in `at` where it ends; −1 in `at` when the bytes are not of the plain form.
 * A decimal of up to 15 digits is a whole number below 2^53 over a power of ten up to 10^22: their quotient is the double
 * nearest to the text (Clinger 1990, "How to Read Floating Point Numbers Accurately"). Longer ones are left to Number.
 */
export class NumberScanner {
  at = 0

  /** A decimal in quotes: `"61800.20"`. */
  quoted(bytes: Uint8Array, from: number): number {
    if (bytes[from] !== quoteMark) return this.none()
    const start = from + 1
    let at = start
    // Nine digits fit 31 bits, where arithmetic is fastest; what comes after is counted beside them.
    let high = 0
    let low = 0
    let digits = 0
    let lowDigits = 0
    let point = -1
    for (;;) {
      const byte = bytes[at]!
      if (byte >= zero && byte <= nine) {
        if (digits < 9) high = (high * 10 + (byte - zero)) | 0
        else if (digits < 15) {
          low = (low * 10 + (byte - zero)) | 0
          lowDigits++
        }
        // Zeros before the first digit that counts are no digits.
        if (digits > 0 || high > 0) digits++
      } else if (byte === dot && point === -1 && at > start) point = at
      else break
      at++
    }
    if (bytes[at] !== quoteMark || at === start) return this.none()
    this.at = at + 1
    const decimals = point === -1 ? 0 : at - point - 1
    if (digits > 15 || decimals > 22) return numberOf(bytes, start, at)
    const whole = lowDigits === 0 ? high : high * powers[lowDigits]! + low
    return decimals === 0 ? whole : whole / powers[decimals]!
  }

  /** A whole number of 1 to 15 digits, as JSON writes it. */
  whole(bytes: Uint8Array, from: number): number {
    let value = 0
    let at = from
    for (let byte = bytes[at]!; byte >= zero && byte <= nine; byte = bytes[++at]!) value = value * 10 + (byte - zero)
    const digits = at - from
    if (digits === 0 || digits > 15 || (bytes[from] === zero && digits > 1)) return this.none()
    this.at = at
    return value
  }

  /** A time of 13 digits in ms, as µs. */
  millis(bytes: Uint8Array, from: number): number {
    const value = this.whole(bytes, from)
    if (this.at !== from + 13) return this.none()
    return value * 1000
  }

  /** Where the digits of a whole number of up to 18 digits end; −1 when it is none. */
  digits(bytes: Uint8Array, from: number): number {
    let at = from
    for (let byte = bytes[at]!; byte >= zero && byte <= nine; byte = bytes[++at]!);
    const count = at - from
    return count === 0 || count > 18 || (bytes[from] === zero && count > 1) ? -1 : at
  }

  /** `true` is 1, `false` 0. */
  flag(bytes: Uint8Array, from: number): number {
    if (bytes[from] === 116 && bytes[from + 1] === 114 && bytes[from + 2] === 117 && bytes[from + 3] === 101) {
      this.at = from + 4
      return 1
    }
    const five = bytes[from] === 102 && bytes[from + 1] === 97 && bytes[from + 2] === 108 && bytes[from + 3] === 115
    if (five && bytes[from + 4] === 101) {
      this.at = from + 5
      return 0
    }
    return this.none()
  }

  private none(): number {
    this.at = -1
    return Number.NaN
  }
}

function numberOf(bytes: Uint8Array, from: number, end: number): number {
  let text = ''
  for (let at = from; at < end; at++) text += String.fromCharCode(bytes[at]!)
  return Number(text)
}
