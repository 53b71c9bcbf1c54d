// Where a resting order stands in the queue at its price: trades go from the front, cancellations from anywhere.
import { unknownName } from '../../../schemas/errors.ts'
import type { About } from '../about.ts'
import { conservative } from './conservative.ts'
import { front } from './front.ts'
import { log } from './log.ts'
import { log2 } from './log-2.ts'
import { power } from './power.ts'
import { power2 } from './power-2.ts'
import { power3 } from './power-3.ts'

/** What a model says of a decrease of a level that no trade explains: orders were cancelled, some of them ahead of ours. */
export interface QueueModel extends About {
  /**
   * Lots of the decrease that were ahead of our order.
   *
   * In:  cancelled > 0, ahead ≥ 0, behind ≥ 0, in lots, as they were before the decrease; ahead need not be whole.
   * Out: in [0, min(cancelled, ahead)].
   */
  cancelledAhead(cancelled: number, ahead: number, behind: number): number
}

const models = {
  conservative: () => conservative,
  'risk-averse': () => conservative,
  front: () => front,
  ...{ power, 'power-2': power2, 'power-3': power3 },
  ...{ log: () => log, 'log-2': () => log2 },
} as const satisfies Record<string, (exponent: number) => QueueModel>

export type QueueName = keyof typeof models
export const queueModels = Object.keys(models) as readonly QueueName[]

/** The model of that name; `exponent` is that of the power models. @throws SmartspeedError UNKNOWN_NAME, RangeError for an exponent it cannot take */
export function queueModel(name: QueueName, exponent = 3): QueueModel {
  const model = models[name]
  if (model === undefined) throw unknownName('queue model', name, queueModels)
  return model(exponent)
}
