// Where a resting order stands in the queue at its price: trades go from the front, cancellations from anywhere.
import { unknownName } from '../../../schemas/errors.ts'
import { conservative } from './conservative.ts'
import { power } from './power.ts'

/** What a model says of a decrease of a level that no trade explains: orders were cancelled, some of them ahead of ours. */
export interface QueueModel {
  readonly name: string
  /**
   * Lots of the decrease that were ahead of our order.
   *
   * In:  cancelled > 0, ahead ≥ 0, behind ≥ 0, in lots, as they were before the decrease; ahead need not be whole.
   * Out: in [0, min(cancelled, ahead)].
   */
  cancelledAhead(cancelled: number, ahead: number, behind: number): number
}

export const queueModels = ['conservative', 'power'] as const
export type QueueName = (typeof queueModels)[number]

/** The model of that name; `exponent` is the power model's. @throws SmartspeedError UNKNOWN_NAME, RangeError for an exponent it cannot take */
export function queueModel(name: QueueName, exponent = 3): QueueModel {
  if (name === 'conservative') return conservative
  if (name === 'power') return power(exponent)
  throw unknownName('queue model', name, queueModels)
}
