// Consumers that run, fall behind, hang, freeze and die, as real processes on both engines: lag tells them apart.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { perpetual } from '../../operators/portfolio/samples.ts'
import { lagHistory, type TaskReport } from '../../pipelines/lag-history.ts'
import { lookAtTasks } from '../../pipelines/lag-look.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics, Writer } from '../../topics/topics.ts'
import { tradesOf } from '../conformance/rows.ts'
import { describeWith, root, testWith } from '../data.ts'
import { type KafkaPlaces, kafkaPlaces } from '../kafka.ts'
import { type Pace, task, topic } from './lag-child.ts'

const child = join(root, 'tests/simulation/lag-child.ts')
const exchange = 'binance'

type Options = Parameters<typeof openTopics>[0]

/** Tests that hold on both engines. `frozen`: what becomes of a task whose process is stopped by a signal. */
function tellsApart(options: () => Options, { frozen }: { readonly frozen: 'stuck' | 'stopped' }): void {
  let topics: Topics
  let market: Writer
  let rows = 0
  let runs = 0
  const children: ChildProcess[] = []

  beforeAll(async () => {
    topics = await openTopics(options())
    market = await topics.writer({ run: 'import', market: true })
    await feed(10)
  }, 60_000)
  afterEach(async () => {
    for (const one of children.splice(0)) await kill(one)
  })
  afterAll(async () => {
    await market?.close()
    await topics?.close()
  }, 60_000)

  async function feed(count: number): Promise<void> {
    await market.commit({ outputs: [tradesOf(rows, rows + count)] })
    rows += count
  }

  /** A run that follows, as it begins. */
  async function begin(mode: 'follow' | 'replay' = 'follow'): Promise<string> {
    const run = `r${++runs}`
    const { ends } = await topics.info(topic)
    const plan = {
      ...{ exchange, symbols: ['BTCUSDT'], from: undefined, to: undefined, topology: {}, inputs: [{ topic, ends }] },
      instruments: [perpetual({ exchange, symbol: 'BTCUSDT', tickSize: 0.1, lotSize: 0.001 })],
    }
    const writer = await topics.writer({ run })
    const about = { kind: 'backtest', pipeline: 'trading', tasks: [task], mode, status: 'running', plan, seats: [] }
    await writer.commit({ outputs: [], run: about })
    await writer.close()
    return run
  }

  async function start(run: string, pace: Pace = { rows: 1000, everyMs: 20 }): Promise<ChildProcess> {
    const one = fork(child, [JSON.stringify(options()), run], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    children.push(one)
    const ended = once(one, 'exit').then(() => {
      throw new Error('the consumer ended before it was ready')
    })
    ended.catch(() => {})
    await Promise.race([once(one, 'message'), ended])
    one.send(pace)
    return one
  }

  async function kill(one: ChildProcess): Promise<void> {
    if (one.exitCode !== null || one.signalCode !== null) return
    const gone = once(one, 'exit')
    one.kill('SIGKILL')
    await gone
  }

  /** Looks again and again, doing something between, until a report is as wanted. */
  async function until(
    run: string,
    wanted: (report: TaskReport) => boolean,
    { between = async () => {}, stuckAfterMs = 2000 } = {},
  ): Promise<TaskReport> {
    const history = lagHistory({ stuckAfterMs, windowMs: 5000 })
    for (;;) {
      const [report] = history.add(Date.now(), await lookAtTasks(topics, { run }))
      if (wanted(report!)) return report!
      await between()
      await sleep(100)
    }
  }

  const rowsToGo = ({ partitions }: TaskReport) => partitions[0]!.rows

  test('running: it takes what comes, and has caught up when no more does', async () => {
    const run = await begin()
    await start(run)
    let fed = 0
    const between = async () => {
      if (fed++ < 10) await feed(5)
    }
    const report = await until(run, (one) => fed >= 10 && rowsToGo(one) === 0, { between })
    expect(report).toMatchObject({ state: 'running', why: '', held: true })
    expect(report.partitions[0]).toMatchObject({ committed: rows, end: rows, seconds: 0, etaSeconds: 0 })
  }, 300_000)

  testWith(
    'time',
    'slow: it commits, and more comes than it takes; with less to do it catches up',
    async () => {
      const run = await begin()
      const one = await start(run, { rows: 1, everyMs: 100 })
      const report = await until(run, ({ state }) => state === 'slow', {
        between: () => feed(50),
        stuckAfterMs: 60_000,
      })
      expect(report.step).toBeGreaterThan(0)
      expect(rowsToGo(report)).toBeGreaterThan(0)
      expect(report.partitions[0]!.etaSeconds).toBeNull()
      expect(report.partitions[0]!.rowsPerSecond).toBeGreaterThan(0)
      one.send({ rows: 1000, everyMs: 20 } satisfies Pace)
      expect((await until(run, (now) => rowsToGo(now) === 0)).state).toBe('running')
    },
    300_000,
  )

  testWith(
    'time',
    'stuck: its process lives and is known, there are rows, and it commits nothing',
    async () => {
      const run = await begin()
      const one = await start(run)
      await until(run, (report) => rowsToGo(report) === 0)
      one.send({ rows: 1000, everyMs: 20, hang: true } satisfies Pace)
      await once(one, 'message')
      await feed(20)
      const report = await until(run, ({ state }) => state === 'stuck', { between: () => feed(1) })
      expect(report).toMatchObject({ held: true, why: expect.stringContaining('nothing was committed') })
      one.send({ rows: 1000, everyMs: 20 } satisfies Pace)
      expect((await until(run, (now) => rowsToGo(now) === 0)).state).toBe('running')
    },
    300_000,
  )

  test(`frozen by a signal it is ${frozen}, and goes on when it is let go`, async () => {
    const run = await begin()
    const one = await start(run)
    await until(run, (report) => rowsToGo(report) === 0)
    one.kill('SIGSTOP')
    await feed(20)
    const report = await until(run, ({ state }) => state === frozen)
    expect(report.held).toBe(frozen === 'stuck')
    expect(rowsToGo(report)).toBe(20)
    one.kill('SIGCONT')
    if (frozen === 'stuck') expect((await until(run, (now) => rowsToGo(now) === 0)).state).toBe('running')
  }, 300_000)

  test('stopped: its process was killed; another that takes over is running', async () => {
    const run = await begin()
    const one = await start(run)
    await until(run, (report) => rowsToGo(report) === 0)
    await kill(one)
    await feed(7)
    const report = await until(run, ({ state }) => state === 'stopped')
    expect(report).toMatchObject({ held: false, why: 'nobody works on it' })
    expect(report.partitions[0]).toMatchObject({ committed: rows - 7, end: rows, rows: 7, seconds: 7e-6 })
    await start(run)
    expect((await until(run, (now) => rowsToGo(now) === 0)).state).toBe('running')
  }, 300_000)

  test('finished: a replay that committed all of its rows, though its topics go on', async () => {
    const run = await begin('replay')
    const one = await start(run)
    await until(run, ({ state }) => state === 'finished')
    await kill(one)
    await feed(10)
    const report = await until(run, () => true)
    expect(report).toMatchObject({ state: 'finished' })
    expect(report.partitions[0]).toMatchObject({ rows: 0, etaSeconds: 0 })
  }, 300_000)
}

describe('embedded', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-lag-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  // The lock is the process's as long as it exists.
  tellsApart(() => ({ dir }), { frozen: 'stuck' })
})

describeWith(['kafka', 'time'], 'kafka', () => {
  let places: KafkaPlaces
  let options: Options
  beforeAll(async () => {
    places = await kafkaPlaces()
    // A session that outlives a pause of a busy machine, and whose end can be waited for.
    options = { ...places.options(), sessionMs: 6_000 }
  }, 300_000)
  afterAll(() => places?.end(), 60_000)
  // Its session times out.
  tellsApart(() => options, { frozen: 'stopped' })
})
