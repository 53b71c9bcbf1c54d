// The standard normal distribution, to the last digits of a double, without a table of constants.
import { exp, ln } from '../../../native/index.ts'

const rootTwoPi = Math.sqrt(2 * Math.PI)
/** Where the fraction takes over from the series, which loses the digits of a small tail. */
const tail = 3
/** Terms of the fraction: at 3 deviations it stands still to 1e-16 after about 100. */
const terms = 160

export function normalDensity(x: number): number {
  return exp((-x * x) / 2) / rootTwoPi
}

/**
 * The share of a standard normal distribution that lies at or below x, in [0, 1].
 *
 * Errors: none; NaN gives NaN. To 1e-15, and below x = −3 to 1e-13 of the value.
 * Source: the series of Marsaglia (2004), "Evaluating the Normal Distribution"; in the tails Laplace's continued fraction.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x
  if (x < -tail) return upperTail(-x)
  if (x > tail) return 1 - upperTail(x)
  let term = x
  let sum = x
  for (let odd = 3; Math.abs(term) > 1e-18; odd += 2) {
    term *= (x * x) / odd
    sum += term
  }
  return 0.5 + normalDensity(x) * sum
}

function upperTail(x: number): number {
  let under = x
  for (let term = terms; term >= 1; term--) under = x + term / under
  return normalDensity(x) / under
}

/**
 * The x that a share of a standard normal distribution lies below; −∞ for 0, ∞ for 1, NaN outside [0, 1].
 *
 * Newton's method on the logarithm of the distribution, which is concave: from a start on the left it nears x from that side alone.
 * A share very near 1 has lost its digits before it comes here: −normalQuantile(rest) keeps them.
 */
export function normalQuantile(share: number): number {
  if (!(share >= 0 && share <= 1)) return Number.NaN
  if (share > 0.5) return -normalQuantile(1 - share)
  if (share === 0) return Number.NEGATIVE_INFINITY
  if (share === 0.5) return 0
  // The tail at x is at most exp(−x²/2) / 2.
  let x = -Math.sqrt(-2 * ln(2 * share))
  for (let step = 0; step < 60; step++) {
    const below = normalCdf(x)
    const move = (ln(share / below) * below) / normalDensity(x)
    x += move
    if (Math.abs(move) <= 1e-15 * Math.abs(x)) break
  }
  return x
}
