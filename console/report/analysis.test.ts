import { describe, expect, test } from 'vitest'
import { sampleReport } from '../../tests/browser/sample-report.ts'
import { equityCaption } from './captions.ts'
import { isFlatBeside } from './flat.ts'

const sample = sampleReport({ minutes: 100 * 1440, tradeChance: 0.01 })

describe('what a report says beside the figures of the whole run', () => {
  test('groups hold every closed round trip once: their nets add up to that of all', () => {
    const all = sample.trips.reduce((sum, { net }) => sum + net, 0)
    expect(sample.breakdowns.map(({ id }) => id)).toEqual(['hour', 'regime-risk', 'regime-1h', 'weekday', 'side'])
    for (const { groups } of sample.breakdowns) {
      expect(groups.reduce((sum, { trades }) => sum + trades!, 0)).toBe(sample.tripsOf)
      expect(groups.reduce((sum, { net }) => sum + net!, 0)).toBeCloseTo(all, 6)
    }
  })

  test('months multiply to the return of the whole', () => {
    const product = sample.months.months.reduce((sum, { totalReturn }) => sum * (1 + totalReturn), 1)
    expect(product - 1).toBeCloseTo(sample.performance.totalReturn!, 9)
  })

  test('the deepest drawdown of the list is that of the figures', () => {
    expect(sample.falls[0]!.depth).toBeCloseTo(sample.performance.intradayMaxDrawdown!, 9)
    expect(sample.falls.every((fall, at) => at === 0 || fall.depth >= sample.falls[at - 1]!.depth)).toBe(true)
  })

  test('every round trip is in each histogram, the least and the most at its ends', () => {
    for (const { counts, edges, least, most } of [sample.returns, sample.holding]) {
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(sample.tripsOf)
      expect([edges[0], edges.at(-1)]).toEqual([least, most])
    }
  })

  test('windows of 30, 60 and 90 days are drawn where the run is long enough for a curve', () => {
    expect(sample.rolling.map(({ lines }) => lines.map(({ days }) => days))).toEqual(Array(3).fill([30, 60, 90]))
    expect(sampleReport({ minutes: 35 * 1440 }).rolling).toEqual([])
  })

  test('holding what was traded ends where its price ends', () => {
    const { values } = sample.instruments[0]!.price
    expect(sample.benchmark!.equity.values[0]).toBeCloseTo(1_000_000, 6)
    expect(sample.benchmark!.equity.values.at(-1)).toBeCloseTo((1_000_000 * values.at(-1)!) / values[0]!, 4)
    expect(sample.benchmark!.figures.benchmarkReturn).toBeCloseTo(values.at(-1)! / values[0]! - 1, 3)
  })
})

test('a line beside which equity would be flat is off, and the caption says so', () => {
  const flat = { times: Float64Array.of(1, 2), values: Float64Array.of(1000, 1001), of: 2 }
  const wild = { times: Float64Array.of(1, 2), values: Float64Array.of(1000, 1100), of: 2 }
  expect([isFlatBeside(flat, wild), isFlatBeside(wild, flat), isFlatBeside(wild, wild)]).toEqual([true, false, false])
  const data = { ...sample, equity: flat, benchmark: { ...sample.benchmark!, equity: wild } }
  expect(equityCaption(data)).toContain('its line is off')
})
