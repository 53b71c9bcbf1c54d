// What bounds and changes orders on a book: the position, what they show, requests, time, our own orders, filters.
import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../tests/exchange.ts'
import { buy, long, opened, sell, stop, tick } from '../../tests/open-exchange.ts'
import type { VenueOptions } from './index.ts'

describe('reduce-only', () => {
  test('O6: one larger than the position shrinks to it, and closes as filled at that size', () => {
    const exchange = long(5)
    exchange.order(1_001, { ...sell, reduceOnly: true, ticks: 100, lots: 20 })
    tick(exchange, 1_002)
    expect(exchange.executions.map(({ kind, lots, leftLots }) => [kind, lots, leftLots])).toEqual([
      ['accepted', 5, 5],
      ['fill', 5, 0],
    ])
    expect(exchange.venue.look('s.a.2')).toBeUndefined()
  })

  test('O6: one that rests shrinks with the position, and ends when that is closed', () => {
    const exchange = long(8)
    exchange.order(1_001, { ...sell, reduceOnly: true, ticks: 104, lots: 8 })
    exchange.order(1_001, { side: 'sell', type: 'market', lots: 3 })
    tick(exchange, 1_002)
    expect(exchange.told.slice(2)).toEqual(['fill 100×3 taker', 'amended 104×5 REDUCE_ONLY_SHRUNK'])
    exchange.order(1_002, { side: 'sell', type: 'market', lots: 5 })
    expect(tick(exchange, 1_003).told.slice(5)).toEqual(['fill 100×5 taker', 'expired 104×5 REDUCE_ONLY_REJECT'])
  })

  test('without a position it is rejected, and one that is triggered then expires', () => {
    const exchange = opened()
    exchange.order(1_000, { ...sell, reduceOnly: true, ticks: 104, lots: 1 })
    exchange.order(1_000, { ...stop, reduceOnly: true, triggerTicks: 98, lots: 1 })
    tick(exchange, 1_001).trade({ time: 1_002 }, 'sell', 98, 1)
    expect(exchange.told).toEqual(['rejected REDUCE_ONLY_REJECT', 'accepted', 'expired market×1 REDUCE_ONLY_REJECT'])
  })

  test('close-position closes all that is there when it triggers, and takes no size', () => {
    const exchange = long(8)
    exchange.order(1_001, { ...stop, closePosition: true, triggerTicks: 98 })
    exchange.order(1_001, { side: 'buy', type: 'market', lots: 4 })
    tick(exchange, 1_002).trade({ time: 1_003 }, 'sell', 98, 1)
    expect(tick(exchange, 1_004).told.slice(3)).toEqual(['triggered 98×12', 'fill 100×12 taker'])
    exchange.order(1_004, { ...sell, closePosition: true, ticks: 104 })
    expect(tick(exchange, 1_005).told.at(-1)).toBe('rejected INVALID_ORDER')
  })
})

describe('icebergs', () => {
  test('wait with what they show, and join the end of the queue with each part', () => {
    const exchange = opened()
    const id = exchange.order(1_000, { ...buy, ticks: 100, lots: 10, displayLots: 4 })
    tick(exchange, 1_001).trade({ time: 1_002 }, 'sell', 100, 70)
    expect(exchange.told).toEqual(['accepted behind 50', 'fill 100×4 maker'])
    expect(exchange.venue.look(id)).toMatchObject({ leftLots: 6, aheadLots: 50 })
    exchange.trade({ time: 1_003 }, 'sell', 99, 1)
    expect(exchange.told.at(-1)).toBe('fill 100×6 maker')
  })

  test('that show too small a part are refused', () => {
    const exchange = opened({ filters: { icebergParts: 10 } })
    exchange.order(1_000, { ...buy, ticks: 100, lots: 11, displayLots: 1 })
    exchange.order(1_000, { ...buy, ticks: 100, lots: 10, displayLots: 1 })
    expect(tick(exchange, 1_001).told).toEqual(['rejected ICEBERG_PARTS', 'accepted behind 50'])
  })
})

describe('changes', () => {
  test('a smaller size keeps the place in the queue, a larger one or another price loses it', () => {
    const exchange = opened()
    const id = exchange.order(1_000, { ...buy, ticks: 100, lots: 10 })
    tick(exchange, 1_001).trade({ time: 1_002 }, 'sell', 100, 30)
    exchange.amend(1_002, id, { lots: 6 })
    tick(exchange, 1_003)
    expect(exchange.venue.look(id)).toMatchObject({ leftLots: 6, aheadLots: 20 })
    exchange.amend(1_003, id, { lots: 8 })
    tick(exchange, 1_004)
    expect(exchange.venue.look(id)).toMatchObject({ leftLots: 8, aheadLots: 50 })
    exchange.amend(1_004, id, { ticks: 99 })
    tick(exchange, 1_005)
    expect(exchange.venue.look(id)).toMatchObject({ leftLots: 8, aheadLots: 60 })
    expect(exchange.told.slice(1)).toEqual(['amended 100×6', 'amended 100×8', 'amended 99×8'])
  })

  test('O8: what was filled before a change is kept, and a size of no more than that ends the order', () => {
    const exchange = opened()
    const id = exchange.order(1_000, { ...buy, ticks: 100, lots: 10 })
    tick(exchange, 1_001).trade({ time: 1_002 }, 'sell', 100, 54)
    exchange.amend(1_002, id, { lots: 7, ticks: 101 })
    tick(exchange, 1_003)
    expect(exchange.executions.map(({ kind, lots, leftLots }) => [kind, lots, leftLots])).toEqual([
      ['accepted', 10, 10],
      ['fill', 4, 6],
      ['amended', 7, 3],
      ['fill', 3, 0],
    ])
    const other = exchange.order(1_003, { ...buy, ticks: 100, lots: 10 })
    tick(exchange, 1_004).trade({ time: 1_005 }, 'sell', 100, 54)
    exchange.amend(1_005, other, { lots: 4 })
    expect(tick(exchange, 1_006).told.slice(4)).toEqual(['accepted behind 50', 'fill 100×4 maker', 'cancelled 100×6'])
  })

  test('a post-only order that its new price would make a taker ends, others take', () => {
    const exchange = opened()
    const post = exchange.order(1_000, { ...buy, timeInForce: 'gtx', ticks: 100, lots: 1 })
    const plain = exchange.order(1_000, { ...buy, ticks: 100, lots: 1 })
    for (const id of [post, plain]) exchange.amend(1_000, id, { ticks: 101 })
    expect(tick(exchange, 1_001).told.slice(2)).toEqual([
      'amended 101×1',
      'expired 101×1 POST_ONLY_WOULD_TAKE',
      'amended 101×1',
      'fill 101×1 taker',
    ])
  })

  test('a trigger can be moved, but not to where the price is', () => {
    const exchange = long(10).trade({ time: 1_002 }, 'sell', 100, 1)
    const id = exchange.order(1_002, { ...stop, triggerTicks: 90, lots: 10 })
    exchange.amend(1_002, id, { triggerTicks: 100 })
    exchange.amend(1_002, id, { triggerTicks: 99 })
    tick(exchange, 1_003).trade({ time: 1_004 }, 'sell', 99, 1)
    expect(exchange.told).toEqual([
      'accepted',
      'amend-rejected ORDER_WOULD_IMMEDIATELY_TRIGGER',
      'amended market×10',
      'triggered 99×10',
    ])
  })

  test('what is not there, does not change, or makes no sense is refused, and the order stays', () => {
    const exchange = opened()
    const id = exchange.order(1_000, { ...buy, ticks: 100, lots: 10 })
    exchange.amend(1_000, 's.a.9', { lots: 1 })
    exchange.amend(1_000, id, { lots: 10 })
    exchange.amend(1_000, id, { lots: 0 })
    exchange.amend(1_000, id, { triggerTicks: 50 })
    expect(tick(exchange, 1_001).told.slice(1)).toEqual([
      'amend-rejected NOT_OPEN',
      'amend-rejected NOTHING_TO_AMEND',
      'amend-rejected INVALID_ORDER',
      'amend-rejected INVALID_ORDER',
    ])
    expect(exchange.executions.at(-1)!.leftLots).toBe(10)
    expect(exchange.venue.look(id)).toMatchObject({ leftLots: 10 })
  })

  test('cancel-all takes back what rests, waits for a trigger or for a parent', () => {
    const exchange = long(10)
    const parent = exchange.order(1_001, { ...buy, ticks: 97, lots: 5 })
    exchange.order(1_001, { ...sell, ticks: 104, lots: 5, parent })
    exchange.order(1_001, { ...stop, triggerTicks: 98, lots: 10 })
    tick(exchange, 1_002)
    exchange.cancelAll(1_002)
    expect(tick(exchange, 1_003).told.slice(3)).toEqual([
      'cancelled 97×5',
      'cancelled 104×5 PARENT_NOT_FILLED',
      'cancelled market×10',
    ])
  })
})

describe('time', () => {
  test('a gtd order ends when the exchange’s clock has passed its time, resting or waiting', () => {
    const exchange = opened()
    const gtd = { timeInForce: 'gtd', expires: 1_010 } as const
    exchange.order(1_000, { ...buy, ...gtd, ticks: 100, lots: 1 })
    exchange.order(1_000, { ...stop, ...gtd, triggerTicks: 98, lots: 1 })
    exchange.order(1_000, { ...buy, timeInForce: 'gtd', expires: 1_000, ticks: 100, lots: 1 })
    exchange.order(1_000, { ...buy, timeInForce: 'gtd', ticks: 100, lots: 1 })
    tick(exchange, 1_001)
    expect(exchange.told).toEqual([
      'accepted behind 50',
      'accepted',
      'rejected INVALID_GOOD_TILL_DATE',
      'rejected INVALID_ORDER',
    ])
    tick(exchange, 1_010)
    expect(exchange.told.length).toBe(4)
    exchange.trade({ time: 1_011 }, 'sell', 98, 1)
    expect(exchange.told.slice(4)).toEqual(['expired 100×1 GTD_EXPIRED', 'expired market×1 GTD_EXPIRED'])
    expect(exchange.executions.at(-1)!.time).toBe(1_010)
  })
})

describe('our own orders', () => {
  const meet = (selfTrade: NonNullable<VenueOptions['selfTrade']>, lots = 80) => {
    const exchange = opened({ selfTrade })
    exchange.order(1_000, { ...sell, ticks: 102, lots: 5 })
    exchange.order(1_000, { ...buy, timeInForce: 'ioc', ticks: 104, lots })
    return tick(exchange, 1_001).told.slice(1)
  }

  test('what rests gives way to a taker, ends it, or both; or neither sees the other', () => {
    expect(meet('expire-maker')).toEqual([
      'accepted',
      'expired 102×5 SELF_TRADE',
      'fill 101×60 taker',
      'fill 104×10 taker',
      'expired 104×10 IOC_REST',
    ])
    expect(meet('expire-taker')).toEqual(['accepted', 'fill 101×60 taker', 'expired 104×20 SELF_TRADE'])
    expect(meet('expire-both')).toEqual([
      'accepted',
      'expired 102×5 SELF_TRADE',
      'fill 101×60 taker',
      'expired 104×20 SELF_TRADE',
    ])
    expect(meet('none')).toEqual(['accepted', 'fill 101×60 taker', 'fill 104×10 taker', 'expired 104×10 IOC_REST'])
  })

  test('a taker that has enough before it comes to ours meets nobody', () => {
    for (const mode of ['expire-maker', 'expire-taker'] as const)
      expect(meet(mode, 60)).toEqual(['accepted', 'fill 101×60 taker'])
  })

  test('those ahead of ours at its price come first', () => {
    const exchange = opened({ selfTrade: 'expire-taker' })
    exchange.order(1_000, { ...sell, ticks: 101, lots: 5 })
    exchange.order(1_000, { side: 'buy', type: 'market', lots: 61 })
    expect(tick(exchange, 1_001).told.slice(1)).toEqual([
      'accepted',
      'fill 101×60 taker',
      'expired market×1 SELF_TRADE',
    ])
  })
})

describe('filters', () => {
  const refused = (filters: VenueOptions['filters'], ...orders: Parameters<Exchange['order']>[1][]) => {
    const exchange = opened({ filters })
    for (const order of orders) exchange.order(1_000, order)
    return tick(exchange, 1_001).told
  }

  test('refuse what is too large, too high or too far from the mark', () => {
    expect(refused({ maxSize: 0.01 }, { ...buy, ticks: 99, lots: 10 }, { ...buy, ticks: 99, lots: 11 })).toEqual([
      'accepted behind 60',
      'rejected LOT_SIZE',
    ])
    expect(refused({ maxPrice: 60 }, { ...sell, ticks: 120, lots: 1 }, { ...sell, ticks: 121, lots: 1 })).toEqual([
      'accepted behind 60',
      'rejected PRICE_FILTER',
    ])
    const percentPrice = { up: 1.05, down: 0.95 }
    expect(
      refused(
        { percentPrice },
        ...[
          { ...buy, ticks: 105, lots: 1 },
          { ...buy, ticks: 106, lots: 1 },
          { ...sell, ticks: 95, lots: 1 },
          { ...buy, ticks: 20, lots: 1 },
        ],
      ).filter((told) => told.startsWith('rejected')),
    ).toEqual(['rejected PERCENT_PRICE', 'rejected PERCENT_PRICE'])
  })

  test('refuse more open orders than may be, those that wait counted apart', () => {
    const some = Array.from({ length: 3 }, () => ({ ...buy, ticks: 99, lots: 1 }))
    expect(refused({ maxOrders: 2 }, ...some).at(-1)).toBe('rejected MAX_NUM_ORDERS')
    const stops = Array.from({ length: 3 }, () => ({ ...stop, triggerTicks: 90, lots: 1 }))
    expect(refused({ maxOrders: 2, maxAlgoOrders: 2 }, ...stops, some[0]!)).toEqual([
      'accepted',
      'accepted',
      'rejected MAX_NUM_ALGO_ORDERS',
      'accepted behind 60',
    ])
  })
})
