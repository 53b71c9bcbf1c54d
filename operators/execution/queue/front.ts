// The queue that always helps: whoever cancels stood ahead of us.
import type { QueueModel } from './index.ts'

/**
 * Cancellations are all ahead of our order, as far as there is anybody: the other bound, which no real queue beats.
 *
 * Source: the upper bound of R. Rigtorp (2013), "Estimating Order Queue Position" (p = 0 of a cancellation behind us).
 */
export const front: QueueModel = {
  name: 'front',
  meaning: 'every cancel at our price was ahead of us: no real queue is kinder',
  source: 'R. Rigtorp (2013), "Estimating Order Queue Position", the upper bound',
  cancelledAhead: (cancelled, ahead) => Math.min(cancelled, ahead),
}
