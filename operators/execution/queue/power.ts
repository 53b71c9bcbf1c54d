// Cancellations fall ahead of or behind us with the odds of powers of the two sizes.
import type { QueueModel } from './index.ts'
import { probability } from './probability.ts'

/**
 * A decrease falls behind our order with probability f(behind) / (f(behind) + f(ahead)), f(x) = xⁿ.
 *
 * n = 1 spreads cancellations evenly over the queue; a larger n lets them fall on the longer part.
 * In:     exponent — n, a whole number or a half of one, in 0.5…16 (sqrt and products alone, so that every machine agrees).
 * Errors: RangeError for another exponent.
 * Source: R. Rigtorp (2013), "Estimating Order Queue Position" (p = f(behind) / (f(behind) + f(ahead)) with f of one's choice);
 *         hftbacktest, "Order Fill" (PowerProbQueueModel).
 */
export function power(exponent: number): QueueModel {
  demandExponent(exponent)
  const about = {
    name: 'power',
    meaning: 'cancels at our price bring us forward, by the odds of powers of what is ahead and behind',
    source: 'R. Rigtorp (2013), "Estimating Order Queue Position"; hftbacktest, "Order Fill" (PowerProbQueueModel)',
  }
  return probability(about, (ahead, behind) => 1 / (1 + raised(behind / ahead, exponent)))
}

/** @throws RangeError for an exponent that is not taken */
export function demandExponent(exponent: number): void {
  if (exponent >= 0.5 && exponent <= 16 && Number.isInteger(exponent * 2)) return
  throw new RangeError(
    `the exponent of a power model is a whole number or a half of one from 0.5 to 16, not ${exponent}`,
  )
}

/** base to a power that `demandExponent` takes. */
export function raised(base: number, exponent: number): number {
  let result = exponent % 1 === 0 ? 1 : Math.sqrt(base)
  for (let n = 1; n <= exponent; n++) result *= base
  return result
}
