// Where a mean or a median lies, by the values that were seen of it.
import { cos, sin } from '../../native/index.ts'
import { random } from '../random.ts'
import { quantile } from './quantile.ts'

/** Ends of an interval that holds the true value with a confidence. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * The interval of a mean by Student's t: mean ± t(n − 1) × deviation / √n. Exact where the values are normal and independent.
 *
 * In:     values — two or more, finite. level — the confidence, in (0, 1).
 * Errors: RangeError (a bug of the caller) for fewer values or another level.
 * Source: Student (1908), "The Probable Error of a Mean".
 */
export function meanInterval(values: Float64Array, level: number): Interval {
  if (values.length < 2) throw new RangeError(`an interval of ${values.length} values`)
  const mean = meanOf(values)
  let squares = 0
  for (const value of values) squares += (value - mean) * (value - mean)
  const error = Math.sqrt(squares / (values.length - 1) / values.length)
  const reach = studentQuantile((1 + level) / 2, values.length - 1) * error
  return { low: mean - reach, high: mean + reach }
}

/**
 * The interval of a median by the percentile bootstrap: the middle share of the medians of samples that are drawn again from the
 * values. It supposes nothing of how they are spread, and says little of fewer than ten.
 *
 * In:     values — one or more, finite. level — as above. draws — how many samples. seed — equal seeds give equal intervals.
 * Source: Efron (1979), "Bootstrap Methods: Another Look at the Jackknife".
 */
export function medianInterval(
  values: Float64Array,
  level: number,
  { draws = 10_000, seed = 'median' }: { draws?: number; seed?: string } = {},
): Interval {
  if (!(level > 0 && level < 1)) throw new RangeError(`a confidence of ${level}`)
  const { below } = random(seed)
  const sorted = values.toSorted()
  const count = sorted.length
  const drawn = new Uint32Array(count)
  const medians = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    drawn.fill(0)
    for (let i = 0; i < count; i++) drawn[below(count)]!++
    medians[draw] = (placed(sorted, drawn, (count - 1) >> 1) + placed(sorted, drawn, count >> 1)) / 2
  }
  medians.sort()
  return { low: quantile(medians, (1 - level) / 2), high: quantile(medians, (1 + level) / 2) }
}

/** The value at a place of a sample in order, of which each value was drawn so many times. */
function placed(sorted: Float64Array, drawn: Uint32Array, place: number): number {
  let at = 0
  for (let seen = drawn[0]!; seen <= place; seen += drawn[at]!) at++
  return sorted[at]!
}

export function meanOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/**
 * The value that a share of Student's t distribution lies below.
 *
 * In:     share — in (0, 1). freedom — whole, at least 1.
 * Errors: RangeError (a bug of the caller) for others.
 * Source: with t = √freedom × tan θ the distribution is a finite sum of sines and cosines (Abramowitz & Stegun 26.7.3, 26.7.4); θ is
 *         found by halving.
 */
export function studentQuantile(share: number, freedom: number): number {
  if (!(share > 0 && share < 1 && Number.isInteger(freedom) && freedom >= 1)) {
    throw new RangeError(`the ${share} point of ${freedom} degrees of freedom`)
  }
  if (share < 0.5) return -studentQuantile(1 - share, freedom)
  const within = 2 * share - 1
  let [low, high] = [0, Math.PI / 2]
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (shareWithin(middle, freedom) < within) low = middle
    else high = middle
  }
  return (Math.sqrt(freedom) * sin(low)) / cos(low)
}

/** The share of the distribution within ±√freedom × tan(angle). */
function shareWithin(angle: number, freedom: number): number {
  const odd = freedom % 2 === 1
  const cosine = cos(angle)
  let term = odd ? cosine : 1
  let sum = freedom === 1 ? 0 : term
  for (let at = odd ? 3 : 2; at <= freedom - 2; at += 2) {
    term *= (cosine * cosine * (at - 1)) / at
    sum += term
  }
  return odd ? (2 / Math.PI) * (angle + sin(angle) * sum) : sin(angle) * sum
}
