import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Exchange, type Level } from '../../../tests/exchange.ts'
import type { VenueOptions } from '../index.ts'
import { queueModels } from '../queue/index.ts'
import { type FillName, fillModel } from './index.ts'

const bids: Level[] = [
  [100, 5],
  [99, 6],
]
const asks: Level[] = [
  [101, 6],
  [104, 1],
]

/** A buy of 3 lots that rests at 100 behind 5. */
function resting(fills: FillName): Exchange {
  const exchange = new Exchange({ fills }).book({ time: 1_000 }, bids, asks, { snapshot: true })
  exchange.order(1_000, { side: 'buy', type: 'limit', ticks: 100, lots: 3 })
  return exchange.book({ time: 1_001 }, [[10, 1]], [])
}
const fillsOf = ({ told }: Exchange) => told.filter((one) => one.startsWith('fill'))

describe('what fills an order that rests', () => {
  test('a trade through its price, whatever the model', () => {
    for (const fills of ['through', 'queue', 'touch'] as const)
      expect(fillsOf(resting(fills).trade({ time: 1_002 }, 'sell', 99, 1))).toEqual(['fill 100×3 maker'])
  })

  test('a trade at its price: never, once the queue has passed, or at once', () => {
    const small = (fills: FillName) => resting(fills).trade({ time: 1_002 }, 'sell', 100, 1)
    const large = (fills: FillName) => resting(fills).trade({ time: 1_002 }, 'sell', 100, 7)
    expect([small, large].map((one) => fillsOf(one('through')))).toEqual([[], []])
    expect([small, large].map((one) => fillsOf(one('queue')))).toEqual([[], ['fill 100×2 maker']])
    expect([small, large].map((one) => fillsOf(one('touch')))).toEqual([['fill 100×3 maker'], ['fill 100×3 maker']])
  })

  test('a trade at its price by a taker of its own side, for touch alone', () => {
    const fillsAfter = (fills: FillName) => fillsOf(resting(fills).trade({ time: 1_002 }, 'buy', 100, 50))
    expect([fillsAfter('through'), fillsAfter('queue'), fillsAfter('touch')]).toEqual([[], [], ['fill 100×3 maker']])
  })

  test('the other side’s best price at its own by what is there, or past it; touch needs no size', () => {
    const fillsAfter = (fills: FillName, ticks: number) =>
      fillsOf(
        resting(fills).book(
          { time: 1_002 },
          [
            [100, 0],
            [99, 0],
          ],
          [[ticks, 2]],
        ),
      )
    expect([fillsAfter('through', 100), fillsAfter('through', 99)]).toEqual([[], ['fill 100×2 maker']])
    expect([fillsAfter('queue', 100), fillsAfter('queue', 99)]).toEqual([['fill 100×2 maker'], ['fill 100×2 maker']])
    expect([fillsAfter('touch', 100), fillsAfter('touch', 101)]).toEqual([['fill 100×3 maker'], []])
  })

  test('an unknown model is refused with those that there are', () => {
    expect(() => fillModel('trough' as 'through')).toThrow(/through, queue, touch/)
    expect(() => new Exchange({ fill: 'next-open', fills: 'queue' })).toThrow(/through or touch/)
  })
})

describe('on candles', () => {
  const fillsAfter = (fills: FillName | undefined, low: number) => {
    const exchange = new Exchange({ fill: 'next-open', ...(fills === undefined ? {} : { fills }) })
    exchange.candle({ openTime: 0, time: 60e6 }, 101, 103, 101, 102)
    exchange.order(60e6, { side: 'buy', type: 'limit', ticks: 100, lots: 3 })
    exchange.candle({ openTime: 60e6, time: 120e6 }, 102, 103, 101, 102)
    return fillsOf(exchange.candle({ openTime: 120e6, time: 180e6 }, 102, 103, low, 102))
  }

  test('a candle that only touches an order’s price fills it when that is asked for', () => {
    expect([fillsAfter(undefined, 100), fillsAfter('through', 100), fillsAfter('touch', 100)]).toEqual([
      [],
      [],
      ['fill 100×3 maker'],
    ])
    expect([fillsAfter(undefined, 99), fillsAfter('touch', 99)]).toEqual([['fill 100×3 maker'], ['fill 100×3 maker']])
  })
})

/** Bids lie at 1…12 ticks, asks at 8…19: sides meet, cross and step back. */
const level = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 20 }))
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('book' as const),
      bids: fc.array(level, { maxLength: 3 }),
      asks: fc.array(level, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('quote' as const), bid: level, ask: level }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('trade' as const),
      buy: fc.boolean(),
      ticks: fc.integer({ min: 5, max: 15 }),
      lots: fc.integer({ min: 1, max: 15 }),
    }),
  },
)
const steps = fc.array(fc.tuple(step, fc.nat(300), fc.nat(900)), { minLength: 5, maxLength: 60 })
const order = fc.record({
  buy: fc.boolean(),
  ticks: fc.integer({ min: 6, max: 14 }),
  lots: fc.integer({ min: 1, max: 40 }),
})
type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never
type Planned = typeof order extends fc.Arbitrary<infer T> ? T : never

/** Lots of one resting order that are filled after each step. */
function filledAfterEach(list: Steps, { buy, ticks, lots }: Planned, venue: Partial<VenueOptions>): number[] {
  const exchange = new Exchange(venue)
  const above = (side: readonly [number, number][]): Level[] => side.map(([at, size]) => [at + 7, size])
  exchange.book(
    { time: 0, received: 1_000 },
    [
      [9, 5],
      [5, 9],
    ],
    [
      [10, 5],
      [15, 9],
    ],
    { snapshot: true },
  )
  exchange.order(1_000, { side: buy ? 'buy' : 'sell', type: 'limit', timeInForce: 'gtx', ticks, lots })
  let received = 1_000
  return list.map(([one, gap, age]) => {
    received += gap
    const when = { time: received - age, received }
    if (one.kind === 'book') exchange.book(when, one.bids, above(one.asks))
    else if (one.kind === 'quote') exchange.quote(when, one.bid, [one.ask[0] + 7, one.ask[1]])
    else exchange.trade(when, one.buy ? 'buy' : 'sell', one.ticks, one.lots)
    exchange.until(1e9)
    return exchange.executions.reduce((sum, { kind, lots = 0 }) => sum + (kind === 'fill' ? lots : 0), 0)
  })
}

test('whatever happens, a stricter model never has filled more of an order at any instant than a kinder one', () => {
  const kinder = queueModels.filter((name) => name !== 'conservative' && name !== 'risk-averse' && name !== 'front')
  fc.assert(
    fc.property(steps, order, (list, planned) => {
      const filled = (venue: Partial<VenueOptions>) => filledAfterEach(list, planned, venue)
      const [through, slow] = [filled({ fills: 'through' }), filled({ queue: 'conservative' })]
      const [front, touch] = [filled({ queue: 'front' }), filled({ fills: 'touch' })]
      const between = kinder.map((queue) => filled({ queue }))
      expect(filled({ queue: 'risk-averse' })).toEqual(slow)
      for (let at = 0; at < list.length; at++) {
        expect(through[at]).toBeLessThanOrEqual(slow[at]!)
        for (const one of between) {
          expect(slow[at]).toBeLessThanOrEqual(one[at]!)
          expect(one[at]).toBeLessThanOrEqual(front[at]!)
        }
        expect(front[at]).toBeLessThanOrEqual(touch[at]!)
      }
    }),
    { numRuns: 100 },
  )
})
