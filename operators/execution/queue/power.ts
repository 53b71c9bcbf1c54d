// Cancellations fall ahead of or behind us with the odds of the two sizes.
import type { QueueModel } from './index.ts'

/**
 * A decrease falls behind our order with probability f(behind) / (f(behind) + f(ahead)), f(x) = xⁿ, and its expected share
 * is taken; what is more than there is behind must have been ahead.
 *
 * n = 1 spreads cancellations evenly over the queue; a larger n lets them fall on the longer part.
 * In:     exponent — n, a whole number or a half of one, in 0.5…16 (sqrt and products alone, so that every machine agrees).
 * Errors: RangeError for another exponent.
 * Source: R. Rigtorp (2013), "Estimating Order Queue Position" (p = f(behind) / (f(behind) + f(ahead)) with f of one's choice).
 */
export function power(exponent: number): QueueModel {
  if (!(exponent >= 0.5 && exponent <= 16 && Number.isInteger(exponent * 2))) {
    throw new RangeError(
      `the exponent of the power model is a whole number or a half of one from 0.5 to 16, not ${exponent}`,
    )
  }
  return {
    name: 'power',
    cancelledAhead(cancelled, ahead, behind) {
      if (ahead === 0) return 0
      const share = behind === 0 ? 1 : 1 / (1 + raised(behind / ahead, exponent))
      const least = Math.max(0, cancelled - behind)
      return Math.min(ahead, Math.max(least, cancelled * share))
    },
  }
}

function raised(base: number, exponent: number): number {
  let result = exponent % 1 === 0 ? 1 : Math.sqrt(base)
  for (let n = 1; n <= exponent; n++) result *= base
  return result
}
