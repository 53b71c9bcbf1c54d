import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTopology } from '../tests/backtests.ts'
import { command, documentOf } from '../tests/commands.ts'
import { importMarket } from '../tests/market.ts'
import { openTopics } from '../topics/index.ts'
import type { WrittenComparison, WrittenReport } from './report.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-reports-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

beforeAll(async () => {
  await importMarket(dir, { seed: 3, minutes: 2 })
  const topics = await openTopics({ dir })
  for (const [name, slow] of Object.entries({ a: 4, b: 8, c: 4 })) {
    const strategy = { name: 'sma-cross', params: { fast: 2, slow, size: 1 } }
    const market = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', risk: 'off' as const }
    await runTopology(topics, name, { ...market, strategy })
  }
  await topics.close()
}, 60_000)

test('a report of several runs holds each beside the first, with what it was given apart', async () => {
  const file = join(dir, 'compared.html')
  const written = await documentOf<WrittenComparison>('report', 'a', 'b', 'c', '-o', file, '--dir', dir)
  const page = readFileSync(file, 'utf8')
  expect(written).toEqual({ runs: ['a', 'b', 'c'], file, bytes: Buffer.byteLength(page) })
  expect(page).toMatch(/params.slow<\/th><td>4<\/td><td>8<\/td><td>4<\/td>/)
  expect(page).not.toContain('params.fast')
  expect(page).toMatch(/b beside a: [^<]*days/)
})

test('of one run it is the report, and the same bytes each time', async () => {
  const [first, second] = [join(dir, '1.html'), join(dir, '2.html')]
  const written = await documentOf<WrittenReport>('report', 'a', '-o', first, '--dir', dir)
  await documentOf('report', 'a', '-o', second, '--dir', dir)
  expect(written).toMatchObject({ run: 'a', file: first })
  expect(readFileSync(first, 'utf8')).toBe(readFileSync(second, 'utf8'))
})

test('a run that is not there is named, and tables of several runs are refused', async () => {
  const missing = await command(['report', 'a', 'd', '-o', join(dir, 'none.html'), '--dir', dir])
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('unknown run "d"')])
  expect((await command(['report', 'a', 'b', '--tables', join(dir, 'tables'), '--dir', dir])).code).toBe(2)
})
