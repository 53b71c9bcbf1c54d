// Several accounts in one run: what each came to, and what they came to together.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../operators/random.ts'
import { batchOf } from '../schemas/batch.ts'
import type { Candle } from '../schemas/records.generated.ts'
import { rowsIn, runTopology } from '../tests/backtests.ts'
import { openEmbedded } from '../topics/embedded/embedded.ts'
import type { Topics } from '../topics/topics.ts'
import { aboutOf } from './about.ts'
import { accountCurves, type Curve, equityOf, totalCurve, tripsOf } from './collect.ts'
import type { TopologyInput } from './config.ts'
import type { BacktestResult } from './result.ts'

const minuteUs = 60_000_000
const startUs = Date.UTC(2024, 0, 1) * 1000
let dir: string
let topics: Topics

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-collect-'))
  topics = await openEmbedded(dir)
  const writer = await topics.writer({ run: 'import', market: true })
  const symbols = ['AB', 'CD']
  const instruments = symbols.map((symbol) => ({
    ...{ time: startUs, received: startUs, exchange: 'x', symbol, type: 'perpetual' as const },
    ...{ base: symbol[0]!, quote: 'B', settle: 'B', tickSize: 0.01, lotSize: 0.001, minNotional: 0, contractSize: 1 },
    ...{ inverse: false, ccxtSymbol: '', status: '', inferred: false },
  }))
  const candles = symbols.flatMap((symbol, at) => walk(symbol, { count: 2 * 1_440, seed: 5 + at }))
  candles.sort((a, b) => a.received - b.received)
  await writer.commit({ outputs: [batchOf('instruments', instruments), batchOf('candles', candles)] })
  await writer.close()
})

afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true })
})

/** A random walk in cents, a candle a minute. */
function walk(symbol: string, { count, seed }: { count: number; seed: number }): Candle[] {
  const dice = random(seed)
  let price = 10_000
  return Array.from({ length: count }, (_, i) => {
    const open = price
    price = Math.max(100, price + Math.floor(dice.next() * 41) - 20)
    const openTime = startUs + i * minuteUs
    const time = openTime + minuteUs
    return {
      ...{ time, received: time, exchange: 'x', symbol, openTime, interval: '1m', volume: 10 },
      ...{ open: open / 100, high: Math.max(open, price) / 100, low: Math.min(open, price) / 100, close: price / 100 },
    }
  })
}

const quick = { name: 'sma-cross', params: { fast: 5, slow: 20, size: 1, mode: 'long-short' } }
const slow = { name: 'sma-cross', params: { fast: 30, slow: 90, size: 2 } }
const base: TopologyInput = { exchange: 'x', symbols: ['AB', 'CD'], risk: 'off', account: { cash: 10_000 } }
const both: TopologyInput = {
  ...base,
  strategies: [
    { ...quick, account: { name: 'quick' } },
    { ...slow, account: { name: 'slow', cash: 2_500 } },
  ],
}

const openings = [
  { name: 'quick', cash: 10_000 },
  { name: 'slow', cash: 2_500 },
]

describe('two strategies in one run', () => {
  let result: BacktestResult
  beforeAll(async () => {
    result = await runTopology(topics, 'both', both)
  })

  test('each has its line, and the lines add up to the run', () => {
    expect(result.strategies.map(({ strategy, account }) => [strategy, account])).toEqual([
      ['sma-cross', 'quick'],
      ['sma-cross', 'slow'],
    ])
    const sum = (of: (one: BacktestResult['strategies'][number]) => number) =>
      result.strategies.reduce((total, one) => total + of(one), 0)
    expect(result.fills).toBeGreaterThan(50)
    for (const name of ['fills', 'trades'] as const) expect(sum((one) => one[name])).toBe(result[name])
    for (const name of ['fees', 'funding', 'finalEquity'] as const) {
      expect(sum((one) => one[name])).toBeCloseTo(result[name], 7)
    }
    expect(result.metrics.startEquity).toBe(12_500)
    expect(result.metrics.finalEquity).toBe(result.finalEquity)
    for (const one of result.strategies) {
      expect(one.metrics.finalEquity).toBe(one.finalEquity)
      expect(one.metrics.trades).toBe(one.trades)
    }
  })

  test('each comes to what it comes to in a run of its own', async () => {
    const alone = [
      await runTopology(topics, 'quick-alone', { ...base, strategy: quick, account: { name: 'quick', cash: 10_000 } }),
      await runTopology(topics, 'slow-alone', { ...base, strategy: slow, account: { name: 'slow', cash: 2_500 } }),
    ]
    for (const [at, own] of alone.entries()) {
      expect(own.strategies).toEqual([result.strategies[at]])
      expect(own.metrics).toEqual(result.strategies[at]!.metrics)
    }
  })

  test('the curve of the run is at each moment the sum of what each account was last worth', async () => {
    const total = await equityOf(topics, 'both', openings)
    const rows = await rowsIn(topics, 'accounts', 'both')
    expect(new Set(rows.map(({ account }) => account))).toEqual(new Set(['quick', 'slow']))
    for (let point = 0; point < total.times.length; point += 37) {
      const known = openings.map(({ name, cash }) => {
        const last = rows.findLast((row) => row.account === name && row.received <= total.times[point]!)
        return last === undefined ? cash : Number(last.equity) / 1e8
      })
      expect(total.equity[point]).toBe(known[0]! + known[1]!)
    }
  })

  test('trips know their account and strategy, and why they were opened and closed', async () => {
    const { plan } = (await aboutOf(topics, 'both'))!
    const { closed } = await tripsOf(topics, 'both', plan, { reasons: true })
    const reasons = new Set((await rowsIn(topics, 'signals', 'both')).map(({ reason }) => reason))
    expect(closed.length).toBe(result.trades)
    for (const trip of closed) {
      expect(['quick', 'slow']).toContain(trip.account)
      expect(trip.strategy).toBe('sma-cross')
      expect(reasons).toContain(trip.entryReason)
      expect(reasons).toContain(trip.exitReason)
    }
    const plain = await tripsOf(topics, 'both', plan)
    expect(plain.closed).toEqual(closed.map(({ entryReason: _entry, exitReason: _exit, ...trip }) => trip))
  })

  test('how the rows were cut into steps does not show', async () => {
    const cut = await runTopology(topics, 'cut', both, { batchRows: 7, stepRows: 50, snapshotRows: 100 })
    expect(cut.strategies).toEqual(result.strategies)
    expect(cut.metrics).toEqual(result.metrics)
    const curves = await accountCurves(topics, 'cut')
    expect(curves).toEqual(await accountCurves(topics, 'both'))
  })
})

test('accounts together are at each time what a search through all points says', () => {
  const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 999 })), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(fc.array(points, { minLength: 1, maxLength: 4 }), (drawn) => {
      const accounts = drawn.map((_, at) => ({ name: `a${at}`, cash: 1000 * (at + 1) }))
      const curves = new Map(drawn.map((one, at) => [`a${at}`, curveOf(one)]))
      const total = totalCurve(accounts, curves)
      const worthAt = (at: number, time: number) => {
        const { times, equity } = curves.get(`a${at}`)!
        const last = times.findLastIndex((one) => one <= time)
        return last < 0 ? accounts[at]!.cash : equity[last]!
      }
      const times = [...new Set(drawn.flat().map(([time]) => time))].sort((a, b) => a - b)
      expect([...new Set(total.times)]).toEqual(times)
      for (const time of times) {
        const seen = total.equity[total.times.lastIndexOf(time)]
        expect(seen).toBe(accounts.reduce((sum, _, at) => sum + worthAt(at, time), 0))
      }
    }),
  )
})

function curveOf(points: [number, number][]): Curve {
  const sorted = points.toSorted(([a], [b]) => a - b)
  return {
    times: Float64Array.from(sorted, ([time]) => time),
    equity: Float64Array.from(sorted, ([, equity]) => equity),
  }
}
