// Regimes in Rust: all horizons of all instruments of a batch of bars in one call. docs/regimes.md says every rule.

import { load } from './index.ts'

/** What `native/src/regime.rs` exports. */
interface Regimes {
  regimeStride(barUs: number): number
  regimeStep(state: Float64Array, barUs: number, rows: number, bars: Float64Array, out: Float64Array): void
}

const addon = load<Regimes>()

/** Doubles that a bar gives: four of each horizon (1m, 1h, 24h, risk), then the probabilities of each, 4 + 7 + 4 + 6. */
export const regimeOut = 16 + 4 + 7 + 4 + 6

/** Where in them a horizon's probabilities begin. */
export const regimeProbabilities = [16, 20, 27, 31] as const

/** Columns of a bar that comes in: number of its instrument, time of its close (µs), close, volume, funding rate (NaN: none is known). */
export const regimeIn = 5

/**
 * How many doubles one instrument's state has; zeros are one that has seen nothing. Instruments stand one after another.
 *
 * In:     barUs — length of a bar, at most a day: a horizon that is shorter than a bar is not given.
 * Errors: a length that is none is a bug, and throws.
 */
export function regimeStride(barUs: number): number {
  return addon.regimeStride(barUs)
}

/**
 * Moves `state` by `rows` bars and writes `regimeOut` doubles a bar into `out`: regime (its number in the ladder), confidence,
 * strength and since (µs) of each horizon, then the probabilities; NaN, and −1 as regime, for a horizon before its warm-up. A bar
 * that is not later than the one before of its instrument, or without a price above 0, changes nothing and gives NaN alone.
 * How bars were cut into calls does not show.
 *
 * In:     bars — `regimeIn` columns of `rows` values, one after another, in the order in which the bars closed. One array: handing
 *         one over costs more than computing a bar.
 * Errors: arrays that are too short are a bug, and throw.
 * Source: S0 §6 and §11, S3 §4.2.
 */
export function regimeStep(
  state: Float64Array,
  barUs: number,
  rows: number,
  bars: Float64Array,
  out: Float64Array,
): void {
  addon.regimeStep(state, barUs, rows, bars, out)
}
