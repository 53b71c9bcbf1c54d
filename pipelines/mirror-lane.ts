// One partition, copied row for row under the same numbers; what is there already is compared first.
import { type Batch, rowAt } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { canonical } from '../schemas/json.ts'
import { densePieces, type Placed } from '../topics/placed.ts'
import { sliceRows } from '../topics/rows.ts'
import type { Fetched, Topics } from '../topics/topics.ts'
import { digestOf } from './digest.ts'

export interface Lane {
  /** Physical name. */
  readonly topic: string
  readonly partition: number
}

/** The first row in which two places differ; null where one has no row of that number. */
export interface Difference extends Lane {
  readonly offset: number
  readonly source: string | null
  readonly target: string | null
}

/** Rows of a partition from one number up to another, in rising numbers. */
export function rowsBetween(topics: Topics, lane: Lane, from: number, to: number): AsyncIterable<Fetched> {
  const at = (offset: number) => {
    const offsets: (number | undefined)[] = []
    offsets[lane.partition] = offset
    return { offsets }
  }
  return topics.read(lane.topic, { partitions: [lane.partition], from: at(from), to: at(to) })
}

/** Number of the first row that is there; `end` where there is none. */
export async function firstOf(topics: Topics, lane: Lane, end: number): Promise<number> {
  for await (const { offset } of topics.read(lane.topic, { partitions: [lane.partition] })) return offset
  return end
}

/** The first difference of two places between two numbers. `onRows` hears of rows that are equal. */
export async function firstDifference(
  places: { readonly source: Topics; readonly target: Topics },
  lane: Lane,
  { from, to, onRows }: { from: number; to: number; onRows: (rows: number) => void },
): Promise<Difference | undefined> {
  const source = new Pieces(rowsBetween(places.source, lane, from, to))
  const target = new Pieces(rowsBetween(places.target, lane, from, to))
  try {
    return await comparing(lane, source, target, onRows)
  } finally {
    await source.close()
    await target.close()
  }
}

async function comparing(
  lane: Lane,
  source: Pieces,
  target: Pieces,
  onRows: (rows: number) => void,
): Promise<Difference | undefined> {
  for (;;) {
    const [a, b] = [await source.head(), await target.head()]
    if (a === undefined && b === undefined) return undefined
    const offset = Math.min(a?.offset ?? Number.POSITIVE_INFINITY, b?.offset ?? Number.POSITIVE_INFINITY)
    if (a?.offset !== b?.offset) return { ...lane, offset, source: textAt(a, offset), target: textAt(b, offset) }
    const rows = Math.min(a!.batch.rows, b!.batch.rows)
    const [ours, theirs] = [source.take(rows), target.take(rows)]
    const row = (await digestOf([ours])) === (await digestOf([theirs])) ? -1 : differingRow(ours, theirs)
    if (row >= 0) return { ...lane, offset: offset + row, source: textOf(ours, row), target: textOf(theirs, row) }
    onRows(rows)
  }
}

/** Digests look at bits, and rows are equal when their canonical texts are. */
function differingRow(a: Batch, b: Batch): number {
  for (let row = 0; row < a.rows; row++) if (textOf(a, row) !== textOf(b, row)) return row
  return -1
}

function textOf(batch: Batch, row: number): string {
  return canonical(batch.topic, rowAt(batch, row))
}

function textAt(piece: Placed | undefined, offset: number): string | null {
  return piece?.offset === offset ? textOf(piece.batch, 0) : null
}

/** Rows of a partition, taken in any lengths. */
export class Pieces {
  private readonly rows: AsyncIterator<Fetched>
  private waiting: Placed[] = []

  constructor(rows: AsyncIterable<Fetched>) {
    this.rows = rows[Symbol.asyncIterator]()
  }

  /** What comes next, whose numbers are dense; undefined at the end. */
  async head(): Promise<Placed | undefined> {
    while (this.waiting.length === 0) {
      const { done, value } = await this.rows.next()
      if (done) return undefined
      this.waiting = [...densePieces(value)]
    }
    return this.waiting[0]
  }

  /** Takes rows off the head: no more than it has. */
  take(rows: number): Batch {
    const head = this.waiting[0]!
    const { batch, offset } = head
    if (rows === batch.rows) this.waiting.shift()
    else this.waiting[0] = { ...head, offset: offset + rows, batch: sliceRows(batch, rows, batch.rows) }
    return sliceRows(batch, 0, rows)
  }

  /** The next rows, that many. @throws SmartspeedError HISTORY_EXPIRED when there are fewer */
  async exactly(count: number, what: string): Promise<Placed[]> {
    const pieces: Placed[] = []
    for (let left = count; left > 0; ) {
      const head = await this.head()
      if (head === undefined) {
        throw new SmartspeedError('HISTORY_EXPIRED', `${what} counts ${count} rows, and ${left} of them are gone`, {
          fix: 'they were deleted: a run can be mirrored only whole',
        })
      }
      const rows = Math.min(left, head.batch.rows)
      pieces.push({ ...head, batch: this.take(rows) })
      left -= rows
    }
    return pieces
  }

  async close(): Promise<void> {
    await this.rows.return?.()
  }
}
