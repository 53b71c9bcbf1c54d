// A run cut into tasks, worked on by one process or several: each member does the tasks that it owns, and all end with the result.
import { SmartspeedError } from '../schemas/errors.ts'
import type { JoinOptions, Membership, TasksChange } from '../topics/topics.ts'
import { type AnyAbout, anyAboutOf } from './about.ts'
import { takenOver } from './begin.ts'
import { Beginning, type Beginnings } from './beginning.ts'
import type { FeaturesResult } from './features.ts'
import { closingsOf, finishRun } from './finish.ts'
import { MemoryWatch } from './memory.ts'
import type { TaskObserver } from './observe.ts'
import type { Speed } from './pace-of.ts'
import { nap } from './patience.ts'
import type { BacktestResult } from './result.ts'
import type { TaskOptions } from './runtime.ts'
import { shadow } from './shadow.ts'
import { type Following, followSource, replaySource } from './source.ts'
import { type Task, taskOf } from './task.ts'
import { type RunClock, startTask, type TaskRunner } from './task-runner.ts'

export interface RunOptions
  extends Omit<Beginnings, 'follow'>,
    Speed,
    Pick<TaskOptions, 'stepRows' | 'stepMs' | 'snapshotRows' | 'snapshotMs'> {
  /** The run goes on with rows that are written after it began, for ever. */
  readonly follow?: Omit<Following, 'stepRows'>
  readonly clock: RunClock
  readonly signal?: AbortSignal
  readonly observer?: TaskObserver
  readonly onStep?: (progress: RunProgress) => void
  /** How many rows a newer version has computed again beside the one that it takes over from. */
  readonly onShadow?: (rows: number) => void
  /** It computes the same as the version that it takes over from, and waits until that ends; then that it is a member of a run of its own version. */
  readonly onStage?: (stage: 'in shadow' | 'joined') => void
  /** What this member does now changed. */
  readonly onTasks?: (tasks: readonly string[]) => void
}

/** What the tasks of this member have read together. */
export interface RunProgress {
  readonly rows: number
  readonly received: number
  readonly memoryMb: number
}

export type RunResult = BacktestResult | FeaturesResult

/** A member whose tasks others do looks this often whether the run has ended. */
const lookMs = 500
/** A newer version looks this often whether the run is its own. */
const takingMs = 50

/**
 * Works on a run until all of its tasks have come to their ends, whoever did them, and gives its result. A run of that name that
 * was begun goes on; one that is finished says its result again. Another process that does the same with the same name joins in.
 *
 * @throws SmartspeedError NO_DATA, CONFIG_INVALID, RUN_EXISTS, VERSION_MISMATCH as `Beginning.open`; LEASE_HELD where a run can have one
 *         member; NOT_DETERMINISTIC, STRATEGY_FAILED; TAKEN_OVER when a newer version took the tasks; INTERRUPTED after a clean stop
 */
export async function runPipeline(options: RunOptions): Promise<RunResult> {
  const { topics, clock, signal } = options
  const began = clock.nowMs()
  const { follow, ...rest } = options
  const beginning = await Beginning.open({ ...rest, follow: follow !== undefined })
  const { run, finished } = beginning
  if (finished !== undefined) return finished
  const shift = new Shift(options, beginning, began)
  if (signal?.aborted) throw interrupted(run)
  const onAbort = () => shift.fail(interrupted(run))
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await topics.create(beginning.topics())
    const member = await join(options, beginning, shift)
    const watching = watch(options, beginning, shift)
    try {
      return await shift.over
    } finally {
      shift.closing.abort()
      await watching
      await member.leave()
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/**
 * Joins the members of the run; a newer version first shows that it computes the same. Where a run can have one member, it waits in
 * the shadow of the older one until that is stopped.
 */
async function join(options: RunOptions, beginning: Beginning, shift: Shift): Promise<Membership> {
  const { topics, seats, signal, onShadow, onStage } = options
  const { run, other, tasks, rank } = beginning
  const changed: JoinOptions['changed'] = (owned, how) => shift.changed(owned, how)
  for (;;) {
    if (other !== undefined) {
      const watched = {
        ...(signal === undefined ? {} : { signal }),
        ...(onShadow === undefined ? {} : { onRows: onShadow }),
      }
      await shadow({ topics, run, about: other, seats, ...watched })
    }
    try {
      return await topics.join({ run, tasks: tasks.length, rank, changed })
    } catch (error) {
      if (other === undefined || (error as SmartspeedError).code !== 'LEASE_HELD') throw error
      onStage?.('in shadow')
      await nap(lookMs, signal)
      if (signal?.aborted) throw interrupted(run)
    }
  }
}

/**
 * Looks now and then whether others have finished the run. A newer version has joined when the run says that it is of this version:
 * from then on whoever is started again needs not take it over.
 */
async function watch({ topics, onStage }: RunOptions, { run, rank, other }: Beginning, shift: Shift): Promise<void> {
  const { signal } = shift.closing
  let joined = other === undefined
  if (joined) onStage?.('joined')
  while (!signal.aborted) {
    await nap(joined ? lookMs : takingMs, signal)
    if (signal.aborted) return
    try {
      const about = await anyAboutOf(topics, run)
      if (!joined && about !== undefined && about.rank >= rank) {
        joined = true
        onStage?.('joined')
      }
      if (about?.result !== undefined) shift.end(about.result)
    } catch (error) {
      // It is looked again: while the service is away, the tasks wait for it too.
      if (!(error instanceof SmartspeedError && error.code === 'SERVICE_LOST')) shift.fail(error)
    }
  }
}

/** What a member does of a run. */
class Shift {
  readonly closing = new AbortController()
  readonly over: Promise<RunResult>
  readonly end: (result: RunResult) => void
  readonly fail: (error: unknown) => void
  private readonly options: RunOptions
  private readonly beginning: Beginning
  private readonly began: number
  private readonly memory = new MemoryWatch()
  private readonly running = new Map<number, TaskRunner>()
  private readonly rows = new Map<string, number>()
  private ended = new AbortController()

  constructor(options: RunOptions, beginning: Beginning, began: number) {
    const { promise, resolve, reject } = Promise.withResolvers<RunResult>()
    promise.catch(() => {}) // thrown where it is awaited
    this.over = promise
    this.end = resolve
    this.fail = reject
    this.options = options
    this.beginning = beginning
    this.began = began
  }

  async changed(owned: readonly number[], { lost, outranked, member }: TasksChange): Promise<void> {
    const gone = [...this.running].filter(([number]) => !owned.includes(number))
    for (const [number] of gone) this.running.delete(number)
    await Promise.all(gone.map(([, runner]) => runner.end({ lost })))
    if (outranked) this.fail(takenOver(this.beginning.run))
    if (this.closing.signal.aborted) return
    for (const number of owned) if (!this.running.has(number)) this.start(number, () => member.confirm(number))
    this.options.onTasks?.(owned.map((number) => this.beginning.tasks[number]!))
  }

  private start(number: number, confirm: () => Promise<void>): void {
    const { topics, seats, codeHash, clock, observer, stepRows, stepMs, snapshotRows, snapshotMs } = this.options
    const { beginning } = this
    const runner = startTask({
      ...{ topics, run: beginning.run, number, name: beginning.tasks[number]!, seats, codeHash, clock, confirm },
      ...{ pipeline: beginning.pipeline, steps: defined({ stepRows, stepMs, snapshotRows, snapshotMs }) },
      ...(observer === undefined ? {} : { observer }),
      begun: (writer, signal) => beginning.about(number === 0 ? writer : undefined, signal),
      source: (task) => this.sourceOf(task),
      finished: async (writer, signal) => {
        this.ended.abort()
        this.ended = new AbortController()
        if (number !== 0) return
        const result = await this.finish(writer.commit.bind(writer), signal)
        if (result !== undefined) this.end(result)
      },
      onStep: (progress) => this.count(progress),
    })
    this.running.set(number, runner)
    runner.done.then(
      (finished) => {
        // Lost without a word of the group: it may be given again.
        if (!finished && this.running.get(number) === runner) this.running.delete(number)
      },
      (error: unknown) => this.fail(error),
    )
  }

  private sourceOf(task: Task): TaskOptions['source'] {
    const { topics, follow, stepRows } = this.options
    if (follow === undefined) return replaySource(topics, task, this.options)
    const following = { ...follow, ...(stepRows === undefined ? {} : { stepRows }) }
    return followSource(topics, task, { speed: this.options, following })
  }

  /** Who has the first task waits for the others, and writes what the run came to. */
  private async finish(
    commit: (step: { outputs: []; run: AnyAbout }) => Promise<void>,
    signal: AbortSignal,
  ): Promise<RunResult | undefined> {
    const { topics, seats, clock } = this.options
    const { run } = this.beginning
    for (;;) {
      const another = this.ended.signal
      const about = (await anyAboutOf(topics, run))!
      if (about.result !== undefined) return about.result
      const tasks = about.tasks.map((_, number) => taskOf(about, seats, number))
      const closings = await closingsOf(topics, run, tasks)
      if (closings !== undefined) {
        const seconds = (clock.nowMs() - this.began) / 1000
        const done = await finishRun(topics, { run, about, tasks, closings, memory: this.memory, seconds })
        await commit({ outputs: [], run: done })
        return done.result
      }
      await nap(lookMs, AbortSignal.any([signal, another]))
      if (signal.aborted) return undefined
    }
  }

  private count({ task, rows, received }: { task: string; rows: number; received: number }): void {
    this.memory.look()
    this.rows.set(task, rows)
    const all = [...this.rows.values()].reduce((sum, one) => sum + one, 0)
    this.options.onStep?.({ rows: all, received, memoryMb: this.memory.peakMb })
  }
}

function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}

function interrupted(run: string): SmartspeedError {
  return new SmartspeedError('INTERRUPTED', `stopped; run ${run} keeps everything up to its last commit`, {
    fix: `the same command with --name ${run} goes on from there`,
  })
}
