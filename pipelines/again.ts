// A task computed again from what its journal says it read: step by step, outputs kept instead of committed.
import type { Batch } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import { type Replayed, replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { inputOptions } from './plan.ts'
import type { Place } from './restore.ts'
import { type Graph, slice } from './runtime.ts'
import type { Task } from './task.ts'

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

/** What a task read, from a place in it on; up to a receive time where that is given. */
export function inputsAgain(
  topics: Topics,
  { plan, inputs }: Pick<Task, 'plan' | 'inputs'>,
  { place, to }: { readonly place: Place | undefined; readonly to?: number },
): AsyncIterable<Replayed> {
  const options = inputOptions(plan)
  const read = inputs.filter(({ partitions }) => partitions.length > 0)
  return replay(topics, {
    ...{ ...options, inputs: read.map(({ topic, partitions }) => ({ topic, partitions })) },
    ...(place?.after === undefined ? {} : { after: place.after, positions: place.positions }),
    ...(to === undefined ? {} : { to: Math.min(to, options.to ?? to) }),
  })
}
