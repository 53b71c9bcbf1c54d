// What a request to change an order asks for, and why it cannot be.
import type { Order } from '../../schemas/records.generated.ts'
import { type FilterOptions, filtered } from './filters.ts'
import type { Lane } from './lane.ts'
import { isCount, type Live, type Reason } from './orders.ts'
import { reaches } from './triggers.ts'

/** Size in all, limit and trigger after a change; the trigger undefined where it stays. */
export interface Change {
  readonly lots: number
  readonly ticks: number
  readonly triggerTicks: number | undefined
}

/** An order after a change, or why it cannot be changed so. `price` is what its trigger looks at, in ticks. */
export function changeOf(
  live: Live,
  { lots, ticks, triggerTicks }: Order,
  { lane, price, filters }: { lane: Lane; price: number; filters: FilterOptions },
): Change | Reason {
  const isHeld = live.state === 'waiting' || live.state === 'untriggered'
  const canMove = isHeld && live.trigger !== undefined && live.trigger.callback === 0
  if (lots !== undefined && (!isCount(lots) || live.closePosition)) return 'INVALID_ORDER'
  if (ticks !== undefined && (!isCount(ticks) || live.type === 'market')) return 'INVALID_ORDER'
  if (triggerTicks !== undefined && (!isCount(triggerTicks) || !canMove)) return 'INVALID_ORDER'
  const next = { ticks: ticks ?? live.ticks, lots: lots ?? live.lots, triggerTicks }
  const isSame = Object.is(next.ticks, live.ticks) && next.lots === live.lots
  if (isSame && (triggerTicks === undefined || triggerTicks === live.trigger!.ticks)) return 'NOTHING_TO_AMEND'
  const trigger = live.trigger && { ...live.trigger, ticks: triggerTicks ?? live.trigger.ticks }
  const isActive = live.state === 'resting' || live.state === 'partly filled'
  const asked = { ...live, ...next, trigger: isActive ? undefined : trigger }
  const reason = filtered(asked, lane.market, none, filters)
  if (reason !== undefined) return reason
  if (!lane.market.synced) return 'BOOK_NOT_SYNCED'
  const isTriggered = live.state === 'untriggered' && trigger !== undefined && reaches(trigger, price)
  return isTriggered ? 'ORDER_WOULD_IMMEDIATELY_TRIGGER' : next
}

const none = { orders: 0, algoOrders: 0 }

/** Lots of an order that may be filled in all: of a child what its parent got. */
export function released(lane: Lane, { parent, lots }: Live): number {
  return parent === undefined ? lots : (lane.parents.get(parent)?.filledLots ?? lots)
}
