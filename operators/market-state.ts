// What is known of one instrument's market: the order book overlaid by newer quotes, the last trade, the mark (DESIGN §5).
import { absentI64 } from '../schemas/columns.ts'
import type {
  BookColumns,
  CandleColumns,
  FundingColumns,
  MarkColumns,
  QuoteColumns,
  TradeColumns,
} from '../schemas/records.generated.ts'
import type { SyncRule } from '../schemas/sync.ts'
import type { FundingView, Market, MarketRow } from './desk.ts'
import { type Instrument, ticksOf } from './instrument.ts'
import { Book, inOrder } from './quality/book.ts'
import { type Id, idAt, idOf, wordsOf } from './quality/ids.ts'
import { pack, unpack } from './stage.ts'

/** Which rows make the book: depth overlaid by newer quotes, or one of the two alone. */
export type DepthSource = 'both' | 'book' | 'quotes'

export type BookSide = 'bid' | 'ask'

/**
 * The market of one instrument, row by row.
 *
 * A quote lies over the book while its sequence is higher than the book's; where either has none, the newer row holds.
 * Under a quote the book's levels at its price and better are not there, and those behind it are.
 */
export class MarketState implements Market {
  readonly instrument: Instrument
  readonly book: Book
  bidTicks = Number.NaN
  bidLots = Number.NaN
  askTicks = Number.NaN
  askLots = Number.NaN
  lastTicks = Number.NaN
  markTicks = Number.NaN
  funding: FundingView | undefined
  received = Number.NaN
  /** True when a row of quotes or depth was used: without, there are only trades or candles. */
  hasDepth = false
  /** True when the last row that was applied changed the book or lay over it. */
  changed = false
  private readonly depth: DepthSource
  private hasBook = false
  /** The last quote lies over the book. */
  private overlaid = false
  private quoteBid = Number.NaN
  private quoteBidLots = 0
  private quoteAsk = Number.NaN
  private quoteAskLots = 0
  private quoteId: Id
  private quoteIds: { readonly column: BigInt64Array; readonly words: Int32Array } | undefined
  private mark = Number.NaN

  constructor(
    instrument: Instrument,
    { rule = inOrder, depth = 'both' }: { rule?: SyncRule; depth?: DepthSource } = {},
  ) {
    this.instrument = instrument
    this.depth = depth
    this.book = new Book(instrument, rule)
  }

  /** False while depth is subscribed but not in sync, or the best prices are impossible. */
  get synced(): boolean {
    return !(this.bidTicks >= this.askTicks) && (!this.hasBook || this.book.synced)
  }

  /** True when the exchange said a mark price: `markTicks` is that, and nothing that stands for it. */
  get hasMark(): boolean {
    return !Number.isNaN(this.mark)
  }

  /** Takes the next row of this instrument; rows of other topics than the market's only move `received`. */
  apply({ topic, batch, row, received }: Pick<MarketRow, 'topic' | 'batch' | 'row' | 'received'>): void {
    this.received = received
    this.changed = false
    switch (topic) {
      case 'trades':
        this.trade(batch.columns as TradeColumns, row)
        break
      case 'quotes':
        if (this.depth !== 'book') this.quote(batch.columns as QuoteColumns, row)
        break
      case 'books':
        if (this.depth !== 'quotes') this.levels(batch.columns as BookColumns, row)
        break
      case 'marks':
        this.mark = (batch.columns as MarkColumns).mark[row]! / this.instrument.tickSize
        this.markTicks = this.mark
        break
      case 'funding': {
        const { rate, next, intervalHours } = batch.columns as FundingColumns
        this.funding = { rate: rate[row]!, next: next[row]!, hours: intervalHours[row]! }
        break
      }
      case 'candles':
        this.lastTicks = ticksOf(this.instrument, (batch.columns as CandleColumns).close[row]!)
        this.value()
        break
    }
  }

  /** Lots at a price as known now; 0 when that level is empty, NaN when it is unknown. */
  lotsAt(side: BookSide, ticks: number): number {
    if (this.overlaid) {
      const best = side === 'bid' ? this.quoteBid : this.quoteAsk
      if (ticks === best) return side === 'bid' ? this.quoteBidLots : this.quoteAskLots
      if (side === 'bid' ? ticks > best : ticks < best) return 0
    }
    return this.hasBook ? this.book.lotsAt(side, ticks) : Number.NaN
  }

  /** The next price with a known size that is worse than `ticks`, which is at the best price or behind it; NaN when there is none. */
  next(side: BookSide, ticks: number): number {
    return this.hasBook ? this.book.next(side, ticks) : Number.NaN
  }

  /** The largest known size at one price of a side, in lots. */
  largest(side: BookSide): number {
    const best = (side === 'bid' ? this.bidLots : this.askLots) || 0
    return this.hasBook ? Math.max(this.book.largest(side), best) : best
  }

  save(): Uint8Array {
    const { book, bidTicks, bidLots, askTicks, askLots, lastTicks, markTicks, received, hasDepth, changed } = this
    const { hasBook, overlaid, quoteBid, quoteBidLots, quoteAsk, quoteAskLots, quoteId, mark, funding } = this
    const quoteSequence = quoteId === undefined ? absentI64 : BigInt(quoteId)
    return pack({
      ...{ bidTicks, bidLots, askTicks, askLots, lastTicks, markTicks, received, hasDepth, changed, funding },
      ...{ hasBook, overlaid, quoteBid, quoteBidLots, quoteAsk, quoteAskLots, quoteSequence, mark },
      book: hasBook ? book.save() : undefined,
    })
  }

  load(bytes: Uint8Array): void {
    const { book, quoteSequence, ...fields } = unpack<{ book: Uint8Array | undefined; quoteSequence: bigint }>(bytes)
    Object.assign(this, fields)
    this.quoteId = idOf(quoteSequence)
    if (book !== undefined) this.book.load(book)
  }

  private trade(columns: TradeColumns, row: number): void {
    this.lastTicks = Math.round(columns.price[row]! / this.instrument.tickSize)
    if (!this.hasDepth) this.value()
  }

  private quote(columns: QuoteColumns, row: number): void {
    const { sequence } = columns
    if (this.quoteIds?.column !== sequence) this.quoteIds = { column: sequence, words: wordsOf(sequence) }
    const id = idAt(this.quoteIds!.words, row, sequence)
    const { book } = this
    this.hasDepth = true
    if (id !== undefined && book.id !== undefined && id <= book.id) return
    const { tickSize, lotSize } = this.instrument
    const bidLots = Math.round(columns.bidSize[row]! / lotSize)
    const askLots = Math.round(columns.askSize[row]! / lotSize)
    this.quoteId = id
    // A side without size is empty: some venues send zeros.
    this.quoteBid = bidLots > 0 ? Math.round(columns.bid[row]! / tickSize) : Number.NaN
    this.quoteAsk = askLots > 0 ? Math.round(columns.ask[row]! / tickSize) : Number.NaN
    this.quoteBidLots = bidLots > 0 ? bidLots : 0
    this.quoteAskLots = askLots > 0 ? askLots : 0
    this.overlaid = true
    this.changed = true
    this.top()
  }

  private levels(columns: BookColumns, row: number): void {
    this.hasDepth = true
    this.hasBook = true
    const applied = this.book.apply(columns, row)
    if (applied !== 'applied' && applied !== 'snapshot') return
    const { id } = this.book
    this.overlaid = this.overlaid && id !== undefined && this.quoteId !== undefined && this.quoteId > id
    this.changed = true
    this.top()
  }

  /** Best prices and sizes after a change. */
  private top(): void {
    if (this.overlaid) {
      this.bidTicks = this.quoteBid
      this.bidLots = this.quoteBidLots
      this.askTicks = this.quoteAsk
      this.askLots = this.quoteAskLots
    } else {
      const { book } = this
      this.bidTicks = book.bidTicks
      this.askTicks = book.askTicks
      this.bidLots = book.lotsAt('bid', book.bidTicks)
      this.askLots = book.lotsAt('ask', book.askTicks)
    }
    this.value()
  }

  /** The mark that the exchange gave, else the middle, else the last price. */
  private value(): void {
    if (!Number.isNaN(this.mark)) return
    const middle = (this.bidTicks + this.askTicks) / 2
    this.markTicks = Number.isNaN(middle) ? this.lastTicks : middle
  }
}
