// A backtest: the trading graph over replayed topics, as a run of one task that can be resumed, repeated and compared.
import { SmartspeedError } from '../schemas/errors.ts'
import { replay } from '../topics/replay.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import { aboutOf, type RunAbout, tradingTask } from './about.ts'
import { checkName, checkSame, codeChanged, configHashOf, emptyRange, freeName, nameOfSeats, rowsOf } from './begin.ts'
import type { Topology } from './config.ts'
import { MemoryWatch } from './memory.ts'
import { paceOptions } from './pace-of.ts'
import { inputOptions, planAgain, planOf, writtenBy } from './plan.ts'
import { type BacktestResult, resultOf } from './result.ts'
import { type Clock, runTask } from './runtime.ts'
import { aboutSeats, type Seat } from './seats.ts'
import { createTrading } from './trading.ts'

export interface BacktestOptions {
  readonly topics: Topics
  readonly topology: Topology
  readonly seats: readonly Seat[]
  readonly codeHash: string
  readonly name?: string
  readonly batchRows?: number
  readonly stepRows?: number
  readonly snapshotRows?: number
  readonly speed?: 'max' | number
  readonly clock: Clock
  readonly signal?: AbortSignal
  readonly onStep?: (progress: { rows: number; received: number; total: number | undefined; memoryMb: number }) => void
}

/**
 * Runs a backtest, goes on with one that was stopped or killed, or says again what a finished one came to.
 *
 * @throws SmartspeedError NO_DATA, CONFIG_INVALID, LEASE_HELD, VERSION_MISMATCH, RUN_EXISTS (same name, other config),
 *         INTERRUPTED after a clean stop
 */
export async function backtest(options: BacktestOptions): Promise<BacktestResult> {
  const { topics, topology, seats, clock, codeHash } = options
  if (options.name !== undefined) checkName(options.name)
  const run = options.name ?? (await freeName(topics, { what: nameOfSeats(seats) }))
  const writer = await topics.writer({ run })
  try {
    const before = await aboutOf(topics, run)
    const fresh = await planOf(
      topics,
      topology,
      seats.map(({ strategy }) => strategy),
      { run },
    )
    const configHash = configHashOf(before === undefined ? fresh : planAgain(before.plan, fresh), seats)
    if (before !== undefined) checkSame(before, { name: run, configHash, codeHash })
    if (before?.result !== undefined) {
      const { warnings, ...result } = before.result
      return { ...result, warnings: [...warnings, ...codeChanged(run, before, codeHash)] }
    }
    if (before !== undefined && before.tasks.join() !== tradingTask) throw cutRun(run)
    const about: RunAbout = {
      ...{ kind: 'backtest', pipeline: 'trading', tasks: [tradingTask], mode: 'replay', status: 'running' },
      ...{ plan: before?.plan ?? fresh, seats: aboutSeats(seats), codeHash, configHash },
      ...{ startedMs: before?.startedMs ?? clock.nowMs(), rank: 0, before: [] },
    }
    return await execute(options, writer, about)
  } finally {
    await writer.close()
  }
}

function cutRun(run: string): SmartspeedError {
  return new SmartspeedError('RUN_EXISTS', `run ${run} was begun in tasks, by smartspeed run`, {
    fix: `go on with it so: smartspeed run trading --name ${run}, and the same flags`,
  })
}

/** Runs the plan and keeps its result. */
async function execute(options: BacktestOptions, writer: Writer, about: RunAbout): Promise<BacktestResult> {
  const { topics, seats, clock, onStep } = options
  const { plan } = about
  const graph = createTrading({ plan, seats })
  const total = await rowsOf(topics, plan)
  const memory = new MemoryWatch()
  const startedMs = clock.nowMs()
  await writer.commit({ outputs: [], run: about })
  writer.expect?.(writtenBy(plan))
  const done = await runTask({
    ...{ topics, writer, task: tradingTask, graph, clock, codeHash: about.codeHash, configHash: about.configHash },
    ...(options.stepRows === undefined ? {} : { stepRows: options.stepRows }),
    ...(options.snapshotRows === undefined ? {} : { snapshotRows: options.snapshotRows }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    source: ({ place, signal }) =>
      replay(topics, { ...inputOptions(plan), ...place, ...paceOptions(options, plan, signal) }),
    onStep: (step) => {
      memory.look()
      onStep?.({ ...step, total, memoryMb: memory.peakMb })
    },
  })
  memory.look()
  const seconds = (clock.nowMs() - startedMs) / 1000
  if (done.interrupted) {
    await writer.commit({ outputs: [], run: { ...about, status: 'interrupted' } })
    throw new SmartspeedError(
      'INTERRUPTED',
      `run ${writer.run} stopped after ${done.rows} rows; everything up to there is kept`,
      {
        fix: `the same command with --name ${writer.run} goes on from there`,
      },
    )
  }
  const summary = graph.summary()
  if (summary.marketRows === 0) {
    const nothing = await emptyRange(topics, plan)
    await writer.close()
    await topics.removeRun(writer.run)
    throw nothing
  }
  const result = await resultOf(topics, writer.run, about, { rows: done.rows, seconds, memory, summary })
  await writer.commit({ outputs: [], run: { ...about, status: 'finished', result } })
  return result
}
