// Reads the usual trade, best-price and depth messages straight from their bytes into columns, in Rust (native/core/src/binance).
// Whatever is not exactly of the usual form is left to parse.ts, which says what is right: a test holds the two together.
import {
  type BinanceLines,
  binanceLines,
  type ScannedBooks,
  type ScannedQuotes,
  type ScannedTrades,
  scannedKinds,
} from '../../../native/binance.ts'
import { maxBatchBytes, maxBatchRows } from '../../../schemas/batch.ts'
import type { DictionaryWriter } from '../../../schemas/writers.ts'
import type { Intake, Stream } from '../../intake.ts'

/** What is known of a stream that is read here. */
interface Known {
  readonly stream: Stream
  readonly symbol: string
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
/** Rows that are read at once, at most: a piece of a capture holds fewer. */
const mostRows = 2 ** 20
/** What a row of a book and a level of it take in a builder, at most. */
const [rowBytes, levelBytes] = [64, 16]

/** A reader of one intake's lines. */
export class BinanceScanner {
  private readonly intake: Intake
  private readonly exchange: string
  private readonly reader: BinanceLines = binanceLines()
  /** By number of the stream. */
  private readonly known: Known[] = []

  constructor(intake: Intake) {
    this.intake = intake
    this.exchange = intake.exchange.id
  }

  lines(bytes: Uint8Array, from: number, rows: number): number {
    const { intake, reader } = this
    let at = from
    let left = rows
    for (;;) {
      const scan = reader.scan(bytes, at, Math.min(left, mostRows), intake.received)
      if (scan.lines > 0) {
        if (scan.trades !== undefined) this.trades(scan.trades)
        if (scan.quotes !== undefined) this.quotes(scan.quotes)
        if (scan.books !== undefined) this.books(scan.books)
        intake.lines += scan.lines
        intake.received = scan.received
      }
      at = scan.at
      left -= scan.lines
      if (scan.nameFrom === undefined) return at
      this.meet(bytes.slice(scan.nameFrom, scan.nameTo))
    }
  }

  /** A stream that was not met before. */
  private meet(name: Uint8Array): void {
    const text = decoder.decode(name)
    const [, lower, event] = /^([a-z0-9_]+)@(trade|aggTrade|bookTicker|depth)(@\d+ms)?$/.exec(text) ?? []
    if (lower === undefined || event === undefined) {
      this.reader.meet(name, undefined, name, 0, 0)
      return
    }
    const symbol = lower.toUpperCase()
    const kind = scannedKinds.indexOf(event === 'depth' ? 'depthUpdate' : (event as (typeof scannedKinds)[number]))
    const { lowest, highest } = this.intake.boundsOf(symbol)
    const number = this.reader.meet(name, kind, encoder.encode(symbol), lowest, highest)
    this.known[number] = { stream: this.intake.streamOf(text), symbol }
  }

  private trades(scanned: ScannedTrades): void {
    const { trades } = this.intake.builders
    const { stream, time, received, price, size, side, series, ids, idEnds } = scanned
    for (let from = 0; from < stream.length; ) {
      const to = Math.min(stream.length, from + maxBatchRows - trades.count)
      trades.time.append(time.subarray(from, to))
      trades.received.append(received.subarray(from, to))
      trades.price.append(price.subarray(from, to))
      trades.size.append(size.subarray(from, to))
      trades.side.append(side.subarray(from, to))
      trades.id.append(ids, idEnds, from, to)
      trades.timeEstimated.append(new Uint8Array(to - from))
      this.names(trades, stream, from, to)
      trades.count += to - from
      this.intake.pushed('trades', to - from, series.subarray(from, to))
      from = to
    }
  }

  private quotes(scanned: ScannedQuotes): void {
    const { quotes } = this.intake.builders
    const { stream, time, received, bid, bidSize, ask, askSize, sequence } = scanned
    for (let from = 0; from < stream.length; ) {
      const to = Math.min(stream.length, from + maxBatchRows - quotes.count)
      quotes.time.append(time.subarray(from, to))
      quotes.received.append(received.subarray(from, to))
      quotes.bid.append(bid.subarray(from, to))
      quotes.bidSize.append(bidSize.subarray(from, to))
      quotes.ask.append(ask.subarray(from, to))
      quotes.askSize.append(askSize.subarray(from, to))
      quotes.sequence.append(sequence.subarray(from, to))
      for (let row = from; row < to; row++) quotes.timeEstimated.push(Number.isNaN(time[row]!) ? 1 : 0)
      this.names(quotes, stream, from, to)
      quotes.count += to - from
      this.intake.pushed('quotes', to - from)
      from = to
    }
  }

  /** As many rows at once as surely leave the batch room, then one by one until it is full. */
  private books(scanned: ScannedBooks): void {
    const { stream, bidEnds, askEnds } = scanned
    for (let from = 0; from < stream.length; ) {
      const { books } = this.intake.builders
      const room = maxBatchBytes - books.byteLength
      const most = Math.min(stream.length, from + maxBatchRows - books.count)
      const levels = endOf(bidEnds, from) + endOf(askEnds, from)
      let to = from + 1
      while (to < most && (bidEnds[to]! + askEnds[to]! - levels) * levelBytes + (to + 1 - from) * rowBytes < room) to++
      this.bookRows(scanned, from, to)
      from = to
    }
  }

  private bookRows(scanned: ScannedBooks, from: number, to: number): void {
    const { books } = this.intake.builders
    const { stream, time, received, first, last, previous } = scanned
    books.time.append(time.subarray(from, to))
    books.received.append(received.subarray(from, to))
    books.timeEstimated.append(new Uint8Array(to - from))
    books.snapshot.append(new Uint8Array(to - from))
    books.sequence.append(last.subarray(from, to))
    books.firstSequence.append(first.subarray(from, to))
    books.previousSequence.append(previous.subarray(from, to))
    const { bidPrice, bidSize, bidEnds, askPrice, askSize, askEnds } = scanned
    const [bid, bidEnd] = [endOf(bidEnds, from), endOf(bidEnds, to)]
    const [ask, askEnd] = [endOf(askEnds, from), endOf(askEnds, to)]
    const [bidBack, askBack] = [books.bids_price.length - bid, books.asks_price.length - ask]
    books.bids_price.append(bidPrice.subarray(bid, bidEnd))
    books.bids_size.append(bidSize.subarray(bid, bidEnd))
    books.asks_price.append(askPrice.subarray(ask, askEnd))
    books.asks_size.append(askSize.subarray(ask, askEnd))
    for (let row = from; row < to; row++) books.bids.end(bidEnds[row]! + bidBack)
    for (let row = from; row < to; row++) books.asks.end(askEnds[row]! + askBack)
    this.names(books, stream, from, to)
    books.count += to - from
    this.intake.pushed('books', to - from)
  }

  /** The names of rows from…to, whose streams are counted. */
  private names(
    { exchange, symbol }: { exchange: DictionaryWriter; symbol: DictionaryWriter },
    stream: Uint32Array,
    from: number,
    to: number,
  ): void {
    exchange.repeat(this.exchange, to - from)
    for (let row = from; row < to; ) {
      const number = stream[row]!
      let end = row + 1
      while (end < to && stream[end] === number) end++
      const known = this.known[number]!
      if (known.stream.count === 0) this.intake.symbols.add(known.symbol)
      known.stream.count += end - row
      symbol.repeat(known.symbol, end - row)
      row = end
    }
  }
}

/** Where the items of the rows before `row` end. */
function endOf(ends: Uint32Array, row: number): number {
  return row === 0 ? 0 : ends[row - 1]!
}
