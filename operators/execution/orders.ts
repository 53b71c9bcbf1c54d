// Orders as the simulated exchange takes them, and why it refuses one.
import type { Order } from '../../schemas/records.generated.ts'
import type { OrderAtVenue } from '../desk.ts'
import type { BookSide } from '../market-state.ts'

/** An order on its way, with the exchange time at which it arrives, µs. */
export interface Sent {
  readonly time: number
  readonly order: Order
}

/** A new order among those on their way; undefined when it is not. */
export function onItsWay(sent: readonly Sent[], clientId: string): OrderAtVenue | undefined {
  const found = sent.find(({ order }) => order.kind === 'new' && order.clientId === clientId)
  return found === undefined ? undefined : { state: 'on its way', arrival: found.time }
}

/** What an order asks for, with the defaults of an exchange: a limit order is good till cancelled, a market order is not. */
export interface Terms {
  readonly side: 'buy' | 'sell'
  readonly type: 'market' | 'limit'
  readonly timeInForce: 'gtc' | 'ioc' | 'fok' | 'gtx'
  /** Limit price; NaN for a market order. */
  readonly ticks: number
  readonly lots: number
  /** True when what it cannot take is left in the book. */
  readonly mayRest: boolean
}

/** Why an execution says rejected, cancel-rejected or expired. */
export type Reason =
  | 'INVALID_ORDER' // no side, no whole size above 0, a limit order without a whole price above 0, a post-only market order
  | 'DUPLICATE_CLIENT_ID' // an order of that client id rests
  | 'BOOK_NOT_SYNCED' // the book cannot be trusted, so nothing can be said of a fill
  | 'POST_ONLY_WOULD_TAKE'
  | 'FOK_NOT_FILLABLE'
  | 'IOC_REST' // what an immediate-or-cancel order could not take
  | 'NO_LIQUIDITY' // what a market order could not take from the book as far as it is known
  | 'NOT_OPEN' // there is no such order to cancel

/** The terms of a new order, or why there are none. `resting` are the orders that it joins. */
export function termsOf(order: Order, resting: readonly { clientId: string }[]): Terms | Reason {
  const { side, type = order.ticks === undefined ? 'market' : 'limit', lots, ticks } = order
  const timeInForce = order.timeInForce ?? (type === 'market' ? 'ioc' : 'gtc')
  if (side === undefined || !isCount(lots)) return 'INVALID_ORDER'
  if ((type !== 'market' && type !== 'limit') || timeInForce === 'gtd') return 'INVALID_ORDER'
  if (type === 'limit' ? !isCount(ticks) : timeInForce === 'gtx') return 'INVALID_ORDER'
  for (let at = 0; at < resting.length; at++) {
    if (resting[at]!.clientId === order.clientId) return 'DUPLICATE_CLIENT_ID'
  }
  const mayRest = type === 'limit' && (timeInForce === 'gtc' || timeInForce === 'gtx')
  return { side, type, timeInForce, ticks: type === 'limit' ? ticks! : Number.NaN, lots, mayRest }
}

/** The side of the book that an order of that side takes from. */
export function opposite(side: 'buy' | 'sell'): BookSide {
  return side === 'buy' ? 'ask' : 'bid'
}

/** The lane of an order's instrument: at every order, and there are few, so that making a key for them costs more than looking. */
export function laneFor<L extends { readonly instrument: { readonly exchange: string; readonly symbol: string } }>(
  lanes: readonly L[],
  { exchange, symbol }: Order,
): L | undefined {
  for (let at = 0; at < lanes.length; at++) {
    const { instrument } = lanes[at]!
    if (instrument.symbol === symbol && instrument.exchange === exchange) return lanes[at]
  }
  return undefined
}

/** An instrument by name. */
export function keyOf({ exchange, symbol }: { exchange: string; symbol: string }): string {
  return `${exchange}:${symbol}`
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0
}
