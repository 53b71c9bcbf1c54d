import { describe, expect, test } from 'vitest'
import { Exchange, type Level } from '../../tests/exchange.ts'
import type { VenueOptions } from './index.ts'

const bids: Level[] = [[100, 5], [99, 6], [97, 2]] // biome-ignore format: a level a pair
const asks: Level[] = [[101, 6], [104, 1]] // biome-ignore format: a level a pair
const buy = { side: 'buy', type: 'limit' } as const
const sell = { side: 'sell', type: 'limit' } as const

/** A synced book at 1 s, and rows that touch no level of interest to move the exchange's clock. */
function opened(options: Partial<VenueOptions> = {}): Exchange {
  return new Exchange(options).book({ time: 1_000 }, bids, asks, { snapshot: true })
}
const tick = (exchange: Exchange, time: number) => exchange.book({ time }, [[10, 1]], [])

describe('takers', () => {
  test('a market order walks the book, and what is known of it cannot fill expires with a reason', () => {
    const exchange = opened()
    exchange.order(1_000, { side: 'buy', type: 'market', lots: 10 })
    expect(tick(exchange, 1_001).told).toEqual([
      'accepted',
      'fill 101×6 taker',
      'fill 104×1 taker',
      'expired market×3 NO_LIQUIDITY',
    ])
    expect(exchange.executions.map(({ leftLots }) => leftLots)).toEqual([10, 4, 3, 0])
    expect(exchange.executions.map(({ number, venueId }) => [number, venueId])).toEqual([
      [1, 'x-1'],
      [2, 'x-1'],
      [3, 'x-1'],
      [4, 'x-1'],
    ])
  })

  test('a limit order takes up to its price, and the rest waits there behind what the level holds', () => {
    const exchange = opened({ selfTrade: 'none' })
    exchange.order(1_000, { ...buy, ticks: 103, lots: 8 })
    exchange.order(1_000, { ...sell, ticks: 99, lots: 12 })
    exchange.order(1_000, { ...buy, ticks: 99, lots: 1 })
    expect(tick(exchange, 1_001).told).toEqual([
      'accepted behind 0',
      'fill 101×6 taker',
      'accepted behind 0',
      'fill 100×5 taker',
      'fill 99×6 taker',
      'accepted behind 6',
    ])
  })

  test('immediate or cancel takes what it can, fill or kill all or nothing', () => {
    const exchange = opened()
    exchange.order(1_000, { ...buy, timeInForce: 'fok', ticks: 101, lots: 7 })
    exchange.order(1_000, { ...buy, timeInForce: 'ioc', ticks: 101, lots: 7 })
    exchange.order(1_000, { ...buy, timeInForce: 'fok', ticks: 104, lots: 1 })
    expect(tick(exchange, 1_001).told).toEqual([
      'expired 101×7 FOK_NOT_FILLABLE',
      'accepted',
      'fill 101×6 taker',
      'expired 101×1 IOC_REST',
      'accepted',
      'fill 104×1 taker',
    ])
  })

  test('a post-only order that would take is rejected, one that would not rests', () => {
    const exchange = opened()
    exchange.order(1_000, { ...buy, timeInForce: 'gtx', ticks: 101, lots: 1 })
    exchange.order(1_000, { ...buy, timeInForce: 'gtx', ticks: 100, lots: 1 })
    expect(tick(exchange, 1_001).told).toEqual(['rejected POST_ONLY_WOULD_TAKE', 'accepted behind 5'])
  })

  test('what was taken stays taken until that level is updated, by depth or by a quote', () => {
    const exchange = opened()
    const take = (time: number) => exchange.order(time, { side: 'buy', type: 'market', timeInForce: 'fok', lots: 6 })
    take(1_000)
    take(1_000)
    tick(exchange, 1_001).book({ time: 1_002 }, [], [[104, 1]])
    take(1_002)
    tick(exchange, 1_003).book({ time: 1_004 }, [], [[101, 6]])
    take(1_004)
    tick(exchange, 1_005).quote({ time: 1_006 }, [100, 5], [101, 6])
    take(1_006)
    tick(exchange, 1_007)
    expect(exchange.told.filter((told) => told !== 'accepted')).toEqual([
      'fill 101×6 taker',
      'expired market×6 FOK_NOT_FILLABLE',
      'expired market×6 FOK_NOT_FILLABLE',
      'fill 101×6 taker',
      'fill 101×6 taker',
    ])
  })

  test('the book is depth overlaid by a newer quote', () => {
    const exchange = opened().quote({ time: 1_001 }, [99, 1], [100, 2])
    exchange.order(1_001, { side: 'buy', type: 'market', lots: 9 })
    exchange.order(1_001, { side: 'sell', type: 'market', lots: 2 })
    expect(tick(exchange, 1_002).told.filter((told) => told.startsWith('fill'))).toEqual([
      'fill 100×2 taker',
      'fill 101×6 taker',
      'fill 104×1 taker',
      'fill 99×1 taker',
      'fill 97×1 taker',
    ])
  })

  test('makers and takers pay their own fee, exact in 10⁻⁸', () => {
    const exchange = opened({ takerFee: 0.0004, makerFee: -0.0001 })
    exchange.order(1_000, { ...buy, ticks: 101, lots: 7 })
    tick(exchange, 1_001).trade({ time: 1_002 }, 'sell', 100, 1)
    // 6 lots at 101 ticks are worth 606 × 0.0005 = 0.303, of which 0.0004 is 0.0001212; 1 at 101 ticks 0.0505.
    expect(exchange.executions.map(({ fee }) => fee)).toEqual([0n, 12_120n, -505n])
  })

  test('with square-root impact a taker is filled worse, in proportion to the root of its size, but not past its limit', () => {
    const exchange = new Exchange({ slippage: 'square-root' })
    exchange.book({ time: 1 }, [[9_990, 999]], [[10_000, 999]], { snapshot: true }) // biome-ignore format: a level a pair
    const minute = 60_000_000
    for (let i = 0; i < 4; i++) exchange.trade({ time: i * minute + 2 }, 'buy', i % 2 === 0 ? 10_000 : 10_100, 400)
    const now = 3 * minute + 2
    for (const lots of [1, 4, 100]) exchange.order(now, { side: 'buy', type: 'market', lots })
    exchange.order(now, { side: 'sell', type: 'market', lots: 4 })
    exchange.order(now, { ...buy, timeInForce: 'ioc', ticks: 10_003, lots: 100 })
    exchange.book({ time: now + 1 }, [[10, 1]], [])
    const [small, double, large, sold, limited] = exchange.executions.filter(({ kind }) => kind === 'fill')
    // 1 % a minute with 400 lots: 10,000 × 0.01 × √(4/400) = 10 ticks, or a little less after 1 % down.
    expect([small!.ticks, double!.ticks, large!.ticks]).toEqual([10_005, 10_010, 10_050])
    expect([sold!.ticks, limited!.ticks]).toEqual([9_980, 10_003])
  })
})

describe('makers', () => {
  const resting = (options: Partial<VenueOptions> = {}, lots = 3) => {
    const exchange = opened(options)
    exchange.order(1_000, { ...buy, ticks: 100, lots })
    return tick(exchange, 1_001)
  }

  test('a trade at the price fills what is left of it behind the queue, and no more', () => {
    const exchange = resting().trade({ time: 1_002 }, 'sell', 100, 4)
    expect(exchange.told).toEqual(['accepted behind 5'])
    exchange.trade({ time: 1_003 }, 'sell', 100, 3).trade({ time: 1_004 }, 'sell', 100, 9)
    expect(exchange.told).toEqual(['accepted behind 5', 'fill 100×2 maker', 'fill 100×1 maker'])
  })

  test('a trade through the price fills the rest, whatever its size', () => {
    expect(resting().trade({ time: 1_002 }, 'sell', 99, 1).told).toEqual(['accepted behind 5', 'fill 100×3 maker'])
  })

  test('a trade whose taker is on our own side leaves the queue as it is', () => {
    const exchange = resting().trade({ time: 1_002 }, 'buy', 100, 50).trade({ time: 1_003 }, 'buy', 101, 50)
    expect(exchange.told).toEqual(['accepted behind 5'])
  })

  test('until it has ended an order can be looked at: when it arrives, and who is ahead of it', () => {
    const exchange = opened({ latency: { outMs: 2 } })
    const id = exchange.order(1_000, { ...buy, ticks: 100, lots: 3 })
    expect(exchange.venue.look(id)).toEqual({ state: 'on its way', arrival: 3_000 })
    tick(exchange, 3_001)
    expect(exchange.venue.look(id)).toEqual({ state: 'resting', leftLots: 3, aheadLots: 5, levelLots: 5 })
    exchange.trade({ time: 3_002 }, 'sell', 100, 4)
    expect(exchange.venue.look(id)).toMatchObject({ leftLots: 3, aheadLots: 1 })
    exchange.trade({ time: 3_003 }, 'sell', 100, 2)
    expect(exchange.venue.look(id)).toMatchObject({ leftLots: 2, aheadLots: 0 })
    exchange.trade({ time: 3_004 }, 'sell', 99, 1)
    expect(exchange.venue.look(id)).toBeUndefined()
  })

  test('two orders of ours share one trade, the first one first', () => {
    const exchange = resting()
    exchange.order(1_001, { ...buy, ticks: 100, lots: 3 })
    tick(exchange, 1_002).trade({ time: 1_003 }, 'sell', 100, 9)
    expect(exchange.told.slice(2)).toEqual(['fill 100×3 maker', 'fill 100×1 maker'])
    exchange.trade({ time: 1_004 }, 'sell', 100, 1)
    expect(exchange.told.slice(4)).toEqual(['fill 100×1 maker'])
  })

  test('what our first order got of a trade still took those ahead of the second one out of the queue, as it really did', () => {
    const exchange = resting().book({ time: 1_002 }, [[100, 10]], [])
    exchange.order(1_002, { ...buy, ticks: 100, lots: 3 })
    // 9 of the 10 ahead of the second order were traded, though the first one, behind 5 of them, has 3 in its books.
    tick(exchange, 1_003).trade({ time: 1_004 }, 'sell', 100, 9).trade({ time: 1_005 }, 'sell', 100, 3)
    expect(exchange.told).toEqual(['accepted behind 5', 'accepted behind 10', 'fill 100×3 maker', 'fill 100×2 maker'])
  })

  test('the other side coming to the price fills as much as it brings, once', () => {
    const exchange = resting().quote({ time: 1_002 }, [99, 6], [100, 2])
    exchange.quote({ time: 1_003 }, [98, 1], [99, 1])
    expect(exchange.told).toEqual(['accepted behind 5', 'fill 100×2 maker', 'fill 100×1 maker'])
    const sold = opened()
    sold.order(1_000, { ...sell, ticks: 101, lots: 4 })
    tick(sold, 1_001).book({ time: 1_002 }, [[102, 9], [101, 9]], [[101, 0], [104, 3]]) // biome-ignore format: a level a pair
    expect(sold.told).toEqual(['accepted behind 6', 'fill 101×4 maker'])
  })

  test('cancellations move us by the queue model alone', () => {
    for (const [queue, filled] of [
      ['conservative', 1],
      ['power', 3],
    ] as const) {
      // biome-ignore format: pairs
      const exchange = resting({ queue, queueExponent: 1 })
      exchange.book({ time: 1_002 }, [[100, 10]], []).book({ time: 1_003 }, [[100, 6]], []) // 5 ahead, 5 behind, 4 cancelled
      exchange.trade({ time: 1_004 }, 'sell', 100, 6)
      expect(exchange.told.at(-1)).toBe(`fill 100×${filled} maker`)
    }
  })

  test('past the known depth an order waits behind as much as the largest known level', () => {
    const exchange = opened()
    exchange.order(1_000, { ...buy, ticks: 50, lots: 1 })
    exchange.order(1_000, { ...buy, ticks: 98, lots: 1 })
    expect(tick(exchange, 1_001).told).toEqual(['accepted behind 6', 'accepted behind 0'])
  })

  test('a cancel takes back what is left, and a second one is refused', () => {
    const exchange = resting()
    exchange.trade({ time: 1_002 }, 'sell', 100, 6)
    exchange.cancel(1_002, 's.a.1')
    exchange.cancel(1_002, 's.a.1')
    tick(exchange, 1_003).trade({ time: 1_004 }, 'sell', 90, 6)
    expect(exchange.told).toEqual([
      'accepted behind 5',
      'fill 100×1 maker',
      'cancelled 100×2',
      'cancel-rejected NOT_OPEN',
    ])
  })

  test('where there are only trades, an order waits for one through its price, and a market order has the next one', () => {
    const exchange = new Exchange().trade({ time: 1_000 }, 'buy', 100, 1)
    exchange.order(1_000, { side: 'buy', type: 'market', lots: 50 })
    exchange.order(1_000, { ...buy, ticks: 99, lots: 5 })
    exchange.trade({ time: 1_001 }, 'buy', 103, 1).trade({ time: 1_002 }, 'sell', 99, 100)
    expect(exchange.told).toEqual(['accepted', 'fill 103×50 taker', 'accepted'])
    expect(exchange.trade({ time: 1_003 }, 'sell', 98, 1).told.at(-1)).toBe('fill 99×5 maker')
  })
})

describe('refusals', () => {
  test('an order without a size, a price or a side, and one whose id is open, is rejected with the reason', () => {
    const exchange = opened()
    exchange.order(1_000, { ...buy, ticks: 99, lots: 0 })
    exchange.order(1_000, { ...buy, ticks: 99, lots: 1.5 })
    exchange.order(1_000, { ...buy, lots: 1 })
    exchange.order(1_000, { side: 'buy', type: 'market', timeInForce: 'gtx', lots: 1 })
    expect(tick(exchange, 1_001).told).toEqual(Array(4).fill('rejected INVALID_ORDER'))
  })

  test('M1: on a book that is not in sync orders are rejected', () => {
    const exchange = new Exchange()
      .book({ time: 1_000 }, bids, asks, { snapshot: true })
      .book({ time: 1_001 }, [[102, 1]], [])
    exchange.order(1_001, { side: 'buy', type: 'market', lots: 1 })
    expect(tick(exchange, 1_002).told).toEqual(['rejected BOOK_NOT_SYNCED'])
  })
})

describe('time', () => {
  test('M4: an order acts at the first row whose exchange time is later than its arrival, on the market before that row', () => {
    const exchange = opened({ latency: { outMs: 5, backMs: 3 } })
    exchange.order(1_000, { side: 'buy', type: 'market', lots: 1 })
    exchange.book({ time: 5_999, received: 6_000 }, [], [[101, 0], [102, 4]]) // biome-ignore format: a level a pair
    exchange.trade({ time: 6_000, received: 6_100 }, 'buy', 102, 1)
    expect(exchange.until(1e9).told).toEqual([])
    exchange.book({ time: 6_001, received: 6_200 }, [], [[102, 0], [103, 4]]) // biome-ignore format: a level a pair
    expect(exchange.until(8_999).told).toEqual([])
    expect(exchange.until(9_000).told).toEqual(['accepted', 'fill 102×1 taker'])
    expect(exchange.executions[1]).toMatchObject({ time: 6_000, received: 9_000, ticks: 102 })
  })

  test('M4: no row from before its arrival meets an order, however late it comes; it only sets the queue anew', () => {
    const exchange = opened({ latency: { outMs: 5 } })
    exchange.order(1_000, { ...buy, ticks: 100, lots: 3 })
    exchange.trade({ time: 6_001, received: 7_000 }, 'sell', 101, 1)
    expect(exchange.told).toEqual(['accepted behind 5'])
    exchange.trade({ time: 5_000, received: 7_001 }, 'sell', 90, 50)
    exchange.book({ time: 5_500, received: 7_002 }, [[100, 2]], [[100, 1]])
    exchange.book({ time: 5_500, received: 7_002 }, [[99, 1]], [[100, 0]])
    expect(exchange.told).toEqual(['accepted behind 5'])
    expect(exchange.venue.counts).toEqual({ clamped: 0, queueResets: 0, unknownFunding: 0 })
    exchange.book({ time: 5_600, received: 7_003 }, [[100, 2]], [])
    expect(exchange.venue.counts).toEqual({ clamped: 0, queueResets: 1, unknownFunding: 0 })
    expect(exchange.trade({ time: 6_002, received: 7_004 }, 'sell', 100, 3).told.at(-1)).toBe('fill 100×1 maker')
  })

  test('M7: with a clock behind the exchange’s the offset places orders among the rows that the venue had not yet passed', () => {
    // Our clock is 1,000,000 µs behind; rows take 100 µs to us.
    const behind = 1_000_000
    const exchange = new Exchange({ latency: { outMs: 1 } }).clock({ time: 0 }, behind)
    exchange.book({ time: behind + 900, received: 1_000 }, bids, asks, { snapshot: true })
    exchange.order(1_000, { side: 'buy', type: 'market', lots: 1 })
    exchange.book({ time: behind + 1_999, received: 2_099 }, [], [[101, 0], [102, 4]]) // biome-ignore format: a level a pair
    exchange.book({ time: behind + 2_000, received: 2_100 }, [], [[102, 0], [103, 4]]) // biome-ignore format: a level a pair
    expect(exchange.told).toEqual([])
    exchange.book({ time: behind + 2_001, received: 2_101 }, [], [[103, 0], [105, 4]]) // biome-ignore format: a level a pair
    expect(exchange.told).toEqual(['accepted', 'fill 103×1 taker'])
    expect(exchange.executions[1]).toMatchObject({ time: behind + 2_000, received: 2_101 })
    for (const { time, received } of exchange.executions) expect(received + behind).toBeGreaterThan(time)
  })

  test('M7: a row stamped later than the exchange’s clock can be counts as of now', () => {
    const exchange = opened().clock({ time: 1_000 }, 0)
    exchange.order(1_000, { side: 'buy', type: 'market', lots: 1 })
    exchange.book({ time: 9_999, received: 1_000 }, [[10, 1]], [])
    expect([exchange.told, exchange.venue.counts!.clamped]).toEqual([[], 1])
    expect(exchange.book({ time: 9_999, received: 1_001 }, [[10, 1]], []).told.length).toBe(2)
  })

  test('a row whose exchange time was estimated happened when we got it', () => {
    const exchange = opened().clock({ time: 1_000 }, 50)
    exchange.order(1_000, { side: 'buy', type: 'market', lots: 1 })
    exchange.row('quotes', {
      ...{ time: 1_001, received: 1_001, exchange: 'x', symbol: 'Y', timeEstimated: true },
      ...{ bid: 50, bidSize: 1, ask: 51, askSize: 1, sequence: undefined },
    })
    expect(exchange.executions.map(({ time }) => time)).toEqual([1_050, 1_050])
  })

  test('a heartbeat lets an order act where nothing else happens', () => {
    const exchange = opened({ latency: { outMs: 1 } })
    exchange.order(1_000, { side: 'buy', type: 'market', lots: 1 })
    expect(exchange.heartbeat({ time: 2_000 }).told).toEqual([])
    expect(exchange.heartbeat({ time: 2_001 }).told).toEqual(['accepted', 'fill 101×1 taker'])
  })

  test('B5: more latency changes the fill for a reason: the book that the order met', () => {
    const filled = (outMs: number) => {
      const exchange = opened({ latency: { outMs } })
      exchange.order(1_000, { side: 'buy', type: 'market', lots: 1 })
      for (let ms = 1; ms <= 10; ms++) {
        const best = 101 + ms
        exchange.book({ time: 1_000 + ms * 1_000 }, [], [[best - 1, 0], [best, 4]]) // biome-ignore format: a level a pair
      }
      return exchange.until(1e9).executions.map(({ ticks, time }) => [ticks, time])[1]
    }
    expect([0, 2, 5].map(filled)).toEqual([
      [101, 1_000],
      [103, 3_000],
      [106, 6_000],
    ])
  })

  test('orders of one connection arrive in the order in which they were sent, and so does what it tells', () => {
    const exchange = opened({ latency: { outMs: 1, backMs: 1, jitterMs: 5 }, seed: 3 })
    const sent = Array.from({ length: 40 }, (_, i) => exchange.order(1_000 + i * 100, { ...buy, ticks: 90, lots: 1 }))
    for (let time = 2_000; time < 60_000; time += 50) tick(exchange, time)
    const seen = exchange.until(1e9).executions
    expect(seen.map(({ clientId }) => clientId)).toEqual(sent)
    expect(seen.map(({ received }) => received)).toEqual(seen.map(({ received }) => received).sort((a, b) => a - b))
    expect(seen.map(({ time }) => time)).toEqual(seen.map(({ time }) => time).sort((a, b) => a - b))
    const delays = seen.map(({ time }, i) => time - 1_000 - i * 100)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1_000)
    expect(new Set(delays).size).toBeGreaterThan(20)
    for (const { time, received } of seen) expect(received - time).toBeGreaterThanOrEqual(1_000)
  })

  test('the same seed gives the same jitter, and another seed another', () => {
    const times = (seed: number) => {
      const exchange = opened({ latency: { outMs: 1, jitterMs: 5 }, seed })
      for (let i = 0; i < 5; i++) exchange.order(1_000 + i * 10_000, { ...buy, ticks: 90, lots: 1 })
      for (let time = 2_000; time < 100_000; time += 50) tick(exchange, time)
      return exchange.executions.map(({ time }) => time)
    }
    expect(times(1)).toEqual(times(1))
    expect(times(1)).not.toEqual(times(2))
  })
})
