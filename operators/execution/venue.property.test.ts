import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Order } from '../../schemas/records.generated.ts'
import { Exchange, type Level } from '../../tests/exchange.ts'
import { unpack } from '../stage.ts'
import type { VenueOptions } from './index.ts'

const level = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 20 }))
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('book' as const), bids: fc.array(level, { maxLength: 3 }), asks: fc.array(level, { maxLength: 3 }) }) }, // biome-ignore format: a kind a line
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('quote' as const), bid: level, ask: level }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('trade' as const), buy: fc.boolean(), ticks: fc.integer({ min: 2, max: 19 }), lots: fc.integer({ min: 1, max: 15 }) }) }, // biome-ignore format: a kind a line
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('order' as const), buy: fc.boolean(), ticks: fc.integer({ min: 2, max: 19 }), lots: fc.integer({ min: 1, max: 25 }), market: fc.nat(3), timeInForce: fc.constantFrom('gtc', 'ioc', 'fok', 'gtx') }) }, // biome-ignore format: a kind a line
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), order: fc.integer({ min: 1, max: 12 }) }) },
)
/** Each row is received up to 300 µs after the one before and happened up to 900 µs earlier: rows come late and out of order. */
const steps = fc.array(fc.tuple(step, fc.nat(300), fc.nat(900)), { minLength: 5, maxLength: 60 })
const options = fc.record({
  outMs: fc.constantFrom(0, 0.2, 1),
  backMs: fc.constantFrom(0, 0.4),
  jitterMs: fc.constantFrom(0, 0.3),
  queue: fc.constantFrom('conservative' as const, 'power' as const),
})

type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never
type Options = typeof options extends fc.Arbitrary<infer T> ? T : never
interface Traded { time: number; received: number; ticks: number; lots: number; side: 'buy' | 'sell' } // biome-ignore format: one line

/** Plays steps; `saveAt` goes on with a new venue from saved state there. Bids lie at 1…9 ticks, asks at 11…19: never crossed. */
function play(list: Steps, { queue, ...latency }: Options, saveAt?: number) {
  const venue: Partial<VenueOptions> = { latency, queue, seed: 7, takerFee: 0.0004, makerFee: 0.0002 }
  let exchange = new Exchange(venue)
  const above = (side: readonly [number, number][]): Level[] => side.map(([ticks, lots]) => [ticks + 10, lots])
  exchange.book({ time: 0, received: 1_000 }, [[9, 5], [5, 9]], [[11, 5], [15, 9]], { snapshot: true }) // biome-ignore format: a level a pair
  const trades: Traded[] = []
  const orders = new Map<string, { order: Pick<Order, 'side' | 'type' | 'ticks' | 'lots'>; received: number }>()
  let received = 1_000
  for (const [at, [one, gap, age]] of list.entries()) {
    received += gap
    const when = { time: received - age, received }
    exchange.until(received)
    if (one.kind === 'book') exchange.book(when, one.bids, above(one.asks))
    else if (one.kind === 'quote') exchange.quote(when, one.bid, [one.ask[0] + 10, one.ask[1]])
    else if (one.kind === 'trade') {
      const side = one.buy ? 'buy' : 'sell'
      trades.push({ ...when, ticks: one.ticks, lots: one.lots, side })
      exchange.trade(when, side, one.ticks, one.lots)
    } else if (one.kind === 'order') {
      const { lots, market, timeInForce } = one
      const side = one.buy ? 'buy' : 'sell'
      const order = market === 0 ? ({ side, type: 'market', lots } as const) : ({ side, type: 'limit', lots, ticks: one.ticks, timeInForce } as const) // biome-ignore format: two ways
      orders.set(exchange.order(received, order as Parameters<Exchange['order']>[1]), { order, received })
    } else exchange.cancel(received, `s.a.${one.order}`)
    if (at !== saveAt) continue
    const next = new Exchange(venue)
    next.load(exchange.save())
    expect(unpack(next.venue.save())).toEqual(unpack(exchange.venue.save()))
    next.executions.push(...exchange.executions)
    Object.assign(next, { orders: orders.size })
    exchange = next
  }
  exchange.until(1e9)
  return { executions: exchange.executions, trades, orders, latency }
}

describe('the tick venue, whatever rows and orders come', () => {
  test('M4: no execution precedes its order’s arrival, and none is seen before its row or earlier than one before it', () => {
    fc.assert(
      fc.property(steps, options, (list, how) => {
        const { executions, orders, latency } = play(list, how)
        let seen = 0
        for (const [at, { time, received, clientId, number, kind }] of executions.entries()) {
          const sent = orders.get(clientId)
          // A cancel may have been sent before the order of that id was.
          if (sent !== undefined && kind !== 'cancel-rejected')
            expect(time).toBeGreaterThanOrEqual(sent.received + latency.outMs * 1000)
          expect(received).toBeGreaterThanOrEqual(Math.max(seen, time + latency.backMs * 1000))
          expect([number, kind === 'funding']).toEqual([at + 1, false])
          seen = received
        }
      }),
      { numRuns: 300 },
    )
  })

  test('an order’s fills and its end add up to its size, and nothing follows its end', () => {
    fc.assert(
      fc.property(steps, options, (list, how) => {
        const { executions, orders } = play(list, how)
        for (const [id, { order }] of orders) {
          const own = executions.filter(({ clientId, kind }) => clientId === id && kind !== 'cancel-rejected')
          let left = order.lots!
          for (const { kind, lots, leftLots, ticks } of own) {
            expect(left).toBeGreaterThan(0)
            if (kind === 'fill') left -= lots!
            else if (kind === 'cancelled' || (kind === 'expired' && own.length > 1)) expect(lots).toBe(left)
            if (kind !== 'fill' && kind !== 'accepted') left = 0
            expect(leftLots).toBe(left)
            if (kind === 'fill' && order.type === 'limit') {
              if (order.side === 'buy') expect(ticks).toBeLessThanOrEqual(order.ticks!)
              else expect(ticks).toBeGreaterThanOrEqual(order.ticks!)
            }
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('orders are accepted in the order in which they were sent', () => {
    fc.assert(
      fc.property(steps, options, (list, how) => {
        const { executions } = play(list, how)
        const first = executions.filter(({ kind }) => ['accepted', 'rejected', 'expired'].includes(kind))
        const ids = [...new Set(first.map(({ clientId }) => Number(clientId.split('.')[2])))]
        expect(ids).toEqual(ids.toSorted((a, b) => a - b))
      }),
      { numRuns: 200 },
    )
  })

  test('makers at a trade’s price never get more of it than was traded, however many orders wait there', () => {
    fc.assert(
      fc.property(steps, options, (list, how) => {
        const { executions, trades } = play(list, how)
        for (const trade of trades) {
          const caused = executions.filter(
            ({ kind, liquidity, ticks, time, side }) =>
              kind === 'fill' &&
              liquidity === 'maker' &&
              ticks === trade.ticks &&
              time === trade.time &&
              side !== trade.side,
          )
          const possible = trades.filter(({ time, ticks }) => time === trade.time && ticks === trade.ticks)
          const through = trades.some(({ time, ticks }) => time === trade.time && ticks !== trade.ticks)
          const lots = caused.reduce((sum, fill) => sum + fill.lots!, 0)
          if (!through) expect(lots).toBeLessThanOrEqual(possible.reduce((sum, one) => sum + one.lots, 0))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a venue that was saved at any row goes on the same', () => {
    fc.assert(
      fc.property(steps, options, fc.nat(59), (list, how, at) => {
        expect(play(list, how, at % list.length).executions).toEqual(play(list, how).executions)
      }),
      { numRuns: 300 },
    )
  })
})
