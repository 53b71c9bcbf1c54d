import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rowsIn } from '../tests/backtests.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { loadFunding } from './load-funding.ts'

const hour = 3_600_000_000
const at = 1_637_193_600_000
let dir: string
let topics: Topics

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-funding-'))
  topics = await openTopics({ dir: join(dir, 'log') })
})
afterEach(async () => {
  await topics.close()
  rmSync(dir, { recursive: true, force: true })
})

function load(text: string) {
  const file = join(dir, 'rates.csv')
  writeFileSync(file, text)
  return loadFunding(topics, { file, exchange: 'binance-usdm', symbol: 'XRPUSDT' })
}

test('rates of Binance’s archive are what was paid at the full hour, with their interval', async () => {
  const text = `calc_time,funding_interval_hours,last_funding_rate\n${at + 17},8,0.00010000\n${at + 28_800_000 + 7},4,-0.0002\n`
  expect(await load(text)).toEqual({
    ...{ rows: 2, from: at * 1000, to: at * 1000 + 8 * hour, duplicates: 0, deadLetters: 0, complete: true },
  })
  expect(await rowsIn(topics, 'funding')).toMatchObject([
    { time: at * 1000, received: at * 1000, rate: 0.0001, intervalHours: 8 },
    { time: at * 1000 + 8 * hour, rate: -0.0002, intervalHours: 4 },
  ])
})

test('a file that is loaded again adds nothing, and one that says otherwise or cannot be read is kept as a dead letter', async () => {
  await load(`time,rate\n${at},0.0001\n`)
  const again = await load(`time,rate\n${at},0.0001\n${at + 28_800_000},0.0003\nnonsense,0.1\n${at},0.0002\n${at},7\n`)
  expect(again).toMatchObject({ rows: 1, duplicates: 1, deadLetters: 3 })
  expect((await rowsIn(topics, 'funding')).map(({ rate }) => rate)).toEqual([0.0001, 0.0003])
  expect((await rowsIn(topics, 'dead-letters')).map(({ reason }) => reason)).toEqual([
    'MESSAGE_UNREADABLE',
    'VALUE_IMPOSSIBLE',
    'VALUE_IMPOSSIBLE',
  ])
})

test('a file without a rate says which columns there are, and one without rows that there is none', async () => {
  await expect(load('time,fundin_rate\n1,2\n')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'no column "rate"; the file has: time, fundin_rate',
  })
  await expect(load('time,rate\n')).rejects.toMatchObject({ code: 'NO_DATA' })
})
