import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { batchOf } from '../../schemas/batch.ts'
import { idsRead, rowsRead, tradesOf } from '../../tests/conformance/rows.ts'
import type { Topics } from '../topics.ts'
import { openEmbedded } from './embedded.ts'

const hour = 3_600_000
let dir: string
let now: number
let log: Topics

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-retain-'))
  now = 1_700_000_000_000
  log = await openEmbedded(dir, { clock: () => now })
})
afterEach(async () => {
  await log.close()
  rmSync(dir, { recursive: true, force: true })
})

const segments = () => readdirSync(join(dir, 'market/trades')).filter((name) => name.endsWith('.seg'))

test('a topic with retention gives the space of whole segments back while it is being written', async () => {
  await log.create([{ record: 'trades', retentionMs: 24 * hour }])
  const writer = await log.writer({ run: 'feed', market: true })
  for (let i = 0; i < 100; i++) {
    await writer.commit({ outputs: [tradesOf(i * 10, i * 10 + 10)] })
    now += hour / 2
    await log.retain(now)
    // 48 commits are kept, 2 to a segment.
    expect(segments().length).toBeLessThanOrEqual(26)
  }
  const kept = await idsRead(log, 'market.trades')
  expect(kept).toEqual(Array.from({ length: 480 }, (_, i) => 520 + i))
  const { rows, bytes, first } = await log.info('market.trades')
  expect([rows, first]).toEqual([480, tradesOf(520, 521).columns.received[0]])
  expect(bytes).toBeLessThanOrEqual(
    segments().reduce((sum, name) => sum + statSync(join(dir, 'market/trades', name)).size, 0),
  )
  await writer.close()
})

test('a topic without retention is kept for ever in one file', async () => {
  const writer = await log.writer({ run: 'feed', market: true })
  for (let i = 0; i < 5; i++) {
    await writer.commit({ outputs: [tradesOf(i * 10, i * 10 + 10)] })
    now += 10_000 * hour
  }
  await writer.close()
  expect(await log.retain(now)).toEqual({ rows: 0, bytes: 0 })
  expect((await idsRead(log, 'market.trades')).length).toBe(50)
  expect(segments()).toEqual(['000001.seg'])
})

test('a reader that falls behind retention learns the first offset that is missing', async () => {
  await log.create([{ record: 'trades', retentionMs: hour }])
  const writer = await log.writer({ run: 'feed', market: true })
  // More blocks than a reader looks ahead for.
  for (let i = 0; i < 200; i++) {
    await writer.commit({ outputs: [tradesOf(i, i + 1)] })
    now += hour / 10
  }
  const seen: number[] = []
  const reading = async () => {
    for await (const { offset } of log.read('market.trades')) {
      seen.push(offset)
      if (seen.length === 3) await log.retain(now)
    }
  }
  await expect(reading()).rejects.toMatchObject({
    code: 'HISTORY_EXPIRED',
    message: expect.stringMatching(/^offset \d+ of/),
  })
  expect(seen).toEqual(seen.map((_, i) => i))
  await writer.close()
})

test('what a run left behind that was being removed when its process died is deleted, a run being written is not', async () => {
  const writer = await log.writer({ run: 'live' })
  await writer.commit({ outputs: [alert()] })
  mkdirSync(join(dir, 'runs/dead'), { recursive: true })
  writeFileSync(join(dir, 'runs/dead/000001.seg'), new Uint8Array(5000))
  expect(await log.retain(now)).toEqual({ rows: 0, bytes: 5000 })
  expect(existsSync(join(dir, 'runs/dead'))).toBe(false)
  expect((await rowsRead(log, 'live.alerts')).length).toBe(1)
  await writer.close()
})

function alert() {
  const words = { exchange: 'e', symbol: 's', account: 'a', component: 'c', code: 'C', message: 'm' }
  return batchOf('alerts', [{ time: 1, received: 1, ...words, severity: 'info' }])
}
