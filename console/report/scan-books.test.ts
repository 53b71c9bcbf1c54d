import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { strategyOf } from '../../operators/strategies/index.ts'
import { parseTopology } from '../../pipelines/config.ts'
import { planOf } from '../../pipelines/plan.ts'
import { importMarket } from '../../tests/market.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { scanBooks } from './scan-books.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-scan-books-'))
let topics: Topics

beforeAll(async () => {
  await importMarket(dir, { seed: 3, minutes: 0.5 })
  topics = await openTopics({ dir })
})

afterAll(async () => {
  await topics?.close()
  rmSync(dir, { recursive: true })
})

async function scan(from?: number) {
  const topology = parseTopology({ strategy: { name: 'market-maker' }, from })
  return (await scanBooks(topics, await planOf(topics, topology, [strategyOf('market-maker')]))).get('BTCUSDT')!
}

test('a run over a whole capture waits for the snapshot, one from its middle begins with the book', async () => {
  const { first, last, rows } = await topics.info('market.books')
  const whole = await scan()
  expect(whole).toMatchObject({ rows, gaps: 0, crossed: 0, outUs: 0 })
  expect(whole.startUs).toBeGreaterThan(0)
  const half = await scan(Math.floor((first! + last!) / 2))
  expect(half).toMatchObject({ gaps: 0, firstGap: undefined, crossed: 0, startUs: 0, outUs: 0 })
  expect(half.rows).toBeLessThan(rows)
  expect(half.rows).toBeGreaterThan(rows / 4)
})
