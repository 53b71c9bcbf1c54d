// Every reason why a figure is missing, each with a case that has it; and the page that says what they mean.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { benchmarkFigures } from './benchmark.ts'
import { breakdownBy, tripSymbol } from './breakdown.ts'
import { type ReasonCode, reasonCodes } from './figure.ts'
import { performance } from './performance.ts'
import { roundTrips, type TripFill } from './round-trips.ts'
import { seriesPerformance } from './series.ts'

const dayUs = 86_400_000_000
const begin = Date.UTC(2024, 0, 1) * 1_000

/** A run of days, with round trips of these results. */
function run(equity: readonly number[], results: readonly number[] = [], feeE8 = 0n) {
  const times = Float64Array.from(equity, (_, day) => begin + day * dayUs)
  const to = begin + Math.max(0, equity.length - 1) * dayUs
  const trips = roundTrips(results.flatMap((result, at) => tripOf(result, { at, feeE8 })))
  return performance({ times, equity: Float64Array.from(equity), from: begin, to, trips })
}

function tripOf(result: number, { at, feeE8 }: { at: number; feeE8: bigint }): TripFill[] {
  const common = { kind: 'fill', exchange: 'x', symbol: 'AB', price: 100, lots: 1, lotSize: 1 } as const
  const fill = { ...common, notionalE8: 10_000_000_000n, feeE8 }
  return [
    { ...fill, time: begin + at * dayUs, side: 'buy', pnlE8: 0n },
    { ...fill, time: begin + at * dayUs + 1_000, side: 'sell', pnlE8: BigInt(result) * 100_000_000n },
  ]
}

const growth = (days: number) => Array.from({ length: days + 1 }, (_, day) => 100 + day * day)
const waves = (days: number) => Array.from({ length: days + 1 }, (_, day) => 100 + (day % 7))
const series = (returns: readonly number[]) => {
  const equity = [1]
  for (const value of returns) equity.push(equity.at(-1)! * (1 + value))
  return seriesPerformance({ returns: Float64Array.from(returns), equity: Float64Array.from(equity) })
}

/** One case a code: the reason that its figure has. */
const cases: Readonly<Record<ReasonCode, () => string | undefined>> = {
  EQUITY_NOT_POSITIVE: () => run([...waves(40), -5]).reasons.sharpe,
  NEEDS_1_DAY: () => {
    const times = Float64Array.of(begin, begin + dayUs / 24)
    const one = { times, equity: Float64Array.of(1, 2), from: begin, to: begin + dayUs / 24, trips: roundTrips([]) }
    return performance(one).reasons.bestDay
  },
  NEEDS_2_RETURNS: () => series([0.1]).reasons.sharpe,
  NEEDS_30_DAYS: () => run(waves(29)).reasons.bestMonth,
  NEEDS_SPREAD: () => series([0, 0, 0, 0.1]).reasons.tailRatio,
  NO_CAPITAL: () => breakdownBy([], tripSymbol, { keys: ['AB'] })[0]!.reasons.return,
  NO_DATA: () => run([]).reasons.totalReturn,
  NO_DOWNSIDE: () => run(growth(40)).reasons.omega,
  NO_DRAWDOWN: () => run(growth(40)).reasons.recoveryFactor,
  NO_GROSS_PROFIT: () => run([100, 90], [-10]).reasons.costShare,
  NO_LOSSES: () => run([100, 110], [10]).reasons.profitFactor,
  NO_TIMES: () => series([0.1, 0.2]).reasons.bestMonth,
  NO_TRADES: () => run([100, 110]).reasons.winRate,
  NO_UPSIDE: () => series([-0.1, -0.2]).reasons.kellyQuantstats,
  NO_VOLATILITY: () => run(Array.from({ length: 41 }, () => 100)).reasons.skewness,
  NO_WINS: () => run([100, 90], [-10]).reasons.largestWin,
  NOT_FINITE: () => run([1e-9, ...Array.from({ length: 30 }, (_, day) => 1e30 + day * 1e27)]).reasons.annualReturn,
  NOT_RECOVERED: () => run([100, 90, 95]).reasons.maxDrawdownRecovery,
}

describe('a figure that is missing says why', () => {
  test.each(Object.keys(reasonCodes) as ReasonCode[])('%s', (code) => {
    expect(cases[code]()).toMatch(new RegExp(`^${code}: .`))
  })
})

test('costs are shown as a share of what was made before them, over 1 when they ate more', () => {
  // Made 10, paid 2 and then 12.
  expect(run([100, 108], [10], 100_000_000n)).toMatchObject({ costShare: 0.2 })
  expect(run([100, 98], [10], 600_000_000n)).toMatchObject({ costShare: 1.2 })
})

test('docs/metrics.md names every figure and every reason', () => {
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  const flat = { times: new Float64Array(0), equity: new Float64Array(0) }
  const { reasons: _run, ...ofRun } = run(waves(3))
  const { reasons: _series, ...ofSeries } = series([0.1])
  const { reasons: _benchmark, ...ofBenchmark } = benchmarkFigures(flat, flat)
  const part = /(Start|Trough|Recovery|DurationMs)$/
  const names = [...Object.keys(ofRun), ...Object.keys(ofSeries), ...Object.keys(ofBenchmark)]
  const said = (name: string) =>
    page.includes(`\`${name}\``) || (/axDrawdown/.test(name) && page.includes(`\`${name.replace(part, '')}\``))
  expect(names.filter((name) => !said(name))).toEqual([])
  for (const [code, meaning] of Object.entries(reasonCodes)) expect(page).toContain(`| \`${code}\` | ${meaning}`)
})
