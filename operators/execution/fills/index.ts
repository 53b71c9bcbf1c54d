// What it takes to fill an order that rests: one interface, a file a model.
import { unknownName } from '../../../schemas/errors.ts'
import type { About } from '../about.ts'
import { queue } from './queue.ts'
import { through } from './through.ts'
import { touch } from './touch.ts'

/** A trade beyond an order's price fills it whole, whatever the model; they differ at the price itself. */
export interface FillModel extends About {
  /**
   * Lots that an order gets of a trade at its own price.
   *
   * In:  left — lots that it still wants; traded — lots of the trade that no other order of ours got; ahead — lots ahead of it in the
   *      queue; opposed — true when the trade's taker was on the other side, so that it could have met us.
   * Out: in [0, left].
   */
  atPrice(left: number, traded: number, ahead: number, opposed: boolean): number
  /** Ticks by which the other side's best price has to pass the order's to fill it. */
  readonly past: 0 | 1
  /** True when it then fills whole, rather than by as much as is there. */
  readonly isWhole: boolean
}

const models = { through, queue, touch } as const

export type FillName = keyof typeof models
export const fillModels = Object.keys(models) as readonly FillName[]

/** The model of that name. @throws SmartspeedError UNKNOWN_NAME */
export function fillModel(name: FillName): FillModel {
  const model = models[name]
  if (model === undefined) throw unknownName('fill model', name, fillModels)
  return model
}
