// As `power`, with what is behind set against the whole queue.
import type { QueueModel } from './index.ts'
import { demandExponent, raised } from './power.ts'
import { probability } from './probability.ts'

/**
 * A decrease falls behind our order with probability f(behind) / f(ahead + behind), f(x) = xⁿ: for n > 1 less often than with `power`.
 *
 * Errors: RangeError for an exponent that `power` does not take.
 * Source: hftbacktest, "Order Fill" (PowerProbQueueModel2).
 */
export function power2(exponent: number): QueueModel {
  demandExponent(exponent)
  const about = {
    name: 'power-2',
    meaning: 'cancels at our price bring us forward, by how small a power of our share behind is of the whole queue',
    source: 'hftbacktest, "Order Fill" (PowerProbQueueModel2)',
  }
  return probability(about, (ahead, behind) => Math.max(0, 1 - raised(behind / (ahead + behind), exponent)))
}
