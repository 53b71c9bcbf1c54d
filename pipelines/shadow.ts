// A new version in the shadow of the one that works on a run: it computes again what that one commits, and drops it, to show that it
// computes the same.
import { SmartspeedError } from '../schemas/errors.ts'
import type { Snapshot, Topics } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import { inputsAgain, journalOf, stepsAgain } from './again.ts'
import { digestOf } from './digest.ts'
import { loadSnapshot, type Place, placeOf } from './restore.ts'
import type { Seat } from './seats.ts'
import { graphOf, type Task, taskOf } from './task.ts'

export interface ShadowOptions {
  readonly topics: Topics
  readonly run: string
  readonly about: AnyAbout
  /** Of the new version. */
  readonly seats: readonly Seat[]
  readonly signal?: AbortSignal
  readonly onRows?: (rows: number) => void
}

/**
 * Computes the last steps of each task again, from the older of its two snapshots on, until there are no more; resolves when each of
 * them gave what was committed.
 *
 * @throws SmartspeedError VERSION_MISMATCH when this version computes otherwise, or cannot read the state of the other; INTERRUPTED
 */
export async function shadow(options: ShadowOptions): Promise<void> {
  const { run, about, seats } = options
  let done = 0
  for (const number of about.tasks.keys()) {
    const task = taskOf(about, seats, number)
    for (const snapshot of await startsOf(options.topics, run, task)) {
      done += await follow({ ...options, onRows: (rows) => options.onRows?.(done + rows) }, task, snapshot)
    }
  }
}

/** Where to begin: far enough back to show something, and with a state that the other version saved, where there is one. */
async function startsOf(topics: Topics, run: string, { name }: Task): Promise<(Snapshot | undefined)[]> {
  const last = await topics.snapshot(run, name)
  if (last === undefined) return [undefined]
  const older = await topics.snapshot(run, name, last.step - 1)
  return older === undefined ? [undefined, last] : [older]
}

/** Computes steps again until it has come as far as the other; gives the rows that it read. */
async function follow(options: ShadowOptions, task: Task, snapshot: Snapshot | undefined): Promise<number> {
  const { topics, run, about, signal, onRows } = options
  const graph = graphOf(task)
  let step = snapshot?.step ?? 0
  let place: Place | undefined
  if (snapshot !== undefined) {
    place = await placeAt(topics, run, task, snapshot.step)
    try {
      loadSnapshot(graph, snapshot)
    } catch (cause) {
      throw otherwise(run, task.name, { step, why: 'cannot read the state that was saved', cause })
    }
  }
  let rows = 0
  for (;;) {
    const committed = (await topics.tasks(run)).find((one) => one.task === task.name)?.step ?? 0
    if (committed <= step) return rows
    const part = { firstStep: step + 1, lastStep: committed }
    const inputs = inputsAgain({ topics, run, mode: about.mode, task }, { place, ...part })
    const before = rows
    const again = stepsAgain({
      ...{ graph, inputs, journal: journalOf(topics, run, task.name, part) },
      ...(signal === undefined ? {} : { signal }),
      onRows: (read) => onRows?.(before + read),
    })
    for await (const { entry, outputs, end } of again) {
      if (end !== undefined || (await digestOf(outputs)) !== entry.hash)
        throw otherwise(run, task.name, { step: entry.step })
      rows += entry.rows
      step = entry.step
      place = placeOf(entry)
    }
    if (step < committed) throw otherwise(run, task.name, { step: step + 1 })
  }
}

async function placeAt(topics: Topics, run: string, { name }: Task, step: number): Promise<Place | undefined> {
  for await (const entry of topics.journal(run, name, step)) return placeOf(entry)
  return undefined
}

function otherwise(
  run: string,
  task: string,
  { step, why = 'gives other rows', cause }: { step: number; why?: string; cause?: unknown },
): SmartspeedError {
  return new SmartspeedError(
    'VERSION_MISMATCH',
    `this version ${why}: step ${step} of ${task}, run ${run}; the version that works on it goes on`,
    {
      ...(cause === undefined ? {} : { cause }),
      fix: 'a version that computes otherwise is a new run: choose another --name',
    },
  )
}
