// What tasks tell of themselves, as metrics, and as the state that health is judged by. A step costs some dozen additions,
// whatever its number of rows.
import type { StateEvent, StepEvent, TaskObserver } from '../../pipelines/observe.ts'
import { type Metrics, taskStates } from './registry.ts'

/** A task of this process as it was seen last. */
export interface WatchedTask {
  readonly run: string
  readonly pipeline: string
  readonly task: string
  readonly state: StateEvent['state']
  /** Of its last commit here; undefined before one. */
  readonly last: Pick<StepEvent, 'step' | 'received' | 'positions'> | undefined
  /** When it last committed, or came into its state; ms of the clock. */
  readonly movedMs: number
}

export interface WatchedTasks {
  readonly observer: TaskObserver
  readonly tasks: ReadonlyMap<string, WatchedTask>
  /** Brings up to date what changes while nothing happens. Before each scrape. */
  refresh(): void
}

interface Known extends WatchedTask {
  savedMs: number | undefined
  rowsSinceSaved: number
  committedMs: number | undefined
  /** What was counted since the last scrape: finding a series by its labels costs more than a step has to spend on each. */
  steps: number
  readonly rowsIn: Record<string, number>
  readonly rowsOut: Record<string, number>
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

export function watchTasks({ task: metrics }: Metrics, nowMs: () => number): WatchedTasks {
  const tasks = new Map<string, Writable<Known>>()

  function known(event: Pick<StateEvent, 'run' | 'pipeline' | 'task'>): Writable<Known> {
    const { run, pipeline, task } = event
    const name = `${run}:${task}`
    let one = tasks.get(name)
    if (one === undefined) {
      one = {
        ...{ run, pipeline, task, state: 'restoring' as const, last: undefined, movedMs: nowMs() },
        ...{ savedMs: undefined, rowsSinceSaved: 0, committedMs: undefined, steps: 0, rowsIn: {}, rowsOut: {} },
      }
      tasks.set(name, one)
      // A rate needs a first value, and an increase something to rise from.
      metrics.restarts.inc({ run, pipeline, task }, 0)
      metrics.steps.inc({ run, pipeline, task }, 0)
    }
    return one
  }

  const observer: TaskObserver = {
    step(event) {
      const { run, pipeline, task, rowsIn, rowsOut, batches, snapshotBytes } = event
      const labels = { run, pipeline, task }
      const one = known(event)
      const now = nowMs()
      // Not the rows of the step, which may be many.
      one.last = { step: event.step, received: event.received, positions: event.positions }
      one.movedMs = now
      one.steps++
      add(one.rowsIn, event.rowsInOf)
      add(one.rowsOut, rowsOut)
      metrics.stepRows.observe(labels, rowsIn)
      if (batches > 0) metrics.batchRows.observe(labels, rowsIn / batches)
      metrics.stepSeconds.observe(labels, event.computeMs / 1000)
      metrics.commitSeconds.observe(labels, event.commitMs / 1000)
      one.committedMs = now
      one.rowsSinceSaved += rowsIn
      if (snapshotBytes !== undefined) {
        one.savedMs = now
        one.rowsSinceSaved = 0
        metrics.snapshotBytes.set(labels, snapshotBytes)
      }
    },
    state(event) {
      const { run, pipeline, task, state, step } = event
      const labels = { run, pipeline, task }
      const one = known(event)
      // What is finished stays so, also when it is given back.
      if (one.state === 'finished' && state === 'revoked') return
      // Where it goes on is behind what was committed before: somebody had it already.
      if (state === 'running' && one.state === 'restoring' && step > 0) metrics.restarts.inc(labels)
      one.state = state
      one.movedMs = nowMs()
      // Until it saves its state here, what is known is that it was restored now.
      if (state === 'running') one.savedMs ??= nowMs()
      for (const name of taskStates) metrics.state.set({ ...labels, state: name }, name === state ? 1 : 0)
    },
  }

  return {
    observer,
    tasks,
    refresh() {
      const now = nowMs()
      for (const one of tasks.values()) {
        const { run, pipeline, task, savedMs, rowsSinceSaved, state, last, committedMs } = one
        const labels = { run, pipeline, task }
        metrics.steps.inc(labels, one.steps)
        one.steps = 0
        flush(metrics.rowsIn, labels, one.rowsIn)
        flush(metrics.rowsOut, labels, one.rowsOut)
        if (committedMs !== undefined) metrics.committed.set(labels, committedMs / 1000)
        if (last !== undefined) metrics.received.set(labels, last.received / 1e6)
        if (state !== 'running' || savedMs === undefined) {
          metrics.snapshotAge.remove(labels)
          metrics.snapshotRows.remove(labels)
          continue
        }
        metrics.snapshotAge.set(labels, (now - savedMs) / 1000)
        metrics.snapshotRows.set(labels, rowsSinceSaved)
      }
    },
  }
}

function add(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const topic in counts) sums[topic] = (sums[topic] ?? 0) + counts[topic]!
}

/** Gives to the counter what was added up, and begins anew. */
function flush(
  counter: Metrics['task']['rowsIn'],
  labels: { readonly run: string; readonly pipeline: string; readonly task: string },
  sums: Record<string, number>,
): void {
  for (const topic of Object.keys(sums)) {
    counter.inc({ ...labels, topic }, sums[topic]!)
    sums[topic] = 0
  }
}
