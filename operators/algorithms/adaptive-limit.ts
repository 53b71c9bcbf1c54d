// A limit order that follows the market, and gives in as its time runs out.
import { z } from 'zod'
import { type Algorithm, type Hand, ownTouch, type Parent, retryUs, withinLimit } from './algorithm.ts'
import { endAfter, minutes, rest } from './schedule.ts'

const parameters = z.strictObject({
  minutes: minutes.default(5),
  patience: z.number().min(0).max(1).default(0.5).describe('share of the time that it stays at its side’s best price'),
  everyMs: z.int().min(1).max(3_600_000).default(1000).describe('how often it looks at the price, in ms'),
  rest,
})

/**
 * Rests at its side's best price, is moved with it, goes evenly from there to the middle of the best prices in the time after `patience`, and crosses
 * at the end. Where no best prices are known (candles) it stands at the last price.
 *
 * Source: T. Foucault, O. Kadan, E. Kandel (2005), "Limit Order Book as a Market for Liquidity": the less time is left, the more aggressive the price.
 */
export const adaptiveLimit: Algorithm<typeof parameters> = {
  name: 'adaptive-limit',
  summary: 'a limit order that follows the best price, then goes to the middle, and crosses at the end',
  rests: true,
  parameters,
  create: ({ minutes, patience, everyMs, rest }) => ({
    rest,
    begin: ({ start }) => ({ end: endAfter(start, minutes) }),
    work(parent, hand) {
      const ticks = withinLimit(parent, priceOf(parent, hand, patience))
      if (!(ticks > 0)) return hand.now + retryUs
      const [child] = parent.children
      if (child === undefined) hand.rest(hand.left, ticks)
      else if (!child.moving && !child.leaving && child.ticks !== ticks) hand.move(child, ticks)
      return hand.now + everyMs * 1000
    },
  }),
}

/** Whole ticks, never beyond the middle. */
function priceOf({ side, start, end }: Parent, { market, now }: Hand, patience: number): number {
  const touch = ownTouch(market, side)
  const { bidTicks, askTicks } = market
  if (!(bidTicks > 0 && askTicks > bidTicks)) return touch
  const from = start + (end - start) * patience
  const given = now <= from ? 0 : (now - from) / (end - from)
  const steps = Math.floor(((askTicks - bidTicks) / 2) * Math.min(1, given))
  return side === 'buy' ? touch + steps : touch - steps
}
