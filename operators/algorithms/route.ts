// Splits an order over the books of several exchanges, the best price after fees first.
import { type Instrument, priceOf, sizeOf } from '../instrument.ts'
import { type RiskMarket, touchOf } from '../risk/view.ts'

/** Where a part of an order may go. */
export interface Place {
  readonly market: RiskMarket
  /** Units of a lot there. */
  readonly unit: number
  /** Share of the value that a taker pays. */
  readonly fee: number
  /** Units that may go there because they close what is held there, and in all. */
  readonly closing: number
  readonly most: number
}

/** A part of it: lots of that place, and the worst price that it counts on, in ticks; undefined where no depth is known. */
export interface Part {
  readonly place: number
  readonly lots: number
  readonly ticks: number | undefined
}

/** How far the book of a place is used up. */
interface Walk {
  /** The level it stands at; NaN where there is none left. */
  ticks: number
  /** Lots that are left of it. */
  lots: number
  taken: number
  worst: number
}

/**
 * The parts of `units`, in the order of their places, and what nobody offers.
 *
 * Level by level the cheapest of all books comes next: price × (1 + fee) for a buy, price × (1 − fee) for a sell; of equal ones the first place's. What
 * closes a position where it is held goes there first. A part that the exchange would refuse as too small is taken by the others. With lots of
 * one size no other split costs less.
 */
export function route(
  side: 'buy' | 'sell',
  units: number,
  places: readonly Place[],
  limit: number | undefined,
): { parts: Part[]; left: number } {
  const open = places.map(() => true)
  for (;;) {
    const walks = places.map(({ market }, at) => begin(market, side, open[at]!, limit))
    let left = units
    left = take(left, side, places, walks, limit, 'closing')
    left = take(left, side, places, walks, limit, 'most')
    const small = walks.findIndex(({ taken }, at) => taken > 0 && taken < leastLots(places[at]!.market, side))
    if (small === -1) return { parts: partsOf(places, walks), left }
    open[small] = false
  }
}

function partsOf(places: readonly Place[], walks: readonly Walk[]): Part[] {
  return walks.flatMap(({ taken, worst }, place) =>
    taken > 0 ? [{ place, lots: taken, ticks: places[place]!.market.hasDepth === false ? undefined : worst }] : [],
  )
}

/** Fewest lots that an exchange takes at what an order would meet now; NaN while no price is known, below which nothing is. */
export function leastLots(market: RiskMarket, side: 'buy' | 'sell'): number {
  const { instrument } = market
  const { minNotional, contractSize, inverse } = instrument
  const price = inverse ? 1 : priceOf(instrument, touchOf(market, side))
  return Math.ceil((minNotional / (sizeOf(instrument, 1) * contractSize * price)) * (1 - 1e-12))
}

function begin(market: RiskMarket, side: 'buy' | 'sell', open: boolean, limit: number | undefined): Walk {
  const walk = { ticks: Number.NaN, lots: 0, taken: 0, worst: Number.NaN }
  if (!open) return walk
  walk.ticks = touchOf(market, side)
  const offered = (side === 'buy' ? market.askLots : market.bidLots) || 0
  walk.lots = market.hasDepth === false ? Number.POSITIVE_INFINITY : offered
  if (isBeyond(market.instrument, side, walk.ticks, limit)) walk.ticks = Number.NaN
  return walk
}

/** Takes level by level what a bound of the places allows, and gives what is left. */
function take(
  units: number,
  side: 'buy' | 'sell',
  places: readonly Place[],
  walks: readonly Walk[],
  limit: number | undefined,
  bound: 'closing' | 'most',
): number {
  let left = units
  for (;;) {
    let best = -1
    let price = Number.NaN
    for (const [at, { unit, fee, market, ...bounds }] of places.entries()) {
      const walk = walks[at]!
      if (!(walk.ticks > 0) || left < unit || bounds[bound] < (walk.taken + 1) * unit) continue
      const own = priceOf(market.instrument, walk.ticks) * (side === 'buy' ? 1 + fee : 1 - fee)
      if (best !== -1 && !(side === 'buy' ? own < price : own > price)) continue
      best = at
      price = own
    }
    if (best === -1) return left
    const { unit, market, [bound]: most } = places[best]!
    const walk = walks[best]!
    const lots = Math.min(walk.lots, Math.floor(left / unit), Math.floor(most / unit) - walk.taken)
    walk.taken += lots
    walk.lots -= lots
    if (lots > 0) walk.worst = walk.ticks
    left -= lots * unit
    if (walk.lots > 0) continue
    const bookSide = side === 'buy' ? 'ask' : 'bid'
    walk.ticks = market.next?.(bookSide, walk.ticks) ?? Number.NaN
    walk.lots = market.lotsAt?.(bookSide, walk.ticks) || 0
    if (isBeyond(market.instrument, side, walk.ticks, limit)) walk.ticks = Number.NaN
  }
}

/** `limit` is a price. */
function isBeyond(instrument: Instrument, side: 'buy' | 'sell', ticks: number, limit: number | undefined): boolean {
  if (limit === undefined) return false
  const price = priceOf(instrument, ticks)
  return side === 'buy' ? price > limit : price < limit
}
