// A run that follows its inputs is proven elsewhere as well: mirrored while it is written, and cut into incidents.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { anyAboutOf } from '../../pipelines/about.ts'
import { parseTopology, type TopologyInput } from '../../pipelines/config.ts'
import { cutIncident } from '../../pipelines/incident-cut.ts'
import { runIncident } from '../../pipelines/incident-run.ts'
import { mirror } from '../../pipelines/mirror.ts'
import { parity } from '../../pipelines/parity.ts'
import { runPipeline } from '../../pipelines/run.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics, Writer } from '../../topics/topics.ts'
import { seatsOf } from '../backtests.ts'
import { marketRecords } from '../market.ts'
import { ledgerOf, topicsIn } from '../places.ts'
import { sparseBatches, sparseInstruments, sparseMarket } from '../sparse-market.ts'

// Machines are busy at times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const root = mkdtempSync(join(tmpdir(), 'smartspeed-followed-'))
let made = 0
const fresh = () => join(root, `log-${made++}`)
const symbols = ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT']
const rows = sparseMarket({ symbols, minutes: 4 })
/** What is there when the run begins. */
const before = 1000
const accounts: TopologyInput = {
  ...{ exchange: 'binance-usdm', symbols: ['AUSDT', 'BUSDT'], interval: '10s', seed: 7, keep: ['bars'] },
  venue: { fill: 'book', latency: { outMs: 20, backMs: 10, jitterMs: 30 } },
  strategies: [
    { name: 'sma-cross', params: { fast: 2, slow: 5, size: 0.3, mode: 'long-short' }, account: { name: 'first' } },
    { name: 'sma-cross', params: { fast: 3, slow: 9, size: 0.1, mode: 'long-short' }, account: { name: 'second' } },
  ],
} as TopologyInput
const features = { pipeline: 'features', exchange: 'binance-usdm', symbols, interval: '10s' } as TopologyInput

afterAll(() => rmSync(root, { recursive: true, force: true }))

async function parityOf(topics: Topics, run: string) {
  const about = (await anyAboutOf(topics, run))!
  return parity(topics, run, about, { seats: seatsOf(about.plan.topology), codeHash: 'code' })
}

describe.each([
  ['accounts', accounts],
  ['features', features],
])('a followed run of %s', (name, input) => {
  let source: Topics
  let writer: Writer
  const to = fresh()
  const from = fresh()

  async function write(part: typeof rows): Promise<void> {
    for (let at = 0; at < part.length; at += 150) {
      await writer.commit({ outputs: sparseBatches(part.slice(at, at + 150)) })
      await sleep(2)
    }
  }

  /** Resolves when both tasks that have instruments (of three by instrument, one has none) have read what there is. */
  async function caughtUp(): Promise<void> {
    const ends = new Map((await source.list()).map((info) => [info.name, info.ends]))
    for (;;) {
      const progress = await source.tasks(name)
      const isDone = progress.every(({ positions }) =>
        positions.every(({ topic, partition, offset }) => offset >= ends.get(topic)![partition]!),
      )
      if (progress.length === 2 && isDone) return
      await sleep(50)
    }
  }

  beforeAll(async () => {
    source = await openTopics({ dir: from })
    await source.create(marketRecords.map((record) => ({ record, partitions: 3 })))
    writer = await source.writer({ run: 'sparse', market: true })
    await writer.commit({ outputs: [sparseInstruments(symbols)] })
    await writer.commit({ outputs: sparseBatches(rows.slice(0, before)) })
  })

  afterAll(async () => {
    await writer?.close()
    await source?.close()
  })

  test('is mirrored while it is written, and again later, and parity proves it there each time', async () => {
    const stop = new AbortController()
    const topology = parseTopology(input)
    const clock = { nowMs: () => performance.now(), random: () => 0.5 }
    const run = runPipeline({
      ...{ topics: source, topology, seats: seatsOf(topology), codeHash: 'code', name, clock, signal: stop.signal },
      ...{ follow: { commitMs: 2, maxWaitMs: 5 }, stepRows: 300, snapshotRows: 900, batchRows: 100 },
    })
    const ended = run.then(
      () => undefined,
      (error: unknown) => error,
    )
    await write(rows.slice(before, 2000))
    const target = await openTopics({ dir: to })
    await caughtUp()
    const first = await mirror({ source, target, from, run: name })
    expect(first.steps).toBeGreaterThan(3)
    expect(await parityOf(target, name)).toMatchObject({ equal: true })
    await write(rows.slice(2000))
    await caughtUp()
    stop.abort()
    expect(await ended).toMatchObject({ code: 'INTERRUPTED' })
    await mirror({ source, target, from, run: name })
    expect(await ledgerOf(target, name)).toEqual(await ledgerOf(source, name))
    const [there, here] = [await topicsIn(target), await topicsIn(source)]
    const own = Object.keys(here).filter((topic) => topic.startsWith(`${name}.`))
    expect(own.length).toBeGreaterThan(1)
    for (const topic of own) expect(there[topic], topic).toEqual(here[topic])
    expect(await parityOf(source, name)).toMatchObject({ equal: true })
    expect(await parityOf(target, name)).toMatchObject({ equal: true })
    await target.close()
  })

  test.each([
    ['of what was there when it began', 0.02, 0.1],
    ['from there on into what came', 0.1, 0.5],
    ['of what came', 0.7, 0.8],
    ['up to its end', 0.95, 1.1],
  ])('is cut into an incident %s', async (_where, begin, end) => {
    const topics = await openTopics({ dir: to, readOnly: true })
    const about = (await anyAboutOf(topics, name))!
    const span = [rows[0]![1].received, rows.at(-1)![1].received] as const
    const at = (share: number) => Math.floor(span[0] + share * (span[1] - span[0]))
    const dir = fresh()
    const cut = { topics, run: name, about, seats: seatsOf(about.plan.topology), from: at(begin), to: at(end), dir }
    const incident = await cutIncident(cut)
    await topics.close()
    const verdict = await runIncident(dir)
    expect(verdict).toMatchObject({ equal: true })
    expect(verdict.rows).toBe(incident.tasks.reduce((sum, one) => sum + one.rows, 0))
    expect(verdict.rows).toBeGreaterThan(20)
    const folder = await openTopics({ dir, readOnly: true })
    for await (const { batch } of folder.read<'quotes'>('market.quotes')) expect(batch.rows).toBeGreaterThan(0)
    await folder.close()
  })
})
