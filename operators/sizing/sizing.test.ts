import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Order, Signal } from '../../schemas/records.generated.ts'
import type { Market } from '../desk.ts'
import { instrumentOf, priceOf, sizeOf } from '../instrument.ts'
import { textToE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import { perpetual } from '../portfolio/samples.ts'
import { ladders, type RiskRegime } from '../regime/ladders.ts'
import { riskProfiles } from '../regime/profiles.ts'
import { createSizing as createRules, fixedFractionalSize, lotsWithin, type SizingView, ticksWithin } from './index.ts'

const createSizing = (config: Parameters<typeof createRules>[0]) =>
  createRules(config, { instruments: [instrument], barUs: undefined })

const instrument = instrumentOf(perpetual({ tickSize: 0.01, lotSize: 0.01 }), 0)

describe('rounding', () => {
  test('O9: 0.35 on ticks of 0.01 stays 0.35, and 0.29 floored to 0.01 is 0.29', () => {
    expect(priceOf(instrument, ticksWithin(instrument, 0.35, 'buy'))).toBe(0.35)
    expect(priceOf(instrument, ticksWithin(instrument, 0.35, 'sell'))).toBe(0.35)
    expect(sizeOf(instrument, lotsWithin(instrument, 0.29))).toBe(0.29)
    expect(lotsWithin(instrument, 0.299999)).toBe(29)
    expect(lotsWithin(instrument, -0.299999)).toBe(-29)
    expect(lotsWithin(instrument, Number.NaN)).toBeNaN()
  })

  test('keeps every decimal that is on the grid, and rounds others down for size and buys, up for sells', () => {
    const steps = fc.constantFrom(0.1, 0.01, 0.001, 0.00001, 1e-8, 0.5, 0.25, 1, 5, 10)
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0.001, max: 0.999 }),
        (step, count, part) => {
          const one = instrumentOf(perpetual({ tickSize: step, lotSize: step }), 0)
          const [on, next] = [sizeOf(one, count), sizeOf(one, count + 1)]
          expect(lotsWithin(one, on)).toBe(count)
          expect(ticksWithin(one, on, 'buy')).toBe(count)
          expect(ticksWithin(one, on, 'sell')).toBe(count)
          const between = on + (next - on) * part
          if (!(between > on && between < next)) return
          expect(lotsWithin(one, between)).toBe(count)
          expect(ticksWithin(one, between, 'buy')).toBe(count)
          expect(ticksWithin(one, between, 'sell')).toBe(count + 1)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

const base: Signal = {
  ...{ time: 1, received: 1, exchange: 'binance-usdm', symbol: 'BTCUSDT', account: 'a', strategy: 's', number: 1 },
  ...{ action: 'target', reason: 'because' },
}

function view(changes: Partial<SizingView> = {}): SizingView {
  const market: Market = {
    ...{ instrument, bidTicks: 9999, bidLots: 5, askTicks: 10_001, askLots: 5, lastTicks: 10_000, markTicks: 10_000 },
    ...{ received: 1, synced: true },
  }
  const portfolio = new AccountPortfolio({
    ...{ account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8('10000'), instruments: [instrument] },
  })
  return { instrument, market, portfolio, clientIdOf: () => undefined, parentOf: () => undefined, ...changes }
}

const fixed = createSizing({ name: 'fixed' })

describe('a target', () => {
  test('O10: of 1.17 is an order of 1.17', () => {
    const wish = fixed.wish({ ...base, target: 1.17 }, view())
    expect(wish).toMatchObject({ kind: 'new', side: 'buy', type: 'market', timeInForce: 'ioc', lots: 117 })
    expect(fixed.wish({ ...base, target: -1.17 }, view())).toMatchObject({ side: 'sell', lots: 117 })
  })

  test('asks for the difference to what is held and what other targets already brought on its way', () => {
    const seen = view()
    const { exchange, symbol, tickSize, lotSize } = instrument
    const order: Order = {
      ...{ time: 1, received: 1, exchange, symbol, account: 'a', clientId: '1', strategy: 's', signal: 1, kind: 'new' },
      ...{ side: 'buy', type: 'market', lots: 100, tickSize, lotSize, verdicts: [] },
    }
    seen.portfolio.sent(order)
    expect(fixed.wish({ ...base, target: 1 }, seen)).toBeUndefined()
    expect(fixed.wish({ ...base, target: -1 }, seen)).toMatchObject({ side: 'sell', lots: 200 })
    seen.portfolio.apply({
      ...{
        time: 1,
        received: 1,
        exchange,
        symbol,
        account: 'a',
        number: 1,
        clientId: '1',
        strategy: 's',
        kind: 'fill',
      },
      ...{ side: 'buy', ticks: 10_000, lots: 40, leftLots: 60, tickSize, lotSize, fee: 0n },
    })
    expect(fixed.wish({ ...base, target: 0 }, seen)).toMatchObject({ side: 'sell', lots: 100 })
    seen.portfolio.sent({ ...order, clientId: '2', tag: 'quote' })
    expect(fixed.wish({ ...base, target: 0 }, seen)).toMatchObject({ side: 'sell', lots: 100 })
  })

  test('below nothing on spot, which cannot be held short, sells what is held; with nothing held risk says no', () => {
    const spot = instrumentOf(perpetual({ type: 'spot', tickSize: 0.01, lotSize: 0.01 }), 0)
    const of = { account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8('10000') }
    const seen = view({ instrument: spot, portfolio: new AccountPortfolio({ ...of, instruments: [spot] }) })
    expect(fixed.wish({ ...base, target: -1 }, seen)).toMatchObject({ side: 'sell', lots: 100 })
    const { exchange, symbol, tickSize, lotSize } = spot
    seen.portfolio.apply({
      ...{ time: 1, received: 1, exchange, symbol, account: 'a', number: 1, clientId: '1', strategy: 's' },
      ...{ kind: 'fill', side: 'buy', ticks: 10_000, lots: 40, leftLots: 0, tickSize, lotSize, fee: 0n },
    })
    expect(fixed.wish({ ...base, target: -1 }, seen)).toMatchObject({ side: 'sell', lots: 40 })
    expect(fixed.wish({ ...base, target: 1 }, seen)).toMatchObject({ side: 'buy', lots: 60 })
  })

  test('that is no number is refused', () => {
    expect(fixed.wish({ ...base, target: Number.NaN }, view())).toMatchObject({
      kind: 'refused',
      reason: 'NOT_A_NUMBER',
    })
    expect(fixed.wish(base, view())).toMatchObject({ kind: 'refused', check: 'sizing', reason: 'NOT_A_NUMBER' })
  })
})

test('an order keeps its kind, its price on the grid and its size times the factor', () => {
  const order: Signal = { ...base, action: 'order', tag: 't', side: 'sell', type: 'limit', price: 100.001, size: 0.5 }
  const twice = createSizing({ name: 'fixed', factor: 2 })
  expect(twice.wish(order, view())).toMatchObject({
    side: 'sell',
    type: 'limit',
    timeInForce: 'gtc',
    lots: 100,
    ticks: 10_001,
  })
  expect(fixed.wish({ ...order, side: 'buy', timeInForce: 'gtx' }, view())).toMatchObject({
    timeInForce: 'gtx',
    ticks: 10_000,
  })
  expect(fixed.wish({ ...order, size: 0.001 }, view())).toMatchObject({
    kind: 'refused',
    reason: 'UNDER_ONE_LOT',
    limit: 0.01,
  })
  expect(fixed.wish({ ...order, price: undefined }, view())).toMatchObject({ kind: 'refused', reason: 'NO_PRICE' })
})

test('a cancel wishes for the order that it means, and for nothing when there is none', () => {
  const cancel: Signal = { ...base, action: 'cancel', tag: 'bid' }
  expect(fixed.wish(cancel, view())).toBeUndefined()
  expect(fixed.wish(cancel, view({ clientIdOf: ({ tag }) => `${tag}-7` }))).toMatchObject({
    kind: 'cancel',
    clientId: 'bid-7',
  })
})

describe('fixed fractional', () => {
  const rule = createSizing({ name: 'fixed-fractional', risk: 0.01 })

  test('loses the stated share of equity when the stop is hit', () => {
    // 1 % of 10,000 is 100; from the ask at 100.01 to a stop at 99.01 a unit loses 1.
    expect(rule.wish({ ...base, target: 1, stop: 99.01 }, view())).toMatchObject({ side: 'buy', lots: 10_000 })
    expect(rule.wish({ ...base, target: -1, stop: 101.99 }, view())).toMatchObject({ side: 'sell', lots: 5_000 })
    expect(rule.wish({ ...base, target: 0 }, view())).toBeUndefined()
  })

  test('loses that share of inverse contracts, too', () => {
    const inverse = instrumentOf(perpetual({ lotSize: 1, contractSize: 100, inverse: true, tickSize: 0.01 }), 0)
    const seen = view({ instrument: inverse })
    const wish = rule.wish(
      { ...base, action: 'order', side: 'buy', type: 'limit', price: 100, stop: 80, size: 1 },
      seen,
    )
    // 100 coins at risk; a contract of 100 USD loses 100 / 80 − 100 / 100 = 0.25 of them.
    expect(wish).toMatchObject({ lots: 400 })
  })

  test('without a stop, or with one at the price, is refused', () => {
    expect(rule.wish({ ...base, target: 1 }, view())).toMatchObject({ kind: 'refused', reason: 'NO_STOP' })
    expect(rule.wish({ ...base, target: 1, stop: 100.01 }, view())).toMatchObject({ reason: 'STOP_AT_PRICE' })
  })

  test('takes the stop of its config where a signal has none, on the losing side of the price', () => {
    const withStop = createSizing({ name: 'fixed-fractional', risk: 0.01, stop: 0.01 })
    // 100 at risk; a hundredth of 100.01, and of the bid at 99.99.
    expect(withStop.wish({ ...base, target: 1 }, view())).toMatchObject({ side: 'buy', lots: 9_999 })
    expect(withStop.wish({ ...base, target: -1 }, view())).toMatchObject({ side: 'sell', lots: 10_001 })
    expect(withStop.wish({ ...base, target: 1, stop: 99.01 }, view())).toMatchObject({ lots: 10_000 })
  })

  test('is equity × risk / distance to the stop', () => {
    expect(fixedFractionalSize({ equity: 50_000, risk: 0.02, price: 250, stopPrice: 240 })).toBe(100)
    for (const wrong of [{ risk: 2 }, { equity: 0 }, { stopPrice: 250 }, { price: Number.NaN }]) {
      const given = { equity: 50_000, risk: 0.02, price: 250, stopPrice: 240, ...wrong }
      expect(() => fixedFractionalSize(given)).toThrow('allowed is')
    }
  })
})

describe('a risk profile', () => {
  const scaled = (regime: RiskRegime, held = 0) => {
    const seen = view({ profile: riskProfiles[regime] })
    const { exchange, symbol, tickSize, lotSize } = instrument
    if (held !== 0) {
      seen.portfolio.apply({
        ...{ time: 1, received: 1, exchange, symbol, account: 'a', number: 1, clientId: '1', strategy: 's' },
        ...{ kind: 'fill', side: held > 0 ? 'buy' : 'sell', ticks: 10_000, lots: Math.abs(held), leftLots: 0 },
        ...{ tickSize, lotSize, fee: 0n },
      })
    }
    return seen
  }
  const changeTo = (target: number, regime: RiskRegime, held = 0) => {
    const wish = fixed.wish({ ...base, target }, scaled(regime, held))
    return wish === undefined ? 0 : wish.kind === 'new' ? (wish.side === 'buy' ? wish.lots : -wish.lots) : Number.NaN
  }

  test('multiplies what opens or grows a position', () => {
    expect(changeTo(1, 'NORMAL')).toBe(100)
    expect(changeTo(1, 'CRASH')).toBe(20)
    expect(changeTo(-0.9, 'RECOVERY')).toBe(-63)
    expect(changeTo(1, 'BULL_RUN', 100)).toBe(50)
    expect(changeTo(1, 'VOLATILE', 20)).toBe(30)
  })

  test('closes what was asked to be closed, whole, and scales only what is opened the other way', () => {
    expect(changeTo(0, 'CRASH', 100)).toBe(-100)
    expect(changeTo(-1, 'CRASH', 100)).toBe(-120)
    expect(changeTo(0.3, 'CRASH', 100)).toBe(-70)
  })

  test('sells nothing by itself: what is held stays while it is still asked for', () => {
    expect(changeTo(1, 'CRASH', 100)).toBe(0)
    expect(changeTo(1, 'VOLATILE', 70)).toBe(0)
  })

  test('a target asked for again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ladders.risk),
        fc.integer({ min: -500, max: 500 }),
        fc.integer({ min: -500, max: 500 }),
        (regime, target, held) => {
          const reached = held + changeTo(target / 100, regime, held)
          expect(changeTo(target / 100, regime, reached)).toBe(0)
          // And where less is asked for than is held, no more stays than the profile or the wish says.
          const most = Math.abs(target) * Math.max(1, riskProfiles[regime].position)
          if (Math.abs(target) < Math.abs(held)) expect(Math.abs(reached)).toBeLessThanOrEqual(most + 1e-9)
        },
      ),
    )
  })

  test('multiplies an order only by what it opens', () => {
    const order: Signal = { ...base, action: 'order', tag: 't', side: 'sell', type: 'market', size: 1.5 }
    expect(fixed.wish(order, scaled('VOLATILE'))).toMatchObject({ side: 'sell', lots: 75 })
    expect(fixed.wish(order, scaled('VOLATILE', 100))).toMatchObject({ side: 'sell', lots: 125 })
    expect(fixed.wish(order, scaled('CRASH', 200))).toMatchObject({ side: 'sell', lots: 150 })
    expect(fixed.wish({ ...order, size: 0.01 }, scaled('CRASH'))).toMatchObject({ reason: 'UNDER_ONE_LOT' })
  })

  test('says what a trade may lose, and widens the default stop', () => {
    const rule = createSizing({ name: 'fixed-fractional', risk: 'regime', stop: 0.01 })
    // NORMAL: 2 % of 10,000 at a stop 1 % below 100.01.
    expect(rule.wish({ ...base, target: 1 }, scaled('NORMAL'))).toMatchObject({ lots: 19_998 })
    // CRASH: 0.5 %, a stop twice as far, and a fifth of that.
    expect(rule.wish({ ...base, target: 1 }, scaled('CRASH'))).toMatchObject({ lots: 499 })
    expect(rule.wish({ ...base, target: 1 }, view())).toMatchObject({ kind: 'refused', reason: 'NO_REGIME' })
    expect(() => createSizing({ name: 'fixed-fractional', risk: 'regmie' })).toThrow(
      'risk = regmie; allowed: a number above 0 at most 1, or regime',
    )
    expect(() => createSizing({ name: 'fixed-fractional', risk: '0.02' })).not.toThrow()
  })
})

test('an unknown rule or parameter is refused with the nearest name', () => {
  const fix = (config: { name: string; [key: string]: unknown }) => {
    try {
      createSizing(config)
    } catch (error) {
      return (error as { fix?: string }).fix
    }
  }
  expect(fix({ name: 'fixd' })).toBe('did you mean "fixed"?')
  expect(fix({ name: 'fixed', factr: 2 })).toBe('did you mean "factor"?')
})
