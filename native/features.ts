// Features of closed bars, computed in Rust. What each of them means is in `operators/features`.
import { load } from './index.ts'

interface Addon {
  featureStateLength(): number
  startFeatures(states: Float64Array): void
  barFeatures(
    states: Float64Array,
    instruments: Uint32Array,
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    volume: Float64Array,
    out: Float64Array,
  ): void
}

const addon = load<Addon>()

/** Values that `barFeatures` gives for a bar. */
const barFeatureCount = 19

/** Columns of closed bars, all of one length. */
export interface FeatureBars {
  /** Which of the states each bar is of; bars of a number that has none are passed over. */
  readonly instruments: Uint32Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** All that the features of so many instruments remember, before their first bar. Its bytes are what there is to save. */
export function featureStates(instruments: number): Float64Array {
  const states = new Float64Array(instruments * addon.featureStateLength())
  addon.startFeatures(states)
  return states
}

/**
 * The features of each bar, row after row: `barFeatureCount` values in the order of `barFeatureNames`, NaN before their warm-up.
 * The states move on by these bars, which come oldest first for each instrument.
 *
 * A bar that cannot be (a price not above 0, a close outside of low and high, a volume below 0, NaN) gives NaN and changes nothing.
 * Errors: lengths that differ, and a `states` that `featureStates` did not make, are bugs of the caller: they throw.
 */
export function barFeatures(states: Float64Array, bars: FeatureBars): Float64Array {
  const { instruments, high, low, close, volume } = bars
  const out = new Float64Array(instruments.length * barFeatureCount)
  addon.barFeatures(states, instruments, high, low, close, volume, out)
  return out
}
