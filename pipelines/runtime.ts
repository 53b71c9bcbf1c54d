// A task: reads steps, drives its graph, commits; after a crash it computes again what its journal says and goes on (DESIGN §6).

import { pack, unpack } from '../operators/stage.ts'
import type { Batch, Merged } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import type { Cursor, Replayed } from '../topics/replay.ts'
import type { Snapshot, Topics, Writer } from '../topics/topics.ts'
import { digestOf } from './digest.ts'

/** What a task computes: rows of topics out of merged batches, with state that can be saved. */
export interface Graph {
  step(merged: Merged): void
  /** The rows that it made since the last call, by topic, in order. Called before `save`. */
  take(): readonly Batch[]
  save(): Uint8Array
  load(bytes: Uint8Array): void
}

/** When to commit and to snapshot is all that wall time decides; never what is computed. */
export interface Clock {
  nowMs(): number
}

export interface TaskOptions {
  readonly topics: Topics
  readonly writer: Writer
  readonly task: string
  readonly graph: Graph
  /** The task's inputs in order, from behind a cursor. */
  readonly source: (after: Place | undefined) => AsyncIterable<Replayed>
  readonly codeHash: string
  readonly configHash: string
  readonly clock: Clock
  /** A step closes at the first batch end at or past this many rows, or this many ms after it began. */
  readonly stepRows?: number
  readonly stepMs?: number
  /** State is saved at the first step end after this many rows, or this many ms. */
  readonly snapshotRows?: number
  readonly snapshotMs?: number
  readonly signal?: AbortSignal
  readonly onStep?: (progress: { rows: number; received: number }) => void
}

export interface TaskResult {
  /** Rows read since the start of the run, those of earlier processes included. */
  readonly rows: number
  readonly steps: number
  /** Stopped by the signal before its inputs ended; it can go on from here. */
  readonly interrupted: boolean
}

/** How far a task has come in its inputs. */
export interface Place {
  readonly after: Cursor
  readonly positions: JournalEntry['positions']
}

interface Saved {
  readonly rows: number
  readonly state: Uint8Array
}

/**
 * Runs a task until its inputs end or the signal comes.
 *
 * Starts from the last whole snapshot, computes the journaled steps after it again with their outputs dropped, then goes on.
 * The commit of one step overlaps the computation of the next; at most two steps are in memory.
 *
 * @throws SmartspeedError VERSION_MISMATCH when code or config changed, NOT_DETERMINISTIC when a step computed again differs.
 */
export async function runTask(options: TaskOptions): Promise<TaskResult> {
  const { writer, task, graph, clock } = options
  const { stepRows = 131_072, stepMs = 1000, snapshotRows = 131_072, snapshotMs = 10_000 } = options
  const restored = await restore(options)
  let { rows, step } = restored
  const { again } = restored
  let snapshotAt = { rows, ms: clock.nowMs() }
  let commit: Promise<void> = Promise.resolve()
  let open = newStep(clock.nowMs())

  const close = async (cursor: Cursor, positions: JournalEntry['positions']): Promise<void> => {
    step++
    rows += open.rows
    const outputs = graph.take()
    const entry = journalEntry({ options, step, open, outputs, cursor, positions })
    const known = again.shift()
    if (known !== undefined) return compare(known, entry)
    const due = rows - snapshotAt.rows >= snapshotRows || clock.nowMs() - snapshotAt.ms >= snapshotMs
    const snapshot = due ? pack({ rows, state: graph.save() } satisfies Saved) : undefined
    if (due) snapshotAt = { rows, ms: clock.nowMs() }
    await commit
    commit = writer.commit({
      task,
      outputs,
      journal: entry,
      ...(snapshot === undefined ? {} : { snapshot }),
    })
    commit.catch(() => {}) // thrown where it is awaited
    options.onStep?.({ rows, received: open.last })
  }

  for await (const { merged, cursor, positions } of options.source(restored.place)) {
    for (let from = 0; from < merged.rows; ) {
      const known = again[0]
      const to = known === undefined ? merged.rows : Math.min(merged.rows, from + known.rows - open.rows)
      advance(open, graph, slice(merged, from, to))
      from = to
      const full = open.rows >= stepRows || clock.nowMs() - open.beganMs >= stepMs
      if (known !== undefined ? open.rows === known.rows : full) {
        await close(
          from === merged.rows || known === undefined ? cursor : JSON.parse(known.cursor),
          known?.positions ?? positions,
        )
        open = newStep(clock.nowMs())
      }
    }
    open.end = { cursor, positions }
    if (options.signal?.aborted) break
  }
  const interrupted = options.signal?.aborted === true
  // Stopped on the way back to where it was: all of this is committed already.
  if (interrupted && again.length > 0) return { rows: rows + rowsOf(again), steps: step + again.length, interrupted }
  if (again.length > 0) {
    throw new SmartspeedError(
      'HISTORY_EXPIRED',
      `run ${writer.run}: the inputs end before step ${step + 1} of its journal`,
      {
        fix: 'the rows that it read were deleted: start a new run',
      },
    )
  }
  if (open.rows > 0) await close(open.end!.cursor, open.end!.positions)
  await commit
  return { rows, steps: step, interrupted }
}

function rowsOf(entries: readonly JournalEntry[]): number {
  return entries.reduce((sum, { rows }) => sum + rows, 0)
}

interface OpenStep {
  readonly beganMs: number
  rows: number
  first: number
  last: number
  end?: { cursor: Cursor; positions: JournalEntry['positions'] }
}

function newStep(beganMs: number): OpenStep {
  return { beganMs, rows: 0, first: Number.NaN, last: Number.NaN }
}

function advance(open: OpenStep, graph: Graph, merged: Merged): void {
  if (open.rows === 0) open.first = receivedAt(merged, 0)
  graph.step(merged)
  open.rows += merged.rows
  open.last = receivedAt(merged, merged.rows - 1)
}

function receivedAt({ sources, source, row }: Merged, at: number): number {
  return (sources[source[at]!]!.columns as { received: Float64Array }).received[row[at]!]!
}

/** The rows from…to of a merged batch, over the same sources. */
export function slice(merged: Merged, from: number, to: number): Merged {
  if (from === 0 && to === merged.rows) return merged
  return {
    rows: to - from,
    source: merged.source.subarray(from, to),
    row: merged.row.subarray(from, to),
    sources: merged.sources,
  }
}

async function restore({ topics, writer, task, graph, codeHash, configHash }: TaskOptions) {
  const snapshot = await topics.snapshot(writer.run, task)
  const again: JournalEntry[] = []
  let place: Place | undefined
  for await (const entry of topics.journal(writer.run, task, snapshot?.step ?? 1)) {
    if (entry.codeHash !== codeHash || entry.configHash !== configHash) {
      const what = entry.codeHash !== codeHash ? 'code' : 'config'
      throw new SmartspeedError(
        'VERSION_MISMATCH',
        `run ${writer.run} was begun with other ${what} (step ${entry.step})`,
        {
          fix: 'give the new run another --name, or remove the old one: smartspeed runs rm NAME',
        },
      )
    }
    if (entry.step === snapshot?.step) {
      place = { after: JSON.parse(entry.cursor) as Cursor, positions: entry.positions }
    } else {
      again.push(entry)
    }
  }
  if (snapshot === undefined) return { rows: 0, step: 0, place: undefined, again }
  return { rows: loadSnapshot(graph, snapshot), step: snapshot.step, place, again }
}

/** Puts a graph where it was when the snapshot was taken; gives the rows that it had read by then. */
export function loadSnapshot(graph: Pick<Graph, 'load'>, { bytes }: Snapshot): number {
  const { rows, state } = unpack<Saved>(bytes)
  graph.load(state)
  return rows
}

function journalEntry(of: {
  options: TaskOptions
  step: number
  open: OpenStep
  outputs: readonly Batch[]
  cursor: Cursor
  positions: JournalEntry['positions']
}): JournalEntry {
  const { options, step, open, outputs, cursor, positions } = of
  const { writer, task, codeHash, configHash } = options
  const counts = new Map<string, number>()
  for (const { topic, rows } of outputs) counts.set(topic, (counts.get(topic) ?? 0) + rows)
  return {
    ...{ time: open.last, received: open.last, exchange: '', symbol: '', run: writer.run, task, step },
    ...{
      positions,
      cursor: JSON.stringify(cursor),
      rows: open.rows,
      firstReceived: open.first,
      lastReceived: open.last,
    },
    ...{
      outputs: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([topic, rows]) => ({ topic, rows })),
      hash: digestOf(outputs),
      codeHash,
      configHash,
    },
  }
}

function compare(known: JournalEntry, now: JournalEntry): void {
  if (known.hash === now.hash) return
  throw new SmartspeedError(
    'NOT_DETERMINISTIC',
    `step ${known.step} of run ${known.run}, computed again, gave other rows than it committed: ${known.hash} was, ${now.hash} is`,
    { fix: `smartspeed parity ${known.run} shows the first difference` },
  )
}
