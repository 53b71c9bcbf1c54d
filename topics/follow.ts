// Rows of several topics as they are written: released in the order rule, up to where nothing older can come, or after a while.
import type { Merged } from '../schemas/batch.ts'
import { topicNamed } from '../schemas/catalogue.ts'
import { type FollowedLane, fill, followedLane, sourcesOf, takeUpTo, untilWhen } from './follow-lane.ts'
import { type MergedRows, merge, type Position, type Source } from './merge.ts'
import { filterOf, type ReplayOptions } from './replay.ts'
import { type Cursor, laneOf } from './slice.ts'
import type { Topics } from './topics.ts'
import { Watermarks } from './watermarks.ts'

export interface FollowOptions extends Pick<ReplayOptions, 'exchange' | 'symbols' | 'instruments' | 'maxRows'> {
  readonly inputs: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
  /** Where each partition is read from on: one that is not among them from its first row. */
  readonly positions: readonly Position[]
  /** Rows of a release, about. */
  readonly stepRows?: number
  /** Least time from one release to the next, ms. */
  readonly commitMs: number
  /** A row is released at the latest this long after it was seen, ms, though older ones may still come. */
  readonly maxWaitMs: number
  readonly signal?: AbortSignal
}

/** Some rows of a release. A release is a range of offsets of each partition, its rows in the order rule. */
export interface Released {
  readonly merged: Merged
  /** Key of the last row; undefined when none of a release is wanted. */
  readonly cursor: Cursor | undefined
  /** Where the ranges of the release end. */
  readonly positions: readonly Position[]
  /** Nothing more of this release comes. */
  readonly last: boolean
}

/** A release without a wanted row is made no more often than this: it only says how far was read. */
const idleMs = 1000

/**
 * Follows topics until the signal comes. What decides a release is when rows came; what it holds is told by its ranges alone:
 * whoever reads the same ranges in the order rule gets the same rows in the same order (`replay` with `starts` and `ends`).
 *
 * Errors: TOPIC_MISSING, HISTORY_EXPIRED, SERVICE_LOST, as `Topics.read`.
 */
export async function* follow(topics: Topics, options: FollowOptions): AsyncGenerator<Released, void> {
  const { commitMs, maxWaitMs, maxRows = 8192, stepRows = 131_072, signal } = options
  const lanes = lanesOf(options)
  const most = Math.max(maxRows, Math.ceil(stepRows / Math.max(1, lanes.length)))
  const filter = filterOf(options)
  const marks = new Watermarks(filter)
  const watch = await topics.watch()
  let released = Number.NEGATIVE_INFINITY
  while (!signal?.aborted) {
    await fill(topics, watch, lanes, { marks, most })
    const now = performance.now()
    const until = untilWhen(lanes, marks, now - maxWaitMs)
    const waiting = lanes.reduce((sum, { rows }) => sum + rows, 0)
    if (until === undefined) {
      const due = lanes.map(({ parts }) => (parts[0]?.seenMs ?? Number.POSITIVE_INFINITY) + maxWaitMs - now)
      await watch.next(Math.max(1, Math.min(idleMs, ...due)), signal)
      continue
    }
    if (now < released + commitMs && waiting < stepRows) {
      await watch.next(released + commitMs - now, signal)
      continue
    }
    const sources = lanes.flatMap((lane) => sourcesOf(lane.order, takeUpTo(lane, until), filter))
    if (sources.length === 0 && now < released + idleMs) continue
    released = now
    yield* release(sources, lanes, maxRows)
  }
}

/** The rows of a release, cut into batches; one without rows where it has none. */
async function* release(
  sources: readonly Source[],
  lanes: readonly FollowedLane[],
  maxRows: number,
): AsyncGenerator<Released> {
  const positions = lanes.map(({ order, released }) => {
    return { topic: order.topic, partition: order.partition, offset: released }
  })
  let held: MergedRows | undefined
  for await (const one of merge(sources, { maxRows })) {
    if (held !== undefined) yield { merged: held.merged, cursor: held.cursor, positions, last: false }
    held = one
  }
  yield { merged: held?.merged ?? noRows, cursor: held?.cursor, positions, last: true }
}

const noRows: Merged = { rows: 0, source: new Uint16Array(0), row: new Uint32Array(0), sources: [] }

function lanesOf({ inputs, positions }: FollowOptions): FollowedLane[] {
  return inputs.flatMap(({ topic, partitions }) => {
    const { name } = topicNamed(topic)
    return partitions.map((partition) => {
      const place = positions.find((one) => one.topic === topic && one.partition === partition)
      return followedLane(laneOf(topic, name, partition), place?.offset ?? 0)
    })
  })
}
