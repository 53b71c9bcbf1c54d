// How far a mean may be from the truth, by drawing the sample again and again.
import { quantile } from '../metrics/quantile.ts'
import type { Random } from '../random.ts'

export interface Interval {
  /** Values that the mean is of. */
  readonly count: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** How intervals are made. */
export interface Resampling {
  readonly random: Random
  /** Samples drawn. */
  readonly samples: number
  /** Share of true means that lie within, such as 0.95. */
  readonly confidence: number
}

/**
 * The mean of some values, and the percentile interval of its bootstrap: of as many means of as many values, drawn with replacement, the
 * middle share.
 *
 * Out:    undefined for no values; of one value, an interval that is that value alone says nothing, and so low and high are NaN.
 * Source: B. Efron (1979), "Bootstrap Methods: Another Look at the Jackknife"; the percentile interval: Efron & Tibshirani (1993), "An
 *         Introduction to the Bootstrap", ch. 13. Values are taken as independent of each other: runs of like ones make it too narrow.
 */
export function meanInterval(
  values: readonly number[],
  { random, samples, confidence }: Resampling,
): Interval | undefined {
  const count = values.length
  if (count === 0) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  if (count === 1) return { count, mean, low: Number.NaN, high: Number.NaN }
  const means = new Float64Array(samples)
  for (let sample = 0; sample < samples; sample++) {
    let sum = 0
    for (let n = 0; n < count; n++) sum += values[random.below(count)]!
    means[sample] = sum / count
  }
  means.sort()
  const rest = (1 - confidence) / 2
  return { count, mean, low: quantile(means, rest), high: quantile(means, 1 - rest) }
}
