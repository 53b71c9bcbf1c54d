// Figures of a series of returns alone: what can be said without knowing what was traded.

import type { Curve } from './curve.ts'
import {
  expectedShortfall95,
  expectedShortfall95Normal,
  gainToPain,
  kellyOfReturns,
  kurtosis,
  omega,
  sampleExcessKurtosis,
  sampleSkewness,
  skewness,
  stability,
  tailRatio,
  valueAtRisk95,
  valueAtRisk95Normal,
} from './distribution.ts'
import { drawdowns, longestDrawdownMs, maxDrawdown, ulcerIndex, ulcerIndexQuantstats } from './drawdown.ts'
import { type Absent, absent, type Figure, type Reported, report } from './figure.ts'
import { monthlyReturns } from './months.ts'
import {
  type Annual,
  annualReturn,
  annualVolatility,
  calmar,
  firstNotPositive,
  mean,
  sharpe,
  sortino,
} from './returns.ts'
import { winRate } from './rolling.ts'

/** A return, a deviation and a drawdown are fractions, not percent; those of a year have `periods` returns in it. */
export type SeriesFigures = {
  /** Compound growth in a year (CAGR). */
  readonly annualReturn: Figure
  readonly annualVolatility: Figure
  readonly sharpe: Figure
  readonly sortino: Figure
  /** Annual return over `maxDrawdown`. */
  readonly calmar: Figure
  /** What was gained over what was lost. */
  readonly omega: Figure
  /** Sum of returns over what the losing ones lost. */
  readonly gainToPain: Figure
  /** The 95 % point of returns over the 5 % point, unsigned. */
  readonly tailRatio: Figure
  /** Standardised moments of the returns; a normal distribution has 0 and 3. */
  readonly skewness: Figure
  readonly kurtosis: Figure
  /** As quantstats and pandas: corrected for the size of the sample, kurtosis in excess of 3. */
  readonly skewnessQuantstats: Figure
  readonly kurtosisQuantstats: Figure
  /** The return that one in twenty was at or below, and the mean of that twentieth. */
  readonly valueAtRisk95: Figure
  readonly expectedShortfall95: Figure
  /** As quantstats: of a normal distribution with the mean and the deviation of the returns. */
  readonly valueAtRisk95Quantstats: Figure
  readonly expectedShortfall95Quantstats: Figure
  /** As quantstats: share of equity to stake, by how often and how much returns won and lost. `kelly` is that of round trips. */
  readonly kellyQuantstats: Figure
  /** How straight the logarithm of equity runs, in [0, 1]. */
  readonly stability: Figure
}

/** Of the days rather than of a year: these need no month of them. */
export type DayFigures = {
  readonly bestDay: Figure
  readonly worstDay: Figure
  readonly averageDay: Figure
  /** Share of the days that gained among those on which equity changed. */
  readonly winningDays: Figure
  /** Root mean square of the drawdown at day ends. */
  readonly ulcerIndex: Figure
  /** As quantstats: over one day fewer. */
  readonly ulcerIndexQuantstats: Figure
  /** Total return over `maxDrawdown`. */
  readonly recoveryFactor: Figure
  /** As quantstats: the sum of returns over `maxDrawdown`, both unsigned. */
  readonly recoveryFactorQuantstats: Figure
}

export type MonthFigures = {
  /** Share of the calendar months (UTC, with those the run began and ended in) that gained among those that moved. */
  readonly winningMonths: Figure
  readonly bestMonth: Figure
  readonly worstMonth: Figure
  /** Sum of the returns of months over what the losing ones lost: Schwager's own form of `gainToPain`. */
  readonly gainToPainMonthly: Figure
}

/** Why nothing can be said of returns on this equity: none of it, or a return on a debt. */
export function unsound(equity: Float64Array): Absent | undefined {
  if (equity.length < 2) return absent('NO_DATA')
  const ruin = firstNotPositive(equity)
  return ruin < 0 ? undefined : absent('EQUITY_NOT_POSITIVE', `equity was ${equity[ruin]} at point ${ruin}`)
}

/**
 * In:     returns — one a period. equity — what they make of a start, one value more than returns.
 *         none — the reason why none of the figures can be given, where there is one.
 */
export function seriesFigures(
  { returns, equity, none }: { returns: Float64Array; equity: Float64Array; none?: Absent | undefined },
  annual: Annual = {},
): SeriesFigures {
  const given = (figure: () => Figure) => none ?? figure()
  const year = given(() => annualReturn(equity[equity.length - 1]! / equity[0]! - 1, returns.length, annual))
  return {
    annualReturn: year,
    annualVolatility: given(() => annualVolatility(returns, annual)),
    sharpe: given(() => sharpe(returns, annual)),
    sortino: given(() => sortino(returns, annual)),
    calmar: given(() => calmar(year, depthOf(equity))),
    omega: given(() => omega(returns, { threshold: annual.riskFree ?? 0 })),
    gainToPain: given(() => gainToPain(returns)),
    tailRatio: given(() => tailRatio(returns)),
    skewness: given(() => skewness(returns)),
    kurtosis: given(() => kurtosis(returns)),
    skewnessQuantstats: given(() => sampleSkewness(returns)),
    kurtosisQuantstats: given(() => sampleExcessKurtosis(returns)),
    valueAtRisk95: given(() => valueAtRisk95(returns)),
    expectedShortfall95: given(() => expectedShortfall95(returns)),
    valueAtRisk95Quantstats: given(() => valueAtRisk95Normal(returns)),
    expectedShortfall95Quantstats: given(() => expectedShortfall95Normal(returns)),
    kellyQuantstats: given(() => kellyOfReturns(returns)),
    stability: given(() => stability(equity)),
  }
}

/** In: as `seriesFigures`. */
export function dayFigures({
  returns,
  equity,
  none,
}: {
  returns: Float64Array
  equity: Float64Array
  none?: Absent | undefined
}): DayFigures {
  const given = (figure: () => Figure) => none ?? figure()
  return {
    bestDay: given(() => extreme(returns, Math.max)),
    worstDay: given(() => extreme(returns, Math.min)),
    averageDay: given(() => mean(returns)),
    winningDays: given(() => someMoved(winRate(returns))),
    ulcerIndex: given(() => ulcerIndex(equity)),
    ulcerIndexQuantstats: given(() => ulcerIndexQuantstats(equity)),
    recoveryFactor: given(() => overDepth(equity[equity.length - 1]! / equity[0]! - 1, equity)),
    recoveryFactorQuantstats: given(() => overDepth(Math.abs(mean(returns) * returns.length), equity)),
  }
}

/** Of calendar months, as `monthlyReturns` cuts them. */
export function monthFigures(daily: Curve, none: Absent | undefined): MonthFigures {
  if (none !== undefined) {
    return { winningMonths: none, bestMonth: none, worstMonth: none, gainToPainMonthly: none }
  }
  const returns = Float64Array.from(monthlyReturns(daily).months, (month) => month.totalReturn)
  return {
    winningMonths: someMoved(winRate(returns)),
    bestMonth: extreme(returns, Math.max),
    worstMonth: extreme(returns, Math.min),
    gainToPainMonthly: gainToPain(returns),
  }
}

const extreme = (returns: Float64Array, of: (a: number, b: number) => number): number =>
  returns.reduce((found, value) => of(found, value))

const someMoved = (share: number): Figure =>
  Number.isNaN(share) ? absent('NO_VOLATILITY', 'equity never changed') : share

/** `<= 0`; the deepest fall of equity that stands at the ends of periods. */
export function depthOf(equity: Float64Array): number {
  return maxDrawdown({ times: Float64Array.from(equity, (_, point) => point), equity })?.depth ?? 0
}

function overDepth(gain: number, equity: Float64Array): Figure {
  const depth = depthOf(equity)
  return depth < 0 ? gain / -depth : absent('NO_DRAWDOWN')
}

export type SeriesPerformance = Reported<
  keyof (SeriesFigures & DayFigures & MonthFigures) | 'observations' | 'totalReturn' | 'maxDrawdown' | PeriodsUnder
>
/** Periods from the peak to the recovery of the deepest drawdown, and of the longest one; to the end without one. */
type PeriodsUnder = 'maxDrawdownPeriods' | 'longestDrawdownPeriods'

/**
 * Every figure of a series of returns, however short.
 *
 * In:     times — of each return, µs since 1970 UTC; without them nothing is said of months.
 */
export function seriesPerformance(
  { returns, equity, times }: { returns: Float64Array; equity: Float64Array; times?: Float64Array | undefined },
  annual: Annual = {},
): SeriesPerformance {
  const none = unsound(equity)
  // A millisecond a period: lengths of drawdowns come out as periods.
  const curve = { times: Float64Array.from(equity, (_, point) => point * 1_000), equity }
  const [worst] = drawdowns(curve, { count: 1 })
  const months = times === undefined ? absent('NO_TIMES') : { times: stamps(times), equity }
  const [first, last] = [equity[0] ?? 0, equity[equity.length - 1] ?? 0]
  return report({
    observations: returns.length,
    totalReturn: first > 0 && equity.length > 1 ? last / first - 1 : (none ?? absent('NO_DATA')),
    ...seriesFigures({ returns, equity, none }, annual),
    ...dayFigures({ returns, equity, none }),
    ...('reason' in months ? monthFigures(curve, none ?? months) : monthFigures(months, none)),
    maxDrawdown: none ?? worst?.depth ?? 0,
    maxDrawdownPeriods: none ?? worst?.durationMs ?? absent('NO_DRAWDOWN'),
    longestDrawdownPeriods: none ?? longestDrawdownMs(curve, curve.times.at(-1) ?? 0),
  })
}

/** A return that is stamped with a day or a moment belongs to it; day ends belong to the day before. */
function stamps(times: Float64Array): Float64Array {
  const later = new Float64Array(times.length + 1)
  for (let i = 0; i < times.length; i++) later[i + 1] = times[i]! + 1
  later[0] = times.length === 0 ? 0 : later[1]!
  return later
}
