// Cancellations fall ahead of or behind us with the odds of logarithms of the two sizes.
import { ln } from '../../../native/index.ts'
import type { QueueModel } from './index.ts'
import { probability } from './probability.ts'

/**
 * A decrease falls behind our order with probability f(behind) / (f(behind) + f(ahead)), f(x) = ln(1 + x), x in lots: in a long queue
 * nearly even, whatever our place; in a short one by the sizes.
 *
 * Source: R. Rigtorp (2013), "Estimating Order Queue Position"; hftbacktest, "Order Fill" (LogProbQueueModel), there with x in the
 *         exchange's unit.
 */
export const log: QueueModel = probability(
  {
    name: 'log',
    meaning: 'cancels at our price bring us forward, by the odds of logarithms of what is ahead and behind',
    source: 'R. Rigtorp (2013), "Estimating Order Queue Position"; hftbacktest, "Order Fill" (LogProbQueueModel)',
  },
  (ahead, behind) => {
    const front = ln(1 + ahead)
    return front / (front + ln(1 + behind))
  },
)
