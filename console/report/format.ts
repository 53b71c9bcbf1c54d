// Numbers, times and durations as people read them (LOOK.md). Also part of the page's script.

const thin = '\u2009'
export const minus = '\u2212'

/** Plain decimal text of a number with a thin space every three digits and a true minus; no exponent, nothing rounded. */
export function full(value: number): string {
  return grouped(plain(value))
}

/** The same of an amount of whole 10⁻⁸, to the last digit, with at least `decimals` decimals. */
export function fullE8(amount: bigint, decimals = 0): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(9, '0')
  const part = digits.slice(-8).replace(/0+$/, '').padEnd(decimals, '0')
  return grouped(`${amount < 0n ? '-' : ''}${digits.slice(0, -8)}${part === '' ? '' : `.${part}`}`)
}

/** With a fixed number of decimals. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals)
  return grouped(Number(text) === 0 ? text.replace('-', '') : text)
}

const suffixes: readonly (readonly [from: number, letter: string])[] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e4, 'k'],
]

/** At most four significant digits, with k, M, B, T from ten thousand on: 439.0k, 1 234, 0.01235. */
export function short(value: number): string {
  const rounded = Number(value.toPrecision(4))
  const [, letter = ''] = suffixes.find(([from]) => Math.abs(rounded) >= from) ?? []
  const unit = letter === 'k' ? 1e3 : (suffixes.find(([, one]) => one === letter)?.[0] ?? 1)
  const scaled = rounded / unit
  if (letter === '') return full(rounded)
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(scaled))))
  return `${grouped(scaled.toFixed(decimals))}${thin}${letter}`
}

/** With its sign: + before what is above zero, a true minus before what is below, nothing before zero. */
export function signed(text: string): string {
  return /^[+\u2212]|^0(\.0*)?$/.test(text) ? text : `+${text}`
}

/** A fraction as a number of percent with at most four significant digits; the header says of what. */
export function percent(fraction: number): string {
  return short(fraction * 100)
}

/** `2024-08-08T23:54:15.123456` of µs since 1970: UTC, no digit more than there is. The header or a Z says the zone. */
export function isoOf(time: number): string {
  const seconds = Math.floor(time / 1e6)
  const micros = Math.round(time - seconds * 1e6)
  const text = new Date(seconds * 1000).toISOString().slice(0, 19)
  if (micros === 0) return text
  return `${text}.${String(micros).padStart(6, '0').replace(/0+$/, '')}`
}

const spans: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
]

/** The two largest units of a duration: 2h 13m, 5m 44s, 12.5 s, 250 ms. */
export function durationOf(ms: number): string {
  if (ms < 0) return `${minus}${durationOf(-ms)}`
  if (ms < 1_000) return `${short(ms)} ms`
  if (ms < 60_000) return `${short(ms / 1_000)} s`
  const at = spans.findIndex(([span]) => ms >= span)
  const [span, unit] = spans[at]!
  const [next, nextUnit] = spans[at + 1]!
  const whole = Math.floor(ms / span)
  const rest = Math.floor((ms - whole * span) / next)
  return rest === 0 ? `${whole}${unit}` : `${whole}${unit} ${rest}${nextUnit}`
}

/** Decimals that an amount of whole 10⁻⁸ needs. */
export function decimalsE8(amount: bigint): number {
  return amount === 0n ? 0 : 8 - /0{0,8}$/.exec(amount.toString())![0].length
}

/** A number as decimal text without an exponent. */
function plain(value: number): string {
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign, first, part = '', exponent] = match
  const digits = `${first}${part}`
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

function grouped(text: string): string {
  const [whole = '', part] = text.split('.')
  const thousands = whole.replace('-', minus).replace(/\B(?=(\d{3})+$)/g, thin)
  return part === undefined ? thousands : `${thousands}.${part}`
}
