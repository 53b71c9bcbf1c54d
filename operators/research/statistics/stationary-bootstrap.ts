// Samples of a series that keep what stands near each other together: blocks of random length, begun anywhere.
import { type Random, random } from '../../random.ts'
import { impossible } from './impossible.ts'

/**
 * Which observations each sample is made of: a block goes on to the next observation, at the end to the first, or with probability
 * 1 / meanBlock begins anew anywhere.
 *
 * In:     observations — at least 1. meanBlock — mean length of a block in observations, at least 1, which draws each alone.
 * Out:    `samples` arrays of `observations` whole numbers below `observations`; the same for the same seed.
 * Source: Politis & Romano (1994), "The Stationary Bootstrap".
 */
export function stationaryBootstrap(
  observations: number,
  { samples, meanBlock, seed }: { samples: number; meanBlock: number; seed: string | number },
): Int32Array[] {
  if (!(meanBlock >= 1)) throw impossible(`meanBlock ${meanBlock}`, 'give a mean length of at least 1 observation')
  const draw = random(`${seed}/stationary-bootstrap`)
  return Array.from({ length: samples }, () => stationarySample(draw, observations, meanBlock))
}

/** One sample of `length` (the observations without it), by a stream that goes on. */
export function stationarySample(
  draw: Random,
  observations: number,
  meanBlock: number,
  length = observations,
): Int32Array {
  const sample = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    const begins = i === 0 || meanBlock === 1 || draw.next() < 1 / meanBlock
    sample[i] = begins ? draw.below(observations) : (sample[i - 1]! + 1) % observations
  }
  return sample
}

/**
 * How often each sample has each observation, four samples side by side: weights[(group × observations + i) × 4 + k] is of sample
 * 4 × group + k. Samples that fill the last group up are empty.
 */
export function weightsOf(samples: readonly ArrayLike<number>[], observations: number): Float64Array {
  const weights = new Float64Array(Math.ceil(samples.length / 4) * observations * 4)
  samples.forEach((sample, at) => {
    const from = Math.floor(at / 4) * observations * 4 + (at % 4)
    for (let i = 0; i < sample.length; i++) weights[from + 4 * sample[i]!]! += 1
  })
  return weights
}

/**
 * What each sample of a series adds up to, in out[0 … samples). Four samples at once: a sum of one is as slow as its chain of additions.
 *
 * In:     weights — of `weightsOf`. values — the series. out — room for the samples, up to the next multiple of 4.
 */
export function sampleSums(weights: Float64Array, values: Float64Array, out: Float64Array): void {
  const observations = values.length
  const groups = weights.length / (4 * observations)
  let at = 0
  for (let group = 0; group < groups; group++) {
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let i = 0; i < observations; i++) {
      const value = values[i]!
      a += weights[at]! * value
      b += weights[at + 1]! * value
      c += weights[at + 2]! * value
      d += weights[at + 3]! * value
      at += 4
    }
    out[4 * group] = a
    out[4 * group + 1] = b
    out[4 * group + 2] = c
    out[4 * group + 3] = d
  }
}
