import { describe, expect, test } from 'vitest'
import type { Execution, Signal } from '../../schemas/records.generated.ts'
import type { Market } from '../desk.ts'
import { type Instrument, instrumentOf } from '../instrument.ts'
import { textToE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import { perpetual } from '../portfolio/samples.ts'
import { createSizing, type RuleConfig, type SizingView } from './index.ts'
import { TripRecord } from './trip-record.ts'

const linear = instrumentOf(perpetual({ tickSize: 0.01, lotSize: 0.01 }), 0)
const inverse = instrumentOf(perpetual({ lotSize: 1, contractSize: 100, inverse: true, tickSize: 0.01 }), 0)
const minute = 60e6

const signal: Signal = {
  ...{ time: 1, received: 1, exchange: 'binance-usdm', symbol: 'BTCUSDT', account: 'a', strategy: 's', number: 1 },
  ...{ action: 'target', target: 1, reason: 'because' },
}

/** An account of 10,000, and a market at 100. */
function viewOf(instrument: Instrument): SizingView {
  const market: Market = {
    ...{ instrument, bidTicks: 10_000, bidLots: 5, askTicks: 10_000, askLots: 5, lastTicks: 10_000, markTicks: 10_000 },
    ...{ received: 1, synced: true },
  }
  const portfolio = new AccountPortfolio({
    ...{ account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8('10000'), instruments: [instrument] },
  })
  return { instrument, market, portfolio, clientIdOf: () => undefined, parentOf: () => undefined }
}

const rules = (config: RuleConfig | RuleConfig[], barUs: number | undefined = minute, instrument = linear) =>
  createSizing(config, { instruments: [instrument], barUs })

const bar = (high: number, low: number, close: number) => ({
  ...{ instrument: 0, time: 0, openTime: 0, interval: '1m', open: close, high, low, close, volume: 1 },
})

describe('a share of equity', () => {
  test('is what the position is worth, in contracts that are paid in coins too', () => {
    expect(rules({ name: 'equity-share', share: 0.5 }).wish(signal, viewOf(linear))).toMatchObject({ lots: 5000 })
    // 5,000 coins at 100 USD are 500,000 USD: 5,000 contracts of 100.
    const wish = rules({ name: 'equity-share', share: 0.5 }, minute, inverse).wish(signal, viewOf(inverse))
    expect(wish).toMatchObject({ lots: 5000 })
  })
})

describe('FR-403: average true range', () => {
  test('sizes so that the distance costs the share, and refuses before it is known', () => {
    const sizing = rules({ name: 'atr', risk: 0.02, multiplier: 2, period: 2 })
    const wish = () => sizing.wish(signal, viewOf(linear))
    expect(wish()).toMatchObject({ kind: 'refused', reason: 'NOT_WARM' })
    for (const close of [100, 101, 100]) sizing.bar!(bar(close + 1, close - 1, close))
    // Ranges of 2 and 2; 200 at risk over a distance of 4.
    expect(wish()).toMatchObject({ side: 'buy', lots: 5000 })
  })

  test('of contracts paid in coins loses the share of coins', () => {
    const sizing = rules({ name: 'atr', risk: 0.01, multiplier: 10, period: 1 }, minute, inverse)
    for (const close of [100, 100]) sizing.bar!(bar(close + 1, close - 1, close))
    // 100 coins from 100 to 80: a contract of 100 USD loses 100 / 80 − 100 / 100 = 0.25 of them.
    expect(sizing.wish(signal, viewOf(inverse))).toMatchObject({ lots: 400 })
  })

  test('without bars is refused before the run begins', () => {
    expect(() => createSizing({ name: 'atr' }, { instruments: [linear], barUs: undefined })).toThrow('needs bars')
    expect(() => rules({ name: 'volatility-target' }, Number.NaN)).toThrow('needs time bars')
  })
})

describe('a volatility target', () => {
  test('halves the position when the market moves twice as much', () => {
    const lotsAt = (change: number) => {
      const sizing = rules({ name: 'volatility-target', target: 0.1, bars: 4, most: 100 })
      for (const close of [100, 100 * (1 + change), 100, 100 * (1 + change), 100]) sizing.bar!(bar(close, close, close))
      const wish = sizing.wish(signal, viewOf(linear))
      return wish?.kind === 'new' ? wish.lots : Number.NaN
    }
    const [one, two] = [lotsAt(0.001), lotsAt(0.002)]
    expect(one / two).toBeCloseTo(2, 2)
    // √(mean r² · 525,600) of returns of 0.1 % is 0.725: 0.1 / 0.725 of 10,000, at 100.
    expect(one / 100).toBeCloseTo((100 * 0.1) / (0.001 * Math.sqrt(525_600)), 0)
  })

  test('says no more than it may, also in a market that stands still', () => {
    const sizing = rules({ name: 'volatility-target', bars: 2, most: 3 })
    for (const close of [100, 100, 100]) sizing.bar!(bar(close, close, close))
    expect(sizing.wish(signal, viewOf(linear))).toMatchObject({ lots: 30_000 })
  })
})

describe('confidence', () => {
  const sizing = rules([{ name: 'equity-share', share: 0.1 }, { name: 'confidence' }])

  test('makes the size half as large again where it is certain', () => {
    expect(sizing.wish({ ...signal, confidence: 1 }, viewOf(linear))).toMatchObject({ lots: 1500 })
    expect(sizing.wish({ ...signal, confidence: 0.75 }, viewOf(linear))).toMatchObject({ lots: 1250 })
  })

  test('below the least, or unsaid, is refused', () => {
    expect(sizing.wish({ ...signal, confidence: 0.59 }, viewOf(linear))).toMatchObject({ reason: 'LOW_CONFIDENCE' })
    expect(sizing.wish(signal, viewOf(linear))).toMatchObject({ kind: 'refused', reason: 'NO_CONFIDENCE' })
  })
})

describe('rules one after another', () => {
  test('cap each other, whichever comes first', () => {
    const [large, small] = [
      { name: 'equity-share', share: 0.5 },
      { name: 'equity-share', share: 0.2 },
    ]
    for (const list of [
      [large, small],
      [small, large],
    ])
      expect(rules(list).wish(signal, viewOf(linear))).toMatchObject({ lots: 2000 })
    expect(rules([small, large, { name: 'fixed', factor: 3 }]).wish(signal, viewOf(linear))).toMatchObject({
      lots: 6000,
    })
  })

  test('refuse where one of them does, and an empty list is none', () => {
    const refused = rules([{ name: 'equity-share' }, { name: 'fixed-fractional' }]).wish(signal, viewOf(linear))
    expect(refused).toMatchObject({ kind: 'refused', reason: 'NO_STOP' })
    expect(() => rules([])).toThrow('at least one rule is needed')
  })
})

const execution = (change: Partial<Execution>): Execution => ({
  ...{ time: 1, received: 1, exchange: linear.exchange, symbol: linear.symbol, account: 'a', number: 1, clientId: '1' },
  ...{ strategy: 's', kind: 'fill', leftLots: 0, tickSize: 0.01, lotSize: 0.01, fee: 0n },
  ...change,
})

describe('FR-402: round trips for Kelly', () => {
  const record = () => new TripRecord([linear], 3)

  test('are returns on what was entered, after fees and funding', () => {
    const trips = record()
    trips.heard(execution({ side: 'buy', ticks: 10_000, lots: 100, fee: 10_000_000n }))
    trips.heard(execution({ side: 'buy', ticks: 10_200, lots: 100, fee: 10_000_000n }))
    trips.heard(execution({ kind: 'funding', fee: 30_000_000n }))
    trips.heard(execution({ kind: 'accepted' }))
    trips.heard(execution({ side: 'sell', ticks: 10_300, lots: 50 }))
    expect(trips.trips.count).toBe(0)
    trips.heard(execution({ side: 'sell', ticks: 10_300, lots: 150 }))
    // 4 earned by price, 0.5 paid, on 202 entered.
    expect(trips.trips).toMatchObject({ count: 1, wins: 1 })
    expect(trips.trips.won).toBeCloseTo(3.5 / 202, 12)
  })

  test('that turn round end one and begin the next', () => {
    const trips = record()
    trips.heard(execution({ side: 'buy', ticks: 10_000, lots: 100 }))
    trips.heard(execution({ side: 'sell', ticks: 9_900, lots: 300 }))
    trips.heard(execution({ side: 'buy', ticks: 9_801, lots: 200 }))
    expect(trips.trips).toMatchObject({ count: 2, wins: 1 })
    expect(trips.trips.lost).toBeCloseTo(0.01, 12)
    expect(trips.trips.won).toBeCloseTo(0.01, 12)
  })

  test('are forgotten from the oldest on, and saved', () => {
    const trips = record()
    const round = (exit: number) => {
      trips.heard(execution({ side: 'buy', ticks: 10_000, lots: 1 }))
      trips.heard(execution({ side: 'sell', ticks: exit, lots: 1 }))
    }
    for (const exit of [20_000, 9_900, 10_100, 9_900]) round(exit)
    const again = record()
    again.load(structuredClone(trips.save()))
    expect(again.trips).toEqual(trips.trips)
    expect(again.trips).toMatchObject({ count: 3, wins: 1 })
  })
})

describe('FR-402: Kelly', () => {
  const sizing = (start: number) => rules({ name: 'kelly', least: 2, fraction: 1, most: 1, start })
  const trip = (one: ReturnType<typeof sizing>, exit: number) => {
    one.execution!(execution({ side: 'buy', ticks: 10_000, lots: 1 }))
    one.execution!(execution({ side: 'sell', ticks: exit, lots: 1 }))
  }

  test('stakes what the formula says of its own trips, and its start before them', () => {
    const one = sizing(0.02)
    expect(one.wish(signal, viewOf(linear))).toMatchObject({ lots: 200 })
    trip(one, 10_300)
    trip(one, 9_900)
    // Half of them win, three times what the others lose: ½ − ½ / 3.
    expect(one.wish(signal, viewOf(linear))).toMatchObject({ lots: 3333 })
  })

  test('stakes nothing without an edge, and nothing before it is believed where the start is 0', () => {
    const one = sizing(0)
    expect(one.wish(signal, viewOf(linear))).toMatchObject({ kind: 'refused', reason: 'NOT_WARM' })
    trip(one, 9_900)
    trip(one, 10_050)
    expect(one.wish(signal, viewOf(linear))).toMatchObject({ kind: 'refused', reason: 'NO_EDGE', value: 0.5 })
    const probing = rules({ name: 'kelly', least: 1, probe: 0.01 })
    trip(probing, 9_900)
    expect(probing.wish(signal, viewOf(linear))).toMatchObject({ lots: 100 })
  })
})

test('a turn whose new side cannot be sized closes the old one', () => {
  const view = viewOf(linear)
  view.portfolio.apply(execution({ side: 'sell', ticks: 10_000, lots: 70 }))
  const sizing = rules({ name: 'fixed-fractional' })
  expect(sizing.wish(signal, view)).toMatchObject({ kind: 'new', side: 'buy', lots: 70 })
  expect(sizing.wish({ ...signal, target: -1 }, view)).toMatchObject({ kind: 'refused', reason: 'NO_STOP' })
})
