// Runs a run again from what its journal says it read, and compares every row that it wrote (DESIGN §6).
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import type { TaskProgress, Topics } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import { inputsAgain, journalOf, stepsAgain } from './again.ts'
import { type RowDifference, Written } from './again-compare.ts'
import type { Seat } from './seats.ts'
import { graphOf, taskOf } from './task.ts'

export interface Parity {
  readonly equal: boolean
  /** Rows that were read again, of all tasks. */
  readonly rows: number
  /** The first row that differs, of the first task that has one. */
  readonly first?: RowDifference
  /** False when the code is not that of the run: then a difference may be a change that was meant. */
  readonly sameCode: boolean
}

export interface ParityHow {
  /** All of the run's. */
  readonly seats: readonly Seat[]
  readonly codeHash: string
  readonly signal?: AbortSignal
  readonly onRows?: (rows: number) => void
}

/**
 * Compares a run, finished or not, with its own re-execution, task by task.
 * Memory stays flat: the outputs of one step are held.
 */
export async function parity(topics: Topics, run: string, about: AnyAbout, how: ParityHow): Promise<Parity> {
  const sameCode = how.codeHash === about.codeHash || about.before.includes(how.codeHash)
  let rows = 0
  for (const number of about.tasks.keys()) {
    const before = rows
    const onRows = (done: number): void => {
      rows = before + done
      how.onRows?.(rows)
    }
    const first = await taskParity(topics, run, { about, number }, { ...how, onRows })
    if (first !== undefined) return { equal: false, rows, first, sameCode }
  }
  return { equal: true, rows, sameCode }
}

async function taskParity(
  topics: Topics,
  run: string,
  { about, number }: { about: AnyAbout; number: number },
  { seats, ...how }: ParityHow,
): Promise<RowDifference | undefined> {
  const task = taskOf(about, seats, number)
  const written = new Written(topics, { run, partition: number })
  let last = { task: task.name, step: 0 }
  // A run may go on while it is compared.
  const progress = (await topics.tasks(run)).find((one) => one.task === task.name)
  const part = { place: undefined, firstStep: 1, lastStep: progress?.step ?? Number.POSITIVE_INFINITY }
  try {
    const steps = stepsAgain({
      ...{ graph: graphOf(task), inputs: inputsAgain({ topics, run, mode: about.mode, task }, part) },
      ...{ journal: journalOf(topics, run, task.name, part), ...how },
    })
    for await (const step of steps) {
      const first = await written.compare(step)
      if (first !== undefined) return first
      if (step.rows < step.entry.rows) throw lostInputs(run, step.entry)
      last = { task: task.name, step: step.entry.step }
    }
    return progress === undefined || (await isStill(topics, run, progress)) ? await written.left(last) : undefined
  } finally {
    await written.close()
  }
}

/** Rows behind the last step that was compared are of none only while the task stands where it stood. */
async function isStill(topics: Topics, run: string, { task, step }: TaskProgress): Promise<boolean> {
  return (await topics.tasks(run)).some((one) => one.task === task && one.step === step)
}

function lostInputs(run: string, { task, step }: JournalEntry): SmartspeedError {
  return new SmartspeedError('HISTORY_EXPIRED', `run ${run}: the inputs of ${task} end before its step ${step} does`, {
    fix: 'rows that it read were deleted: it cannot be compared any more; mirror a run that is to be kept',
  })
}
