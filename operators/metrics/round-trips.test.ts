import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAbsent } from './figure.ts'
import { performance } from './performance.ts'
import { type RoundTrip, roundTrips, type TripEvent, type TripFill } from './round-trips.ts'
import { exposure, tradeFigures } from './trade-figures.ts'

const secondUs = 1_000_000

/** A fill of whole units at whole prices, with the profit that average-cost accounting gives it. */
function fill(
  second: number,
  side: 'buy' | 'sell',
  lots: number,
  price: number,
  more: Partial<TripFill> = {},
): TripFill {
  return {
    kind: 'fill',
    time: second * secondUs,
    exchange: 'binance-usdm',
    symbol: 'BTCUSDT',
    side,
    price,
    lots,
    lotSize: 0.1,
    notionalE8: BigInt(lots * price) * 10_000_000n,
    feeE8: 0n,
    pnlE8: 0n,
    ...more,
  }
}

const funding = (second: number, cashE8: bigint): TripEvent => ({
  kind: 'funding',
  time: second * secondUs,
  exchange: 'binance-usdm',
  symbol: 'BTCUSDT',
  cashE8,
})

describe('round trips', () => {
  test('a position built in two fills and left in two is one trip, at average prices', () => {
    const { closed, open } = roundTrips([
      fill(1, 'buy', 1, 100, { feeE8: 10n }),
      fill(2, 'buy', 2, 103, { feeE8: 20n }),
      fill(5, 'sell', 1, 110, { feeE8: 11n, pnlE8: 80_000_000n }),
      fill(9, 'sell', 2, 107, { feeE8: 12n, pnlE8: 100_000_000n }),
    ])
    expect(open).toEqual([])
    expect(closed).toEqual([
      {
        exchange: 'binance-usdm',
        symbol: 'BTCUSDT',
        side: 'long',
        entryTime: 1 * secondUs,
        exitTime: 9 * secondUs,
        size: 0.3,
        averageEntry: 102,
        averageExit: 108,
        holdingMs: 8_000,
        fills: 4,
        feesE8: 53n,
        fundingE8: 0n,
        pnlE8: 179_999_947n,
        pnl: 1.79999947,
        entryNotionalE8: 3_060_000_000n,
        returnOnEntry: 179_999_947 / 3_060_000_000,
      },
    ])
  })

  test('a fill through zero ends one trip and begins the next, and shares its fee by size to the last unit', () => {
    const { closed, open } = roundTrips([
      fill(1, 'sell', 3, 100, { feeE8: 7n }),
      fill(4, 'buy', 10, 90, { feeE8: 101n, pnlE8: 300_000_000n }),
      fill(6, 'sell', 7, 95, { feeE8: 5n, pnlE8: 350_000_000n }),
    ])
    expect(open).toEqual([])
    expect(
      closed.map(({ side, entryTime, exitTime, size, feesE8, pnlE8, fills }) => [
        side,
        entryTime,
        exitTime,
        size,
        feesE8,
        pnlE8,
        fills,
      ]),
    ).toEqual([
      ['short', 1 * secondUs, 4 * secondUs, 0.3, 37n, 299_999_963n, 2],
      ['long', 4 * secondUs, 6 * secondUs, 0.7, 76n, 349_999_924n, 2],
    ])
  })

  test('accounts at one exchange have positions of their own, and a trip knows whose it is and why', () => {
    const mine = { account: 'a', strategy: 'x' }
    const yours = { account: 'b', strategy: 'y' }
    const { closed, open } = roundTrips([
      fill(1, 'buy', 1, 100, { ...mine, reason: 'up' }),
      fill(2, 'sell', 1, 100, { ...yours, reason: 'down' }),
      fill(3, 'sell', 1, 101, { ...mine, reason: 'target', pnlE8: 10_000_000n }),
    ])
    expect(closed).toMatchObject([
      { ...mine, side: 'long', entryReason: 'up', exitReason: 'target', returnOnEntry: 0.01 },
    ])
    expect(open).toMatchObject([{ ...yours, side: 'short', entryReason: 'down' }])
  })

  test('a fill through zero gives each trip its part of the value, to the last unit', () => {
    const { closed } = roundTrips([
      fill(1, 'buy', 3, 100),
      fill(2, 'sell', 7, 100, { notionalE8: 7_000_000_001n }),
      fill(3, 'buy', 4, 100),
    ])
    expect(closed.map(({ entryNotionalE8 }) => entryNotionalE8)).toEqual([3_000_000_000n, 4_000_000_001n])
  })

  test('funding belongs to the trip that was open, and without one it is counted as loose', () => {
    const { closed, fundingE8, looseFundingE8 } = roundTrips([
      funding(0, 5n),
      fill(1, 'buy', 1, 100),
      funding(2, -40n),
      funding(3, 15n),
      fill(4, 'sell', 1, 100),
    ])
    expect(closed[0]).toMatchObject({ fundingE8: -25n, pnlE8: -25n })
    expect([fundingE8, looseFundingE8]).toEqual([-20n, 5n])
  })

  test('a symbol of the same name on another exchange is another position', () => {
    const { closed, open } = roundTrips([
      fill(1, 'buy', 1, 100),
      fill(2, 'sell', 1, 100, { exchange: 'okx' }),
      fill(3, 'sell', 1, 100),
    ])
    expect(closed.map(({ exchange, side }) => [exchange, side])).toEqual([['binance-usdm', 'long']])
    expect(open.map(({ exchange, side }) => [exchange, side])).toEqual([['okx', 'short']])
  })

  test('open trips stand in the order in which they began, then by name', () => {
    const { open } = roundTrips([
      fill(1, 'buy', 1, 100, { symbol: 'B' }),
      fill(2, 'buy', 1, 100, { symbol: 'Z' }),
      fill(2, 'buy', 1, 100, { symbol: 'A' }),
      fill(3, 'sell', 2, 100, { symbol: 'B' }),
    ])
    expect(open.map(({ symbol, side }) => [symbol, side])).toEqual([
      ['A', 'long'],
      ['Z', 'long'],
      ['B', 'short'],
    ])
  })

  test('lots of 0.1 that were bought in three parts and sold in two come back to exactly zero', () => {
    const { closed, open } = roundTrips([
      fill(1, 'buy', 333, 100),
      fill(2, 'buy', 333, 100),
      fill(3, 'buy', 334, 100),
      fill(4, 'sell', 999, 100),
      fill(5, 'sell', 1, 100),
    ])
    expect(open).toEqual([])
    expect(closed).toHaveLength(1)
    expect(closed[0]!.size).toBe(100)
  })

  test('a fill of no lots or of part of a lot is a bug of the caller', () => {
    for (const lots of [0, -1, 0.5, Number.NaN]) {
      expect(() => roundTrips([{ ...fill(1, 'buy', 1, 100), lots }])).toThrow(RangeError)
    }
  })

  test('trips, open and closed, and loose funding add up to the account to the last unit', () => {
    const event = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(fc.constant('fill'), fc.integer({ min: 1, max: 9 }), fc.boolean(), fc.bigInt(-50n, 999n)),
      },
      { weight: 1, arbitrary: fc.tuple(fc.constant('funding'), fc.constant(0), fc.boolean(), fc.bigInt(-99n, 99n)) },
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (drawn) => {
        let position = 0
        let cash = 0n
        let crossings = 0
        const events = drawn.map(([kind, lots, buys, amountE8], second): TripEvent => {
          if (kind === 'funding') {
            cash += amountE8
            return funding(second, amountE8)
          }
          const next = position + (buys ? lots : -lots)
          const reduces = position !== 0 && Math.sign(position) !== (buys ? 1 : -1)
          const pnlE8 = reduces ? BigInt(Math.min(lots, Math.abs(position)) * (second - 30)) : 0n
          if (position !== 0 && (next === 0 || Math.sign(next) !== Math.sign(position))) crossings++
          position = next
          cash += pnlE8 - amountE8
          return fill(second, buys ? 'buy' : 'sell', lots, 100, { feeE8: amountE8, pnlE8 })
        })
        const { closed, open, looseFundingE8, feesE8 } = roundTrips(events)
        const total = [...closed, ...open].reduce((sum, { pnlE8 }) => sum + pnlE8, looseFundingE8)
        expect(total).toBe(cash)
        expect([...closed, ...open].reduce((sum, trip) => sum + trip.feesE8, 0n)).toBe(feesE8)
        expect(closed).toHaveLength(crossings)
        expect(open).toHaveLength(position === 0 ? 0 : 1)
        for (const { entryTime, exitTime, averageEntry, averageExit } of closed) {
          expect(exitTime).toBeGreaterThanOrEqual(entryTime)
          expect([averageEntry, averageExit]).toEqual([100, 100])
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('figures of trades', () => {
  const won = (amounts: readonly number[]): RoundTrip[] =>
    amounts.flatMap((amount, i) => [
      ...roundTrips([
        fill(10 * i, 'buy', 1, 100),
        fill(10 * i + 4, 'sell', 1, 100, { pnlE8: BigInt(Math.round(amount * 1e8)) }),
      ]).closed,
    ])

  test('of three wins, two losses and a zero', () => {
    expect(tradeFigures(won([30, -10, 0, 12, -20, 3]))).toEqual({
      trades: 6,
      winRate: 0.5,
      profitFactor: 1.5,
      expectancy: 2.5,
      averageWin: 15,
      averageLoss: -15,
      averageHoldingMs: 4_000,
      payoffRatio: 1,
      kelly: 0,
      largestWin: 30,
      largestLoss: -20,
      longestWinStreak: 1,
      longestLossStreak: 1,
    })
  })

  test('without trades, wins or losses the figures that need them say so', () => {
    const reasons = (amounts: readonly number[]) =>
      Object.fromEntries(
        Object.entries(tradeFigures(won(amounts)))
          .filter(([, figure]) => isAbsent(figure))
          .map(([name, figure]) => [name, isAbsent(figure) && figure.reason.split(':')[0]]),
      )
    expect(reasons([])).toEqual({
      winRate: 'NO_TRADES',
      profitFactor: 'NO_TRADES',
      expectancy: 'NO_TRADES',
      averageWin: 'NO_TRADES',
      averageLoss: 'NO_TRADES',
      averageHoldingMs: 'NO_TRADES',
      payoffRatio: 'NO_TRADES',
      kelly: 'NO_TRADES',
      largestWin: 'NO_TRADES',
      largestLoss: 'NO_TRADES',
      longestWinStreak: 'NO_TRADES',
      longestLossStreak: 'NO_TRADES',
    })
    const needLosses = ['profitFactor', 'averageLoss', 'payoffRatio', 'kelly', 'largestLoss']
    expect(reasons([5])).toEqual(Object.fromEntries(needLosses.map((name) => [name, 'NO_LOSSES'])))
    const needWins = ['averageWin', 'payoffRatio', 'kelly', 'largestWin']
    expect(reasons([-5])).toEqual(Object.fromEntries(needWins.map((name) => [name, 'NO_WINS'])))
    expect(tradeFigures(won([-5]))).toMatchObject({ winRate: 0, profitFactor: 0 })
  })

  test('streaks count trips one after the other, and a zero ends both', () => {
    expect(tradeFigures(won([1, 2, 0, 3, -1, -1, -4, 2]))).toMatchObject({ longestWinStreak: 2, longestLossStreak: 3 })
  })

  test('fees turn a trade that won before them into a loss', () => {
    const { closed } = roundTrips([
      fill(1, 'buy', 1, 100, { feeE8: 300_000_000n }),
      fill(2, 'sell', 1, 101, { feeE8: 300_000_000n, pnlE8: 500_000_000n }),
    ])
    expect(tradeFigures(closed)).toMatchObject({ winRate: 0, expectancy: -1 })
  })

  test('expectancy is the win rate times the mean win plus the loss rate times the mean loss', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 50 }), (amounts) => {
        const wins = amounts.filter((amount) => amount > 0)
        const losses = amounts.filter((amount) => amount < 0)
        const figures = tradeFigures(won(amounts))
        const of = (figure: unknown) => (typeof figure === 'number' ? figure : 0)
        const expected =
          (wins.length * of(figures.averageWin) + losses.length * of(figures.averageLoss)) / amounts.length
        expect(figures.expectancy).toBeCloseTo(expected, 9)
      }),
    )
  })
})

describe('exposure', () => {
  const at = (symbol: string, enter: number, leave?: number): TripEvent[] => [
    fill(enter, 'buy', 1, 100, { symbol }),
    ...(leave === undefined ? [] : [fill(leave, 'sell', 1, 100, { symbol })]),
  ]

  test('positions that overlap are counted once, and one that is still open lasts to the end', () => {
    const events = [...at('A', 10, 30), ...at('B', 20, 40), ...at('C', 25, 28), ...at('D', 60)]
    expect(exposure(roundTrips(events), 0, 100 * secondUs)).toBe(0.7)
  })

  test('what lies outside the span is not counted, and a span without time has no exposure', () => {
    const trips = roundTrips([...at('A', 10, 30), ...at('B', 90, 200)])
    expect(exposure(trips, 20 * secondUs, 100 * secondUs)).toBe(0.25)
    expect(exposure(trips, 300 * secondUs, 400 * secondUs)).toBe(0)
    expect(exposure(trips, 5, 5)).toHaveProperty('reason')
  })

  test('it equals a count of the seconds in the market', () => {
    const stay = fc.tuple(
      fc.constantFrom('A', 'B', 'C'),
      fc.integer({ min: 0, max: 90 }),
      fc.integer({ min: 0, max: 40 }),
    )
    fc.assert(
      fc.property(fc.array(stay, { maxLength: 12 }), (stays) => {
        const closed = stays.flatMap(([symbol, enter, length]) => roundTrips(at(symbol, enter, enter + length)).closed)
        let seconds = 0
        for (let second = 0; second < 100; second++) {
          if (stays.some(([, enter, length]) => enter <= second && second < enter + length)) seconds++
        }
        expect(exposure({ closed, open: [] }, 0, 100 * secondUs)).toBe(seconds / 100)
      }),
    )
  })
})

test('turnover is the value traded over the mean of equity over time; fees and funding are sums', () => {
  const trips = roundTrips([
    fill(0, 'buy', 20, 100, { feeE8: 40_000_000n }),
    funding(5, -25_000_000n),
    fill(10, 'sell', 20, 100, { feeE8: -10_000_000n }),
  ])
  const times = Float64Array.of(4 * secondUs, 8 * secondUs)
  const equity = Float64Array.of(150, 50)
  // 100 for 4 s, 150 for 4 s, 50 for 12 s: a mean of 80; 2 × 2 units × 100 were traded.
  const seen = performance({ times, equity, from: 0, to: 20 * secondUs, start: 100, trips })
  expect(seen).toMatchObject({
    fills: 2,
    notional: 400,
    turnover: 5,
    fees: 0.3,
    funding: -0.25,
    exposure: 0.5,
    trades: 1,
  })
})
