// Tick and lot of an instrument, read off its own prices and sizes.
import { fitsStep } from '../../native/index.ts'

/** Decimals that the prices and the sizes of a symbol have needed so far. */
export interface Decimals {
  price: number
  size: number
}

/** More than any exchange writes; a double has no more to give. */
const most = 12
const powers = Array.from({ length: most + 1 }, (_, decimals) => Number(`1e${decimals}`))

/**
 * The smallest number of decimals, `least` or more, that writes `value` exactly: trailing zeros do not count.
 * Dividing a whole number below 2^53 by a power of ten gives the double nearest to the decimal text, so a value that comes
 * back unchanged is that text.
 */
export function decimalsOf(value: number, least: number): number {
  let decimals = least
  while (decimals < most) {
    const power = powers[decimals]!
    if (Math.round(value * power) / power === value) return decimals
    decimals++
  }
  return decimals
}

/** Whether no value of a column needs more than so many decimals: what `decimalsOf` says of each, in one call. */
export function needNoMore(values: Float64Array, decimals: number): boolean {
  return decimals >= most || fitsStep(values, powers[decimals]!)
}

/** 10⁻ⁿ, the double nearest to it. */
export function stepOf(decimals: number): number {
  return 1 / powers[decimals]!
}
