import { describe, expect, test } from 'vitest'
import type { Funding } from '../../schemas/records.generated.ts'
import { Exchange, type Level } from '../../tests/exchange.ts'
import { fundingCash } from '../margin/funding.ts'
import type { VenueOptions } from './index.ts'

const hour = 3_600_000_000
const minute = 60_000_000
const bids: Level[] = [[9999, 50]]
const asks: Level[] = [[10_001, 50]]

function funding(exchange: Exchange, time: number, said: Partial<Funding>): Exchange {
  const row = { time, received: time, exchange: 'x', symbol: 'Y', timeEstimated: false, rate: 0 }
  return exchange.row('funding', { next: undefined, intervalHours: undefined, ...row, ...said })
}

function opened(options: Partial<VenueOptions> = {}): Exchange {
  return new Exchange(options).book({ time: 7 * hour }, bids, asks, { snapshot: true })
}
const tick = (exchange: Exchange, time: number) => exchange.book({ time }, [[10, 1]], [])
const buy = { side: 'buy', type: 'market', lots: 4 } as const
const sell = { side: 'sell', type: 'market', lots: 4 } as const
const paid = (exchange: Exchange) => exchange.executions.filter(({ kind }) => kind === 'funding')
/** What is paid for 4 lots at the middle, 10⁻⁸: 4 × 0.001 × 5000 × the rate. */
const fee = (rate: number) => BigInt(Math.round(4 * 0.001 * 5000 * rate * 1e8))

describe('FR-203: on ticks, funding', () => {
  test('is paid by who is long, at the moment that was said, on the mark, at the last rate before it', () => {
    const exchange = opened()
    exchange.order(7 * hour, buy)
    funding(exchange, 7 * hour + 1, { rate: 0.0001, next: 8 * hour })
    funding(exchange, 7 * hour + 2, { rate: 0.0003, next: 8 * hour })
    expect(paid(tick(exchange, 8 * hour - 1))).toEqual([])
    tick(exchange, 8 * hour)
    const [first] = paid(exchange)
    expect(first).toMatchObject({ time: 8 * hour, received: 8 * hour, fee: fee(0.0003), strategy: '', clientId: '' })
    const cash = fundingCash({ side: 'long', size: 0.004, markPrice: 5000, rate: 0.0003 })
    expect(Number(first!.fee)).toBeCloseTo(-cash * 1e8, 3)
    // Nothing else was said: the same again eight hours later.
    tick(exchange, 16 * hour - 1)
    expect(paid(tick(exchange, 17 * hour))).toHaveLength(2)
    expect(paid(exchange)[1]).toMatchObject({ time: 16 * hour, received: 17 * hour })
  })

  test('is received by who is short, and paid by them while the rate is below 0', () => {
    for (const rate of [0.0002, -0.0002]) {
      const exchange = opened()
      exchange.order(7 * hour, sell)
      funding(exchange, 7 * hour + 1, { rate, next: 8 * hour, intervalHours: 4 })
      tick(exchange, 12 * hour)
      expect(paid(exchange).map(({ time, fee }) => [time / hour, fee])).toEqual([
        [8, -fee(rate)],
        [12, -fee(rate)],
      ])
    }
  })

  test('counts what the exchange has: an order that arrives before it does, one that arrives after does not', () => {
    const exchange = opened({ latency: { outMs: 5 } })
    funding(exchange, 7 * hour + 1, { rate: 0.0001, next: 8 * hour })
    tick(exchange, 8 * hour - 10_000)
    exchange.order(8 * hour - 6_000, buy)
    exchange.order(8 * hour - 4_000, { ...buy, lots: 40 })
    // The next row comes a second later: lazily, both act now.
    tick(exchange, 8 * hour + 1_000_000)
    expect(exchange.executions.map(({ kind, lots }) => [kind, lots])).toEqual([
      ['accepted', 4],
      ['fill', 4],
      ['funding', undefined],
      ['accepted', 40],
      ['fill', 40],
    ])
    expect(paid(exchange)[0]!.fee).toBe(fee(0.0001))
  })

  test('falls due with a heartbeat where no row comes', () => {
    const exchange = opened()
    exchange.order(7 * hour, buy)
    funding(exchange, 7 * hour + 1, { rate: 0.0001, next: 8 * hour })
    exchange.heartbeat({ time: 8 * hour + minute })
    expect(paid(exchange)).toHaveLength(1)
  })

  test('that a record says was paid is paid with it, once, also where a rate was set for what no record says', () => {
    for (const options of [{}, { funding: { rate: 0.001 } }]) {
      const exchange = opened(options)
      exchange.order(7 * hour, buy)
      tick(exchange, 7 * hour + 1)
      funding(exchange, 8 * hour + 17_000, { rate: 0.0002 })
      tick(exchange, 16 * hour + minute)
      funding(exchange, 16 * hour + 2 * minute, { rate: -0.0001 })
      const rates = options.funding === undefined ? [0.0002, -0.0001] : [0.001, -0.0001]
      expect(paid(exchange).map(({ fee }) => fee)).toEqual(rates.map(fee))
      expect(exchange.venue.counts.unknownFunding).toBe(0)
    }
  })

  test('that nobody knows is not paid and counted, but only where something is held; a given rate is paid', () => {
    const flat = opened()
    tick(flat, 9 * hour)
    expect(flat.venue.counts.unknownFunding).toBe(0)
    const unknown = opened()
    unknown.order(7 * hour, buy)
    tick(unknown, 7 * hour + 1)
    tick(unknown, 17 * hour)
    expect([paid(unknown), unknown.venue.counts.unknownFunding]).toEqual([[], 2])
    const told = opened({ funding: { rate: 0.0001, intervalHours: 1 } })
    told.order(7 * hour, buy)
    tick(told, 7 * hour + 1)
    tick(told, 10 * hour)
    expect(paid(told).map(({ time, fee }) => [time / hour, fee])).toEqual([8, 9, 10].map((at) => [at, fee(0.0001)]))
  })

  test('is settled the same after the venue was saved and loaded', () => {
    const through = (cut: number) => {
      let exchange = opened()
      exchange.order(7 * hour, buy)
      for (let at = 0; at < 40; at++) {
        if (at === cut) {
          const saved = exchange.save()
          exchange = Object.assign(new Exchange(), { executions: exchange.executions, orders: 1 })
          exchange.load(saved)
        }
        const time = 7 * hour + at * 20 * minute
        if (at % 7 === 1) funding(exchange, time, { rate: at / 10_000, next: (Math.floor(time / hour) + 1) * hour })
        else tick(exchange, time)
      }
      return exchange.executions
    }
    const whole = through(-1)
    expect(whole.filter(({ kind }) => kind === 'funding').length).toBeGreaterThan(3)
    for (let cut = 1; cut < 40; cut += 3) expect(through(cut)).toEqual(whole)
  })
})

describe('FR-203: on candles, funding', () => {
  const candle = (exchange: Exchange, n: number, price = 10_000) =>
    exchange.candle({ time: n * hour, received: n * hour, openTime: (n - 1) * hour }, price, price, price, price)
  const options = { fill: 'next-open', funding: { rate: 0.0001 } } as const

  test('at the end of a candle is paid on what its inside left, at its close', () => {
    const exchange = candle(new Exchange(options), 7)
    exchange.order(7 * hour, buy)
    candle(exchange, 8, 11_000)
    expect(exchange.told).toEqual(['fill 11000×4 taker', 'funding'])
    expect(exchange.executions[1]).toMatchObject({ time: 8 * hour, fee: (fee(0.0001) * 11n) / 10n })
  })

  test('is not paid on what is bought at the open that follows', () => {
    const exchange = candle(new Exchange(options), 8)
    exchange.order(8 * hour, buy)
    candle(exchange, 9)
    expect(exchange.told).toEqual(['fill 10000×4 taker'])
  })

  test('is paid in the middle of a long candle, and before one that begins after a hole', () => {
    const day = (exchange: Exchange, n: number) =>
      exchange.candle({ time: n * 24 * hour, openTime: (n - 1) * 24 * hour }, 10_000, 10_000, 10_000, 10_000)
    const exchange = day(new Exchange(options), 1)
    exchange.order(24 * hour, buy)
    day(exchange, 2)
    expect(paid(exchange).map(({ time }) => time / hour)).toEqual([32, 40, 48])
    exchange.order(48 * hour, sell)
    // The day from 48 to 72 is missing: what fell due in it was held.
    day(exchange, 4)
    expect(paid(exchange).map(({ time }) => time / hour)).toEqual([32, 40, 48, 56, 64, 72])
  })
})
