// The books that an import looks after: is each in sync, where are its gaps, is it crossed. Nothing here changes a row.
import { Book, type Gap } from '../operators/quality/book.ts'
import { stepOf } from '../operators/quality/steps.ts'
import { wordAt } from '../schemas/columns.ts'
import type { BookColumns } from '../schemas/records.generated.ts'
import type { SyncRule } from '../schemas/sync.ts'
import type { Topics } from '../topics/topics.ts'

/** A book at the latest update id that was imported, whatever was imported in between. */
interface Tail {
  book: Book
  /** The largest update id that it was shown. */
  last: bigint
  decimals: number
}

export interface SavedTail {
  readonly book: Uint8Array
  readonly last: bigint
  readonly decimals: number
}

/** No size of an exchange has more decimals, so no change of lots is ever needed: only whether a level is empty matters here. */
const lotSize = 1e-8
const noIds = -(2n ** 63n)

/**
 * Each file is followed by one book a symbol. A file that begins behind the tail continues it. One that begins before the
 * tail's last update (an overlap, or a file imported late) has a book of its own until it passes the tail.
 */
export class IngestBooks {
  private readonly tails = new Map<string, Tail>()
  /** Books of the file in hand that lie before the tail. */
  private early = new Map<string, Book>()
  private met = new Set<string>()
  /** Symbols that got new rows before their tail. */
  private late = new Set<string>()
  private readonly exchange: string
  private readonly sync: SyncRule
  private readonly topics: Topics
  /** Called for each gap, once, and for each message after which a book is crossed. */
  private readonly onGap: (symbol: string, gap: Gap) => void
  private readonly onCrossed: (symbol: string) => void

  constructor(about: {
    exchange: string
    sync: SyncRule
    topics: Topics
    saved?: ReadonlyMap<string, SavedTail>
    onGap: (symbol: string, gap: Gap) => void
    onCrossed: (symbol: string) => void
  }) {
    this.exchange = about.exchange
    this.sync = about.sync
    this.topics = about.topics
    this.onGap = about.onGap
    this.onCrossed = about.onCrossed
    for (const [symbol, { book: bytes, last, decimals }] of about.saved ?? []) {
      const book = this.newBook(decimals)
      book.load(bytes)
      this.tails.set(symbol, { book, last, decimals })
    }
  }

  beginFile(): void {
    this.early = new Map()
    this.met = new Set()
    this.late = new Set()
  }

  /** Makes a symbol's book ready for prices of so many decimals. Everything before must be committed. */
  async prepare(symbol: string, decimals: number): Promise<void> {
    const tail = this.tails.get(symbol)
    if (tail === undefined) {
      this.tails.set(symbol, { book: this.newBook(decimals), last: noIds, decimals })
    } else if (tail.decimals < decimals) {
      tail.decimals = decimals
      tail.book = await this.fromTopic(symbol, decimals)
      this.early.delete(symbol)
    }
  }

  /** Shows a row of `books` to its symbol's book; `isNew` when it is not a duplicate. */
  apply(symbol: string, columns: BookColumns, row: number, isNew: boolean): void {
    const tail = this.tails.get(symbol)!
    const last = columns.sequence[row]!
    if (!this.met.has(symbol)) {
      this.met.add(symbol)
      if (this.sync.sequenced && last <= tail.last) this.early.set(symbol, this.newBook(tail.decimals))
    }
    const early = this.early.get(symbol)
    if (early !== undefined) {
      if (last <= tail.last || columns.snapshot[row] === 1) {
        if (isNew) this.late.add(symbol)
        this.show(symbol, early, columns, row)
        return
      }
      if (early.synced && !tail.book.synced) tail.book = early
      this.early.delete(symbol)
    }
    if (last > tail.last) tail.last = last
    this.show(symbol, tail.book, columns, row)
  }

  /** Books out of sync that got rows from before their end are built again from the topic; true when there were any. */
  async endFile(): Promise<boolean> {
    let changed = false
    for (const symbol of this.late) {
      const tail = this.tails.get(symbol)!
      if (tail.book.synced) continue
      tail.book = await this.fromTopic(symbol, tail.decimals)
      changed = true
    }
    return changed
  }

  /** Undefined for a symbol that has no row in `books`. */
  synced(symbol: string): boolean | undefined {
    return this.tails.get(symbol)?.book.synced
  }

  save(): ReadonlyMap<string, SavedTail> {
    const saved = new Map<string, SavedTail>()
    for (const [symbol, { book, last, decimals }] of this.tails)
      saved.set(symbol, { book: book.save(), last, decimals })
    return saved
  }

  private show(symbol: string, book: Book, columns: BookColumns, row: number): void {
    const { crossed, gap } = book.counts
    const gaps = book.gaps.length
    book.apply(columns, row)
    if (book.counts.crossed > crossed) this.onCrossed(symbol)
    if (book.gaps.length > gaps) for (const one of book.gaps.slice(gaps)) this.onGap(symbol, one)
    else if (book.counts.gap > gap) this.onGap(symbol, book.gaps.at(-1)!)
  }

  private newBook(decimals: number): Book {
    return new Book({ tickSize: stepOf(decimals), lotSize }, this.sync)
  }

  /** The book as the committed rows make it, in the order in which they were received. */
  private async fromTopic(symbol: string, decimals: number): Promise<Book> {
    const book = this.newBook(decimals)
    const known = (await this.topics.list()).some(({ name }) => name === 'market.books')
    if (!known) return book
    const { partitions } = await this.topics.info('market.books')
    for (let partition = 0; partition < partitions; partition++) {
      for await (const { batch } of this.topics.read<'books'>('market.books', {
        partitions: [partition],
        order: 'received',
      })) {
        const { columns } = batch
        const code = columns.symbol.values.indexOf(symbol)
        for (let row = 0; row < batch.rows; row++) {
          if (columns.symbol.codes[row] === code && wordAt(columns.exchange, row) === this.exchange) {
            book.apply(columns, row)
          }
        }
      }
    }
    return book
  }
}
