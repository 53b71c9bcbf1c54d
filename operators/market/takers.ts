// Those who take: noise, snipers of stale quotes, trend followers, value traders, a whale, and the liquidation engine.

import type { Side } from './book.ts'
import { type Floor, heavySize, middle, type Participant } from './floor.ts'

/** Farthest from the best price that an order of the crowd accepts. */
const protectionTicks = 60

function takeNear(floor: Floor, side: Side, lots: number): void {
  const best = side === 1 ? floor.book.ask : floor.book.bid
  floor.take(side, lots, best + side * Math.ceil(protectionTicks * floor.ticks))
}

/** The crowd: mostly small, now and then large, and often in the direction of the order before. */
export function noiseTakers(floor: Floor): Participant {
  let side: Side = 1
  return {
    rate: () => 6.8 * floor.activity,
    act() {
      if (floor.draw.next() > 0.84) side = side === 1 ? -1 : 1
      const large = floor.draw.next() < 0.14
      takeNear(floor, side, heavySize(floor, large ? 420 : 14, 60_000))
    },
  }
}

/** Fast programs that hit quotes which news left behind, before their owners move them. */
export function createSniper(floor: Floor) {
  let next = Number.POSITIVE_INFINITY
  return {
    get next() {
      return next
    },
    /** News arrived, or a stale quote was seen. */
    look(delay: number): void {
      next = Math.min(next, floor.now + delay * floor.draw.exponential())
    },
    act(): void {
      next = Number.POSITIVE_INFINITY
      const fair = floor.value + floor.discount
      const { book } = floor
      const side: Side | 0 = book.ask < fair - 0.5 ? 1 : book.bid > fair + 0.5 ? -1 : 0
      if (side === 0) return
      floor.take(side, heavySize(floor, 1500, 40_000), side === 1 ? Math.floor(fair) : Math.ceil(fair))
      const left = side === 1 ? book.ask < fair - 0.5 : book.bid > fair + 0.5
      if (left) next = floor.now + 3000 * floor.draw.exponential()
    },
  }
}

/** Buys what rose and sells what fell: the mean price of about a second against that of about ten. */
export function trendFollowers(floor: Floor): Participant & { pass(seconds: number): void } {
  let fast = floor.value
  let slow = floor.value
  return {
    rate: () => Math.min(5, Math.abs(fast - slow) / (30 * floor.ticks)),
    act() {
      takeNear(floor, fast > slow ? 1 : -1, heavySize(floor, 40, 4000))
    },
    pass(seconds) {
      const price = middle(floor)
      fast += (price - fast) * seconds
      slow += (price - slow) * (seconds / 10)
    },
  }
}

/** Buys far below value and sells far above, the more so the farther. */
export function valueTraders(floor: Floor): Participant {
  const start = floor.value * 0.0012
  const gap = () => floor.value - middle(floor)
  return {
    rate: () => Math.min(15, Math.max(0, (Math.abs(gap()) - start) / start) * 3),
    act() {
      takeNear(floor, gap() > 0 ? 1 : -1, heavySize(floor, 180, 8000))
    },
  }
}

/** One large holder who buys or sells a great deal in small pieces; others learn from it, so value follows. */
export function whale(floor: Floor): Participant {
  const { draw } = floor
  let left = 0
  let side: Side = 1
  let pace = 0
  return {
    rate: () => (left > 0 ? pace : 1 / 75),
    act() {
      if (left <= 0) {
        left = heavySize(floor, 12_000, 150_000)
        side = draw.next() < 0.5 ? 1 : -1
        pace = 0.7 + 3 * draw.next()
        return
      }
      const lots = Math.min(left, Math.max(1, Math.round((100 + 900 * draw.next()) * floor.lots)))
      left -= lots
      takeNear(floor, side, lots)
      floor.value += side * (lots / floor.lots) * 0.0025 * floor.ticks
    },
  }
}

/** When the flash crash is, in microseconds of the run, and how far it goes as a share of the price. */
export type Crash = { from: number; to: number; depth: number }

/** A forced seller who must be out within seconds: the flash crash. Nothing that others know has changed. */
export function forcedSeller(floor: Floor, crash: Crash | undefined): Participant {
  let started = 0
  return {
    rate: () => (crash !== undefined && floor.now >= crash.from && floor.now < crash.to ? 70 : 0),
    act() {
      if (crash === undefined) return
      if (started === 0) started = middle(floor)
      const passed = Math.min(1, (floor.now - crash.from) / (crash.to - crash.from))
      const limit = Math.floor(started * (1 - crash.depth * passed))
      floor.take(-1, heavySize(floor, 9000, 50_000), limit)
    },
  }
}

/** A position that was closed by force: the lots that were filled, the limit and the average price in ticks. */
export type Liquidation = { side: Side; lots: number; limit: number; averageTick: number }

/** Closes positions of those who borrowed too much, when the price is far from where it was a minute ago. */
export function liquidations(
  floor: Floor,
  closed: (liquidation: Liquidation) => void,
): Participant & { pass(seconds: number): void } {
  const room = 60_000 * floor.lots
  let usual = floor.value
  // What is still held on borrowed money, on both sides; it comes back slowly.
  const held = { longs: room, shorts: room }
  const fall = () => (usual - middle(floor)) / usual
  return {
    rate() {
      const far = Math.abs(fall()) - 0.003
      const side = fall() > 0 ? held.longs : held.shorts
      return far > 0 ? Math.min(12, far * 3000) * (side / room) : 0
    },
    act() {
      const side: Side = fall() > 0 ? -1 : 1
      const holder = side === -1 ? 'longs' : 'shorts'
      const lots = Math.min(heavySize(floor, 160, 12_000), Math.floor(held[holder]))
      if (lots <= 0) return
      held[holder] -= lots
      const best = side === 1 ? floor.book.ask : floor.book.bid
      const limit = best + side * Math.ceil(protectionTicks * floor.ticks)
      closed({ side, limit, ...floor.take(side, lots, limit) })
    },
    pass(seconds) {
      usual += (middle(floor) - usual) * (seconds / 60)
      held.longs += (room - held.longs) * (seconds / 1800)
      held.shorts += (room - held.shorts) * (seconds / 1800)
    },
  }
}
