import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseTopology, type TopologyInput } from '../pipelines/config.ts'
import type { Plan } from '../pipelines/plan.ts'
import { findSeats } from '../pipelines/seats.ts'
import { studyOf } from '../pipelines/study/about.ts'
import { trialId } from '../pipelines/study/outcome.ts'
import { countTrials, trialsOf } from '../pipelines/study/trials.ts'
import { validateStudy } from '../pipelines/study/validate.ts'
import { admit, type Colour } from '../pipelines/study/verdict.ts'
import { runTopology } from '../tests/backtests.ts'
import { importMarket } from '../tests/market.ts'
import { searchFor } from '../tests/studies.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { removeRuns } from './runs.ts'
import { ledgerOf } from './trials.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-trials-'))
const on = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', risk: 'off' as const }

beforeAll(async () => {
  await importMarket(dir, { seed: 3, minutes: 1 })
}, 60_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

async function opened<T>(work: (topics: Topics) => Promise<T>): Promise<T> {
  const topics = await openTopics({ dir })
  try {
    return await work(topics)
  } finally {
    await topics.close()
  }
}

/** A strategy in a file of its own; the process reads a file once, so each version has its own. */
function holderIn(file: string, comment: string): TopologyInput {
  const authoring = join(import.meta.dirname, '../operators/strategies/authoring.ts')
  writeFileSync(
    join(dir, file),
    `import { defineStrategy, z } from ${JSON.stringify(authoring)}
// ${comment}
export default defineStrategy({
  name: 'holder', summary: 'holds', parameters: z.strictObject({ size: z.number().positive() }), warmup: () => 0, needs: 'bars',
  create: ({ size }, desk) => ({ bar: ({ instrument }) => desk.target(instrument, size, 'holds'), save: () => new Uint8Array(), load() {} }),
})
`,
  )
  return { ...on, strategy: { name: join(dir, file), params: {} } }
}

test('a strategy file that was edited is another trial, and the same bytes are the same one, wherever they lie', async () => {
  await opened(async (topics) => {
    const before = (await ledgerOf(topics)).trials
    const idsOf = async (study: string, topology: TopologyInput) => {
      await searchFor(topics, topology, ['size=1,2'], { name: study })
      return (await trialsOf(topics, study)).map(({ id }) => id)
    }
    const first = await idsOf('first', holderIn('first.ts', 'as it was'))
    expect(await idsOf('copied', holderIn('copied.ts', 'as it was'))).toEqual(first)
    expect((await ledgerOf(topics)).trials).toBe(before + 2)
    const topology = holderIn('edited.ts', 'edited')
    expect(new Set([...first, ...(await idsOf('edited', topology))]).size).toBe(4)
    expect((await ledgerOf(topics)).trials).toBe(before + 4)
    // A backtest of one of them is no other trial.
    const one = { ...topology, strategy: { name: join(dir, 'edited.ts'), params: { size: 1 } } }
    const { seats, codeHash } = await findSeats(parseTopology(one))
    await runTopology(topics, 'alone', one, { strategy: seats[0]!.strategy, seats, codeHash })
    expect((await ledgerOf(topics)).trials).toBe(before + 4)
  })
})

test('a trial of a strategy of ours is called as it always was: what was recorded counts as the same', () => {
  const topology = parseTopology({ strategy: { name: 'sma-cross' }, exchange: 'x', symbols: ['AB'] })
  const plan = { topology, exchange: 'x', symbols: ['AB'], interval: '1m', from: undefined, to: 9 } as unknown as Plan
  const id = trialId(plan, { strategy: 'sma-cross' }, { fast: 2, slow: 4 })
  expect(id).toBe('703c2876be86de71aaac4e08be7792f059b6a70c09c6ec8f9a1ccea4228bc2a2')
})

/** A backtest that is stopped after a part of its rows. */
async function stopped(topics: Topics, name: string, topology: TopologyInput): Promise<void> {
  const stop = new AbortController()
  const cut = runTopology(topics, name, topology, { stepRows: 200, signal: stop.signal, onStep: () => stop.abort() })
  await expect(cut).rejects.toMatchObject({ code: 'INTERRUPTED' })
}

test('a run that was stopped or killed is a trial as far as it came, since its report can be seen; finished it is the same one', async () => {
  await opened(async (topics) => {
    const topology = { ...on, strategy: { name: 'sma-cross', params: { fast: 3, slow: 5 } } }
    const asked = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], strategy: 'sma-cross' }
    const before = await countTrials(topics, asked)
    await stopped(topics, 'cut', topology)
    const { received } = (await topics.tasks('cut'))[0]!
    expect(await countTrials(topics, asked)).toMatchObject({
      all: before.all + 1,
      ofStrategy: before.ofStrategy + 1,
    })
    const seen = async (unseen: number) => (await countTrials(topics, { ...asked, unseen })).seen
    expect((await seen(received - 1)) - (await seen(received))).toBe(1)
    // One that committed nothing has shown nothing.
    const { about } = (await topics.runs()).find(({ run }) => run === 'cut')!
    const writer = await topics.writer({ run: 'begun' })
    const plan = { ...(about as { plan: object }).plan, to: received }
    await writer.commit({ outputs: [], run: { ...(about as object), plan, status: 'running' } })
    await writer.close()
    expect((await countTrials(topics, asked)).all).toBe(before.all + 1)
    await runTopology(topics, 'cut', topology)
    expect((await countTrials(topics, asked)).all).toBe(before.all + 1)
    expect(await seen(received)).toBe(await seen(received - 1))
  })
})

/** The verdict that validation keeps with a study. */
async function judged(topics: Topics, study: string, verdict: Colour, madeMs: number): Promise<void> {
  const about = (await studyOf(topics, study))!
  const validation = { verdict, reasons: ['noise is as good'], trials: 9, method: 'cpcv', madeMs, answer: {} }
  const writer = await topics.writer({ run: study })
  await writer.commit({ outputs: [], run: { ...about, validation } })
  await writer.close()
}

test('nothing that was tried is forgotten when studies and runs are removed, finished or not', async () => {
  const topology = { ...on, strategy: { name: 'sma-cross', params: { size: 2 } } }
  const asked = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], strategy: 'sma-cross', unseen: 0 }
  const count = () =>
    opened(async (topics) => ({ ...(await ledgerOf(topics)), count: await countTrials(topics, asked) }))
  await opened(async (topics) => {
    await searchFor(topics, topology, ['fast=2,3', 'slow=7,9'], { name: 'gone' })
    await runTopology(topics, 'gone-too', { ...on, strategy: { name: 'sma-cross', params: { fast: 4, slow: 11 } } })
    await stopped(topics, 'gone-early', { ...on, strategy: { name: 'sma-cross', params: { fast: 5, slow: 13 } } })
  })
  const before = await count()
  const removed = await removeRuns({ dir }, ['gone*'])
  expect(removed.runs.map(({ run }) => run).sort()).toEqual(['gone', 'gone-early', 'gone-too'])
  const after = await count()
  expect({ ...after, studies: [] }).toEqual({ ...before, studies: [] })
  expect(after.studies.map(({ study }) => study)).not.toContain('gone')
})

test('a red verdict outlives its study, until a newer one is another', async () => {
  const topology = { ...on, strategy: { name: 'sma-cross', params: { size: 3 } } }
  const traded = { exchange: 'binance-usdm', symbols: ['BTCUSDT'], strategies: [{ name: 'sma-cross' }] }
  await opened(async (topics) => {
    for (const study of ['was-green', 'was-red', 'now-amber'])
      await searchFor(topics, topology, ['fast=2', 'slow=7'], { name: study })
    await judged(topics, 'was-green', 'green', 1)
    await judged(topics, 'was-red', 'red', 2)
    await expect(admit(topics, traded, undefined)).rejects.toMatchObject({ code: 'VERDICT_RED' })
  })
  await removeRuns({ dir }, ['was-red'])
  await removeRuns({ dir }, ['was-green'])
  await opened(async (topics) => {
    await expect(admit(topics, traded, undefined)).rejects.toMatchObject({
      code: 'VERDICT_RED',
      message: 'validation says that this is luck: sma-cross (study was-red): noise is as good',
    })
    expect(await admit(topics, traded, 'one lot only')).toMatchObject([{ study: 'was-red' }])
    expect(await admit(topics, { ...traded, symbols: ['ETHUSDT'] }, undefined)).toEqual([])
    await judged(topics, 'now-amber', 'amber', 3)
    expect(await admit(topics, traded, undefined)).toEqual([])
  })
  await removeRuns({ dir }, ['now-amber'])
  await opened(async (topics) => expect(await admit(topics, traded, undefined)).toEqual([]))
})

test('a study of a strategy file that was edited since is not validated: its trials are of what the file was', async () => {
  await opened(async (topics) => {
    await searchFor(topics, holderIn('later.ts', 'as it was'), ['size=1,2'], { name: 'later' })
    const edited = holderIn('later.ts', 'edited')
    const { study, done } = await searchFor(topics, edited, ['size=1,2'], { name: 'later' })
    const how = { method: 'walk-forward', anchored: false, samples: 20, seed: 1, nowMs: 1 } as const
    await expect(validateStudy({ topics, study, about: done, ...how })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      fix: expect.stringContaining('--name') as string,
    })
  })
})
