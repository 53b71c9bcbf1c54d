import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { random } from '../operators/random.ts'
import { batchOf } from '../schemas/batch.ts'
import type { Candle } from '../schemas/records.generated.ts'
import { runTopology } from '../tests/backtests.ts'
import { openEmbedded } from '../topics/embedded/embedded.ts'
import type { Topics } from '../topics/topics.ts'
import { aboutOf } from './about.ts'
import { type Comparison, compare } from './compare.ts'
import type { TopologyInput } from './config.ts'

const hourUs = 3_600_000_000
const startUs = Date.UTC(2024, 0, 1) * 1000
const days = 45
let dir: string
let topics: Topics

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-compare-'))
  topics = await openEmbedded(dir)
  const writer = await topics.writer({ run: 'import', market: true })
  const common = { time: startUs, received: startUs, exchange: 'x', symbol: 'AB' }
  const instrument = {
    ...{ ...common, type: 'perpetual' as const, base: 'A', quote: 'B', settle: 'B', tickSize: 0.01, lotSize: 0.001 },
    ...{ minNotional: 0, contractSize: 1, inverse: false, ccxtSymbol: '', status: '', inferred: false },
  }
  await writer.commit({ outputs: [batchOf('instruments', [instrument]), batchOf('candles', walk(days * 24))] })
  await writer.close()
  await run('plain')
  await run('dear', { venue: { fees: { taker: 0.01 } } })
  await run('slower', { strategy: { name: 'sma-cross', params: { fast: 5, slow: 21, size: 1, mode: 'long-short' } } })
  await run('short', { to: '2024-01-20' })
}, 60_000)

afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true })
})

/** A random walk in cents, a candle an hour. */
function walk(count: number): Candle[] {
  const dice = random(11)
  let price = 10_000
  return Array.from({ length: count }, (_, i) => {
    const open = price
    price = Math.max(100, price + Math.floor(dice.next() * 41) - 20)
    const openTime = startUs + i * hourUs
    const time = openTime + hourUs
    return {
      ...{ time, received: time, exchange: 'x', symbol: 'AB', openTime, interval: '1h', volume: 10 },
      ...{ open: open / 100, high: Math.max(open, price) / 100, low: Math.min(open, price) / 100, close: price / 100 },
    }
  })
}

function run(name: string, more: TopologyInput = {}) {
  const strategy = { name: 'sma-cross', params: { fast: 5, slow: 20, size: 1, mode: 'long-short' } }
  const base = { exchange: 'x', symbols: ['AB'], risk: 'off' as const, account: { cash: 10_000 } }
  return runTopology(topics, name, { ...base, ...(more.strategy === undefined ? { strategy } : {}), ...more })
}

async function compared(a: string, b: string): Promise<Comparison> {
  const named = async (run: string) => ({ run, about: (await aboutOf(topics, run))! })
  return compare(topics, await named(a), await named(b))
}

test('a run that pays for each trade what the other does not is worse beyond luck', async () => {
  const { better, luck, config, figures } = await compared('dear', 'plain')
  expect(better).toBe('plain')
  expect(luck).toMatchObject({ days, better: 'plain' })
  expect(luck.daily!.high).toBeLessThan(0)
  expect(luck.said).toMatch(/^on 45 days dear returned −.* a day more than plain .*: luck alone does not explain/)
  expect(config).toEqual([{ key: 'venue.fees.taker', a: 0.01, b: 0.0004 }])
  const fees = figures.find(({ name }) => name === 'fees')!
  expect(fees.difference).toBe(fees.b! - fees.a!)
  expect(fees.difference).toBeLessThan(0)
})

test('of two runs that hardly differ none is better beyond luck, whichever returned more', async () => {
  const { better, luck, config } = await compared('plain', 'slower')
  expect(better).not.toBeNull()
  expect(luck).toMatchObject({ days, better: null, said: expect.stringContaining('no more than luck explains') })
  expect(luck.daily!.low).toBeLessThan(0)
  expect(luck.daily!.high).toBeGreaterThan(0)
  expect(config).toEqual([{ key: 'params.slow', a: 20, b: 21 }])
})

test('days that one of the runs has not do not count', async () => {
  const { luck, range, outputs } = await compared('plain', 'short')
  // The candle that closes at the end's midnight is not read: of the 19th day an hour is missing.
  expect(luck).toMatchObject({ days: 18, better: null, said: expect.stringMatching(/^18 days in common are too few/) })
  expect(range).toMatchObject({ equal: false })
  // The shorter run is the beginning of the longer one, row by row, until it ends.
  for (const { topic, equal, first } of outputs) {
    if (topic === 'accounts' || topic === 'risk-events' || equal) continue
    expect(first, topic).toMatchObject({ was: expect.any(String), is: null })
  }
})

test('a run is equal to itself, and no day tells it from itself', async () => {
  const { equal, different, luck, better } = await compared('plain', 'plain')
  expect({ equal, different, better }).toEqual({ equal: true, different: [], better: null })
  expect(luck.said).toContain('both returned the same')
})
