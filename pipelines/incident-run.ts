// An incident computed again: each of its steps, from the state before it, every row and digest compared.
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { type AnyAbout, readAbout } from './about.ts'
import { inputsAgain, journalOf, stepsAgain } from './again.ts'
import { type RowDifference, Written } from './again-compare.ts'
import { type Incident, type IncidentTask, readIncident } from './incident.ts'
import { seatsIn } from './incident-strategies.ts'
import { loadSnapshot, type Place, placeOf } from './restore.ts'
import { type Seat, seatsAgain } from './seats.ts'
import { graphOf, taskOf } from './task.ts'

export interface IncidentVerdict {
  readonly equal: boolean
  readonly run: string
  /** Rows that were read again, of all tasks, and rows that came of them. */
  readonly rows: number
  readonly outputs: number
  readonly first?: RowDifference
  /** False when the code is not that of the run: then a difference may be a change that was meant. */
  readonly sameCode: boolean
}

export interface IncidentHow {
  readonly signal?: AbortSignal
  readonly onRows?: (rows: number) => void
}

/**
 * Computes the incident in a folder again. Writes nothing there.
 *
 * @throws SmartspeedError FILE_MISSING, CONFIG_INVALID, VERSION_MISMATCH when other code cannot begin from its state, LOG_CORRUPT, INTERRUPTED
 */
export async function runIncident(dir: string, how: IncidentHow = {}): Promise<IncidentVerdict> {
  const incident = readIncident(dir)
  const topics = await openTopics({ dir, readOnly: true })
  try {
    const about = readAbout((await topics.runs()).find(({ run }) => run === incident.run)?.about)
    if (about === undefined) throw incomplete(dir, `it does not know run ${incident.run}`)
    const { seats, codeHash } = await seatsAgain(seatsIn(dir, about.seats))
    return await compareTasks(topics, { dir, incident, about, seats, codeHash }, how)
  } finally {
    await topics.close()
  }
}

interface Opened {
  readonly dir: string
  readonly incident: Incident
  readonly about: AnyAbout
  readonly seats: readonly Seat[]
  readonly codeHash: string
}

async function compareTasks(topics: Topics, opened: Opened, how: IncidentHow): Promise<IncidentVerdict> {
  const { incident, codeHash } = opened
  const verdict = { run: incident.run, sameCode: codeHash === incident.codeHash }
  let [rows, outputs] = [0, 0]
  for (const task of incident.tasks) {
    const before = rows
    const done = await compareTask(topics, opened, task, {
      ...how,
      onRows: (more) => {
        rows = before + more
        how.onRows?.(rows)
      },
    })
    outputs += done.outputs
    if (done.first !== undefined) return { equal: false, ...verdict, rows, outputs, first: done.first }
  }
  return { equal: true, ...verdict, rows, outputs }
}

async function compareTask(
  topics: Topics,
  opened: Opened,
  line: IncidentTask,
  how: IncidentHow,
): Promise<{ outputs: number; first?: RowDifference }> {
  const { dir, incident, about, seats } = opened
  const { run } = incident
  const task = taskOf(about, seats, line.number)
  const graph = graphOf(task)
  const place = line.begins === 'start' ? undefined : await begin(topics, opened, line, graph)
  const starts = new Map(Object.entries(line.outputs))
  const written = new Written(topics, { run, partition: line.number, starts })
  const part = { place, firstStep: line.afterStep + 1, lastStep: line.steps[1] }
  const journal = journalOf(topics, run, task.name, part)
  const inputs = inputsAgain({ topics, run, mode: about.mode, task }, part)
  let outputs = 0
  try {
    for await (const step of stepsAgain({ graph, journal, inputs, ...how })) {
      if (step.rows < step.entry.rows)
        throw incomplete(dir, `its inputs end amid step ${step.entry.step} of ${task.name}`)
      const first = await written.compare(step)
      if (first !== undefined) return { outputs, first }
      outputs += step.outputs.reduce((sum, { rows }) => sum + rows, 0)
    }
    const first = await written.left({ task: task.name, step: line.steps[1] })
    return { outputs, ...(first === undefined ? {} : { first }) }
  } finally {
    await written.close()
  }
}

/** Puts the graph where the stretch begins. */
async function begin(
  topics: Topics,
  { dir, incident, codeHash }: Opened,
  { task, afterStep }: IncidentTask,
  graph: ReturnType<typeof graphOf>,
): Promise<Place> {
  const { run } = incident
  const snapshot = await topics.snapshot(run, task, afterStep)
  const entry = (await topics.journal(run, task, afterStep)[Symbol.asyncIterator]().next()).value as
    | JournalEntry
    | undefined
  if (snapshot?.step !== afterStep || entry?.step !== afterStep)
    throw incomplete(dir, `the state before its first step of ${task} is missing`)
  try {
    loadSnapshot(graph, snapshot)
  } catch (cause) {
    if (codeHash === incident.codeHash) throw cause
    throw new SmartspeedError(
      'VERSION_MISMATCH',
      `this code cannot begin from the state that other code saved: ${(cause as Error).message}`,
      {
        cause,
        fix: 'check out the code of the run, or cut it anew so that it begins with the run: smartspeed incident RUN --whole …',
      },
    )
  }
  return placeOf(entry)
}

function incomplete(dir: string, what: string): SmartspeedError {
  return new SmartspeedError('LOG_CORRUPT', `${dir} is not whole: ${what}`, { fix: 'make it again from the run' })
}
