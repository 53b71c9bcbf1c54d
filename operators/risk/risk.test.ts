import { describe, expect, test } from 'vitest'
import type { Execution, Signal } from '../../schemas/records.generated.ts'
import type { Market } from '../desk.ts'
import { type Instrument, instrumentOf } from '../instrument.ts'
import { textToE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import { perpetual } from '../portfolio/samples.ts'
import type { OrderWish } from '../sizing/sizing.ts'
import { unpack } from '../stage.ts'
import type { RunningCheck } from './check.ts'
import { checks, createRisk, Risk, type RiskConfig } from './index.ts'

const btc = instrumentOf(perpetual({ tickSize: 0.1, lotSize: 0.001, minNotional: 5 }), 0)
const eth = instrumentOf(perpetual({ symbol: 'ETHUSDT', tickSize: 0.01, lotSize: 0.01 }), 1)
const spot = instrumentOf(perpetual({ symbol: 'SPOT', type: 'spot', tickSize: 0.1, lotSize: 0.001 }), 2)
const instruments = [btc, eth, spot]
const day = 86_400_000_000
const noon = 19_000 * day + day / 2

/** An account of 10,000 with every market at 100, and a risk that asks what the config says. */
function desk(config: RiskConfig, cash = '10000') {
  const markets = instruments.map((instrument) => marketOf(instrument, 100))
  const portfolio = new AccountPortfolio({
    ...{ account: 'main', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8(cash), instruments },
  })
  for (const market of markets) portfolio.mark(market)
  const risk = createRisk(config, { account: 'main', markets, portfolio })
  let number = 0
  return {
    ...{ markets, portfolio, risk },
    /** Asks for an order, and sends it when it passes. */
    ask(side: 'buy' | 'sell', size: number, { instrument = btc, now = noon, price }: Asked = {}) {
      const decision = risk.check(wishOf(instrument, side, size, now, ++number, price))
      if (decision.order !== undefined) portfolio.sent(decision.order)
      return decision.order ?? decision.event
    },
    /** Fills as the venue would. */
    fill(side: 'buy' | 'sell', size: number, price: number, instrument = btc) {
      portfolio.apply(fillOf(instrument, side, size, price))
    },
    /** Moves a market. */
    move(price: number, instrument = btc, now = noon) {
      Object.assign(markets[instrument.index]!, marketOf(instrument, price, now))
      portfolio.mark(markets[instrument.index]!)
    },
  }
}

interface Asked {
  instrument?: Instrument
  now?: number
  price?: number
}

function marketOf(
  instrument: Instrument,
  price: number,
  received = noon,
): { -readonly [K in keyof Market]: Market[K] } {
  const ticks = Math.round(price / instrument.tickSize)
  return {
    ...{ instrument, bidTicks: ticks, bidLots: 1e6, askTicks: ticks, askLots: 1e6, lastTicks: ticks, markTicks: ticks },
    ...{ received, synced: true },
  }
}

function wishOf(
  instrument: Instrument,
  side: 'buy' | 'sell',
  size: number,
  now: number,
  number: number,
  price?: number,
): OrderWish {
  const { exchange, symbol } = instrument
  const signal: Signal = {
    ...{ time: now, received: now, exchange, symbol, account: 'main', strategy: 'test', number },
    ...{ action: 'order', reason: 'test' },
  }
  const lots = Math.round(size / instrument.lotSize)
  const how = price === undefined ? market : { ...limit, ticks: Math.round(price / instrument.tickSize) }
  return { kind: 'new', signal, instrument, side, lots, ticks: undefined, ...how }
}
const market = { type: 'market', timeInForce: 'ioc' } as const
const limit = { type: 'limit', timeInForce: 'gtc' } as const

function fillOf(instrument: Instrument, side: 'buy' | 'sell', size: number, price: number): Execution {
  const { exchange, symbol, tickSize, lotSize } = instrument
  return {
    ...{
      time: noon,
      received: noon,
      exchange,
      symbol,
      account: 'main',
      number: 1,
      clientId: 'other',
      strategy: 'test',
    },
    ...{ kind: 'fill', side, ticks: Math.round(price / tickSize), lots: Math.round(size / lotSize), leftLots: 0 },
    ...{ tickSize, lotSize, fee: 0n },
  }
}

/** Only one check beside those that are always asked. */
const only = (name: string, limits: object = {}): RiskConfig => ({
  ...Object.fromEntries(checks.filter((check) => check.always === undefined).map((check) => [check.name, false])),
  [name]: limits,
})

describe('an order that passes', () => {
  test('carries its client id and the verdict of every check, in their order', () => {
    const { ask } = desk('default')
    expect(ask('buy', 1, { price: 99.5 })).toMatchObject({
      ...{
        clientId: 'test.main.1',
        kind: 'new',
        side: 'buy',
        type: 'limit',
        timeInForce: 'gtc',
        lots: 1000,
        ticks: 995,
      },
      verdicts: [
        { check: 'instrument', allowed: true, value: 99.5, limit: 5 },
        { check: 'stale-data', allowed: true, value: 0, limit: 60_000 },
        { check: 'funds', allowed: true, value: 4.975, limit: 10_000 },
        { check: 'confidence', allowed: true, value: 1, limit: 0.6 },
        { check: 'position-size', allowed: true, value: 0.00995, limit: 0.1 },
        { check: 'trade-risk', allowed: true, value: 0, limit: 0.02 },
        { check: 'total-exposure', allowed: true, value: 0.00995, limit: 0.8 },
        { check: 'asset-exposure', allowed: true, value: 0.00995, limit: 0.2 },
        { check: 'leverage', allowed: true, value: 0.00995, limit: 3 },
        { check: 'max-positions', allowed: true, value: 1, limit: 10 },
        { check: 'order-rate', allowed: true, value: 1, limit: 10 },
        // Not warm yet: 99.5 of 10,000 at the assumed 5 % a day, 1.645 times.
        { check: 'value-at-risk', allowed: true, value: expect.closeTo(0.00995 * 0.05 * 1.644853627, 12), limit: 0.05 },
        { check: 'drawdown', allowed: true, value: 0, limit: 0.15 },
        { check: 'hourly-loss', allowed: true, value: 0, limit: 0.02 },
        { check: 'daily-loss', allowed: true, value: 0, limit: 0.05 },
        { check: 'weekly-loss', allowed: true, value: 0, limit: 0.1 },
        { check: 'losing-streak', allowed: true, value: 0, limit: 5 },
        { check: 'volatility', allowed: true, value: 0.05, limit: 0.05 },
        { check: 'correlation', allowed: true, value: 0, limit: 0.7 },
        { check: 'liquidity', allowed: true, value: 100_000, limit: 100_000 },
        { check: 'funding-rate', allowed: true, value: 0, limit: 0.01 },
        { check: 'slippage', allowed: true, value: 0, limit: 0.005 },
      ],
    })
    expect(ask('sell', 1)).toMatchObject({ clientId: 'test.main.2' })
  })

  test('with risk off has met only the instrument’s filters and the account’s funds', () => {
    const { ask } = desk('off')
    const order = ask('buy', 1000)
    expect(order).toMatchObject({ verdicts: [{ check: 'instrument' }, { check: 'funds' }] })
  })
})

test('an order that is rejected leaves an event with check, reason, value and limit', () => {
  const { ask } = desk('default')
  expect(ask('buy', 11)).toMatchObject({
    ...{ account: 'main', strategy: 'test', signal: 1, symbol: 'BTCUSDT', check: 'position-size', action: 'rejected' },
    ...{ reason: 'MAX_POSITION', value: 0.11, limit: 0.1, detail: 'the position could become 11 % of equity' },
  })
})

describe('instrument', () => {
  test('refuses what is below the smallest order value, or has no price yet', () => {
    const { ask, markets } = desk('off')
    expect(ask('buy', 0.049)).toMatchObject({ reason: 'MIN_NOTIONAL', value: 4.9, limit: 5 })
    expect(ask('buy', 0.05)).toMatchObject({ kind: 'new' })
    Object.assign(markets[0]!, { askTicks: Number.NaN, markTicks: Number.NaN })
    expect(ask('buy', 1)).toMatchObject({ check: 'instrument', reason: 'NOT_A_NUMBER' })
  })

  test('refuses lots and ticks that are not whole', () => {
    const { risk } = desk('off')
    const wish = wishOf(btc, 'buy', 1, noon, 1, 100)
    expect(risk.check({ ...wish, lots: 1.5 }).event).toMatchObject({ reason: 'LOT_SIZE' })
    expect(risk.check({ ...wish, lots: 0 }).event).toMatchObject({ reason: 'LOT_SIZE' })
    expect(risk.check({ ...wish, ticks: 0 }).event).toMatchObject({ reason: 'TICK_SIZE' })
  })
})

describe('funds', () => {
  test('let no spot account sell what it has not, open sells counted', () => {
    const { ask, fill } = desk('off')
    const sell = (size: number) => ask('sell', size, { instrument: spot, price: 100 })
    expect(sell(1)).toMatchObject({ reason: 'NOT_ENOUGH_ASSET', value: 1, limit: 0 })
    fill('buy', 2, 100, spot)
    expect(sell(1.5)).toMatchObject({ kind: 'new' })
    expect(sell(0.6)).toMatchObject({ reason: 'NOT_ENOUGH_ASSET', value: 2.1, limit: 2 })
    expect(sell(0.5)).toMatchObject({ kind: 'new' })
  })

  test('let no spot account spend what it has not, open buys and fees counted', () => {
    const { ask } = desk('off')
    const buy = (size: number) => ask('buy', size, { instrument: spot, price: 100 })
    expect(buy(100)).toMatchObject({ reason: 'NOT_ENOUGH_CASH', limit: 10_000 })
    expect(buy(60)).toMatchObject({ kind: 'new' })
    expect(buy(40)).toMatchObject({ reason: 'NOT_ENOUGH_CASH' })
    expect(buy(39)).toMatchObject({ kind: 'new' })
  })

  test('ask contracts for their margin over all instruments, and let positions be closed without', () => {
    const { ask, fill, move } = desk('off')
    expect(ask('buy', 2001)).toMatchObject({ reason: 'NOT_ENOUGH_MARGIN', value: 10_005, limit: 10_000 })
    fill('buy', 1900, 100)
    expect(ask('sell', 101, { instrument: eth })).toMatchObject({ reason: 'NOT_ENOUGH_MARGIN' })
    expect(ask('sell', 99, { instrument: eth })).toMatchObject({ kind: 'new' })
    move(94)
    expect(ask('buy', 1)).toMatchObject({ reason: 'NOT_ENOUGH_MARGIN' })
    expect(ask('sell', 1900)).toMatchObject({ kind: 'new' })
  })
})

test('position size counts open orders of the same side, and passes what only takes from a position', () => {
  const { ask } = desk(only('position-size'))
  expect(ask('buy', 6)).toMatchObject({ kind: 'new' })
  expect(ask('buy', 5)).toMatchObject({ reason: 'MAX_POSITION', value: 0.11 })
  expect(ask('sell', 10)).toMatchObject({ kind: 'new' })
  const other = desk(only('position-size'))
  other.fill('buy', 50, 100)
  expect(other.ask('sell', 45)).toMatchObject({ kind: 'new' })
  expect(other.ask('sell', 20)).toMatchObject({ reason: 'MAX_POSITION' })
})

test('total exposure is the sum over instruments', () => {
  const { ask, fill } = desk(only('total-exposure'))
  fill('sell', 50, 100, eth)
  expect(ask('buy', 31)).toMatchObject({ reason: 'MAX_EXPOSURE', value: 0.81, limit: 0.8 })
  expect(ask('buy', 30)).toMatchObject({ kind: 'new' })
})

test('leverage is the value of all contracts over equity', () => {
  const { ask, fill, move } = desk(only('leverage', { times: 2 }))
  fill('buy', 150, 100)
  expect(ask('buy', 51)).toMatchObject({ reason: 'MAX_LEVERAGE', limit: 2 })
  move(80) // 3,000 lost: 12,000 / 7,000
  expect(ask('buy', 26)).toMatchObject({ reason: 'MAX_LEVERAGE' })
  expect(ask('buy', 24)).toMatchObject({ kind: 'new' })
})

test('the order rate counts orders that passed within a second and within a UTC day', () => {
  const { ask } = desk(only('order-rate', { perSecond: 2, perDay: 4 }))
  const at = (now: number) => ask('buy', 0.1, { now })
  expect(at(noon)).toMatchObject({ kind: 'new' })
  expect(at(noon + 10)).toMatchObject({ kind: 'new' })
  expect(at(noon + 999_999)).toMatchObject({ reason: 'ORDERS_PER_SECOND', value: 3, limit: 2 })
  expect(at(noon + 1_000_000)).toMatchObject({ kind: 'new' })
  expect(at(noon + 5_000_000)).toMatchObject({ kind: 'new' })
  expect(at(noon + 9_000_000)).toMatchObject({ reason: 'ORDERS_PER_DAY', limit: 4 })
  expect(at(noon + day)).toMatchObject({ kind: 'new' })
})

test('a daily loss halts until the next UTC day, though equity recovers; closing is let through', () => {
  const { ask, fill, move, risk } = desk(only('daily-loss'))
  fill('buy', 10, 100)
  risk.instant(noon, noon)
  move(50)
  risk.instant(noon + 60e6, noon)
  expect(risk.events()).toMatchObject([
    { check: 'daily-loss', action: 'halted', reason: 'DAILY_LOSS', value: 0.05, limit: 0.05 },
  ])
  move(100)
  expect(ask('buy', 1, { now: noon + 61e6 })).toMatchObject({
    reason: 'DAILY_LOSS',
    detail: 'halted until the next UTC day',
  })
  expect(ask('sell', 5, { now: noon + 62e6 })).toMatchObject({ kind: 'new' })
  expect(risk.events()).toEqual([])
  risk.instant(noon + day / 2, noon)
  expect(risk.events()).toMatchObject([{ action: 'resumed' }])
  expect(ask('buy', 1, { now: noon + day / 2 + 1 })).toMatchObject({ kind: 'new' })
})

test('a drawdown is measured from the highest equity seen', () => {
  const { ask, fill, move, risk } = desk(only('drawdown', { share: 0.1 }))
  fill('buy', 50, 100)
  move(140)
  risk.instant(noon, noon)
  move(115) // 12,000 → 10,750: 10.4 % down
  expect(ask('buy', 1)).toMatchObject({ reason: 'MAX_DRAWDOWN', limit: 0.1, value: 1250 / 12_000 })
  expect(ask('sell', 50)).toMatchObject({ kind: 'new' })
  move(117)
  expect(ask('buy', 1)).toMatchObject({ kind: 'new' })
})

test('M1: nothing is ordered on a book that is out of sync, nor on data that are old', () => {
  const { ask, markets } = desk(only('stale-data', { maxAgeMs: 500 }))
  expect(ask('buy', 1, { now: noon + 500_000 })).toMatchObject({ kind: 'new' })
  expect(ask('buy', 1, { now: noon + 500_001 })).toMatchObject({ reason: 'STALE_DATA', limit: 500 })
  markets[0]!.synced = false
  expect(ask('buy', 1)).toMatchObject({ reason: 'BOOK_NOT_SYNCED' })
  Object.assign(markets[0]!, { synced: true, received: Number.NaN })
  expect(ask('buy', 1)).toMatchObject({ reason: 'NOT_A_NUMBER' })
})

describe('fails closed', () => {
  const riskOf = (check: RunningCheck['check']) => {
    const { markets, portfolio } = desk('off')
    return new Risk([{ name: 'broken', running: { check } }], { account: 'main', markets, portfolio })
  }

  test('a check that throws is a no', () => {
    const risk = riskOf(() => {
      throw new Error('no such limit')
    })
    expect(risk.check(wishOf(btc, 'buy', 1, noon, 1)).event).toMatchObject({
      ...{ check: 'broken', action: 'rejected', reason: 'CHECK_FAILED', detail: 'no such limit' },
    })
  })

  test('every check that looks at equity refuses an account whose equity is no number', () => {
    const { markets, portfolio } = desk('off')
    const nowhere = Object.assign(Object.create(portfolio), { equity: () => Number.NaN, freeCash: () => Number.NaN })
    const others = [
      'emergency',
      'instrument',
      'stale-data',
      'max-positions',
      'order-rate',
      'confidence',
      'losing-streak',
    ]
    const ofMarket = ['volatility', 'correlation', 'liquidity', 'funding-rate', 'slippage']
    for (const check of checks.filter(({ name }) => ![...others, ...ofMarket].includes(name))) {
      const running = check.create(check.config.parse({}))
      const risk = new Risk([{ name: check.name, running }], { account: 'main', markets, portfolio: nowhere })
      const wish = wishOf(btc, 'buy', 1, noon, 1)
      const withStop = { ...wish, signal: { ...wish.signal, stop: 99 } }
      expect(risk.check(withStop).event, check.name).toMatchObject({ check: check.name })
    }
  })

  test('but a cancel always passes', () => {
    const risk = riskOf(() => {
      throw new Error('everything is down')
    })
    const { signal } = wishOf(btc, 'buy', 1, noon, 1)
    const cancel = {
      kind: 'cancel',
      signal: { ...signal, action: 'cancel' },
      instrument: btc,
      clientId: 'test.main.1',
    } as const
    expect(risk.check(cancel).order).toMatchObject({ kind: 'cancel', clientId: 'test.main.1', verdicts: [] })
  })
})

test('a saved risk goes on as the one it was saved from', () => {
  const config: RiskConfig = { 'order-rate': { perSecond: 3 }, drawdown: { share: 0.01 } }
  const [one, two] = [desk(config), desk(config)]
  one.ask('buy', 1)
  one.ask('buy', 1)
  one.fill('buy', 100, 100)
  one.move(99.9)
  one.risk.instant(noon, noon)
  two.portfolio.load(one.portfolio.save())
  two.risk.load(one.risk.save())
  two.move(99.9)
  const said = ({ ask }: typeof one) => [1, 2, 3].map((size) => ({ ...ask('sell', size), signal: 0 }))
  expect(said(two)).toEqual(said(one))
  expect(unpack(two.risk.save())).toEqual(unpack(one.risk.save()))
})

describe('a config', () => {
  const fault = (config: RiskConfig) => {
    try {
      desk(config)
    } catch (error) {
      return error as Error & { fix?: string }
    }
    throw new Error('no fault')
  }

  test('with an unknown check or limit, or a wrong value, is refused with the nearest name', () => {
    expect(fault({ 'positon-size': {} })).toMatchObject({
      code: 'CONFIG_INVALID',
      fix: 'did you mean "position-size"?',
    })
    expect(fault({ drawdown: { shrae: 1 } })).toMatchObject({ fix: 'did you mean "share"?' })
    expect(fault({ drawdown: { share: 2 } }).message).toBe(
      'risk drawdown: share = 2; allowed: a number above 0 at most 1',
    )
    expect(fault({ drawdown: 0.1 }).message).toContain('drawdown = 0.1; allowed: its limits, or false')
  })

  test('cannot leave out what an order makes no sense without', () => {
    expect(fault({ funds: false }).message).toContain('it cannot be left out')
  })
})
