// The journal of a run as rows: it is kept beside the topics, and read like one.
import { tradingTask } from '../pipelines/backtest.ts'
import { batchOf, type Merged } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'

/** Entries of a batch: each holds the positions of every input. */
const many = 256

/**
 * The journal of a run's trading task, a row a step, from and before receive times.
 * Errors: NO_DATA when no step is there: an import keeps snapshots alone, a backtest that just began has none yet.
 */
export async function* journalRows(
  topics: Topics,
  run: string,
  { from = 0, to = Number.POSITIVE_INFINITY }: { readonly from?: number; readonly to?: number },
): AsyncGenerator<Merged> {
  let entries: JournalEntry[] = []
  let found = false
  for await (const entry of topics.journal(run, tradingTask)) {
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

function merged(entries: readonly JournalEntry[]): Merged {
  const rows = entries.length
  return {
    ...{ rows, source: new Uint16Array(rows), row: Uint32Array.from(entries, (_, at) => at) },
    sources: [batchOf('journal', entries)],
  }
}
