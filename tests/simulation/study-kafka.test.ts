// A study whose trials are spread by Kafka over whoever joins: each is made once, and they come to what one process makes of them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { TopologyInput } from '../../pipelines/config.ts'
import { studyOf } from '../../pipelines/study/about.ts'
import type { Ask } from '../../pipelines/study/outcome.ts'
import type { TrialsDone } from '../../pipelines/study/run-study.ts'
import { trialsOf } from '../../pipelines/study/trials.ts'
import { openTopics } from '../../topics/index.ts'
import { openClient } from '../../topics/kafka/engine.ts'
import { namesOf } from '../../topics/kafka/layout.ts'
import type { Topics } from '../../topics/topics.ts'
import { describeWith, testWith } from '../data.ts'
import { type SharedPlaces, sharedPlaces } from '../kafka.ts'
import { byGraph, searchFor } from '../studies.ts'
import { importSparse } from '../tasks.ts'
import { gatedStrategy } from './gated.ts'
import { endMembers, startMember } from './processes.ts'

const market = { symbols: ['AUSDT'], minutes: 25, partitions: 1 }
const topology: TopologyInput = {
  ...{ exchange: 'binance-usdm', symbols: ['AUSDT'], interval: '10s', risk: 'off' },
  strategy: { name: 'sma-cross', params: { size: 0.3, mode: 'long-short' } },
}
const axes = ['fast=1:6', 'slow=7:9']

describeWith('kafka', 'a study on Kafka', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-study-'))
  let places: SharedPlaces
  let embedded: Topics

  beforeAll(async () => {
    places = await sharedPlaces()
    embedded = await openTopics({ dir })
    await importSparse(embedded, market)
    await searchFor(embedded, topology, axes, { name: 'spread' })
  }, 600_000)
  afterEach(endMembers)
  afterAll(async () => {
    await embedded?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  test('is shared by its members, goes on when one leaves, and makes each trial once', async () => {
    const options = places.options()
    const [first, second] = [await openTopics(options), await openTopics(options)]
    await importSparse(first, market)
    const leaving = new AbortController()
    let made = 0
    const told: TrialsDone[] = []
    /** Leaves after some trials, amid others. */
    const member = (topics: Topics, leaves: boolean) => {
      const run = {
        chunk: 1,
        onTrials: (progress: TrialsDone) => void told.push(progress),
        clock: { nowMs: () => performance.now(), random: () => 0.5 },
        compute: async (asks: readonly Ask[]) => {
          const { study } = await searchedBy(topics)
          const outcomes = await byGraph(topics, study, asks)
          if (leaves && ++made === 3) leaving.abort()
          return outcomes
        },
      }
      const signal = leaves ? { signal: leaving.signal } : {}
      return searchFor(topics, topology, axes, { name: 'spread', tasks: 4, run: { ...run, ...signal } })
    }
    const [left, stayed] = await Promise.allSettled([member(first, true), member(second, false)])
    expect(left).toMatchObject({ status: 'rejected', reason: { code: 'INTERRUPTED' } })
    expect(stayed).toMatchObject({ status: 'fulfilled', value: { done: { result: { combinations: 18 } } } })
    expect(made).toBeGreaterThanOrEqual(3)
    expect(told.filter(({ done, total }) => done > total || total > 18)).toEqual([])
    expect((await second.info('spread.trials')).partitions).toBe(4)
    expect(await trialsOf(second, 'spread')).toEqual(await trialsOf(embedded, 'spread'))
    const [own, other] = [await studyOf(second, 'spread'), await studyOf(embedded, 'spread')]
    expect(own?.result?.best).toEqual(other?.result?.best)
    await first.close()
    await second.close()
  }, 180_000)

  testWith(
    'time',
    'is finished by one of two processes where the other is killed amid its trials, each of them made once',
    async () => {
      const place = places.options()
      const [topics, alone] = [await openTopics(place), await openTopics({ dir: join(dir, 'alone') })]
      for (const one of [topics, alone]) await importSparse(one, market)
      const gated = gatedStrategy(dir, 4)
      const sweep = (...where: string[]) =>
        startMember([
          ...['sweep', '--strategy', gated.file, '--set', 'size=0.3', '--set', 'mode=long-short', '--name', 'shared'],
          ...['--grid', 'fast=1:8', '--grid', 'slow=9:28', '--exchange', 'binance-usdm', '--symbol', 'AUSDT'],
          ...['--interval', '10s', '--risk', 'off', '--workers', '1', ...where],
        ])
      expect(await sweep('--dir', join(dir, 'alone')).ended).toMatchObject({ code: 0 })
      const whole = await trialsOf(alone, 'shared')
      expect(whole).toHaveLength(160)

      gated.close()
      const { brokers, registry, prefix } = place
      const kafka = ['--engine', 'kafka', '--brokers', brokers.join(','), '--registry', registry, '--prefix', prefix]
      const made = async () => (await trialsOf(topics, 'shared')).length
      const dying = sweep(...kafka, '--tasks', '4')
      await expect.poll(made, { timeout: 120_000 }).toBeGreaterThan(0)
      const surviving = sweep(...kafka, '--tasks', '4')
      const client = openClient({ brokers })
      const members = async () => (await client.membersOf(namesOf(prefix).group('shared'))).length
      await expect.poll(members, { timeout: 120_000 }).toBe(2)
      // Half of the trials wait: neither of the two can have come to the end.
      dying.signal('SIGKILL')
      expect(await made()).toBeLessThan(160)
      // Its worker ends when it sees that nobody listens.
      gated.open()
      expect(await dying.ended).toMatchObject({ signal: 'SIGKILL' })
      expect(await surviving.ended).toMatchObject({ code: 0 })
      expect((await topics.info('shared.trials')).partitions).toBe(4)
      expect(await trialsOf(topics, 'shared')).toEqual(whole)
      await client.close()
      await topics.close()
      await alone.close()
    },
    300_000,
  )

  /** The study of the embedded place, for who trades with its seats. */
  function searchedBy(_: Topics) {
    return searchFor(embedded, topology, axes, { name: 'spread' })
  }
})
