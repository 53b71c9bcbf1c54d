import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kafkaDesk, versionOf } from '../../tests/deploy/desks.ts'
import { openTopics } from '../../topics/index.ts'
import { readDeployment } from '../topology/read.ts'
import { brokenAt, readActs, writeAct } from './audit.ts'
import { difference } from './difference.ts'
import type { Version } from './folder.ts'
import { makeVersion } from './version.ts'

const done = (version: Version): Version => ({ ...version, outcome: 'done' })

/** The next version, after others of which the last one that was reached runs. */
async function nextAfter(
  versions: readonly Version[],
  text: string,
  newRuns: readonly string[] = [],
): Promise<Version> {
  const current = versions.findLast(({ outcome }) => outcome === 'done')
  const deployment = await readDeployment(text, 'desk.yaml')
  return makeVersion({
    ...{ deployment, target: 'local', current, versions, newRuns },
    timeMs: 0,
    who: 'test',
    why: '',
  })
}

const runs = ({ pipelines }: Version) => pipelines.map(({ run, since }) => `${run} since ${since}`)

describe('a version', () => {
  test('keeps what did not change: runs, and the processes of pipelines that nobody touched', async () => {
    const first = done(await versionOf(kafkaDesk, 'local'))
    expect(runs(first)).toEqual(['maker since 1', 'features since 1'])
    const same = await nextAfter([first], kafkaDesk)
    expect([same.hash, difference(first, same)]).toEqual([first.hash, []])
    const scaled = await nextAfter([first], kafkaDesk.replace('replicas: 2', 'replicas: 3'))
    expect(runs(scaled)).toEqual(['maker since 1', 'features since 1'])
    expect(difference(first, scaled)).toMatchObject([{ action: 'scale', name: 'maker', detail: 'replicas 2 → 3' }])
    const taken = await nextAfter([first], kafkaDesk.replace('memory: 1Gi', 'memory: 2Gi'))
    expect(runs(taken)).toEqual(['maker since 2', 'features since 1'])
    expect(difference(first, taken)).toMatchObject([
      { action: 'take over', fields: [{ path: 'resources.memory', was: '1Gi', is: '2Gi' }] },
    ])
  })

  test('has another run for what computes something else, and the old run again for what computes the same as before', async () => {
    const first = done(await versionOf(kafkaDesk, 'local'))
    const other = done(await nextAfter([first], kafkaDesk.replace('interval: 1m', 'interval: 5m')))
    expect(runs(other)).toEqual(['maker since 1', 'features.v2 since 2'])
    expect(runs(await nextAfter([first, other], kafkaDesk))).toEqual(['maker since 1', 'features since 3'])
  })

  test('that was not reached leaves no run behind that a later one takes for its own, unless it computes the same', async () => {
    const failed: Version = { ...(await versionOf(kafkaDesk, 'local')), outcome: 'failed' }
    expect(runs(await nextAfter([failed], kafkaDesk))).toEqual(['maker since 2', 'features since 2'])
    expect(runs(await nextAfter([failed], kafkaDesk.replace('interval: 1m', 'interval: 5m')))[1]).toBe(
      'features.v2 since 2',
    )
    const first = done(await versionOf(kafkaDesk, 'local'))
    const renewed: Version = { ...(await nextAfter([first], kafkaDesk, ['maker'])), outcome: 'failed' }
    expect(runs(renewed)[0]).toBe('maker.v2 since 2')
    expect(runs(await nextAfter([first, renewed], kafkaDesk))[0]).toBe('maker since 1')
  })

  test('says what is added and taken away', async () => {
    const first = done(await versionOf(kafkaDesk, 'local'))
    const less = await nextAfter([first], kafkaDesk.replace(/ {2}- name: features\n( {4}.*\n)+/, ''))
    expect(difference(first, less)).toMatchObject([
      { action: 'remove', name: 'features', detail: 'its processes end; run features is kept' },
    ])
    expect(difference(less, first)).toMatchObject([
      { action: 'create', name: 'features', detail: 'features, backtest, 4 tasks in 2 processes, run features' },
    ])
  })
})

test('the audit is a chain: an act that was changed, left out or put between shows', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-audit-'))
  const act = { action: 'apply', version: 1, hash: 'h', target: 'local', who: 'me', what: 'all', why: '' } as const
  // The clock goes back in between: acts stay in order.
  for (const [at, outcome] of (['begun', 'done', 'failed'] as const).entries()) {
    await writeAct(dir, 'desk', { ...act, outcome }, 1000 - at)
  }
  const topics = await openTopics({ dir, readOnly: true })
  const acts = await readActs(topics, 'desk')
  await topics.close()
  rmSync(dir, { recursive: true, force: true })
  expect(acts.map(({ outcome, sequence, received }) => [outcome, sequence, received])).toEqual([
    ...[
      ['begun', 1, 1_000_000],
      ['done', 2, 1_000_001],
      ['failed', 3, 1_000_002],
    ],
  ])
  expect(brokenAt(acts)).toBe(undefined)
  expect(brokenAt(acts.map((one, at) => (at === 0 ? { ...one, who: 'you' } : one)))).toBe(2)
  expect(brokenAt(acts.toSpliced(1, 1))).toBe(3)
  expect(brokenAt(acts.toSpliced(0, 1))).toBe(2)
})
