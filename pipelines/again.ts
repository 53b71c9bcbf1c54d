// A task computed again from what its journal says it read: step by step, outputs kept instead of committed.
import type { Batch } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import { type Replayed, replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import type { Place } from './restore.ts'
import { type Graph, slice } from './runtime.ts'
import { stepRows, taskOptions } from './source.ts'
import { isAtEnd, type Task } from './task.ts'

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

export interface InputsAgain {
  /** Where to begin; undefined for the beginning of the run. */
  readonly place: Place | undefined
  /** No row that was received later, µs. */
  readonly to?: number
  /** Journal entries behind that place: what was read as it came stands in no other order than its steps say. */
  readonly journal: AsyncIterable<JournalEntry>
}

/** What a task read, in the order in which it did. */
export async function* inputsAgain(
  topics: Topics,
  task: Pick<Task, 'plan' | 'inputs'>,
  { place, to, journal }: InputsAgain,
): AsyncGenerator<Replayed> {
  if (place === undefined || !isAtEnd(task, place.positions)) {
    const options = taskOptions(task)
    const until = to === undefined ? {} : { to: Math.min(to, options.to ?? to) }
    yield* replay(topics, { ...options, ...place, ...until })
  }
  let from = place?.positions
  for await (const { positions } of journal) {
    // The first step at the end finishes what was there when the run began; those after it were followed.
    if (from !== undefined && isAtEnd(task, from)) yield* stepRows(topics, task, { from, to: positions })
    from = positions
  }
}
