// As `power`, with what is ahead set against the whole queue.
import type { QueueModel } from './index.ts'
import { demandExponent, raised } from './power.ts'
import { probability } from './probability.ts'

/**
 * A decrease falls behind our order with probability 1 − f(ahead / (ahead + behind)), f(x) = xⁿ: for n > 1 more often than with `power`.
 *
 * Errors: RangeError for an exponent that `power` does not take.
 * Source: hftbacktest, "Order Fill" (PowerProbQueueModel3).
 */
export function power3(exponent: number): QueueModel {
  demandExponent(exponent)
  const about = {
    name: 'power-3',
    meaning: 'cancels at our price bring us forward, by a power of our place in the whole queue',
    source: 'hftbacktest, "Order Fill" (PowerProbQueueModel3)',
  }
  return probability(about, (ahead, behind) => raised(ahead / (ahead + behind), exponent))
}
