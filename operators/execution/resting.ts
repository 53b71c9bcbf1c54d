// The orders of ours that rest in one instrument's book, and the rows that meet them.
import type { MarketRow } from '../desk.ts'
import type { MarketState } from '../market-state.ts'
import type { FillModel } from './fills/index.ts'
import type { Liquidity } from './liquidity.ts'
import type { Live } from './orders.ts'
import type { QueueModel } from './queue/index.ts'
import { joined, lotsAhead, type Place, resized, tradedAt } from './queue/place.ts'
import { names, takerBought, tradeLots, tradeTicks } from './rows.ts'

/** Told of each fill, with the exchange time and the receive time of its row; it takes the lots off `order.leftLots`, and may end other orders. */
export type OnFill = (order: Live, lots: number, time: number, received: number) => void

/** What decides at the price itself, and who is ahead there. */
export interface RestingModels {
  readonly fills: FillModel
  readonly queue: QueueModel
}

/**
 * Rows from after an order's arrival fill it at its own price, as maker:
 *  - whole, by a trade at a worse price for us than ours (through it);
 *  - by a trade at its price: what the fill model says;
 *  - by the other side's best price coming to ours, where the model lets that fill, or through it: as much as is there.
 * Rows from before never meet it; one that says the size of its level sets its place in the queue anew.
 *
 * An iceberg stands in the queue with what it shows: when that is filled, the next part joins the end. A price that goes through
 * it, or comes to it, takes what it hides, too.
 */
export class RestingOrders {
  /** How often a row from before an order's arrival set its queue anew. */
  resets = 0
  private readonly market: MarketState
  private readonly liquidity: Liquidity
  private readonly queue: QueueModel
  private readonly fills: FillModel
  /** In the order in which they were accepted; those that have ended are passed over. */
  private readonly orders: readonly Live[]
  private readonly filled: OnFill

  constructor(
    market: MarketState,
    liquidity: Liquidity,
    models: RestingModels,
    { resting }: { readonly resting: readonly Live[] },
    filled: OnFill,
  ) {
    this.market = market
    this.liquidity = liquidity
    this.queue = models.queue
    this.fills = models.fills
    this.orders = resting
    this.filled = filled
  }

  /** A trade that happened at exchange time `time`. */
  meetTrade(row: MarketRow, time: number): void {
    const { instrument } = this.market
    const ticks = tradeTicks(row, instrument)
    const lots = tradeLots(row, instrument)
    const takerBuys = takerBought(row)
    let ours = 0
    const { orders, fills } = this
    // Counted, as every loop at every row: an iterator costs a fresh process more than what is looked at.
    for (let at = 0; at < orders.length; at++) {
      const order = orders[at]!
      const buys = order.side === 'buy'
      if (!(time > order.arrival) || (buys ? ticks > order.ticks : ticks < order.ticks)) continue
      let got = order.leftLots
      if (ticks === order.ticks) {
        const opposed = buys !== takerBuys
        const place = order.place!
        // Nobody gets more than was traded; what our own orders got is not missed by the others, who were really filled.
        got = fills.atPrice(fills.isWhole ? got : got - order.hidden, lots - ours, lotsAhead(place), opposed)
        if (opposed) tradedAt(place, lots, time)
        ours += got
      }
      if (got > 0) this.fill(order, got, time, row.received)
    }
  }

  /** New sizes of levels: the other side may have come to our orders, and their queues may be shorter. */
  meetLevels(row: MarketRow, time: number): void {
    const { market, liquidity, fills } = this
    if (!market.synced) return
    const { orders } = this
    for (let at = 0; at < orders.length; at++) {
      const order = orders[at]!
      if (order.leftLots === 0) continue
      const buys = order.side === 'buy'
      const own = buys ? 'bid' : 'ask'
      const size = market.lotsAt(own, order.ticks)
      if (!(time > order.arrival)) {
        if (Number.isNaN(size) || !names(row, own, order.ticks, market.instrument)) continue
        order.place = joined(size, time)
        this.resets += 1
        continue
      }
      const reach = buys ? order.ticks - fills.past : order.ticks + fills.past
      if (buys ? market.askTicks <= reach : market.bidTicks >= reach) {
        const left = fills.isWhole ? 0 : liquidity.take(buys ? 'ask' : 'bid', reach, order.leftLots)
        if (left < order.leftLots) this.fill(order, order.leftLots - left, time, row.received)
      }
      // A quote says nothing of the levels behind it.
      const said = row.topic === 'books' || !(buys ? order.ticks < market.bidTicks : order.ticks > market.askTicks)
      if (said && !Number.isNaN(size)) resized(order.place!, size, time, this.queue)
    }
  }

  /** An order comes into the book, at its place: an iceberg with what it shows. */
  join(order: Live): void {
    order.hidden = order.display > 0 ? Math.max(0, order.leftLots - order.display) : 0
  }

  private fill(order: Live, lots: number, time: number, received: number): void {
    this.filled(order, lots, time, received)
    const { leftLots, hidden, display } = order
    if (hidden === 0 || leftLots === 0) return
    if (leftLots > hidden) return
    // What it showed is gone.
    order.hidden = Math.max(0, leftLots - display)
    order.place = queueAt(this.market, order.side, order.ticks, time)
  }
}

/**
 * The end of the queue at a price of a side. Past the known depth that is behind as much as the largest known level; where
 * there is no book at all, behind everybody: only a trade through the price fills.
 */
export function queueAt(market: MarketState, side: 'buy' | 'sell', ticks: number, time: number): Place {
  if (!market.hasDepth) return joined(Number.NaN, time, Number.POSITIVE_INFINITY)
  const own = side === 'buy' ? 'bid' : 'ask'
  const size = market.lotsAt(own, ticks)
  return joined(size, time, Number.isNaN(size) ? market.largest(own) : size)
}
