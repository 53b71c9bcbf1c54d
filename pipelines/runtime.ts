// A task: reads steps, drives its graph, commits; after a crash it computes again what its journal says and goes on (DESIGN §6).
import type { Batch, Merged } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import type { Cursor, Replayed } from '../topics/replay.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import { digestOf } from './digest.ts'
import type { StepEvent, TaskObserver } from './observe.ts'
import { type Place, placeOf, restore, saveSnapshot } from './restore.ts'

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

/** Rows of a task's inputs, in the order in which it acts on them. */
export interface Input extends Omit<Replayed, 'cursor'> {
  /** Key of the last row so far; undefined before the first. */
  readonly cursor: Cursor | undefined
  /** A step closes behind these rows (true), or not here (false); when left out, rows and time decide. There may be no rows then. */
  readonly closes?: boolean
  /** The state is worth saving here, whatever rows and time say. */
  readonly saves?: boolean
}

/** From where a task reads. */
export interface Start {
  readonly place: Place | undefined
  /** Steps behind that place that were committed: their rows come first, as they were read then. */
  readonly again: readonly JournalEntry[]
  /** Stops the source, also while it waits for rows. */
  readonly signal: AbortSignal
}

export interface TaskOptions {
  readonly topics: Topics
  readonly writer: Writer
  readonly task: string
  readonly graph: Graph
  readonly source: (start: Start) => AsyncIterable<Input>
  readonly codeHash: string
  /** Older code that is known to compute the same. */
  readonly before?: readonly string[]
  readonly configHash: string
  readonly clock: Clock
  /** A step closes at the first batch end at or past this many rows, or this many ms after it began. */
  readonly stepRows?: number
  readonly stepMs?: number
  /** State is saved at the first step end after this many rows, or this many ms. */
  readonly snapshotRows?: number
  readonly snapshotMs?: number
  /** Ends the task cleanly: what it has read is committed. */
  readonly signal?: AbortSignal
  /** The task belongs to somebody else: it ends and commits nothing more. */
  readonly lost?: AbortSignal
  readonly onStep?: (progress: { rows: number; received: number }) => void
  readonly watched?: { readonly observer: TaskObserver; readonly pipeline: string }
}

export interface TaskResult {
  /** Rows read since the start of the run, those of earlier processes included. */
  readonly rows: number
  readonly steps: number
  /** Stopped by a signal before its inputs ended; it can go on from here. */
  readonly interrupted: boolean
}

/**
 * Runs a task until its inputs end or a signal comes.
 *
 * Starts from the last whole snapshot, computes the journaled steps after it again with their outputs dropped, then goes on.
 * The commit of one step overlaps the computation of the next; at most two steps are in memory.
 *
 * @throws SmartspeedError VERSION_MISMATCH when code or config changed, NOT_DETERMINISTIC when a step computed again differs,
 *         and what the writer says: LEASE_HELD when the task is somebody else's by now, SERVICE_LOST
 */
export async function runTask(options: TaskOptions): Promise<TaskResult> {
  const { topics, writer, task, graph, clock, codeHash, configHash, watched } = options
  const { stepRows = 131_072, stepMs = 1000, snapshotRows = 131_072, snapshotMs = 10_000 } = options
  const tell = (state: 'restoring' | 'running' | 'finished') =>
    watched?.observer.state({ run: writer.run, pipeline: watched.pipeline, task, state, step })
  let step = 0
  tell('restoring')
  const codeHashes = [codeHash, ...(options.before ?? [])]
  const restored = await restore(topics, { run: writer.run, task, graph, codeHashes, configHash })
  const { again, place } = restored
  let { rows } = restored
  step = restored.step
  let reached = place?.positions ?? []
  let snapshotAt = { step, rows, ms: clock.nowMs() }
  let commit: Promise<void> = Promise.resolve()
  const failing = new AbortController()
  let open = newStep(clock.nowMs())

  const close = async (cursor: Cursor | undefined, positions: JournalEntry['positions'], saves: boolean) => {
    step++
    rows += open.rows
    const outputs = graph.take()
    const entering = journalEntry({ options, step, open, outputs, cursor, positions })
    const done = open
    open = newStep(clock.nowMs())
    reached = positions
    const known = again.shift()
    if (known !== undefined) {
      compare(known, await entering)
      if (again.length === 0) tell('running')
      return
    }
    const due = saves || rows - snapshotAt.rows >= snapshotRows || clock.nowMs() - snapshotAt.ms >= snapshotMs
    const snapshot = due ? saveSnapshot(graph, rows) : undefined
    if (due) snapshotAt = { step, rows, ms: clock.nowMs() }
    await commit
    commit = entering.then(async (entry) => {
      if (options.lost?.aborted) throw lostTask(writer.run, task)
      const beganMs = clock.nowMs()
      await writer.commit({ task, outputs, journal: entry, ...(snapshot === undefined ? {} : { snapshot }) })
      const commitMs = clock.nowMs() - beganMs
      watched?.observer.step(eventOf({ entry, done, outputs, snapshot, commitMs }, watched.pipeline))
    })
    // Thrown where it is awaited; a source that waits for rows is not to wait on.
    commit.catch(() => failing.abort())
    options.onStep?.({ rows, received: done.last })
  }

  if (again.length === 0) tell('running')
  const stops = [options.signal, options.lost, failing.signal].filter((one) => one !== undefined)
  const stop = AbortSignal.any(stops)
  for await (const input of options.source({ place, again: [...again], signal: stop })) {
    const { merged, cursor, positions } = input
    for (let from = 0; from < merged.rows; ) {
      const known = again[0]
      if (known?.rows === 0) throw new RangeError(`step ${known.step} of ${task} has no rows, and its inputs have`)
      const to = known === undefined ? merged.rows : Math.min(merged.rows, from + known.rows - open.rows)
      const beganMs = watched === undefined ? 0 : clock.nowMs()
      const part = slice(merged, from, to)
      advance(open, graph, part)
      if (watched !== undefined) {
        open.computeMs += clock.nowMs() - beganMs
        countRows(open.rowsOf, part)
      }
      from = to
      if (known !== undefined) {
        if (open.rows < known.rows) continue
        const end = from === merged.rows ? cursor : placeOf(known).after
        await close(end, known.positions, false)
      } else if (input.closes === undefined && (open.rows >= stepRows || clock.nowMs() - open.beganMs >= stepMs)) {
        await close(cursor, positions, false)
      }
    }
    // Amid a step that is read as a whole there is nothing to commit.
    if (input.closes === false) {
      if (options.lost?.aborted) break
      continue
    }
    open.end = { cursor, positions }
    if (input.closes === true) {
      const known = again[0]
      const isNews =
        open.rows > 0 ||
        !samePositions(reached, positions) ||
        (input.saves === true && (snapshotAt.step !== step || step === 0))
      if (known === undefined ? isNews : known.rows === 0) await close(cursor, positions, input.saves === true)
    }
    if (stop.aborted) break
  }
  if (failing.signal.aborted) await commit
  const interrupted = options.signal?.aborted === true || options.lost?.aborted === true
  // Stopped on the way back to where it was: all of this is committed already.
  if (interrupted && again.length > 0) return { rows: rows + rowsOf(again), steps: step + again.length, interrupted }
  if (again.length > 0) throw expired(writer.run, step)
  if (open.rows > 0 && open.end !== undefined && !options.lost?.aborted)
    await close(open.end.cursor, open.end.positions, false)
  await commit
  if (!interrupted) tell('finished')
  return { rows, steps: step, interrupted }
}

function expired(run: string, step: number): SmartspeedError {
  return new SmartspeedError('HISTORY_EXPIRED', `run ${run}: the inputs end before step ${step + 1} of its journal`, {
    fix: 'the rows that it read were deleted: start a new run',
  })
}

function lostTask(run: string, task: string): SmartspeedError {
  return new SmartspeedError('LEASE_HELD', `task ${task} of run ${run} was given to another process`)
}

function rowsOf(entries: readonly JournalEntry[]): number {
  return entries.reduce((sum, { rows }) => sum + rows, 0)
}

interface OpenStep {
  readonly beganMs: number
  rows: number
  first: number
  last: number
  batches: number
  computeMs: number
  /** By record; counted only for who watches. */
  readonly rowsOf: Record<string, number>
  end?: { cursor: Cursor | undefined; positions: JournalEntry['positions'] }
}

function newStep(beganMs: number): OpenStep {
  return { beganMs, rows: 0, first: Number.NaN, last: Number.NaN, batches: 0, computeMs: 0, rowsOf: {} }
}

function advance(open: OpenStep, graph: Graph, merged: Merged): void {
  if (open.rows === 0) open.first = receivedAt(merged, 0)
  graph.step(merged)
  open.rows += merged.rows
  open.batches++
  open.last = receivedAt(merged, merged.rows - 1)
}

/** Adds the rows of each source: a pass over small numbers. */
function countRows(rowsOf: Record<string, number>, { rows, source, sources }: Merged): void {
  const counts = new Uint32Array(sources.length)
  for (let at = 0; at < rows; at++) counts[source[at]!]!++
  for (const [code, { topic }] of sources.entries()) {
    if (counts[code]! > 0) rowsOf[topic] = (rowsOf[topic] ?? 0) + counts[code]!
  }
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

/** Whether two lists say the same of every partition. */
function samePositions(a: JournalEntry['positions'], b: JournalEntry['positions']): boolean {
  if (a.length !== b.length) return false
  const offsets = new Map(a.map(({ topic, partition, offset }) => [`${topic}:${partition}`, offset]))
  return b.every(({ topic, partition, offset }) => offsets.get(`${topic}:${partition}`) === offset)
}

interface Closed {
  readonly options: TaskOptions
  readonly step: number
  readonly open: OpenStep
  readonly outputs: readonly Batch[]
  readonly cursor: Cursor | undefined
  readonly positions: JournalEntry['positions']
}

async function journalEntry({ options, step, open, outputs, cursor, positions }: Closed): Promise<JournalEntry> {
  const { writer, task, codeHash, configHash } = options
  const counts = new Map<string, number>()
  for (const { topic, rows } of outputs) counts.set(topic, (counts.get(topic) ?? 0) + rows)
  // A step without rows only says how far its inputs were read.
  const last = open.rows > 0 ? open.last : (cursor?.received ?? 0)
  return {
    ...{ time: last, received: last, exchange: '', symbol: '', run: writer.run, task, step },
    ...{ positions, cursor: JSON.stringify(cursor ?? null), rows: open.rows },
    ...(open.rows > 0 ? { firstReceived: open.first, lastReceived: open.last } : {}),
    ...{
      outputs: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([topic, rows]) => ({ topic, rows })),
      hash: await digestOf(outputs),
      codeHash,
      configHash,
    },
  }
}

interface Committed {
  readonly entry: JournalEntry
  readonly done: OpenStep
  readonly outputs: readonly Batch[]
  readonly snapshot: Uint8Array | undefined
  readonly commitMs: number
}

function eventOf({ entry, done, outputs, snapshot, commitMs }: Committed, pipeline: string): StepEvent {
  const { run, task, step, rows, received, positions } = entry
  return {
    ...{ run, pipeline, task, step, rowsIn: rows, batches: done.batches, computeMs: done.computeMs, commitMs },
    ...{ rowsInOf: done.rowsOf, rowsOut: Object.fromEntries(entry.outputs.map((one) => [one.topic, one.rows])) },
    ...{ received, positions, outputs },
    ...(snapshot === undefined ? {} : { snapshotBytes: snapshot.length }),
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
