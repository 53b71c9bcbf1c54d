import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../schemas/batch.ts'
import type { Bar } from '../../schemas/records.generated.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { clock, heartbeat, type Item, instruments, mergedOf, quote, trade } from './samples.ts'
import { type BarsOptions, barsStage } from './stage.ts'

type Seen = { bar: Bar; at: number }

/** Bars of the items cut into batches of some rows, each with the item at which it was given. */
function run(
  items: readonly Item[],
  options: Omit<BarsOptions, 'instruments'>,
  batchRows = items.length,
  saves = false,
) {
  let stage = barsStage.create({ ...options, instruments })
  const seen: Seen[] = []
  for (let from = 0; from < items.length; from += batchRows) {
    const { batch, at } = stage.step(mergedOf(items.slice(from, from + batchRows)))
    for (const [i, bar] of rowsOf(batch).entries()) seen.push({ bar, at: from + at[i]! })
    if (!saves) continue
    const bytes = stage.save()
    stage = barsStage.create({ ...options, instruments })
    stage.load(bytes)
  }
  return { seen, late: stage.late }
}

const figures = ({ bar, at }: Seen) => [
  at,
  bar.openTime / 1e6,
  bar.open,
  bar.high,
  bar.low,
  bar.close,
  bar.volume,
  bar.trades,
]

describe('a time bar', () => {
  test('is cut by event time and given at the first row at or after its end, with that row’s received', () => {
    const items = [trade(60, 100), trade(70, 103, 0.002), trade(119.9, 99), quote(119.99), quote(120.1), trade(121, 98)]
    const { seen } = run(items, { interval: '1m' })
    expect(seen.map(figures)).toEqual([[4, 60, 100, 103, 99, 99, 0.004, 3]])
    expect(seen[0]!.bar).toMatchObject({ time: 120e6, received: 120.6e6, interval: '1m', symbol: 'BTCUSDT' })
    expect(seen[0]!.bar.quoteVolume).toBe(0.405)
  })

  test('is given by the trade that begins the next one, which is not in it', () => {
    expect(run([trade(0, 1), trade(60, 2), trade(120, 3)], { interval: '1m' }).seen.map(figures)).toEqual([
      [1, 0, 1, 1, 1, 1, 0.001, 1],
      [2, 60, 2, 2, 2, 2, 0.001, 1],
    ])
  })

  test('is not changed by a trade that comes after it closed: that one is counted as late', () => {
    const { seen, late } = run([trade(59, 100), quote(60), trade(59.9, 500), trade(120, 1)], { interval: '1m' })
    expect(seen.map(figures)).toEqual([[1, 0, 100, 100, 100, 100, 0.001, 1]])
    expect(late).toBe(1)
  })

  test('is of its own symbol: rows of another close nothing', () => {
    const { seen } = run([trade(59, 100), quote(61, 'ETHUSDT'), trade(62, 7, 1, 'ETHUSDT')], { interval: '1m' })
    expect(seen).toEqual([])
  })

  test('is closed by a heartbeat on the exchange’s clock, once every connection has passed its end', () => {
    // The exchange is 1.5 s ahead of us: at our 58.5 s it is the end of the minute there.
    const items = [
      clock(1.5e6),
      clock(1.5e6, 'b'),
      trade(59, 100),
      heartbeat(58.4),
      heartbeat(58.6),
      heartbeat(58.6, 'b'),
    ]
    expect(run(items, { interval: '1m' }).seen.map(({ at, bar }) => [at, bar.received])).toEqual([[5, 58.6e6]])
    expect(run([trade(59, 100), heartbeat(70)], { interval: '1m' }).seen).toEqual([])
  })

  test('has none for empty minutes, unless they are to be filled with the last close', () => {
    const items = [quote(0), trade(61, 100), trade(62, 101), trade(245, 90), quote(300)]
    expect(run(items, { interval: '1m' }).seen.map(({ bar }) => bar.openTime / 1e6)).toEqual([60, 240])
    expect(run(items, { interval: '1m', fill: true }).seen.map(figures)).toEqual([
      [3, 60, 100, 101, 100, 101, 0.002, 2],
      [3, 120, 101, 101, 101, 101, 0, 0],
      [3, 180, 101, 101, 101, 101, 0, 0],
      [4, 240, 90, 90, 90, 90, 0.001, 1],
    ])
  })

  test('B8: of 45m or any divisor of a day begins on the UTC grid, wherever the data begin', () => {
    const day = 19_000 * 86_400
    for (const [interval, minutes] of Object.entries({ '45m': 45, '1h': 60, '4h': 240, '90m': 90, '1d': 1440 })) {
      const items = Array.from({ length: 500 }, (_, i) => trade(day + 1234 + i * 700, 100 + i))
      const { seen } = run(items, { interval })
      expect(seen.length).toBeGreaterThan(2)
      for (const { bar } of seen) {
        expect(bar.openTime % (minutes * 60e6)).toBe(0)
        expect(((bar.openTime / 1e6) % 86_400) % (minutes * 60)).toBe(0)
        expect(bar.time - bar.openTime).toBe(minutes * 60e6)
      }
    }
  })
})

test('a tick bar closes with its last trade, a volume bar with the trade that fills it', () => {
  const items = [1, 2, 3, 4, 5].map((price, i) => trade(i * 50, price, 0.4))
  expect(run(items, { interval: '2 ticks' }).seen.map(figures)).toEqual([
    [1, 0, 1, 2, 1, 2, 0.8, 2],
    [3, 100, 3, 4, 3, 4, 0.8, 2],
  ])
  const byVolume = run(items, { interval: '1 volume' }).seen
  expect(byVolume.map(figures)).toEqual([[2, 0, 1, 3, 1, 3, 1.2, 3]])
  expect(byVolume[0]!.bar).toMatchObject({ interval: '1v', time: 100e6, received: 100.5e6 })
  // 0.4 + 0.6 is no double error away from 1: sizes are counted in lots.
  expect(run([trade(0, 1, 0.1), trade(1, 1, 0.7), trade(2, 1, 0.2)], { interval: '1 volume' }).seen).toHaveLength(1)
})

describe('a dollar bar', () => {
  test('closes with the trade that fills it, whole and without the noise of doubles', () => {
    // 0.1 × 3 + 0.7 × 1 is 1.0000000000000002 in doubles on one way and 1 on another; ticks × lots are whole.
    const items = [trade(0, 3, 0.1), trade(1, 1, 0.7), trade(2, 50, 0.02), trade(3, 5, 0.1), trade(4, 4, 0.2)]
    const { seen } = run(items, { interval: '1 dollars' })
    expect(seen.map(({ at, bar }) => [at, bar.quoteVolume, bar.volume, bar.trades])).toEqual([
      [1, 1, 0.8, 2],
      [2, 1, 0.02, 1],
      [4, 1.3, 0.3, 2],
    ])
    expect(seen[2]!.bar).toMatchObject({ interval: '1q', openTime: 3e6, time: 4e6, received: 4.5e6, open: 5, close: 4 })
  })

  test('of an inverse contract counts its contracts, whatever the price', () => {
    const inverse = perpetual({ inverse: true, contractSize: 100, lotSize: 1, tickSize: 0.5, settle: 'BTC' })
    const stage = barsStage.create({ interval: '500 dollars', instruments: [instrumentOf(inverse, 0)] })
    const { batch, at } = stage.step(mergedOf([trade(0, 10, 2), trade(1, 90_000, 2), trade(2, 10, 1), trade(3, 9, 4)]))
    expect(rowsOf(batch).map(({ quoteVolume, volume }) => [quoteVolume, volume])).toEqual([[500, 5]])
    expect([...at]).toEqual([2])
  })

  test('is at least as large as was asked for, and would not be without its last trade', () => {
    const some = fc.array(fc.tuple(fc.integer({ min: 1, max: 500_000 }), fc.integer({ min: 1, max: 9_000 })))
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 99_999_999 }), (trades, cents) => {
        const items = trades.map(([ticks, lots], i) => trade(i, ticks / 10, lots / 1000))
        const { seen } = run(items, { interval: `${cents / 100} dollars` })
        // In units of tick × lot = 10⁻⁴, which are whole.
        let open = 0n
        const there = trades.flatMap(([ticks, lots], at) => {
          open += BigInt(ticks) * BigInt(lots)
          if (open < BigInt(cents) * 100n) return []
          const closed = [at, Number(open) / 1e4]
          open = 0n
          return [closed]
        })
        expect(seen.map(({ at, bar }) => [at, bar.quoteVolume])).toEqual(there)
      }),
      { numRuns: 200 },
    )
  })
})

describe('any stream of rows', () => {
  const second = fc.nat({ max: 4000 }).map((tenths) => tenths / 10)
  const symbol = fc.constantFrom('BTCUSDT', 'ETHUSDT')
  const item: fc.Arbitrary<Item> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(second, fc.integer({ min: 1, max: 50 }), symbol).map(([s, p, y]) => trade(s, p, 0.01, y)),
    },
    { weight: 3, arbitrary: fc.tuple(second, symbol).map(([s, y]) => quote(s, y)) },
    { weight: 1, arbitrary: second.map((s) => heartbeat(s)) },
  )
  /** Rows in order of receipt; event times step back by up to some seconds, as on real connections. */
  const stream = fc.array(item, { maxLength: 120 }).map((items) => {
    const jitter = items.map((one, i) => ({ one, key: one.row.time + ((i * 7919) % 13) * 1e6 }))
    return [clock(0), ...jitter.sort((a, b) => a.key - b.key).map(({ one }) => one)]
  })
  const interval = fc.constantFrom('1s', '10s', '1m', '5 ticks', '0.05 volume', '0.7 dollars')

  test('gives the same bars however it is cut, saved and loaded', () => {
    fc.assert(
      fc.property(stream, interval, fc.boolean(), (items, interval, fill) => {
        const whole = run(items, { interval, fill })
        for (const rows of [1, 7, 64, 4096]) expect(run(items, { interval, fill }, rows, true)).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  test('gives the bars of its trades by the rule said in another way', () => {
    fc.assert(
      fc.property(stream, (items) => {
        const { seen, late } = run(items, { interval: '10s' })
        let lateThere = 0
        const there: unknown[] = []
        for (const { symbol } of instruments) {
          // Each trade belongs to its period, unless an earlier row of the symbol (or a heartbeat) has reached that period's end.
          const periods = new Map<number, { trades: number[]; closed?: number }>()
          let reached = Number.NEGATIVE_INFINITY
          for (const [at, { topic, row }] of items.entries()) {
            if (topic === 'clocks' || (topic !== 'heartbeats' && row.symbol !== symbol)) continue
            reached = Math.max(reached, row.time)
            for (const [open, period] of periods) if (reached >= open + 10e6) period.closed ??= at
            if (topic !== 'trades') continue
            const open = Math.floor(row.time / 10e6) * 10e6
            if (reached >= open + 10e6) lateThere++
            else periods.set(open, { trades: [...(periods.get(open)?.trades ?? []), row.price] })
          }
          for (const [open, { trades, closed }] of periods) {
            if (closed === undefined) continue
            there.push([
              closed,
              open / 1e6,
              trades[0],
              Math.max(...trades),
              Math.min(...trades),
              trades.at(-1),
              trades.length,
            ])
          }
        }
        const key = (row: unknown) => JSON.stringify(row)
        const here = seen.map((one) => figures(one).filter((_, i) => i !== 6))
        expect(here.map(key).sort()).toEqual(there.map(key).sort())
        expect(late).toBe(lateThere)
      }),
      { numRuns: 200 },
    )
  })

  test('B1: gives on a prefix what it gives on the whole, up to there', () => {
    fc.assert(
      fc.property(stream, interval, fc.nat(), (items, interval, n) => {
        const length = n % (items.length + 1)
        const whole = run(items, { interval }).seen.filter(({ at }) => at < length)
        expect(length === 0 ? [] : run(items.slice(0, length), { interval }).seen).toEqual(whole)
      }),
      { numRuns: 100 },
    )
  })
})
