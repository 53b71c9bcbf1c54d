// Whether two series of returns differ in their mean beyond luck: the interval that the mean of their differences lies in.
import { pow } from '../../native/index.ts'

export interface MeanDifference {
  /** Pairs. */
  readonly count: number
  /** Mean of a − b. */
  readonly mean: number
  readonly standardError: number
  /** Ends of the interval that holds the true mean with 95 % confidence. */
  readonly low: number
  readonly high: number
}

/**
 * The mean of paired differences a[i] − b[i] and its 95 % interval, by Student's t with n − 1 degrees of freedom.
 *
 * The standard error allows for differences that depend on those just before: Bartlett weights over ⌊4 (n / 100)^(2/9)⌋ lags, and
 * n / (n − 1) for the mean that was fitted.
 *
 * In:     two series of one length, n ≥ 2; a pair is two returns of one period.
 * Errors: RangeError (a bug of the caller) for other lengths.
 * Source: Newey & West (1987), "A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent Covariance
 *         Matrix"; the number of lags: Newey & West (1994).
 */
export function meanDifference(a: Float64Array, b: Float64Array): MeanDifference {
  const count = a.length
  if (count !== b.length || count < 2)
    throw new RangeError(`${count} returns and ${b.length}: at least two pairs are needed`)
  let sum = 0
  for (let i = 0; i < count; i++) sum += a[i]! - b[i]!
  const mean = sum / count
  const rest = Float64Array.from(a, (value, i) => value - b[i]! - mean)
  const lags = Math.min(count - 1, Math.floor(4 * pow(count / 100, 2 / 9)))
  let variance = productSum(rest, 0)
  for (let lag = 1; lag <= lags; lag++) variance += 2 * (1 - lag / (lags + 1)) * productSum(rest, lag)
  const standardError = Math.sqrt(Math.max(0, variance / count / (count - 1)))
  const reach = quantile975(count - 1) * standardError
  return { count, mean, standardError, low: mean - reach, high: mean + reach }
}

function productSum(values: Float64Array, lag: number): number {
  let sum = 0
  for (let i = lag; i < values.length; i++) sum += values[i]! * values[i - lag]!
  return sum
}

/**
 * The 97.5 % point of Student's t, to 1e-6 from 20 degrees of freedom on.
 *
 * Source: the expansion in 1 / freedom round the normal point, Abramowitz & Stegun 26.7.5.
 */
function quantile975(freedom: number): number {
  const z = 1.959963984540054
  const z2 = z * z
  const g1 = (z2 + 1) / 4
  const g2 = ((5 * z2 + 16) * z2 + 3) / 96
  const g3 = (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384
  const g4 = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92_160
  return z * (1 + (g1 + (g2 + (g3 + g4 / freedom) / freedom) / freedom) / freedom)
}
