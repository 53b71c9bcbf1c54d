// Random orders, changes and markets against the model in tests/order-model.ts, which says the same in the plainest way.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Execution, Order } from '../../schemas/records.generated.ts'
import { rounds } from '../../tests/data.ts'
import { Exchange, instrument } from '../../tests/exchange.ts'
import type { OrderModel } from '../../tests/order-model.ts'
import { CandleModel, TradeModel } from '../../tests/order-model-markets.ts'
import { valueE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'

const minute = 60_000_000
const near = fc.integer({ min: 92, max: 108 })
const lots = fc.integer({ min: 1, max: 6 })
const side = fc.constantFrom('buy' as const, 'sell' as const)
const shape = fc.record({
  side,
  type: fc.constantFrom(
    'market',
    'limit',
    'limit',
    'stop-market',
    'stop-limit',
    'take-profit-market',
    'take-profit-limit',
    'trailing-stop',
  ),
  timeInForce: fc.constantFrom('gtc', 'gtc', 'ioc', 'fok', 'gtx', 'gtd'),
  ticks: near,
  trigger: near,
  lots,
  display: fc.integer({ min: 1, max: 12 }),
  callback: fc.integer({ min: 1, max: 6 }),
  activation: fc.option(near, { nil: undefined }),
  reduceOnly: fc.boolean(),
  closePosition: fc.integer({ min: 0, max: 5 }),
  /** Rows until a gtd order ends, and a part of one. */
  lives: fc.double({ min: 0.2, max: 4, noNaN: true }),
})
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never
const target = fc.integer({ min: 1, max: 30 })
const act = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('one' as const), shapes: fc.tuple(shape) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('group' as const),
      shapes: fc.array(shape, { minLength: 2, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('family' as const),
      shapes: fc.array(shape, { minLength: 2, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('amend' as const),
      target,
      lots: fc.option(lots, { nil: undefined }),
      ticks: fc.option(near, { nil: undefined }),
      triggerTicks: fc.option(near, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), target }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel-all' as const) }) },
)
const row = fc.record({ acts: fc.array(act, { maxLength: 3 }), open: near, high: near, low: near, close: near })
const rows = fc.array(row, { minLength: 3, maxLength: 25 })
type Rows = typeof rows extends fc.Arbitrary<infer T> ? T : never

/** The order of a shape as an exchange takes it; rows are `step` µs apart. */
function orderOf(one: Shape, now: number, step: number, ties: Partial<Order>): Partial<Order> {
  const type = one.type as NonNullable<Order['type']>
  const isLimit = type.endsWith('limit')
  const waits = type !== 'market' && type !== 'limit'
  const canClose = waits && !isLimit && one.closePosition === 0
  const plain = isLimit ? 'gtc' : 'ioc'
  const timeInForce =
    (one.timeInForce === 'gtx' && !isLimit) || (one.timeInForce === 'gtd' && !isLimit && !waits)
      ? plain
      : one.timeInForce
  return {
    ...{ side: one.side, type, timeInForce: timeInForce as Order['timeInForce'], ...ties },
    ...(canClose ? { closePosition: true } : { lots: one.lots }),
    ...(isLimit && { ticks: one.ticks }),
    ...(isLimit && one.display < one.lots && { displayLots: one.display }),
    ...(waits && type !== 'trailing-stop' && { triggerTicks: one.trigger }),
    ...(type === 'trailing-stop' && { callback: one.callback / 100, activationTicks: one.activation }),
    ...(waits && { triggerBy: 'last' as const }),
    ...(one.reduceOnly && { reduceOnly: true }),
    ...(timeInForce === 'gtd' && { expires: now + Math.round(one.lives * step) }),
  }
}

interface World {
  readonly exchange: Exchange
  /** Nobody says plainly what a queue does: there the rules alone are asked. */
  readonly model?: OrderModel
  readonly options: ConstructorParameters<typeof Exchange>[0]
  readonly step: number
  /** The n-th row meets both. */
  readonly move: (n: number, row: Rows[number], exchange: Exchange) => void
}

const tradeWorld = (): World => {
  const model = new TradeModel()
  const move = (n: number, { close }: Rows[number], exchange: Exchange) => {
    exchange.trade({ time: n * 1000 }, 'buy', close, 1)
    model.trade(close, n * 1000)
  }
  return { exchange: new Exchange(), options: {}, model, step: 1000, move }
}
const candleWorld = (): World => {
  const model = new CandleModel()
  const move = (n: number, { open, high, low, close }: Rows[number], exchange: Exchange) => {
    const when = { openTime: (n - 1) * minute, time: n * minute }
    const [top, bottom] = [Math.max(open, high, low, close), Math.min(open, high, low, close)]
    exchange.candle(when, open, top, bottom, close)
    model.candle({ ...when, open, high: top, low: bottom, close })
  }
  const options = { fill: 'next-open' } as const
  return { exchange: new Exchange(options), options, model, step: minute, move }
}

/** A book of a few lots around each close, and a trade there: parts are filled, queues move, marks and last prices differ. */
const bookWorld = (): World => {
  const options = { latency: { outMs: 0.2, backMs: 0.3, jitterMs: 0.2 }, seed: 5, queue: 'power' } as const
  const move = (n: number, { open, high, low, close }: Rows[number], exchange: Exchange) => {
    const bids = [
      [close - 1, open - 91],
      [close - 2, 3],
    ] as const
    const asks = [
      [close + 1, high - 91],
      [close + 3, 4],
    ] as const
    exchange.book({ time: n * 1000 }, bids, asks, { snapshot: true })
    exchange.trade({ time: n * 1000 + 1 }, low % 2 === 0 ? 'buy' : 'sell', close + (low % 5) - 2, 1 + (open % 4))
  }
  return { exchange: new Exchange(options), options, step: 1000, move }
}

/** Plays rows, with a check after each; `saveAt` goes on from saved state there. */
function play(list: Rows, world: World, each: (exchange: Exchange, from: number) => void, saveAt = -1): Exchange {
  let { exchange } = world
  const { model, step, move } = world
  let sent = 0
  const send = (received: number, order: Partial<Order>): string => {
    const clientId = exchange.order(received, order)
    sent += 1
    model?.send({ ...blank, ...order, received, clientId, kind: 'new' })
    return clientId
  }
  for (const [at, one] of list.entries()) {
    const now = at * step
    if (at > 0) {
      for (const act of one.acts) {
        if (act.kind === 'one' || act.kind === 'group' || act.kind === 'family') {
          const group = act.kind === 'one' ? {} : { group: `g${sent}` }
          const [first, ...others] = act.shapes
          const isFamily = act.kind === 'family'
          const id = send(now, orderOf(first!, now, step, isFamily ? {} : group))
          for (const shape of others) send(now, orderOf(shape, now, step, isFamily ? { ...group, parent: id } : group))
          continue
        }
        const clientId = 'target' in act ? `s.a.${act.target}` : ''
        if (act.kind === 'cancel-all') exchange.cancelAll(now)
        else if (act.kind === 'cancel') exchange.cancel(now, clientId)
        const { kind } = act
        const change = act.kind === 'amend' ? { lots: act.lots, ticks: act.ticks, triggerTicks: act.triggerTicks } : {}
        if (act.kind === 'amend') exchange.amend(now, clientId, change)
        model?.send({ ...blank, ...change, received: now, clientId, kind })
      }
    }
    const from = exchange.executions.length
    if (model !== undefined) model.told = []
    move(at + 1, one, exchange)
    each(exchange, from)
    if (at !== saveAt) continue
    exchange = copyOf(exchange, world)
  }
  return exchange
}

function copyOf(exchange: Exchange, { options }: World): Exchange {
  const next = new Exchange(options)
  next.load(exchange.save())
  next.executions.push(...exchange.executions)
  next.follow(exchange)
  return next
}

const blank = {
  ...{ time: 0, exchange: 'x', symbol: 'Y', account: 'a', strategy: 's', signal: 1, tickSize: 0.5, lotSize: 0.001 },
  verdicts: [],
}

/** An execution as the model says it. */
function short({ clientId, kind, ticks, lots, leftLots, liquidity, reason = '' }: Execution): string {
  const what = {
    fill: `fill ${ticks}×${lots} left ${leftLots} ${liquidity}`,
    accepted: `accepted ${lots ?? 0}`,
    triggered: reason === '' ? `triggered ${ticks} ${leftLots}` : `triggered ${leftLots}`,
    amended: `amended ${lots}`,
    cancelled: `cancelled ${lots ?? 0} ${reason}`,
    expired: `expired ${lots ?? 0} ${reason}`,
    rejected: `rejected ${lots ?? 0} ${reason}`,
    ...{ 'cancel-rejected': `cancel-rejected ${reason}`, 'amend-rejected': `amend-rejected ${reason}` },
    ...{ liquidation: '', funding: '' },
  }[kind]
  return `${clientId} ${what}`.trim()
}

const worlds = { 'where there are only trades': tradeWorld, 'on candles': candleWorld }

describe.each(Object.entries(worlds))('whatever is asked, %s', (_, worldOf) => {
  test('the exchange does what the plain model does, row by row', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const world = worldOf()
        play(list, world, ({ executions }, from) => {
          expect(executions.slice(from).map(short).sort()).toEqual(world.model!.told.toSorted())
        })
      }),
      { numRuns: rounds(1500, 300) },
    )
  })
})

describe.each(Object.entries({ ...worlds, 'on a book': bookWorld }))('whatever is asked, %s, ', (_, worldOf) => {
  test('O4: no order gets more than it asked for, none ends twice, and what is told of its size agrees', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { executions } = play(list, worldOf(), () => {})
        const ends = new Set<string>()
        const left = new Map<string, number>()
        const filled = new Map<string, number>()
        const asked = new Map<string, number>()
        for (const { clientId, kind, lots = 0, leftLots } of executions) {
          if (kind === 'cancel-rejected' || kind === 'amend-rejected') continue
          expect(ends.has(clientId)).toBe(false)
          if (kind === 'accepted' || kind === 'amended' || kind === 'triggered') asked.set(clientId, lots)
          if (kind === 'fill') {
            filled.set(clientId, (filled.get(clientId) ?? 0) + lots)
            const before = left.get(clientId)
            if (before !== undefined) expect(leftLots).toBeLessThan(before)
            if (asked.has(clientId)) expect(filled.get(clientId)).toBeLessThanOrEqual(asked.get(clientId)!)
          }
          if (leftLots === 0) ends.add(clientId)
          if (leftLots !== undefined) left.set(clientId, leftLots)
        }
      }),
      { numRuns: rounds(1000, 200) },
    )
  })

  test('of a group only one is filled, and reduce-only orders never open or turn a position', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const sent = new Map<string, Partial<Order>>()
        const world = worldOf()
        const { order } = world.exchange
        world.exchange.order = (received, terms) => {
          const id = order.call(world.exchange, received, terms)
          sent.set(id, terms)
          return id
        }
        const { executions } = play(list, world, () => {})
        const winners = new Map<string, string>()
        let position = 0
        for (const { kind, clientId, side, lots } of executions) {
          if (kind !== 'fill') continue
          const { group, reduceOnly, closePosition } = sent.get(clientId)!
          if (group !== undefined) expect(winners.get(group) ?? clientId).toBe(clientId)
          if (group !== undefined) winners.set(group, clientId)
          const before = position
          position += side === 'buy' ? lots! : -lots!
          if (reduceOnly !== true && closePosition !== true) continue
          expect(Math.abs(position)).toBeLessThan(Math.abs(before))
          expect(position * before).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: rounds(1000, 200) },
    )
  })

  test('money is what was bought and sold, to the last 10⁻⁸', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { executions } = play(list, worldOf(), () => {})
        const portfolio = new AccountPortfolio({
          ...{ account: 'a', exchange: 'x', currency: 'U', cash: 1_000_000_00000000n, instruments: [instrument] },
        })
        let cash = 1_000_000_00000000n
        let held = 0
        for (const execution of executions) {
          portfolio.apply(execution)
          if (execution.kind !== 'fill') continue
          const { side, ticks, lots, fee } = execution
          const value = valueE8(instrument, ticks!, lots!)
          cash += (side === 'buy' ? -value : value) - fee
          held += side === 'buy' ? lots! : -lots!
        }
        const market = { instrument, markTicks: 100 } as Parameters<AccountPortfolio['mark']>[0]
        portfolio.mark(market)
        expect(portfolio.lots(0)).toBe(held)
        const value = held === 0 ? 0n : valueE8(instrument, 100, Math.abs(held)) * BigInt(Math.sign(held))
        expect(portfolio.state().equity).toBe(cash + value)
        expect([...portfolio.open.values()].filter(({ leftLots }) => !(leftLots >= 0))).toEqual([])
      }),
      { numRuns: rounds(500, 100) },
    )
  })

  test('an exchange that was saved at any row goes on the same', () => {
    fc.assert(
      fc.property(rows, fc.nat(24), (list, at) => {
        const whole = play(list, worldOf(), () => {}).executions
        expect(play(list, worldOf(), () => {}, at % list.length).executions).toEqual(whole)
      }),
      { numRuns: rounds(500, 100) },
    )
  })
})
