// Rows that no id tells apart: which of a file's are in the topics already. The topic itself remembers them.
import { hash50 } from '../operators/quality/identity.ts'
import type { Batch } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { absentI64, textAt } from '../schemas/columns.ts'
import type { Columns, RecordName } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'

/** A row whose id decides, one that is new, one that is there already: as `SessionRules.contents` has them. */
export const [byId, isNew, isKnown] = [0, 1, 2]

/**
 * Equal rows of one receive time are told apart by how many there are: where the topic has two and the file three, one is new.
 * So a file adds nothing twice, one that overlaps another adds what the other has not, and nothing that happened twice is lost.
 *
 * The topic counts as it was when this was opened: what is written since came from the file itself.
 */
export class KnownRows {
  private readonly topics: Topics
  private readonly of: { readonly exchange: string; readonly symbol: string; readonly record: RecordName }
  private readonly ends: readonly number[]
  /** Receive time of the row in hand, and how many of each row of that time the topic has beyond those that were met. */
  private received = Number.NaN
  private left = new Map<string, number>()

  private constructor(topics: Topics, of: KnownRows['of'], ends: readonly number[]) {
    this.topics = topics
    this.of = of
    this.ends = ends
  }

  static async open(topics: Topics, of: KnownRows['of']): Promise<KnownRows> {
    const info = (await topics.list()).find(({ name }) => name === physicalName(of.record))
    return new KnownRows(topics, of, info?.ends ?? [])
  }

  /** By row; undefined when the id of every row decides. Batches come in order of receipt. */
  async kinds(batch: Batch): Promise<Uint8Array | undefined> {
    const keyOf = keys(batch)
    if (keyOf === undefined) return undefined
    const { received } = batch.columns as { received: Float64Array }
    const kinds = new Uint8Array(batch.rows)
    const known = await this.between(received[0]!, received[batch.rows - 1]!)
    for (let row = 0; row < batch.rows; row++) {
      const key = keyOf(row)
      if (key === undefined) continue
      if (received[row] !== this.received) {
        this.received = received[row]!
        this.left = known.get(this.received) ?? new Map()
      }
      const left = this.left.get(key) ?? 0
      kinds[row] = left > 0 ? isKnown! : isNew!
      if (left > 0) this.left.set(key, left - 1)
    }
    return kinds
  }

  /** How many of each row the topic has, by receive time. */
  private async between(from: number, to: number): Promise<Map<number, Map<string, number>>> {
    const found = new Map<number, Map<string, number>>()
    if (this.ends.every((end) => end === 0)) return found
    const { exchange, symbol, record } = this.of
    const topic = physicalName(record)
    const range = { exchange, symbols: [symbol], from, to: to + 1, ends: { [topic]: this.ends } }
    for await (const { merged } of replay(this.topics, { ...range, inputs: [{ topic }] })) {
      const keysOf = merged.sources.map(keys)
      for (let at = 0; at < merged.rows; at++) {
        const [source, row] = [merged.source[at]!, merged.row[at]!]
        const key = keysOf[source]?.(row)
        if (key === undefined) continue
        const received = (merged.sources[source]!.columns as { received: Float64Array }).received[row]!
        const counts = found.get(received) ?? new Map<string, number>()
        found.set(received, counts.set(key, (counts.get(key) ?? 0) + 1))
      }
    }
    return found
  }
}

/** What a row says, as text, but for sides, which may be inferred from the rows before it; undefined for one whose id decides. Undefined altogether for topics with ids in every row. */
function keys(batch: Batch): ((row: number) => string | undefined) | undefined {
  switch (batch.topic) {
    case 'trades': {
      const { time, price, size, id } = batch.columns as Columns['trades']
      return (row) => {
        const text = textAt(id, row)
        return isDigits(text) ? undefined : `${time[row]} ${price[row]} ${size[row]} ${text}`
      }
    }
    case 'quotes': {
      const { time, bid, bidSize, ask, askSize, sequence } = batch.columns as Columns['quotes']
      return (row) =>
        sequence[row] === absentI64 ? `${time[row]} ${bid[row]} ${bidSize[row]} ${ask[row]} ${askSize[row]}` : undefined
    }
    case 'books': {
      const { time, snapshot, sequence, bids, asks } = batch.columns as Columns['books']
      return (row) =>
        sequence[row] === absentI64
          ? `${time[row]} ${snapshot[row]} ${hashOf(bids, row)} ${hashOf(asks, row)}`
          : undefined
    }
    default:
      return undefined
  }
}

function hashOf({ offsets, columns }: Columns['books']['bids'], row: number): number {
  const [from, to] = [offsets[row]!, offsets[row + 1]!]
  return hash50(columns.size.slice(from, to), hash50(columns.price.slice(from, to)))
}

function isDigits(text: string): boolean {
  if (text === '') return false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  return true
}
