// Sends each part of an order to the exchange where it costs least.
import { z } from 'zod'
import type { FeeRates } from '../execution/fees.ts'
import { priceOf } from '../instrument.ts'
import type { AccountPortfolio } from '../portfolio/portfolio.ts'
import { type RiskMarket, touchOf } from '../risk/view.ts'
import type { Algorithm, Parent } from './algorithm.ts'
import type { Family } from './families.ts'
import { type Part, type Place, route } from './route.ts'

const parameters = z.strictObject({
  maxAgeMs: z
    .number()
    .positive()
    .default(5000)
    .describe(
      'age of an exchange’s newest row above which nothing is sent there, in ms; on candles at least their length',
    ),
  everyMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(1000)
    .describe('alone: how soon what found no taker is sent again, in ms'),
  seconds: z.number().positive().max(86_400).default(10).describe('alone: time from the signal to the end, in seconds'),
})

export type RouterParameters = z.output<typeof parameters>

/**
 * Alone it sends all at once, and what found no taker again until the end; behind an algorithm that says when, each of its parts. Every child is
 * a limit order that takes at the prices it was sent for, or ends.
 *
 * Source: T. Foucault, A. J. Menkveld (2008), "Competition for Order Flow and Smart Order Routing Systems"; the walk over all books at once is
 * that of Regulation NMS's sweep orders, with fees.
 */
export const router: Algorithm<typeof parameters> = {
  name: 'router',
  summary: 'each part to the exchange of the run where it costs least after fees',
  routes: true,
  parameters,
  create: ({ everyMs, seconds }) => ({
    rest: 'leave',
    begin: ({ start }) => ({ end: start + Math.round(seconds * 1e6) }),
    work(_parent, hand) {
      if (hand.left > 0) hand.take(hand.left)
      return hand.now + everyMs * 1000
    },
  }),
}

export interface RouterParts {
  readonly params: Pick<RouterParameters, 'maxAgeMs'>
  readonly markets: readonly RiskMarket[]
  readonly portfolio: AccountPortfolio
  readonly fees: readonly FeeRates[]
  /** Length of the run's candles, µs; 0 on ticks. */
  readonly barUs: number
}

/** A part with its instrument. */
export type Routed = Omit<Part, 'place'> & { readonly instrument: number }

/** The parts of so many units of a parent over its family as of now, what is left, and why. */
export function routed(
  parts: RouterParts,
  family: Family,
  parent: Parent,
  { units, now }: { readonly units: number; readonly now: number },
): { parts: Routed[]; left: number; why: string } {
  const { markets, portfolio, fees } = parts
  const { side } = parent
  const maxAge = Math.max(parts.params.maxAgeMs * 1000, parts.barUs)
  const ill: string[] = []
  const members: number[] = []
  const places: Place[] = []
  for (const [at, index] of family.members.entries()) {
    const market = markets[index]!
    const why = illnessOf(market, side, now - maxAge)
    if (why !== undefined) {
      ill.push(`${market.instrument.exchange}: ${why}`)
      continue
    }
    const unit = family.units[at]!
    const held = portfolio.lots(index)
    const open = portfolio.openLots(index, side) + portfolio.reducingLots(index, side)
    const closing = Math.max(0, (side === 'buy' ? -held : held) - open) * unit
    const onlyCloses = parent.reduceOnly === true || (market.instrument.type === 'spot' && side === 'sell')
    members.push(index)
    places.push({
      market,
      unit,
      fee: fees[index]!.taker,
      closing,
      most: onlyCloses ? closing : Number.POSITIVE_INFINITY,
    })
  }
  const limit = parent.ticks === undefined ? undefined : priceOf(markets[parent.instrument]!.instrument, parent.ticks)
  const { parts: found, left } = route(side, units, places, limit)
  return {
    parts: found.map(({ place, lots, ticks }) => ({ instrument: members[place]!, lots, ticks })),
    left,
    why: ill.length === 0 ? 'the books offer no more' : ill.join(', '),
  }
}

/** Why nothing is sent to an exchange now; undefined: it is well. */
function illnessOf(market: RiskMarket, side: 'buy' | 'sell', oldest: number): string | undefined {
  if (!market.synced) return 'out of sync'
  if (!(touchOf(market, side) > 0)) return 'no price'
  if (market.hasDepth !== false && !((side === 'buy' ? market.askTicks : market.bidTicks) > 0)) return 'an empty side'
  return market.received >= oldest ? undefined : 'stale'
}
