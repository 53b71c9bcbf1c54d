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
import { maxBatchRows } from '../../../schemas/batch.ts'
import type { DictionaryWriter, F64Writer } from '../../../schemas/columns.ts'
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

  /** Row by row: after each one the batch may be full. */
  private books(scanned: ScannedBooks): void {
    const { books } = this.intake.builders
    const { stream, time, received, first, last, previous, bidPrice, bidSize, bidEnds } = scanned
    const { askPrice, askSize, askEnds } = scanned
    let [bid, ask] = [0, 0]
    for (let row = 0; row < stream.length; row++) {
      books.time.push(time[row]!)
      books.received.push(received[row]!)
      books.timeEstimated.push(0)
      books.snapshot.push(0)
      books.sequence.push(last[row]!)
      books.firstSequence.push(first[row]!)
      books.previousSequence.push(previous[row]!)
      const [bidEnd, askEnd] = [bidEnds[row]!, askEnds[row]!]
      append(books.bids_price, bidPrice, bid, bidEnd)
      append(books.bids_size, bidSize, bid, bidEnd)
      append(books.asks_price, askPrice, ask, askEnd)
      append(books.asks_size, askSize, ask, askEnd)
      books.bids.end(books.bids_price.length)
      books.asks.end(books.asks_price.length)
      bid = bidEnd
      ask = askEnd
      this.names(books, stream, row, row + 1)
      books.count++
      this.intake.pushed('books', 1)
    }
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

/** Few values: a view of them costs more than copying them. */
function append(writer: F64Writer, values: Float64Array, from: number, to: number): void {
  if (to - from > 16) writer.append(values.subarray(from, to))
  else for (let at = from; at < to; at++) writer.push(values[at]!)
}
