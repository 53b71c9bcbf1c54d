// One look at the tasks of runs: how far each is, and whether somebody works on it.
import { nearest, SmartspeedError } from '../schemas/errors.ts'
import type { TaskProgress, TopicInfo, Topics } from '../topics/topics.ts'
import { type AnyAbout, readAbout } from './about.ts'
import { type LagTask, lagOf, type PartitionLag } from './lag.ts'
import { isAtEnd, taskOf } from './task.ts'

/** A task, seen at one moment. */
export interface TaskLook {
  readonly run: string
  readonly pipeline: string
  readonly task: string
  readonly mode: 'replay' | 'follow'
  /** The last step that it committed; 0 for none. */
  readonly step: number
  /** When that was, ms since 1970; undefined for never. */
  readonly committedMs: number | undefined
  /** Somebody holds the run: the lock of a process, or members of its group that are alive. */
  readonly held: boolean
  /** All of its rows are committed, and no more will come. */
  readonly finished: boolean
  readonly partitions: readonly PartitionLag[]
}

export interface LookOptions {
  /** One run; without it all of them, or with `unfinished` those that are not finished. */
  readonly run?: string | undefined
  readonly unfinished?: boolean
  readonly lookRows?: number
}

/** @throws SmartspeedError RUN_MISSING, with the nearest name; what reading says */
export async function lookAtTasks(topics: Topics, options: LookOptions = {}): Promise<TaskLook[]> {
  const runs = (await topics.runs()).flatMap(({ run, about }) => {
    const read = readAbout(about)
    return read === undefined ? [] : [{ run, about: read }]
  })
  const { run: named, unfinished = false } = options
  if (named !== undefined && !runs.some(({ run }) => run === named)) throw missing(named, runs)
  const wanted = runs.filter(
    ({ run, about }) => (named === undefined || run === named) && !(unfinished && about.status === 'finished'),
  )
  if (wanted.length === 0) return []
  const infos = new Map((await topics.list()).map((info) => [info.name, info]))
  const looks: TaskLook[] = []
  for (const { run, about } of wanted) looks.push(...(await lookAtRun(topics, { run, about, infos, ...options })))
  return looks
}

interface RunAsked extends Pick<LookOptions, 'lookRows'> {
  readonly run: string
  readonly about: AnyAbout
  readonly infos: ReadonlyMap<string, TopicInfo>
}

async function lookAtRun(topics: Topics, { run, about, infos, lookRows }: RunAsked): Promise<TaskLook[]> {
  const progress = new Map((await topics.tasks(run)).map((one) => [one.task, one]))
  const held = await topics.held(run)
  const looks: TaskLook[] = []
  for (const number of about.tasks.keys()) {
    const task = lagTaskOf(run, about, number)
    const own = progress.get(task.task)
    const finished =
      about.status === 'finished' || (about.mode === 'replay' && own !== undefined && isAtEnd(task, own.positions))
    looks.push({
      ...{ run, pipeline: task.pipeline, task: task.task, mode: task.mode, held, finished },
      ...{ step: own?.step ?? 0, committedMs: own?.committedMs },
      partitions: finished
        ? atEnd(task, own)
        : await lagOf(topics, task, own, { infos, ...(lookRows === undefined ? {} : { lookRows }) }),
    })
  }
  return looks
}

/** Which rows are a task's. */
export function lagTaskOf(run: string, about: AnyAbout, number: number): LagTask {
  const { pipeline, mode } = about
  // Who trades does not matter for what is read.
  const { name, plan, inputs } = taskOf(about, [], number)
  const { instruments, from, leadIn, to } = plan
  return { run, pipeline, task: name, mode, instruments, from: leadIn ?? from, to, inputs }
}

/** Nothing is read of what is finished: where its last row stands need not be where the topic ended. */
function atEnd({ inputs }: LagTask, progress: TaskProgress | undefined): PartitionLag[] {
  return inputs.flatMap(({ topic, partitions, ends }) =>
    partitions.map((partition) => {
      const found = progress?.positions.find((one) => one.topic === topic && one.partition === partition)
      const end = ends[partition] ?? 0
      return { topic, partition, committed: found?.offset ?? null, end, rows: 0, seconds: 0, estimated: false }
    }),
  )
}

function missing(run: string, runs: readonly { readonly run: string }[]): SmartspeedError {
  const names = runs.map((one) => one.run)
  const near = nearest(run, names)
  return new SmartspeedError('RUN_MISSING', `there is no run ${run}`, {
    fix: near === undefined ? 'there are none yet: npx smartspeed run trading …' : `did you mean "${near}"?`,
  })
}
