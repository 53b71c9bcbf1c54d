// Runs a run again from what its journal says it read, and compares every row that it wrote (DESIGN §6).
import type { Topics } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import { inputsAgain, stepsAgain } from './again.ts'
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
  try {
    const journal = () => topics.journal(run, task.name, 1)
    const inputs = inputsAgain(topics, task, { place: undefined, journal: journal() })
    const steps = stepsAgain({ graph: graphOf(task), inputs, journal: journal(), ...how })
    for await (const step of steps) {
      // A step whose inputs ended before it did has lost some of them: what it makes of the others is not what it wrote.
      const first = await written.compare(step)
      if (first !== undefined) return first
      last = { task: task.name, step: step.entry.step }
    }
    return await written.left(last)
  } finally {
    await written.close()
  }
}
