// All figures of one run: its daily returns, its drawdowns, its trades.

import { type Curve, curveWithin, dayEnds, dayUs, meanEquity, type Span } from './curve.ts'
import { longestDrawdownMs, maxDrawdown } from './drawdown.ts'
import { type Absent, absent, type Figure, type ReasonCode, type Reported, report } from './figure.ts'
import { firstNotPositive, simpleReturns } from './returns.ts'
import { amountOf, type RoundTrips } from './round-trips.ts'
import {
  type DayFigures,
  dayFigures,
  type MonthFigures,
  monthFigures,
  type SeriesFigures,
  seriesFigures,
} from './series.ts'
import { exposure, type TradeFigures, tradeFigures } from './trade-figures.ts'

/** Days below which no figure is stretched to a year. */
const leastDays = 30
/** What may be missing of them: a curve of hourly bars begins with its first close. */
const forgivenUs = 3_600_000_000

type DrawdownFigures<Prefix extends string> = { readonly [name in Prefix | `${Prefix}${DrawdownPart}`]: Figure }
type DrawdownPart = 'Start' | 'Trough' | 'Recovery' | 'DurationMs'

type CurveFigures = {
  /** Length of the span in days. */
  readonly days: Figure
  readonly startEquity: Figure
  readonly finalEquity: Figure
  /** Final over start equity, less one; as every ratio here a fraction, not percent. */
  readonly totalReturn: Figure
}

type CostFigures = {
  /** Fees less funding received, over what was made before both; what of the profit went to costs. */
  readonly costShare: Figure
  /** The longest time below a peak, at every point of the curve; to the end where it was not met again. */
  readonly longestDrawdownMs: Figure
}

type ActivityFigures = {
  readonly fills: Figure
  /** Fees paid less rebates, in the settlement currency. */
  readonly fees: Figure
  /** Funding received less paid. */
  readonly funding: Figure
  /** Value of all fills. */
  readonly notional: Figure
  /** `notional` over the mean of equity over time; not annualised. */
  readonly turnover: Figure
  /** Share of the time during which a position was open. */
  readonly exposure: Figure
}

export type Figures = CurveFigures &
  /** These rest on equity at mark at each UTC day end, and on a year of 365 days. */
  SeriesFigures &
  DayFigures &
  MonthFigures &
  CostFigures &
  /** `maxDrawdown` at UTC day ends, `intradayMaxDrawdown` at every point of the curve; both <= 0, times in µs. */
  DrawdownFigures<'maxDrawdown'> &
  DrawdownFigures<'intradayMaxDrawdown'> &
  TradeFigures &
  ActivityFigures

/** Each figure as a number, or null with the reason in `reasons` under the same name; ready for JSON. */
export type Performance = Reported<keyof Figures>

export interface Run extends Span {
  /** The equity curve: µs since 1970 UTC, never falling, and equity at mark in the settlement currency. */
  readonly times: Float64Array
  readonly equity: Float64Array
  readonly trips: RoundTrips
}

/**
 * Performance of one run.
 *
 * In:     from, to — the span of the data, not of the curve: for bars from the first open. start — the opening cash.
 * Errors: RangeError as `curveWithin`.
 * Source: formulas and golden values of empyrical-reloaded 0.7.1 with annualization 365.
 */
export function performance({ times, equity, trips, ...span }: Run): Performance {
  const curve = curveWithin(times, equity, span)
  const daily = dayEnds(curve, span.to)
  const count = daily.equity.length - 1
  const elapsed = count > 0 ? daily.times[count]! - daily.times[0]! : 0
  const series = { returns: simpleReturns(daily.equity), equity: daily.equity }
  const ofYear = refused(daily, elapsed, leastDays)
  return report<keyof Figures>({
    ...curveFigures(daily, elapsed),
    ...seriesFigures({ ...series, none: ofYear }),
    ...dayFigures({ ...series, none: refused(daily, elapsed, 1) }),
    ...monthFigures(daily, ofYear),
    ...drawdownFigures('maxDrawdown', daily, span.to),
    ...drawdownFigures('intradayMaxDrawdown', curve, span.to),
    longestDrawdownMs: noDrawdown(curve) === 'NO_DATA' ? absent('NO_DATA') : longestDrawdownMs(curve, span.to),
    ...tradeFigures(trips.closed),
    ...activityFigures(trips, meanEquity(curve, span.to)),
    exposure: exposure(trips, span.from, span.to),
    costShare: costShare(daily.equity, trips),
  })
}

function curveFigures({ equity }: Curve, elapsed: number): CurveFigures {
  return {
    days: elapsed / dayUs,
    startEquity: equity[0] ?? absent('NO_DATA'),
    finalEquity: equity[equity.length - 1] ?? absent('NO_DATA'),
    totalReturn: totalReturn(equity),
  }
}

function costShare(equity: Float64Array, { feesE8, fundingE8 }: RoundTrips): Figure {
  const [start] = equity
  if (start === undefined) return absent('NO_DATA')
  const costs = amountOf(feesE8 - fundingE8)
  const gross = equity[equity.length - 1]! - start + costs
  return gross > 0 ? costs / gross : absent('NO_GROSS_PROFIT')
}

/** Why nothing can be said of so many days. */
function refused({ times, equity }: Curve, elapsed: number, days: 1 | 30): Absent | undefined {
  if (equity.length < 2) return absent('NO_DATA')
  if (elapsed < days * dayUs - forgivenUs) {
    const code = days === 1 ? 'NEEDS_1_DAY' : 'NEEDS_30_DAYS'
    const seen = elapsed / dayUs
    return absent(code, `${seen < 1 ? Number(seen.toPrecision(2)) : Math.round(seen * 100) / 100} days of data`)
  }
  const ruin = firstNotPositive(equity)
  return ruin < 0 ? undefined : absent('EQUITY_NOT_POSITIVE', `equity was ${equity[ruin]} at ${times[ruin]}`)
}

function totalReturn(equity: Float64Array): Figure {
  const [start] = equity
  if (start === undefined) return absent('NO_DATA')
  if (!(start > 0)) return absent('EQUITY_NOT_POSITIVE', `equity was ${start} at the start`)
  return equity[equity.length - 1]! / start - 1
}

/** The duration is that from the peak to the recovery; of a drawdown that has not recovered, to the end. */
function drawdownFigures<Prefix extends string>(name: Prefix, curve: Curve, to: number): DrawdownFigures<Prefix> {
  const worst = maxDrawdown(curve)
  const code = noDrawdown(curve)
  const none = absent(code)
  return {
    [name]: worst?.depth ?? (code === 'NO_DRAWDOWN' ? 0 : none),
    [`${name}Start`]: worst?.start ?? none,
    [`${name}Trough`]: worst?.trough ?? none,
    [`${name}Recovery`]: worst === undefined ? none : (worst.recovery ?? absent('NOT_RECOVERED')),
    [`${name}DurationMs`]: worst === undefined ? none : ((worst.recovery ?? to) - worst.start) / 1_000,
  } as DrawdownFigures<Prefix>
}

function noDrawdown({ opening, equity }: Curve): ReasonCode {
  if (opening === undefined && equity.length === 0) return 'NO_DATA'
  return (opening?.equity ?? 0) > 0 || equity.some((value) => value > 0) ? 'NO_DRAWDOWN' : 'EQUITY_NOT_POSITIVE'
}

function activityFigures(trips: RoundTrips, mean: number | undefined): Omit<ActivityFigures, 'exposure'> {
  const notional = amountOf(trips.notionalE8)
  return {
    fills: trips.fills,
    fees: amountOf(trips.feesE8),
    funding: amountOf(trips.fundingE8),
    notional,
    turnover: mean === undefined ? absent('NO_DATA') : mean > 0 ? notional / mean : absent('EQUITY_NOT_POSITIVE'),
  }
}
