// As `log`, with what is behind set against the whole queue.
import { ln } from '../../../native/index.ts'
import type { QueueModel } from './index.ts'
import { probability } from './probability.ts'

/**
 * A decrease falls behind our order with probability f(behind) / f(ahead + behind), f(x) = ln(1 + x), x in lots.
 *
 * Source: hftbacktest, "Order Fill" (LogProbQueueModel2), there with x in the exchange's unit.
 */
export const log2: QueueModel = probability(
  {
    name: 'log-2',
    meaning:
      'cancels at our price bring us forward, though seldom: what is behind counts by its logarithm against the whole queue',
    source: 'hftbacktest, "Order Fill" (LogProbQueueModel2)',
  },
  (ahead, behind) => Math.max(0, 1 - ln(1 + behind) / ln(1 + ahead + behind)),
)
