// Rows of one partition that share a receive time, in the order of their whole key.
import { compareTied, cut, type Lane, pick, rowOf, type Slice } from './slice.ts'

/**
 * The port sorts a partition by (received, exchange, symbol, offset). Where the topic's key has more fields (an interval, an account),
 * rows of different keys may share all of these, and their offsets say only who came first in this partition. They are put
 * in the order of the whole key, so that a topic with more partitions gives the same sequence. The rows of the last time of a slice
 * wait for the next slice, which may have more of them.
 */
export async function* inKeyOrder(lane: Lane, slices: AsyncIterable<Slice>): AsyncGenerator<Slice, void> {
  let held: Place[] = []
  for await (const slice of slices) {
    const { length, received } = slice
    if (length === 0) continue
    let start = 0
    if (held.length > 0) {
      const time = timeOf(held[0]!)
      while (start < length && received[start] === time) held.push({ slice, at: start++ })
      if (start === length) continue
      yield* sorted(lane, held)
      held = []
    }
    let tail = length - 1
    while (tail > start && received[tail - 1] === received[length - 1]) tail--
    if (tail > start) yield tiesSorted(lane, cut(slice, start, tail))
    for (let at = tail; at < length; at++) held.push({ slice, at })
  }
  yield* sorted(lane, held)
}

interface Place {
  readonly slice: Slice
  readonly at: number
}

function timeOf({ slice, at }: Place): number {
  return slice.received[at]!
}

/** Those rows, in order, as slices as long as their batches allow. */
function* sorted(lane: Lane, places: readonly Place[]): Generator<Slice, void> {
  const order = places.toSorted((a, b) => compareTied(lane, a.slice, a.at, lane, b.slice, b.at))
  let from = 0
  for (let to = 1; to <= order.length; to++) {
    if (to < order.length && order[to]!.slice === order[from]!.slice) continue
    const rows = order.slice(from, to).map(({ slice, at }) => rowOf(slice, at))
    yield pick(order[from]!.slice, Uint32Array.from(rows))
    from = to
  }
}

/** The slice with each group of equal times in order; the slice itself when it is. */
function tiesSorted(lane: Lane, slice: Slice): Slice {
  const { received, length } = slice
  let rows: Uint32Array | undefined
  for (let from = 0; from < length; ) {
    let to = from + 1
    while (to < length && received[to] === received[from]) to++
    if (to > from + 1) {
      const order = Array.from({ length: to - from }, (_, i) => from + i)
      order.sort((a, b) => compareTied(lane, slice, a, lane, slice, b))
      if (order.some((at, i) => at !== from + i)) {
        rows ??= Uint32Array.from({ length }, (_, at) => rowOf(slice, at))
        for (let i = 0; i < order.length; i++) rows[from + i] = rowOf(slice, order[i]!)
      }
    }
    from = to
  }
  return rows === undefined ? slice : pick(slice, rows)
}
