// The orders of ours that rest in one instrument's book, and the rows that meet them.
import type { MarketRow, OrderAtVenue } from '../desk.ts'
import type { MarketState } from '../market-state.ts'
import type { Liquidity } from './liquidity.ts'
import type { QueueModel } from './queue/index.ts'
import { joined, lotsAhead, type Place, resized, tradedAt } from './queue/place.ts'
import type { Owner } from './reports.ts'
import { names, takerBought, tradeLots, tradeTicks } from './rows.ts'

/** An order in the book; plain numbers and texts, to be saved. */
export interface Resting extends Owner {
  readonly ticks: number
  /** Exchange time at which it arrived, µs. */
  readonly arrival: number
  leftLots: number
  place: Place
}

/** Told of each fill, with the exchange time and the receive time of its row; `order.leftLots` is what is left after it. */
export type OnFill = (order: Resting, lots: number, time: number, received: number) => void

/**
 * Rows from after an order's arrival fill it at its own price, as maker:
 *  - whole, by a trade at a worse price for us than ours (through it);
 *  - by a trade at its price whose taker is on the other side: what is left of the trade behind those ahead in the queue;
 *  - by the other side's best price coming to ours or through it: as much as is there.
 * Rows from before never meet it; one that says the size of its level sets its place in the queue anew.
 */
export class RestingOrders {
  /** In the order in which they were accepted. */
  orders: Resting[] = []
  /** How often a row from before an order's arrival set its queue anew. */
  resets = 0
  private readonly market: MarketState
  private readonly liquidity: Liquidity
  private readonly queue: QueueModel
  private readonly filled: OnFill

  constructor(market: MarketState, liquidity: Liquidity, queue: QueueModel, filled: OnFill) {
    this.market = market
    this.liquidity = liquidity
    this.queue = queue
    this.filled = filled
  }

  /** A trade that happened at exchange time `time`. */
  meetTrade(row: MarketRow, time: number): void {
    const { instrument } = this.market
    const ticks = tradeTicks(row, instrument)
    const lots = tradeLots(row, instrument)
    const takerBuys = takerBought(row)
    let ours = 0
    let ended = false
    const { orders } = this
    // Counted, as every loop at every row: an iterator costs a fresh process more than what is looked at.
    for (let at = 0; at < orders.length; at++) {
      const order = orders[at]!
      const buys = order.side === 'buy'
      if (!(time > order.arrival) || (buys ? ticks > order.ticks : ticks < order.ticks)) continue
      let got = order.leftLots
      if (ticks === order.ticks) {
        if (buys === takerBuys) continue
        // Nobody gets more than was traded; what our own orders got is not missed by the others, who were really filled.
        got = Math.min(order.leftLots, Math.max(0, Math.floor(lots - ours - lotsAhead(order.place))))
        tradedAt(order.place, lots, time)
        ours += got
      }
      if (got > 0) ended = this.fill(order, got, time, row.received) || ended
    }
    if (ended) this.sweep()
  }

  /** New sizes of levels: the other side may have come to our orders, and their queues may be shorter. */
  meetLevels(row: MarketRow, time: number): void {
    const { market, liquidity } = this
    if (!market.synced) return
    let ended = false
    const { orders } = this
    for (let at = 0; at < orders.length; at++) {
      const order = orders[at]!
      const buys = order.side === 'buy'
      const own = buys ? 'bid' : 'ask'
      const size = market.lotsAt(own, order.ticks)
      if (!(time > order.arrival)) {
        if (Number.isNaN(size) || !names(row, own, order.ticks, market.instrument)) continue
        order.place = joined(size, time)
        this.resets += 1
        continue
      }
      if (buys ? market.askTicks <= order.ticks : market.bidTicks >= order.ticks) {
        const left = liquidity.take(buys ? 'ask' : 'bid', order.ticks, order.leftLots)
        if (left < order.leftLots) ended = this.fill(order, order.leftLots - left, time, row.received) || ended
      }
      // A quote says nothing of the levels behind it.
      const said = row.topic === 'books' || !(buys ? order.ticks < market.bidTicks : order.ticks > market.askTicks)
      if (said && !Number.isNaN(size)) resized(order.place, size, time, this.queue)
    }
    if (ended) this.sweep()
  }

  /** Takes an order out of the book; undefined when it is not there. */
  remove(clientId: string): Resting | undefined {
    const { orders } = this
    for (let at = 0; at < orders.length; at++) if (orders[at]!.clientId === clientId) return orders.splice(at, 1)[0]
    return undefined
  }

  /** Where an order stands; undefined when it is not there. */
  look(clientId: string): OrderAtVenue | undefined {
    const order = this.orders.find((one) => one.clientId === clientId)
    if (order === undefined) return undefined
    const { leftLots, place } = order
    return { state: 'resting', leftLots, aheadLots: lotsAhead(place), levelLots: place.size }
  }

  /** True when nothing is left of the order. */
  private fill(order: Resting, lots: number, time: number, received: number): boolean {
    order.leftLots -= lots
    this.filled(order, lots, time, received)
    return order.leftLots === 0
  }

  private sweep(): void {
    this.orders = this.orders.filter((order) => order.leftLots > 0)
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
