// A task computed again from what its journal says it read: step by step, outputs kept instead of committed.
import type { Batch } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import { type Replayed, replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import type { Place } from './restore.ts'
import { type Graph, slice } from './runtime.ts'
import { stepRows, taskOptions } from './source.ts'
import { endPositions, isAtEnd, type Task } from './task.ts'

/** A step as it came out this time. */
export interface StepAgain {
  readonly entry: JournalEntry
  readonly outputs: readonly Batch[]
  /** Rows that it read: those of the entry, or fewer where the inputs ended before. */
  readonly rows: number
  /** Where its last row was, when the inputs ended within it. */
  readonly end: Place | undefined
}

export interface AgainOptions {
  readonly graph: Pick<Graph, 'step' | 'take'>
  /** Inputs from where the graph's state is on. */
  readonly inputs: AsyncIterable<Replayed>
  /** Entries of the steps that follow that state. */
  readonly journal: AsyncIterable<JournalEntry>
  readonly signal?: AbortSignal
  readonly onRows?: (rows: number) => void
}

/**
 * The steps of a journal, computed again. Memory holds the outputs of one of them.
 * Ends with the journal, or with the inputs: then amid a step, whose rows so far are given as the last.
 *
 * @throws SmartspeedError INTERRUPTED, and what the inputs throw
 */
export async function* stepsAgain({ graph, inputs, journal, signal, onRows }: AgainOptions): AsyncGenerator<StepAgain> {
  const entries = journal[Symbol.asyncIterator]()
  const next = async (): Promise<JournalEntry | undefined> => (await entries.next()).value as JournalEntry | undefined
  let entry = await next()
  let [total, rows] = [0, 0]
  let place: Place | undefined
  for await (const { merged, cursor, positions } of inputs) {
    if (signal?.aborted) throw new SmartspeedError('INTERRUPTED', `stopped after ${total} rows, equal so far`)
    for (let from = 0; from < merged.rows && entry !== undefined; ) {
      const to: number = Math.min(merged.rows, from + entry.rows - rows)
      if (to > from) graph.step(slice(merged, from, to))
      rows += to - from
      total += to - from
      from = to
      while (entry !== undefined && rows === entry.rows) {
        yield { entry, outputs: graph.take(), rows, end: undefined }
        entry = await next()
        rows = 0
      }
    }
    onRows?.(total)
    if (entry === undefined) return
    place = { after: cursor, positions }
  }
  // Steps without rows only say how far their inputs were read.
  for (; entry !== undefined && entry.rows === 0; entry = await next()) {
    yield { entry, outputs: [], rows: 0, end: undefined }
  }
  if (entry !== undefined) yield { entry, outputs: rows === 0 ? [] : graph.take(), rows, end: place }
}

/** A task of a run, and where the run is. */
export interface TaskOfRun {
  readonly topics: Topics
  readonly run: string
  readonly mode: AnyAbout['mode']
  readonly task: Task
}

/** Which part of it. */
export interface PartAgain {
  /** Behind which its inputs begin; undefined: at its beginning. */
  readonly place: Place | undefined
  readonly firstStep: number
  readonly lastStep: number
  /** Receive time, µs, that its inputs come before, also amid a step; of a replay alone. */
  readonly to?: number
}

/** What a task read: of what was there when its run began in the order rule, of what came later step by step. */
export async function* inputsAgain({ topics, run, mode, task }: TaskOfRun, part: PartAgain): AsyncGenerator<Replayed> {
  const { place, to } = part
  const isBehind = place !== undefined && isAtEnd(task, place.positions)
  if (mode === 'replay' || !isBehind) {
    const options = taskOptions(task)
    yield* replay(topics, {
      ...options,
      ...(place?.after === undefined ? {} : { after: place.after, positions: place.positions }),
      ...(to === undefined ? {} : { to: Math.min(to, options.to ?? to) }),
    })
  }
  if (mode === 'replay') return
  let positions = isBehind ? place.positions : endPositions(task)
  let follows = isBehind
  for await (const entry of journalOf(topics, run, task.name, part)) {
    if (follows) yield* stepRows(topics, task, { from: positions, to: entry.positions })
    if (follows) positions = entry.positions
    // The first step that has read all of what was there is the last one of that.
    follows ||= isAtEnd(task, entry.positions)
  }
}

/** The entries of some steps of a task. */
export async function* journalOf(
  topics: Topics,
  run: string,
  task: string,
  { firstStep, lastStep }: Pick<PartAgain, 'firstStep' | 'lastStep'>,
): AsyncGenerator<JournalEntry> {
  for await (const entry of topics.journal(run, task, firstStep)) {
    if (entry.step > lastStep) return
    yield entry
  }
}
