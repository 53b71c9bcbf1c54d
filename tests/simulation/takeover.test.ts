// A newer version takes a run over: only when it computes what the older one committed, and then nothing shows of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { strategyOf } from '../../operators/strategies/index.ts'
import type { Strategy } from '../../operators/strategies/strategy.ts'
import { anyAboutOf } from '../../pipelines/about.ts'
import { parseTopology } from '../../pipelines/config.ts'
import { parity } from '../../pipelines/parity.ts'
import type { RunOptions } from '../../pipelines/run.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { seatsOf } from '../backtests.ts'
import { describeWith, testWith } from '../data.ts'
import { type KafkaPlaces, kafkaPlaces } from '../kafka.ts'
import { importSparse, runTasks, sixSymbols, threeAccounts, writtenBy } from '../tasks.ts'

const market = { symbols: sixSymbols.slice(0, 2), minutes: 12, partitions: 2 }
const dir = mkdtempSync(join(tmpdir(), 'smartspeed-takeover-'))
const small = { stepRows: 150, batchRows: 50, snapshotRows: 400 }
let embedded: Topics
let wanted: Awaited<ReturnType<typeof writtenBy>>

beforeAll(async () => {
  embedded = await openTopics({ dir })
  await importSparse(embedded, market)
  await runTasks(embedded, 'undisturbed', threeAccounts)
  wanted = await writtenBy(embedded, 'undisturbed')
  expect(wanted.orders!.rows).toBeGreaterThan(10)
}, 300_000)

afterAll(async () => {
  await embedded?.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Code that trades twice as much. */
const planted: Strategy = {
  ...strategyOf('sma-cross'),
  create: (params, desk) =>
    strategyOf('sma-cross').create(
      { ...(params as { size: number }), size: 2 * (params as { size: number }).size },
      desk,
    ),
}

function seats(first?: Strategy) {
  const all = seatsOf(parseTopology(threeAccounts))
  return first === undefined ? all : [{ ...all[0]!, strategy: first }, ...all.slice(1)]
}

/** Runs until it has committed some steps, then as told. */
function running(topics: Topics, name: string, more: Partial<RunOptions>) {
  const stop = new AbortController()
  let steps = 0
  const observer = { step: () => void steps++, state: () => {} }
  const result = runTasks(topics, name, threeAccounts, { ...small, observer, signal: stop.signal, ...more })
  const outcome = result.then(
    () => undefined,
    (error: unknown) => error,
  )
  return {
    result,
    outcome,
    async hasCommitted(count: number) {
      while (steps < count) await sleep(20)
    },
    stop() {
      stop.abort()
      return outcome
    },
  }
}

describe('on the embedded engine, a run that was stopped', () => {
  const begun = async (name: string) => {
    const old = running(embedded, name, { codeHash: 'old', speed: 60 })
    await old.hasCommitted(20)
    expect(await old.stop()).toMatchObject({ code: 'INTERRUPTED' })
  }

  test('is gone on with by another version that computes the same, and only when it is told to', async () => {
    await begun('taken')
    await expect(runTasks(embedded, 'taken', threeAccounts, { codeHash: 'new' })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
    })
    await runTasks(embedded, 'taken', threeAccounts, { ...small, codeHash: 'new', takeover: true })
    expect(await writtenBy(embedded, 'taken')).toEqual(wanted)
    const about = (await anyAboutOf(embedded, 'taken'))!
    expect(about).toMatchObject({ status: 'finished', codeHash: 'new', before: ['old'], rank: 1 })
    expect(await parity(embedded, 'taken', about, { seats: seats(), codeHash: 'new' })).toMatchObject({ equal: true })
  }, 300_000)

  testWith(
    'time',
    'is not given to a version that computes otherwise, and the old one finishes it',
    async () => {
      await begun('kept')
      const other = { ...small, codeHash: 'planted', takeover: true, seats: seats(planted) }
      await expect(runTasks(embedded, 'kept', threeAccounts, other)).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
      await runTasks(embedded, 'kept', threeAccounts, { ...small, codeHash: 'old' })
      expect(await writtenBy(embedded, 'kept')).toEqual(wanted)
    },
    300_000,
  )

  testWith(
    'time',
    'waits for its new version until the old one is stopped',
    async () => {
      const old = running(embedded, 'shadowed', { codeHash: 'old', speed: 60 })
      await old.hasCommitted(20)
      let computed = 0
      const next = running(embedded, 'shadowed', {
        ...{ codeHash: 'new', takeover: true },
        onShadow: (rows) => {
          computed = rows
        },
      })
      while (computed === 0) await sleep(20)
      await old.stop()
      await next.result
      expect(await writtenBy(embedded, 'shadowed')).toEqual(wanted)
    },
    300_000,
  )
})

describeWith(['kafka', 'time'], 'on Kafka, a run that is worked on', () => {
  let places: KafkaPlaces
  let place: ReturnType<KafkaPlaces['options']>
  let [one, other]: Topics[] = []

  beforeAll(async () => {
    places = await kafkaPlaces()
    place = places.options()
    one = await openTopics(place)
    other = await openTopics(place)
    await importSparse(one, market)
  }, 300_000)

  afterAll(async () => {
    await one?.close()
    await other?.close()
    await places?.end()
  })

  test('is taken over by a newer version amid its work, and its outputs are those of an undisturbed run', async () => {
    const old = running(one!, 'taken', { codeHash: 'old', speed: 10 })
    await old.hasCommitted(12)
    const joined = Promise.withResolvers<unknown>()
    const onStage: RunOptions['onStage'] = (stage) => stage === 'joined' && joined.resolve(anyAboutOf(one!, 'taken'))
    const next = running(other!, 'taken', { codeHash: 'new', takeover: true, onStage })
    expect(await old.outcome).toMatchObject({ code: 'TAKEN_OVER' })
    // Whoever is started from then on finds a run of its own version.
    expect(await joined.promise).toMatchObject({ codeHash: 'new', rank: 1 })
    await next.result
    expect(await writtenBy(other!, 'taken')).toEqual(wanted)
    expect(await anyAboutOf(other!, 'taken')).toMatchObject({ codeHash: 'new', before: ['old'], rank: 1 })
  }, 600_000)

  test('is not disturbed by a version that computes otherwise', async () => {
    const old = running(one!, 'kept', { codeHash: 'old', speed: 30 })
    await old.hasCommitted(12)
    const next = running(other!, 'kept', { codeHash: 'planted', takeover: true, seats: seats(planted) })
    expect(await next.outcome).toMatchObject({ code: 'VERSION_MISMATCH' })
    // It works on; what is left it does at full speed.
    expect(await old.stop()).toMatchObject({ code: 'INTERRUPTED' })
    await runTasks(one!, 'kept', threeAccounts, { ...small, codeHash: 'old' })
    expect(await writtenBy(one!, 'kept')).toEqual(wanted)
  }, 600_000)
})
