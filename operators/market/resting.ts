// Those who wait: traders who join the best price, and the deep book behind it.

import type { Side } from './book.ts'
import { type Floor, heavySize, owners, type Participant } from './floor.ts'

/** Orders a side that the deep book holds, and those of traders at the best price. A REST snapshot shows 1,000 levels. */
export const deepOrders = 620
const touchOrders = 14
/** Half of the deep orders lie nearer than this. Measured on the real capture: 406 ticks. */
const medianDistanceTicks = 420
/** Deep orders are refreshed in groups, as by programs that run many. */
const deepGroup = 8

/** Joins the best price, gives up, or changes its size: most of an exchange's quotes are this. */
export function touchTraders(floor: Floor): Participant {
  const { book, draw } = floor
  return {
    rate: () => 160 * (0.4 + 0.6 * floor.activity),
    act() {
      const side: Side = draw.next() < 0.5 ? 1 : -1
      const owner = side === 1 ? owners.touchBids : owners.touchAsks
      const count = book.count(owner)
      if (count < touchOrders - 4 + draw.below(9)) {
        const best = side === 1 ? book.bid : book.ask
        // An open spread is narrowed more often than not.
        const better = book.ask - book.bid > 1 && draw.next() < 0.4 ? side : 0
        book.place(side, best + better, heavySize(floor, 45, 2500), owner)
      } else {
        const order = book.orderOf(owner, draw.below(count))
        if (draw.next() < 0.5) book.amend(order, heavySize(floor, 45, 2500))
        else book.cancel(order)
      }
    },
  }
}

/** Adds, changes and removes orders far from the best price; distances have the heavy tail of the real book. */
export function deepTraders(floor: Floor): Participant & { fill(): void } {
  const { book, draw } = floor
  const farthest = Math.floor(floor.value * 0.6)

  function add(side: Side): void {
    const best = side === 1 ? book.bid : book.ask
    const away = 1 + Math.floor(Math.min(medianDistanceTicks * draw.odds() * floor.ticks, farthest))
    const tick = Math.max(1, best - side * away)
    book.place(side, tick, heavySize(floor, 45, 20_000), side === 1 ? owners.deepBids : owners.deepAsks)
  }

  return {
    rate: () => 84 * (0.5 + 0.5 * floor.activity),
    act() {
      const side: Side = draw.next() < 0.5 ? 1 : -1
      const owner = side === 1 ? owners.deepBids : owners.deepAsks
      for (let i = 0; i < deepGroup; i++) {
        const count = book.count(owner)
        if (count > 0 && draw.next() < 0.5) {
          book.amend(book.orderOf(owner, draw.below(count)), heavySize(floor, 45, 20_000))
        } else if (count < deepOrders - 20 + draw.below(41)) {
          add(side)
        } else {
          book.cancel(book.orderOf(owner, draw.below(count)))
        }
      }
    },
    fill() {
      const bid = Math.floor(floor.value)
      book.place(1, bid, heavySize(floor, 45, 20_000), owners.deepBids)
      book.place(-1, bid + 1, heavySize(floor, 45, 20_000), owners.deepAsks)
      while (book.count(owners.deepBids) < deepOrders) add(1)
      while (book.count(owners.deepAsks) < deepOrders) add(-1)
    },
  }
}
