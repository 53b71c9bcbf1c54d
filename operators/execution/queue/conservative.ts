// The queue that never helps: whoever cancels stood behind us.
import type { QueueModel } from './index.ts'

/**
 * Cancellations are all behind our order; only trades move it forward, and the level itself: nobody can be ahead of us who
 * is not there any more. Elsewhere it is called risk-averse.
 *
 * Source: the lower bound of R. Rigtorp (2013), "Estimating Order Queue Position", which starts from it; hftbacktest, "Order Fill"
 *         (RiskAverseQueueModel).
 */
export const conservative: QueueModel = {
  name: 'conservative',
  meaning: 'only trades at our price bring us forward; cancels ahead of us count for nothing',
  source: 'R. Rigtorp (2013), "Estimating Order Queue Position"; hftbacktest, "Order Fill" (RiskAverseQueueModel)',
  cancelledAhead: () => 0,
}
