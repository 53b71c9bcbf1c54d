// Where a task goes on: its last whole snapshot, and what its journal says that it did since (DESIGN §6).
import { pack, unpack } from '../operators/stage.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import type { Cursor } from '../topics/replay.ts'
import type { Snapshot, Topics } from '../topics/topics.ts'
import type { Graph } from './runtime.ts'

/** How far a task has come in its inputs. */
export interface Place {
  /** The last row that it read; undefined before the first. */
  readonly after: Cursor | undefined
  readonly positions: JournalEntry['positions']
}

export interface Restored {
  /** Rows and steps up to the snapshot. */
  readonly rows: number
  readonly step: number
  /** Where the snapshot stands; undefined for the beginning. */
  readonly place: Place | undefined
  /** Steps after it, to be computed again. */
  readonly again: JournalEntry[]
}

interface Saved {
  readonly rows: number
  readonly state: Uint8Array
}

/** What a snapshot holds. */
export function saveSnapshot(graph: Pick<Graph, 'save'>, rows: number): Uint8Array {
  return pack({ rows, state: graph.save() } satisfies Saved)
}

/** Puts a graph where it was when the snapshot was taken; gives the rows that it had read by then. */
export function loadSnapshot(graph: Pick<Graph, 'load'>, { bytes }: Snapshot): number {
  const { rows, state } = unpack<Saved>(bytes)
  graph.load(state)
  return rows
}

/** How far a journal entry says its task had come. */
export function placeOf({ cursor, positions }: JournalEntry): Place {
  return { after: (JSON.parse(cursor) as Cursor | null) ?? undefined, positions }
}

export interface RestoreOptions {
  readonly run: string
  readonly task: string
  readonly graph: Pick<Graph, 'load'>
  /** Whose steps may be computed again: of this code, and of older code that is known to compute the same. */
  readonly codeHashes: readonly string[]
  readonly configHash: string
}

/**
 * Loads the graph from the task's last whole snapshot.
 * @throws SmartspeedError VERSION_MISMATCH when code or config changed
 */
export async function restore(topics: Topics, options: RestoreOptions): Promise<Restored> {
  const { run, task, graph, codeHashes, configHash } = options
  const snapshot = await topics.snapshot(run, task)
  const again: JournalEntry[] = []
  let place: Place | undefined
  for await (const entry of topics.journal(run, task, snapshot?.step ?? 1)) {
    if (!codeHashes.includes(entry.codeHash) || entry.configHash !== configHash) {
      const what = entry.configHash === configHash ? 'code' : 'config'
      throw new SmartspeedError('VERSION_MISMATCH', `run ${run} was begun with other ${what} (step ${entry.step})`, {
        fix: 'give the new run another --name, or remove the old one: smartspeed runs rm NAME',
      })
    }
    if (entry.step === snapshot?.step) place = placeOf(entry)
    else again.push(entry)
  }
  if (snapshot === undefined) return { rows: 0, step: 0, place: undefined, again }
  return { rows: loadSnapshot(graph, snapshot), step: snapshot.step, place, again }
}
