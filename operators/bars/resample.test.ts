import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchOf, rowsOf } from '../../schemas/batch.ts'
import type { Bar, Candle } from '../../schemas/records.generated.ts'
import { resampleStage } from './resample.ts'
import { heartbeat, type Item, instruments, mergedOf, quote, trade } from './samples.ts'
import { barsStage } from './stage.ts'

const minute = 60e6

/** A candle of minute `n` since 1970 that is there a second after its end. */
function part(n: number, open: number, high: number, low: number, close: number, more: Partial<Candle> = {}): Candle {
  return {
    ...{ time: (n + 1) * minute, received: (n + 1) * minute + 1e6, exchange: 'binance-usdm', symbol: 'BTCUSDT' },
    ...{ openTime: n * minute, interval: '1m', open, high, low, close, volume: 0.1, quoteVolume: 10, trades: 2 },
    ...more,
  }
}

type Seen = { readonly bar: Bar; readonly at: number }

/** Bars of the parts, cut into batches of some rows; `at` is the part's number. */
function run(parts: readonly (Candle | Bar)[], interval: string, { from = '1m', batchRows = 1e9, saves = false } = {}) {
  let stage = resampleStage.create({ instruments, from, interval })
  const seen: Seen[] = []
  for (let first = 0; first < parts.length; first += batchRows) {
    const rows = parts.slice(first, first + batchRows)
    const { batch, at } = stage.step({
      batch: batchOf('candles', rows),
      at: Uint32Array.from(rows, (_, i) => i),
    })
    for (const [i, bar] of rowsOf(batch).entries()) seen.push({ bar, at: first + at[i]! })
    if (!saves) continue
    const bytes = stage.save()
    stage = resampleStage.create({ instruments, from, interval })
    stage.load(bytes)
  }
  return { seen, late: stage.late }
}

const figures = ({ bar, at }: Seen) => [
  ...[at, bar.openTime / minute, bar.open, bar.high, bar.low, bar.close],
  ...[bar.volume, bar.quoteVolume, bar.trades],
]

describe('a longer bar', () => {
  test('is given with its last part, at that part’s receive time', () => {
    const { seen } = run([part(0, 5, 9, 4, 6), part(1, 6, 7, 2, 3), part(2, 3, 4, 3, 4)], '3m')
    expect(seen.map(figures)).toEqual([[2, 0, 5, 9, 2, 4, 0.3, 30, 6]])
    expect(seen[0]!.bar).toMatchObject({ time: 3 * minute, received: 3 * minute + 1e6, interval: '3m' })
  })

  test('lacks parts that are missing, and is given at the first later part where its last one is', () => {
    const { seen } = run([part(1, 5, 9, 4, 6), part(3, 6, 7, 2, 3), part(5, 1, 2, 1, 2), part(20, 1, 1, 1, 1)], '3m')
    expect(seen.map(figures)).toEqual([
      [1, 0, 5, 9, 4, 6, 0.1, 10, 2],
      [2, 3, 6, 7, 1, 2, 0.2, 20, 4],
      // The part that shows that 18m began, and closes it, is minute 20.
      [3, 18, 1, 1, 1, 1, 0.1, 10, 2],
    ])
    expect(seen[0]!.bar).toMatchObject({ time: 3 * minute, received: 4 * minute + 1e6 })
  })

  test('that is open at the end is not given', () => {
    expect(run([part(0, 1, 1, 1, 1), part(1, 1, 1, 1, 1)], '3m').seen).toEqual([])
  })

  test('is not changed by a part that comes after later ones: that one is counted', () => {
    const { seen, late } = run(
      [part(1, 5, 5, 5, 5), part(0, 9, 9, 9, 9), part(2, 6, 6, 6, 6), part(2, 7, 7, 7, 7)],
      '3m',
    )
    expect(seen.map(figures)).toEqual([[2, 0, 5, 6, 5, 6, 0.2, 20, 4]])
    expect(late).toBe(2)
  })

  test('takes prices of parts without trades only where no part has any', () => {
    const quiet = (n: number, price: number) =>
      part(n, price, price, price, price, { volume: 0, quoteVolume: 0, trades: 0 })
    const parts = [quiet(0, 100), part(1, 50, 60, 40, 55), quiet(2, 55), quiet(3, 55), quiet(4, 55), quiet(5, 55)]
    expect(run(parts, '3m').seen.map(figures)).toEqual([
      [2, 0, 50, 60, 40, 55, 0.1, 10, 2],
      [5, 3, 55, 55, 55, 55, 0, 0, 0],
    ])
  })

  test('sums volumes without the noise of doubles, and those that are no whole lots as they are', () => {
    const lots = [0.1, 0.7, 0.2].map((volume, n) => part(n, 1, 1, 1, 1, { volume, quoteVolume: undefined }))
    expect(run(lots, '3m').seen[0]!.bar).toMatchObject({ volume: 1, quoteVolume: undefined, trades: 6 })
    const odd = [0.00001, 0.1].map((volume, n) =>
      part(n, 1, 1, 1, 1, { volume, quoteVolume: volume / 3, trades: undefined }),
    )
    expect(run(odd, '2m').seen[0]!.bar).toMatchObject({
      volume: 0.10001,
      quoteVolume: 0.00001 / 3 + 0.1 / 3,
      trades: undefined,
    })
  })

  test('is of its own symbol and interval', () => {
    const parts = [
      part(0, 1, 1, 1, 1),
      part(0, 7, 7, 7, 7, { symbol: 'ETHUSDT' }),
      part(1, 9, 9, 9, 9, { interval: '5m' }),
      part(1, 9, 9, 9, 9, { symbol: 'XRPUSDT' }),
      part(1, 2, 2, 2, 2),
    ]
    expect(run(parts, '2m').seen.map(({ bar, at }) => [at, bar.symbol, bar.close])).toEqual([[4, 'BTCUSDT', 2]])
  })
})

test('only a whole multiple of the parts’ interval can be made of them', () => {
  for (const [from, interval] of [
    ['1m', '90s'],
    ['1h', '1m'],
    ['1m', '100 ticks'],
    ['5 volume', '1h'],
  ] as const) {
    expect(() => resampleStage.create({ instruments, from, interval }), interval).toThrow('cannot be made of bars of')
  }
  expect(run([part(0, 1, 1, 1, 1)], '1m').seen.map(figures)).toEqual([[0, 0, 1, 1, 1, 1, 0.1, 10, 2]])
})

describe('any candles', () => {
  const candle = fc.tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.constantFrom('BTCUSDT', 'ETHUSDT'),
    fc.integer({ min: 1, max: 9 }),
  )
  const candles = fc.array(candle, { maxLength: 80 }).map((list) => {
    let n = 0
    return list.map(([step, symbol, price]) => {
      n += step
      return part(n, price, price + 1, price, price, { symbol })
    })
  })

  test('give the same bars however they are cut, saved and loaded', () => {
    fc.assert(
      fc.property(candles, fc.constantFrom('3m', '15m', '1h'), (parts, interval) => {
        const whole = run(parts, interval)
        for (const batchRows of [1, 7, 64]) expect(run(parts, interval, { batchRows, saves: true })).toEqual(whole)
      }),
    )
  })

  test('B1: give on a prefix what they give on the whole, and never a bar before its end', () => {
    fc.assert(
      fc.property(candles, fc.constantFrom('3m', '15m'), fc.nat(), (parts, interval, n) => {
        const length = n % (parts.length + 1)
        const { seen } = run(parts, interval)
        expect(run(parts.slice(0, length), interval).seen).toEqual(seen.filter(({ at }) => at < length))
        for (const { bar, at } of seen) {
          expect(bar.received).toBe(parts[at]!.received)
          expect(bar.received).toBeGreaterThanOrEqual(bar.time)
        }
      }),
    )
  })
})

describe('bars of bars of trades', () => {
  const second = fc.nat({ max: 12_000 }).map((tenths) => tenths / 10)
  const symbol = fc.constantFrom('BTCUSDT', 'ETHUSDT')
  const size = fc.integer({ min: 1, max: 5_000 }).map((lots) => lots / 1000)
  const item: fc.Arbitrary<Item> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(second, fc.integer({ min: 400_000, max: 500_000 }), size, symbol)
        .map(([s, ticks, size, y]) => trade(s, ticks / 10, y === 'ETHUSDT' ? Math.ceil(size) : size, y)),
    },
    { weight: 3, arbitrary: fc.tuple(second, symbol).map(([s, y]) => quote(s, y)) },
    { weight: 1, arbitrary: second.map((s) => heartbeat(s)) },
  )
  /** In order of time, so that no trade is late for a short bar that is not late for a long one. */
  const stream = fc
    .array(item, { minLength: 1, maxLength: 150 })
    .map((items) => items.sort((a, b) => a.row.time - b.row.time))

  /** Direct bars, and those made of bars of 10s; each with the row at which it was given. */
  function both(items: readonly Item[], interval: string, fill: boolean): { direct: Seen[]; resampled: Seen[] } {
    const merged = mergedOf(items)
    const direct = barsStage.create({ instruments, interval, fill }).step(merged)
    const parts = barsStage.create({ instruments, interval: '10s', fill }).step(merged)
    const resampled = resampleStage.create({ instruments, from: '10s', interval }).step(parts)
    const seen = ({ batch, at }: typeof direct) => rowsOf(batch).map((bar, i) => ({ bar, at: at[i]! }))
    return { direct: seen(direct), resampled: seen(resampled) }
  }

  test('equal those made of the trades, to the row at which they are given, where short bars have no holes', () => {
    fc.assert(
      fc.property(stream, fc.constantFrom('10s', '30s', '1m', '5m'), (items, interval) => {
        const { direct, resampled } = both(items, interval, true)
        const sorted = (seen: Seen[]) => seen.map((one) => JSON.stringify(one)).sort()
        expect(sorted(resampled)).toEqual(sorted(direct))
      }),
      { numRuns: 200 },
    )
  })

  test('equal them in all but the moment where short bars without trades are absent', () => {
    fc.assert(
      fc.property(stream, fc.constantFrom('30s', '1m', '5m'), (items, interval) => {
        const { direct, resampled } = both(items, interval, false)
        for (const { symbol } of instruments) {
          const of = (seen: Seen[]) => seen.filter(({ bar }) => bar.symbol === symbol)
          const [there, here] = [of(direct), of(resampled)]
          // The last may still wait for a later short bar.
          expect(there.length - here.length).toBeLessThanOrEqual(1)
          for (const [i, { bar, at }] of here.entries()) {
            expect({ ...bar, received: 0 }).toEqual({ ...there[i]!.bar, received: 0 })
            expect(at).toBeGreaterThanOrEqual(there[i]!.at)
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})
