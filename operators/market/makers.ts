// Market makers: quotes on both sides around what they think fair, skewed by inventory, withdrawn when it is too much.

import { type Floor, middle, owners } from './floor.ts'

const makerCount = 6
/** Levels a side behind the best quote. */
const ladderLevels = 14
/** By how many ticks 1,000 lots in stock move the quotes away from more. */
const skewTicks = 0.12
/** Lots at which a maker withdraws, and the seconds in which it hedges its stock away elsewhere. */
const inventoryLimit = 10_000
const hedgeSeconds = 4
/** Seconds in which a discount fades once the makers are back. */
const recoverySeconds = 14

type Maker = {
  best: number
  ladder: number
  /** Microseconds that it takes to answer, on average. */
  delay: number
  inventory: number
  /** Ticks that it keeps away from the fair price on each side, after it was run over. */
  caution: number
  away: boolean
  /** When it acts next. */
  next: number
  bid: number
  ask: number
}

export type Makers = {
  /** When the next of them acts, and the action. */
  readonly next: number
  act(): void
  /** The fair price moved: each looks again after its own delay. */
  look(): void
  /** A maker sold (+1 taker) or bought (−1 taker). Orders of others are ignored. */
  filled(owner: number, takerSide: number, lots: number): void
  pass(seconds: number): void
}

export const makerOwners = makerCount * 2

export function createMakers(floor: Floor): Makers {
  const { book, draw } = floor
  const makers = Array.from(
    { length: makerCount },
    (_, i): Maker => ({
      best: owners.makers + 2 * i,
      ladder: owners.makers + 2 * i + 1,
      delay: 900 + 1300 * i,
      inventory: 0,
      caution: 0,
      away: false,
      next: 0,
      bid: 0,
      ask: 0,
    }),
  )
  let next = 0
  /** The discount that the quotes were last made for. */
  let seenDiscount = 0

  function schedule(maker: Maker, at: number): void {
    if (at < maker.next) maker.next = at
    if (at < next) next = at
  }

  function cancelAll(owner: number): void {
    for (let count = book.count(owner); count > 0; count--) book.cancel(book.orderOf(owner, count - 1))
  }

  function withdraw(maker: Maker): void {
    cancelAll(maker.best)
    cancelAll(maker.ladder)
    maker.away = true
    maker.bid = 0
    maker.next = floor.now + 1e6 * (0.8 + 1.6 * draw.next())
  }

  function quote(maker: Maker): void {
    const fair = floor.value + floor.discount - (maker.inventory / 1000 / floor.lots) * skewTicks * floor.ticks
    const bid = Math.floor(fair - maker.caution)
    const ask = Math.floor(fair + maker.caution) + 1
    cancelAll(maker.best)
    // A change of one tick is left alone by the ladder, so that stock alone does not turn the whole book over.
    if (Math.abs(bid - maker.bid) > 1 || Math.abs(ask - maker.ask) > 1) {
      cancelAll(maker.ladder)
      maker.bid = bid
      maker.ask = ask
      ladder(maker, bid, ask)
    }
    // Never through the other side: what stands there is stale, and gone within milliseconds.
    const bestBid = Math.min(bid, book.ask - 1)
    book.place(1, bestBid, bestSize(), maker.best)
    const bestAsk = Math.max(ask, book.bid + 1)
    book.place(-1, bestAsk, bestSize(), maker.best)
    // One or two ticks are a difference of opinion between makers, which can last.
    if (bid - bestBid > 2 || bestAsk - ask > 2) schedule(maker, floor.now + 5000 + 15_000 * draw.exponential())
  }

  function ladder(maker: Maker, bid: number, ask: number): void {
    let below = Math.min(bid, book.ask - 1)
    let above = Math.max(ask, book.bid + 1)
    for (let i = 0; i < ladderLevels; i++) {
      below -= gap()
      above += gap()
      if (below > 0) book.place(1, below, ladderSize(), maker.ladder)
      book.place(-1, above, ladderSize(), maker.ladder)
    }
  }

  function look(): void {
    for (const maker of makers) if (!maker.away) schedule(maker, floor.now + maker.delay * draw.exponential())
  }

  const gap = () => 1 + Math.floor(Math.min(9 * draw.odds(), 120) * floor.ticks)
  const bestSize = () => Math.max(1, Math.round((120 + 340 * draw.next()) * floor.lots))
  const ladderSize = () => Math.max(1, Math.round(Math.min(120 * draw.odds(), 6000) * floor.lots))

  return {
    get next() {
      return next
    },
    act() {
      for (const maker of makers) {
        if (maker.next > floor.now) continue
        maker.next = Number.POSITIVE_INFINITY
        if (Math.abs(maker.inventory) > inventoryLimit * floor.lots) {
          // Run over: it leaves, gets rid of most elsewhere, and comes back careful.
          maker.inventory *= 0.2
          maker.caution = (6 + 14 * draw.next()) * floor.ticks
          withdraw(maker)
        } else {
          maker.away = false
          quote(maker)
        }
      }
      next = Number.POSITIVE_INFINITY
      for (const maker of makers) next = Math.min(next, maker.next)
    },
    look,
    filled(owner, takerSide, lots) {
      if (owner < owners.makers) return
      const maker = makers[(owner - owners.makers) >> 1]!
      maker.inventory -= takerSide * lots
      if (!maker.away) schedule(maker, floor.now + 25_000 * draw.exponential())
    },
    pass(seconds) {
      let away = 0
      for (const maker of makers) {
        maker.inventory *= 1 - seconds / hedgeSeconds
        maker.caution *= 1 - seconds / 3
        if (maker.caution < 0.4) maker.caution = 0
        if (maker.away) away += 1
      }
      if (away * 2 > makerCount) {
        // With most makers gone, the price is what is left in the book; who comes back starts from there.
        floor.discount = middle(floor) - floor.value
      } else if (floor.discount !== 0) {
        floor.discount *= 1 - seconds / recoverySeconds
        if (Math.abs(floor.discount) < 1) floor.discount = 0
        if (Math.abs(floor.discount - seenDiscount) < Math.max(1, Math.abs(seenDiscount) / 50)) return
        seenDiscount = floor.discount
        look()
      }
    },
  }
}
