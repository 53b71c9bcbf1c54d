// Figures of a series of simple returns. Formulas are those of empyrical-reloaded 0.7.1, which the golden values were made with.

import { pow } from '../../native/index.ts'
import { absent, type Figure, isAbsent } from './figure.ts'

export interface Annual {
  /** Returns in a year; 365 for daily returns of a market that never closes. */
  readonly periods?: number
  /** The return of one period that counts as zero: risk-free for Sharpe, required for Sortino. */
  readonly riskFree?: number
}

/** A difference of returns below this is the rounding of `after / before - 1`, not a difference. */
const rounding = 4 * Number.EPSILON

/**
 * Simple returns: `equity[i + 1] / equity[i] - 1`, one fewer than the values.
 *
 * Errors: none. Behind a value that is not positive a return has no meaning (see `firstNotPositive`).
 */
export function simpleReturns(equity: Float64Array): Float64Array {
  const returns = new Float64Array(Math.max(0, equity.length - 1))
  for (let i = 0; i < returns.length; i++) returns[i] = (equity[i + 1]! - equity[i]!) / equity[i]!
  return returns
}

/** Index of the first value that is zero or less, -1 when there is none. */
export function firstNotPositive(equity: Float64Array): number {
  return equity.findIndex((value) => !(value > 0))
}

/** Compound annual growth rate of a total return that took `count` periods: (1 + total)^(periods / count) - 1. */
export function annualReturn(total: number, count: number, { periods = 365 }: Annual = {}): Figure {
  if (count < 1) return absent('NO_DATA')
  if (total < -1) return absent('EQUITY_NOT_POSITIVE')
  return pow(1 + total, periods / count) - 1
}

/** Sample standard deviation of the returns times the root of the periods in a year. */
export function annualVolatility(returns: Float64Array, { periods = 365 }: Annual = {}): Figure {
  const deviation = sampleDeviation(returns)
  return isAbsent(deviation) ? deviation : deviation * Math.sqrt(periods)
}

/** Mean excess return over its sample standard deviation, annualised. Source: Sharpe (1994), "The Sharpe Ratio". */
export function sharpe(returns: Float64Array, { periods = 365, riskFree = 0 }: Annual = {}): Figure {
  // The deviation does not change when a constant is taken from every return.
  const deviation = sampleDeviation(returns)
  if (isAbsent(deviation)) return deviation
  if (deviation === 0) return absent('NO_VOLATILITY')
  return ((mean(returns) - riskFree) / deviation) * Math.sqrt(periods)
}

/**
 * Mean excess return over the root mean square of what fell short, annualised. Returns that did not fall short count as zeros.
 *
 * Source: Sortino & Price (1994), "Performance Measurement in a Downside Risk Framework".
 */
export function sortino(returns: Float64Array, { periods = 365, riskFree = 0 }: Annual = {}): Figure {
  if (returns.length < 2) return absent('NEEDS_2_RETURNS')
  let squares = 0
  for (const value of returns) if (value < riskFree) squares += (value - riskFree) * (value - riskFree)
  const downside = Math.sqrt(squares / returns.length)
  if (downside === 0) return absent('NO_DOWNSIDE')
  return ((mean(returns) - riskFree) / downside) * Math.sqrt(periods)
}

/** Annual return over the depth of the deepest drawdown. Source: Young (1991), "Calmar Ratio: A Smoother Tool". */
export function calmar(annual: Figure, maxDrawdown: Figure): Figure {
  if (isAbsent(annual)) return annual
  if (isAbsent(maxDrawdown)) return maxDrawdown
  return maxDrawdown < 0 ? annual / -maxDrawdown : absent('NO_DRAWDOWN')
}

export function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/**
 * Sample standard deviation in two passes, because the short formula loses digits; 0 when the values differ by no more than
 * their rounding.
 */
export function sampleDeviation(values: Float64Array): Figure {
  if (values.length < 2) return absent('NEEDS_2_RETURNS')
  const middle = mean(values)
  let squares = 0
  for (const value of values) squares += (value - middle) * (value - middle)
  const deviation = Math.sqrt(squares / (values.length - 1))
  return deviation > rounding ? deviation : 0
}
