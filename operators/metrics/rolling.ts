// Figures of the last n days, at each day end: what a figure of the whole run hides.

import type { Curve } from './curve.ts'
import { isAbsent } from './figure.ts'
import { type Annual, annualVolatility, sharpe, simpleReturns } from './returns.ts'

/** Arrays of one length; NaN where a figure cannot be given (a Sharpe ratio of equal returns, a debt). */
export interface Rolling {
  readonly days: number
  /** The day end that each window ends with, µs since 1970 UTC. */
  readonly times: Float64Array
  /** Equity at the end of the window over that at its beginning, less one. */
  readonly totalReturn: Float64Array
  /** Annualised sample standard deviation of the daily returns. */
  readonly volatility: Float64Array
  /** Annualised. */
  readonly sharpe: Float64Array
  /** Share of the days that gained among those on which equity changed, in [0, 1]. */
  readonly winRate: Float64Array
}

/** The windows that a report shows. */
export const rollingDays = [30, 60, 90] as const

/**
 * Figures over each window of `days` daily returns.
 *
 * In:     daily — day ends, as `dailyEquity` gives them; n + 1 of them are n returns. days — a whole number >= 2.
 * Out:    n - days + 1 windows; none when there are fewer days.
 * Source: `rolling_sharpe` and `rolling_volatility` of quantstats 0.0.86 with 365 periods, each window summed anew (pandas
 *         keeps a running sum, whose rounding stays); the win rate is its `win_rate` over the window.
 */
export function rollingFigures(daily: Curve, days: number, annual: Annual = {}): Rolling {
  if (!(Number.isSafeInteger(days) && days >= 2)) throw new RangeError(`a window of ${days} days`)
  const { times, equity } = daily
  const returns = simpleReturns(equity)
  const count = Math.max(0, returns.length - days + 1)
  const over = (figure: (window: Float64Array, end: number) => number) =>
    Float64Array.from({ length: count }, (_, first) => {
      const window = returns.subarray(first, first + days)
      const isBroke = equity.subarray(first, first + days).some((value) => !(value > 0))
      return isBroke ? Number.NaN : figure(window, first + days)
    })
  return {
    days,
    times: times.slice(days, days + count),
    totalReturn: over((_, end) => (equity[end]! - equity[end - days]!) / equity[end - days]!),
    volatility: over((window) => orNaN(annualVolatility(window, annual))),
    sharpe: over((window) => orNaN(sharpe(window, annual))),
    winRate: over(winRate),
  }
}

/** Share of returns above zero among those that are not zero; NaN when all are. */
export function winRate(returns: Float64Array): number {
  let wins = 0
  let moves = 0
  for (const value of returns) {
    if (value > 0) wins++
    if (value !== 0) moves++
  }
  return wins / moves
}

const orNaN = (figure: ReturnType<typeof sharpe>) => (isAbsent(figure) ? Number.NaN : figure)
