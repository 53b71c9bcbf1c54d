// What a day may do to what is held now: many days put together from pieces of the days that were seen.
import { random } from '../random.ts'
import { type Exposure, profitAt } from './exposure.ts'

export interface MonteCarloOptions {
  readonly paths: number
  /** Steps of the history that a path is long. */
  readonly steps: number
  /** Mean length of a piece, in steps. */
  readonly meanBlock: number
  readonly seed: string | number
}

/** Losses are above 0; all amounts in the settlement currency. */
export interface MonteCarloResult {
  readonly paths: number
  readonly steps: number
  readonly mean: number
  readonly var95: number
  readonly var99: number
  /** Mean loss of the paths beyond them. */
  readonly es95: number
  readonly es99: number
  readonly worst: number
  /** Share of the paths at whose pieces' ends equity was gone. */
  readonly ruin: number
  /** Largest fall from the best point of a path, seen at the ends of its pieces: the median, and the 95th percentile. */
  readonly drawdown50: number
  readonly drawdown95: number
}

/**
 * Joint paths of all positions by the stationary bootstrap: pieces of the history of geometric length, begun anywhere, at its end going on from
 * its beginning, so that what moved together moves together, and what follows each other does within a piece.
 *
 * In:     prices — one series an exposure, of one length and grid, above 0; equity in the settlement currency.
 * Errors: RangeError for fewer than two prices, or series of other lengths (bugs of the caller).
 * Source: D. Politis, J. Romano (1994), "The Stationary Bootstrap". VaR and expected shortfall of the empirical distribution of profits.
 */
export function monteCarlo(
  exposures: readonly Exposure[],
  prices: readonly Float64Array[],
  equity: number,
  { paths, steps, meanBlock, seed }: MonteCarloOptions,
): MonteCarloResult {
  const length = prices[0]?.length ?? 0
  if (length < 2 || prices.length !== exposures.length || prices.some((one) => one.length !== length))
    throw new RangeError(`${prices.length} series of ${length} prices for ${exposures.length} positions`)
  const draw = random(`${seed}/stress`)
  const returns = length - 1
  const profits = new Float64Array(paths)
  const falls = new Float64Array(paths)
  const factors = new Float64Array(exposures.length)
  let ruined = 0
  for (let path = 0; path < paths; path++) {
    factors.fill(1)
    let [profit, best, fall, isRuined] = [0, 0, 0, false]
    for (let left = steps; left > 0; ) {
      const block = Math.min(left, returns, 1 + Math.floor(draw.exponential() * meanBlock))
      const from = draw.below(returns)
      left -= block
      profit = 0
      for (let at = 0; at < factors.length; at++) {
        factors[at]! *= moved(prices[at]!, from, block)
        profit += profitAt(exposures[at]!, factors[at]!)
      }
      if (profit > best) best = profit
      if (best - profit > fall) fall = best - profit
      if (equity + profit <= 0) isRuined = true
    }
    profits[path] = profit
    falls[path] = fall
    if (isRuined) ruined++
  }
  profits.sort()
  falls.sort()
  return {
    ...{ paths, steps, mean: meanOf(profits, paths) },
    ...{ var95: lossAt(profits, 0.05), var99: lossAt(profits, 0.01) },
    ...{ es95: -meanOf(profits, tailOf(paths, 0.05)), es99: -meanOf(profits, tailOf(paths, 0.01)) },
    ...{ worst: 0 - profits[0]!, ruin: ruined / paths },
    ...{ drawdown50: falls[Math.floor(paths / 2)]!, drawdown95: falls[Math.min(paths - 1, Math.floor(paths * 0.95))]! },
  }
}

/** How many times its price something is worth after `block` steps of its history from step `from` on, round its end. */
function moved(prices: Float64Array, from: number, block: number): number {
  const last = prices.length - 1
  const to = from + block
  if (to <= last) return prices[to]! / prices[from]!
  return (prices[last]! / prices[from]!) * (prices[to - last]! / prices[0]!)
}

/** How many of the worst paths a share is: at least one. */
function tailOf(paths: number, share: number): number {
  return Math.max(1, Math.floor(paths * share))
}

/** The loss that so large a share of the paths, sorted from the worst, reach or exceed. */
function lossAt(profits: Float64Array, share: number): number {
  return 0 - profits[tailOf(profits.length, share) - 1]!
}

function meanOf(values: Float64Array, count: number): number {
  let sum = 0
  for (let at = 0; at < count; at++) sum += values[at]!
  return sum / count
}
