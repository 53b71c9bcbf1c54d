// The test for superior predictive ability: White's reality check, without the power that it loses to poor models.
import { ln } from '../../../native/index.ts'
import { impossible } from './impossible.ts'
import { bootstrapOf, type Differences, shareAbove } from './reality-check.ts'

export interface SuperiorPredictiveAbility {
  /** The largest √n × mean / deviation, or 0 when no model is better than the benchmark. */
  readonly statistic: number
  /** p-values: `lower` takes every poor model's mean out as it is, `upper` none, `consistent` those that are too poor to be luck. */
  readonly lower: number
  readonly consistent: number
  readonly upper: number
}

/**
 * The deviation of √n × mean is that which the stationary bootstrap has as the number of samples grows. A model that equals the
 * benchmark everywhere, or is behind by the same amount, takes no part.
 *
 * In:     samples — as `realityCheck`; at least 3 observations. meanBlock — of the bootstrap, in observations.
 * Errors: SmartspeedError CONFIG_INVALID, as `realityCheck`, and for a model that is ahead by the same amount everywhere.
 * Source: Hansen (2005), "A Test for Superior Predictive Ability"; the variance is that of Politis & Romano (1994).
 */
export function superiorPredictiveAbility(
  differences: Differences,
  { samples, meanBlock }: { samples: readonly ArrayLike<number>[]; meanBlock: number },
): SuperiorPredictiveAbility {
  const { observations, models } = differences
  if (observations < 3) throw impossible(`${observations} observations`, 'give at least 3 rows of differences')
  const root = Math.sqrt(observations)
  const bar = Math.sqrt(2 * ln(ln(observations)))
  const kernel = lagWeights(observations, meanBlock)
  const bootstrap = bootstrapOf(differences, samples)
  // 0 is where the statistic is cut off, for the samples as for what was seen.
  const [lower, consistent, upper] = [0, 1, 2].map(() => new Float64Array(samples.length))
  let statistic = 0
  let judged = 0
  for (let model = 0; model < models; model++) {
    const { series, mean, means } = bootstrap(model)
    const deviation = Math.sqrt(longRunVariance(series, mean, kernel))
    if (!(deviation > 1e-12 * Math.abs(mean))) {
      if (mean <= 0) continue
      throw impossible(
        `model ${model} is ahead of the benchmark by ${mean} everywhere: there is no luck to test`,
        'leave that model out',
      )
    }
    judged++
    statistic = Math.max(statistic, (root * mean) / deviation)
    const [low, high] = [Math.max(mean, 0), mean]
    const between = (root * mean) / deviation >= -bar ? mean : 0
    for (let at = 0; at < samples.length; at++) {
      const scaled = (away: number) => (root * (means[at]! - away)) / deviation
      lower![at] = Math.max(lower![at]!, scaled(low))
      consistent![at] = Math.max(consistent![at]!, scaled(between))
      upper![at] = Math.max(upper![at]!, scaled(high))
    }
  }
  if (judged === 0) return { statistic, lower: 1, consistent: 1, upper: 1 }
  return {
    statistic,
    lower: shareAbove(lower!, statistic),
    consistent: shareAbove(consistent!, statistic),
    upper: shareAbove(upper!, statistic),
  }
}

/** How much of the covariance at each lag from 1 on the stationary bootstrap keeps. */
function lagWeights(observations: number, meanBlock: number): Float64Array {
  if (!(meanBlock >= 1)) throw impossible(`meanBlock ${meanBlock}`, 'give a mean length of at least 1 observation')
  const goesOn = 1 - 1 / meanBlock
  const kept = new Float64Array(observations + 1)
  kept[0] = 1
  for (let lag = 1; lag <= observations; lag++) kept[lag] = kept[lag - 1]! * goesOn
  const weights = new Float64Array(observations)
  for (let lag = 1; lag < observations; lag++) {
    const share = lag / observations
    weights[lag] = (1 - share) * kept[lag]! + share * kept[observations - lag]!
  }
  return weights
}

/** Variance of √n × mean: the covariances of the series, by their lags, weighted. */
function longRunVariance(series: Float64Array, mean: number, weights: Float64Array): number {
  const n = series.length
  const rest = series.map((value) => value - mean)
  let variance = 0
  for (const value of rest) variance += value * value
  for (let lag = 1; lag < n; lag++) {
    // Lags that weigh less than the rounding of the sum are those of blocks much shorter than the series.
    if (weights[lag]! < 1e-17) continue
    let [even, odd] = [0, 0]
    const last = n - lag - 1
    for (let i = 0; i < last; i += 2) {
      even += rest[i]! * rest[i + lag]!
      odd += rest[i + 1]! * rest[i + 1 + lag]!
    }
    if ((n - lag) % 2 === 1) even += rest[last]! * rest[last + lag]!
    variance += 2 * weights[lag]! * (even + odd)
  }
  return variance / n
}
