// The queue that never helps: whoever cancels stood behind us.
import type { QueueModel } from './index.ts'

/**
 * Cancellations are all behind our order; only trades move it forward, and the level itself: nobody can be ahead of us who
 * is not there any more.
 *
 * Source: the lower bound of R. Rigtorp (2013), "Estimating Order Queue Position", which starts from it.
 */
export const conservative: QueueModel = { name: 'conservative', cancelledAhead: () => 0 }
