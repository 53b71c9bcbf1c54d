// What a process shows of itself: metrics of its tasks, and whether it is live and ready. Runs are real, on the embedded engine.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { e8ToNumber } from '../../operators/portfolio/money.ts'
import { parseTopology, type TopologyInput } from '../../pipelines/config.ts'
import type { StepEvent } from '../../pipelines/observe.ts'
import { inShadow } from '../../pipelines/observe.ts'
import { runPipeline } from '../../pipelines/run.ts'
import { batchOf } from '../../schemas/batch.ts'
import { rowsIn, seatsOf, tickTopologies } from '../../tests/backtests.ts'
import { importMarket } from '../../tests/market.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { watchProcess } from './process.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-watch-'))
let topics: Topics

beforeAll(async () => {
  await importMarket(dir, { seed: 5, minutes: 4, partitions: 2 })
  topics = await openTopics({ dir })
}, 120_000)

afterAll(async () => {
  await topics?.close()
  rmSync(dir, { recursive: true, force: true })
})

const { strategy: maker, ...base } = tickTopologies['market-maker']
const two: TopologyInput = {
  ...base,
  strategies: [
    { ...maker, account: { name: 'quotes', cash: 50_000 } },
    { ...tickTopologies['sma-cross'].strategy, account: { name: 'means', cash: 500_000 } },
  ],
}

/** Series of a scrape: name and labels as they stand there, and the value. */
async function scrape(watch: { metrics(): Promise<string> }): Promise<Map<string, number>> {
  const lines = (await watch.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

/** The values of a metric whose labels hold these, added up. */
function sum(series: ReadonlyMap<string, number>, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const found = [...series].filter(
    ([text]) =>
      text.split('{')[0] === name &&
      Object.entries(labels).every(([label, value]) => text.includes(`${label}="${value}"`)),
  )
  return found.reduce((total, [, value]) => total + value, 0)
}

function step(change: Partial<StepEvent> = {}): StepEvent {
  return {
    ...{ run: 'r', pipeline: 'trading', task: 'trading-0', step: 1, rowsIn: 10, rowsInOf: { trades: 10 } },
    ...{ rowsOut: { orders: 2 }, batches: 2, computeMs: 3, commitMs: 4, received: 5e6, positions: [], outputs: [] },
    ...change,
  }
}

describe('a trading run of two accounts', () => {
  test('shows what its topics hold', async () => {
    const watch = watchProcess({ topics, nowMs: Date.now })
    const topology = parseTopology(two)
    const seats = seatsOf(topology)
    const clock = { nowMs: () => performance.now(), random: () => 0.5 }
    await runPipeline({ topics, topology, seats, codeHash: 'c', name: 'watched', clock, observer: watch.observer })
    const series = await scrape(watch)

    for (const task of ['trading-0', 'trading-1']) {
      const journal = []
      for await (const entry of topics.journal('watched', task)) journal.push(entry)
      const labels = { run: 'watched', pipeline: 'trading', task }
      expect(sum(series, 'smartspeed_task_steps_total', labels)).toBe(journal.length)
      const rows = journal.reduce((total, entry) => total + entry.rows, 0)
      expect(sum(series, 'smartspeed_task_rows_in_total', labels)).toBe(rows)
      expect(sum(series, 'smartspeed_task_step_rows_sum', labels)).toBe(rows)
      expect(sum(series, 'smartspeed_task_state', { ...labels, state: 'finished' })).toBe(1)
      expect(sum(series, 'smartspeed_task_state', { ...labels, state: 'running' })).toBe(0)
      expect(sum(series, 'smartspeed_task_restarts_total', labels)).toBe(0)
      expect(sum(series, 'smartspeed_task_commit_seconds_count', labels)).toBe(journal.length)
    }
    const trades = await rowsIn(topics, 'trades')
    expect(sum(series, 'smartspeed_task_rows_in_total', { task: 'trading-0', topic: 'trades' })).toBe(trades.length)
    for (const record of ['orders', 'executions', 'positions', 'accounts'] as const) {
      const rows = await rowsIn(topics, record, 'watched')
      expect(rows.length, record).toBeGreaterThan(0)
      expect(sum(series, 'smartspeed_task_rows_out_total', { topic: record }), record).toBe(rows.length)
    }

    const accounts = await rowsIn(topics, 'accounts', 'watched')
    for (const name of ['quotes', 'means']) {
      const last = accounts.findLast(({ account }) => account === name)!
      expect(sum(series, 'smartspeed_account_equity', { account: name })).toBe(e8ToNumber(last.equity))
      expect(sum(series, 'smartspeed_account_fees', { account: name })).toBe(e8ToNumber(last.fees))
      expect(sum(series, 'smartspeed_account_received_timestamp_seconds', { account: name })).toBe(last.received / 1e6)
    }
    const held = (await rowsIn(topics, 'positions', 'watched')).findLast(({ account }) => account === 'quotes')!
    expect(sum(series, 'smartspeed_position_size', { account: 'quotes' })).toBeCloseTo(held.lots * held.lotSize, 12)

    const orders = await rowsIn(topics, 'orders', 'watched')
    expect(sum(series, 'smartspeed_orders_total', { kind: 'cancel' })).toBe(
      orders.filter(({ kind }) => kind === 'cancel').length,
    )
    const executions = await rowsIn(topics, 'executions', 'watched')
    expect(sum(series, 'smartspeed_executions_total', { kind: 'fill', account: 'means' })).toBe(
      executions.filter(({ kind, account }) => kind === 'fill' && account === 'means').length,
    )
    const events = await rowsIn(topics, 'risk-events', 'watched')
    const refused =
      events.filter(({ action }) => action === 'rejected').length +
      executions.filter(({ kind }) => kind === 'rejected').length
    expect(sum(series, 'smartspeed_order_rejections_total')).toBe(refused)
    expect(sum(series, 'smartspeed_topics_up')).toBe(1)
    expect(sum(series, 'process_resident_memory_bytes')).toBeGreaterThan(0)
  }, 120_000)

  test('that is taken up where it was left counts as a restart, one that begins does not', async () => {
    const { observer, metrics } = watchProcess({ topics, nowMs: Date.now })
    const one = { run: 'r', pipeline: 'trading' }
    observer.state({ ...one, task: 'trading-0', state: 'restoring', step: 0 })
    observer.state({ ...one, task: 'trading-0', state: 'running', step: 0 })
    observer.state({ ...one, task: 'trading-1', state: 'restoring', step: 0 })
    observer.state({ ...one, task: 'trading-1', state: 'running', step: 12 })
    observer.state({ ...one, task: 'trading-1', state: 'lost', step: 13 })
    observer.state({ ...one, task: 'trading-1', state: 'restoring', step: 0 })
    observer.state({ ...one, task: 'trading-1', state: 'running', step: 20 })
    const series = await scrape({ metrics })
    expect(sum(series, 'smartspeed_task_restarts_total', { task: 'trading-0' })).toBe(0)
    expect(sum(series, 'smartspeed_task_restarts_total', { task: 'trading-1' })).toBe(2)
  })
})

test('a task that is finished stays so, also when it is given back', async () => {
  const { observer, metrics } = watchProcess({ topics, nowMs: Date.now })
  const task = { run: 'r', pipeline: 'trading', task: 'trading-0', step: 3 }
  for (const state of ['restoring', 'running', 'finished', 'revoked'] as const) observer.state({ ...task, state })
  const series = await scrape({ metrics })
  expect(sum(series, 'smartspeed_task_state', { state: 'finished' })).toBe(1)
  expect(sum(series, 'smartspeed_task_state', { state: 'revoked' })).toBe(0)
})

describe('snapshots', () => {
  test('age from the last one, or from when the state was restored, while the task runs', async () => {
    let now = 1_000_000
    const { observer, metrics } = watchProcess({ topics, nowMs: () => now })
    const task = { run: 'r', pipeline: 'trading', task: 'trading-0' }
    const age = async () => sum(await scrape({ metrics }), 'smartspeed_task_snapshot_age_seconds')
    observer.state({ ...task, state: 'restoring', step: 0 })
    observer.state({ ...task, state: 'running', step: 0 })
    now += 5000
    expect(await age()).toBe(5)
    observer.step(step({ rowsIn: 100 }))
    expect(sum(await scrape({ metrics }), 'smartspeed_task_snapshot_age_rows')).toBe(100)
    observer.step(step({ snapshotBytes: 4096 }))
    now += 2000
    expect(await age()).toBe(2)
    const series = await scrape({ metrics })
    expect(sum(series, 'smartspeed_task_snapshot_bytes')).toBe(4096)
    expect(sum(series, 'smartspeed_task_snapshot_age_rows')).toBe(0)
    observer.state({ ...task, state: 'finished', step: 2 })
    expect(
      (await scrape({ metrics })).has(
        'smartspeed_task_snapshot_age_seconds{run="r",pipeline="trading",task="trading-0"}',
      ),
    ).toBe(false)
  })
})

describe('dead letters', () => {
  test('are counted once by source and reason, however often it is asked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smartspeed-letters-'))
    const own = await openTopics({ dir: folder })
    const letter = (reason: string, source: string) => ({
      ...{ time: 1, received: 1, exchange: 'binance', symbol: '', source, reason, message: 'm', attempts: 0 },
      bytes: new Uint8Array(1),
    })
    try {
      const { metrics } = watchProcess({ topics: own, nowMs: tick() })
      const writer = await own.writer({ run: 'import', market: true })
      const write = (...rows: ReturnType<typeof letter>[]) =>
        writer.commit({ outputs: [batchOf('dead-letters', rows)] })
      await write(letter('MESSAGE_UNREADABLE', 'a'), letter('MESSAGE_UNREADABLE', 'a'), letter('VALUE_IMPOSSIBLE', 'b'))
      for (let scrapes = 0; scrapes < 3; scrapes++) {
        const series = await scrape({ metrics })
        expect(sum(series, 'smartspeed_dead_letters_total', { source: 'a', reason: 'MESSAGE_UNREADABLE' })).toBe(2)
        expect(sum(series, 'smartspeed_dead_letters_total')).toBe(3)
      }
      await write(letter('MESSAGE_UNREADABLE', 'a'))
      expect(sum(await scrape({ metrics }), 'smartspeed_dead_letters_total')).toBe(4)
      await writer.close()
    } finally {
      await own.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('health', () => {
  const task = { run: 'r', pipeline: 'trading', task: 'trading-0' }

  test('a process is ready when all of its tasks have restored their state and the topics answer', async () => {
    const { observer, ready } = watchProcess({ topics, nowMs: tick() })
    observer.state({ ...task, state: 'restoring', step: 0 })
    expect(await ready()).toMatchObject({
      ok: false,
      checks: [
        { name: 'topics', ok: true },
        { name: 'r trading-0', ok: false, detail: 'restoring' },
      ],
    })
    observer.state({ ...task, state: 'running', step: 7 })
    expect((await ready()).ok).toBe(true)
    observer.state({ ...task, state: 'revoked', step: 7 })
    expect(await ready()).toMatchObject({ ok: true, checks: [{}, { detail: 'it owns none: others have them' }] })
  })

  test('a process that joins a run is not ready before it did, and says so while it waits for an older version', async () => {
    const { stage, ready } = watchProcess({ topics, nowMs: tick() })
    stage('joining')
    expect(await ready()).toMatchObject({
      ok: false,
      checks: [{}, { name: 'member', detail: 'it is about to join its run' }],
    })
    stage('in shadow')
    expect(await ready()).toMatchObject({ ok: false, checks: [{}, { name: 'member', detail: inShadow }] })
    stage('joined')
    expect((await ready()).ok).toBe(true)
  })

  test('topics that do not answer make it not ready, and leave it live', async () => {
    const silent: Topics = { ...topics, list: () => new Promise(() => {}), engine: 'kafka' }
    const { observer, ready, live, metrics } = watchProcess({ topics: silent, nowMs: tick() })
    observer.state({ ...task, state: 'running', step: 1 })
    expect(await ready()).toMatchObject({
      ok: false,
      checks: [{ name: 'topics', ok: false, detail: 'kafka gave no answer in 1.5 s' }, { ok: true }],
    })
    expect((await live()).ok).toBe(true)
    const series = await scrape({ metrics })
    expect([sum(series, 'smartspeed_topics_up'), sum(series, 'smartspeed_ready')]).toEqual([0, 0])
    expect(sum(series, 'smartspeed_live')).toBe(1)
  })

  test('a task that failed makes it not live', async () => {
    const { observer, live } = watchProcess({ topics, nowMs: tick() })
    observer.state({ ...task, state: 'failed', step: 3 })
    expect(await live()).toMatchObject({
      ok: false,
      checks: [
        { name: 'event loop', ok: true },
        { name: 'r trading-0', ok: false },
      ],
    })
  })

  test('a loop of steps that stands still while rows wait makes it not live; one without rows does not', async () => {
    let now = 0
    const { observer, live } = watchProcess({ topics, nowMs: () => now, stallMs: 1000 })
    // The run above is there with its inputs; here it is told that it works on them, and how far it is.
    const of = { run: 'watched', pipeline: 'trading', task: 'trading-0' }
    const last = (await topics.tasks('watched')).find(({ task }) => task === 'trading-0')!
    observer.state({ ...of, state: 'running', step: 0 })
    observer.step(step({ ...of, positions: last.positions, received: last.received }))
    now += 600_000
    expect(await live()).toMatchObject({
      ok: true,
      checks: [{}, { detail: expect.stringContaining('nothing to read') }],
    })
    const first = (await rowsIn(topics, 'trades'))[0]!
    observer.step(
      step({ ...of, positions: last.positions.map((one) => ({ ...one, offset: 1 })), received: first.received }),
    )
    expect((await live()).ok).toBe(true)
    now += 600_000
    expect(await live()).toMatchObject({
      ok: false,
      checks: [{}, { detail: expect.stringMatching(/no step for 600 s, and \d+ rows wait/) }],
    })
  })
})

/** A clock that goes on by a minute whenever it is looked at: no answer is taken for fresh. */
function tick(): () => number {
  let now = 0
  return () => {
    now += 60_000
    return now
  }
}
