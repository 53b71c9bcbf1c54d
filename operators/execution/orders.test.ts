// Orders that wait, on a book: for a price, for one another.
import { describe, expect, test } from 'vitest'
import { Exchange } from '../../tests/exchange.ts'
import { buy, long, opened, sell, stop, tick } from '../../tests/open-exchange.ts'

describe('triggers', () => {
  test('a stop waits for the last price, then is a market order that arrives at that moment', () => {
    const exchange = long(10)
    const id = exchange.order(1_001, { ...stop, triggerTicks: 98, lots: 10 })
    tick(exchange, 1_002).trade({ time: 1_003 }, 'sell', 99, 1)
    expect(exchange.told).toEqual(['accepted'])
    expect(exchange.venue.look(id)).toEqual({ state: 'untriggered', leftLots: 10, triggerTicks: 98 })
    exchange.trade({ time: 1_004 }, 'sell', 98, 1)
    expect(exchange.told.slice(1)).toEqual(['triggered 98×10'])
    expect(exchange.venue.look(id)).toEqual({ state: 'triggered', leftLots: 10, triggerTicks: 98 })
    exchange.book({ time: 1_005 }, [[100, 0]], [])
    expect(exchange.told.slice(2)).toEqual(['fill 100×10 taker'])
    expect(exchange.executions.map(({ time }) => time)).toEqual([1_001, 1_004, 1_004])
  })

  test('by mark, the default, last prices trigger nothing', () => {
    const exchange = long(10).mark({ time: 1_002 }, 100)
    exchange.order(1_002, { side: 'sell', type: 'stop-market', triggerTicks: 98, lots: 10 })
    tick(exchange, 1_003).trade({ time: 1_004 }, 'sell', 90, 1)
    expect(exchange.told).toEqual(['accepted'])
    exchange.mark({ time: 1_005 }, 98)
    expect(exchange.told.at(-1)).toBe('triggered 98×10')
  })

  test('each side and kind is reached from its own side', () => {
    for (const [side, type, trigger, before, reached] of [
      ['sell', 'stop-market', 98, 99, 98],
      ['buy', 'stop-market', 103, 102, 103],
      ['sell', 'take-profit-market', 103, 102, 103],
      ['buy', 'take-profit-market', 98, 99, 98],
    ] as const) {
      const exchange = opened().trade({ time: 1_001 }, 'buy', 100, 1)
      exchange.order(1_001, { side, type, triggerBy: 'last', triggerTicks: trigger, lots: 1 })
      tick(exchange, 1_002).trade({ time: 1_003 }, 'buy', before, 1)
      expect(exchange.told).toEqual(['accepted'])
      exchange.trade({ time: 1_004 }, 'buy', reached, 1)
      tick(exchange, 1_005)
      expect(exchange.told.slice(1)).toEqual([`triggered ${trigger}×1`, `fill ${side === 'buy' ? 101 : 100}×1 taker`])
    }
  })

  test('one that would be triggered as it arrives is rejected', () => {
    const exchange = long(10).trade({ time: 1_002 }, 'sell', 100, 1)
    exchange.order(1_002, { ...stop, triggerTicks: 100, lots: 10 })
    exchange.order(1_002, { ...stop, type: 'take-profit-market', triggerTicks: 99, lots: 10 })
    expect(tick(exchange, 1_003).told).toEqual(Array(2).fill('rejected ORDER_WOULD_IMMEDIATELY_TRIGGER'))
  })

  test('a stop-limit takes no worse than its limit, and what is left rests there', () => {
    const exchange = long(80)
    exchange.order(1_001, { ...stop, type: 'stop-limit', triggerTicks: 99, ticks: 99, lots: 80 })
    tick(exchange, 1_002)
      .trade({ time: 1_003 }, 'sell', 99, 1)
      .book(
        { time: 1_004 },
        [
          [100, 20],
          [99, 30],
        ],
        [],
      )
    // What was known at 1,003 is what it met: 50 at 100, 30 of the 60 at 99.
    expect(exchange.told.slice(1)).toEqual(['triggered 99×80', 'fill 100×50 taker', 'fill 99×30 taker'])
    const slow = long(80)
    slow.order(1_001, { ...stop, type: 'stop-limit', triggerTicks: 99, ticks: 100, lots: 80 })
    tick(slow, 1_002).trade({ time: 1_003 }, 'sell', 99, 1)
    tick(slow, 1_004).trade({ time: 1_005 }, 'buy', 101, 1)
    expect(slow.told.slice(1)).toEqual(['triggered 99×80', 'fill 100×50 taker', 'fill 100×30 maker'])
  })

  test('a trailing stop follows the best price from its activation on, and never back', () => {
    const exchange = long(10).trade({ time: 1_002 }, 'buy', 100, 1)
    const id = exchange.order(1_002, {
      side: 'sell',
      type: 'trailing-stop',
      triggerBy: 'last',
      callback: 0.1,
      activationTicks: 105,
      lots: 10,
    })
    const at = (time: number, ticks: number) => {
      exchange.trade({ time }, 'buy', ticks, 1)
      const seen = exchange.venue.look(id)
      return seen?.state === 'untriggered' ? seen.triggerTicks : seen?.state
    }
    tick(exchange, 1_003)
    expect([104, 50, 105, 110, 101, 120, 119].map((ticks, i) => at(1_004 + i, ticks))).toEqual([
      ...[NaN, NaN, 94, 99, 99, 108, 108],
    ])
    expect(at(1_020, 108)).toBe('triggered')
    expect(tick(exchange, 1_021).told).toEqual(['accepted', 'triggered 108×10', 'fill 100×10 taker'])
  })

  test('rows from before its arrival trigger nothing, however late they come', () => {
    const exchange = long(10, { latency: { outMs: 5 } }).trade({ time: 6_100, received: 6_100 }, 'buy', 100, 1)
    exchange.order(6_100, { ...stop, triggerTicks: 98, lots: 10 })
    exchange.trade({ time: 11_101 }, 'buy', 100, 1).trade({ time: 11_100, received: 11_102 }, 'sell', 90, 1)
    expect(exchange.told.at(-1)).toBe('accepted')
    expect(exchange.trade({ time: 11_103 }, 'sell', 98, 1).told.at(-1)).toBe('triggered 98×10')
  })

  test('while the book cannot be trusted a triggered order waits, and is not lost', () => {
    const exchange = long(10)
    exchange.order(1_001, { ...stop, triggerTicks: 98, lots: 10 })
    tick(exchange, 1_002).trade({ time: 1_003 }, 'sell', 98, 1)
    exchange.book({ time: 1_003 }, [[102, 9]], []).trade({ time: 1_004 }, 'sell', 98, 1)
    expect(exchange.told.at(-1)).toBe('triggered 98×10')
    exchange.book(
      { time: 1_005 },
      [
        [102, 0],
        [100, 50],
      ],
      [],
    )
    expect(tick(exchange, 1_006).told.at(-1)).toBe('fill 100×10 taker')
  })

  test('where there are only trades, a stop has the trade after the one that triggered it', () => {
    const exchange = new Exchange().trade({ time: 1_000 }, 'buy', 100, 1)
    exchange.order(1_000, { ...stop, triggerTicks: 98, lots: 5 })
    exchange.trade({ time: 1_001 }, 'sell', 99, 1).trade({ time: 1_002 }, 'sell', 97, 1)
    exchange.trade({ time: 1_003 }, 'sell', 96, 1)
    expect(exchange.told).toEqual(['accepted', 'triggered 98×5', 'fill 96×5 taker'])
  })
})

describe('groups and children', () => {
  const target = { ...sell, reduceOnly: true, group: 'g' } as const

  test('one of a group that is filled cancels the others, a part of it too', () => {
    const exchange = long(10)
    exchange.order(1_001, { ...target, ticks: 104, lots: 10 })
    exchange.order(1_001, { ...stop, reduceOnly: true, group: 'g', triggerTicks: 98, lots: 10 })
    tick(exchange, 1_002).trade({ time: 1_003 }, 'buy', 104, 13)
    exchange.trade({ time: 1_004 }, 'sell', 90, 1)
    expect(tick(exchange, 1_005).told).toEqual([
      'accepted behind 10',
      'accepted',
      'fill 104×3 maker',
      'cancelled market×10 GROUP_DONE',
    ])
  })

  test('one of a group that is triggered cancels the others', () => {
    const exchange = long(10)
    exchange.order(1_001, { ...target, ticks: 104, lots: 10 })
    exchange.order(1_001, { ...stop, reduceOnly: true, group: 'g', triggerTicks: 98, lots: 10 })
    tick(exchange, 1_002).trade({ time: 1_003 }, 'sell', 98, 1)
    expect(tick(exchange, 1_004).told.slice(2)).toEqual([
      'triggered 98×10',
      'cancelled 104×10 GROUP_DONE',
      'fill 100×10 taker',
    ])
  })

  test('one of a group that comes when it is done comes too late', () => {
    const exchange = long(10)
    exchange.order(1_001, { ...target, ticks: 100, lots: 10 })
    exchange.order(1_001, { ...stop, reduceOnly: true, group: 'g', triggerTicks: 98, lots: 10 })
    expect(tick(exchange, 1_002).told).toEqual(['accepted', 'fill 100×10 taker', 'rejected GROUP_DONE'])
  })

  test('children wait for their parent, and work for what was filled of it', () => {
    const exchange = opened()
    const id = exchange.order(1_000, { ...buy, ticks: 100, lots: 10 })
    const child = exchange.order(1_000, { ...target, ticks: 104, lots: 10, parent: id })
    exchange.order(1_000, { ...stop, reduceOnly: true, group: 'g', triggerTicks: 98, lots: 10, parent: id })
    tick(exchange, 1_001).trade({ time: 1_002 }, 'buy', 110, 1)
    expect(exchange.told).toEqual(['accepted behind 50', 'accepted', 'accepted'])
    expect(exchange.venue.look(child)).toEqual({ state: 'waiting', leftLots: 10 })
    exchange.trade({ time: 1_003 }, 'sell', 100, 54)
    expect(exchange.told.slice(3)).toEqual(['fill 100×4 maker', 'triggered 104×10 PARENT_FILLED'])
    tick(exchange, 1_004)
    expect(exchange.venue.look(child)).toMatchObject({ state: 'resting', leftLots: 4, aheadLots: 10 })
    exchange.trade({ time: 1_005 }, 'sell', 99, 1)
    tick(exchange, 1_006)
    expect(exchange.venue.look(child)).toMatchObject({ state: 'resting', leftLots: 10 })
    exchange.trade({ time: 1_007 }, 'sell', 98, 1)
    expect(tick(exchange, 1_008).told.slice(5)).toEqual([
      'fill 100×6 maker',
      'triggered 104×10 PARENT_FILLED',
      'triggered 98×10',
      'cancelled 104×10 GROUP_DONE',
      'fill 100×10 taker',
    ])
  })

  test('children of a parent that is filled as it arrives come into their own at once', () => {
    const exchange = opened()
    const id = exchange.order(1_000, { side: 'buy', type: 'market', lots: 10 })
    exchange.order(1_000, { ...stop, reduceOnly: true, group: 'g', triggerTicks: 98, lots: 10, parent: id })
    exchange.order(1_000, { ...target, ticks: 104, lots: 10, parent: id })
    expect(tick(exchange, 1_001).told).toEqual([
      'accepted',
      'fill 101×10 taker',
      'accepted',
      'accepted',
      'triggered 104×10 PARENT_FILLED',
    ])
  })

  test('children end with a parent that got nothing, shrink to one that got a part, and take its rest with them', () => {
    const exchange = opened()
    const family = (lots: number) => {
      const id = exchange.order(1_000, { ...buy, ticks: 100, lots })
      exchange.order(1_000, { ...stop, reduceOnly: true, triggerTicks: 98, lots, parent: id })
      return id
    }
    const [none, part] = [family(7), family(9)]
    tick(exchange, 1_001)
    exchange.cancel(1_001, none)
    tick(exchange, 1_002)
    expect(exchange.told.slice(4)).toEqual(['cancelled 100×7', 'cancelled market×7 PARENT_NOT_FILLED'])
    exchange.trade({ time: 1_003 }, 'sell', 100, 55)
    exchange.cancel(1_003, part)
    tick(exchange, 1_004)
    expect(exchange.told.slice(6)).toEqual([
      'fill 100×5 maker',
      'cancelled 100×4',
      'amended market×5 PARENT_PART_FILLED',
    ])
    exchange.trade({ time: 1_005 }, 'sell', 98, 1)
    expect(tick(exchange, 1_006).told.slice(9)).toEqual(['triggered 98×5', 'fill 100×5 taker'])
  })

  test('a child that is triggered takes back what is left of its parent', () => {
    const exchange = opened()
    const id = exchange.order(1_000, { ...buy, ticks: 100, lots: 9 })
    exchange.order(1_000, {
      side: 'sell',
      type: 'stop-market',
      reduceOnly: true,
      triggerTicks: 98,
      lots: 9,
      parent: id,
    })
    tick(exchange, 1_001).trade({ time: 1_002 }, 'sell', 100, 55)
    exchange.mark({ time: 1_003 }, 98)
    expect(tick(exchange, 1_004).told.slice(2)).toEqual([
      'fill 100×5 maker',
      'triggered 98×9',
      'cancelled 100×4 GROUP_DONE',
      'amended market×5 PARENT_PART_FILLED',
      'fill 100×5 taker',
    ])
  })

  test('a child of nobody is rejected', () => {
    const exchange = opened()
    exchange.order(1_000, { ...sell, ticks: 104, lots: 1, parent: 's.a.77' })
    expect(tick(exchange, 1_001).told).toEqual(['rejected PARENT_NOT_FOUND'])
  })
})
