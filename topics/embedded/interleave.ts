// Blocks of one partition in receive order: blocks that do not overlap pass as they are, overlapping ones are merged row by row.
import { maxBatchRows } from '../../schemas/batch.ts'
import { gatherRows, sliceRows } from '../rows.ts'
import { compareRows, lowerBound, offsetOf, type Rows, receivedOf } from './select.ts'

/** A block that is read only when its time has come. */
export interface Lazy {
  /** No row is earlier. Blocks come in rising `min`. */
  readonly min: number
  /** Its rows in receive order; undefined when it has none that are asked for. */
  load(): Rows | undefined
}

/** A block that is being read. */
export interface Open {
  readonly rows: Rows
  readonly received: Float64Array
  at: number
}

/** Rows of all blocks in rising (received, exchange, symbol, offset). */
export function* interleave(blocks: Iterable<Lazy>): Generator<Rows> {
  const queue = blocks[Symbol.iterator]()
  let next = queue.next()
  const open: Open[] = []
  for (;;) {
    if (open.length === 0 && next.done) return
    // Rows before `limit` have no rival among blocks that are not open yet.
    const limit = next.done ? Number.POSITIVE_INFINITY : next.value.min
    if (open.length === 1) {
      const one = open[0]!
      const end = limit === Number.POSITIVE_INFINITY ? one.rows.batch.rows : lowerBound(one.received, limit)
      if (end > one.at) yield part(one, end)
      if (one.at === one.rows.batch.rows) open.pop()
    } else if (open.length > 1) {
      yield* merge(open, limit)
    }
    if (!next.done) {
      const rows = next.value.load()
      if (rows !== undefined) open.push({ rows, received: receivedOf(rows.batch), at: 0 })
      next = queue.next()
    }
  }
}

/** The rows up to `end` as views; `at` moves behind them. */
export function part(one: Open, end: number): Rows {
  const { batch, offset, offsets } = one.rows
  const from = one.at
  one.at = end
  if (offsets === undefined) return { batch: sliceRows(batch, from, end), offset: offset + from, offsets }
  return { batch: sliceRows(batch, from, end), offset: offsets[from]!, offsets: offsets.subarray(from, end) }
}

/** Rows before `limit` of several open blocks, as copies; blocks that are read to their end are closed. */
export function* merge(open: Open[], limit: number): Generator<Rows> {
  for (;;) {
    const sources = [...open]
    const row = new Uint32Array(maxBatchRows)
    const source = new Uint16Array(maxBatchRows)
    const offsets = new Float64Array(maxBatchRows)
    let length = 0
    while (length < maxBatchRows) {
      const first = leastOf(open, limit)
      if (first === undefined) break
      const rival = leastOf(open, limit, first)
      const number = sources.indexOf(first)
      do {
        offsets[length] = offsetOf(first.rows, first.at)
        source[length] = number
        row[length++] = first.at++
      } while (length < maxBatchRows && ready(first, limit) && (rival === undefined || before(first, rival)))
      if (first.at === first.rows.batch.rows) open.splice(open.indexOf(first), 1)
    }
    if (length === 0) return
    const batch = gatherRows(
      sources.map((one) => one.rows.batch),
      row.subarray(0, length),
      source.subarray(0, length),
    )
    yield { batch, offset: offsets[0]!, offsets: offsets.slice(0, length) }
    if (length < maxBatchRows) return
  }
}

function leastOf(open: readonly Open[], limit: number, but?: Open): Open | undefined {
  let least: Open | undefined
  for (const one of open) {
    if (one !== but && ready(one, limit) && (least === undefined || before(one, least))) least = one
  }
  return least
}

function ready(one: Open, limit: number): boolean {
  return one.at < one.rows.batch.rows && one.received[one.at]! < limit
}

function before(a: Open, b: Open): boolean {
  const order = compareRows(a.rows.batch, a.at, b.rows.batch, b.at)
  return order === 0 ? offsetOf(a.rows, a.at) < offsetOf(b.rows, b.at) : order < 0
}
