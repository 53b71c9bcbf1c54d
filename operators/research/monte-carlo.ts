// What else could have come of the same returns: their order shuffled, pieces of them drawn, or each drawn anew.
import { quantile } from '../metrics/quantile.ts'
import { type Random, random } from '../random.ts'
import { impossible } from './statistics/impossible.ts'
import { stationarySample } from './statistics/stationary-bootstrap.ts'

/** `reshuffle`: each profit once, in another order. `block`: pieces of the series (stationary bootstrap). `resample`: each drawn alone, with replacement. */
export type MonteCarloMethod = 'reshuffle' | 'block' | 'resample'

export interface MonteCarloOptions {
  readonly method: MonteCarloMethod
  readonly paths?: number
  /** Mean length of a piece, in returns; of `block` alone. */
  readonly meanBlock?: number
  /** Points of the equity bands, evenly spaced, the start and the end among them. */
  readonly points?: number
  readonly seed: string | number
}

/** Values that 5, 25, 50, 75 and 95 % of the paths are at or below. */
export interface Bands {
  readonly p5: number
  readonly p25: number
  readonly p50: number
  readonly p75: number
  readonly p95: number
}

export interface MonteCarloPaths {
  readonly method: MonteCarloMethod
  readonly paths: number
  /** How many returns had passed at each point, from 0 on, and the bands of what 1 had become. */
  readonly steps: readonly number[]
  readonly equity: readonly Bands[]
  /** What 1 had become at the same points in the order that was. */
  readonly observed: readonly number[]
  /** Total return; of reshuffled paths that were not ruined it is one and the same, but for rounding. */
  readonly totalReturn: Bands
  /** <= 0: 5 % of the paths fell at least as deep as p5. */
  readonly maxDrawdown: Bands
  /** Share of the paths that lost money. */
  readonly loss: number
}

/**
 * Returns compound. Profits of trades add up: a trade of a fixed size earns the same amount wherever it comes, and so every order ends
 * where the run ended, unless equity is gone on the way.
 *
 * In:     returns — of days, as fractions of equity; to `reshuffle` profits of trades, as fractions of the equity at the start.
 * Errors: SmartspeedError CONFIG_INVALID for no return or no path.
 * Source: for `block` Politis & Romano (1994), "The Stationary Bootstrap"; for `reshuffle` what trading platforms mean by it, such as
 *         cTrader's MonteCarloMethod.Reshuffle: the total net profit stays the same; equity, drawdown and ruin do not.
 */
export function monteCarloPaths(
  returns: Float64Array,
  { method, paths = 1_000, meanBlock = 10, points = 101, seed }: MonteCarloOptions,
): MonteCarloPaths {
  const length = returns.length
  if (length < 1 || !(paths >= 1) || !(points >= 2))
    throw impossible(
      `${paths} paths of ${length} returns, ${points} points`,
      'give returns, paths, and at least 2 points',
    )
  const draw = random(`${seed}/monte-carlo/${method}`)
  const steps = [...new Set(Array.from({ length: points }, (_, i) => Math.round((i * length) / (points - 1))))]
  // Point after point, the values of all paths, so that those of a point can be sorted where they are.
  const seen = steps.map(() => new Float64Array(paths))
  const falls = new Float64Array(paths)
  const adds = method === 'reshuffle'
  /** Walks a path, tells the equity at each point, and gives the deepest fall. */
  const walk = (order: Int32Array, tell: (point: number, equity: number) => void): number => {
    let [equity, peak, fall, point] = [1, 1, 0, 0]
    for (let step = 0; ; step++) {
      if (steps[point] === step) tell(point++, equity)
      if (step === length) return fall
      const value = returns[order[step]!]!
      // Equity that is gone stays gone.
      if (equity > 0) equity = Math.max(0, adds ? equity + value : equity * (1 + value))
      if (equity > peak) peak = equity
      fall = Math.min(fall, equity / peak - 1)
    }
  }
  const observed: number[] = []
  walk(asItWas(length), (_, equity) => observed.push(equity))
  for (let path = 0; path < paths; path++) {
    falls[path] = walk(orderOf(draw, { length, method, meanBlock }), (point, equity) => {
      seen[point]![path] = equity
    })
  }
  const final = seen.at(-1)!.map((equity) => equity - 1)
  return {
    ...{ method, paths, steps, equity: seen.map(bandsOf), observed },
    ...{ totalReturn: bandsOf(final), maxDrawdown: bandsOf(falls) },
    loss: final.reduce((count, gain) => count + (gain < 0 ? 1 : 0), 0) / paths,
  }
}

function orderOf(
  draw: Random,
  { length, method, meanBlock }: { length: number; method: MonteCarloMethod; meanBlock: number },
): Int32Array {
  if (method !== 'reshuffle') return stationarySample(draw, length, method === 'block' ? meanBlock : 1)
  const order = asItWas(length)
  // Fisher and Yates.
  for (let i = length - 1; i > 0; i--) {
    const j = draw.below(i + 1)
    const other = order[j]!
    order[j] = order[i]!
    order[i] = other
  }
  return order
}

function asItWas(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => i)
}

function bandsOf(values: Float64Array): Bands {
  const sorted = values.toSorted()
  const at = (share: number) => quantile(sorted, share)
  return { p5: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) }
}
