import { describe, expect, test } from 'vitest'
import type { Execution, Order } from '../../schemas/records.generated.ts'
import { flashCrashConfig } from '../flash-crash/config.ts'
import type { Alarm } from '../flash-crash/detector.ts'
import { unpack } from '../stage.ts'
import { only, type Trial, trial } from './samples.ts'

const config = flashCrashConfig.parse({})
const second = 1_000_000
const minute = 60 * second

const say = (it: Trial, action: string, who = 'ann', why = 'a test') =>
  it.risk.command({ action, who, why }, it.now, it.now)
const crash = (it: Trial, severity: Alarm['severity'], instrument: number | undefined = 0, how = config) =>
  it.risk.alarm({ instrument, severity, value: -0.2, limit: 0.15, window: '1m' }, how, it.now, it.now)

/** Its orders are sent, as the loop does. */
function sent(it: Trial): readonly Order[] {
  const orders = it.risk.orders()
  for (const order of orders) it.portfolio.sent(order)
  return orders
}

/** The venue says of an order that it is done. */
function hear(it: Trial, { clientId, exchange, symbol, side, lots }: Order, what: Partial<Execution>): void {
  const execution: Execution = {
    ...{ time: it.now, received: it.now, exchange, symbol, account: 'a', number: 1, clientId, strategy: 's' },
    ...{ kind: 'cancelled', side, lots, tickSize: 0.01, lotSize: 0.001, fee: 0n, ...what },
  }
  it.portfolio.apply(execution)
  it.risk.executed(execution)
}

describe('a halt by command', () => {
  test('pause: nothing new is risked, what takes from a position passes, and so does every cancel', () => {
    const it = trial('off')
    it.fill('buy', 10, 100)
    say(it, 'pause')
    expect(it.risk.events()).toMatchObject([
      { check: 'emergency', action: 'halted', reason: 'COMMAND', detail: 'ann: a test', account: 'a', strategy: 's' },
    ])
    expect(it.risk.alerts()).toMatchObject([{ component: 'risk', severity: 'warning', code: 'COMMAND' }])
    expect(sent(it)).toEqual([])
    expect(it.ask('buy', 1)).toMatchObject({
      ...{ check: 'emergency', reason: 'HALTED', detail: 'halted until it is lifted: pause by ann: a test' },
    })
    expect(it.ask('sell', 1, { index: 1 })).toMatchObject({ reason: 'HALTED' })
    expect(it.ask('sell', 4)).toMatchObject({ kind: 'new' })
    const { signal, instrument } = it.wish('buy', 1)
    expect(it.risk.check({ kind: 'cancel', signal, instrument, clientId: 's.a.1' }).order).toMatchObject({
      kind: 'cancel',
    })
  })

  test('cancel: every open order is taken back, once, and again after a minute while it is still there', () => {
    const it = trial('off')
    const open = [it.ask('buy', 1, { price: 90 }), it.ask('sell', 1, { price: 110, index: 1 })] as Order[]
    say(it, 'cancel')
    const wanted = open.map(({ clientId, symbol }) => ({
      kind: 'cancel',
      clientId,
      symbol,
      strategy: 's',
      signal: 0,
      verdicts: [],
    }))
    expect(sent(it)).toMatchObject(wanted)
    for (const after of [1, 30]) it.risk.instant(it.now + after * second, 0)
    expect(sent(it)).toEqual([])
    hear(it, open[0]!, { kind: 'cancelled' })
    it.risk.instant(it.now + minute, 0)
    expect(sent(it)).toMatchObject([wanted[1]])
  })

  test('flatten: every position is closed at the market, and what an order leaves, or a late fill brings, by another', () => {
    const it = trial('off')
    it.fill('buy', 10, 100)
    it.fill('sell', 4, 100, { index: 1 })
    say(it, 'flatten')
    const [first, second] = sent(it)
    const how = { type: 'market', timeInForce: 'ioc', reduceOnly: true, strategy: 's', signal: 0, verdicts: [] }
    expect(first).toMatchObject({ clientId: 'risk.a.1', side: 'sell', lots: 10_000, symbol: 'BTCUSDT', ...how })
    expect(second).toMatchObject({ clientId: 'risk.a.2', side: 'buy', lots: 4000, symbol: 'ETHUSDT', ...how })
    hear(it, first!, { kind: 'fill', ticks: 10_000, lots: 7000, leftLots: 3000 })
    hear(it, first!, { kind: 'expired', lots: 3000 })
    hear(it, second!, { kind: 'fill', ticks: 10_000, leftLots: 0 })
    it.risk.instant(it.now + 0.5e6, 0)
    expect(sent(it)).toEqual([])
    it.risk.instant(it.now + 1.5e6, 0)
    expect(sent(it)).toMatchObject([{ clientId: 'risk.a.3', side: 'sell', lots: 3000 }])
    it.now += minute
    it.fill('buy', 1, 100, { index: 1 })
    it.risk.instant(it.now, 0)
    expect(sent(it)).toMatchObject([{ clientId: 'risk.a.4', side: 'sell', lots: 1000, symbol: 'ETHUSDT' }])
  })

  test('a stronger one goes on from a weaker one, never the other way; lifting takes a name and a reason', () => {
    const it = trial('off')
    say(it, 'flatten')
    say(it, 'pause')
    expect(it.risk.emergency.halt).toBe('flatten')
    say(it, 'lift', 'ann', '')
    say(it, 'lift', '', 'over')
    expect(it.risk.emergency.halt).toBe('flatten')
    say(it, 'lift', 'bob', 'it is over')
    expect(it.risk.emergency.halt).toBe('none')
    expect(it.risk.events().map(({ action, reason }) => [action, reason])).toEqual([
      ['flattened', 'COMMAND'],
      ['flattened', 'COMMAND'],
      ['rejected', 'NO_REASON'],
      ['rejected', 'NO_REASON'],
      ['resumed', 'COMMAND'],
    ])
    expect(it.ask('buy', 1)).toMatchObject({ kind: 'new' })
  })
})

describe('a flash crash', () => {
  test('moderate: half of the position goes, nothing new is risked in the instrument, stops stand at half their distance', () => {
    const it = trial('off')
    it.fill('sell', 10.001, 100)
    const mine = it.ask('buy', 1, { price: 90 }) as Order
    crash(it, 'moderate')
    expect(it.risk.events()).toMatchObject([
      { symbol: 'BTCUSDT', action: 'reduced', reason: 'FLASH_CRASH_MODERATE', value: -0.2, limit: 0.15 },
    ])
    expect(sent(it)).toMatchObject([{ side: 'buy', lots: 5001, reduceOnly: true }])
    expect(it.portfolio.open.has(mine.clientId)).toBe(true)
    expect(it.ask('sell', 1)).toMatchObject({ reason: 'FLASH_CRASH' })
    expect(it.ask('sell', 1, { index: 1 })).toMatchObject({ kind: 'new' })
    expect([0, 1].map((at) => it.risk.emergency.stopFactor(at))).toEqual([0.5, 1])
    crash(it, 'calm')
    expect(it.risk.events()).toMatchObject([{ action: 'resumed', reason: 'FLASH_CRASH', symbol: 'BTCUSDT' }])
    expect(it.risk.emergency.stopFactor(0)).toBe(1)
    expect(it.ask('sell', 1)).toMatchObject({ kind: 'new' })
  })

  test('moderate: a stop that waits at the exchange is drawn to half its distance, once', () => {
    const it = trial('off')
    it.fill('buy', 10, 100)
    const stop = { ...it.wish('sell', 10), type: 'stop-market', triggerTicks: 9000, reduceOnly: true } as const
    const { order } = it.risk.check(stop)
    it.portfolio.sent(order!)
    crash(it, 'moderate')
    expect(sent(it)).toMatchObject([
      { kind: 'amend', clientId: order!.clientId, side: 'sell', triggerTicks: 9500, strategy: 's' },
      { kind: 'new', side: 'sell', lots: 5000 },
    ])
    it.risk.instant(it.now + minute, 0)
    expect(sent(it).filter(({ kind }) => kind === 'amend')).toEqual([])
  })

  test('severe: three quarters go, and the orders of the instrument', () => {
    const it = trial('off')
    it.fill('buy', 10, 100)
    const mine = it.ask('buy', 1, { price: 90 }) as Order
    it.ask('buy', 1, { price: 90, index: 1 })
    crash(it, 'severe')
    expect(sent(it)).toMatchObject([
      { kind: 'cancel', clientId: mine.clientId },
      { kind: 'new', side: 'sell', lots: 7500 },
    ])
  })

  test('moderate, then severe: three quarters of what is left then', () => {
    const it = trial('off')
    it.fill('buy', 10, 100)
    crash(it, 'moderate')
    const [half] = sent(it)
    hear(it, half!, { kind: 'fill', ticks: 9000, leftLots: 0 })
    crash(it, 'severe')
    expect(sent(it)).toMatchObject([{ side: 'sell', lots: 3750 }])
  })

  test('extreme: all is flattened, taken back and halted until an operator lifts it, with a critical alert', () => {
    const it = trial('off')
    it.fill('buy', 10, 100)
    it.fill('buy', 5, 100, { index: 1 })
    crash(it, 'extreme')
    expect(it.risk.alerts()).toMatchObject([{ severity: 'critical', code: 'FLASH_CRASH_EXTREME', symbol: 'BTCUSDT' }])
    expect(sent(it)).toMatchObject([{ lots: 10_000 }, { lots: 5000 }])
    crash(it, 'calm')
    expect(it.ask('buy', 1, { index: 1 })).toMatchObject({ reason: 'HALTED' })
    say(it, 'lift', 'ann', 'looked at it')
    expect(it.ask('buy', 1, { index: 1 })).toMatchObject({ kind: 'new' })
  })

  test('resume: calm ends the halt itself, but never one that a person made', () => {
    const it = trial('off')
    const calm = { ...config, resume: 'calm' as const }
    crash(it, 'extreme', 0, calm)
    crash(it, 'calm', 0, calm)
    expect(it.risk.emergency.halt).toBe('none')
    crash(it, 'extreme', 0, calm)
    say(it, 'pause')
    crash(it, 'calm', 0, calm)
    expect(it.risk.emergency.halt).toBe('flatten')
  })

  test('a cascade is extreme for all', () => {
    const it = trial('off')
    it.fill('buy', 10, 100)
    it.risk.alarm(
      { instrument: undefined, severity: 'extreme', value: 0.8, limit: 0.7, window: undefined },
      config,
      it.now,
      it.now,
    )
    expect(it.risk.events()).toMatchObject([{ action: 'flattened', reason: 'CASCADE', symbol: '' }])
    expect(sent(it)).toMatchObject([{ lots: 10_000 }])
  })

  test('an operator lifts what a crash has halted, in one instrument too', () => {
    const it = trial('off')
    crash(it, 'severe')
    expect(it.ask('buy', 1)).toMatchObject({ reason: 'FLASH_CRASH' })
    say(it, 'lift', 'ann', 'a bad print')
    expect(it.ask('buy', 1)).toMatchObject({ kind: 'new' })
  })
})

test('a halt survives a restart, with what is still to be done', () => {
  const [one, two] = [trial('off'), trial('off')]
  for (const it of [one]) {
    it.fill('buy', 10, 100)
    it.ask('buy', 1, { price: 90 })
    crash(it, 'severe', 1)
    say(it, 'flatten')
    sent(it)
  }
  two.portfolio.load(one.portfolio.save())
  two.risk.load(one.risk.save())
  const after = (it: Trial) => {
    it.now += 2 * minute
    it.risk.instant(it.now, it.now)
    return [sent(it), it.ask('buy', 1)].map((one) => JSON.stringify(one).replace(/"signal":\d+/, ''))
  }
  expect(after(two)).toEqual(after(one))
  expect(unpack(two.risk.save())).toEqual(unpack(one.risk.save()))
})

test('an event names the exchange that it is about: of the whole account that of all instruments, and none where there are several', () => {
  const about = (exchanges: readonly string[]) => {
    const it = trial(only('daily-loss', { share: 0.01 }), { exchanges })
    say(it, 'pause')
    say(it, 'lift')
    crash(it, 'moderate', 1)
    const all = { instrument: undefined, severity: 'extreme', value: 0.8, limit: 0.7, window: '1m' } as const
    it.risk.alarm(all, config, it.now, it.now)
    it.risk.instant(it.now, it.now)
    it.fill('buy', 10, 100)
    it.move(50)
    it.now += minute
    it.portfolio.instant(it.now)
    it.risk.instant(it.now, it.now)
    const alerts = it.risk.alerts().map(({ code, exchange }) => `${code} ${exchange}`)
    return [...it.risk.events().map(({ reason, exchange }) => `${reason} ${exchange}`), ...alerts]
  }
  const said = (all: string, own: string) => [
    ...[`COMMAND ${all}`, `COMMAND ${all}`, `FLASH_CRASH_MODERATE ${own}`, `CASCADE ${all}`, `DAILY_LOSS ${all}`],
    ...[`COMMAND ${all}`, `COMMAND ${all}`, `FLASH_CRASH_MODERATE ${own}`, `CASCADE ${all}`],
  ]
  expect(about(['bybit', 'bybit'])).toEqual(said('bybit', 'bybit'))
  expect(about(['binance', 'bybit'])).toEqual(said('', 'bybit'))
})
