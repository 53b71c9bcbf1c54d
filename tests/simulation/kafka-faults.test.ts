// T13 on Kafka: runs whose processes are killed and put to sleep, whose broker dies and whose connections fail, by one seed, write what
// an undisturbed run on the embedded engine writes. Short here; the long one, and how to repeat a seed: docs/testing-faults.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { describeWith } from '../data.ts'
import { runTasks, writtenBy } from '../tasks.ts'
import { fillMarket, marketFiles, topologies } from './fault-market.ts'
import { faultRound, type Toll } from './fault-round.ts'
import { type FaultyKafka, faultyKafka } from './faulty-kafka.ts'
import { committedRecords, hangingPartitions } from './kafka-settled.ts'
import { endMembers, type Member, startMember } from './processes.ts'

/** Rounds go on until so many processes were killed, of each pipeline. */
const kills = Number(process.env.SMARTSPEED_KILLS ?? 3)
const long = kills > 20
const seed = process.env.SMARTSPEED_SEED ?? '1'
const members = 3
const sessionMs = 5000
/** Another batch size in each round, and a commit after each batch: how rows are cut must not show, and many commits can be met. */
const batchRows = [128, 64, 512]

const root = mkdtempSync(join(tmpdir(), 'smartspeed-fire-'))
type Pipeline = keyof typeof topologies
const pipelines = Object.keys(topologies) as Pipeline[]

describeWith(['data', 'kafka', 'time'], 'a run of several processes on Kafka', () => {
  let kafka: FaultyKafka
  let topics: Topics
  const undisturbed = {} as Record<Pipeline, Awaited<ReturnType<typeof writtenBy>>>

  beforeAll(async () => {
    const files = await marketFiles(root, long ? 12_000 : 6_000)
    kafka = await faultyKafka(members)
    topics = await openTopics({ engine: 'kafka', dir: '', brokers: kafka.direct, registry: kafka.registry })
    await fillMarket(topics, files)
    const here = await openTopics({ dir: join(root, 'embedded') })
    await fillMarket(here, files)
    for (const pipeline of pipelines) {
      writeFileSync(fileOf(pipeline), JSON.stringify(topologies[pipeline]))
      await runTasks(here, pipeline, topologies[pipeline])
      undisturbed[pipeline] = await writtenBy(here, pipeline)
    }
    await here.close()
  }, 600_000)
  afterAll(async () => {
    await endMembers()
    await topics?.close()
    await kafka?.end()
    rmSync(root, { recursive: true, force: true })
  })

  test('writes something: the hashes are not those of nothing', () => {
    for (const record of ['bars', 'features']) expect(undisturbed.features[record]!.rows).toBeGreaterThan(50)
    for (const record of ['signals', 'orders', 'executions', 'positions']) {
      expect(undisturbed.trading[record]!.rows).toBeGreaterThan(20)
    }
  })

  test.for(pipelines)(
    `T13: %s, under fire until ${kills} processes were killed, is what it is undisturbed: no row lost, none twice, nothing hangs`,
    { timeout: 600_000 + kills * 120_000 },
    async (pipeline, { signal }) => {
      const total: Toll = { kills: 0, insideCommits: 0, pauses: 0, brokerRestarts: 0, connections: {}, gaveUp: {} }
      for (let round = 0; total.kills < kills; round++) {
        const run = `${pipeline}-${round}`
        const toll = await faultRound({
          ...{
            kafka,
            members,
            signal,
            seed: `${seed}/${run}`,
            args: commandOf(pipeline, run, batchRows[round % 3]!),
          },
          ...{ doomed: long ? 3 : 2, brokerKills: 1, weather: 0.25, wholeMs: 6000, sessionMs },
        })
        addTo(total, toll)
        console.log(`seed ${seed}, ${run}: ${JSON.stringify(toll)}`)
        expect(await writtenBy(topics, run), `seed ${seed}, ${run}`).toEqual(undisturbed[pipeline])
        for (const { name, ends } of await topics.list()) {
          if (!name.startsWith(`${run}.`)) continue
          expect(await committedRecords(kafka.direct, name), `${name} on the broker`).toEqual(ends)
        }
        expect(await hangingPartitions(kafka.direct, ''), 'open transactions').toEqual({})
      }
      console.log(`seed ${seed}, ${pipeline} in all: ${JSON.stringify(total)}`)
    },
  )

  test('members that come and go while it works share its tasks, and every row is what one process writes', async () => {
    const run = 'scaled'
    // Slow commits: the others come before it is done, however fast this machine is.
    for (const { proxy } of kafka.ways) {
      proxy.decide = ({ api, way }) => (api === 'EndTxn' && way === 'answer' ? { do: 'delay', ms: 750 } : undefined)
    }
    const join = (slot: number) => {
      const where = ['--engine', 'kafka', '--brokers', kafka.ways[slot]!.brokers.join(), '--registry', kafka.registry]
      return startMember([...commandOf('features', run, 64), ...where])
    }
    const working = (member: Member, tasks: RegExp) =>
      expect.poll(() => member.said, { timeout: 300_000, interval: 50 }).toMatch(tasks)
    const first = join(0)
    await working(first, /tasks here: features-0, .*features-5/)
    const second = join(1)
    await working(second, /tasks here: features-/)
    const third = join(2)
    await working(third, /tasks here: features-/)
    first.signal('SIGINT')
    expect((await first.ended).code).toBe(130)
    third.signal('SIGINT')
    expect((await third.ended).code).toBe(130)
    const again = join(0)
    await working(again, /tasks here: features-/)
    for (const { proxy } of kafka.ways) proxy.decide = undefined
    expect((await Promise.all([second.ended, again.ended])).map(({ code }) => code)).toEqual([0, 0])
    expect(await writtenBy(topics, run)).toEqual(undisturbed.features)
    expect(await hangingPartitions(kafka.direct, '')).toEqual({})
  }, 900_000)
})

function fileOf(pipeline: Pipeline): string {
  return join(root, `${pipeline}.json`)
}

function commandOf(pipeline: Pipeline, run: string, batchRows: number): string[] {
  return [
    'run',
    fileOf(pipeline),
    '--name',
    run,
    '--batch-rows',
    String(batchRows),
    '--commit-ms',
    '1',
    '--session-ms',
    String(sessionMs),
  ]
}

function addTo(total: Toll, toll: Toll): void {
  for (const name of ['kills', 'insideCommits', 'pauses', 'brokerRestarts'] as const) total[name] += toll[name]
  for (const name of ['connections', 'gaveUp'] as const) {
    for (const [what, count] of Object.entries(toll[name])) total[name][what] = (total[name][what] ?? 0) + count
  }
}
