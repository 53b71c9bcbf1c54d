import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Execution, Order, Signal } from '../../schemas/records.generated.ts'
import { type Instrument, instrumentOf, sizeOf } from '../instrument.ts'
import { textToE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import { perpetual } from '../portfolio/samples.ts'
import { memoryOf, PriceHistory } from '../risk/index.ts'
import { partOf } from './correlation.ts'
import { createSizing, type SizingView } from './index.ts'

const names = ['AAAUSDT', 'BBBUSDT', 'CCCUSDT']
const instruments = names.map((symbol, index) =>
  instrumentOf(perpetual({ symbol, tickSize: 0.01, lotSize: 0.001 }), index),
)

/** Returns of a few shapes: what moves as another, against it, or with nothing of the other. */
const up = (at: number) => (at % 2 === 0 ? 0.01 : -0.01)
const shapes = {
  as: up,
  against: (at: number) => -up(at),
  apart: (at: number) => (at % 4 < 2 ? 0.01 : -0.01),
  still: () => 0,
}

/** Three instruments at about 100 after 120 minutes: the first moves up and down, the others as they are told. */
function world(second: keyof typeof shapes, third: keyof typeof shapes = 'still', minutes = 121) {
  const markets = instruments.map((instrument) => ({
    ...{ instrument, bidLots: 5, askLots: 5, received: 1, synced: true },
    ...{ bidTicks: 10_000, askTicks: 10_000, lastTicks: 10_000, markTicks: 10_000 },
  }))
  const prices = new PriceHistory(markets, memoryOf('off', true).prices!)
  const moves = [up, shapes[second], shapes[third]]
  for (let at = 0; at < minutes; at++) {
    prices.instant(at * 60e6)
    for (const [i, market] of markets.entries()) market.markTicks *= 1 + moves[i]!(at)
  }
  for (const market of markets) market.markTicks = 10_000
  const of = { account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8('100000') }
  const portfolio = new AccountPortfolio({ ...of, instruments })
  for (const market of markets) portfolio.mark(market)
  const rule = createSizing({ name: 'correlation' }, { instruments, barUs: undefined, prices })
  return {
    ...{ markets, portfolio, prices, rule, viewOf },
    hold(index: number, size: number) {
      const { exchange, symbol, tickSize, lotSize } = instruments[index]!
      const fill: Execution = {
        ...{ time: 1, received: 1, exchange, symbol, account: 'a', number: 1, clientId: 'x', strategy: 's' },
        ...{ kind: 'fill', side: size > 0 ? 'buy' : 'sell', ticks: 10_000, lots: Math.round(Math.abs(size) / lotSize) },
        ...{ leftLots: 0, tickSize, lotSize, fee: 0n },
      }
      portfolio.apply(fill)
    },
    /** Size of the order that a signal becomes; below 0 to sell. */
    asks(index: number, signal: Partial<Signal>): number | string {
      const wish = rule.wish(signalOf(instruments[index]!, signal), viewOf(index))
      if (wish?.kind === 'refused') return wish.reason
      if (wish?.kind !== 'new') return 0
      return sizeOf(instruments[index]!, wish.side === 'buy' ? wish.lots : -wish.lots)
    },
  }
  function viewOf(index: number): SizingView {
    const market = markets[index]!
    return {
      instrument: instruments[index]!,
      market,
      portfolio,
      clientIdOf: () => undefined,
      parentOf: () => undefined,
    }
  }
}

function signalOf({ exchange, symbol }: Instrument, changes: Partial<Signal>): Signal {
  return {
    ...{ time: 1, received: 1, exchange, symbol, account: 'a', strategy: 's', number: 1 },
    ...{ action: 'target', reason: 'because', ...changes },
  }
}

describe('sizing by correlation', () => {
  test('of two that move as one, the second is √2 − 1 of the first: together they move as two that are independent', () => {
    const it = world('as')
    it.hold(0, 10)
    expect(it.asks(1, { target: 10 })).toBe(4.142)
    expect(it.asks(1, { target: -10 })).toBe(-10)
    it.hold(1, 4.142)
    // What is there stays: asked for again, or for a little more, the first gives nothing up for the second.
    expect([10, 12].map((target) => it.asks(0, { target }))).toEqual([0, 0])
    expect([5, -1, 40].map((target) => it.asks(0, { target }))).toEqual([-5, -11, 26.071])
  })

  test('what moves with nothing that is held stays as it is, and so does what moves against it', () => {
    for (const shape of ['apart', 'against', 'still'] as const) {
      const it = world(shape)
      it.hold(0, 10)
      expect(it.asks(1, { target: 10 })).toBe(10)
    }
    const it = world('against')
    it.hold(0, 10)
    expect(it.asks(1, { target: -10 })).toBe(-4.142)
  })

  test('a hedge that is held makes room again', () => {
    const it = world('as', 'as')
    it.hold(0, 10)
    it.hold(1, -10)
    expect(it.asks(2, { target: 10 })).toBe(10)
    it.hold(1, 5)
    expect(it.asks(2, { target: 10 })).toBe(Math.floor(1e4 * partOf(0.5)) / 1e3)
  })

  test('an order adds to its own position as to one that moves as it does; what closes is never made smaller', () => {
    const it = world('as')
    it.hold(0, 10)
    const order = { action: 'order', type: 'market' } as const
    expect(it.asks(0, { ...order, side: 'buy', size: 10 })).toBe(4.142)
    expect(it.asks(0, { ...order, side: 'sell', size: 10 })).toBe(-10)
    expect(it.asks(0, { ...order, side: 'sell', size: 12 })).toBe(-12)
    it.hold(1, -10)
    // Through zero: ten close, and of the ten that open a part is left beside the ten that are short.
    expect(it.asks(0, { ...order, side: 'sell', size: 20 })).toBe(-14.142)
    it.hold(1, 30)
    expect(it.asks(0, { ...order, side: 'buy', size: 1, reduceOnly: true })).toBe(1)
  })

  test('open orders count as if they were filled', () => {
    const it = world('as')
    const { exchange, symbol, tickSize, lotSize } = instruments[0]!
    it.portfolio.sent({
      ...{ time: 1, received: 1, exchange, symbol, account: 'a', clientId: '1', strategy: 's', signal: 1, kind: 'new' },
      ...{ side: 'buy', type: 'limit', ticks: 9000, lots: 10_000, tickSize, lotSize, verdicts: [] },
    })
    expect(it.asks(1, { target: 10 })).toBe(4.142)
  })

  test('a change is sized as an order of the side and the kind that it changes', () => {
    const it = world('as')
    it.hold(0, 10)
    const { exchange, symbol, tickSize, lotSize } = instruments[1]!
    const order: Order = {
      ...{ time: 1, received: 1, exchange, symbol, account: 'a', clientId: '1', strategy: 's', signal: 1, kind: 'new' },
      ...{ side: 'buy', type: 'limit', ticks: 9000, lots: 1000, tickSize, lotSize, verdicts: [] },
    }
    const amended = (changes: Partial<Order>) => {
      it.portfolio.sent({ ...order, ...changes })
      const clientIdOf = () => changes.clientId
      return it.rule.wish(signalOf(instruments[1]!, { action: 'amend', tag: 't', size: 10 }), {
        ...it.viewOf(1),
        clientIdOf,
      })
    }
    expect(amended({ clientId: 'b' })).toMatchObject({ kind: 'amend', lots: 4142 })
    expect(amended({ clientId: 's', side: 'sell' })).toMatchObject({ lots: 10_000 })
    expect(amended({ clientId: 'r', reduceOnly: true })).toMatchObject({ lots: 10_000 })
  })

  test('before it is warm the figures of `prices` stand in, or it is refused', () => {
    const it = world('as', 'still', 10)
    it.hold(0, 10)
    expect(it.asks(1, { target: 10 })).toBe(Math.floor(1e4 * partOf(0.5)) / 1e3)
    const prices = new PriceHistory(it.markets, { ...it.prices.config, unknown: 'refuse' })
    const rule = createSizing({ name: 'correlation' }, { instruments, barUs: undefined, prices })
    const wish = rule.wish(signalOf(instruments[1]!, { target: 10 }), it.viewOf(1))
    expect(wish).toMatchObject({ kind: 'refused', check: 'sizing', reason: 'NOT_WARM' })
  })

  test('scales what the rules before it say', () => {
    const it = world('as')
    it.hold(0, 10)
    const sizing = [{ name: 'equity-share', share: 0.01 }, { name: 'correlation' }]
    const rule = createSizing(sizing, { instruments, barUs: undefined, prices: it.prices })
    const wish = rule.wish(signalOf(instruments[1]!, { target: 1 }), it.viewOf(1))
    expect(wish).toMatchObject({ kind: 'new', side: 'buy', lots: 4142 })
  })

  test('the variance of two never grows by more than the entry’s own, is met where it was made smaller, and no size is made larger', () => {
    const [size, correlation, risk] = [
      fc.double({ min: 0.01, max: 1e6, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: 1e-4, max: 1, noNaN: true }),
    ]
    fc.assert(
      fc.property(size, size, risk, risk, correlation, (held, asked, heldRisk, ownRisk, rho) => {
        const [h, a] = [held * heldRisk, asked * ownRisk]
        const c = (rho * h) / a
        const left = c > 0 ? partOf(c) * a : a
        expect(left).toBeGreaterThan(0)
        expect(left).toBeLessThanOrEqual(a)
        const more = left * left + 2 * rho * h * left
        expect(more).toBeLessThanOrEqual(a * a * (1 + 1e-9))
        if (c > 0) expect(more / (a * a)).toBeCloseTo(1, 9)
      }),
    )
  })
})
