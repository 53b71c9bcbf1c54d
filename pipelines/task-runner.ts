// One task at the member that owns it, from when it was given to when it is finished, taken back or lost.
import { SmartspeedError } from '../schemas/errors.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import type { TaskObserver } from './observe.ts'
import { patience } from './patience.ts'
import { type Clock, type Input, runTask, type Start, type TaskOptions } from './runtime.ts'
import type { Seat } from './seats.ts'
import { graphOf, type Task, taskOf } from './task.ts'

/** A clock, and chance for waits: neither decides what is computed. */
export interface RunClock extends Clock {
  /** In [0, 1). */
  random(): number
}

export interface TaskRunnerOptions {
  readonly topics: Topics
  readonly run: string
  readonly number: number
  readonly name: string
  readonly seats: readonly Seat[]
  readonly codeHash: string
  readonly clock: RunClock
  /** Throws LEASE_HELD unless this member owns the task now. */
  readonly confirm: () => Promise<void>
  /** What is kept with the run, when its tasks may begin. */
  readonly begun: (writer: Writer, signal: AbortSignal) => Promise<AnyAbout | undefined>
  readonly source: (task: Task) => (start: Start) => AsyncIterable<Input>
  readonly steps: Pick<TaskOptions, 'stepRows' | 'stepMs' | 'snapshotRows' | 'snapshotMs'>
  /** The task has come to its end; its writer is given back when this is done. */
  readonly finished: (writer: Writer, signal: AbortSignal) => Promise<void>
  readonly observer?: TaskObserver
  readonly pipeline: string
  readonly onStep?: (progress: { task: string; rows: number; received: number }) => void
}

export interface TaskRunner {
  /** Ends it: cleanly (what it has read is committed), or, `lost`, at once and without another commit. */
  end(how: { readonly lost: boolean }): Promise<void>
  /** Resolves with true when the task is finished, false when it ended before; rejects with what no new try can mend. */
  readonly done: Promise<boolean>
}

/**
 * Starts a task. While a service does not answer it tries again, with longer and longer waits: each time from restore, with the
 * state of before thrown away, since nobody knows what of it was committed (T2, T8).
 */
export function startTask(options: TaskRunnerOptions): TaskRunner {
  const { run, name, observer, pipeline } = options
  const stop = new AbortController()
  const lost = new AbortController()
  const ends = AbortSignal.any([stop.signal, lost.signal])
  const waits = patience(options.clock.random)
  let step = 0
  const tell = (state: 'revoked' | 'lost' | 'failed') => observer?.state({ run, pipeline, task: name, state, step })
  const observed: TaskObserver = {
    step(event) {
      step = event.step
      waits.reset()
      observer?.step(event)
    },
    state: (event) => observer?.state(event),
  }

  async function work(): Promise<boolean> {
    for (;;) {
      try {
        const finished = await once(options, { stop: stop.signal, lost: lost.signal, ends, observed })
        if (!finished) tell(lost.signal.aborted ? 'lost' : 'revoked')
        return finished
      } catch (error) {
        if (await isOver(error)) {
          tell('lost')
          return false
        }
      }
      await waits.wait(ends)
      if (ends.aborted) return false
    }
  }

  /** Whether the ownership ended; false when it is to be tried again. @throws what no new try can mend */
  async function isOver(error: unknown): Promise<boolean> {
    const code = error instanceof SmartspeedError ? error.code : undefined
    if (code !== 'LEASE_HELD' && code !== 'SERVICE_LOST') {
      tell('failed')
      throw error
    }
    if (ends.aborted) return true
    if (code === 'SERVICE_LOST') return false
    // Fenced, and yet the owner? Then somebody who was late took the right to write: it is taken back.
    try {
      await options.confirm()
      return false
    } catch (other) {
      return (other as SmartspeedError).code === 'LEASE_HELD'
    }
  }

  const done = work()
  done.catch(() => {}) // thrown where it is awaited
  return {
    done,
    async end(how) {
      if (how.lost) lost.abort()
      else stop.abort()
      await done.catch(() => {})
    },
  }
}

interface Signals {
  readonly stop: AbortSignal
  readonly lost: AbortSignal
  readonly ends: AbortSignal
  readonly observed: TaskObserver
}

/** Takes the right to write, restores, works; true when the task is finished. */
async function once(options: TaskRunnerOptions, { stop, lost, ends, observed }: Signals): Promise<boolean> {
  const { topics, run, number, name, confirm, clock, pipeline, seats, codeHash, onStep } = options
  await confirm()
  if (ends.aborted) return false
  const writer = await topics.writer({ run, task: { task: name, partition: number, confirm } })
  try {
    const about = await options.begun(writer, ends)
    if (about === undefined) return false
    const task = taskOf(about, seats, number)
    const { interrupted } = await runTask({
      ...{ topics, writer, task: name, graph: graphOf(task), source: options.source(task), clock },
      ...{ codeHash, before: about.before, configHash: about.configHash, ...options.steps },
      ...{ signal: stop, lost, watched: { observer: observed, pipeline } },
      onStep: (progress) => onStep?.({ task: name, ...progress }),
    })
    if (interrupted) return false
    await options.finished(writer, ends)
    return !ends.aborted
  } finally {
    // What stays open here is ended by whoever takes the task next.
    await writer.close().catch(() => {})
  }
}
