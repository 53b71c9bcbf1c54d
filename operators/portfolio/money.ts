// Money in whole 10⁻⁸ of the settlement currency, exact (DESIGN §7): doubles while they are exact, BigInt beyond 2⁵³.
import { SmartspeedError } from '../../schemas/errors.ts'
import { fractionOf, type Instrument } from '../instrument.ts'

/**
 * A whole number of 10⁻⁸: a number while |amount| < 2⁵³ (90 million units), else a BigInt. Equal amounts have one form, so
 * that the fast path is only a path: every function here gives what BigInt arithmetic would.
 */
export type E8 = number | bigint

/** What turns ticks × lots (inverse: lots / ticks) into 10⁻⁸: a fraction in lowest terms. One an instrument. */
export interface Scale {
  readonly inverse: boolean
  readonly numerator: bigint
  readonly denominator: bigint
  /** The same as doubles; NaN when they do not fit, which sends every product to BigInt. */
  readonly top: number
  readonly bottom: number
}

const unit = 100_000_000n
/** Prices at mark that are not whole or half ticks are taken to the nearest 1/1024 of a tick. */
const markSteps = 1024

/** The scale of an instrument whose prices come in `1/steps` of a tick (1: whole ticks). */
export function scaleOf(instrument: Instrument, steps = 1): Scale {
  const [sizeTop, sizeBottom] = fractionOf(instrument.contractSize).map(BigInt) as [bigint, bigint]
  const lotTop = sizeTop * BigInt(instrument.lotNumerator) * unit
  const lotBottom = sizeBottom * BigInt(instrument.lotDenominator)
  const tickTop = BigInt(instrument.tickNumerator)
  const tickBottom = BigInt(instrument.tickDenominator) * BigInt(steps)
  const top = instrument.inverse ? lotTop * tickBottom : lotTop * tickTop
  const bottom = instrument.inverse ? lotBottom * tickTop : lotBottom * tickBottom
  const common = divisor(top, bottom)
  const [numerator, denominator] = [top / common, bottom / common]
  return { inverse: instrument.inverse, numerator, denominator, top: double(numerator), bottom: double(denominator) }
}

/**
 * The value of `lots` at `ticks`, rounded half away from zero to whole 10⁻⁸; negative for negative lots.
 *
 * Linear: price × size × contractSize. Inverse: contractSize × size / price.
 * In:     ticks and lots whole; ticks in the scale's own steps, > 0 where the instrument is inverse.
 * Errors: RangeError for numbers that are not whole, or an inverse price of 0 (bugs of the caller).
 */
export function exactValue(scale: Scale, ticks: number, lots: number): E8 {
  const count = scale.inverse ? lots : ticks * lots
  const dividend = count * scale.top
  const bottom = scale.inverse ? ticks * scale.bottom : scale.bottom
  // A product of whole numbers that comes out below 2⁵³ was exact; `<` is false for NaN.
  const whole = Math.floor(ticks) === ticks && Math.floor(lots) === lots
  if (whole && Math.abs(dividend) < 2 ** 53 && bottom < 2 ** 51 && bottom > 0) return rounded(dividend, bottom)
  return normal(bigValue(scale, ticks, lots))
}

/** The same by BigInt alone: what `exactValue` falls back on, and is held against. */
export function bigValue(scale: Scale, ticks: number, lots: number): bigint {
  if (!Number.isSafeInteger(ticks) || !Number.isSafeInteger(lots)) throw new RangeError(`${ticks} ticks × ${lots} lots`)
  if (!scale.inverse) return bigRounded(BigInt(ticks) * BigInt(lots) * scale.numerator, scale.denominator)
  if (!(ticks > 0)) throw new RangeError(`an inverse contract has no value at a price of ${ticks} ticks`)
  return bigRounded(BigInt(lots) * scale.numerator, BigInt(ticks) * scale.denominator)
}

/** Value of `lots` at `ticks` in 10⁻⁸ of the settlement currency; see `exactValue`. Callers with many values keep a `scaleOf`. */
export function valueE8(instrument: Instrument, ticks: number, lots: number): bigint {
  return BigInt(exactValue(remembered(instrument).whole, ticks, lots))
}

/** The scales of one instrument: for whole ticks, half ticks (a middle), and any other mark. */
export interface Scales {
  readonly whole: Scale
  readonly half: Scale
  readonly fine: Scale
}

export function scalesOf(instrument: Instrument): Scales {
  return { whole: scaleOf(instrument), half: scaleOf(instrument, 2), fine: scaleOf(instrument, markSteps) }
}

/** Value of `lots` at a mark, which need not be a whole number of ticks: whole and half ticks are exact, others are taken to 1/1024 of a tick. */
export function markValue(scales: Scales, markTicks: number, lots: number): E8 {
  if (markTicks === Math.floor(markTicks)) return exactValue(scales.whole, markTicks, lots)
  const doubled = markTicks * 2
  if (doubled === Math.floor(doubled)) return exactValue(scales.half, doubled, lots)
  return exactValue(scales.fine, Math.round(markTicks * markSteps), lots)
}

/**
 * The fee on a value at a rate such as 0.0004 (negative: a rebate), rounded half away from zero. The rate is exact to 10⁻¹².
 * Errors: RangeError when the rate is not within ±1.
 */
export function feeE8(value: bigint, rate: number): bigint {
  return BigInt(feeOf(normal(value), rate))
}

/** The same without a BigInt where none is needed. */
export function feeOf(value: E8, rate: number): E8 {
  if (!(Math.abs(rate) <= 1)) throw new RangeError(`a fee rate lies within ±1, not ${rate}`)
  const parts = Math.round(rate * 1e12)
  if (parts === 0) return 0
  // Rates are short decimals: 0.0004 = 400,000,000 / 10¹² = 4 / 10⁴ keeps the product far below 2⁵³.
  const { top, bottom } = lowest(parts)
  const dividend = Number(value) * top
  if (typeof value === 'number' && Math.abs(dividend) < 2 ** 53) return rounded(dividend, bottom)
  return normal(bigRounded(BigInt(value) * BigInt(top), BigInt(bottom)))
}

export function add(a: E8, b: E8): E8 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (sum < 2 ** 53 && sum > -(2 ** 53)) return sum
  }
  return normal(BigInt(a) + BigInt(b))
}

export function subtract(a: E8, b: E8): E8 {
  return add(a, typeof b === 'number' ? 0 - b : -b)
}

/** amount × part / whole, rounded half away from zero: the share of a cost that a partial exit takes with it. */
export function shareOf(amount: E8, part: number, whole: number): E8 {
  if (part === whole) return amount
  const dividend = Number(amount) * part
  if (typeof amount === 'number' && Math.abs(dividend) < 2 ** 53) return rounded(dividend, whole)
  return normal(bigRounded(BigInt(amount) * BigInt(part), BigInt(whole)))
}

/** The one form of an amount: a number below 2⁵³, else a BigInt. @throws SmartspeedError ACCOUNT_OVERFLOW past 64 bits */
export function normal(amount: bigint): E8 {
  if (amount < 9007199254740992n && amount > -9007199254740992n) return Number(amount)
  if (amount >= 2n ** 63n || amount <= -(2n ** 63n)) {
    throw new SmartspeedError('ACCOUNT_OVERFLOW', `${e8ToText(amount)} is more than an account can hold`, {
      fix: 'use a smaller size, or start with less cash',
    })
  }
  return amount
}

/** `123.45` from 12345000000n: plain decimal text, no exponent, no zeros at the end. */
export function e8ToText(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(9, '0')
  const decimals = digits.slice(-8).replace(/0+$/, '')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -8)}${decimals === '' ? '' : `.${decimals}`}`
}

/** The amount that a decimal text says, such as `-0.1` or `1e6`. @throws SmartspeedError CONFIG_INVALID for other texts, and for more than 8 decimals */
export function textToE8(text: string): bigint {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text.trim())
  const [, sign, whole = '', part = '', exponent = '0'] = match ?? []
  if (match === null || whole + part === '') throw notAmount(text)
  const places = part.length - Number(exponent) - 8
  const digits = BigInt(whole + part)
  const size = places <= 0 ? digits * 10n ** BigInt(-places) : digits / 10n ** BigInt(places)
  if (places > 0 && size * 10n ** BigInt(places) !== digits) throw notAmount(text)
  return sign === '-' ? -size : size
}

/** Whole units as a double, for people and charts; nearest, not exact. */
export function e8ToNumber(amount: E8): number {
  return Number(amount) / 1e8
}

function notAmount(text: string): SmartspeedError {
  return new SmartspeedError('CONFIG_INVALID', `"${text}" is no amount of money`, {
    fix: 'write a decimal number with at most 8 decimals, such as 1000000 or 0.5',
  })
}

/** dividend / divisor to the nearest whole number, halves away from zero. Both whole, |dividend| < 2⁵³, 0 < divisor < 2⁵². */
function rounded(dividend: number, divisor: number): number {
  if (divisor === 1) return dividend + 0
  const rest = dividend % divisor
  const whole = (dividend - rest) / divisor
  const nearest = 2 * Math.abs(rest) >= divisor ? whole + Math.sign(dividend) : whole
  return nearest + 0 // no −0: it would print as another value than 0
}

function bigRounded(dividend: bigint, divisor: bigint): bigint {
  const [whole, rest] = [dividend / divisor, dividend % divisor]
  if (2n * (rest < 0n ? -rest : rest) < divisor) return whole
  return dividend < 0n ? whole - 1n : whole + 1n
}

/** The rate that was asked for last: an account has one or two. */
let reduced = { parts: 1, top: 1, bottom: 1e12 }

/** A rate of parts / 10¹² without the factors of ten that both share. */
function lowest(parts: number): { readonly top: number; readonly bottom: number } {
  if (parts !== reduced.parts) {
    let [top, bottom] = [parts, 1e12]
    while (top % 10 === 0) [top, bottom] = [top / 10, bottom / 10]
    reduced = { parts, top, bottom }
  }
  return reduced
}

function divisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

function double(whole: bigint): number {
  return whole < 2n ** 53n ? Number(whole) : Number.NaN
}

// Instruments are few and immutable, so what follows from one may be remembered: it is no state.
const known = new WeakMap<Instrument, Scales>()
let last: Instrument | undefined
let lastScales: Scales | undefined

function remembered(instrument: Instrument): Scales {
  if (instrument === last) return lastScales!
  let scales = known.get(instrument)
  if (scales === undefined) {
    scales = scalesOf(instrument)
    known.set(instrument, scales)
  }
  last = instrument
  lastScales = scales
  return scales
}
