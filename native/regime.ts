// Regimes in Rust: all horizons of all instruments of a batch of bars in one call. docs/regimes.md says every rule.

import { load } from './index.ts'

/** What `native/src/regime.rs` exports. */
interface Regimes {
  regimeStride(barUs: number): number
  regimeStep(
    state: Float64Array,
    barUs: number,
    instrument: Uint32Array,
    time: Float64Array,
    close: Float64Array,
    volume: Float64Array,
    funding: Float64Array,
    out: Float64Array,
  ): void
}

const addon = load<Regimes>()

/** Doubles that a bar gives: four of each horizon (1m, 1h, 24h, risk), then the probabilities of each, 4 + 7 + 4 + 6. */
export const regimeOut = 16 + 4 + 7 + 4 + 6

/** Where in them a horizon's probabilities begin. */
export const regimeProbabilities = [16, 20, 27, 31] as const

/** Bars in the order in which they closed, as columns of one length. */
export interface RegimeBars {
  /** Of the state: 0, 1, … */
  readonly instrument: Uint32Array
  /** When each closed, µs. */
  readonly time: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
  /** Funding rate known at that time, a share a payment; NaN where none is. */
  readonly funding: Float64Array
}

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
 * Moves `state` by bars and writes `regimeOut` doubles a bar into `out`: regime (its number in the ladder), confidence, strength
 * and since (µs) of each horizon, then the probabilities; NaN for a horizon before its warm-up. A bar that is not later than
 * the one before of its instrument, or without a price above 0, changes nothing and gives NaN alone.
 * How bars were cut into calls does not show.
 *
 * Errors: lengths that differ are a bug, and throw.
 * Source: S0 §6 and §11, S3 §4.2.
 */
export function regimeStep(state: Float64Array, barUs: number, bars: RegimeBars, out: Float64Array): void {
  addon.regimeStep(state, barUs, bars.instrument, bars.time, bars.close, bars.volume, bars.funding, out)
}
