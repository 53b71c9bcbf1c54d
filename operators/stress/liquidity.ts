// What it costs, and how long it takes, to get out of what is held, when the market is thinner than it was.
import { squareRoot } from '../execution/slippage/square-root.ts'
import { type Exposure, notionalOf } from './exposure.ts'

/** What an instrument traded and moved, by steps of one length. */
export interface Traded {
  /** Mean size a step, in the exchange's own unit. */
  readonly size: number
  /** Mean squared relative change a step. */
  readonly variance: number
  /** Length of a step, s. */
  readonly stepSeconds: number
}

export interface LiquidityResult {
  /** Volume is divided by this. */
  readonly thinner: number
  /** Cost of taking all of it at once by the square-root law, in the settlement currency; null where nothing was traded. */
  readonly cost: number | null
  /** The same as a share of the value of the positions. */
  readonly share: number | null
  /** Time to get out of the slowest position as so large a part of the volume, s; null where nothing was traded. */
  readonly seconds: number | null
}

/** How much of the volume one may be without being all of it. */
export const participation = 0.1

/**
 * In: traded — one an exposure; thinner ≥ 1.
 * Source: the impact of `operators/execution/slippage/square-root.ts`, Y · σ · √(Q / V), with Y = 1.
 */
export function liquidityResult(
  exposures: readonly Exposure[],
  traded: readonly Traded[],
  thinner: number,
): LiquidityResult {
  let [cost, value, seconds] = [0, 0, 0]
  const impact = squareRoot(1)
  for (const [at, one] of exposures.entries()) {
    const { size, variance, stepSeconds } = traded[at]!
    const volume = size / thinner
    if (!(volume > 0)) return { thinner, cost: null, share: null, seconds: null }
    const notional = notionalOf(one)
    const taking = { clientId: '', lots: Math.abs(one.size), ticks: 1, activity: { lots: volume, variance } }
    cost += notional * impact(taking)
    value += notional
    seconds = Math.max(seconds, (Math.abs(one.size) / (volume * participation)) * stepSeconds)
  }
  return { thinner, cost, share: value > 0 ? cost / value : 0, seconds }
}
