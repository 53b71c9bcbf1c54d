import { describe, expect, test } from 'vitest'
import type { Order } from '../../schemas/records.generated.ts'
import { random } from '../random.ts'
import { profileOf } from '../regime/profiles.ts'
import { unpack } from '../stage.ts'
import { only, trial } from './samples.ts'
import { bootstrap, normal, quantile } from './var-methods.ts'

const day = 86_400_000_000
const hour = 3_600_000_000
const loose = { funds: { leverage: 125 } }

/** Sixty minutes in which the first market moves so much each minute, and the others as told by their factor. */
function moved(it: ReturnType<typeof trial>, step: number, factors: readonly number[] = [1, 1]): void {
  const price = factors.map(() => 100)
  for (let at = 0; at < 61; at++) {
    for (const [i, factor] of factors.entries()) price[i]! *= 1 + step * factor * (at % 2 === 0 ? 1 : -1)
    it.sample(price)
  }
}

describe('1 position size', () => {
  test('is limited as a share and as an amount', () => {
    const { ask } = trial(only('position-size', { share: 0.5, value: 3000 }, loose))
    expect(ask('buy', 31)).toMatchObject({ reason: 'MAX_POSITION_VALUE', value: 3100, limit: 3000 })
    expect(ask('buy', 30)).toMatchObject({ kind: 'new' })
    expect(ask('sell', 51)).toMatchObject({ reason: 'MAX_POSITION_VALUE' })
  })

  test('follows the risk regime of the instrument where that is known', () => {
    const it = trial(only('position-size', { share: 0.1 }), {
      profileOf: (at) => profileOf(at === 0 ? 'CRASH' : undefined),
    })
    expect(it.ask('buy', 2.1)).toMatchObject({ reason: 'MAX_POSITION', limit: 0.1 * 0.2 })
    expect(it.ask('buy', 2)).toMatchObject({ kind: 'new' })
    expect(it.ask('buy', 10, { index: 1 })).toMatchObject({ kind: 'new' })
  })
})

test('2 one asset by several instruments counts as one', () => {
  const { ask } = trial(only('asset-exposure'), { symbols: ['BTC', 'BTC', 'ETH'] })
  expect(ask('buy', 15)).toMatchObject({ kind: 'new' })
  expect(ask('sell', 6, { index: 1 })).toMatchObject({ reason: 'MAX_ASSET_EXPOSURE', value: 0.21, limit: 0.2 })
  expect(ask('sell', 5, { index: 1 })).toMatchObject({ kind: 'new' })
  expect(ask('sell', 20, { index: 2 })).toMatchObject({ kind: 'new' })
})

describe('3 value at risk', () => {
  const limits = { 'value-at-risk': {}, ...loose }

  test('before warm-up counts each instrument by the assumed volatility, as if all moved as one', () => {
    const it = trial(only('value-at-risk', {}, loose))
    // 1.645 × 5 % of 6,100 is 5.02 % of 10,000.
    expect(it.ask('buy', 61)).toMatchObject({ reason: 'VALUE_AT_RISK', limit: 0.05 })
    it.fill('buy', 30, 100)
    expect(it.ask('sell', 31, { index: 1 })).toMatchObject({ reason: 'VALUE_AT_RISK' })
    expect(it.ask('sell', 30, { index: 1 })).toMatchObject({ kind: 'new' })
  })

  test.each(['parametric', 'historical', 'monte-carlo'])(
    '%s: measures the position by what the market did',
    (method) => {
      const it = trial(only('value-at-risk', { method, share: 0.9 }, { ...limits, ...loose, prices: { samples: 60 } }))
      const dice = random('var')
      const price = [100, 100]
      for (let at = 0; at < 61; at++) {
        price[0]! *= 1 + dice.normal() * 0.001
        it.sample(price)
      }
      it.move(100)
      const order = it.ask('buy', 10)
      const { value } = (order as Order).verdicts.find(({ check }) => check === 'value-at-risk')!
      // A tenth of equity × 0.1 % a minute × √1440 × 1.645, as well as sixty samples tell it.
      expect(value).toBeGreaterThan(0.1 * 0.001 * Math.sqrt(1440) * 1.645 * 0.7)
      expect(value).toBeLessThan(0.1 * 0.001 * Math.sqrt(1440) * 1.645 * 1.4)
    },
  )

  test('two positions that move against each other risk less than one of them', () => {
    const it = trial(only('value-at-risk', { share: 0.05 }, loose))
    moved(it, 0.001, [1, 1])
    it.fill('buy', 80, it.markets[0]!.markTicks / 100)
    // Alone it is at 8,000 × 3.8 % × 1.645 = 5 %: nothing more the same way, but the other way.
    expect(it.ask('buy', 10, { index: 1 })).toMatchObject({ reason: 'VALUE_AT_RISK' })
    expect(it.ask('sell', 60, { index: 1 })).toMatchObject({ kind: 'new' })
  })

  test('an order that makes it no larger passes though it is beyond the limit', () => {
    const it = trial(only('value-at-risk', { share: 0.01 }, loose))
    moved(it, 0.001)
    it.fill('buy', 80, it.markets[0]!.markTicks / 100)
    expect(it.ask('sell', 5, { index: 1 })).toMatchObject({ kind: 'new' })
    expect(it.ask('buy', 5, { index: 1 })).toMatchObject({ reason: 'VALUE_AT_RISK' })
    expect(it.ask('sell', 80)).toMatchObject({ kind: 'new' })
  })

  test('its quantiles are those of the normal law, of the samples, and of days drawn from them', () => {
    expect(normal(0.95)).toBeCloseTo(1.6448536269514722, 12)
    expect(normal(0.99)).toBeCloseTo(2.3263478740408408, 12)
    expect(normal(0.5)).toBeCloseTo(0, 12)
    const profits = Float64Array.from({ length: 100 }, (_, at) => ((at * 37) % 100) - 50)
    expect(quantile(0.95, 100)(profits)).toBe(46)
    expect(quantile(0.95, 100)(profits.map((one) => Math.abs(one)))).toBe(0)
    expect(quantile(0.95, 100)(profits.fill(Number.NaN, 7, 8))).toBe(Number.NaN)
    const dice = random('normal')
    const normals = Float64Array.from({ length: 120 }, () => dice.normal())
    const how = { confidence: 0.95, draws: 2000, samples: 120 }
    const drawn = bootstrap({ ...how, random: random(1) })(normals)
    expect(drawn).toBeGreaterThan(1.3)
    expect(drawn).toBeLessThan(2)
    expect(bootstrap({ ...how, random: random(1) })(normals)).toBe(drawn)
  })
})

describe('4 losses', () => {
  test('from a fall of 10 % on new risk shrinks by 1 − fall / limit; what closes stays whole', () => {
    const it = trial(only('drawdown', { share: 0.2 }))
    it.fill('buy', 50, 100)
    it.risk.instant(it.now, it.now)
    it.move(76) // 10,000 → 8,800
    expect(it.ask('buy', 10)).toMatchObject({
      lots: 4000,
      verdicts: expect.arrayContaining([expect.objectContaining({ check: 'drawdown', value: 0.12 })]),
    })
    expect(it.risk.events()).toMatchObject([
      {
        action: 'scaled',
        check: 'drawdown',
        reason: 'DRAWDOWN',
        value: 0.12,
        limit: 0.1,
        detail: 'from 10000 to 4000 lots',
      },
    ])
    expect(it.ask('sell', 50)).toMatchObject({ lots: 50_000 })
    expect(it.risk.events()).toEqual([])
  })

  test('an order of which nothing is left is refused with the reason', () => {
    const it = trial(only('drawdown', { share: 0.2 }))
    it.fill('buy', 50, 100)
    it.risk.instant(it.now, it.now)
    it.move(76)
    expect(it.ask('buy', 0.002)).toMatchObject({ action: 'rejected', reason: 'DRAWDOWN', detail: 'from 2 to 0 lots' })
  })

  test('an order that turns a position round is closed whole, and opens smaller', () => {
    const it = trial(only('drawdown', { share: 0.2 }))
    it.fill('buy', 50, 100)
    it.risk.instant(it.now, it.now)
    it.move(76)
    expect(it.ask('sell', 60)).toMatchObject({ lots: 54_000 })
  })

  test.each([
    ['hourly-loss', 0.02, hour, 'HOURLY_LOSS', 'halted until the next UTC hour'],
    ['daily-loss', 0.05, day, 'DAILY_LOSS', 'halted until the next UTC day'],
    ['weekly-loss', 0.1, 7 * day, 'WEEKLY_LOSS', 'halted until the next UTC week'],
  ])('%s halts at its share until its period is over', (name, share, period, reason, detail) => {
    const it = trial(only(name))
    it.fill('buy', 100, 100)
    it.risk.instant(it.now, it.now)
    it.move(100 - share * 99)
    it.risk.instant(it.now + 60e6, it.now)
    expect(it.risk.events()).toEqual([])
    it.move(100 - share * 100)
    it.risk.instant(it.now + 120e6, it.now)
    expect(it.risk.events()).toMatchObject([{ check: name, action: 'halted', reason, limit: share }])
    expect(it.ask('buy', 1, { now: it.now + 121e6 })).toMatchObject({ reason, detail })
    expect(it.ask('sell', 1, { now: it.now + 122e6 })).toMatchObject({ kind: 'new' })
    expect(it.ask('buy', 1, { now: it.now + period })).toMatchObject({ kind: 'new' })
    expect(it.risk.events()).toMatchObject([{ check: name, action: 'resumed' }])
  })

  test('a week begins on Monday', () => {
    const monday = Date.UTC(2024, 0, 8) * 1000
    const it = trial(only('weekly-loss'))
    it.fill('buy', 100, 100)
    it.risk.instant(monday - 60e6, 0)
    it.move(80)
    it.risk.instant(monday - 1, 0)
    expect(it.ask('buy', 1, { now: monday - 1 })).toMatchObject({ reason: 'WEEKLY_LOSS' })
    expect(it.ask('buy', 1, { now: monday })).toMatchObject({ kind: 'new' })
  })

  test('five losing round trips in a row halt the day; a winning one begins anew; fees count', () => {
    const it = trial(only('losing-streak', { share: 0 }, loose))
    const trip = (to: number, fee = 0n) => {
      it.fill('buy', 1, 100)
      it.fill('sell', 1, to, { fee })
    }
    for (let at = 0; at < 4; at++) trip(99)
    trip(101)
    for (let at = 0; at < 4; at++) trip(99)
    expect(it.risk.events()).toEqual([])
    trip(100, 1n)
    expect(it.risk.events()).toMatchObject([{ check: 'losing-streak', action: 'halted', value: 5, limit: 5 }])
    expect(it.ask('buy', 1)).toMatchObject({ reason: 'LOSING_STREAK' })
    expect(it.ask('buy', 1, { now: it.now + day })).toMatchObject({ kind: 'new' })
  })

  test('a streak halts when it has cost its share: five small losses do not, the sixth that brings them there does', () => {
    const it = trial(only('losing-streak', {}, loose))
    const trip = (to: number) => {
      it.fill('buy', 1, 100)
      it.fill('sell', 1, to)
    }
    for (let at = 0; at < 5; at++) trip(85)
    expect(it.risk.events()).toEqual([])
    expect(it.ask('buy', 1)).toMatchObject({ kind: 'new' })
    trip(75) // 5 × 15 + 25 of 10,000
    expect(it.risk.events()).toMatchObject([{ action: 'halted', value: 6, limit: 5 }])
  })

  test('a position that is turned round ends one trip and begins another', () => {
    const it = trial(only('losing-streak', { count: 2, share: 0 }, loose))
    it.fill('buy', 1, 100)
    it.fill('sell', 2, 90)
    it.fill('buy', 2, 95)
    expect(it.risk.events()).toMatchObject([{ action: 'halted', value: 2 }])
  })
})

describe('5 volatility', () => {
  test('beyond the cap there is no new risk; before warm-up it counts as the cap', () => {
    const it = trial(only('volatility'))
    expect(it.ask('buy', 1)).toMatchObject({ verdicts: [{}, {}, { check: 'volatility', value: 0.05, limit: 0.05 }] })
    moved(it, 0.0014) // × √1440 = 5.3 %
    it.fill('buy', 10, 100)
    expect(it.ask('buy', 1)).toMatchObject({ reason: 'TOO_VOLATILE', limit: 0.05 })
    expect(it.ask('sell', 5)).toMatchObject({ kind: 'new' })
  })

  test('above the target new risk shrinks to target / volatility', () => {
    const it = trial(only('volatility', { target: 0.02 }))
    moved(it, 0.001, [1, 0.1])
    const order = it.ask('buy', 10)
    const { events } = { events: it.risk.events() }
    expect(events).toMatchObject([{ action: 'scaled', check: 'volatility', reason: 'VOLATILITY', limit: 0.02 }])
    expect(order).toMatchObject({ lots: Math.floor(10_000 * (0.02 / events[0]!.value!)) })
    expect(it.ask('buy', 10, { index: 1 })).toMatchObject({ lots: 10_000 })
  })
})

describe('6 correlation', () => {
  test('an instrument that moves with one that is held is refused the same way, and passes the other way', () => {
    const it = trial(only('correlation'), { symbols: ['BTC', 'ETH', 'XRP'] })
    moved(it, 0.001, [1, 1, -1])
    it.fill('buy', 10, 100)
    expect(it.ask('buy', 1, { index: 1 })).toMatchObject({
      reason: 'CORRELATED',
      limit: 0.7,
      detail: expect.stringContaining('BTCUSDT'),
    })
    expect(it.ask('sell', 1, { index: 1 })).toMatchObject({ kind: 'new' })
    expect(it.ask('sell', 1, { index: 2 })).toMatchObject({ reason: 'CORRELATED' })
    expect(it.ask('buy', 1)).toMatchObject({ kind: 'new' })
  })

  test('what does not move correlates with nothing; before warm-up the assumed figure stands', () => {
    const it = trial(only('correlation'), { symbols: ['BTC', 'ETH'] })
    it.fill('buy', 10, 100)
    expect(it.ask('buy', 1, { index: 1 })).toMatchObject({ verdicts: [{}, {}, { value: 0.5 }] })
    moved(it, 0.001, [1, 0])
    expect(it.ask('buy', 1, { index: 1 })).toMatchObject({ verdicts: [{}, {}, { value: 0 }] })
  })
})

describe('the market', () => {
  test('a signal that is not sure is refused; one that names no confidence passes', () => {
    const it = trial(only('confidence'))
    expect(it.ask('buy', 1, { signal: { confidence: 0.59 } })).toMatchObject({
      reason: 'LOW_CONFIDENCE',
      value: 0.59,
      limit: 0.6,
    })
    expect(it.ask('buy', 1, { signal: { confidence: 0.6 } })).toMatchObject({ kind: 'new' })
    expect(it.ask('buy', 1)).toMatchObject({ kind: 'new' })
  })

  test('what is little traded is not bought: of two hours the same for a day', () => {
    const it = trial(only('liquidity'))
    const trade = (now: number, size: number) => {
      const columns = { price: [100], size: [size] } as never
      it.facts.row({ topic: 'trades', batch: { topic: 'trades', rows: 1, columns } as never, row: 0, received: now }, 0)
    }
    expect(it.ask('buy', 1)).toMatchObject({ kind: 'new' })
    trade(it.now, 40)
    trade(it.now + hour, 43)
    it.move(100, { now: it.now + 2 * hour })
    expect(it.ask('buy', 1, { now: it.now + 2 * hour })).toMatchObject({
      reason: 'TOO_LITTLE_TRADED',
      value: 99_600,
      limit: 100_000,
    })
    trade(it.now + 2 * hour, 1)
    expect(it.ask('buy', 1, { now: it.now + 2 * hour })).toMatchObject({ kind: 'new' })
    it.move(100, { now: it.now + 30 * hour })
    expect(it.ask('buy', 1, { now: it.now + 30 * hour })).toMatchObject({ reason: 'TOO_LITTLE_TRADED', value: 0 })
  })

  test('funding counts for the side that pays it', () => {
    const it = trial(only('funding-rate'))
    const columns = { rate: [0.0034], intervalHours: [8] } as never
    it.facts.row(
      { topic: 'funding', batch: { topic: 'funding', rows: 1, columns } as never, row: 0, received: it.now },
      0,
    )
    expect(it.ask('buy', 1)).toMatchObject({ reason: 'FUNDING_RATE', limit: 0.01 })
    expect(it.ask('sell', 1)).toMatchObject({ kind: 'new' })
    expect(it.ask('buy', 1, { index: 1 })).toMatchObject({ kind: 'new' })
  })

  test('an order is walked through the book as it is known', () => {
    const it = trial(only('slippage', {}, loose))
    const book = new Map([
      [10_000, 1000],
      [10_050, 1000],
      [10_100, 8000],
    ])
    const levels = [...book.keys()]
    Object.assign(it.markets[0]!, {
      ...{ askTicks: 10_000, askLots: 1000, bidTicks: 9_990, bidLots: 1000 },
      next: (_: string, ticks: number) => levels.find((level) => level > ticks) ?? Number.NaN,
      lotsAt: (_: string, ticks: number) => book.get(ticks) ?? 0,
    })
    // (5 + 55) / 2 ticks of 9,995.
    expect(it.ask('buy', 2)).toMatchObject({
      verdicts: [{}, {}, { check: 'slippage', value: expect.closeTo(30 / 9995, 10) }],
    })
    expect(it.ask('buy', 4)).toMatchObject({ reason: 'MAX_SLIPPAGE', limit: 0.005 })
    expect(it.ask('buy', 4, { price: 100 })).toMatchObject({ kind: 'new' })
    expect(it.ask('buy', 4, { price: 99 })).toMatchObject({ kind: 'new' })
  })
})

test('where what is unknown is to be refused, it is: NOT_WARM', () => {
  const refuse = { prices: { unknown: 'refuse' } }
  for (const name of ['value-at-risk', 'volatility', 'liquidity', 'funding-rate']) {
    const it = trial(only(name, {}, refuse))
    expect(it.ask('buy', 1), name).toMatchObject({ check: name, reason: 'NOT_WARM' })
    it.fill('buy', 10, 100)
    expect(it.ask('sell', 5), name).toMatchObject({ kind: 'new' })
  }
  const it = trial(only('correlation', {}, refuse))
  expect(it.ask('buy', 1)).toMatchObject({ kind: 'new' })
  it.fill('buy', 1, 100)
  expect(it.ask('buy', 1, { index: 1 })).toMatchObject({ reason: 'NOT_WARM' })
  moved(it, 0.001, [1, 0])
  expect(it.ask('buy', 1, { index: 1 })).toMatchObject({ kind: 'new' })
})

test('a saved risk of all layers goes on as the one it was saved from', () => {
  const [one, two] = [trial('default', { cash: '1000000' }), trial('default', { cash: '1000000' })]
  moved(one, 0.0003, [1, -0.4])
  one.fill('buy', 10, 100)
  one.ask('buy', 20, { price: 99 })
  one.ask('sell', 7, { index: 1 })
  two.now = one.now
  for (const index of [0, 1]) two.move(one.markets[index]!.markTicks / 100, { index })
  two.prices.load(structuredClone(one.prices.save()))
  two.portfolio.load(one.portfolio.save())
  two.risk.load(one.risk.save())
  const said = (it: typeof one) => {
    moved(it, 0.0002, [1, 0.3])
    return [it.ask('sell', 30), it.ask('buy', 30, { index: 1 }), it.ask('buy', 3)].map((one) => ({ ...one, signal: 0 }))
  }
  expect(said(two)).toEqual(said(one))
  expect(unpack(two.risk.save())).toEqual(unpack(one.risk.save()))
})

test('what sizing refused becomes an event', () => {
  const { risk, wish } = trial('off')
  const { signal } = wish('buy', 1)
  expect(risk.check({ kind: 'refused', signal, check: 'sizing', reason: 'NO_STOP', detail: 'x' }).event).toMatchObject({
    ...{ signal: signal.number, check: 'sizing', action: 'rejected', reason: 'NO_STOP' },
  })
})
