// Runs that follow their inputs: what they write is what their journal, read again, gives, however rows came and whenever they were stopped.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../operators/random.ts'
import { anyAboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { parity } from '../../pipelines/parity.ts'
import type { RunOptions } from '../../pipelines/run.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics, Writer } from '../../topics/topics.ts'
import { runTopology, seatsOf } from '../backtests.ts'
import { testWith } from '../data.ts'
import { marketRecords } from '../market.ts'
import { type SparseRow, sparseBatches, sparseInstruments, sparseMarket } from '../sparse-market.ts'
import { runTasks, sixSymbols, threeAccounts, writtenBy } from '../tasks.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-follow-'))
const rows = sparseMarket({ symbols: sixSymbols, minutes: 4 })
/** What is there when a run begins. */
const before = 400
/** So little may be lost that positions are liquidated now and then. */
const bracket = { initialLeverage: 125, notionalFloor: 0, notionalCap: 1e9, maintMarginRatio: 0.0079, cum: 0 }
const margin = {
  ...{ mode: 'isolated' as const, leverage: 125 },
  brackets: [{ symbol: '*', brackets: [bracket] }],
}
const topologies: Record<string, TopologyInput> = {
  trading: { ...threeAccounts, venue: { ...threeAccounts.venue, margin } },
  features: { pipeline: 'features', exchange: 'binance-usdm', symbols: sixSymbols, interval: '10s' },
}
let logs = 0
let topics: Topics
let writer: Writer

afterAll(() => rmSync(root, { recursive: true, force: true }))

async function open(): Promise<void> {
  topics = await openTopics({ dir: join(root, `log${logs++}`) })
  await topics.create(marketRecords.map((record) => ({ record, partitions: 6 })))
  writer = await topics.writer({ run: 'sparse', market: true })
  await writer.commit({ outputs: [sparseInstruments(sixSymbols)] })
  await writer.commit({ outputs: sparseBatches(rows.slice(0, before)) })
}

async function close(): Promise<void> {
  await writer.close()
  await topics.close()
}

/** Writes the rest of the market in small commits of so many rows. */
async function write(list: readonly SparseRow[], each: (at: number) => number, rest?: () => Promise<unknown>) {
  for (let at = 0; at < list.length; ) {
    const to = at + each(at)
    await writer.commit({ outputs: sparseBatches(list.slice(at, to)) })
    at = to
    await rest?.()
  }
}

interface Followed {
  /** Rows that its tasks have committed, journaled ones alone. */
  rows(): Promise<number>
  stop(): Promise<void>
}

function followed(name: string, topology: TopologyInput, more: Partial<RunOptions> = {}): Followed {
  const stop = new AbortController()
  const run = runTasks(topics, name, topology, {
    ...{ follow: { commitMs: 2, maxWaitMs: 5 }, signal: stop.signal, snapshotRows: 400 },
    ...more,
  })
  const ended = run.then(
    () => undefined,
    (error: unknown) => error,
  )
  return {
    rows: () => journaled(name),
    async stop() {
      stop.abort()
      expect(await ended).toMatchObject({ code: 'INTERRUPTED' })
    },
  }
}

async function journaled(name: string): Promise<number> {
  let sum = 0
  for (const task of (await anyAboutOf(topics, name))?.tasks ?? [])
    for await (const entry of topics.journal(name, task, 1)) sum += entry.rows
  return sum
}

/** Rows that the tasks of the run have to read when all of the market was written. */
async function until(run: Followed, wanted: number): Promise<void> {
  while ((await run.rows()) < wanted) await sleep(100)
  expect(await run.rows()).toBe(wanted)
}

async function parityOf(name: string) {
  const about = (await anyAboutOf(topics, name))!
  return parity(topics, name, about, { seats: seatsOf(about.plan.topology), codeHash: 'code' })
}

describe.each(Object.keys(topologies))('a followed run of %s', (pipeline) => {
  const topology = topologies[pipeline]!
  /** What a run over the whole market reads and writes. */
  let whole: { rows: number; written: Awaited<ReturnType<typeof writtenBy>> }

  beforeAll(async () => {
    await open()
    await writer.commit({ outputs: sparseBatches(rows.slice(before)) })
    if (pipeline === 'features') await runTasks(topics, 'whole', topology)
    else {
      const { summary } = await runTopology(topics, 'whole', topology)
      expect(summary.margin!.liquidations).toBeGreaterThan(0)
    }
    const read = pipeline === 'features' ? await journaled('whole') : 3 * (await journaled('whole'))
    whole = { rows: read, written: await writtenBy(topics, 'whole') }
    await close()
  }, 300_000)

  test('whose rows wait for their watermarks writes what a run over the complete market does', async () => {
    await open()
    const run = followed('waits', topology, { follow: { commitMs: 2, maxWaitMs: 1e9 } })
    await write(rows.slice(before), (at) => 1 + ((at * 7) % 90))
    await until(run, whole.rows)
    await run.stop()
    expect(await writtenBy(topics, 'waits')).toEqual(whole.written)
    expect(await parityOf('waits')).toMatchObject({ equal: true, rows: whole.rows })
    await close()
  }, 300_000)

  testWith(
    pipeline === 'features' ? 'time' : [],
    'B3: whose rows come late and out of order, and which is stopped now and then, writes what its journal gives',
    async () => {
      await open()
      const dice = random(`late ${pipeline}`)
      const late = rows.slice(before).map((row, at) => ({ row, at: at + dice.below(40) }))
      const order = late.toSorted((a, b) => a.at - b.at).map(({ row }) => row)
      let run = followed('late', topology, { follow: { commitMs: 1, maxWaitMs: 0 } })
      let commits = 0
      await write(
        order,
        () => 1 + dice.below(30),
        async () => {
          if (++commits % 20 !== 0) return
          await run.stop()
          run = followed('late', topology, { follow: { commitMs: 1, maxWaitMs: 0 }, batchRows: 1 + dice.below(50) })
        },
      )
      await until(run, whole.rows)
      await run.stop()
      expect(await parityOf('late')).toEqual({ equal: true, rows: whole.rows, sameCode: true })
      const written = await writtenBy(topics, 'late')
      expect(Object.keys(written).sort()).toEqual(Object.keys(whole.written).sort())
      await close()
    },
    300_000,
  )
})

test('a run is followed from its beginning, or not at all', async () => {
  await open()
  const run = followed('mode', topologies.features!)
  await until(run, await journaledRowsOf('mode'))
  await run.stop()
  await expect(runTasks(topics, 'mode', topologies.features!)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await close()
})

/** Waits for the first rows. */
async function journaledRowsOf(name: string): Promise<number> {
  while ((await journaled(name)) === 0) await sleep(20)
  return journaled(name)
}
