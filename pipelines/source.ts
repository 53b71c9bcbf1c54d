// Where the rows of a task come from: what was there when its run began, in the order rule; then, where it follows, as they come.
import type { Merged } from '../schemas/batch.ts'
import type { JournalEntry } from '../schemas/records.generated.ts'
import { follow } from '../topics/follow.ts'
import { type Replayed, replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { paceOptions, type Speed } from './pace-of.ts'
import { inputOptions } from './plan.ts'
import type { Place } from './restore.ts'
import type { Input, Start } from './runtime.ts'
import { endPositions, isAtEnd, type Task } from './task.ts'

const noRows: Merged = { rows: 0, source: new Uint16Array(0), row: new Uint32Array(0), sources: [] }

/** How a task follows its inputs. */
export interface Following {
  /** Least time from one step to the next, ms. */
  readonly commitMs: number
  /** A row waits no longer than this, ms, for rows that may be older. */
  readonly maxWaitMs: number
  readonly stepRows?: number
}

/** What was there when the run began. The last step closes at the ends, also when the last rows are none of its instruments'. */
export function replaySource(topics: Topics, task: Task, speed: Speed): (start: Start) => AsyncIterable<Input> {
  return async function* ({ place, signal }) {
    let cursor = place?.after
    for await (const one of history(topics, task, { place, pace: paceOptions(speed, task.plan, signal) })) {
      cursor = one.cursor
      yield one
    }
    if (!signal.aborted) yield { merged: noRows, cursor, positions: endPositions(task), closes: true, saves: true }
  }
}

/**
 * The same, and then every row that is written after. The first step that says all of what was there was read is the last one that
 * is cut by rows and time: each later one is what came of each partition from where the step before ended to where it ends.
 */
export function followSource(
  topics: Topics,
  task: Task,
  { speed, following }: { readonly speed: Speed; readonly following: Following },
): (start: Start) => AsyncIterable<Input> {
  const { instruments } = task.plan
  const batches = speed.batchRows === undefined ? {} : { maxRows: speed.batchRows }
  return async function* ({ place, again, signal }) {
    let cursor = place?.after
    let positions = place?.positions ?? []
    let rest = again
    if (place === undefined || !isAtEnd(task, positions)) {
      for await (const one of history(topics, task, { place, pace: paceOptions(speed, task.plan, signal) })) {
        cursor = one.cursor
        yield one
      }
      if (signal.aborted) return
      positions = endPositions(task)
      yield { merged: noRows, cursor, positions, closes: true }
      const end = again.findIndex((entry) => isAtEnd(task, entry.positions))
      rest = end < 0 ? [] : again.slice(end + 1)
    }
    for (const entry of rest) {
      for await (const one of stepRows(topics, task, { from: positions, to: entry.positions })) {
        cursor = one.cursor
        yield { merged: one.merged, cursor, positions: entry.positions, closes: false }
      }
      positions = entry.positions
      if (entry.rows === 0) yield { merged: noRows, cursor, positions, closes: true }
      if (signal.aborted) return
    }
    const lanes = { inputs: task.inputs, positions, instruments, ...batches }
    for await (const one of follow(topics, { ...lanes, ...following, signal })) {
      cursor = one.cursor ?? cursor
      yield { merged: one.merged, cursor, positions: one.positions, closes: one.last }
    }
  }
}

/** The rows of a step that was read as they came: from where the one before it ended to where it ends, in the order rule. */
export function stepRows(
  topics: Topics,
  { plan, inputs }: Pick<Task, 'plan' | 'inputs'>,
  { from, to }: { readonly from: JournalEntry['positions']; readonly to: JournalEntry['positions'] },
): AsyncIterable<Replayed> {
  const { instruments } = plan
  const read = inputs.map(({ topic }) => ({
    topic,
    partitions: to.filter((one) => one.topic === topic).map(({ partition }) => partition),
  }))
  return replay(topics, {
    ...{ inputs: read.filter(({ partitions }) => partitions.length > 0), instruments },
    ...{ starts: byTopic(from), ends: byTopic(to) },
  })
}

function byTopic(positions: JournalEntry['positions']): Record<string, number[]> {
  const offsets: Record<string, number[]> = {}
  for (const { topic, partition, offset } of positions) {
    offsets[topic] ??= []
    offsets[topic][partition] = offset
  }
  return offsets
}

interface HistoryOptions {
  readonly place: Place | undefined
  readonly pace: Partial<Parameters<typeof replay>[1]>
}

/** What was there at the beginning of the run, from a place on. Only its end says that all of it was read. */
async function* history(topics: Topics, task: Task, { place, pace }: HistoryOptions): AsyncGenerator<Replayed> {
  for await (const one of replay(topics, { ...taskOptions(task), ...place, ...pace })) {
    yield isAtEnd(task, one.positions) ? { ...one, positions: oneShort(one.positions) } : one
  }
}

/** The last row of a partition may be given before earlier ones that were received later: that is not the end. */
function oneShort(positions: Replayed['positions']): Replayed['positions'] {
  const last = positions.findLastIndex(({ offset }) => offset > 0)
  return positions.map((one, at) => (at === last ? { ...one, offset: one.offset - 1 } : one))
}

/** What `replay` takes so that it gives the rows of a task. */
export function taskOptions({ plan, inputs }: Pick<Task, 'plan' | 'inputs'>) {
  const read = inputs.filter(({ partitions }) => partitions.length > 0)
  return { ...inputOptions(plan), inputs: read.map(({ topic, partitions }) => ({ topic, partitions })) }
}
