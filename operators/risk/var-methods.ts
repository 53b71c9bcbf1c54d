// Value at risk of a series of profits: by the normal law, by the worst of them, by days drawn from them.
import { exp } from '../../native/index.ts'
import type { Random } from '../random.ts'

/** Loss, above 0, that a day stays within, of profits per sample that are scaled to a day. NaN where any is none. */
export type Measure = (profits: Float64Array) => number

/**
 * How many standard deviations a normal loss stays within: the z of Φ(z) = confidence, for a confidence in [0.5, 0.999].
 * Source: Marsaglia (2004), "Evaluating the Normal Distribution", Journal of Statistical Software 11(4): the series of Φ, here halved until
 * nothing is left between the ends.
 */
export function normal(confidence: number): number {
  let [low, high] = [0, 6]
  for (let at = 0; at < 60; at++) {
    const middle = (low + high) / 2
    if (distribution(middle) < confidence) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Φ(z) = ½ + φ(z) (z + z³/3 + z⁵/(3·5) + …) for z in [0, 6]. */
function distribution(z: number): number {
  let term = z
  let sum = z
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (z * z) / odd
    sum += term
  }
  return 0.5 + (sum * exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)
}

/** The loss that the share 1 − confidence of the samples goes beyond: the k-th worst, k = that share of them, rounded up. */
export function quantile(confidence: number, samples: number): Measure {
  // 5 % of 100 are 5, not 5.000000000000004.
  const count = Math.max(1, Math.ceil((1 - confidence) * samples - 1e-9))
  const worst = new Float64Array(count)
  return (profits) => {
    worst.fill(Number.POSITIVE_INFINITY)
    // The few worst, kept in rising order: most samples are passed over after one look at the best of those.
    for (let at = 0; at < profits.length; at++) {
      const profit = profits[at]!
      if (Number.isNaN(profit)) return Number.NaN
      if (profit >= worst[count - 1]!) continue
      let place = count - 1
      for (; place > 0 && worst[place - 1]! > profit; place--) worst[place] = worst[place - 1]!
      worst[place] = profit
    }
    return Math.max(0, -worst[count - 1]!)
  }
}

/** Samples that a drawn day is made of; their sum is scaled by √. */
const steps = 24

/** The same of days that are each put together from samples drawn with replacement: the same draws for every book, so that books can be compared. */
export function bootstrap(options: {
  readonly confidence: number
  readonly draws: number
  readonly samples: number
  readonly random: Random
}): Measure {
  const { confidence, draws, samples, random } = options
  const drawn = Uint16Array.from({ length: draws * steps }, () => random.below(samples))
  const days = new Float64Array(draws)
  const worst = quantile(confidence, draws)
  return (profits) => {
    // What the window brought on average is chance: a day is not as many times that.
    let mean = 0
    for (let at = 0; at < samples; at++) mean += profits[at]! / samples
    for (let day = 0, at = 0; day < draws; day++) {
      let sum = 0
      for (let step = 0; step < steps; step++) sum += profits[drawn[at++]!]!
      days[day] = (sum - steps * mean) / Math.sqrt(steps)
    }
    return worst(days)
  }
}
