// Blocks of one partition in receive order: blocks that do not overlap pass as they are, overlapping ones are merged row by row.
import { maxBatchRows } from '../../schemas/batch.ts'
import { gatherRows, sliceRows } from '../rows.ts'
import { compareRows, lowerBound, offsetOf, type Rows, receivedOf } from './select.ts'

/** A block that is on its way. */
export interface Coming {
  /** No row is earlier. Blocks come in rising `min`. */
  readonly min: number
  /** In receive order; undefined when it has none that are asked for. */
  readonly rows: Promise<Rows | undefined>
}

/** Blocks that begin to be read when they are asked for: who asks for one before it uses the last has the reading of it beside its own work. */
export function* coming<Entry extends { readonly min: number }>(
  entries: Iterable<Entry>,
  load: (entry: Entry) => Promise<Rows | undefined>,
): Generator<Coming> {
  for (const entry of entries) {
    const rows = load(entry)
    // Heard when it is awaited; until then it must not count as unheard.
    rows.catch(() => {})
    yield { min: entry.min, rows }
  }
}

/** Rows of all blocks as they come. */
export async function* inOffsetOrder(blocks: Iterable<Coming>): AsyncGenerator<Rows, void> {
  const queue = blocks[Symbol.iterator]()
  for (let next = queue.next(); !next.done; ) {
    const { rows: coming } = next.value
    next = queue.next()
    const rows = await coming
    if (rows !== undefined) yield rows
  }
}

/** A block that is being read. */
export interface Open {
  readonly rows: Rows
  readonly received: Float64Array
  at: number
}

/** Rows of all blocks in rising (received, exchange, symbol, offset). */
export async function* interleave(blocks: Iterable<Coming>): AsyncGenerator<Rows, void> {
  const queue = blocks[Symbol.iterator]()
  let next = queue.next()
  const open: Open[] = []
  for (;;) {
    if (open.length === 0 && next.done) return
    // Rows before `limit` have no rival among blocks that are not open yet.
    const limit = next.done ? Number.POSITIVE_INFINITY : next.value.min
    if (open.length === 1) {
      const one = open[0]!
      const end = endBefore(one, limit)
      if (end > one.at) yield part(one, end)
      if (one.at === one.rows.batch.rows) open.pop()
    } else if (open.length > 1) {
      yield* merge(open, limit)
    }
    if (!next.done) {
      const { rows: coming } = next.value
      next = queue.next()
      const rows = await coming
      if (rows !== undefined) open.push({ rows, received: receivedOf(rows.batch), at: 0 })
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

/** Rows before `limit` of several open blocks: as views where they follow each other, as copies where they take turns. Blocks read to their end are closed. */
export function* merge(open: Open[], limit: number): Generator<Rows> {
  for (;;) {
    const first = leastOf(open, limit)
    if (first === undefined) return
    const end = endBefore(first, limit)
    const rival = leastOf(open, limit, first)
    // Blocks that share but the time at their border are the usual case: a capture has several rows a microsecond.
    if (rival === undefined || before(first, rival, end - 1)) {
      yield part(first, end)
      close(open, first)
    } else {
      yield turns(open, limit)
    }
  }
}

/** Copies of rows of open blocks that take turns, until one of them is alone or a batch is full. */
function turns(open: Open[], limit: number): Rows {
  const sources = [...open]
  const row = new Uint32Array(maxBatchRows)
  const source = new Uint16Array(maxBatchRows)
  const offsets = new Float64Array(maxBatchRows)
  let length = 0
  while (length < maxBatchRows) {
    const first = leastOf(open, limit)
    const rival = leastOf(open, limit, first)
    if (first === undefined || rival === undefined) break
    const number = sources.indexOf(first)
    do {
      offsets[length] = offsetOf(first.rows, first.at)
      source[length] = number
      row[length++] = first.at++
    } while (length < maxBatchRows && ready(first, limit) && before(first, rival))
    close(open, first)
  }
  const batch = gatherRows(
    sources.map((one) => one.rows.batch),
    row.subarray(0, length),
    source.subarray(0, length),
  )
  return { batch, offset: offsets[0]!, offsets: offsets.slice(0, length) }
}

/** Takes a block away that is read to its end. */
function close(open: Open[], one: Open): void {
  if (one.at === one.rows.batch.rows) open.splice(open.indexOf(one), 1)
}

/** How far the rows of a block come before `limit`. */
function endBefore({ rows, received }: Open, limit: number): number {
  return limit === Number.POSITIVE_INFINITY ? rows.batch.rows : lowerBound(received, limit)
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

/** Whether the row at `at` of one block comes before the next row of another. */
function before(a: Open, b: Open, at = a.at): boolean {
  const order = compareRows(a.rows.batch, at, b.rows.batch, b.at)
  return order === 0 ? offsetOf(a.rows, at) < offsetOf(b.rows, b.at) : order < 0
}
