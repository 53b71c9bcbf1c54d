import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Batch, batchOf } from '../../schemas/batch.ts'
import type { Candle } from '../../schemas/records.generated.ts'
import { instruments } from '../bars/samples.ts'
import { random } from '../random.ts'
import { barFeatureNames, type FeatureName, featureSet, featureStage, tolerance } from './index.ts'

const warmup = new Map(featureSet.map((feature) => [feature.name, feature.warmup]))
const wide = barFeatureNames.length

/** Candles of the symbols, one after the other, a minute apart. */
function candles(
  rows: readonly { close: number; up: number; down: number; volume: number; symbol?: string }[],
): Batch<'candles'> {
  return batchOf(
    'candles',
    rows.map(({ close, up, down, volume, symbol = 'BTCUSDT' }, i): Candle => {
      const time = (i + 1) * 60e6
      const prices = { open: close, high: close + up, low: close - down, close, volume }
      return {
        time,
        received: time,
        exchange: 'binance-usdm',
        symbol,
        openTime: time - 60e6,
        interval: '1m',
        ...prices,
      }
    }),
  )
}

/** The values of each candle, cut into batches of some rows; with `saves`, every batch by a stage that was loaded. */
function run(batch: Batch<'candles'>, batchRows = batch.rows, saves = false): number[][] {
  let stage = featureStage.create({ instruments })
  const rows: number[][] = []
  for (let from = 0; from < batch.rows; from += batchRows) {
    const to = Math.min(batch.rows, from + batchRows)
    const values = stage.step(part(batch, from, to))
    for (let row = 0; row < to - from; row++) rows.push([...values.subarray(row * wide, (row + 1) * wide)])
    if (!saves) continue
    const bytes = stage.save()
    stage = featureStage.create({ instruments })
    stage.load(bytes)
  }
  return rows
}

function part({ columns }: Batch<'candles'>, from: number, to: number): Batch<'candles'> {
  const cut = Object.entries(columns).map(([name, column]) => [
    name,
    'codes' in column ? { ...column, codes: column.codes.subarray(from, to) } : column.subarray(from, to),
  ])
  return { topic: 'candles', rows: to - from, columns: Object.fromEntries(cut) }
}

const at = (rows: readonly number[][], row: number, name: FeatureName) => rows[row]![barFeatureNames.indexOf(name)]!

/** Any market of prices above 0: flat stretches, bars without range or volume, prices of any size. */
const market = fc
  .tuple(
    fc.constantFrom(1e-6, 1, 60_000),
    fc.array(
      fc.record({
        move: fc.oneof(fc.constant(0), fc.integer({ min: -50, max: 50 })),
        up: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 })),
        down: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 })),
        volume: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true })),
        symbol: fc.constantFrom('BTCUSDT', 'BTCUSDT', 'ETHUSDT'),
      }),
      { minLength: 1, maxLength: 160 },
    ),
  )
  .map(([price, moves]) => {
    let level = 1_000
    return candles(
      moves.map(({ move, up, down, volume, symbol }) => {
        level = Math.max(100, level + move)
        const unit = price / 1_000
        return { close: level * unit, up: up * unit, down: down * unit, volume, symbol }
      }),
    )
  })

describe('features of closed bars', () => {
  test('how bars were cut into batches, and a save in between, does not show', () => {
    fc.assert(
      fc.property(market, fc.constantFrom(1, 7, 64), fc.boolean(), (batch, batchRows, saves) => {
        expect(run(batch, batchRows, saves)).toEqual(run(batch))
      }),
      { numRuns: 60 },
    )
  })

  test('each has its first value at its warm-up, and is a finite number from then on', () => {
    fc.assert(
      fc.property(market, (batch) => {
        const seen = new Map<string, number>()
        for (const [row, values] of run(batch).entries()) {
          const symbol = batch.columns.symbol.values[batch.columns.symbol.codes[row]!]!
          const bars = (seen.get(symbol) ?? 0) + 1
          seen.set(symbol, bars)
          const finite = values.map(Number.isFinite)
          expect(finite).toEqual(barFeatureNames.map((name) => bars >= warmup.get(name)!))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('those that are bounded keep their bounds', () => {
    const bounds: Partial<Record<FeatureName, [number, number]>> = {
      ...{ range: [0, 1], volatility: [0, 100], volume_ratio: [0, Number.MAX_VALUE], rsi: [0, 100] },
      ...{ stoch_k: [0, 100], stoch_d: [0, 100], williams_r: [-100, 0] },
    }
    fc.assert(
      fc.property(market, (batch) => {
        const rows = run(batch)
        for (const [name, [low, high]] of Object.entries(bounds)) {
          const known = rows.map((_, row) => at(rows, row, name as FeatureName)).filter((value) => !Number.isNaN(value))
          for (const value of known) {
            expect(value).toBeGreaterThanOrEqual(low - 1e-9)
            expect(value).toBeLessThanOrEqual(high + 1e-9)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('say by hand what the formulas say', () => {
    const closes = [100, 110, 99, 99, 99, 99, 99, 99, 99, 99, 99, 121]
    const rows = run(candles(closes.map((close, i) => ({ close, up: 3, down: 1, volume: i === 1 ? 0 : 2 + i }))))
    expect(at(rows, 1, 'price_change')).toBeCloseTo(0.1, 15)
    expect(at(rows, 2, 'acceleration')).toBeCloseTo(-0.2, 15)
    expect(at(rows, 10, 'momentum')).toBeCloseTo(-0.01, 15)
    expect(at(rows, 11, 'momentum')).toBeCloseTo(0.1, 15)
    expect(at(rows, 0, 'range')).toBe(0.04)
    expect([at(rows, 1, 'volume_change'), at(rows, 2, 'volume_change')]).toEqual([-1, 0])
    expect(at(rows, 3, 'volume_change')).toBe(0.25)
  })

  test('a volume far above what is usual is a spike, and moves the price from the mean that was paid', () => {
    const quiet = Array.from({ length: 20 }, (_, i) => ({ close: 100, up: 0, down: 0, volume: i % 2 === 0 ? 1 : 3 }))
    const rows = run(candles([...quiet, { close: 200, up: 0, down: 0, volume: 42 }]))
    expect(at(rows, 20, 'volume_ratio')).toBe(21)
    expect(at(rows, 20, 'volume_spike')).toBeCloseTo(40 / Math.sqrt(20 / 19), 12)
    // The last 20 bars: 39 at 100 without the first, 42 at 200.
    expect(at(rows, 20, 'vwap_deviation')).toBeCloseTo(200 / ((39 * 100 + 42 * 200) / 81) - 1, 14)
  })

  test('a bar of another instrument or with an impossible price gives NaN and changes nothing', () => {
    const good = { close: 100, up: 1, down: 1, volume: 1 }
    const first = Array.from({ length: 40 }, (_, i) => ({ ...good, close: 100 + (i % 7) }))
    const last = { ...good, close: 103 }
    for (const odd of [
      { ...good, symbol: 'OTHER' },
      { ...good, close: 0 },
      { ...good, volume: -1 },
    ]) {
      const rows = run(candles([...first, odd, last]))
      expect(rows[40]!.every(Number.isNaN)).toBe(true)
      expect(rows[41]).toEqual(run(candles([...first, last]))[40])
    }
  })

  test('the state of another number of instruments is refused', () => {
    const bytes = featureStage.create({ instruments }).save()
    expect(() => featureStage.create({ instruments: instruments.slice(0, 1) }).load(bytes)).toThrow(/does not fit/)
  })

  test('B1: those of any prefix are the prefix of those of the whole', () => {
    fc.assert(
      fc.property(market, fc.nat(), (batch, n) => {
        const rows = 1 + (n % batch.rows)
        expect(run(part(batch, 0, rows))).toEqual(run(batch).slice(0, rows))
      }),
      { numRuns: 60 },
    )
  })

  test('B2: after its warm-up and after twice that, a feature is the same within its declared tolerance', () => {
    const w = featureStage.warmup
    expect(w).toBe(134)
    const draw = random('features')
    let close = 60_000
    const rows = Array.from({ length: 3 * w }, () => {
      close *= 1 + (draw.next() - 0.5) / 500
      return { close, up: draw.next() * 20, down: draw.next() * 20, volume: draw.next() * 9 }
    })
    const batch = candles(rows)
    const [late, early] = [run(part(batch, w, 3 * w)), run(batch)]
    const closes = rows.map((row) => row.close)
    const span = Math.max(...closes) - Math.min(...closes)
    for (const { name, settled } of featureSet.filter(({ group }) => group !== 'book')) {
      const fades = settled > warmup.get(name)!
      const scale = name === 'rsi' ? 100 : span
      let most = 0
      for (let row = settled - 1; row < 2 * w; row++) {
        const [a, b] = [at(late, row, name), at(early, row + w, name)]
        most = Math.max(most, Math.abs(a - b) / (fades ? scale : Math.max(1, Math.abs(b))))
      }
      expect(most, name).toBeLessThanOrEqual(fades ? tolerance.fading : tolerance.window)
      // It is not declared wider than it is by orders of magnitude, and what fades does not forget at once.
      if (fades) expect(most, name).toBeGreaterThan(1e-6)
    }
  })
})
