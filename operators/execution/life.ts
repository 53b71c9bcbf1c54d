// The life of an order at the exchange: its states, and which of them may follow which.

/**
 * sent: on its way · waiting: for its parent to be filled · untriggered: for its price · accepted: about to meet the market ·
 * triggered: active, and about to meet the market · resting: in the book · partly filled: some of it, the rest is still active.
 * The last four are ends.
 */
export type OrderState =
  | 'sent'
  | 'waiting'
  | 'untriggered'
  | 'accepted'
  | 'triggered'
  | 'resting'
  | 'partly filled'
  | 'filled'
  | 'cancelled'
  | 'expired'
  | 'rejected'

/** States that may follow a state. A child whose parent is filled bit by bit is triggered again for each bit. */
export const followers: Readonly<Record<OrderState, readonly OrderState[]>> = {
  sent: ['accepted', 'untriggered', 'waiting', 'rejected', 'expired'],
  waiting: ['untriggered', 'triggered', 'cancelled', 'expired'],
  untriggered: ['triggered', 'cancelled', 'expired'],
  accepted: ['resting', 'partly filled', 'filled', 'expired'],
  triggered: ['resting', 'partly filled', 'filled', 'cancelled', 'expired', 'triggered'],
  resting: ['partly filled', 'filled', 'cancelled', 'expired', 'triggered'],
  'partly filled': ['partly filled', 'filled', 'cancelled', 'expired', 'triggered'],
  filled: [],
  cancelled: [],
  expired: [],
  rejected: [],
}

/** Gives an order its next state. @throws RangeError for one that may not follow: a bug of the exchange that we simulate */
export function moveTo(order: { state: OrderState; readonly clientId: string }, next: OrderState): void {
  if (!followers[order.state].includes(next))
    throw new RangeError(`order ${order.clientId} cannot be ${next}: it is ${order.state}`)
  order.state = next
}

/** True when nothing can happen to the order any more. */
export function isOver(state: OrderState): boolean {
  return state === 'filled' || state === 'cancelled' || state === 'expired' || state === 'rejected'
}
