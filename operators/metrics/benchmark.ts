// What holding the traded instruments would have come to, and how a run compares with it.

import { pow } from '../../native/index.ts'
import type { Curve } from './curve.ts'
import { type Absent, absent, type Figure, isAbsent, type Reported, report } from './figure.ts'
import { firstNotPositive, mean, sampleDeviation, simpleReturns } from './returns.ts'

/** Prices of one instrument: `prices[i]` from `times[i]` on. Times in µs since 1970 UTC, never falling. */
export interface PriceSeries {
  readonly times: ArrayLike<number>
  readonly prices: ArrayLike<number>
}

/**
 * Equity of who splits `cash` evenly between the instruments at the first of `times`, buys, and holds. No costs.
 *
 * In:     series — one an instrument. times — when to value, never falling: the day ends of the run's own curve.
 * Out:    equity at each of `times`. An instrument that has no price yet is bought at its first price; its share of the
 *         cash waits until then. One without any price stays cash.
 *         Of an inverse contract it is the value of the coin in the currency of the quote.
 */
export function buyAndHold(
  series: readonly PriceSeries[],
  { times, cash }: { times: Float64Array; cash: number },
): Curve {
  const equity = new Float64Array(times.length)
  if (series.length === 0) equity.fill(cash)
  for (const { times: at, prices } of series) {
    const share = cash / series.length
    let next = 0
    let entry: number | undefined
    for (let point = 0; point < times.length; point++) {
      while (next < at.length && at[next]! <= times[point]!) next++
      if (next > 0) entry ??= point === 0 ? prices[next - 1]! : prices[0]!
      equity[point]! += entry === undefined ? share : (share * prices[next - 1]!) / entry
    }
  }
  return { times, equity }
}

export type BenchmarkFigures = {
  /** Of the benchmark over the same days. */
  readonly benchmarkReturn: Figure
  /** The run's total return less the benchmark's. */
  readonly excessReturn: Figure
  /** Change of the run's daily return with the benchmark's: their covariance over the benchmark's variance. */
  readonly beta: Figure
  /** The return that beta does not explain, compounded to a year. */
  readonly alpha: Figure
  /** The same, times the periods instead of compounded. */
  readonly alphaQuantstats: Figure
  /** Of daily returns, in [-1, 1]. */
  readonly correlation: Figure
  readonly rSquared: Figure
  /** Sample standard deviation of the difference of daily returns, annualised. */
  readonly trackingError: Figure
  /** Mean difference of daily returns over its sample standard deviation, annualised. */
  readonly informationRatio: Figure
  /** The same of one day. */
  readonly informationRatioQuantstats: Figure
}

export type Benchmark = Reported<keyof BenchmarkFigures>

/** Days below which nothing is said of how two curves move together. */
const leastReturns = 30

/**
 * A run against its benchmark.
 *
 * In:     daily, benchmark — equity of both at the same day ends.
 * Errors: RangeError (a bug of the caller) when they have another number of points.
 * Source: `alpha_beta` and `excess_sharpe` of empyrical-reloaded 0.7.1; `greeks`, `r_squared` and `information_ratio` of
 *         quantstats 0.0.86. Jensen (1968), Grinold & Kahn (1999).
 */
export function benchmarkFigures(
  daily: Curve,
  benchmark: Curve,
  { periods = 365, least = leastReturns }: { periods?: number; least?: number } = {},
): Benchmark {
  if (daily.equity.length !== benchmark.equity.length) {
    throw new RangeError(`${daily.equity.length} points of a run, but ${benchmark.equity.length} of its benchmark`)
  }
  const [own, other] = [wholeReturn(daily.equity), wholeReturn(benchmark.equity)]
  return report<keyof BenchmarkFigures>({
    benchmarkReturn: other,
    excessReturn: isAbsent(own) ? own : isAbsent(other) ? other : own - other,
    ...together(daily.equity, benchmark.equity, { periods, least }),
  })
}

type Together = Omit<BenchmarkFigures, 'benchmarkReturn' | 'excessReturn'>

function together(run: Float64Array, held: Float64Array, of: { periods: number; least: number }): Together {
  const none = refused(run, held, of.least)
  if (none !== undefined) {
    return {
      ...{ beta: none, alpha: none, alphaQuantstats: none, correlation: none, rSquared: none },
      ...{ trackingError: none, informationRatio: none, informationRatioQuantstats: none },
    }
  }
  const [returns, benchmark] = [simpleReturns(run), simpleReturns(held)]
  return { ...explained(returns, benchmark, of.periods), ...active(returns, benchmark, of.periods) }
}

function refused(run: Float64Array, held: Float64Array, least: number): Absent | undefined {
  if (run.length < 2) return absent('NO_DATA')
  if (run.length - 1 < least) return absent('NEEDS_30_DAYS', `${run.length - 1} days of data`)
  const broke = [run, held].find((equity) => firstNotPositive(equity) >= 0)
  return broke === undefined ? undefined : absent('EQUITY_NOT_POSITIVE', `equity was ${broke[firstNotPositive(broke)]}`)
}

function explained(
  returns: Float64Array,
  benchmark: Float64Array,
  periods: number,
): Pick<Together, 'beta' | 'alpha' | 'alphaQuantstats' | 'correlation' | 'rSquared'> {
  const [ownDeviation, deviation] = [sampleDeviation(returns), sampleDeviation(benchmark)]
  if (!isAbsent(deviation) && deviation !== 0 && !isAbsent(ownDeviation)) {
    const [ownMean, otherMean] = [mean(returns), mean(benchmark)]
    let product = 0
    for (let day = 0; day < returns.length; day++) product += (returns[day]! - ownMean) * (benchmark[day]! - otherMean)
    const covariance = product / (returns.length - 1)
    const beta = covariance / (deviation * deviation)
    const daily = ownMean - beta * otherMean
    const still = absent('NO_VOLATILITY')
    const correlation = ownDeviation === 0 ? still : covariance / (ownDeviation * deviation)
    return {
      ...{ beta, correlation, rSquared: isAbsent(correlation) ? still : correlation * correlation },
      alpha: daily > -1 ? pow(1 + daily, periods) - 1 : absent('NOT_FINITE'),
      alphaQuantstats: daily * periods,
    }
  }
  const none = isAbsent(deviation) ? deviation : absent('NO_VOLATILITY', 'all returns of the benchmark are equal')
  return { beta: none, alpha: none, alphaQuantstats: none, correlation: none, rSquared: none }
}

function active(
  returns: Float64Array,
  benchmark: Float64Array,
  periods: number,
): Pick<Together, 'trackingError' | 'informationRatio' | 'informationRatioQuantstats'> {
  const differences = returns.map((value, day) => value - benchmark[day]!)
  const deviation = sampleDeviation(differences)
  if (isAbsent(deviation))
    return { trackingError: deviation, informationRatio: deviation, informationRatioQuantstats: deviation }
  const none = absent('NO_VOLATILITY', 'the run differs from its benchmark by the same each day')
  const ratio = deviation === 0 ? none : mean(differences) / deviation
  return {
    trackingError: deviation * Math.sqrt(periods),
    informationRatio: isAbsent(ratio) ? ratio : ratio * Math.sqrt(periods),
    informationRatioQuantstats: ratio,
  }
}

function wholeReturn(equity: Float64Array): Figure {
  const [start] = equity
  if (start === undefined) return absent('NO_DATA')
  return start > 0
    ? equity[equity.length - 1]! / start - 1
    : absent('EQUITY_NOT_POSITIVE', `equity began with ${start}`)
}
