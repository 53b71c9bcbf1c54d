// Figures of a series of returns alone: what can be said without knowing what was traded.

import {
  expectedShortfall95,
  expectedShortfall95Normal,
  gainToPain,
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
import { maxDrawdown, ulcerIndex, ulcerIndexQuantstats } from './drawdown.ts'
import { type Absent, absent, type Figure } from './figure.ts'
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
