import { describe, expect, test } from 'vitest'
import { Exchange } from '../../../tests/exchange.ts'
import { limitsOf } from './index.ts'

const second = 1_000_000
const day2021 = Date.UTC(2021, 10, 1) * 1000
const day2026 = Date.UTC(2026, 0, 1) * 1000

/** How many orders of a burst at one instant an exchange takes, and what it says to the next. */
function burst(exchange: string, time: number) {
  const limits = limitsOf('default', exchange)!
  for (let taken = 0; ; taken++) {
    const reason = limits.refusal('new', time)
    if (reason !== undefined) return { taken, reason }
  }
}

describe('limits of an exchange', () => {
  test('are those that Binance had at the time', () => {
    expect(burst('binance', day2021)).toEqual({ taken: 50, reason: 'TOO_MANY_ORDERS' })
    expect(burst('binance', day2026)).toEqual({ taken: 100, reason: 'TOO_MANY_ORDERS' })
    expect(burst('binance-usdm', day2021)).toEqual({ taken: 300, reason: 'TOO_MANY_ORDERS' })
    expect(burst('binance-coinm', day2026)).toEqual({ taken: 1_200, reason: 'TOO_MANY_ORDERS' })
    expect([limitsOf('default', 'okx'), limitsOf('off', 'binance')]).toEqual([undefined, undefined])
  })

  test('are counted in windows that begin with the exchange’s clock, not with the first order', () => {
    const limits = limitsOf({ ordersPer10s: 2 }, 'x')!
    const at = [9, 9.5, 9.9, 10, 10.1, 19.9, 20].map((time) => limits.refusal('new', time * second))
    expect(at.map((reason) => reason === undefined)).toEqual([true, true, false, true, true, false, true])
  })

  test('hold together: a day, a minute and ten seconds, and what is refused counts for none of them', () => {
    const limits = limitsOf({ ordersPer10s: 2, ordersPerMinute: 3, ordersPerDay: 4 }, 'x')!
    const taken = (time: number) => limits.refusal('new', time * second) === undefined
    expect([0, 0, 0, 10, 10, 60, 60].map(taken)).toEqual([true, true, false, true, false, true, false])
    expect([86_399, 86_400].map(taken)).toEqual([false, true])
  })

  test('of weight refuse cancels too; those of orders never do', () => {
    const limits = limitsOf({ ordersPerMinute: 1, weightPerMinute: 3 }, 'x')!
    const said = (['new', 'new', 'cancel', 'cancel', 'cancel', 'new'] as const).map((kind) => limits.refusal(kind, 0))
    expect(said).toEqual([undefined, 'TOO_MANY_ORDERS', undefined, undefined, 'RATE_LIMIT', 'RATE_LIMIT'])
  })

  test('of futures count new orders on orders alone and cancels on weight alone', () => {
    const limits = limitsOf('default', 'binance-usdm')!
    for (let n = 0; n < 2_400; n++) expect(limits.refusal('cancel', day2026)).toBeUndefined()
    expect(limits.refusal('cancel', day2026)).toBe('RATE_LIMIT')
    expect(limits.refusal('new', day2026)).toBeUndefined()
  })

  test('go on the same from what was saved', () => {
    const times = Array.from({ length: 200 }, (_, i) => i * 0.13 * second)
    const own = { ordersPer10s: 20, weightPerMinute: 90 }
    const whole = limitsOf(own, 'x')!
    const [before, after] = [limitsOf(own, 'x')!, limitsOf(own, 'x')!]
    const first = times.slice(0, 77).map((time) => before.refusal('new', time))
    after.load(before.save())
    const then = times.slice(77).map((time) => after.refusal('new', time))
    expect([...first, ...then]).toEqual(times.map((time) => whole.refusal('new', time)))
    expect(then).toContain('TOO_MANY_ORDERS')
  })
})

describe('a venue with limits', () => {
  test('refuses an order when it would have arrived, and leaves what rests as it is', () => {
    const exchange = new Exchange({ limits: { ordersPer10s: 1, weightPerMinute: 2 }, latency: { outMs: 1 } })
    exchange.book({ time: 0 }, [[100, 5]], [[101, 6]], { snapshot: true })
    const first = exchange.order(0, { side: 'buy', type: 'limit', ticks: 100, lots: 1 })
    exchange.order(0, { side: 'buy', type: 'market', lots: 1 })
    exchange.cancel(0, 'nobody')
    exchange.cancel(0, first)
    expect(exchange.book({ time: 900 }, [[10, 1]], []).told).toEqual([])
    expect(exchange.book({ time: 1_001 }, [[10, 1]], []).told).toEqual([
      'accepted behind 5',
      'rejected TOO_MANY_ORDERS',
      'cancel-rejected NOT_OPEN',
      'cancel-rejected RATE_LIMIT',
    ])
    expect(exchange.venue.look(first)).toMatchObject({ state: 'resting' })
  })

  test('refuses on candles alike', () => {
    for (const fill of ['next-open', 'close'] as const) {
      const exchange = new Exchange({ fill, limits: { ordersPer10s: 1 } })
      exchange.candle({ openTime: 0, time: 60e6 }, 100, 101, 99, 100)
      for (let n = 0; n < 2; n++) exchange.order(60e6, { side: 'buy', type: 'market', lots: 1 })
      exchange.until(60e6).candle({ openTime: 60e6, time: 120e6 }, 100, 101, 99, 100)
      expect(exchange.told).toEqual(['fill 100×1 taker', 'rejected TOO_MANY_ORDERS'])
    }
  })
})
