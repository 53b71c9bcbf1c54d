// The order books that a run saw, built once more: where messages are missing, how long a book could not be trusted, when it was crossed.
import { instrumentOf } from '../../operators/instrument.ts'
import { Book } from '../../operators/quality/book.ts'
import { ruleOf } from '../../pipelines/market-of.ts'
import { namesOf } from '../../pipelines/named-instruments.ts'
import type { Plan } from '../../pipelines/plan.ts'
import { inputOptions } from '../../pipelines/plan.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { wordAt } from '../../schemas/columns.ts'
import type { BookColumns } from '../../schemas/records.generated.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'

/** What is to be known of the depth of one instrument. */
export interface BookScan {
  readonly rows: number
  /** Times that messages were missing, and where the first of them began, µs. */
  readonly gaps: number
  readonly firstGap: number | undefined
  /** Rows after which the best bid was not below the best ask. */
  readonly crossed: number
  /** Time from the first row to the first sync, and out of sync after it, µs. The first is undefined when it never came into sync. */
  readonly startUs: number | undefined
  readonly outUs: number
}

interface Watch {
  readonly book: Book
  /** What was counted before the run began. */
  readonly before: { gap: number; crossed: number }
  rows: number
  first: number
  last: number
  synced: number | undefined
  outUs: number
  firstGap: number | undefined
}

/** By what the run calls its instruments; empty where the run read no depth. */
export async function scanBooks(topics: Topics, plan: Plan): Promise<ReadonlyMap<string, BookScan>> {
  const topic = physicalName('books')
  if (!plan.inputs.some((input) => input.topic === topic)) return new Map()
  const { from = Number.NEGATIVE_INFINITY } = plan
  const nameOf = namesOf(plan.instruments)
  const watches = new Map(
    plan.instruments.map((row, index): [string, Watch] => [
      nameOf(row.exchange, row.symbol),
      {
        ...{
          book: new Book(instrumentOf(row, index), ruleOf(row.exchange)),
          rows: 0,
          first: Number.NaN,
          last: Number.NaN,
        },
        ...{ synced: undefined, outUs: 0, firstGap: undefined, before: { gap: 0, crossed: 0 } },
      },
    ]),
  )
  for await (const { merged } of replay(topics, { ...inputOptions(plan), inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++) {
      const columns = merged.sources[merged.source[at]!]!.columns as BookColumns
      const row = merged.row[at]!
      const watch = watches.get(nameOf(wordAt(columns.exchange, row)!, wordAt(columns.symbol, row)!))
      if (watch === undefined) continue
      // Rows that lead in to the run only make the book.
      if (columns.received[row]! < from) lead(watch, columns, row)
      else look(watch, columns, row)
    }
  }
  return new Map([...watches].filter(([, { rows }]) => rows > 0).map(([symbol, watch]) => [symbol, scanOf(watch)]))
}

function lead({ book, before }: Watch, columns: BookColumns, row: number): void {
  book.apply(columns, row)
  Object.assign(before, book.counts)
}

function look(watch: Watch, columns: BookColumns, row: number): void {
  const { book } = watch
  const received = columns.received[row]!
  const { gap } = book.counts
  // What the book was until now holds up to this row.
  if (watch.synced !== undefined && !book.synced) watch.outUs += received - watch.last
  book.apply(columns, row)
  if (book.counts.gap > gap) watch.firstGap ??= received
  if (watch.rows === 0) watch.first = received
  if (book.synced) watch.synced ??= received
  watch.rows++
  watch.last = received
}

function scanOf({ book, before, rows, first, synced, outUs, firstGap }: Watch): BookScan {
  const gaps = book.counts.gap - before.gap
  const crossed = book.counts.crossed - before.crossed
  return { rows, gaps, firstGap, crossed, startUs: synced === undefined ? undefined : synced - first, outUs }
}
