// Many sorted lanes become one sequence of rows, in the order rule of DESIGN §5, cut into merged batches.
import { type MergeLanes, mergeLanes } from '../native/merge.ts'
import { type Batch, batchOf, type Merged } from '../schemas/batch.ts'
import { type Cursor, compareTied, cursorOf, type Lane, offsetOf, type Slice, sliceOf } from './slice.ts'

/** A lane and its slices, each of which continues the one before; empty slices may come. */
export interface Source {
  readonly lane: Lane
  readonly slices: AsyncIterator<Slice> | Iterator<Slice>
}

export interface MergeOptions {
  /** Rows of a merged batch, 1…65,535; only the last one (or one cut by span) has fewer. */
  readonly maxRows: number
  /** Most µs of receive time between the first and the last row of a merged batch. */
  readonly maxSpan?: number
  /** Lanes of one rank each as well row by row, for tests that hold the two ways together. */
  readonly compared?: boolean
}

export interface Position {
  readonly topic: string
  readonly partition: number
  /** One past the highest offset that was given so far; 0 when none was. */
  readonly offset: number
}

export interface MergedRows {
  readonly merged: Merged
  /** Key of the last row. */
  readonly cursor: Cursor
  /** One a lane, in the order in which the lanes were given. */
  readonly positions: readonly Position[]
}

/** A lane while it is merged. */
interface Head {
  readonly lane: Lane
  readonly slices: AsyncIterator<Slice> | Iterator<Slice>
  slice: Slice
  at: number
  /** Receive time of the next row. */
  received: number
  /** Number of the slice's batch in the merged batch being filled; −1 when it has no row there yet. */
  source: number
  next: number
}

/**
 * The rows of all sources, each row once. One slice of each source is held at a time; nothing is allocated per row.
 *
 * Rows that follow each other in one lane are moved as a run, so lanes that take turns seldom cost little more than a copy.
 */
export async function* merge(sources: readonly Source[], options: MergeOptions): AsyncGenerator<MergedRows, void> {
  const { maxRows, maxSpan = Number.POSITIVE_INFINITY } = options
  if (!(maxRows >= 1 && maxRows <= 0xffff)) throw new RangeError(`maxRows is ${maxRows}, not 1…65535`)
  const heads: Head[] = sources.map(({ lane, slices }) => ({
    lane,
    slices,
    slice: none,
    at: 0,
    received: 0,
    source: -1,
    next: 0,
  }))
  const waiting: Head[] = []
  try {
    if (!options.compared && new Set(heads.map(({ lane }) => lane.rank)).size === heads.length) {
      yield* mergeRanked(heads, maxRows, maxSpan)
      return
    }
    for (const head of heads) if (await refill(head)) enter(waiting, head, waiting.length)
    let fill = newFill(maxRows)
    while (waiting.length > 0) {
      const head = waiting[0]!
      if (fill.count === 0) fill.last = head.received + maxSpan
      if (fill.count === maxRows || head.received > fill.last) {
        yield given(fill, heads)
        fill = newFill(maxRows)
        continue
      }
      moveRun(head, runEnd(head, waiting[1], fill.last, maxRows - fill.count), fill)
      fill.head = head
      fill.slice = head.slice
      fill.at = head.at - 1
      // A filled batch is given away before more is read, so that a reader who stops early has read no more than it needs.
      if (fill.count === maxRows) {
        yield given(fill, heads)
        fill = newFill(maxRows)
      }
      if (head.at === head.slice.length) {
        waiting.shift()
        if (await refill(head)) enter(waiting, head, 0)
      } else {
        head.received = head.slice.received[head.at]!
        sink(waiting)
      }
    }
    if (fill.count > 0) yield given(fill, heads)
  } finally {
    for (const head of heads) await head.slices.return?.()
  }
}

/** `merge` of lanes that their ranks tell apart: rows of equal times need not be looked into, and Rust moves them. */
async function* mergeRanked(
  heads: readonly Head[],
  maxRows: number,
  maxSpan: number,
): AsyncGenerator<MergedRows, void> {
  let open: Head[] = []
  for (const head of heads) if (await refill(head)) open.push(head)
  open.sort((a, b) => a.lane.rank - b.lane.rank)
  let lanes = lanesOf(open)
  let fill = newFill(maxRows)
  while (open.length > 0) {
    if (fill.count === 0) fill.last = Math.min(...open.map(({ received }) => received)) + maxSpan
    const last = mergeLanes(lanes, fill, fill.sources.length)
    for (let i = 0; i < open.length; i++) moved(open[i]!, lanes.next[i]!, lanes.codes[i]!, fill)
    if (last !== -1) {
      fill.head = open[last]!
      fill.slice = fill.head.slice
      fill.at = fill.head.at - 1
    }
    const ended = open.filter(({ at, slice }) => at === slice.length)
    // Full, or the next row is too late for it. It is given away before more is read, as below.
    if (fill.count === maxRows || ended.length === 0) {
      yield given(fill, heads)
      fill = newFill(maxRows)
    }
    for (const head of ended) if (!(await refill(head))) open = open.filter((one) => one !== head)
    lanes = lanesOf(open)
  }
  if (fill.count > 0) yield given(fill, heads)
}

function lanesOf(open: readonly Head[]): MergeLanes {
  return {
    received: open.map(({ slice }) => slice.received.subarray(0, slice.length)),
    rows: open.map(({ slice }) => slice.rows?.subarray(0, slice.length) ?? allRows),
    next: Uint32Array.from(open, ({ at }) => at),
    codes: Int32Array.from(open, ({ source }) => source),
  }
}

const allRows = new Uint32Array(0)

/** The rows of a head up to `end` went into the merged batch, where theirs is number `code`. */
function moved(head: Head, end: number, code: number, fill: Fill): void {
  if (end === head.at) return
  head.source = code
  fill.sources[code] = head.slice.batch
  fill.count += end - head.at
  pass(head, end)
  if (end < head.slice.length) head.received = head.slice.received[end]!
}

/** A merged batch while it is filled. */
interface Fill {
  count: number
  readonly source: Uint16Array
  readonly row: Uint32Array
  readonly sources: Batch[]
  /** Rows received later are left for the next one. */
  last: number
  /** Where the last row was: its key is only made when the batch is given away. */
  head: Head | undefined
  slice: Slice
  at: number
}

function newFill(maxRows: number): Fill {
  return {
    count: 0,
    source: new Uint16Array(maxRows),
    row: new Uint32Array(maxRows),
    sources: [],
    last: 0,
    head: undefined,
    slice: none,
    at: 0,
  }
}

function given(fill: Fill, heads: readonly Head[]): MergedRows {
  const { count, source, row, sources, head, slice, at } = fill
  for (const one of heads) one.source = -1
  const whole = count === row.length
  return {
    merged: {
      rows: count,
      source: whole ? source : source.slice(0, count),
      row: whole ? row : row.slice(0, count),
      sources,
    },
    cursor: cursorOf(head!.lane, slice, at),
    positions: heads.map(({ lane, next }) => ({ topic: lane.topic, partition: lane.partition, offset: next })),
  }
}

/** Takes the next slice that has rows; false when the lane has ended. */
async function refill(head: Head): Promise<boolean> {
  for (;;) {
    const { done, value } = await head.slices.next()
    if (done) {
      head.slice = none
      return false
    }
    if (value.length === 0) continue
    if (value.batch !== head.slice.batch) head.source = -1
    head.slice = value
    head.at = 0
    head.received = value.received[0]!
    return true
  }
}

/** End of the rows of `head` that come before all of its rivals', up to `last`, at most `room`; at least one row. */
function runEnd(head: Head, rival: Head | undefined, last: number, room: number): number {
  const { slice, at, lane } = head
  const { received } = slice
  const end = Math.min(slice.length, at + room)
  if (rival === undefined) return last === Number.POSITIVE_INFINITY ? end : firstAbove(received, at + 1, end, last)
  if (last < rival.received) return firstAbove(received, at + 1, end, last)
  if (lane.rank < rival.lane.rank) return firstAbove(received, at + 1, end, rival.received)
  let stop = firstNotBelow(received, at + 1, end, rival.received)
  if (lane.rank > rival.lane.rank) return stop
  while (
    stop < end &&
    received[stop] === rival.received &&
    compareTied(lane, slice, stop, rival.lane, rival.slice, rival.at) < 0
  ) {
    stop++
  }
  return stop
}

/** First place in from…to whose time is later than `limit`. */
function firstAbove(times: Float64Array, from: number, to: number, limit: number): number {
  // Most runs are short: look at the next few before halving what is left.
  const near = Math.min(to, from + 8)
  for (let i = from; i < near; i++) if (times[i]! > limit) return i
  let low = near
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! > limit) high = middle
    else low = middle + 1
  }
  return low
}

/** First place in from…to whose time is not before `limit`. */
function firstNotBelow(times: Float64Array, from: number, to: number, limit: number): number {
  const near = Math.min(to, from + 8)
  for (let i = from; i < near; i++) if (times[i]! >= limit) return i
  let low = near
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! >= limit) high = middle
    else low = middle + 1
  }
  return low
}

function moveRun(head: Head, end: number, fill: Fill): void {
  const { slice } = head
  if (head.source < 0) head.source = fill.sources.push(slice.batch) - 1
  const { source, row } = fill
  const { rows } = slice
  const code = head.source
  let to = fill.count
  if (rows === undefined) {
    for (let at = head.at; at < end; at++, to++) {
      source[to] = code
      row[to] = at
    }
  } else {
    for (let at = head.at; at < end; at++, to++) {
      source[to] = code
      row[to] = rows[at]!
    }
  }
  fill.count = to
  pass(head, end)
}

/** Moves a head on, and notes the highest offset that it has passed. */
function pass(head: Head, end: number): void {
  const { slice } = head
  if (slice.offsets === undefined && slice.rows === undefined) head.next = Math.max(head.next, slice.offset + end)
  else for (let at = head.at; at < end; at++) head.next = Math.max(head.next, offsetOf(slice, at) + 1)
  head.at = end
}

/** Puts a head among the sorted ones, looking from `from` on. */
function enter(waiting: Head[], head: Head, from: number): void {
  if (from === 0) {
    waiting.unshift(head)
    sink(waiting)
    return
  }
  let at = from
  while (at > 0 && compareHeads(head, waiting[at - 1]!) < 0) at--
  waiting.splice(at, 0, head)
}

/** Moves the first head back to where its next row belongs. */
function sink(waiting: Head[]): void {
  const head = waiting[0]!
  let at = 1
  while (at < waiting.length && compareHeads(waiting[at]!, head) < 0) {
    waiting[at - 1] = waiting[at]!
    at++
  }
  waiting[at - 1] = head
}

function compareHeads(a: Head, b: Head): number {
  if (a.received !== b.received) return a.received - b.received
  return compareTied(a.lane, a.slice, a.at, b.lane, b.slice, b.at)
}

/** What a head holds before its first slice and after its last. */
const none = sliceOf({ topic: '', partition: 0, offset: 0, batch: batchOf('trades', []) })
