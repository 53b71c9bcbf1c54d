// Fees, slippage, latency and partial fills over a real capture: FR-201, FR-202, FR-206, FR-207 of the specification, and which
// queue a market maker stood in.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { triesOf } from '../../bin/calibrate.ts'
import { instrumentOf, priceOf } from '../../operators/instrument.ts'
import { feeE8, valueE8 } from '../../operators/portfolio/money.ts'
import { defineStrategy } from '../../operators/strategies/strategy.ts'
import { aboutOf } from '../../pipelines/about.ts'
import { calibrate, outcomesOfRun } from '../../pipelines/calibrate.ts'
import { parseTopology, type TopologyInput } from '../../pipelines/config.ts'
import { planOf } from '../../pipelines/plan.ts'
import { requestsOf, resend } from '../../pipelines/resend.ts'
import type { Execution } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { rowsIn, runTopology } from '../backtests.ts'
import { describeWith } from '../data.ts'
import { importCapture } from '../market.ts'

type Venue = NonNullable<TopologyInput['venue']>

const root = mkdtempSync(join(tmpdir(), 'smartspeed-fills-'))
let topics: Topics

const taking = { name: 'sma-cross', params: { fast: 3, slow: 9, size: 0.3, mode: 'long-short' } }
const making = { name: 'market-maker', params: {} }
const making5 = { outMs: 5, backMs: 5, jitterMs: 1 }

function run(name: string, strategy: typeof taking | typeof making, venue: Venue, more: Partial<TopologyInput> = {}) {
  return runTopology(topics, name, { strategy, interval: '1s', risk: 'off', venue, ...more } as TopologyInput)
}
const fillsOf = async (name: string): Promise<Execution[]> =>
  (await rowsIn(topics, 'executions', name)).filter(({ kind }) => kind === 'fill')

/** Two large market orders at one instant, and a small one a minute later. */
const walker = defineStrategy({
  name: 'walker',
  summary: 'walks the book',
  parameters: z.strictObject({}),
  warmup: () => 0,
  needs: 'ticks',
  create(_params, desk) {
    let first = Number.NaN
    let sent = 0
    return {
      top({ synced }) {
        if (!synced) return
        if (Number.isNaN(first)) first = desk.now
        if (sent === 0 && desk.now > first + 60e6) {
          for (const tag of ['a', 'b']) desk.order(0, { tag, side: 'buy', size: 20, type: 'market' }, 'walk')
          sent = 2
        }
        if (sent === 2 && desk.now > first + 120e6) {
          desk.order(0, { tag: 'c', side: 'buy', size: 0.001, type: 'market' }, 'walk')
          sent = 3
        }
      },
      save: () => new Uint8Array(),
      load: () => {},
    }
  },
})

/** Joins the queues at both best prices every half a second, and leaves them after four. */
const joiner = defineStrategy({
  name: 'joiner',
  summary: 'joins queues',
  parameters: z.strictObject({}),
  warmup: () => 0,
  needs: 'ticks',
  create(_params, desk) {
    let next = Number.NEGATIVE_INFINITY
    let turn = 0
    return {
      top({ synced, instrument, bidTicks, askTicks }) {
        if (!synced || desk.now < next) return
        next = desk.now + 500_000
        turn = (turn + 1) % 8
        for (const side of ['buy', 'sell'] as const) {
          const tag = `${side} ${turn}`
          desk.cancel(tag, 'long enough')
          const price = priceOf(instrument, side === 'buy' ? bidTicks : askTicks)
          desk.order(0, { tag, side, size: 0.05, type: 'limit', timeInForce: 'gtx', price }, 'joins')
        }
      },
      save: () => new Uint8Array(),
      load: () => {},
    }
  },
})

/** A run of it, whose requests are those that every model below is asked about. */
function joining(name: string, venue: Venue, seed: number) {
  const topology = { strategy: { name: 'joiner' }, risk: 'off', seed, venue } as TopologyInput
  return runTopology(topics, name, topology, { strategy: joiner })
}

describeWith('data', 'fills over the captured session', () => {
  beforeAll(async () => {
    await importCapture(join(root, 'log'), 'usdm-btcusdt-20240808.gz', 'binance-usdm')
    topics = await openTopics({ dir: join(root, 'log') })
  })
  afterAll(async () => {
    await topics?.close()
    rmSync(root, { recursive: true, force: true })
  })

  test('FR-201: maker and taker rates are those of the exchange, said or looked up for the day of the data', async () => {
    const own = { 'binance-usdm': { maker: -0.0001, taker: 0.0007 }, okx: { taker: 0.1, maker: 0.1 } }
    await run('own', making, { fees: own, latency: making5, queue: 'power' })
    await run('own-taking', taking, { fees: own })
    const { assumptions } = await run('vip0', taking, { fees: 'vip0' })
    const [instrument] = (await rowsIn(topics, 'instruments')).map(instrumentOf)
    const paid = async (name: string, rates: { maker: number; taker: number }) => {
      const fills = await fillsOf(name)
      for (const { fee, ticks, lots, liquidity } of fills)
        expect(fee).toBe(feeE8(valueE8(instrument!, ticks!, lots!), rates[liquidity!]))
      return new Set(fills.map(({ liquidity }) => liquidity))
    }
    expect(await paid('own', own['binance-usdm'])).toContain('maker')
    expect(await paid('own-taking', own['binance-usdm'])).toContain('taker')
    expect(await paid('vip0', { maker: 0.0002, taker: 0.0005 })).toContain('taker')
    expect(assumptions.find(({ kind }) => kind === 'fees')).toMatchObject({
      ...{ name: 'binance-usdm', value: 'taker 5 bp, maker 2 bp', source: expect.stringContaining('2024-04-28') },
    })
    await expect(run('none', taking, { fees: { okx: 'vip0' } })).rejects.toThrow(/venue\.fees has none of binance-usdm/)
  })

  test('FR-202: slippage grows with size and volatility, a spread is added, and no price is ever better for it', async () => {
    const priced = async (name: string, slippage: Venue['slippage'], size = 0.3) => {
      await run(name, { ...taking, params: { ...taking.params, size } }, { slippage })
      return fillsOf(name)
    }
    const plain = await priced('plain', 'none')
    expect(plain.length).toBeGreaterThan(50)
    const worse = (fills: readonly Execution[], than = plain) => {
      expect(fills.map(({ clientId, lots }) => [clientId, lots])).toEqual(
        than.map(({ clientId, lots }) => [clientId, lots]),
      )
      return fills.map(({ side, ticks }, at) =>
        side === 'buy' ? ticks! - than[at]!.ticks! : than[at]!.ticks! - ticks!,
      )
    }
    const spread = worse(await priced('spread', { spreadBps: 4 }))
    expect(spread).toEqual(plain.map(({ ticks }) => Math.ceil((ticks! * 4) / 20_000)))
    expect(new Set(worse(await priced('fixed', { ticks: 7 })))).toEqual(new Set([7]))
    const [impact, volume] = [
      worse(await priced('impact', 'square-root')),
      worse(await priced('volume', 'volume-based')),
    ]
    for (const list of [impact, volume]) expect(Math.min(...list)).toBeGreaterThanOrEqual(0)
    const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0)
    // Known after the first two minutes; the noise of 2 bp from the first order on.
    expect(sum(impact)).toBeGreaterThan(0)
    expect(volume.every((ticks) => ticks > 0)).toBe(true)
    const small = await priced('plain-small', 'none', 0.03)
    expect(sum(worse(await priced('impact-small', 'square-root', 0.03), small)) / small.length).toBeLessThan(
      sum(impact) / plain.length,
    )
  })

  test('FR-206: orders arrive after the delay that is set, from 50 to 500 ms, with its jitter', async () => {
    const [clock] = await rowsIn(topics, 'clocks')
    const delays = async (name: string, latency: Venue['latency']) => {
      await run(name, making, { latency })
      const sent = new Map(
        (await rowsIn(topics, 'orders', name))
          .filter(({ kind }) => kind === 'new')
          .map((one) => [one.clientId, one.received]),
      )
      const accepted = (await rowsIn(topics, 'executions', name)).filter(({ kind }) => kind === 'accepted')
      return accepted.map(({ clientId, time }) => (time - clock!.offset - sent.get(clientId)!) / 1000)
    }
    const mean = (list: readonly number[]) => list.reduce((total, one) => total + one, 0) / list.length
    for (const outMs of [50, 500]) {
      expect(new Set(await delays(`constant-${outMs}`, outMs))).toEqual(new Set([outMs]))
      const jittered = await delays(`jitter-${outMs}`, { outMs, jitterMs: 10 })
      expect(jittered.length).toBeGreaterThan(100)
      expect(Math.min(...jittered)).toBeGreaterThanOrEqual(outMs)
      // Messages wait for those before them, so that the mean may be above base and jitter, never below by more than chance.
      expect(mean(jittered)).toBeGreaterThan(outMs + 10 - 50 / Math.sqrt(jittered.length))
      expect(mean(jittered)).toBeLessThan(outMs + 20)
    }
    const spiky = await delays('spikes', { baseMs: 50 })
    expect(Math.max(...spiky)).toBeGreaterThan(200)
    const far = await delays('hong-kong', 'hong-kong')
    // 23:54 UTC is no peak hour: 15 ms ± 10 %.
    expect(mean(far)).toBeGreaterThan(14)
    expect(mean(far)).toBeLessThan(17)
  })

  test('FR-207: a large order walks the book level by level, and the next one finds what it left', async () => {
    await runTopology(
      topics,
      'walker',
      { strategy: { name: 'walker' }, risk: 'off', account: { cash: 50_000_000 }, venue: { latency: 5 } },
      { strategy: walker },
    )
    const byOrder = Map.groupBy(await fillsOf('walker'), ({ clientId }) => clientId)
    const [first, second, third] = [...byOrder.values()]
    for (const fills of [first!, second!]) {
      expect(fills.length).toBeGreaterThan(5)
      expect(fills.reduce((sum, { lots }) => sum + lots!, 0)).toBe(20_000)
      for (let at = 1; at < fills.length; at++) expect(fills[at]!.ticks!).toBeGreaterThan(fills[at - 1]!.ticks!)
      expect(fills.map(({ leftLots }) => leftLots)).toEqual(
        fills.map((_, at) => fills.slice(at + 1).reduce((sum, { lots }) => sum + lots!, 0)),
      )
    }
    expect(second![0]!.ticks!).toBeGreaterThanOrEqual(first!.at(-1)!.ticks!)
    expect(second![0]!.time).toBe(first![0]!.time)
    // A minute later every level was updated many times.
    expect(third).toHaveLength(1)
    expect(third![0]!.ticks!).toBeLessThan(second![0]!.ticks!)
  })

  test('the same requests are filled more by every kinder model of what is ahead of them', async () => {
    await joining('joins', { latency: making5 }, 7)
    const requests = await requestsOf(topics, 'joins')
    const { plan } = (await aboutOf(topics, 'joins'))!
    const filled = async (venue: Venue) => {
      const topology = parseTopology({ strategy: making, venue: { latency: making5, ...venue }, seed: 7 })
      const outcomes = await resend(
        topics,
        { ...plan, topology: { ...plan.topology, venue: topology.venue } },
        requests,
        { cash: 1_000_000 },
      )
      return outcomes.all().reduce((sum, one) => sum + one.filled, 0)
    }
    const strict = await filled({ fills: 'through' })
    const slow = await filled({ queue: 'conservative' })
    const [front, touch] = [await filled({ queue: 'front' }), await filled({ fills: 'touch' })]
    expect(strict).toBeLessThan(slow)
    for (const queue of ['power', 'log', 'power-2', 'power-3', 'log-2'] as const) {
      const lots = await filled({ queue })
      expect(lots).toBeGreaterThanOrEqual(slow)
      expect(lots).toBeLessThanOrEqual(front)
    }
    expect(slow).toBeLessThan(front)
    expect(front).toBeLessThan(touch)
  })

  test('the queue that a maker really stood in is recognised by its fills', async () => {
    await joining('simulated', { latency: making5, queue: 'conservative' }, 1)
    await joining('truth', { latency: making5, queue: 'power' }, 8)
    const real = await outcomesOfRun(topics, 'truth')
    const requests = await requestsOf(topics, 'truth')
    const tries = triesOf(['queue=conservative,power,front', 'latency.outMs=1,5,25'])
    const how = { withinUs: 1e6, samples: 200, confidence: 0.95, seed: 1 }
    // The run's own seed: the jitter of the truth was drawn otherwise.
    const found = await calibrate({ topics, run: 'simulated', real, requests, tries, ...how })
    expect(found.best).toEqual({ queue: 'power', 'latency.outMs': 5 })
    expect(found.settings!.find(({ settings }) => settings === found.best)!.nearest).toBeGreaterThan(0.95)
    expect(found.groups[0]!.fillRate.simulated).toBeLessThan(found.groups[0]!.fillRate.real)
  })

  test('the limits of the exchange change nothing for the market maker of the benchmark, and stop one that is wilder', async () => {
    const bench = { risk: 'default' } as const
    const off = await run('limits-off', making, { latency: making5, queue: 'power' }, bench)
    const on = await run('limits-on', making, { latency: making5, queue: 'power', limits: 'default' }, bench)
    expect(on.hashes).toEqual(off.hashes)
    await run('limits-own', making, { latency: making5, limits: { ordersPer10s: 20 } })
    const executions = await rowsIn(topics, 'executions', 'limits-own')
    const refused = executions.filter(({ reason }) => reason === 'TOO_MANY_ORDERS')
    expect(refused.length).toBeGreaterThan(10)
    const perWindow = Map.groupBy(
      executions.filter(({ kind }) => kind === 'accepted'),
      ({ time }) => Math.floor(time / 10e6),
    )
    for (const accepted of perWindow.values()) expect(accepted.length).toBeLessThanOrEqual(20)
  })

  test('a plan without fees of its exchange is refused before anything runs', async () => {
    const topology = parseTopology({ strategy: making, venue: { latency: { profile: 'hong-kong', ms: {} } } })
    expect((await planOf(topics, topology, [])).fees).toEqual({ 'binance-usdm': { taker: 0.0004, maker: 0.0002 } })
    const queued = parseTopology({ strategy: taking, venue: { fill: 'next-open', fills: 'queue' } })
    await expect(planOf(topics, queued, [])).rejects.toMatchObject({
      code: expect.stringMatching(/CONFIG_INVALID|NO_DATA/),
    })
  })
})
