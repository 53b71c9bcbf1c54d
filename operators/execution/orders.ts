// Orders as the simulated exchange takes them, and why it refuses one.
import type { Order } from '../../schemas/records.generated.ts'
import type { OrderAtVenue } from '../desk.ts'
import type { BookSide } from '../market-state.ts'
import type { OrderState } from './life.ts'
import type { Place } from './queue/place.ts'
import type { Owner } from './reports.ts'
import type { Trigger } from './triggers.ts'

/** Something that acts at an exchange time, µs: a request of ours that arrives, or an order there that becomes active. */
export interface Sent {
  readonly time: number
  readonly order: Order | undefined
  readonly live: Live | undefined
  /** Why the exchange does not even look at a request. */
  readonly refused?: Reason | undefined
}

/** An order that the exchange has; plain numbers and texts, to be saved. */
export interface Live extends Owner {
  readonly side: 'buy' | 'sell'
  /** From its acceptance on. */
  venueId: string | undefined
  state: OrderState
  /** What it is when it is active. */
  readonly type: 'market' | 'limit'
  readonly timeInForce: 'gtc' | 'ioc' | 'fok' | 'gtx' | 'gtd'
  /** True when what it cannot take is left in the book. */
  readonly mayRest: boolean
  /** Limit price; NaN for a market order. */
  ticks: number
  /** Size asked for in all; 0 for all of a position that is not known yet. */
  lots: number
  /** What may still be filled: of a child no more than its parent was. */
  leftLots: number
  filledLots: number
  /** Exchange time from after which rows meet it, µs. */
  arrival: number
  readonly reduceOnly: boolean
  readonly closePosition: boolean
  /** Size that an iceberg shows; 0 for others. */
  readonly display: number
  /** Part of `leftLots` that stands in no queue. */
  hidden: number
  /** When it ends on the exchange's clock, µs; Infinity. */
  readonly expires: number
  readonly group: string | undefined
  readonly parent: string | undefined
  readonly trigger: Trigger | undefined
  /** Where it stands in its queue, once it rests. */
  place: Place | undefined
}

/** A new order among those on their way; undefined when it is not. */
export function onItsWay(sent: readonly Sent[], clientId: string): OrderAtVenue | undefined {
  const found = sent.find(({ order }) => order?.kind === 'new' && order.clientId === clientId)
  return found === undefined ? undefined : { state: 'on its way', arrival: found.time }
}

/** Why an execution says rejected, cancel-rejected, amend-rejected, cancelled, amended or expired. */
export type Reason =
  | 'INVALID_ORDER' // no side, no whole size above 0, a limit order without a whole price above 0, a post-only market order, …
  | 'DUPLICATE_CLIENT_ID' // an order of that client id is open
  | 'BOOK_NOT_SYNCED' // the book cannot be trusted, so nothing can be said of a fill
  | 'POST_ONLY_WOULD_TAKE'
  | 'FOK_NOT_FILLABLE'
  | 'IOC_REST' // what an immediate-or-cancel order could not take
  | 'NO_LIQUIDITY' // what a market order could not take from the book as far as it is known
  | 'INSUFFICIENT_MARGIN'
  | 'LIQUIDATION' // open orders are taken back before a position is liquidated
  | 'NOT_OPEN' // there is no such order to cancel or to amend
  | 'TOO_MANY_ORDERS' // more new orders than the exchange takes in a window
  | 'RATE_LIMIT' // more requests of any kind
  | 'LOT_SIZE' // larger than the exchange takes
  | 'PRICE_FILTER' // a price or trigger above the highest that the exchange takes
  | 'MIN_NOTIONAL' // worth less than the exchange takes
  | 'PERCENT_PRICE' // a limit too far from the mark
  | 'ICEBERG_PARTS' // an iceberg that shows too small a part
  | 'MAX_NUM_ORDERS'
  | 'MAX_NUM_ALGO_ORDERS' // too many that wait for a trigger
  | 'ORDER_WOULD_IMMEDIATELY_TRIGGER'
  | 'INVALID_GOOD_TILL_DATE' // a gtd order that has expired as it arrives
  | 'GTD_EXPIRED'
  | 'REDUCE_ONLY_REJECT' // there is no position, or none left, that it could reduce
  | 'REDUCE_ONLY_SHRUNK' // it was larger than the position
  | 'GROUP_DONE' // another order of its group was filled or triggered
  | 'PARENT_NOT_FOUND'
  | 'PARENT_NOT_FILLED' // its parent ended without a fill
  | 'PARENT_PART_FILLED' // its parent ended with less than it asked for
  | 'PARENT_FILLED' // it works for what was filled of its parent
  | 'SELF_TRADE' // it would have met another order of the same account
  | 'NOTHING_TO_AMEND'

/** What the terms of an order are on an exchange, as far as they do not depend on where the market is; or INVALID_ORDER. */
export function liveOf(order: Order, time: number, isSpot: boolean): Live | 'INVALID_ORDER' {
  const { clientId, strategy, side, ticks, triggerTicks, callback, displayLots } = order
  const asked = order.type ?? (ticks === undefined ? 'market' : 'limit')
  const type = asked === 'limit' || asked === 'stop-limit' || asked === 'take-profit-limit' ? 'limit' : 'market'
  const waits = asked !== 'market' && asked !== 'limit'
  const timeInForce = order.timeInForce ?? (type === 'market' ? 'ioc' : 'gtc')
  const closePosition = order.closePosition === true
  const lots = closePosition ? 0 : order.lots
  const isSized = closePosition ? waits && type === 'market' : isCount(lots)
  if (side === undefined || !isSized) return invalid
  if (type === 'limit' ? !isCount(ticks) : timeInForce === 'gtx') return invalid
  const isTrailing = asked === 'trailing-stop'
  if (isTrailing ? !(callback! > 0 && callback! < 1) : waits && !isCount(triggerTicks)) return invalid
  if (displayLots !== undefined && !(isCount(displayLots) && type === 'limit' && displayLots <= lots!)) return invalid
  if (timeInForce === 'gtd' && !(type === 'limit' || waits)) return invalid
  const ends = timeInForce === 'gtd'
  if (ends && order.expires === undefined) return invalid
  const buys = side === 'buy'
  const takesProfit = asked === 'take-profit-market' || asked === 'take-profit-limit'
  return {
    clientId,
    strategy,
    side,
    venueId: undefined,
    state: 'sent',
    type,
    timeInForce,
    mayRest: type === 'limit' && timeInForce !== 'ioc' && timeInForce !== 'fok',
    ticks: type === 'limit' ? ticks! : Number.NaN,
    lots: lots!,
    leftLots: order.parent === undefined ? lots! : 0,
    filledLots: 0,
    arrival: time,
    // Spot cannot be held short: no sale is of more than there is, whatever else was sold meanwhile.
    reduceOnly: order.reduceOnly === true || closePosition || (isSpot && !buys),
    closePosition,
    display: displayLots === lots ? 0 : (displayLots ?? 0),
    hidden: 0,
    expires: ends ? order.expires! : Number.POSITIVE_INFINITY,
    group: order.group,
    parent: order.parent,
    positionSide: order.positionSide,
    trigger: waits
      ? {
          by: order.triggerBy ?? 'mark',
          above: buys !== takesProfit,
          ticks: isTrailing ? Number.NaN : triggerTicks!,
          callback: isTrailing ? callback! : 0,
          activation: order.activationTicks ?? Number.NaN,
          best: Number.NaN,
        }
      : undefined,
    place: undefined,
  }
}

const invalid = 'INVALID_ORDER'

/** Limit price for an execution; undefined for a market order. */
export function priceOf({ ticks }: Live): number | undefined {
  return Number.isNaN(ticks) ? undefined : ticks
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

export function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0
}
