// Blocks of one partition in receive order, where a block has to be waited for: topics/embedded/interleave.ts, awaited.
import { merge, type Open, part } from '../embedded/interleave.ts'
import { lowerBound, type Rows, receivedOf } from '../embedded/select.ts'

/** A block that is read only when its time has come. */
export interface Later {
  /** No row is earlier. Blocks come in rising `min`. */
  readonly min: number
  /** Its rows in receive order; undefined when it has none that are asked for. */
  load(): Promise<Rows | undefined>
}

/** Rows of all blocks in rising (received, exchange, symbol, offset). */
export async function* interleaveLater(blocks: readonly Later[]): AsyncGenerator<Rows> {
  const open: Open[] = []
  for (let next = 0; next < blocks.length || open.length > 0; next++) {
    // Rows before `limit` have no rival among blocks that are not open yet.
    const limit = blocks[next]?.min ?? Number.POSITIVE_INFINITY
    if (open.length === 1) {
      const one = open[0]!
      const end = limit === Number.POSITIVE_INFINITY ? one.rows.batch.rows : lowerBound(one.received, limit)
      if (end > one.at) yield part(one, end)
      if (one.at === one.rows.batch.rows) open.pop()
    } else if (open.length > 1) {
      yield* merge(open, limit)
    }
    const rows = await blocks[next]?.load()
    if (rows !== undefined) open.push({ rows, received: receivedOf(rows.batch), at: 0 })
  }
}
