// How the members of a run agree on what it is: who has its first task says so once, and everybody else reads it.
import { SmartspeedError } from '../schemas/errors.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import { type AnyAbout, anyAboutOf, type PipelineName, taskNames, tradingTask } from './about.ts'
import {
  checkName,
  checkSame,
  codeChanged,
  configHashOf,
  emptyRange,
  freeName,
  nameOfSeats,
  takenOver,
} from './begin.ts'
import type { Topology } from './config.ts'
import { controlTopic } from './control.ts'
import type { FeaturesResult } from './features.ts'
import { nap } from './patience.ts'
import { hasRows, type Plan, planAgain, planOf, writtenBy } from './plan.ts'
import type { BacktestResult } from './result.ts'
import type { Clock } from './runtime.ts'
import { aboutSeats, type Seat } from './seats.ts'
import { instrumentPartitions } from './task.ts'

export interface Beginnings {
  readonly topics: Topics
  readonly topology: Topology
  readonly seats: readonly Seat[]
  readonly codeHash: string
  readonly name?: string
  /** How many tasks a new run of the features pipeline is cut into; as many as its inputs have partitions when left out. */
  readonly tasks?: number
  /** Rows that are written after the run began belong to it too: it has no end. */
  readonly follow?: boolean
  /** Other code may have begun the run: this is a newer version, which takes it over. */
  readonly takeover?: boolean
  readonly clock: Clock
}

/** How often a member looks whether the run was begun. */
const lookMs = 50

export class Beginning {
  readonly run: string
  /** What is said when there is nothing kept of the run yet. */
  private readonly said: AnyAbout
  private readonly options: Beginnings
  /** Of a run that has come to its end. */
  readonly finished: BacktestResult | FeaturesResult | undefined

  /** What is kept with a run that another version works on. */
  readonly other: AnyAbout | undefined

  private constructor(
    run: string,
    options: Beginnings,
    { said, other, finished }: { said: AnyAbout; other?: AnyAbout; finished?: BacktestResult | FeaturesResult },
  ) {
    this.run = run
    this.other = other
    this.options = options
    this.said = said
    this.finished = finished
  }

  /**
   * Finds the run, or decides what it is to be.
   * @throws SmartspeedError NO_DATA, CONFIG_INVALID (also for another number of tasks), RUN_EXISTS (same name, other config), VERSION_MISMATCH
   */
  static async open(options: Beginnings): Promise<Beginning> {
    const { topics, topology, seats, codeHash } = options
    const { pipeline } = topology
    if (options.name !== undefined) checkName(options.name)
    const run =
      options.name ?? (await freeName(topics, { what: pipeline === 'trading' ? nameOfSeats(seats) : pipeline }))
    const before = await anyAboutOf(topics, run)
    const strategies = seats.map(({ strategy }) => strategy)
    const fresh = await planOf(topics, topology, strategies, { run, follow: options.follow ?? false })
    if (before === undefined) {
      if (!(await hasRows(topics, fresh))) throw await emptyRange(topics, fresh)
      return new Beginning(run, options, { said: newAbout(options, fresh) })
    }
    const configHash = configHashOf(planAgain(before.plan, fresh), seats)
    const takesOver = options.takeover === true && before.result === undefined && before.codeHash !== codeHash
    checkSame(before, { name: run, configHash, codeHash: takesOver ? before.codeHash : codeHash })
    checkTasks(run, before, options.tasks)
    checkMode(run, before, options.follow)
    if (takesOver) return new Beginning(run, options, { said: nextVersion(before, codeHash), other: before })
    if (before.result === undefined) return new Beginning(run, options, { said: before })
    const { warnings, ...result } = before.result
    const finished = { ...result, warnings: [...warnings, ...codeChanged(run, before, codeHash)] }
    return new Beginning(run, options, { said: before, finished: finished as BacktestResult | FeaturesResult })
  }

  get pipeline(): PipelineName {
    return this.said.pipeline
  }

  get tasks(): readonly string[] {
    return this.said.tasks
  }

  get rank(): number {
    return this.said.rank
  }

  /** The topics that the run writes, each with a partition a task; and where one that follows hears its commands. */
  topics(): { record: RecordName; run: string; partitions: number }[] {
    const own = writtenBy(this.said.plan).map((record) => ({ record, run: this.run, partitions: this.tasks.length }))
    return this.said.mode === 'follow' && this.pipeline === 'trading' ? [...own, controlTopic(this.run)] : own
  }

  /** What is kept with the run, once its first task has said it: by this writer when it is that task's, and nothing is there. */
  async about(first: Writer | undefined, signal: AbortSignal): Promise<AnyAbout | undefined> {
    const { topics, codeHash } = this.options
    while (!signal.aborted) {
      const about = await anyAboutOf(topics, this.run)
      // It came to its end before it was taken over: what is left to be done is to say so.
      if (about?.result !== undefined && about.rank < this.rank) return nextVersion(about, codeHash)
      if (about !== undefined && about.rank > this.rank) throw takenOver(this.run)
      if (about?.rank === this.rank) {
        checkSame(about, { name: this.run, configHash: this.said.configHash, codeHash })
        checkTasks(this.run, about, this.tasks.length)
        checkMode(this.run, about, this.options.follow)
        return about
      }
      if (first !== undefined) await first.commit({ outputs: [], run: this.said })
      else await nap(lookMs, signal)
    }
    return undefined
  }
}

function nextVersion(about: AnyAbout, codeHash: string): AnyAbout {
  return { ...about, codeHash, rank: about.rank + 1, before: [...about.before, about.codeHash] }
}

function newAbout({ topology, seats, codeHash, clock, tasks, follow }: Beginnings, plan: Plan): AnyAbout {
  const { pipeline } = topology
  const same: Omit<AnyAbout, 'pipeline' | 'seats' | 'tasks' | 'result'> = {
    ...{ kind: 'backtest', mode: follow ? 'follow' : 'replay', status: 'running' },
    ...{ plan, codeHash, configHash: configHashOf(plan, seats) },
    ...{ startedMs: clock.nowMs(), rank: 0, before: [] },
  }
  if (pipeline === 'trading') {
    refuseOther(tasks, seats.length, 'a task is an account, and there are as many as strategies')
    return { ...same, pipeline, tasks: taskNames(pipeline, seats.length), seats: aboutSeats(seats) }
  }
  const most = instrumentPartitions(plan)
  const count = tasks ?? most
  if (count > most) {
    const message = `--tasks ${count}: a task takes whole partitions, and the inputs have ${most}`
    throw new SmartspeedError('CONFIG_INVALID', message, {
      fix: `choose --tasks ${most} or fewer; topics get their partitions when they are made`,
    })
  }
  return { ...same, pipeline, tasks: taskNames(pipeline, count), seats: [] }
}

/** A run keeps the tasks that it was begun with. @throws SmartspeedError CONFIG_INVALID */
function checkTasks(run: string, { tasks }: AnyAbout, asked: number | undefined): void {
  if (tasks.join() === tradingTask) {
    throw new SmartspeedError('CONFIG_INVALID', `run ${run} was begun by smartspeed backtest, as a whole`, {
      fix: `go on with it so: smartspeed backtest --name ${run}, or choose another --name`,
    })
  }
  refuseOther(asked, tasks.length, `run ${run} was begun with so many`)
}

/** @throws SmartspeedError CONFIG_INVALID */
function checkMode(run: string, { mode }: AnyAbout, follow = false): void {
  if ((mode === 'follow') === follow) return
  throw new SmartspeedError('CONFIG_INVALID', `run ${run} was begun ${follow ? 'without' : 'with'} --follow`, {
    fix: `${follow ? 'leave it out' : 'add it'}, or choose another --name`,
  })
}

function refuseOther(asked: number | undefined, tasks: number, why: string): void {
  if (asked === undefined || asked === tasks) return
  throw new SmartspeedError('CONFIG_INVALID', `--tasks ${asked}: it has ${tasks}; ${why}`, {
    fix: `leave --tasks out, or choose another --name`,
  })
}
