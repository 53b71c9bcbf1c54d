import { beforeEach, describe, expect, test } from 'vitest'
import type { Signal } from '../../schemas/records.generated.ts'
import { only } from '../risk/samples.ts'
import { Account, second, start } from './samples.ts'

let account: Account
beforeEach(() => {
  account = new Account({ name: 'twap', minutes: 1, slices: 3 })
})
const reasons = () => account.events.map(({ reason }) => reason)

describe('a target', () => {
  test('is reached in parts of its signal, and what is not sent yet counts as coming', () => {
    account.desk.target(0, 0.01, 'why')
    account.to(0)
    expect(account.desk.busy(0)).toBe(true)
    // The same target again asks for nothing more.
    account.desk.target(0, 0.01, 'why')
    account.to(1)
    account.heard(1, 'fill')
    account.to(20)
    account.heard(2, 'fill')
    account.to(40)
    account.heard(3, 'fill')
    account.to(100)
    expect(account.sent()).toEqual(['buy 4 market twap.1', 'buy 3 market twap.2', 'buy 3 market twap.3'])
    expect(account.orders.map(({ signal }) => signal)).toEqual([1, 1, 1])
    expect(account.orders.map(({ received }) => (received - start) / second)).toEqual([0, 20, 40])
    expect(account.portfolio.lots(0)).toBe(10)
    expect(account.desk.busy(0)).toBe(false)
    expect(account.parents.next).toBe(Number.POSITIVE_INFINITY)
    expect(reasons()).toEqual([])
  })

  test('is followed by another when what it has open has ended, from what is held then; of several the last', () => {
    account = new Account({ name: 'iceberg', share: 0.5, minutes: 1 })
    account.desk.target(0, 0.01, 'long')
    account.to(0)
    account.to(5)
    account.desk.target(0, -0.01, 'short')
    account.to(5)
    expect(account.sent()).toEqual(['buy 5 9999 iceberg.1', 'cancel  iceberg.1'])
    account.resume()
    account.desk.target(0, -0.004, 'less')
    account.to(6)
    expect(account.sent()).toEqual([])
    // A part was filled before the cancel came.
    account.heard(1, 'fill', { lots: 2, leftLots: 3 })
    account.heard(1, 'cancelled', { lots: 3, leftLots: 3 })
    expect(account.sent()).toEqual(['sell 3 10001 iceberg.1'])
    expect(account.orders.at(-1)!.signal).toBe(3)
    expect(reasons()).toEqual([])
  })

  test('that an exit gives is not sent in parts: it takes the place of what is', () => {
    account.desk.target(0, 0.01, 'long')
    account.to(0)
    account.heard(1, 'fill')
    expect(account.parents.closing(0)).toBe(false)
    account.desk.target(0, 0, 'exit: stopped')
    account.to(3)
    expect(account.sent()).toEqual(['buy 4 market twap.1', 'sell 4 market undefined'])
    expect(account.parents.closing(0)).toBe(true)
    account.heard(2, 'fill')
    account.to(30)
    expect(account.sent()).toEqual([])
    expect(account.portfolio.lots(0)).toBe(0)
  })
})

describe('a part', () => {
  test('that finds nothing, or that risk refuses, is in the next one, and never asked for in between', () => {
    account = new Account(
      { name: 'twap', minutes: 1, slices: 3, rest: 'leave' },
      only('position-size', { share: 0.00005 }),
    )
    account.desk.target(0, 0.009, 'why')
    account.to(0)
    account.heard(1, 'expired', { lots: 3, leftLots: 3 })
    for (let seconds = 1; seconds < 20; seconds++) account.to(seconds)
    expect(account.sent()).toEqual(['buy 3 market twap.1'])
    account.to(20)
    for (let seconds = 21; seconds < 40; seconds++) account.to(seconds)
    expect(account.events[0]).toMatchObject({ check: 'position-size', action: 'rejected', signal: 1 })
    expect(account.events).toHaveLength(1)
    account.to(60)
    account.to(90)
    expect(account.events.at(-1)).toMatchObject({ check: 'execution', reason: 'REST_LEFT', value: 0, limit: 0.009 })
    expect(account.desk.busy(0)).toBe(false)
  })

  test('that the exchange would find too small is kept until it is not', () => {
    account = new Account({ name: 'twap', minutes: 1, slices: 6 })
    for (const market of account.markets) Object.assign(market, { bidTicks: 1999, askTicks: 2001, markTicks: 2000 })
    account.desk.target(0, 0.006, 'why')
    for (let seconds = 0; seconds <= 50; seconds++) account.to(seconds)
    expect(account.sent()).toEqual(['buy 3 market twap.1', 'buy 3 market twap.2'])
    expect(account.orders.map(({ received }) => (received - start) / second)).toEqual([20, 50])
  })

  test('that somebody else cancels ends the whole, and so does a halt', () => {
    account = new Account({ name: 'iceberg', share: 0.5, minutes: 1 })
    account.desk.target(0, 0.01, 'long')
    account.to(0)
    account.heard(1, 'cancelled')
    expect(reasons()).toEqual(['CHILD_CANCELLED'])
    account.desk.target(0, 0.01, 'long')
    account.to(2)
    account.parents.halted()
    account.to(3)
    account.heard(2, 'cancelled')
    account.to(70)
    expect(reasons()).toEqual(['CHILD_CANCELLED', 'HALTED'])
    expect(account.sent()).toEqual(['buy 5 9999 iceberg.1', 'buy 5 9999 iceberg.1'])
    expect(account.desk.busy(0)).toBe(false)
  })
})

describe('an order', () => {
  const limit = { tag: 'in', side: 'buy', size: 0.009, price: 9990 } as const

  test('of a limit takes within it by parts under its tag, works until it is filled, and is taken back by its tag', () => {
    account.desk.order(0, limit, 'why')
    account.to(0)
    expect(account.orders[0]).toMatchObject({
      tag: 'in.twap.1',
      type: 'limit',
      timeInForce: 'ioc',
      ticks: 9990,
      lots: 3,
    })
    expect(account.desk.working('in')).toBe(true)
    account.heard(1, 'fill')
    account.resume()
    account.desk.amend('in', { price: 9991 }, 'nearer')
    account.to(5)
    expect(reasons()).toEqual(['IN_PARTS'])
    account.desk.cancel('in', 'enough')
    account.to(10)
    expect(account.desk.working('in')).toBe(false)
    account.to(100)
    expect(account.orders).toHaveLength(1)
    // Orders with tags are beside the targets.
    expect(account.parents.reach({ action: 'target', target: 1, reason: '' } as Signal, 0)).toBe(3)
  })

  test('takes the place of the one under its tag', () => {
    account.desk.order(0, limit, 'why')
    account.to(0)
    account.heard(1, 'fill')
    account.desk.order(0, { ...limit, size: 0.003 }, 'again')
    account.to(5)
    account.heard(2, 'fill')
    account.to(25)
    account.heard(3, 'fill')
    account.to(45)
    account.heard(4, 'fill')
    account.to(100)
    expect(account.sent()).toEqual([
      'buy 3 9990 in.twap.1',
      'buy 1 9990 in.twap.1',
      'buy 1 9990 in.twap.2',
      'buy 1 9990 in.twap.3',
    ])
    expect(account.desk.working('in')).toBe(false)
  })

  test.each([
    ['a trigger', { type: 'stop-market', price: undefined, trigger: 10_100 }],
    ['a bracket', { bracket: { stop: 9000 } }],
    ['a size that it shows', { display: 0.003 }],
    ['a time at which it ends', { expires: start + 60 * second }],
    ['another time in force', { timeInForce: 'gtx' }],
  ] as const)('with %s is sent whole', (_, more) => {
    account.desk.order(0, { ...limit, ...more } as never, 'why')
    account.to(0)
    expect(account.orders[0]).toMatchObject({ tag: 'in', lots: 9 })
    expect(account.parents.busy(0)).toBe(false)
  })

  test('that waits for one that is sent in parts is refused', () => {
    account.desk.order(0, limit, 'why')
    account.to(0)
    account.desk.order(0, { tag: 'out', side: 'sell', type: 'limit', price: 11_000, parent: 'in' }, 'its target')
    account.to(1)
    expect(reasons()).toEqual(['IN_PARTS'])
    expect(account.desk.working('out')).toBe(false)
  })

  test('goes with all others of its instrument', () => {
    account.desk.order(0, limit, 'why')
    account.to(0)
    account.heard(1, 'fill')
    account.desk.cancelAll(0, 'away')
    account.to(30)
    expect(account.sent()).toEqual(['buy 3 9990 in.twap.1', 'cancel-all  undefined'])
    expect(account.desk.working('in')).toBe(false)
  })
})

describe('over two exchanges', () => {
  test('a target counts what is held at both, and closes each where it is held', () => {
    account = new Account([{ name: 'twap', minutes: 1, slices: 1 }, { name: 'router' }])
    account.desk.target(0, 0.08, 'long')
    account.to(0)
    expect(account.sent()).toEqual(['buy 50 10001 twap.1', 'buy 30 10001 twap.2 at bybit'])
    account.heard(1, 'fill')
    account.heard(2, 'fill')
    expect(account.parents.reach({ action: 'target', target: 1, reason: '' } as Signal, 1)).toBe(80)
    account.desk.target(0, 0, 'out')
    account.to(5)
    expect(account.sent()).toEqual(['sell 50 9999 twap.1', 'sell 30 9999 twap.2 at bybit'])
    account.heard(3, 'fill')
    account.heard(4, 'fill')
    expect([account.portfolio.lots(0), account.portfolio.lots(1)]).toEqual([0, 0])
    expect(account.parents.busy(0)).toBe(false)
  })

  test('nothing goes to one that is out of sync, has no price or stands still, and that is said', () => {
    account = new Account({ name: 'router', seconds: 3 })
    Object.assign(account.markets[1]!, { synced: false })
    account.desk.target(0, 0.08, 'long')
    account.to(0)
    expect(account.sent()).toEqual(['buy 50 10001 router.1'])
    expect(account.events[0]).toMatchObject({
      reason: 'NO_PLACE',
      value: 0.03,
      detail: expect.stringContaining('bybit: out of sync'),
    })
    account.heard(1, 'fill')
    Object.assign(account.markets[0]!, { askTicks: Number.NaN, markTicks: Number.NaN })
    Object.assign(account.markets[1]!, { synced: true, received: start - 60 * second })
    account.to(1)
    expect(account.events.at(-1)!.detail).toContain('binance-usdm: no price, bybit: stale')
    account.to(3)
    expect(account.events.at(-1)).toMatchObject({ reason: 'REST_LEFT', value: 0.05, limit: 0.08 })
  })
})
