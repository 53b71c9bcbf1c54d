// Returns of calendar months and years (UTC), as a table of years by months shows them.

import type { Curve } from './curve.ts'

export interface Month {
  readonly year: number
  /** 1 is January. */
  readonly month: number
  /** Equity at the end of the month over that at its beginning, less one; NaN when the month began with nothing or a debt. */
  readonly totalReturn: number
  /** Day ends in it: fewer than the calendar has in a month that the run began or ended in. */
  readonly days: number
}

export interface MonthlyReturns {
  /** In the order of time, without holes: a month without a change has a return of 0. */
  readonly months: readonly Month[]
  readonly years: readonly Omit<Month, 'month'>[]
}

/**
 * In:     daily — day ends, as `dailyEquity` gives them. A day end at midnight belongs to the day that ends there.
 * Source: the product of daily returns of a month, as `monthly_returns` of quantstats 0.0.86.
 */
export function monthlyReturns(daily: Curve): MonthlyReturns {
  const months = periods(daily, (year, month) => year * 12 + month)
  return {
    months,
    years: periods(daily, (year) => year).map(({ year, totalReturn, days }) => ({ year, totalReturn, days })),
  }
}

function periods({ times, equity }: Curve, keyOf: (year: number, month: number) => number): Month[] {
  const rows: Month[] = []
  let key = Number.NaN
  let first = 0
  for (let day = 1; day < times.length; day++) {
    const date = new Date((times[day]! - 1) / 1_000)
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1]
    if (keyOf(year, month) !== key) first = day - 1
    else rows.pop()
    key = keyOf(year, month)
    const [start, end] = [equity[first]!, equity[day]!]
    rows.push({ year, month, totalReturn: start > 0 ? (end - start) / start : Number.NaN, days: day - first })
  }
  return rows
}
