import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Desk, Market } from '../operators/desk.ts'
import { featureNames } from '../operators/features/names.ts'
import { instrumentOf, priceOf, sizeOf } from '../operators/instrument.ts'
import { e8ToText } from '../operators/portfolio/money.ts'
import { horizons } from '../operators/regime/horizons.ts'
import { pack, unpack } from '../operators/stage.ts'
import { defineStrategy } from '../operators/strategies/authoring.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { rowAt } from '../schemas/batch.ts'
import { toJson } from '../schemas/json.ts'
import type { Execution, Order, RecordName } from '../schemas/records.generated.ts'
import { rowsIn, runTopology, seatsOf } from '../tests/backtests.ts'
import { importMarket } from '../tests/market.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { aboutOf } from './about.ts'
import { backtest } from './backtest.ts'
import { tripsOf } from './collect.ts'
import { parseTopology, type TopologyInput } from './config.ts'
import { type Explanation, explain, sameCode } from './explain.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-explain-'))
const on = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s' }
let topics: Topics

/** Says as the reason of each signal what it was told and what it sees, so that what is explained can be held against it. */
const witness = defineStrategy({
  name: 'witness',
  summary: 'writes down what it sees',
  parameters: z.strictObject({ every: z.int().default(40) }),
  warmup: () => 0,
  needs: 'ticks',
  create({ every }, desk) {
    let count = 0
    const seen = (cause: string) => {
      const { bidTicks, bidLots, askTicks, askLots } = desk.market(0)
      return JSON.stringify({ cause, position: desk.position(0), bidTicks, bidLots, askTicks, askLots })
    }
    return {
      trade: (market: Market) => {
        if (++count % every === 0) rest(desk, market, seen('trade'))
      },
      top: (market: Market) => {
        if (++count % every === 0) rest(desk, market, seen('top'))
      },
      bar: () => {
        if (++count % 3 === 0) desk.target(0, count % 2 === 0 ? 0.01 : 0, seen('bar'))
      },
      execution: ({ kind, liquidity, ticks }: Execution) => {
        // Answers a maker's fill with an order on the other side, which rests behind the best price.
        const market = desk.market(0)
        if (kind === 'fill' && liquidity === 'maker' && ticks !== undefined && !desk.working('answer'))
          desk.order(
            0,
            {
              tag: 'answer',
              side: 'sell',
              size: 0.002,
              price: priceOf(market.instrument, market.askTicks + 3),
            },
            seen('execution'),
          )
      },
      save: () => pack(count),
      load: (bytes) => {
        count = unpack(bytes)
      },
    }
  },
}) as Strategy

/** Says as the reason of each signal the features, regimes and last bars that it sees. */
const sighted = defineStrategy({
  name: 'sighted',
  summary: 'writes down features, regimes and bars',
  parameters: z.strictObject({}),
  warmup: () => 0,
  needs: 'bars',
  features: true,
  regimes: true,
  intervals: () => ['10s'],
  create: (_params, desk) => ({
    bar: ({ close }) => {
      const features = Object.fromEntries(featureNames.map((name) => [name, desk.feature(0, name)]))
      const regimes = Object.fromEntries(horizons.map((one) => [one, desk.regime(0, one) ?? null]))
      const bars = { '10s': desk.lastBar(0, '10s') ?? null }
      desk.target(0, Math.round(close * 10) % 2 === 0 ? 0.01 : 0, JSON.stringify({ features, regimes, bars }))
    },
    save: () => new Uint8Array(0),
    load: () => {},
  }),
}) as Strategy

/** A limit order at the best bid, or the one from before taken back. */
function rest(desk: Desk, { bidTicks, instrument }: Market, reason: string): void {
  const price = priceOf(instrument, bidTicks)
  if (desk.working('resting')) desk.cancel('resting', reason)
  else desk.order(0, { tag: 'resting', side: 'buy', size: 0.01, price }, reason)
}

const run = async (name: string, topology: TopologyInput, more = {}, strategy?: Strategy) => {
  if (strategy === undefined) return runTopology(topics, name, topology, more)
  const parsed = parseTopology(topology)
  const clock = { nowMs: () => 0 }
  return backtest({
    topics,
    topology: parsed,
    seats: seatsOf(parsed, strategy),
    codeHash: 'code',
    name,
    clock,
    ...more,
  })
}

async function explained(
  name: string,
  what: string,
  { strategy, codeHash = 'code' }: { strategy?: Strategy; codeHash?: string } = {},
) {
  const about = (await aboutOf(topics, name))!
  return explain(topics, { run: name, about, what }, async () => {
    sameCode(name, about, codeHash)
    return { seats: seatsOf(about.plan.topology, strategy) }
  })
}

const seen = (name: string, what: string) => explained(name, what, { strategy: witness })

beforeAll(async () => {
  await importMarket(dir, { seed: 5, minutes: 1 })
  topics = await openTopics({ dir })
  const venue = { latency: { outMs: 2, backMs: 1, jitterMs: 1 } }
  const watching = { ...on, strategy: { name: 'witness' }, risk: 'off' as const, venue }
  await run('witness', watching, {}, witness)
  await run('in-steps', watching, { stepRows: 1000, snapshotRows: 1000, batchRows: 100 }, witness)
  await run('sighted', { ...on, strategy: { name: 'sighted' }, risk: 'off' }, {}, sighted)
  const cross = { name: 'sma-cross', params: { fast: 3, slow: 9, size: 0.5, mode: 'long-short' } }
  await run('cross', { ...on, strategy: cross, risk: 'default' })
  const execution = { name: 'twap', minutes: 0.05, slices: 3 }
  await run('parts', { ...on, strategy: cross, risk: 'default', execution })
  await run('small', { ...on, strategy: cross, risk: { 'position-size': { share: 0.001 } } })
  await run('both', {
    ...on,
    risk: 'off',
    strategies: [
      { ...cross, account: { name: 'one' } },
      { ...cross, account: { name: 'two' } },
    ],
  })
}, 60_000)

afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true, force: true })
})

async function orders(name: string): Promise<Order[]> {
  return (await rowsIn(topics, 'orders', name)).filter(({ kind }) => kind === 'new')
}

/** Some of each kind of reason: the orders of a run are many. */
async function sampled(name: string): Promise<Order[]> {
  const all = await orders(name)
  return all.filter((_, at) => at < 6 || at % Math.ceil(all.length / 20) === 0)
}

describe('what the strategy saw', () => {
  test('is what it says itself that it saw, whatever called it', async () => {
    const signals = await rowsIn(topics, 'signals', 'witness')
    const instrument = instrumentOf((await aboutOf(topics, 'witness'))!.plan.instruments[0]!, 0)
    const causes = new Map<string, number>()
    let deepest = 0
    for (const { number, reason } of signals) {
      const said = JSON.parse(reason) as Record<string, number> & { cause: string }
      const count = (causes.get(said.cause) ?? 0) + 1
      causes.set(said.cause, count)
      if (count > 4) continue
      const { saw, reexecution } = await seen('witness', `signal:${number}`)
      expect(reexecution).toMatchObject({ equal: true, fromStep: 0 })
      expect(saw!.cause!.kind).toBe(said.cause)

      expect(saw!.market).toMatchObject({
        position: said.position,
        ...{ bid: priceOf(instrument, said.bidTicks!), bidSize: sizeOf(instrument, said.bidLots!) },
        ...{ ask: priceOf(instrument, said.askTicks!), askSize: sizeOf(instrument, said.askLots!) },
      })
      const [best] = saw!.market.book.bids
      expect(best).toEqual([saw!.market.bid, saw!.market.bidSize])
      deepest = Math.max(deepest, saw!.market.book.asks.length)
    }
    expect(deepest).toBe(10)
    expect([...causes.keys()].sort()).toEqual(['bar', 'execution', 'top', 'trade'])
  }, 60_000)

  test('holds the features, the regimes and the bars of other intervals of that instant, and no later ones', async () => {
    const signals = await rowsIn(topics, 'signals', 'sighted')
    let known = 0
    for (const { number, reason } of signals.filter((_, at) => at % 12 === 5)) {
      const { saw } = await explained('sighted', `signal:${number}`, { strategy: sighted })
      const { features, regimes, bars } = saw!.market
      expect({ features, regimes, bars }).toEqual(JSON.parse(reason))
      known += Object.values(features!).filter((value) => value !== null).length
    }
    expect(known).toBeGreaterThan(60)
    expect(signals.length).toBeGreaterThan(40)
  }, 60_000)

  test('is told with the row that it stood on, which is the row of that offset', async () => {
    for (const { clientId, received } of (await sampled('cross')).slice(0, 6)) {
      const { saw } = await explained('cross', clientId)
      const { topic, partition, offset, ...fields } = saw!.row!
      expect(fields.received).toBe(received)
      const range = { partitions: [partition], from: { offsets: [offset] }, to: { offsets: [offset + 1] } }
      const rows = []
      for await (const { batch } of topics.read(topic, range))
        rows.push(toJson(batch.topic as RecordName, rowAt(batch, 0)))
      expect(rows).toEqual([fields])
    }
  })
})

describe('an order that was sent as a part of another', () => {
  test('is told with the signal of the whole, and computed again up to its own end', async () => {
    const signals = await rowsIn(topics, 'signals', 'parts')
    let later = 0
    for (const { clientId, signal, received } of await sampled('parts')) {
      const told = await explained('parts', clientId)
      expect(told).toMatchObject({ order: clientId, signal: { number: signal }, reexecution: { equal: true } })
      expect(signals.find(({ number }) => number === signal)!.received).toBe(told.saw!.row!.received)
      if ((told.saw!.row!.received as number) < received) later++
    }
    expect(later).toBeGreaterThan(3)
  })
})

describe('the queue', () => {
  test('begins with what the venue said when it accepted, never grows, and loses what each execution took', async () => {
    let makers = 0
    for (const { clientId, lots, type } of await sampled('witness')) {
      const { queue, executions, outcome } = await seen('witness', clientId)
      if (type === 'market') continue
      const accepted = executions.find(({ kind }) => kind === 'accepted')
      if (accepted === undefined) continue
      expect(queue.aheadWhenAccepted).toBe(accepted.queueAhead ?? null)
      const [first] = queue.moves
      if (first === undefined) continue
      expect(first.aheadLots).toBeLessThanOrEqual(queue.aheadWhenAccepted!)
      const ahead = queue.moves.map(({ aheadLots }) => aheadLots!)
      expect(ahead).toEqual([...ahead].sort((a, b) => b - a))
      const fills = executions.filter(({ liquidity }) => liquidity === 'maker')
      const left = new Set(queue.moves.map(({ leftLots }) => leftLots))
      // The last fill takes the order out of the queue.
      for (const { leftLots } of fills) if (leftLots !== 0) expect(left).toContain(leftLots)
      expect(left).toContain(lots)
      makers += fills.length
      expect(queue.arrival).toBeGreaterThan(0)
      expect(['filled', 'partly filled', 'unfilled', 'open']).toContain(outcome.status)
    }
    expect(makers).toBeGreaterThan(0)
  }, 60_000)

  test('and all else is the same from a snapshot as from the beginning', async () => {
    const all = await sampled('witness')
    const froms = new Set<number>()
    for (const { clientId } of [all[0]!, all.at(-1)!]) {
      const [whole, restored] = [await seen('witness', clientId), await seen('in-steps', clientId)]
      froms.add((restored.reexecution as { fromStep: number }).fromStep)
      expect(without(restored)).toEqual(without(whole))
    }
    // Of a finished run the last snapshots are kept, so the first order is computed from the beginning.
    expect(froms.size).toBe(2)
    expect(froms).toContain(0)
  })
})

function without({ run: _run, reexecution: _reexecution, ...rest }: Explanation) {
  return rest
}

describe('what became of it', () => {
  test('an order is told with every verdict, every execution, and the round trip that it opened or closed', async () => {
    const about = (await aboutOf(topics, 'cross'))!
    const { closed } = await tripsOf(topics, 'cross', about.plan)
    expect(closed.length).toBeGreaterThan(2)
    const found = []
    for (const { clientId } of await orders('cross')) found.push(await explained('cross', clientId))
    const [first, second] = found
    expect(first!.risk.verdicts.map(({ check }) => check)).toContain('position-size')
    expect(first!.risk.verdicts.every(({ allowed, value }) => allowed && value !== null)).toBe(true)
    expect(first!.outcome).toMatchObject({ status: 'filled', makerShare: 0, currency: 'USDT' })
    expect(first!.trips).toMatchObject([{ number: 1, parts: ['opened'], side: closed[0]!.side }])
    // Long to short: one order ends a trip and begins the next.
    expect(second!.trips.map(({ number, parts }) => [number, parts])).toEqual([
      [1, ['closed']],
      [2, ['opened']],
    ])
    const ended = found.flatMap(({ trips }) => trips.filter(({ parts }) => parts.includes('closed')))
    expect(ended.map(({ pnl }) => pnl)).toEqual(closed.map(({ pnlE8 }) => e8ToText(pnlE8)))
    const fees = found.reduce((sum, { outcome }) => sum + Number(outcome.fees), 0)
    expect(fees).toBeCloseTo(about.result!.fees, 6)
  })

  test('a signal that risk refused says which check, with value and limit, and which passed before', async () => {
    const { order, outcome, risk, signal, saw, executions } = await explained('small', 'signal:1')
    expect({ order, executions }).toEqual({ order: null, executions: [] })
    expect(outcome.status).toBe('refused')
    expect(risk.allowed).toBe(false)
    const last = risk.verdicts.at(-1)!
    expect(last).toMatchObject({ check: 'position-size', allowed: false, reason: 'MAX_POSITION' })
    expect(last.value).toBeGreaterThan(last.limit!)
    expect(risk.verdicts.slice(0, -1)).toContainEqual({ check: 'funds', allowed: true, value: null, limit: null })
    expect(signal.number).toBe(1)
    expect(saw!.market.bid).toBeGreaterThan(0)
  })
})

describe('names', () => {
  test('an order is known by its client id, by its end, and by its signal', async () => {
    const whole = await explained('cross', 'sma-cross.main.2')
    expect(await explained('cross', 'main.2')).toEqual(whole)
    expect(await explained('cross', '2')).toEqual(whole)
    expect(await explained('cross', `signal:${whole.signal.number}`)).toEqual(whole)
  })

  test('a name that two accounts have is refused with what would tell them apart', async () => {
    const rejected = expect.stringContaining('sma-cross.one.1')
    await expect(explained('both', '1')).rejects.toMatchObject({ code: 'UNKNOWN_NAME', message: rejected })
    expect((await explained('both', 'two.1')).account).toBe('two')
    await expect(explained('both', 'signal:1')).rejects.toMatchObject({
      ...{ code: 'UNKNOWN_NAME', message: 'signal 1 could be any of signal:one.1, signal:two.1' },
    })
    await expect(explained('both', 'signal:nope.1')).rejects.toMatchObject({
      ...{ code: 'UNKNOWN_NAME', message: 'unknown account of run both "nope"; allowed: one, two' },
    })
    expect((await explained('both', 'signal:two.1')).account).toBe('two')
  })

  test('what is not there is said with what is', async () => {
    await expect(explained('cross', 'main.99')).rejects.toMatchObject({
      ...{ code: 'NO_DATA', fix: expect.stringContaining('smartspeed cat orders --run cross') },
    })
    await expect(explained('cross', 'signal:9999')).rejects.toMatchObject({
      code: 'NO_DATA',
      fix: expect.stringMatching(/signals 1 to \d+/),
    })
    await expect(explained('small', '1')).rejects.toMatchObject({
      code: 'NO_DATA',
      message: expect.stringContaining('sent no order'),
    })
  })
})

describe('a run that cannot be computed again', () => {
  test('by other code is told from what it wrote down, and why the rest is missing', async () => {
    const whole = await explained('cross', '1')
    const { saw, reexecution, queue, ...rest } = await explained('cross', '1', { codeHash: 'other' })
    expect({ saw, arrival: queue.arrival }).toEqual({ saw: null, arrival: null })
    expect(reexecution).toMatchObject({ equal: false, code: 'VERSION_MISMATCH' })
    expect(rest.executions).toEqual(whole.executions)
    expect(rest.trips).toEqual(whole.trips)
  })

  test('B6: by a strategy that does something else now is found out, not made up', async () => {
    const about = (await aboutOf(topics, 'cross'))!
    const seats = seatsOf(about.plan.topology).map((seat) => ({ ...seat, params: { ...seat.params, size: 0.4 } }))
    const { reexecution, saw } = await explain(topics, { run: 'cross', about, what: '1' }, async () => ({ seats }))
    expect(saw).toBeNull()
    expect(reexecution).toMatchObject({ equal: false, code: 'NOT_DETERMINISTIC' })
  })
})
