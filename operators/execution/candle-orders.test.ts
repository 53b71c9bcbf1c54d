// Orders that wait, on candles: the path through a candle that hurts.
import { describe, expect, test } from 'vitest'
import { Exchange } from '../../tests/exchange.ts'
import type { VenueOptions } from './index.ts'

const minute = 60_000_000
const stop = { side: 'sell', type: 'stop-market', lots: 2 } as const
const takeProfit = { side: 'sell', type: 'take-profit-market', lots: 2 } as const
const buy = { side: 'buy', type: 'limit', lots: 2 } as const
type Prices = readonly [open: number, high: number, low: number, close: number]

function candle(exchange: Exchange, n: number, prices: Prices): Exchange {
  return exchange.candle({ time: n * minute, openTime: (n - 1) * minute }, ...prices)
}
const flat: Prices = [100, 100, 100, 100]

/** Long 2 lots from 100, the second candle's open; the orders are sent before the third. */
function long(orders: Parameters<Exchange['order']>[1][], options: Partial<VenueOptions> = {}): Exchange {
  const exchange = candle(new Exchange({ fill: 'next-open', ...options }), 1, flat)
  exchange.order(minute, { side: 'buy', type: 'market', lots: 2 })
  candle(exchange, 2, flat)
  for (const order of orders) exchange.order(2 * minute, order)
  exchange.executions.length = 0
  return exchange
}
const both = (group = 'g') => [
  { ...takeProfit, triggerTicks: 110, reduceOnly: true, group },
  { ...stop, triggerTicks: 90, reduceOnly: true, group },
]
/** A stop at 90 and a target, of which one cancels the other, for what is filled of an order. */
function children(exchange: Exchange, parent: string, target: number): void {
  const child = { reduceOnly: true, group: 'g', parent }
  exchange.order(minute, { ...stop, triggerTicks: 90, ...child })
  exchange.order(minute, { side: 'sell', type: 'limit', ticks: target, lots: 2, ...child })
}
const fills = ({ told }: Exchange) => told.filter((one) => one.startsWith('fill'))

describe('on candles', () => {
  test('a stop is filled at its trigger, or at the open where that is beyond it', () => {
    expect(candle(long([{ ...stop, triggerTicks: 95 }]), 3, [100, 101, 94, 99]).told).toEqual([
      'accepted',
      'triggered 95×2',
      'fill 95×2 taker',
    ])
    const gapped = long([{ ...stop, triggerTicks: 95 }])
    candle(gapped, 3, flat)
    expect(fills(candle(gapped, 4, [92, 99, 91, 99]))).toEqual(['fill 92×2 taker'])
    expect(gapped.executions.at(-1)!.time).toBe(3 * minute)
    const short = candle(long([{ ...stop, side: 'buy', triggerTicks: 105 }]), 3, flat)
    expect(fills(candle(short, 4, [107, 110, 100, 100]))).toEqual(['fill 107×2 taker'])
  })

  test('a stop slips, too', () => {
    const exchange = candle(new Exchange({ fill: 'next-open', slippage: 'square-root' }), 1, [1000, 1000, 1000, 1000])
    for (let n = 2; n < 12; n++) candle(exchange, n, n % 2 === 0 ? [1000, 1010, 1000, 1010] : [1010, 1010, 1000, 1000])
    exchange.order(11 * minute, { ...stop, triggerTicks: 950, lots: 10 })
    candle(exchange, 12, [1000, 1000, 940, 990])
    expect(exchange.executions.at(-1)!.ticks).toBeLessThan(950)
  })

  test('a take-profit is filled at its trigger and no better', () => {
    for (const prices of [
      [100, 112, 99, 111],
      [115, 116, 114, 115],
    ] as Prices[]) {
      const exchange = candle(long([{ ...takeProfit, triggerTicks: 110 }]), 3, flat)
      expect(fills(candle(exchange, 4, prices))).toEqual(['fill 110×2 taker'])
    }
  })

  test('a candle that touches stop and target stops, but what its open reaches came before', () => {
    const exchange = candle(long(both()), 3, flat)
    expect(candle(exchange, 4, [100, 120, 80, 119]).told.slice(2)).toEqual([
      'triggered 90×2',
      'cancelled market×2 GROUP_DONE',
      'fill 90×2 taker',
    ])
    expect(fills(candle(candle(long(both()), 3, flat), 4, [112, 120, 80, 81]))).toEqual(['fill 110×2 taker'])
  })

  test('a limit target is filled by going through it, after the stops', () => {
    const orders = () => [
      { side: 'sell', type: 'limit', ticks: 110, lots: 2, reduceOnly: true, group: 'g' } as const,
      { ...stop, triggerTicks: 90, reduceOnly: true, group: 'g' },
    ]
    const touched = candle(candle(long(orders()), 3, flat), 4, [100, 110, 95, 100])
    expect(fills(touched)).toEqual([])
    expect(candle(touched, 5, [100, 111, 95, 100]).told.slice(2)).toEqual([
      'fill 110×2 maker',
      'cancelled market×2 GROUP_DONE',
    ])
  })

  test('a stop-limit that opens beyond its limit waits there, and is filled when the price comes back', () => {
    const order = { ...stop, type: 'stop-limit', triggerTicks: 95, ticks: 94 } as const
    const exchange = candle(long([order]), 3, flat)
    expect(fills(candle(exchange, 4, [90, 92, 88, 91]))).toEqual([])
    expect(fills(candle(exchange, 5, [91, 95, 90, 95]))).toEqual(['fill 94×2 maker'])
    expect(fills(candle(candle(long([order]), 3, flat), 4, [90, 95, 88, 91]))).toEqual(['fill 94×2 maker'])
    expect(fills(candle(candle(long([order]), 3, flat), 4, [100, 100, 88, 91]))).toEqual(['fill 95×2 taker'])
  })

  test('a take-profit-limit beyond its trigger needs the price to go through it', () => {
    const order = { ...takeProfit, type: 'take-profit-limit', triggerTicks: 110, ticks: 112 } as const
    expect(fills(candle(candle(long([order]), 3, flat), 4, [100, 112, 99, 111]))).toEqual([])
    expect(fills(candle(candle(long([order]), 3, flat), 4, [100, 113, 99, 111]))).toEqual(['fill 112×2 maker'])
  })

  test('a trailing stop is asked at its old level before the candle moves it, and at its new one by the close', () => {
    const order = { side: 'sell', type: 'trailing-stop', callback: 0.1, lots: 2 } as const
    // The level is 90 from the open of 100. Down to 95 and up to 120: it is 108, and the close of 110 is above.
    const exchange = candle(candle(long([order]), 3, flat), 4, [100, 120, 95, 110])
    expect(fills(exchange)).toEqual([])
    expect(exchange.venue.look('s.a.2')).toMatchObject({ state: 'untriggered', triggerTicks: 108 })
    expect(fills(candle(exchange, 5, [109, 115, 107, 115]))).toEqual(['fill 108×2 taker'])
    expect(fills(candle(candle(long([order]), 3, flat), 4, [100, 120, 90, 119]))).toEqual(['fill 90×2 taker'])
    expect(fills(candle(candle(long([order]), 3, flat), 4, [100, 120, 95, 100]))).toEqual(['fill 108×2 taker'])
  })

  test('an entry inside a candle may be stopped in it, and reaches no target in it', () => {
    const bracket = (exchange: Exchange) => {
      const id = exchange.order(minute, { ...buy, ticks: 95 })
      children(exchange, id, 105)
      return exchange
    }
    const opened = () => bracket(candle(new Exchange({ fill: 'next-open' }), 1, flat))
    const stopped = candle(opened(), 2, [100, 110, 89, 100])
    expect(fills(stopped)).toEqual(['fill 95×2 maker', 'fill 90×2 taker'])
    expect(stopped.told.at(-2)).toBe('cancelled 105×2 GROUP_DONE')
    const kept = candle(opened(), 2, [100, 110, 91, 100])
    expect(fills(kept)).toEqual(['fill 95×2 maker'])
    expect(fills(candle(kept, 3, [100, 106, 99, 104])).slice(1)).toEqual(['fill 105×2 maker'])
  })

  test('an entry at the open may be stopped and may reach its target in the same candle, the stop first', () => {
    const opened = (target: number) => {
      const exchange = candle(new Exchange({ fill: 'next-open' }), 1, flat)
      const id = exchange.order(minute, { side: 'buy', type: 'market', lots: 2 })
      children(exchange, id, target)
      return exchange
    }
    expect(fills(candle(opened(105), 2, [100, 106, 91, 100]))).toEqual(['fill 100×2 taker', 'fill 105×2 maker'])
    expect(fills(candle(opened(105), 2, [100, 106, 89, 100]))).toEqual(['fill 100×2 taker', 'fill 90×2 taker'])
  })

  test('filled at the close, children wait for the next candle', () => {
    const exchange = candle(new Exchange({ fill: 'close' }), 1, flat)
    const id = exchange.order(minute, { side: 'buy', type: 'market', lots: 2 })
    children(exchange, id, 105)
    candle(exchange, 2, [100, 106, 95, 100])
    expect(exchange.told).toEqual([
      'fill 100×2 taker',
      'accepted',
      'accepted',
      'triggered 105×2 PARENT_FILLED',
      'fill 105×2 maker',
      'cancelled market×2 GROUP_DONE',
    ])
  })

  test('where the exchange says marks, a trigger by mark waits for them and acts at the next open, no better than its trigger', () => {
    const exchange = long([])
    exchange.mark({ time: 2 * minute + 1 }, 100)
    exchange.order(2 * minute + 1, { ...stop, triggerTicks: 95 })
    candle(exchange, 3, [100, 101, 80, 100])
    candle(exchange, 4, [100, 101, 80, 100])
    expect(exchange.told).toEqual(['accepted'])
    exchange.mark({ time: 4 * minute + 1 }, 94)
    candle(exchange, 5, flat)
    expect(candle(exchange, 6, [99, 100, 98, 100]).told).toEqual(['accepted', 'triggered 95×2', 'fill 95×2 taker'])
  })

  test('a gtd order that ends inside a candle is met by its open alone', () => {
    const gtd = { ...buy, timeInForce: 'gtd', expires: 3.5 * minute, ticks: 95 } as const
    const exchange = candle(long([gtd]), 3, flat)
    expect(candle(exchange, 4, [100, 100, 90, 100]).told).toEqual(['accepted', 'expired 95×2 GTD_EXPIRED'])
    expect(fills(candle(candle(long([gtd]), 3, flat), 4, [94, 100, 90, 100]))).toEqual(['fill 95×2 maker'])
  })

  test('a change, and a taker that meets an order of ours, are as on ticks', () => {
    const exchange = long([{ ...buy, ticks: 95 }])
    exchange.amend(2 * minute, 's.a.2', { ticks: 97, lots: 3 })
    candle(exchange, 3, flat)
    exchange.order(3 * minute, { side: 'sell', type: 'market', lots: 1 })
    expect(candle(exchange, 4, [96, 100, 96, 100]).told).toEqual([
      'accepted',
      'amended 97×3',
      'expired 97×3 SELF_TRADE',
      'fill 96×1 taker',
    ])
  })
})
