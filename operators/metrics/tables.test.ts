// What a report shows beside single figures: breakdowns, histograms, lists of drawdowns, a benchmark, windows of days.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { benchmarkFigures, buyAndHold } from './benchmark.ts'
import {
  breakdownBy,
  entryHour,
  entryLabel,
  entryWeekday,
  hours,
  labelAt,
  tripStrategy,
  tripSymbol,
  weekdays,
} from './breakdown.ts'
import { dailyEquity } from './curve.ts'
import { drawdowns, longestDrawdownMs, maxDrawdown } from './drawdown.ts'
import { histogramOf } from './histogram.ts'
import { monthlyReturns } from './months.ts'
import { rollingFigures } from './rolling.ts'
import type { RoundTrip } from './round-trips.ts'

const dayUs = 86_400_000_000
/** A Monday. */
const begin = Date.UTC(2024, 0, 1) * 1_000

function trip(result: number, more: Partial<RoundTrip> = {}): RoundTrip {
  const pnlE8 = BigInt(result) * 100_000_000n
  return {
    ...{ exchange: 'x', symbol: 'AB', side: 'long', entryTime: begin, exitTime: begin + 60_000_000, size: 1 },
    ...{ averageEntry: 100, averageExit: 100, holdingMs: 60_000, fills: 2, feesE8: 1n, fundingE8: -2n },
    ...{ pnlE8, pnl: result, entryNotionalE8: 10_000_000_000n, returnOnEntry: result / 100 },
    ...more,
  }
}

describe('a breakdown', () => {
  const trips = [
    trip(5, { strategy: 'a', entryTime: begin + 3 * 3_600_000_000 }),
    trip(-2, { strategy: 'b', symbol: 'CD', holdingMs: 30_000 }),
    trip(3, { symbol: 'CD', entryTime: begin + 6 * dayUs + 1 }),
  ]

  test('counts each trip under its key, in the order of the keys that were given, then by name', () => {
    const keyed = (rows: ReturnType<typeof breakdownBy>) => rows.map(({ key, trades, net }) => [key, trades, net])
    expect(keyed(breakdownBy(trips, tripSymbol))).toEqual([
      ['AB', 1, 5],
      ['CD', 2, 1],
    ])
    expect(keyed(breakdownBy(trips, tripStrategy, { keys: ['b', 'c'] }))).toEqual([
      ['b', 1, -2],
      ['c', 0, 0],
      ['a', 1, 5],
      ['unknown', 1, 3],
    ])
    const byHour = breakdownBy(trips, entryHour, { keys: hours })
    expect(byHour).toHaveLength(24)
    expect([byHour[0]!.trades, byHour[3]!.trades]).toEqual([2, 1])
    expect(keyed(breakdownBy(trips, entryWeekday, { keys: weekdays })).filter(([, count]) => count !== 0)).toEqual([
      ['Monday', 2, 3],
      ['Sunday', 1, 3],
    ])
  })

  test('says of each group what the figures of a run say, and why a figure is missing', () => {
    const [ab, cd] = breakdownBy(trips, tripSymbol, { capital: 50 })
    expect(cd).toMatchObject({ winRate: 0.5, profitFactor: 1.5, averageHoldingMs: 45_000, return: 0.02, fees: 2e-8 })
    expect(ab).toMatchObject({ profitFactor: null, reasons: { profitFactor: 'NO_LOSSES: no trade lost money' } })
    expect(breakdownBy(trips, tripSymbol)[0]!.reasons.return).toMatch(/^NO_CAPITAL: /)
    const [empty] = breakdownBy([], tripSymbol, { keys: ['AB'] })
    expect(empty).toMatchObject({
      trades: 0,
      net: 0,
      winRate: null,
      reasons: { winRate: expect.stringMatching(/^NO_TRADES/) },
    })
  })

  test('by regime takes the label that held when the trip began', () => {
    const labels = { times: [begin + 10, begin + 20], labels: ['calm', 'storm'] }
    expect([9, 10, 19, 20, 99].map((at) => labelAt(labels, begin + at))).toEqual([
      ...[undefined, 'calm', 'calm', 'storm', 'storm'],
    ])
    const of = (_exchange: string, symbol: string) => (symbol === 'AB' ? labels : undefined)
    const rows = breakdownBy([trip(1, { entryTime: begin + 15 }), trip(2), trip(3, { symbol: 'CD' })], entryLabel(of))
    expect(rows.map(({ key, net }) => [key, net])).toEqual([
      ['calm', 1],
      ['unknown', 5],
    ])
  })

  test('adds up to all trips, to the last unit, whatever the key', () => {
    const drawn = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: 0, max: 5e5 })), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(drawn, (results) => {
        const all = results.map(([result, minute]) => trip(result, { entryTime: begin + minute * 60_000_000 }))
        for (const keyOf of [entryHour, entryWeekday, tripSymbol, tripStrategy]) {
          const rows = breakdownBy(all, keyOf)
          expect(rows.reduce((sum, { netE8 }) => sum + netE8, 0n)).toBe(all.reduce((sum, { pnlE8 }) => sum + pnlE8, 0n))
          expect(rows.reduce((sum, { trades }) => sum + trades!, 0)).toBe(all.length)
        }
      }),
    )
  })
})

describe('a histogram', () => {
  test('of nothing has no bins, of equal values one', () => {
    expect(histogramOf([])).toEqual({ edges: new Float64Array(0), counts: new Uint32Array(0) })
    expect(histogramOf([3, 3, 3])).toEqual({ edges: Float64Array.of(2.5, 3.5), counts: Uint32Array.of(3) })
  })

  test('of values of which half are equal has the bins of Sturges', () => {
    expect(histogramOf([0, 0, 0, 0, 0, 0, 0, 8])).toEqual({
      edges: Float64Array.of(0, 2, 4, 6, 8),
      counts: Uint32Array.of(7, 0, 0, 1),
    })
  })

  test('has no more bins than it may, and refuses what is not finite', () => {
    const far = [...Array.from({ length: 1_000 }, (_, i) => i), 1e9]
    expect(histogramOf(far, { most: 20 }).counts).toHaveLength(20)
    expect(() => histogramOf([1, Number.NaN])).toThrow('a histogram of NaN')
  })

  test('counts every value once, in a bin that holds it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 200 }), (values) => {
        const { edges, counts } = histogramOf(values)
        expect(counts.length).toBeGreaterThan(0)
        expect(counts.length).toBeLessThanOrEqual(60)
        expect(edges.length).toBe(counts.length + 1)
        for (const [bin, count] of counts.entries()) {
          const isLast = bin === counts.length - 1
          const inside = values.filter(
            (v) => v >= edges[bin]! && (v < edges[bin + 1]! || (isLast && v === edges[bin + 1])),
          )
          expect(count).toBe(inside.length)
        }
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length)
      }),
    )
  })
})

describe('a list of drawdowns', () => {
  const curveOf = (equity: readonly number[]) => ({
    times: Float64Array.from(equity, (_, day) => begin + day * dayUs),
    equity: Float64Array.from(equity),
  })

  test('is the deepest first, with how long each lasted and took to recover', () => {
    const list = drawdowns(curveOf([100, 90, 100, 80, 90, 120, 60, 90]), { count: 2 })
    expect(list.map(({ depth }) => depth)).toEqual([-0.5, -0.2])
    expect(list[0]).toMatchObject({ recovery: undefined, recoveryMs: undefined, durationMs: (2 * dayUs) / 1_000 })
    expect(list[1]).toMatchObject({ durationMs: (3 * dayUs) / 1_000, recoveryMs: (2 * dayUs) / 1_000 })
    expect(drawdowns(curveOf([1, 2, 3]))).toEqual([])
  })

  test('begins with the deepest of the run, holds no two that overlap, and none is longer than the longest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 50 }), { minLength: 1, maxLength: 60 }), (equity) => {
        const curve = curveOf(equity)
        const to = curve.times.at(-1)!
        const list = drawdowns(curve, { count: 100 })
        expect(list[0]?.depth).toBe(maxDrawdown(curve)?.depth)
        expect(list[0]?.start).toBe(maxDrawdown(curve)?.start)
        const inTime = list.toSorted((a, b) => a.start - b.start)
        for (let i = 1; i < inTime.length; i++) {
          expect(inTime[i]!.start).toBeGreaterThanOrEqual(inTime[i - 1]!.recovery!)
        }
        expect(Math.max(0, ...list.map(({ durationMs }) => durationMs))).toBe(longestDrawdownMs(curve, to))
        expect(drawdowns(curve, { count: 3 })).toEqual(list.slice(0, 3))
      }),
    )
  })
})

describe('buy and hold', () => {
  const times = Float64Array.of(begin, begin + dayUs, begin + 2 * dayUs)

  test('of two instruments splits the cash, and one that comes later is bought at its first price', () => {
    const early = { times: [begin - 5, begin + dayUs, begin + 2 * dayUs], prices: [100, 110, 90] }
    const late = { times: [begin + dayUs - 5, begin + 2 * dayUs], prices: [50, 100] }
    expect([...buyAndHold([early], { times, cash: 1_000 }).equity]).toEqual([1_000, 1_100, 900])
    expect([...buyAndHold([early, late], { times, cash: 1_000 }).equity]).toEqual([1_000, 1_050, 1_450])
    expect([...buyAndHold([], { times, cash: 7 }).equity]).toEqual([7, 7, 7])
    expect([...buyAndHold([{ times: [], prices: [] }], { times, cash: 7 }).equity]).toEqual([7, 7, 7])
  })

  test('is what a run that holds is like: beta 1, alpha 0, no tracking error', () => {
    const days = Float64Array.from({ length: 41 }, (_, day) => begin + day * dayUs)
    const prices = Float64Array.from({ length: 41 }, (_, day) => 100 + 10 * Math.sin(day))
    const held = buyAndHold([{ times: days, prices }], { times: days, cash: 500 })
    const { reasons, ...same } = benchmarkFigures(held, held)
    expect(same.beta).toBeCloseTo(1, 12)
    expect(same.alpha).toBeCloseTo(0, 12)
    expect(same).toMatchObject({ excessReturn: 0, trackingError: 0, informationRatio: null })
    expect(reasons.informationRatio).toMatch(/^NO_VOLATILITY: the run differs/)
    const flat = { times: days, equity: new Float64Array(41).fill(5) }
    expect(benchmarkFigures(held, flat).reasons.beta).toMatch(/^NO_VOLATILITY: all returns of the benchmark/)
    expect(benchmarkFigures(flat, held)).toMatchObject({
      beta: 0,
      correlation: null,
      benchmarkReturn: expect.any(Number),
    })
  })

  test('says nothing of how curves move together over a few days, and of a debt', () => {
    const short = { times, equity: Float64Array.of(1, 2, 3) }
    expect(benchmarkFigures(short, short)).toMatchObject({ benchmarkReturn: 2, beta: null })
    expect(benchmarkFigures(short, short).reasons.beta).toBe('NEEDS_30_DAYS: 2 days of data')
    const debt = { times, equity: Float64Array.of(1, -2, 3) }
    expect(benchmarkFigures(debt, short, { least: 2 }).reasons.beta).toBe('EQUITY_NOT_POSITIVE: equity was -2')
    expect(() => benchmarkFigures(short, { times, equity: Float64Array.of(1) })).toThrow(RangeError)
  })
})

describe('windows of days', () => {
  const curveOf = (equity: readonly number[]) => ({
    times: Float64Array.from(equity, (_, day) => begin + day * dayUs),
    equity: Float64Array.from(equity),
  })

  test('there is none before the first is full, and each ends at its day end', () => {
    expect(rollingFigures(curveOf([1, 2, 3]), 3).times).toHaveLength(0)
    const { times, totalReturn, winRate } = rollingFigures(curveOf([100, 110, 99, 99]), 2)
    expect([...times]).toEqual([begin + 2 * dayUs, begin + 3 * dayUs])
    expect([...totalReturn]).toEqual([(99 - 100) / 100, (99 - 110) / 110])
    expect([...winRate]).toEqual([0.5, 0])
    expect(() => rollingFigures(curveOf([1]), 1)).toThrow(RangeError)
  })

  test('a window without a change has no Sharpe ratio and no win rate, one with a debt has nothing', () => {
    const still = rollingFigures(curveOf([5, 5, 5]), 2)
    expect([still.sharpe[0], still.winRate[0], still.volatility[0], still.totalReturn[0]]).toEqual([NaN, NaN, 0, 0])
    const broke = rollingFigures(curveOf([5, -1, 5, 6, 7]), 2)
    expect([...broke.totalReturn]).toEqual([NaN, NaN, (7 - 5) / 5])
  })

  test('each window says what a run of those days alone says', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 6, maxLength: 30 }), (equity) => {
        const all = rollingFigures(curveOf(equity), 5)
        for (let first = 0; first + 5 < equity.length; first++) {
          const one = rollingFigures(curveOf(equity.slice(first, first + 6)), 5)
          for (const name of ['sharpe', 'volatility', 'winRate', 'totalReturn'] as const) {
            expect(one[name][0]).toBe(all[name][first])
          }
        }
      }),
    )
  })
})

test('months of a run that begins and ends within them say how many days they have', () => {
  const from = Date.UTC(2023, 11, 30, 12) * 1_000
  const to = Date.UTC(2024, 1, 1, 6) * 1_000
  const times = Float64Array.of(from, Date.UTC(2023, 11, 31, 1) * 1_000, Date.UTC(2024, 0, 9) * 1_000, to)
  const { months, years } = monthlyReturns(dailyEquity(times, Float64Array.of(100, 110, 99, 198), { from, to }))
  expect(months).toEqual([
    { year: 2023, month: 12, totalReturn: 0.1, days: 2 },
    { year: 2024, month: 1, totalReturn: -0.1, days: 31 },
    { year: 2024, month: 2, totalReturn: 1, days: 1 },
  ])
  expect(years.map(({ year, totalReturn }) => [year, totalReturn])).toEqual([
    [2023, 0.1],
    [2024, (198 - 110) / 110],
  ])
})
