// Runs cut into tasks: by account and by instrument, however many there are, they write what one task writes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectReport } from '../../console/report/collect.ts'
import { aboutOf, anyAboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { explain } from '../../pipelines/explain.ts'
import type { FeaturesResult } from '../../pipelines/features.ts'
import type { StateEvent, StepEvent } from '../../pipelines/observe.ts'
import type { BacktestResult } from '../../pipelines/result.ts'
import type { RunOptions } from '../../pipelines/run.ts'
import { rowsOf } from '../../schemas/batch.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { rowsIn, runTopology, seatsOf, tickTopologies } from '../backtests.ts'
import { importInto, simulateTo } from '../market.ts'
import { importSparse, runTasks, writtenBy } from '../tasks.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-tasks-'))
const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'ADAUSDT']
const traded = symbols.slice(0, 2)
const { strategy: maker, ...base } = tickTopologies['market-maker']
const { strategy: cross } = tickTopologies['sma-cross']
let topics: Topics

beforeAll(async () => {
  const files = []
  for (const [at, symbol] of traded.entries()) {
    const { file } = await simulateTo(join(dir, `${symbol}.gz`), { seed: 20 + at, minutes: 1, symbol, crash: false })
    files.push(file)
  }
  await importInto(join(dir, 'log'), files, 'binance-usdm', 6)
  topics = await openTopics({ dir: join(dir, 'log') })
}, 300_000)

afterAll(async () => {
  await topics?.close()
  rmSync(dir, { recursive: true, force: true })
})

const run = (name: string, topology: TopologyInput, more: Partial<RunOptions> = {}) =>
  runTasks(topics, name, topology, more)
const written = (name: string) => writtenBy(topics, name)

describe('a trading run of three accounts, two of them of one strategy', () => {
  const three: TopologyInput = {
    ...{ ...base, symbols: traded, keep: ['bars', 'features', 'regimes'] },
    strategies: [
      { ...maker, account: { name: 'quotes', cash: 50_000 } },
      { ...cross, account: { name: 'means', cash: 500_000 } },
      { ...maker, account: { name: 'more', cash: 70_000 } },
    ],
  }

  test('by a task an account, writes, comes to and reports what the backtest of one task does', async () => {
    const whole = await runTopology(topics, 'whole', three)
    const cut = (await run('cut', three)) as BacktestResult
    expect(whole.fills).toBeGreaterThan(10)
    expect(await written('cut')).toEqual(await written('whole'))
    const { run: _a, rows: _b, seconds: _c, rowsPerSecond: _d, peakRssMb: _e, peakMappedMb: _f, ...same } = whole
    expect(cut).toMatchObject(same)
    expect(cut.rows).toBe(3 * whole.rows)
    const about = (await aboutOf(topics, 'cut'))!
    expect(about).toMatchObject({ status: 'finished', tasks: ['trading-0', 'trading-1', 'trading-2'] })
    const { config: _config, ...report } = await collectReport(topics, 'cut', { about, version: '0' })
    const other = await collectReport(topics, 'whole', { about: (await aboutOf(topics, 'whole'))!, version: '0' })
    expect(report).toEqual({ ...without(other), run: 'cut' })
  })

  test('keeps the rows of each task in a partition of its own', async () => {
    for await (const { partition, batch } of topics.read<'orders'>('cut.orders')) {
      for (const { account } of rowsOf(batch)) expect(account).toBe(['quotes', 'means', 'more'][partition])
    }
  })

  test('explains an order as the backtest of one task does', async () => {
    const [order] = (await rowsIn(topics, 'orders', 'cut')).filter(({ account }) => account === 'means')
    const told = async (name: string) => {
      const about = (await aboutOf(topics, name))!
      const again = async () => ({ seats: seatsOf(about.plan.topology) })
      const { run: _, reexecution, ...rest } = await explain(topics, { run: name, about, what: order!.clientId }, again)
      expect(reexecution).toMatchObject({ equal: true })
      return rest
    }
    expect(await told('cut')).toEqual(await told('whole'))
  })

  test('cannot be cut otherwise, is not gone on with by a backtest, and says its result again', async () => {
    await expect(run('four', three, { tasks: 4 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    const again = (await run('cut', three)) as BacktestResult
    expect(again.hashes).toEqual(((await anyAboutOf(topics, 'cut'))!.result as BacktestResult).hashes)
  })
})

describe('a features run of five instruments in six partitions', () => {
  const features: TopologyInput = { pipeline: 'features', exchange: 'binance-usdm' }
  let rows: Record<string, { rows: number; hash: string }>

  beforeAll(async () => {
    await topics.close()
    topics = await openTopics({ dir: join(dir, 'sparse') })
    await importSparse(topics, { symbols, minutes: 40, partitions: 6 })
    await runTopology(topics, 'kept', {
      ...{ symbols, keep: ['bars', 'features', 'regimes'], risk: 'off', strategy: { name: 'sma-cross', params: {} } },
    })
    const { bars, features, regimes } = await written('kept')
    rows = { bars: bars!, features: features!, regimes: regimes! }
  })

  test.each([1, 2, 3, 6])('by %i tasks, writes what a backtest that keeps all of it does', async (tasks) => {
    const result = (await run(`features-of-${tasks}`, features, { tasks })) as FeaturesResult
    expect(await written(`features-of-${tasks}`)).toEqual(rows)
    const written_ = { bars: rows.bars!.rows, features: rows.features!.rows, regimes: rows.regimes!.rows }
    expect(written_).toMatchObject({ bars: 5 * 39, features: 5 * 39 })
    expect(written_.regimes).toBeGreaterThan(5 * 15)
    expect(result).toMatchObject({ instruments: 5, written: written_, hashes: { regimes: rows.regimes!.hash } })
  })

  test('is refused more tasks than the inputs have partitions, and another number than it was begun with', async () => {
    await expect(run('seven', features, { tasks: 7 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(run('features-of-2', features, { tasks: 3 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('that was stopped goes on, and tells what it does to who watches', async () => {
    const stop = new AbortController()
    const steps: StepEvent[] = []
    const states: StateEvent[] = []
    const observer = {
      step: (event: StepEvent) => {
        steps.push(event)
        if (steps.length === 4) stop.abort()
      },
      state: (event: StateEvent) => void states.push(event),
    }
    const small = { stepRows: 500, snapshotRows: 1500, batchRows: 100, observer }
    await expect(run('halted', features, { ...small, tasks: 3, signal: stop.signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    })
    await run('halted', features, small)
    expect(await written('halted')).toEqual(rows)
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['restoring', 'running', 'revoked', 'finished']))
    const tasks = await topics.tasks('halted')
    expect(tasks.map(({ task }) => task)).toEqual(['features-0', 'features-1', 'features-2'])
    const last = steps.findLast(({ task }) => task === 'features-1')!
    expect(last).toMatchObject({ run: 'halted', pipeline: 'features', positions: tasks[1]!.positions })
    expect(last.snapshotBytes).toBeGreaterThan(0)
  })
})

function without<T extends { config: unknown }>({ config: _, ...rest }: T): Omit<T, 'config'> {
  return rest
}
