// How far the mark of one instrument may go before a margin account falls short.

import type { Instrument } from '../instrument.ts'
import type { Holding } from '../portfolio/holding.ts'
import type { Ledger } from '../portfolio/ledger.ts'
import { collateralLegs, crossHealth, isOpen, isolatedHealth, legOf, lineOf, surplusOf } from './health.ts'
import { type Leg, shortfall } from './shortfall.ts'
import type { MarginTerms } from './terms.ts'
import { maintenanceMargin } from './tiers.ts'

/** Marks in ticks, doubles: at `low` and below, and at `high` and above, it falls short. −Infinity and Infinity where no price does it. */
export interface Edges {
  readonly low: number
  readonly high: number
}

/** How much of what is left above the maintenance margin may be used up. */
export interface Room {
  readonly share?: number
  readonly error?: number
  /** Of a cross account, where it is known already. */
  readonly surplus?: number
}

/**
 * The edges of an instrument, all other marks taken as unchanged. `share` of the surplus may be used up before them (1: all of it, so
 * that at the edge the margin ratio is 100 %), less `error` units of the currency.
 *
 * An isolated position falls short alone; positions of a cross account, and collateral that has its price, together.
 */
export function edgesOf(
  index: number,
  ledger: Ledger,
  terms: MarginTerms,
  { share = 1, error = 0, surplus }: Room = {},
): Edges {
  const own = ledger.holdings.filter((holding) => holding.instrument.index === index)
  const open = own.filter(isOpen)
  const mark = own[0]!.mark
  if (terms.mode === 'cross') {
    const legs = [...open.map((one) => legOf(one, terms)), ...collateralLegs(index, terms)]
    if (legs.length === 0) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
    const left = surplus ?? surplusOf(crossHealth(ledger, terms))
    return around(own[0]!, legs, { mark, slack: left * share - error })
  }
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const holding of open) {
    const slack = surplusOf(isolatedHealth(holding, terms)) * share - error
    const one = around(holding, [legOf(holding, terms)], { mark, slack })
    low = Math.max(low, one.low)
    high = Math.min(high, one.high)
  }
  return { low, high }
}

/** Where the legs have lost so much more than at the mark. */
function around(
  holding: Holding,
  legs: readonly Leg[],
  { mark, slack }: { readonly mark: number; readonly slack: number },
): Edges {
  const { instrument } = holding
  const from = lineOf(holding, mark)
  const behind = slack - worthOf(legs, from)
  const down = shortfall(legs, { behind, from, way: 'down' })?.price
  const up = shortfall(legs, { behind, from, way: 'up' })?.price
  const [low, high] = instrument.inverse ? [up, down] : [down, up]
  return {
    low: low === undefined ? Number.NEGATIVE_INFINITY : ticksAt(instrument, low),
    high: high === undefined ? Number.POSITIVE_INFINITY : ticksAt(instrument, high),
  }
}

/** Worth less maintenance margin of legs. */
function worthOf(legs: readonly Leg[], price: number): number {
  let sum = 0
  for (const { sign, size, entryPrice, tiers } of legs) {
    sum += sign * size * (price - entryPrice)
    if (tiers.length > 0) sum -= maintenanceMargin(size * price, tiers).margin
  }
  return sum
}

function ticksAt({ inverse, tickNumerator, tickDenominator }: Instrument, line: number): number {
  return ((inverse ? 1 / line : line) * tickDenominator) / tickNumerator
}
