// A run that begins in the midst of candles: what the market is by then is known from those before it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perpetual } from '../../operators/portfolio/samples.ts'
import { random } from '../../operators/random.ts'
import { aboutOf } from '../../pipelines/about.ts'
import { parity } from '../../pipelines/parity.ts'
import { batchOf } from '../../schemas/batch.ts'
import type { Candle } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { rowsIn, runTopology, seatsOf } from '../backtests.ts'
import { watcher } from '../watcher.ts'

const minute = 60_000_000
const market = { exchange: 'x', symbol: 'LONG' }
const [candles, begin] = [4000, 3000]
const dir = mkdtempSync(join(tmpdir(), 'smartspeed-from-'))
let topics: Topics

beforeAll(async () => {
  topics = await openTopics({ dir })
  const dice = random('from')
  let price = 1000
  const rows = Array.from({ length: candles }, (_, number): Candle => {
    const open = price
    price = Math.max(100, price + Math.floor(dice.next() * 41) - 20)
    const [openTime, time] = [number * minute, (number + 1) * minute]
    const prices = {
      open,
      close: price,
      high: Math.max(open, price) + 1,
      low: Math.min(open, price) - 1,
      volume: 9 + (number % 7),
    }
    return { ...market, time, received: time, openTime, interval: '1m', ...prices }
  })
  const writer = await topics.writer({ run: 'import', market: true })
  await writer.commit({ outputs: [batchOf('instruments', [perpetual(market)]), batchOf('candles', rows)] })
  await writer.close()
})

afterAll(async () => {
  await topics?.close()
  rmSync(dir, { recursive: true, force: true })
})

interface Seen {
  readonly features: (number | null)[]
  readonly regimes: ({ regime: string } | null)[]
}

async function seen(name: string, more: object = {}): Promise<Seen[]> {
  const topology = {
    ...{ exchange: market.exchange, symbols: [market.symbol], risk: 'off', keep: ['features', 'regimes'] },
    ...{ strategy: { name: 'watcher', params: { interval: '15m' } }, sizing: { name: 'fixed', factor: 1e-9 }, ...more },
  }
  await runTopology(topics, name, topology as never, { strategy: watcher })
  const signals = await rowsIn(topics, 'signals', name)
  return signals.filter(({ received }) => received > begin * minute).map(({ reason }) => JSON.parse(reason) as Seen)
}

test('it sees from its first candle on what the whole run sees there', async () => {
  const [whole, part] = [await seen('whole'), await seen('part', { from: begin * minute + 1 })]
  expect(part).toHaveLength(candles - begin)
  expect(whole).toHaveLength(candles - begin)
  const labels = (rows: Seen[]) => rows.map(({ regimes }) => regimes.map((one) => one?.regime))
  expect(labels(part)).toEqual(labels(whole))
  expect(labels(part)[0]).not.toContain(undefined)
  for (const [at, { features }] of part.entries()) {
    for (const [i, value] of features.entries()) {
      const other = whole[at]!.features[i]!
      if (other === null) expect(value).toBeNull()
      else expect(Math.abs(value! - other) / Math.max(1, Math.abs(other))).toBeLessThan(1e-3)
    }
  }
  for (const record of ['features', 'regimes', 'accounts'] as const)
    for (const { received } of await rowsIn(topics, record, 'part')) expect(received).toBeGreaterThan(begin * minute)
})

test('parity holds it', async () => {
  const about = (await aboutOf(topics, 'part'))!
  const again = { seats: seatsOf(about.plan.topology, watcher), codeHash: 'code' }
  expect(await parity(topics, 'part', about, again)).toMatchObject({ equal: true })
})
