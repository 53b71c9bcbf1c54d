import { describe, expect, test } from 'vitest'
import { Exchange } from '../../tests/exchange.ts'
import type { VenueOptions } from './index.ts'

const minute = 60_000_000
const buy = { side: 'buy', type: 'limit' } as const
const sell = { side: 'sell', type: 'limit' } as const
const atMarket = { side: 'buy', type: 'market', lots: 2 } as const

/** The n-th minute's candle, n from 1: open, high, low, close. */
function candle(exchange: Exchange, n: number, prices: readonly [number, number, number, number], late = 0): Exchange {
  return exchange.candle({ time: n * minute, received: n * minute + late, openTime: (n - 1) * minute }, ...prices)
}
const flat = [100, 100, 100, 100] as const

function opened(options: Partial<VenueOptions> = {}): Exchange {
  return candle(new Exchange({ fill: 'next-open', ...options }), 1, flat)
}

describe('next-open', () => {
  test('a market order is filled at the open of the next candle, and seen with it', () => {
    const exchange = opened({ takerFee: 0.001 })
    exchange.order(minute, atMarket)
    expect(candle(exchange, 2, [105, 120, 90, 110]).told).toEqual(['fill 105×2 taker'])
    expect(exchange.executions[0]).toMatchObject({ time: minute, received: 2 * minute, leftLots: 0, fee: 10_500n })
  })

  test('M4: no fill precedes its order’s arrival, and latency beyond a candle waits for a later one', () => {
    const exchange = opened({ latency: { outMs: 10, backMs: 10 } })
    exchange.order(minute, atMarket)
    candle(exchange, 2, [105, 120, 90, 110])
    expect(exchange.executions[0]).toMatchObject({ ticks: 105, time: minute + 10_000, received: 2 * minute })
    const slow = opened({ latency: { outMs: 60_001 } })
    slow.order(minute, atMarket)
    expect(candle(slow, 2, [105, 120, 90, 110]).told).toEqual([])
    expect(candle(slow, 3, [111, 120, 90, 110]).told).toEqual(['fill 111×2 taker'])
  })

  test('a limit order takes at the open when it is there or better, and else waits for its price', () => {
    const exchange = opened()
    exchange.order(minute, { ...buy, ticks: 105, lots: 1 })
    exchange.order(minute, { ...buy, ticks: 104, lots: 1 })
    exchange.order(minute, { ...sell, ticks: 106, lots: 1 })
    exchange.order(minute, { ...buy, ticks: 104, lots: 1, timeInForce: 'ioc' })
    exchange.order(minute, { ...buy, ticks: 104, lots: 1, timeInForce: 'fok' })
    exchange.order(minute, { ...buy, ticks: 105, lots: 1, timeInForce: 'gtx' })
    expect(candle(exchange, 2, [105, 105, 105, 105]).told).toEqual([
      'accepted',
      'fill 105×1 taker',
      'accepted',
      'accepted',
      'expired 104×1 IOC_REST',
      'expired 104×1 FOK_NOT_FILLABLE',
      'rejected POST_ONLY_WOULD_TAKE',
    ])
  })

  test('a touch does not fill, going through does, at the limit and no better', () => {
    const exchange = opened()
    exchange.order(minute, { ...buy, ticks: 95, lots: 1 })
    exchange.order(minute, { ...sell, ticks: 110, lots: 1 })
    candle(exchange, 2, [100, 110, 95, 100])
    expect(exchange.told).toEqual(['accepted', 'accepted'])
    candle(exchange, 3, [90, 109, 80, 100])
    expect(exchange.told.slice(2)).toEqual(['fill 95×1 maker'])
    expect(candle(exchange, 4, [120, 130, 110, 120]).told.slice(3)).toEqual(['fill 110×1 maker'])
  })

  test('of the fills in a candle those come first that its close turned against', () => {
    for (const [close, order] of [
      [101, [105, 95, 94]],
      [99, [95, 94, 105]],
    ] as const) {
      // biome-ignore format: pairs
      const exchange = opened()
      for (const ticks of [94, 95]) exchange.order(minute, { ...buy, ticks, lots: 1 })
      exchange.order(minute, { ...sell, ticks: 105, lots: 1 })
      candle(exchange, 2, [100, 110, 90, close])
      expect(exchange.executions.filter(({ kind }) => kind === 'fill').map(({ ticks }) => ticks)).toEqual(order)
    }
  })

  test('a candle in which an order arrived does not fill it, nor does its cancel save one that rested before', () => {
    const exchange = opened({ latency: { outMs: 1 } })
    const early = exchange.order(0, { ...buy, ticks: 95, lots: 1 })
    candle(exchange, 1, flat)
    exchange.order(minute, { ...buy, ticks: 94, lots: 1 })
    exchange.cancel(minute, early)
    candle(exchange, 2, [100, 100, 90, 100])
    expect(exchange.until(1e12).told).toEqual(['accepted', 'fill 95×1 maker', 'accepted', 'cancel-rejected NOT_OPEN'])
    expect(candle(exchange, 3, [100, 100, 90, 100]).told.at(-1)).toBe('fill 94×1 maker')
  })

  test('a cancel that came before a candle began keeps it from filling', () => {
    const exchange = opened()
    const id = exchange.order(minute, { ...buy, ticks: 95, lots: 1 })
    candle(exchange, 2, flat)
    exchange.cancel(2 * minute, id)
    expect(candle(exchange, 3, [100, 100, 90, 100]).told).toEqual(['accepted', 'cancelled 95×1'])
  })

  test('candles of another interval fill nothing', () => {
    const exchange = opened({ interval: '1h' })
    exchange.order(minute, atMarket)
    expect(candle(exchange, 2, flat).told).toEqual([])
  })

  test('with square-root impact a larger order is filled worse', () => {
    const exchange = opened({ slippage: 'square-root' })
    for (let n = 2; n < 12; n++) candle(exchange, n, n % 2 === 0 ? [1000, 1010, 1000, 1010] : [1010, 1010, 1000, 1000])
    exchange.order(11 * minute, { ...atMarket, lots: 10 })
    exchange.order(11 * minute, { ...atMarket, lots: 40 })
    candle(exchange, 12, [1000, 1000, 1000, 1000])
    const [small, large] = exchange.executions.map(({ ticks }) => ticks! - 1000)
    expect(small).toBeGreaterThan(0)
    expect(large! / small!).toBeCloseTo(2, 1)
  })
})

describe('close', () => {
  test('a market order is filled at once at the close of the candle that gave the signal', () => {
    const exchange = opened({ fill: 'close', latency: { outMs: 5, backMs: 5 } })
    candle(exchange, 2, [100, 130, 90, 120], 250)
    exchange.order(2 * minute + 250, atMarket)
    expect(exchange.until(2 * minute + 250).told).toEqual(['fill 120×2 taker'])
    expect(exchange.executions[0]).toMatchObject({ time: 2 * minute, received: 2 * minute + 250 })
  })

  test('a limit order takes at the close, or rests from the next candle on', () => {
    const exchange = opened({ fill: 'close' })
    exchange.order(minute, { ...sell, ticks: 100, lots: 1 })
    const id = exchange.order(minute, { ...buy, ticks: 99, lots: 1 })
    exchange.order(minute, { ...buy, ticks: 98, lots: 1 })
    exchange.cancel(minute, id)
    candle(exchange, 2, [100, 100, 97, 100])
    expect(exchange.told).toEqual([
      'accepted',
      'fill 100×1 taker',
      'accepted',
      'accepted',
      'cancelled 99×1',
      'fill 98×1 maker',
    ])
  })

  test('before the first candle a market order finds nothing', () => {
    const exchange = new Exchange({ fill: 'close' })
    exchange.order(1, atMarket)
    expect(exchange.until(1).told).toEqual(['expired market×2 NO_LIQUIDITY'])
  })
})

test('a candle venue that was saved at any candle goes on the same', () => {
  for (const fill of ['next-open', 'close'] as const) {
    const played = (saveAt: number | undefined) => {
      const options = { fill, latency: { outMs: 1, jitterMs: 2 }, slippage: 'square-root' } as const
      let exchange = new Exchange(options)
      for (let n = 1; n < 30; n++) {
        const open = 100 + ((n * 7) % 13)
        candle(exchange, n, [open, open + 5, open - 5, open + (n % 3) - 1])
        exchange.order(
          n * minute,
          n % 3 === 0 ? atMarket : { ...(n % 2 ? buy : sell), ticks: 100 + ((n * 5) % 11), lots: 1 },
        )
        if (n % 4 === 0) exchange.cancel(n * minute, `s.a.${n - 1}`)
        if (n !== saveAt) continue
        const next = new Exchange(options)
        next.load(exchange.save())
        next.executions.push(...exchange.executions)
        Object.assign(next, { orders: n })
        exchange = next
      }
      return exchange.until(1e12).executions
    }
    const whole = played(undefined)
    expect(whole.filter(({ kind }) => kind === 'fill').length).toBeGreaterThan(10)
    for (let at = 1; at < 30; at++) expect(played(at)).toEqual(whole)
  }
})
