import { describe, expect, test } from 'vitest'
import type { Execution, Order, Signal } from '../../schemas/records.generated.ts'
import type { Market } from '../desk.ts'
import { featureNames } from '../features/names.ts'
import { instrumentOf, priceOf, sizeOf } from '../instrument.ts'
import { textToE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import { perpetual } from '../portfolio/samples.ts'
import { createRisk, type RiskConfig } from '../risk/index.ts'
import { SignalDesk } from '../signal-desk.ts'
import { createSizing } from './index.ts'

const instrument = instrumentOf(perpetual({ tickSize: 0.01, lotSize: 0.01, minNotional: 0 }), 0)
const market: Market = {
  ...{ instrument, bidTicks: 9999, bidLots: 5, askTicks: 10_001, askLots: 5, lastTicks: 10_000, markTicks: 10_000 },
  ...{ received: 1, synced: true },
}

/** A strategy's desk with sizing and risk behind it; orders that pass are sent, and answered by the test. */
function stand(risk: RiskConfig = 'off', cash = '10000', instruments = [instrument]) {
  const own = instruments[0]!
  const markets = [{ ...market, instrument: own }]
  const portfolio = new AccountPortfolio({
    ...{ account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8(cash), instruments },
  })
  portfolio.mark(markets[0]!)
  const sight = {
    features: () => new Float64Array(featureNames.length),
    regime: () => undefined,
    lastBar: () => undefined,
  }
  const desk = new SignalDesk({ strategy: 's', account: 'a', instruments, markets, portfolio, sight })
  const checks = createRisk(risk, { account: 'a', markets, portfolio })
  const sizing = createSizing({ name: 'fixed' }, { instruments, barUs: undefined })
  const clientIdOf = (signal: Signal) => desk.clientIdOf(signal)
  const parentOf = (signal: Signal) => desk.parentOf(signal)
  const refusals: string[] = []
  /** What the loop would do now. */
  const sent = (): Order[] => {
    const orders: Order[] = []
    for (let signal = desk.take(); signal !== undefined; signal = desk.take()) {
      const wish = sizing.wish(signal, { instrument: own, market: markets[0]!, portfolio, clientIdOf, parentOf })
      const verdict = wish === undefined ? undefined : checks.check(wish)
      desk.settle(signal, verdict?.order?.clientId)
      if (verdict?.event !== undefined) refusals.push(`${verdict.event.check} ${verdict.event.reason}`)
      if (verdict?.order === undefined) continue
      orders.push(verdict.order)
      portfolio.sent(verdict.order)
    }
    return orders
  }
  const hear = (execution: Pick<Execution, 'kind' | 'clientId'> & Partial<Execution>) => {
    const { exchange, symbol, tickSize, lotSize } = own
    const about = { exchange, symbol, tickSize, lotSize, account: 'a', strategy: 's', time: 1, received: 1, number: 1 }
    portfolio.apply({ ...about, fee: 0n, ...execution })
    desk.ended({ ...about, fee: 0n, ...execution })
  }
  return { desk, portfolio, sent, hear, refusals }
}
const buy = { tag: 'a', side: 'buy', size: 1.17 } as const
const sell = { tag: 'a', side: 'sell', size: 1.17 } as const

describe('an order, from the strategy to the exchange', () => {
  test('O9, O10: 1.17 at 0.35, from a trigger of 0.29, arrives as just that', () => {
    const { desk, sent } = stand()
    desk.order(0, { ...buy, type: 'stop-limit', price: 0.35, trigger: 0.29, display: 0.57 }, 'why')
    const [order] = sent()
    expect(sizeOf(instrument, order!.lots!)).toBe(1.17)
    expect(priceOf(instrument, order!.ticks!)).toBe(0.35)
    expect(priceOf(instrument, order!.triggerTicks!)).toBe(0.29)
    expect(sizeOf(instrument, order!.displayLots!)).toBe(0.57)
  })

  test('a trigger between two ticks acts no sooner than asked', () => {
    const ticksOf = (side: 'buy' | 'sell', type: Order['type']) => {
      const { desk, sent } = stand()
      desk.order(0, { tag: 'a', side, size: 1, type, trigger: 95.005, price: 95 }, 'why')
      return sent()[0]!.triggerTicks
    }
    expect(ticksOf('sell', 'stop-market')).toBe(9500)
    expect(ticksOf('buy', 'stop-market')).toBe(9501)
    expect(ticksOf('sell', 'take-profit-limit')).toBe(9501)
    expect(ticksOf('buy', 'take-profit-market')).toBe(9500)
    const { desk, sent } = stand()
    desk.order(0, { ...sell, type: 'trailing-stop', callback: 0.01, activation: 95.005 }, 'why')
    expect(sent()[0]).toMatchObject({ activationTicks: 9501, callback: 0.01, triggerBy: 'mark' })
  })

  test('what an order lacks is named, and nothing is sent', () => {
    const { desk, sent, refusals } = stand()
    desk.order(0, { ...sell, tag: 'b', type: 'stop-market' }, 'why')
    desk.order(0, { ...sell, tag: 'c', type: 'trailing-stop', callback: 1 }, 'why')
    desk.order(0, { ...sell, tag: 'd', type: 'stop-limit', trigger: 90 }, 'why')
    desk.order(0, { ...sell, tag: 'e', parent: 'nobody' }, 'why')
    desk.order(0, { ...sell, tag: 'f', price: 90, display: 0.001 }, 'why')
    expect(sent()).toEqual([])
    expect(refusals).toEqual(
      ['NO_TRIGGER', 'NO_CALLBACK', 'NO_PRICE', 'NO_PARENT', 'UNDER_ONE_LOT'].map((one) => `sizing ${one}`),
    )
    expect(desk.working('b')).toBe(false)
  })

  test('a bracket is three orders: the exits wait for the entry, are as large as it, and one cancels the other', () => {
    const { desk, sent } = stand()
    desk.order(0, { ...buy, price: 99, bracket: { stop: 95, takeProfit: 110 } }, 'why')
    const [entry, stop, target] = sent()
    expect(entry).toMatchObject({ clientId: 's.a.1', lots: 117, ticks: 9900, group: undefined, parent: undefined })
    const child = { side: 'sell', lots: 117, parent: 's.a.1', reduceOnly: true, group: 'a.bracket.2' }
    expect(stop).toMatchObject({ ...child, type: 'stop-market', triggerTicks: 9500, tag: 'a.stop' })
    expect(target).toMatchObject({ ...child, type: 'limit', ticks: 11_000, tag: 'a.target' })
  })

  test('a group’s name is another group at the exchange when none of its orders works any more', () => {
    const { desk, sent, hear } = stand()
    const pair = () => {
      desk.order(0, { ...sell, tag: 'up', price: 110, group: 'exits' }, 'why')
      desk.order(0, { ...sell, tag: 'down', type: 'stop-market', trigger: 90, group: 'exits' }, 'why')
      return sent().map(({ group }) => group)
    }
    expect(pair()).toEqual(['exits.1', 'exits.1'])
    desk.load(desk.save())
    hear({ kind: 'fill', clientId: 's.a.1', side: 'sell', ticks: 11_000, lots: 117, leftLots: 0 })
    hear({ kind: 'cancelled', clientId: 's.a.2', leftLots: 0 })
    expect(pair()).toEqual(['exits.3', 'exits.3'])
  })

  test('what is known of an order can be asked for: whether it was triggered, and what is left', () => {
    const { desk, sent, hear } = stand()
    desk.order(0, { ...sell, type: 'stop-limit', trigger: 95, price: 94 }, 'why')
    expect(desk.open('a')).toBeUndefined()
    sent()
    expect(desk.open('a')).toMatchObject({ triggered: false, triggerTicks: 9500, ticks: 9400, leftLots: 117 })
    hear({ kind: 'triggered', clientId: 's.a.1', ticks: 9500, lots: 117, leftLots: 117 })
    hear({ kind: 'fill', clientId: 's.a.1', side: 'sell', ticks: 9450, lots: 17, leftLots: 100 })
    expect(desk.open('a')).toMatchObject({ triggered: true, leftLots: 100 })
  })

  test('a change names the order and what changes; of one that has ended there is none', () => {
    const { desk, sent, hear } = stand()
    desk.order(0, { ...buy, price: 99 }, 'why')
    sent()
    desk.amend('a', { size: 2.5, price: 98.507 }, 'why')
    expect(sent()).toMatchObject([
      { kind: 'amend', clientId: 's.a.1', lots: 250, ticks: 9850, triggerTicks: undefined },
    ])
    hear({ kind: 'amended', clientId: 's.a.1', ticks: 9850, lots: 250, leftLots: 250 })
    expect(desk.open('a')).toMatchObject({ ticks: 9850, lots: 250, leftLots: 250 })
    desk.amend('a', { price: 97 }, 'why')
    hear({ kind: 'cancelled', clientId: 's.a.1', leftLots: 0 })
    expect(sent()).toEqual([])
    desk.amend('a', { price: 97 }, 'why')
    desk.cancelAll(0, 'enough')
    expect(sent()).toMatchObject([{ kind: 'cancel-all', clientId: '' }])
  })
})

describe('what risk makes of it', () => {
  test('an order that waits counts as if it had come, one that only reduces does not, of a group the largest does', () => {
    const { desk, portfolio, sent, hear } = stand()
    desk.order(0, { tag: 'a', side: 'buy', size: 2, type: 'stop-market', trigger: 110 }, 'why')
    desk.order(0, { tag: 'b', side: 'sell', size: 3, price: 110, reduceOnly: true }, 'why')
    desk.order(0, { tag: 'c', side: 'sell', size: 4, price: 120, group: 'g' }, 'why')
    desk.order(0, { tag: 'd', side: 'sell', size: 5, type: 'stop-market', trigger: 90, group: 'g' }, 'why')
    sent()
    expect([portfolio.openLots(0, 'buy'), portfolio.openLots(0, 'sell')]).toEqual([200, 500])
    portfolio.load(portfolio.save())
    hear({ kind: 'cancelled', clientId: 's.a.4', leftLots: 0 })
    expect(portfolio.openLots(0, 'sell')).toBe(400)
    hear({ kind: 'fill', clientId: 's.a.3', side: 'sell', ticks: 12_000, lots: 100, leftLots: 300 })
    expect(portfolio.openLots(0, 'sell')).toBe(300)
    expect(portfolio.reducingLots(0, 'sell')).toBe(0)
    expect(portfolio.reducingLots(0, 'buy')).toBe(0)
  })

  test('a change that makes an order larger is asked about as what it becomes, and counts until the exchange has said', () => {
    const limits = {
      'position-size': { share: 0.1 },
      'order-rate': false,
      'total-exposure': false,
      leverage: false,
    } as const
    const { desk, portfolio, sent, hear, refusals } = stand({ ...limits, 'stale-data': false })
    desk.order(0, { tag: 'a', side: 'buy', size: 6, price: 100 }, 'why')
    expect(sent().length).toBe(1)
    desk.amend('a', { size: 11 }, 'why')
    expect(sent()).toEqual([])
    expect(refusals).toEqual(['position-size MAX_POSITION'])
    desk.amend('a', { size: 9 }, 'why')
    expect(sent().length).toBe(1)
    expect(portfolio.openLots(0, 'buy')).toBe(900)
    hear({ kind: 'amend-rejected', clientId: 's.a.1', leftLots: 600 })
    expect(portfolio.openLots(0, 'buy')).toBe(600)
    desk.amend('a', { size: 1 }, 'why')
    expect(sent()).toMatchObject([{ kind: 'amend', verdicts: [] }])
    expect(portfolio.openLots(0, 'buy')).toBe(600)
  })

  test('spot: exits may be sent before there is anything to sell', () => {
    const spot = instrumentOf(perpetual({ type: 'spot', tickSize: 0.01, lotSize: 0.01 }), 0)
    const { desk, sent, refusals } = stand('off', '10000', [spot])
    desk.order(0, { ...buy, price: 99, bracket: { stop: 95, takeProfit: 110 } }, 'why')
    desk.order(0, { ...sell, tag: 'plain', price: 110 }, 'why')
    expect(sent().length).toBe(3)
    expect(refusals).toEqual(['funds NOT_ENOUGH_ASSET'])
  })
})
