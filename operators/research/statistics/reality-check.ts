// Whether the best of many models beats a benchmark by more than the best of many would by luck.
import { impossible } from './impossible.ts'
import { sampleSums, weightsOf } from './stationary-bootstrap.ts'

/** A model's performance less the benchmark's (above 0 is better), model after model, each in order of time. */
export interface Differences {
  readonly values: Float64Array
  readonly observations: number
  readonly models: number
}

export interface RealityCheck {
  /** The largest √n × mean difference. */
  readonly statistic: number
  /** Share of the samples whose largest, with the means taken out, is above it. */
  readonly pValue: number
}

/**
 * In:     samples — which observations each bootstrap sample is made of (`stationaryBootstrap`), n each, the same for all models.
 * Errors: SmartspeedError CONFIG_INVALID for no sample, or one of other length or with an observation that is none.
 * Source: White (2000), "A Reality Check for Data Snooping".
 */
export function realityCheck(differences: Differences, samples: readonly ArrayLike<number>[]): RealityCheck {
  const { observations, models } = differences
  const root = Math.sqrt(observations)
  const largest = new Float64Array(samples.length).fill(Number.NEGATIVE_INFINITY)
  let statistic = Number.NEGATIVE_INFINITY
  const bootstrap = bootstrapOf(differences, samples)
  for (let model = 0; model < models; model++) {
    const { mean, means } = bootstrap(model)
    statistic = Math.max(statistic, root * mean)
    for (let at = 0; at < largest.length; at++) largest[at] = Math.max(largest[at]!, root * (means[at]! - mean))
  }
  return { statistic, pValue: shareAbove(largest, statistic) }
}

/** A model's mean, and its mean in each sample; the array is written over by the next call. */
export function bootstrapOf(
  { values, observations, models }: Differences,
  samples: readonly ArrayLike<number>[],
): (model: number) => { series: Float64Array; mean: number; means: Float64Array } {
  if (models < 1 || observations < 1)
    throw impossible('no differences', 'give at least one row of observations with at least one model')
  if (samples.length === 0) throw impossible('no bootstrap sample', 'give bootstrapIndices, or samples and seed')
  for (const [at, sample] of samples.entries()) checkSample(sample, at, observations)
  const weights = weightsOf(samples, observations)
  const means = new Float64Array(Math.ceil(samples.length / 4) * 4)
  const every = new Float64Array(4)
  const once = weightsOf([Array.from({ length: observations }, (_, i) => i)], observations)
  return (model) => {
    const series = values.subarray(model * observations, (model + 1) * observations)
    sampleSums(weights, series, means)
    for (let at = 0; at < means.length; at++) means[at]! /= observations
    // By the same additions as a sample: one that draws each observation once has exactly this mean.
    sampleSums(once, series, every)
    return { series, mean: every[0]! / observations, means }
  }
}

export function shareAbove(values: Float64Array, limit: number): number {
  let above = 0
  for (const value of values) if (value > limit) above++
  return above / values.length
}

function checkSample(sample: ArrayLike<number>, at: number, observations: number): void {
  if (sample.length !== observations) {
    throw impossible(
      `bootstrapIndices[${at}] has ${sample.length} entries for ${observations} observations`,
      'give each sample as many indices as there are observations',
    )
  }
  for (let i = 0; i < sample.length; i++) {
    const index = sample[i]!
    if (!(Number.isInteger(index) && index >= 0 && index < observations)) {
      throw impossible(
        `bootstrapIndices[${at}][${i}] = ${index}: no observation`,
        `count from 0: 0…${observations - 1}`,
      )
    }
  }
}
