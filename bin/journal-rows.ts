// The journal of a run as rows: it is kept beside the topics, and read like one.
import { anyAboutOf, tradingTask } from '../pipelines/about.ts'
import { batchOf, type Merged } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'

/** Entries of a batch: each holds the positions of every input. */
const many = 256

/**
 * The journal of a run's tasks, a row a step, in order of receipt; from and before receive times.
 * Errors: NO_DATA when no step is there: an import keeps snapshots alone, a backtest that just began has none yet.
 */
export async function* journalRows(
  topics: Topics,
  run: string,
  { from = 0, to = Number.POSITIVE_INFINITY }: { readonly from?: number; readonly to?: number },
): AsyncGenerator<Merged> {
  let entries: JournalEntry[] = []
  let found = false
  for await (const entry of stepsOf(topics, run)) {
    if (entry.received < from || entry.received >= to) continue
    found = true
    entries.push(entry)
    if (entries.length === many) {
      yield merged(entries)
      entries = []
    }
  }
  if (!found) {
    throw new SmartspeedError('NO_DATA', `run ${run} has no steps in its journal there`, {
      fix: `smartspeed runs says how far each run is`,
    })
  }
  if (entries.length > 0) yield merged(entries)
}

/** Steps of all tasks by the receive time of their last rows; of equal ones in the order of the tasks. */
async function* stepsOf(topics: Topics, run: string): AsyncGenerator<JournalEntry> {
  const tasks = (await anyAboutOf(topics, run))?.tasks ?? [tradingTask]
  const readers = tasks.map((task) => topics.journal(run, task)[Symbol.asyncIterator]())
  const next = async (at: number) => (await readers[at]!.next()).value as JournalEntry | undefined
  const heads: (JournalEntry | undefined)[] = []
  for (let at = 0; at < readers.length; at++) heads.push(await next(at))
  for (;;) {
    let first = -1
    for (const [at, head] of heads.entries()) {
      if (head !== undefined && (first < 0 || head.received < heads[first]!.received)) first = at
    }
    if (first < 0) return
    yield heads[first]!
    heads[first] = await next(first)
  }
}

function merged(entries: readonly JournalEntry[]): Merged {
  const rows = entries.length
  return {
    ...{ rows, source: new Uint16Array(rows), row: Uint32Array.from(entries, (_, at) => at) },
    sources: [batchOf('journal', entries)],
  }
}
