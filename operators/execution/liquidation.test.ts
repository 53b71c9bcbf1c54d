import { describe, expect, test } from 'vitest'
import { Exchange, instrument, type Level } from '../../tests/exchange.ts'
import type { MarginTerms } from '../margin/terms.ts'
import type { Tier } from '../margin/tiers.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import type { VenueOptions } from './index.ts'

const tiers: readonly Tier[] = [
  { floor: 0, cap: 100, rate: 0.01, amount: 0, leverage: 50 },
  { floor: 100, cap: 1000, rate: 0.02, amount: 1, leverage: 20 },
]
/** A lot is worth 0.0005 a tick: 1,000 lots at 200 ticks are worth 100. */
const terms: MarginTerms = {
  ...{ mode: 'cross', positions: 'one-way', leverage: [20], tiers: [tiers], collateral: [] },
  ...{ liquidationFee: 0.001, insuranceFund: 5 },
}

function opened(cash: number, changes: Partial<MarginTerms> = {}, options: Partial<VenueOptions> = {}): Exchange {
  const margin = { terms: { ...terms, ...changes }, cash: Math.round(cash * 1e8) }
  return new Exchange({ margin, ...options })
}

const bids: Level[] = [[199, 9000]]
const asks: Level[] = [[200, 9000]]
/** Who buys gets 200, which is the mark. */
const at200 = (exchange: Exchange) => exchange.book({ time: 1 }, bids, asks, { snapshot: true }).mark({ time: 2 }, 200)
const buy = { side: 'buy', type: 'market', lots: 1000 } as const
const sell = { ...buy, side: 'sell' } as const
const fund = (exchange: Exchange) => Number(exchange.venue.counts.margin!.insuranceFundE8) / 1e8

/** What the account comes to by what it was told, at a mark. */
function told(exchange: Exchange, cash: number, mark: number, changes: Partial<MarginTerms> = {}) {
  const account = { account: 'a', exchange: 'x', currency: 'U', cash: BigInt(Math.round(cash * 1e8)) }
  const portfolio = new AccountPortfolio({ ...account, instruments: [instrument], margin: { ...terms, ...changes } })
  for (const execution of exchange.executions) portfolio.apply(execution)
  portfolio.mark({ ...exchange.market, instrument, markTicks: mark, synced: true } as never)
  return { lots: portfolio.lots(0), equity: portfolio.equity() / 1e8 }
}

describe('FR-204: margin', () => {
  test('an order that the account cannot cover is rejected; one that fits, and one that only takes away, are not', () => {
    const exchange = at200(opened(5.2))
    exchange.order(10, { ...buy, lots: 1100 })
    exchange.order(11, buy)
    exchange.book({ time: 20 }, [[1, 1]], [])
    expect(exchange.told).toEqual(['rejected INSUFFICIENT_MARGIN', 'accepted', 'fill 200×1000 taker'])
    exchange.order(21, { ...buy, lots: 100 })
    exchange.order(22, { ...sell, lots: 400 })
    exchange.order(23, { ...sell, lots: 601 })
    exchange.book({ time: 30 }, [[1, 1]], [])
    expect(exchange.told.slice(3)).toEqual([
      ...['rejected INSUFFICIENT_MARGIN', 'accepted', 'fill 199×400 taker', 'accepted', 'fill 199×601 taker'],
    ])
  })

  test('orders in the book bind margin, and give it back', () => {
    const exchange = at200(opened(5.2))
    const limit = { side: 'buy', type: 'limit', ticks: 190, lots: 1000 } as const
    const first = exchange.order(10, limit)
    exchange.order(11, limit)
    exchange.cancel(12, first)
    exchange.order(13, limit)
    exchange.book({ time: 20 }, [[1, 1]], [])
    expect(exchange.told).toEqual([
      'accepted behind 9000',
      'rejected INSUFFICIENT_MARGIN',
      'cancelled 190×1000',
      'accepted behind 9000',
    ])
  })

  test('nothing is opened where no price is known', () => {
    const exchange = opened(1000, {}, { fill: 'next-open' })
    exchange.order(10, { ...buy, ticks: undefined })
    exchange.candle({ time: 100, openTime: 50 }, Number.NaN, Number.NaN, Number.NaN, Number.NaN)
    expect(exchange.told).toEqual(['expired market×1000 NO_LIQUIDITY'])
    const blind = opened(1000)
    blind.book({ time: 1 }, [], [[201, 9000]], { snapshot: true })
    blind.order(2, buy)
    blind.book({ time: 3 }, [], [[202, 1]])
    expect(blind.told).toEqual(['rejected INSUFFICIENT_MARGIN'])
  })

  test('a hedged account holds a long and a short position, each closed by its own side', () => {
    const exchange = at200(opened(100, { positions: 'hedge' }))
    exchange.order(10, { ...buy, positionSide: 'long' })
    exchange.order(11, { ...sell, lots: 400, positionSide: 'short' })
    exchange.order(12, { ...sell, lots: 1001, positionSide: 'long' })
    exchange.order(13, buy)
    exchange.order(14, { ...sell, lots: 300, positionSide: 'long' })
    exchange.book({ time: 20 }, [[1, 1]], [])
    expect(exchange.told.filter((one) => !one.startsWith('accepted'))).toEqual([
      ...['fill 200×1000 taker', 'fill 199×400 taker', 'rejected INSUFFICIENT_MARGIN', 'rejected INVALID_ORDER'],
      'fill 199×300 taker',
    ])
    expect(told(exchange, 100, 200, { positions: 'hedge' })).toEqual({ lots: 300, equity: 99.65 })
  })
})

describe('FR-205: liquidation', () => {
  /** A long of 1,000 lots at 200 with 5.2 behind it: short at (100 − 5.2) / 0.99 / 0.5 = 191.52 ticks. */
  const long = () => {
    const exchange = at200(opened(5.2))
    exchange.order(10, buy)
    exchange.order(11, { side: 'sell', type: 'limit', ticks: 230, lots: 1000 })
    return exchange.book(
      { time: 20 },
      [
        [199, 0],
        [191, 600],
        [190, 100],
        [180, 9000],
      ],
      [],
    )
  }

  test('comes at the first mark at which the margin ratio is 100 %, takes back the orders, and walks the book', () => {
    const exchange = long().mark({ time: 30 }, 192)
    expect(exchange.told).toHaveLength(3)
    exchange.mark({ time: 31 }, 191.5)
    // Bankrupt at (100 − 5.2) / 0.5 = 189.6: the book gives down to 190, the fund takes the rest at 190 and closes it at 191.5.
    expect(exchange.told.slice(3)).toEqual([
      ...['cancelled 230×1000 LIQUIDATION', 'liquidation 191×600 LIQUIDATED', 'liquidation 190×100 LIQUIDATED'],
      'liquidation 190×300 BANKRUPT',
    ])
    const last = exchange.executions.at(-1)!
    expect(last).toMatchObject({ time: 31, side: 'sell', leftLots: 0, strategy: '', clientId: 'liquidation.3' })
    // 5.2 − 0.6 × 4.5 − 0.4 × 5 = 0.5, of which 0.1 % of 57.3 + 9.5 + 28.5 is the fee; the fund gains 0.3 × 0.75 beside.
    expect(told(exchange, 5.2, 192)).toEqual({ lots: 0, equity: 0.4047 })
    expect(fund(exchange)).toBeCloseTo(5 + 0.0953 + 0.225, 8)
    expect(exchange.venue.counts.margin!.liquidations).toBe(3)
    // A flat account has nothing to lose.
    expect(exchange.mark({ time: 40 }, 1).told).toHaveLength(7)
  })

  test('beyond the bankruptcy price is the insurance fund’s: the account keeps 0 or more', () => {
    const exchange = long().mark({ time: 30 }, 150)
    expect(exchange.told.slice(4)).toEqual([
      'liquidation 191×600 LIQUIDATED',
      'liquidation 190×100 LIQUIDATED',
      'liquidation 190×300 BANKRUPT',
    ])
    const gap = at200(opened(5.2))
    gap.order(10, buy)
    gap
      .book(
        { time: 20 },
        [
          [199, 0],
          [100, 9000],
        ],
        [],
      )
      .mark({ time: 30 }, 150)
    expect(gap.told.slice(2)).toEqual(['liquidation 190×1000 BANKRUPT'])
    // 5.2 − 5 is left, and 0.095 of it is the fee.
    expect(told(gap, 5.2, 150)).toEqual({ lots: 0, equity: 0.105 })
    expect(fund(gap)).toBeCloseTo(5 + 0.095 - (190 - 150) * 0.5, 8)
  })

  test('is seen with the latency of the connection, and happens on the exchange’s clock', () => {
    const exchange = at200(opened(5.2, {}, { latency: { backMs: 3 } }))
    exchange.order(10, buy)
    exchange.book({ time: 20 }, [[1, 1]], []).mark({ time: 30 }, 150)
    exchange.until(1e9)
    expect(exchange.executions.at(-1)).toMatchObject({ kind: 'liquidation', time: 30, received: 3030 })
  })

  test('goes down the tiers first: to the tier below, and is looked at again', () => {
    // 2,000 lots at 200: notional 200, 2 % − 1 = 3 at 200 ticks.
    const exchange = at200(opened(11))
    exchange.order(10, { ...buy, lots: 2000 })
    exchange.book(
      { time: 20 },
      [
        [199, 0],
        [193, 9000],
      ],
      [],
    )
    // At 192: 11 − 8 = 3 against 0.02 × 192 − 1 = 2.84; at 191.5: 2.5 against 2.83.
    exchange.mark({ time: 30 }, 192)
    expect(exchange.told).toHaveLength(2)
    exchange.mark({ time: 31 }, 191.5)
    // 100 / (0.0005 × 191.5) = 1,044.4 lots are kept.
    expect(exchange.told.slice(2)).toEqual(['liquidation 193×956 LIQUIDATED'])
    expect(exchange.executions.at(-1)!.leftLots).toBe(1044)
    expect(told(exchange, 11, 191.5).lots).toBe(1044)
  })

  test('of what the market does not give in part is whole', () => {
    const exchange = at200(opened(11))
    exchange.order(10, { ...buy, lots: 2000 })
    exchange
      .book(
        { time: 20 },
        [
          [199, 0],
          [193, 100],
          [150, 9000],
        ],
        [],
      )
      .mark({ time: 31 }, 191.5)
    expect(exchange.told.slice(2)).toEqual(['liquidation 193×100 LIQUIDATED', 'liquidation 189×1900 BANKRUPT'])
    expect(told(exchange, 11, 191.5).equity).toBeGreaterThanOrEqual(0)
  })

  test('of an isolated position leaves the rest of the account alone, and ends it earlier than cross would', () => {
    const exchange = at200(opened(100, { mode: 'isolated' }))
    exchange.order(10, buy)
    exchange
      .book(
        { time: 20 },
        [
          [199, 0],
          [185, 9000],
        ],
        [],
      )
      .mark({ time: 30 }, 192)
    expect(exchange.told).toHaveLength(2)
    // Set aside: 100 / 20 = 5: short at 95 / 0.99 / 0.5 = 191.9, bankrupt at 190.
    exchange.mark({ time: 31 }, 191.5)
    expect(exchange.told.slice(2)).toEqual(['liquidation 190×1000 BANKRUPT'])
    expect(told(exchange, 100, 191.5, { mode: 'isolated' }).equity).toBe(95)
    const cross = at200(opened(100))
    cross.order(10, buy)
    expect(
      cross
        .book(
          { time: 20 },
          [
            [199, 0],
            [185, 9000],
          ],
          [],
        )
        .mark({ time: 31 }, 150).told,
    ).toHaveLength(2)
  })

  test('of a part of an isolated position costs its own margin, and nothing of what is free', () => {
    const dear = { mode: 'isolated', liquidationFee: 0.05 } as const
    const exchange = at200(opened(11, dear))
    exchange.order(10, { ...buy, lots: 2000 })
    // 10 are set aside: short at (200 − 10 − 1) / 0.98 = 192.9. The fee takes what is left of them, and the rest is closed for nothing more.
    exchange
      .book(
        { time: 20 },
        [
          [199, 0],
          [193, 9000],
        ],
        [],
      )
      .mark({ time: 30 }, 192)
    expect(exchange.told.slice(2)).toEqual(['liquidation 193×959 LIQUIDATED', 'liquidation 193×1041 LIQUIDATED'])
    expect(told(exchange, 11, 192, dear).equity).toBeGreaterThanOrEqual(1)
  })

  test('of a short comes where the mark rises, and after funding that it cannot bear', () => {
    const exchange = at200(opened(5.6, {}, { funding: { rate: -0.04, intervalHours: 1 } }))
    exchange.order(10, sell)
    exchange.book({ time: 20 }, [[1, 1]], [])
    const hour = 3_600_000_000
    exchange.mark({ time: hour - 1 }, 200)
    expect(exchange.told).toHaveLength(2)
    exchange.mark({ time: hour + 1 }, 203)
    expect(exchange.told.slice(2)).toEqual(['funding', 'liquidation 200×1000 LIQUIDATED'])
  })
})

describe('FR-205: liquidation on candles', () => {
  const candle = (exchange: Exchange, n: number, ...prices: [number, number, number, number]) =>
    exchange.candle({ time: n * 100, openTime: (n - 1) * 100 }, ...prices)
  const long = (changes: Partial<MarginTerms> = {}) => {
    const exchange = opened(5.2, changes, { fill: 'next-open' })
    candle(exchange, 1, 200, 200, 200, 200)
    exchange.order(101, buy)
    // What arrives inside a candle acts at its open; the candle after it is the first that it is held in from the beginning.
    return candle(exchange, 2, 200, 200, 200, 200)
  }

  test('comes at the first price on the way through a candle that is short, also where it closes above', () => {
    // (100 − 5.2) / 0.99 / 0.5 = 191.5.
    expect(candle(long(), 3, 200, 205, 192, 200).told).toEqual(['fill 200×1000 taker'])
    const exchange = candle(long(), 3, 200, 205, 180, 200)
    expect(exchange.told.slice(1)).toEqual(['liquidation 191×1000 LIQUIDATED'])
    expect(told(exchange, 5.2, 200).equity).toBeCloseTo(5.2 - 4.5 - 0.0955, 8)
  })

  test('is at the open where a candle opens beyond it, and no worse than bankrupt', () => {
    expect(candle(long(), 3, 190, 195, 180, 195).told.slice(1)).toEqual(['liquidation 190×1000 LIQUIDATED'])
    const exchange = candle(long(), 3, 150, 195, 150, 195)
    expect(exchange.told.slice(1)).toEqual(['liquidation 190×1000 BANKRUPT'])
    expect(told(exchange, 5.2, 195).equity).toBeGreaterThanOrEqual(0)
  })

  test('follows the marks alone where the exchange says them', () => {
    const exchange = long()
    exchange.mark({ time: 250 }, 200)
    expect(candle(exchange, 3, 200, 205, 100, 200).told).toEqual(['fill 200×1000 taker'])
    exchange.mark({ time: 350 }, 191)
    expect(exchange.told.slice(1)).toEqual(['liquidation 191×1000 LIQUIDATED'])
  })

  test('comes after the orders that the candle met: what was sold above is not lost below', () => {
    const exchange = long()
    exchange.order(201, { side: 'sell', type: 'limit', ticks: 204, lots: 1000 })
    candle(exchange, 3, 200, 200, 200, 200)
    expect(candle(exchange, 4, 200, 206, 180, 190).told.slice(1)).toEqual(['accepted', 'fill 204×1000 maker'])
  })
})

test('an account with money past 2⁵³ is liquidated all the same', () => {
  const large = { tiers: [[{ floor: 0, rate: 0.4, amount: 0, leverage: 2 }]] }
  const exchange = at200(opened(1e8, large)).book({ time: 5 }, [], [[200, 5e12]])
  exchange.order(10, { ...buy, lots: 1_900_000_000 })
  exchange
    .book(
      { time: 20 },
      [
        [199, 0],
        [100, 5e12],
      ],
      [],
    )
    .mark({ time: 30 }, 100)
  expect(exchange.told.slice(2)).toEqual(['liquidation 100×1900000000 LIQUIDATED'])
  expect(told(exchange, 1e8, 100)).toEqual({ lots: 0, equity: 5e6 - 95_000 })
})
