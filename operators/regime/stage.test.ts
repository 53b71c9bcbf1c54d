import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Batch, batchOf, rowsOf } from '../../schemas/batch.ts'
import type { Bar, Regime } from '../../schemas/records.generated.ts'
import { RegimeEngine, regimeRowsOf, regimeWarmup } from './engine.ts'
import { horizons } from './horizons.ts'
import { ladders } from './ladders.ts'
import { profileOf, riskProfiles } from './profiles.ts'
import { regimeStage } from './stage.ts'

const minuteUs = 60e6
const instruments = [
  { exchange: 'binance', symbol: 'A' },
  { exchange: 'okx', symbol: 'B' },
]

function barOf(number: number, close: number, { exchange, symbol } = instruments[0]!): Bar {
  const time = number * minuteUs
  return {
    ...{ time, received: time + 5, exchange, symbol, openTime: time - minuteUs, interval: '1m' },
    ...{ open: close, high: close, low: close, close, volume: 1 + (number % 3), quoteVolume: 1, trades: 1 },
  }
}

const none = (bars: Batch) => new Float64Array(bars.rows).fill(Number.NaN)

function regimesOf(rows: readonly Bar[]): Regime[] {
  const bars = batchOf('bars', rows)
  return rowsOf(regimeStage.create({ instruments, barUs: minuteUs }).step({ bars, funding: none(bars) }).batch)
}

const flat = (bars: number) => Array.from({ length: bars }, (_, number) => barOf(number + 1, 100))

test('a horizon has its first row with the bar that warms it, at that bar’s times', () => {
  const rows = regimesOf(flat(1442))
  for (const horizon of horizons) {
    const warmup = regimeWarmup(horizon, minuteUs)!
    const first = rows.find((row) => row.horizon === horizon)!
    expect(first).toMatchObject({ time: warmup * minuteUs, received: warmup * minuteUs + 5, since: first.time })
    expect(rows.filter((row) => row.horizon === horizon)).toHaveLength(1442 - warmup + 1)
  }
  expect(horizons.map((horizon) => regimeWarmup(horizon, minuteUs))).toEqual([21, 61, 1441, 1441])
  expect(regimeStage.warmup).toBe(1441)
  expect(horizons.map((horizon) => regimeWarmup(horizon, 3600e6))).toEqual([undefined, 21, 25, 25])
})

test('a crash of a tenth in a minute is one, for everybody who looks at a minute, an hour or the risk', () => {
  const rows = regimesOf([...flat(1441), barOf(1442, 90)]).slice(-4)
  expect(rows.map(({ horizon, regime }) => `${horizon} ${regime}`)).toEqual([
    '1m FLASH_CRASH',
    '1h STRONG_BEAR',
    '24h TRENDING',
    'risk CRASH',
  ])
  for (const row of rows) {
    expect(row.since).toBe(1442 * minuteUs)
    expect(row.confidence).toBeGreaterThan(0)
    expect(row.confidence).toBeLessThanOrEqual(1)
  }
})

describe('whatever the market does', () => {
  const step = fc.record({
    whose: fc.nat(2),
    move: fc.oneof(fc.double({ min: -0.02, max: 0.02, noNaN: true }), fc.double({ min: -0.3, max: 0.3, noNaN: true })),
    skip: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(1600) }),
    funding: fc.constantFrom(Number.NaN, 0.0001, -0.004),
  })
  /** Bars of three instruments, one of which nobody asked for; now and then some are missing. */
  const market = fc.array(step, { minLength: 40, maxLength: 160 }).map((steps) => {
    const close = [100, 20, 3]
    let number = 0
    const rows = steps.map(({ whose, move, skip }) => {
      number += 1 + skip
      close[whose]! *= 1 + move
      return barOf(number, close[whose]!, instruments[whose] ?? { exchange: 'okx', symbol: 'C' })
    })
    return { rows, funding: Float64Array.from(steps, (one) => one.funding) }
  })
  const barUs = 30 * minuteUs

  test('how bars were cut into batches does not show, nor a save and load between them', () => {
    fc.assert(
      fc.property(market, fc.constantFrom(1, 7, 64), ({ rows, funding }, size) => {
        const whole = regimeStage.create({ instruments, barUs })
        const bars = batchOf('bars', rows)
        const { batch, at } = whole.step({ bars, funding })
        let part = regimeStage.create({ instruments, barUs })
        const found: Regime[] = []
        const foundAt: number[] = []
        for (let from = 0; from < rows.length; from += size) {
          const piece = batchOf('bars', rows.slice(from, from + size))
          const given = part.step({ bars: piece, funding: funding.subarray(from, from + size) })
          found.push(...rowsOf(given.batch))
          foundAt.push(...Array.from(given.at, (row) => row + from))
          const next = regimeStage.create({ instruments, barUs })
          next.load(part.save())
          part = next
        }
        expect(found).toEqual(rowsOf(batch))
        expect(foundAt).toEqual(Array.from(at))
        expect(part.save()).toEqual(whole.save())
      }),
      { numRuns: 60 },
    )
  })

  test('instruments do not know of each other', () => {
    fc.assert(
      fc.property(market, ({ rows, funding }) => {
        const bars = batchOf('bars', rows)
        const all = rowsOf(regimeStage.create({ instruments, barUs }).step({ bars, funding }).batch)
        const alone = instruments.flatMap((one) =>
          rowsOf(regimeStage.create({ instruments: [one], barUs }).step({ bars, funding }).batch),
        )
        const sorted = (some: Regime[]) => some.map((row) => JSON.stringify(row)).sort()
        expect(sorted(all)).toEqual(sorted(alone))
      }),
      { numRuns: 40 },
    )
  })

  test('rows belong to a bar in order, say a regime of their ladder, and lie within their bounds', () => {
    fc.assert(
      fc.property(market, ({ rows, funding }) => {
        const bars = batchOf('bars', rows)
        const { batch, at } = regimeStage.create({ instruments, barUs }).step({ bars, funding })
        for (const [number, row] of rowsOf(batch).entries()) {
          const bar = rows[at[number]!]!
          expect(row).toMatchObject({ time: bar.time, received: bar.received, symbol: bar.symbol })
          if (number > 0) expect(at[number]).toBeGreaterThanOrEqual(at[number - 1]!)
          const ladder: readonly string[] = ladders[row.horizon as keyof typeof ladders]
          expect(ladder).toContain(row.regime)
          for (const share of [row.confidence, row.strength]) expect(share >= 0 && share <= 1).toBe(true)
          expect(row.since).toBeLessThanOrEqual(row.time)
          expect(row.probabilities).toHaveLength(ladder.length)
          expect(Math.abs(row.probabilities.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('noise of a tenth of a threshold around it changes the regime once', () => {
    const noise = fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 50, maxLength: 150 })
    const thresholds = fc.constantFrom(0.05, 0.1, 0.2, -0.05, -0.1, -0.2)
    fc.assert(
      fc.property(noise, thresholds, (wobble, threshold) => {
        // Hourly bars, so that the hour's return is the bar's own. From the first touch on, it is never left.
        const closes = Array.from({ length: 21 }, () => 100)
        for (const part of wobble) closes.push(closes.at(-1)! * (1 + threshold * (1 + part)))
        const rows = hourly(closes).map(({ regime }) => regime)
        const above = wobble.findIndex((part) => part >= 1e-9)
        if (above < 0) return
        expect(new Set(rows.slice(above + 1)).size).toBe(1)
      }),
      { numRuns: 200 },
    )
  })
})

/** The 1h regimes of hourly closes. */
function hourly(closes: readonly number[]) {
  const engine = new RegimeEngine(1, 3600e6)
  const time = Float64Array.from(closes, (_, bar) => (bar + 1) * 3600e6)
  const volume = time.map(() => 1)
  const bars = { instrument: new Uint32Array(time.length), time, close: Float64Array.from(closes), volume }
  const out = engine.run({ ...bars, funding: time.map(() => Number.NaN) })
  return closes.flatMap((_, bar) => regimeRowsOf(out, bar).filter(({ horizon }) => horizon === '1h'))
}

test('bars of no fixed time, or longer than a day, are refused', () => {
  for (const barUs of [Number.NaN, 0, -1, 86_400e6 + 1]) {
    expect(() => regimeStage.create({ instruments, barUs })).toThrow('bars of a fixed time up to a day')
  }
})

test('every risk regime has its profile, and no other name has one', () => {
  expect(Object.keys(riskProfiles)).toEqual([...ladders.risk])
  for (const regime of ladders.risk) expect(profileOf(regime)).toBe(riskProfiles[regime])
  expect(profileOf(undefined)).toBeUndefined()
  expect(profileOf('BULL RUN')).toBeUndefined()
})
