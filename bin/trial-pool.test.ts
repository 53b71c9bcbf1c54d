import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseTopology } from '../pipelines/config.ts'
import { beginStudy, type Study } from '../pipelines/study/begin.ts'
import type { Ask } from '../pipelines/study/outcome.ts'
import { byGraph } from '../tests/studies.ts'
import { importSparse } from '../tests/tasks.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { type TrialPool, trialPool } from './trial-pool.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-pool-'))
let topics: Topics
let study: Study
let pool: TrialPool
const asks = [2, 3, 4].map((fast, trial): Ask => ({ trial, share: 1, params: { fast, slow: 9, size: 0.3 } }))
const never = new AbortController().signal

beforeAll(async () => {
  topics = await openTopics({ dir })
  await importSparse(topics, { symbols: ['AUSDT'], minutes: 25, partitions: 1 })
  // Its bars are not the run's.
  const strategy = { name: 'sma-cross', interval: '15s' }
  const topology = parseTopology({
    ...{ exchange: 'binance-usdm', symbols: ['AUSDT'], interval: '10s', risk: 'off', strategy },
  })
  const search = { name: 'grid', axes: ['fast=2:4'], seed: 1 }
  study = await beginStudy({ topics, topology, search, objective: 'sharpe', top: 1, nowMs: 0, name: 'pooled' })
  const { plan, stretch, account } = study.about
  pool = trialPool({ engine: { dir }, plan, stretch, strategy: { ...strategy, account } }, 1)
})

afterAll(async () => {
  pool.close()
  await topics.close()
  rmSync(dir, { recursive: true, force: true })
})

test('tasks of one process share its workers: there are never more than were asked for', async () => {
  const processes = () => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length
  const before = processes()
  const both = [pool.compute(asks, never), pool.compute(asks, never)]
  await pool.compute(asks.slice(0, 1), never)
  expect(processes() - before).toBeLessThanOrEqual(1)
  const expected = await byGraph(topics, study, asks)
  expect(expected[0]!.fills).toBeGreaterThan(10)
  expect(await Promise.all(both)).toEqual([expected, expected])
})

test('a task that is taken back amid its trials leaves nothing behind that the next one could trip over', async () => {
  const stop = new AbortController()
  const taken = pool.compute(asks, stop.signal)
  const waiting = pool.compute(asks, stop.signal)
  stop.abort()
  expect(await Promise.all([taken, waiting])).toEqual([[], []])
  expect(await pool.compute(asks, never)).toEqual(await byGraph(topics, study, asks))
})
