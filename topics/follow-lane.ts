// A partition that is followed: what was read of it and waits to be released, always from its first rows on.
import type { Batch } from '../schemas/batch.ts'
import type { Source } from './merge.ts'
import { type Filter, filtered } from './replay.ts'
import { compareTied, cut, type Lane, pick, type Slice, sliceOf } from './slice.ts'
import type { Fetched, Topics, Watch } from './topics.ts'
import type { Watermarks } from './watermarks.ts'

/** Rows that were read at once; those from `from` on wait. */
export interface Part {
  readonly fetched: Fetched
  readonly received: Float64Array
  readonly seenMs: number
  /** Last receive time in it, µs. */
  readonly last: number
  from: number
}

export interface FollowedLane {
  readonly order: Lane
  /** Offset of the next row to be released, and of the next to be read. */
  released: number
  read: number
  /** There are rows behind those that were read. */
  more: boolean
  parts: Part[]
  rows: number
}

export function followedLane(order: Lane, offset: number): FollowedLane {
  return { order, released: offset, read: offset, more: false, parts: [], rows: 0 }
}

/** Reads what there is of each lane, up to `most` waiting rows. */
export async function fill(
  topics: Topics,
  watch: Watch,
  lanes: readonly FollowedLane[],
  { marks, most }: { readonly marks: Watermarks; readonly most: number },
): Promise<void> {
  const names = [...new Set(lanes.map(({ order }) => order.topic))]
  const ends = new Map(watch.ends(names).map((end, at) => [names[at]!, end]))
  await Promise.all(
    lanes.map(async (lane) => {
      const end = ends.get(lane.order.topic)?.[lane.order.partition] ?? 0
      if (lane.rows < most && lane.read < end) await read(topics, lane, { end, marks, most })
      lane.more = lane.read < end
    }),
  )
}

async function read(
  topics: Topics,
  lane: FollowedLane,
  { end, marks, most }: { readonly end: number; readonly marks: Watermarks; readonly most: number },
): Promise<void> {
  const { topic, partition } = lane.order
  const [from, to]: number[][] = [[], []]
  from![partition] = lane.read
  to![partition] = end
  for await (const fetched of topics.read(topic, {
    partitions: [partition],
    from: { offsets: from! },
    to: { offsets: to! },
  })) {
    const { batch, offset } = fetched
    const { received } = batch.columns as { received: Float64Array }
    const last = received.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY)
    lane.parts.push({ fetched, received, seenMs: performance.now(), last, from: 0 })
    lane.rows += batch.rows
    lane.read = offset + batch.rows
    if (batch.topic === 'heartbeats') marks.see(batch as Batch<'heartbeats'>)
    if (lane.rows >= most) return
  }
  lane.read = Math.max(lane.read, end)
}

/**
 * The receive time up to which rows are to be released, µs; undefined for none. `expired`: rows that were seen by then, ms, wait no
 * longer, whatever may still come.
 */
export function untilWhen(lanes: readonly FollowedLane[], marks: Watermarks, expired: number): number | undefined {
  let head = Number.POSITIVE_INFINITY
  let until = marks.low
  let known = Number.POSITIVE_INFINITY
  for (const { order, parts, more } of lanes) {
    const [first] = parts
    if (first === undefined) continue
    head = Math.min(head, first.received[first.from]!)
    // What a person says waits for nobody.
    const urgent = order.record === 'commands'
    for (const { seenMs, last } of parts) if (urgent || seenMs <= expired) until = Math.max(until, last)
    // What follows the last row that was read may be as old as that.
    if (more) known = Math.min(known, parts.at(-1)!.received.at(-1)!)
  }
  if (head > until || head === Number.POSITIVE_INFINITY) return undefined
  return Math.max(head, Math.min(until, known))
}

/** Takes rows from the front of a lane up to the first that was received later. */
export function takeUpTo(lane: FollowedLane, until: number): Slice[] {
  const taken: Slice[] = []
  for (let part = lane.parts[0]; part !== undefined; part = lane.parts[0]) {
    const { fetched, received, from } = part
    let to = from
    while (to < fetched.batch.rows && received[to]! <= until) to++
    if (to === from) break
    taken.push(cut(sliceOf(fetched), from, to))
    lane.rows -= to - from
    lane.released = fetched.offset + to
    part.from = to
    if (to < fetched.batch.rows) break
    lane.parts.shift()
  }
  return taken
}

/** Sources for a merge: the wanted rows of the slices, in order within each. */
export function sourcesOf(order: Lane, slices: readonly Slice[], filter: Filter | undefined): Source[] {
  return slices.flatMap((slice) => {
    const wanted = filter === undefined ? slice : filtered(slice, filter)
    if (wanted.length === 0) return []
    return [{ lane: order, slices: [sorted(order, wanted)].values() }]
  })
}

/** The rows of a slice in the order rule; the slice itself when they are. */
function sorted(order: Lane, slice: Slice): Slice {
  const { length, received, rows } = slice
  const compare = (a: number, b: number) => received[a]! - received[b]! || compareTied(order, slice, a, order, slice, b)
  let at = 1
  while (at < length && compare(at - 1, at) <= 0) at++
  if (at >= length) return slice
  const places = Array.from({ length }, (_, place) => place).sort(compare)
  return pick(
    slice,
    Uint32Array.from(places, (place) => (rows === undefined ? place : rows[place]!)),
  )
}
