// An order that would walk far into the book is too large for it.
import { z } from 'zod'
import { allow, defineCheck, percent, refuse } from './check.ts'
import type { RiskView } from './view.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.005)
    .describe(
      'largest distance of the mean price that an order would get now from the middle, as a share of it; S0 §8: 0.005',
    ),
})

/**
 * Walks the book as it is known: what it does not hold is not filled. Orders that wait (a limit behind the touch, a stop, a child) get their own
 * price; where there are only candles or trades there is no book to walk, and 0 is measured. What only takes from a position passes.
 */
export const slippage = defineCheck({
  name: 'slippage',
  config,
  create: ({ share }) => ({
    check(view) {
      if (view.reduces || waits(view) || !hasBook(view)) return allow(0, share)
      const value = slippageOf(view, share)
      return value <= share
        ? allow(value, share)
        : refuse(value, share, 'MAX_SLIPPAGE', `it would be filled ${percent(value)} from the middle`)
    },
  }),
})

/** For a trigger, or for another order: what it will meet then nobody knows. */
function waits({ wish }: RiskView): boolean {
  return (wish.type !== 'market' && wish.type !== 'limit') || wish.parent !== undefined
}

function hasBook({ market }: RiskView): boolean {
  return market.hasDepth ?? (market.bidTicks > 0 || market.askTicks > 0)
}

/** |mean fill price − middle| / middle; more than `most` as soon as that is sure. */
function slippageOf({ market, wish }: RiskView, most: number): number {
  const buys = wish.side === 'buy'
  const side = buys ? 'ask' : 'bid'
  const best = buys ? market.askTicks : market.bidTicks
  const limit = wish.ticks ?? (buys ? Number.POSITIVE_INFINITY : 0)
  if (buys ? limit < best : limit > best) return 0
  const middle = (market.bidTicks + market.askTicks) / 2
  const sign = buys ? 1 : -1
  let left = wish.lots
  let cost = 0
  for (let ticks = best; left > 0; ticks = market.next?.(side, ticks) ?? Number.NaN) {
    // NaN behind the book's end; at the first level it makes the middle none, and the verdict a no.
    if (!(sign * (limit - ticks) >= 0)) break
    const there = ticks === best ? (buys ? market.askLots : market.bidLots) : (market.lotsAt?.(side, ticks) ?? 0)
    const taken = Math.min(left, there > 0 ? there : 0)
    cost += taken * sign * (ticks - middle)
    left -= taken
    // Further levels are worse still: what is left costs more than this one.
    if (left > 0 && cost > most * middle * wish.lots) break
  }
  const filled = wish.lots - left
  return filled === 0 ? (sign * (best - middle)) / middle : cost / filled / middle
}
