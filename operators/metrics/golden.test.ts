// Figures, series and tables of a report, held against empyrical-reloaded, quantstats, scipy, numpy and pandas.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { benchmarkFigures } from './benchmark.ts'
import type { Curve } from './curve.ts'
import { omega } from './distribution.ts'
import { drawdowns } from './drawdown.ts'
import { type Figure, isAbsent, report } from './figure.ts'
import { histogramOf } from './histogram.ts'
import { monthlyReturns } from './months.ts'
import { performance } from './performance.ts'
import { simpleReturns } from './returns.ts'
import { rollingFigures } from './rolling.ts'
import { type RoundTrip, roundTrips } from './round-trips.ts'
import { dayFigures, seriesFigures } from './series.ts'
import { tradeFigures } from './trade-figures.ts'

type Numbers = Record<string, number | null>

interface Golden {
  name: string
  from: number
  to: number
  times: number[]
  equity: number[]
  dailyTimes: number[]
  dailyEquity: number[]
  withRiskFree: { riskFree: number; omega: number | null }
  more: Numbers
  months: [year: number, month: number, totalReturn: number][]
  drawdowns: [depth: number, start: number, trough: number, recovery: number | null][]
  histogram?: { edges: number[]; counts: number[] }
  rolling?: ({ days: number; times: number[] } & Record<RollingName, (number | null)[]>)[]
  benchmark?: { equity: number[]; figures: Numbers }
}

type RollingName = 'totalReturn' | 'volatility' | 'sharpe' | 'winRate'

const file = new URL('../../tests/golden/metrics/metrics.json', import.meta.url)
const { cases: golden, trips }: { cases: Golden[]; trips: { results: number[]; kelly: number }[] } = JSON.parse(
  readFileSync(file, 'utf8'),
)
const dailyOf = ({ dailyTimes, dailyEquity }: Golden): Curve => ({
  times: Float64Array.from(dailyTimes),
  equity: Float64Array.from(dailyEquity),
})

/** Their sums are taken in another order: equal to 1e-10 of the value, or of 1e-16 near zero. */
function expectClose(seen: number | null | undefined, expected: number, name: string) {
  expect(typeof seen, name).toBe('number')
  const far = Math.abs(seen! - expected)
  expect(far, `${name}: ${seen} is not ${expected}`).toBeLessThanOrEqual(1e-10 * Math.abs(expected) + 1e-16)
}

/**
 * Where equity never moves libraries divide by zero or by rounding: what we say instead. pandas calls the shape of equal
 * returns 0 and quantstats the share of nothing 0; we give none. A normal distribution without width is its mean.
 */
const flat: Numbers = {
  ...{ skewnessQuantstats: null, kurtosisQuantstats: null, winningDays: null, winningMonths: null, stability: null },
  valueAtRisk95Quantstats: 0,
}

describe('figures of returns equal those of empyrical, quantstats and scipy', () => {
  test.each(golden)('$name', (one) => {
    const daily = dailyOf(one)
    const series = { returns: simpleReturns(daily.equity), equity: daily.equity }
    const seen: Numbers = report<string>({ ...seriesFigures(series), ...dayFigures(series), ...ofMonths(one) })
    for (const [name, expected] of Object.entries(one.more)) {
      if (one.name.startsWith('flat') && name in flat) expect(seen[name], name).toBe(flat[name])
      else if (expected === null) expect(seen[name], name).toBeNull()
      else expectClose(seen[name], expected, name)
    }
  })

  test.each(golden)('$name: omega with a risk-free return', ({ withRiskFree, ...one }) => {
    const seen = omega(simpleReturns(Float64Array.from(one.dailyEquity)), { threshold: withRiskFree.riskFree })
    if (withRiskFree.omega === null) expect(seen).toHaveProperty('reason')
    else expectClose(seen as number, withRiskFree.omega, 'omega')
  })

  test.each(golden)('$name: a run gives them as they are, or says why it gives none', (one) => {
    const seen = performance({ ...one, ...asCurve(one), trips: roundTrips([]) })
    const figures: Record<string, Figure> = seriesFigures({
      returns: simpleReturns(Float64Array.from(one.dailyEquity)),
      equity: Float64Array.from(one.dailyEquity),
    })
    for (const name of Object.keys(figures) as (keyof ReturnType<typeof seriesFigures>)[]) {
      const figure = figures[name]!
      if (one.name === '29 days') expect(seen.reasons[name], name).toMatch(/^NEEDS_30_DAYS: 29 days/)
      else expect(seen[name], name).toBe(isAbsent(figure) ? null : figure)
    }
  })
})

/** The golden values of months, told by the run; of too short a run by the months themselves. */
function ofMonths(one: Golden): Record<string, Figure> {
  const { winningMonths, bestMonth, worstMonth, gainToPainMonthly } = performance({
    ...{ ...one, ...asCurve(one), trips: roundTrips([]) },
  })
  if (one.name !== '29 days') return nullsOut({ winningMonths, bestMonth, worstMonth, gainToPainMonthly })
  const [only] = monthlyReturns(dailyOf(one)).months
  return nullsOut({
    ...{ winningMonths: only!.totalReturn > 0 ? 1 : 0, bestMonth: only!.totalReturn, worstMonth: only!.totalReturn },
    gainToPainMonthly: one.more.gainToPainMonthly ?? null,
  })
}

const nullsOut = (figures: Numbers): Record<string, Figure> =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, value ?? { reason: 'null' }]))

const asCurve = ({ times, equity }: Golden) => ({ times: Float64Array.from(times), equity: Float64Array.from(equity) })

test.each(trips)('Kelly’s share by $results.length round trips equals quantstats’ formula of their results', (one) => {
  const closed = one.results.map((result) => ({ pnlE8: BigInt(Math.round(result * 1e8)), holdingMs: 0 }) as RoundTrip)
  expectClose(tradeFigures(closed).kelly as number, one.kelly, 'kelly')
})

describe('tables equal those of pandas and numpy', () => {
  test.each(golden)('$name: returns of months', (one) => {
    const { months, years } = monthlyReturns(dailyOf(one))
    expect(months.map(({ year, month }) => [year, month])).toEqual(one.months.map(([year, month]) => [year, month]))
    for (const [i, [, , expected]] of one.months.entries()) expectClose(months[i]!.totalReturn, expected, `month ${i}`)
    for (const { year, totalReturn, days } of years) {
      const own = months.filter((month) => month.year === year)
      expect(days).toBe(own.reduce((sum, month) => sum + month.days, 0))
      expectClose(totalReturn, own.reduce((grown, month) => grown * (1 + month.totalReturn), 1) - 1, String(year))
    }
  })

  test.each(golden)('$name: the deepest drawdowns', (one) => {
    const seen = drawdowns(dailyOf(one))
    expect(seen.map(({ start, trough, recovery }) => [start, trough, recovery ?? null])).toEqual(
      one.drawdowns.map(([, ...times]) => times),
    )
    for (const [i, [depth]] of one.drawdowns.entries()) expectClose(seen[i]!.depth, depth, `drawdown ${i}`)
    for (const { start, trough, recovery, durationMs, recoveryMs } of seen) {
      expect(durationMs).toBe(((recovery ?? one.to) - start) / 1_000)
      expect(recoveryMs).toBe(recovery === undefined ? undefined : (recovery - trough) / 1_000)
    }
  })

  test.each(golden.filter(({ histogram }) => histogram !== undefined))('$name: a histogram', (one) => {
    const { edges, counts } = histogramOf(simpleReturns(Float64Array.from(one.dailyEquity)))
    expect([...counts]).toEqual(one.histogram!.counts)
    for (const [i, edge] of one.histogram!.edges.entries()) expectClose(edges[i], edge, `edge ${i}`)
  })

  test.each(golden.filter(({ rolling }) => rolling !== undefined))('$name: figures of the last days', (one) => {
    for (const { days, times, ...expected } of one.rolling!) {
      const seen = rollingFigures(dailyOf(one), days)
      expect([...seen.times]).toEqual(times)
      for (const [name, values] of Object.entries(expected) as [RollingName, (number | null)[]][]) {
        expect(seen[name].length, name).toBe(values.length)
        for (const [i, value] of values.entries()) expectClose(seen[name][i], value!, `${name} ${i} over ${days} days`)
      }
    }
  })

  test.each(golden.filter(({ benchmark }) => benchmark !== undefined))('$name: against a benchmark', (one) => {
    const { equity, figures } = one.benchmark!
    const daily = dailyOf(one)
    const { reasons, ...seen } = benchmarkFigures(daily, { times: daily.times, equity: Float64Array.from(equity) })
    expect(reasons).toEqual({})
    expect(Object.keys(seen).sort()).toEqual(Object.keys(figures).sort())
    for (const [name, expected] of Object.entries(figures)) expectClose((seen as Numbers)[name], expected!, name)
  })
})
