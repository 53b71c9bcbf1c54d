// Reads the usual trade, best-price and depth messages straight from their bytes into columns.
// Whatever is not exactly of the usual form is left to parse.ts, which says what is right: a test holds the two together.
import type { F64Writer } from '../../../schemas/columns.ts'
import type { Intake, Stream } from '../../intake.ts'
import { NumberScanner } from '../../scan-number.ts'

/** What is known of a stream after its first message. */
interface Known {
  readonly stream: Stream
  /** Bytes of the stream's name, and of `"s":"BTCUSDT"`'s value. */
  readonly name: Uint8Array
  readonly symbol: string
  readonly symbolBytes: Uint8Array
  readonly kind: 'trade' | 'aggTrade' | 'bookTicker' | 'depthUpdate'
  readonly event: Uint8Array
  readonly lowest: number
  readonly highest: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const prefix = encoder.encode('{"stream":"')
const middle = encoder.encode('","data":{')
const [quoteMark, comma, colon, closing, opening, bracket, newline] = [34, 44, 58, 125, 91, 93, 10]
const buckets = 4096

/** A reader of one intake's messages. */
export class BinanceScanner {
  private readonly intake: Intake
  private readonly exchange: string
  private readonly scan = new NumberScanner()
  /** By hash of the name; `null` for streams that are always left to the parser. */
  private readonly known: (Known | null | undefined)[] = new Array(buckets).fill(undefined)

  constructor(intake: Intake) {
    this.intake = intake
    this.exchange = intake.exchange.id
  }

  /**
   * Reads the message at `at` and pushes its row, received at `received` µs.
   * Gives where its line ends (the newline, or the end of the bytes); −1 when it is not of the usual form, and then nothing
   * was pushed or counted.
   */
  message(bytes: Uint8Array, at: number, received: number): number {
    for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return -1
    const from = at + prefix.length
    let hash = 0
    let end = from
    for (let byte = bytes[end]!; byte !== quoteMark && end - from < 64; byte = bytes[++end]!) {
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    if (bytes[end] !== quoteMark) return -1
    const known = this.find(bytes, from, end, (hash ^ (hash >>> 12)) & (buckets - 1))
    if (known === null) return -1
    for (let i = 0; i < middle.length; i++) if (bytes[end + i] !== middle[i]) return -1
    const done = this.data(bytes, end + middle.length, known)
    if (done === -1) return -1
    this.push(bytes, known, received)
    known.stream.count++
    return done
  }

  private find(bytes: Uint8Array, from: number, end: number, bucket: number): Known | null {
    const found = this.known[bucket]
    if (found === null) return null
    if (found === undefined) {
      const made = this.meet(bytes.slice(from, end))
      this.known[bucket] = made
      return made
    }
    const { name } = found
    if (name.length !== end - from) return null
    for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return null
    return found
  }

  /** A stream that was not met before. */
  private meet(name: Uint8Array): Known | null {
    const text = decoder.decode(name)
    const [, lower, event] = /^([a-z0-9_]+)@(trade|aggTrade|bookTicker|depth)(@\d+ms)?$/.exec(text) ?? []
    if (lower === undefined || event === undefined) return null
    const symbol = lower.toUpperCase()
    const kind = event === 'depth' ? 'depthUpdate' : (event as Known['kind'])
    const stream = this.intake.streamOf(text)
    const { lowest, highest } = this.intake.boundsOf(symbol)
    const symbolBytes = encoder.encode(`${symbol}"`)
    return { stream, name, symbol, symbolBytes, kind, event: encoder.encode(`${kind}"`), lowest, highest }
  }

  // What the message in hand has said so far; NaN or −1 for what it has not.
  private time = Number.NaN
  private eventTime = Number.NaN
  private idFrom = -1
  private idTo = -1
  private first = Number.NaN
  private last = Number.NaN
  private previous = Number.NaN
  private price = Number.NaN
  private size = Number.NaN
  private bid = Number.NaN
  private bidSize = Number.NaN
  private ask = Number.NaN
  private askSize = Number.NaN
  private maker = -1
  private named = false
  private typed = false
  private bids = -1
  private asks = -1

  private clear(): void {
    this.time = Number.NaN
    this.eventTime = Number.NaN
    this.idFrom = -1
    this.first = Number.NaN
    this.last = Number.NaN
    this.previous = Number.NaN
    this.price = Number.NaN
    this.size = Number.NaN
    this.bid = Number.NaN
    this.bidSize = Number.NaN
    this.ask = Number.NaN
    this.askSize = Number.NaN
    this.maker = -1
    this.named = false
    this.typed = false
    this.bids = -1
    this.asks = -1
  }

  /** Reads the fields of `data` up to the end of the line; −1 when one of them, or what they make together, is not usual. */
  private data(bytes: Uint8Array, start: number, known: Known): number {
    this.clear()
    const { kind } = known
    const books = this.intake.builders.books
    const [bidItems, askItems] = [books.bids_price.length, books.asks_price.length]
    let at = start
    for (;;) {
      at = this.field(bytes, at, known)
      if (at === -1) break
      const byte = bytes[at]
      if (byte === comma) {
        at++
        continue
      }
      at = byte === closing && this.isWhole(known) ? endOf(bytes, at + 1) : -1
      break
    }
    if (at !== -1) return at
    if (kind === 'depthUpdate') {
      books.bids_price.length = bidItems
      books.bids_size.length = bidItems
      books.asks_price.length = askItems
      books.asks_size.length = askItems
    }
    return -1
  }

  /** True when everything is there that a record needs, and nothing is impossible. */
  private isWhole({ kind, lowest, highest }: Known): boolean {
    if (!this.named) return false
    if (Number.isNaN(this.time)) this.time = this.eventTime
    switch (kind) {
      case 'trade':
      case 'aggTrade':
        if (!(this.typed && this.time > 0 && this.idFrom !== -1 && this.maker !== -1 && this.size > 0)) return false
        return this.price >= lowest && this.price <= highest
      case 'bookTicker':
        if (!(this.bid >= lowest && this.bid <= highest && this.ask >= lowest && this.ask <= highest)) return false
        return this.bidSize > 0 && this.askSize > 0 && this.last >= 0
      case 'depthUpdate':
        return this.typed && this.time > 0 && this.first >= 0 && this.last >= 0 && this.bids !== -1 && this.asks !== -1
    }
  }

  /** One `"key":value`; gives where it ends. */
  private field(bytes: Uint8Array, at: number, known: Known): number {
    if (bytes[at] !== quoteMark) return -1
    const key = bytes[at + 1]!
    if (bytes[at + 2] !== quoteMark) return this.longField(bytes, at)
    if (bytes[at + 3] !== colon) return -1
    const value = at + 4
    const { scan } = this
    const { kind } = known
    switch (key) {
      case 101: // e
        this.typed = true
        return this.text(bytes, value, known.event)
      case 115: // s
        this.named = true
        return this.text(bytes, value, known.symbolBytes)
      case 69: // E
        this.eventTime = scan.millis(bytes, value)
        return scan.at
      case 84: // T
        this.time = scan.millis(bytes, value)
        return scan.at
      case 117: // u
        this.last = scan.whole(bytes, value)
        return kind === 'trade' || kind === 'aggTrade' ? -1 : scan.at
      case 85: // U
        this.first = scan.whole(bytes, value)
        return kind === 'depthUpdate' ? scan.at : -1
      case 116: // t
        return kind === 'trade' ? this.id(bytes, value) : -1
      case 112: // p
        this.price = scan.quoted(bytes, value)
        return kind === 'trade' || kind === 'aggTrade' ? scan.at : -1
      case 113: // q
        this.size = scan.quoted(bytes, value)
        return kind === 'trade' || kind === 'aggTrade' ? scan.at : -1
      case 109: // m
        this.maker = scan.flag(bytes, value)
        return scan.at
      case 77: // M: said to be ignored
        scan.flag(bytes, value)
        return scan.at
      case 88: // X: the kind of order
        return skipText(bytes, value)
      case 102: // f
      case 108: // l
        scan.whole(bytes, value)
        return kind === 'aggTrade' ? scan.at : -1
      case 97: // a
        return this.a(bytes, value, kind)
      case 98: // b
        return this.b(bytes, value, kind)
      case 66: // B
        this.bidSize = scan.quoted(bytes, value)
        return kind === 'bookTicker' ? scan.at : -1
      case 65: // A
        this.askSize = scan.quoted(bytes, value)
        return kind === 'bookTicker' ? scan.at : -1
      default:
        return -1
    }
  }

  private a(bytes: Uint8Array, value: number, kind: Known['kind']): number {
    if (kind === 'aggTrade') return this.id(bytes, value)
    if (kind === 'bookTicker') {
      this.ask = this.scan.quoted(bytes, value)
      return this.scan.at
    }
    if (kind !== 'depthUpdate' || this.asks !== -1) return -1
    this.asks = value
    const { asks_price, asks_size } = this.intake.builders.books
    return this.levels(bytes, value, asks_price, asks_size)
  }

  private b(bytes: Uint8Array, value: number, kind: Known['kind']): number {
    if (kind === 'bookTicker') {
      this.bid = this.scan.quoted(bytes, value)
      return this.scan.at
    }
    if (kind !== 'depthUpdate' || this.bids !== -1) return -1
    this.bids = value
    const { bids_price, bids_size } = this.intake.builders.books
    return this.levels(bytes, value, bids_price, bids_size)
  }

  /** `"pu"` of a depth update, and `"ps"` (a pair), `"st"` (a number), which nothing needs. */
  private longField(bytes: Uint8Array, at: number): number {
    if (bytes[at + 3] !== quoteMark || bytes[at + 4] !== colon) return -1
    const [one, two] = [bytes[at + 1], bytes[at + 2]]
    if (one === 112 && two === 117) {
      this.previous = this.scan.whole(bytes, at + 5)
      return this.scan.at
    }
    if (one === 112 && two === 115) return skipText(bytes, at + 5)
    if (one === 115 && two === 116) {
      this.scan.whole(bytes, at + 5)
      return this.scan.at
    }
    return -1
  }

  /** `[["61800.20","2.909"],…]` into columns. */
  private levels(bytes: Uint8Array, from: number, prices: F64Writer, sizes: F64Writer): number {
    const { scan } = this
    if (bytes[from] !== opening) return -1
    let at = from + 1
    if (bytes[at] === bracket) return at + 1
    for (;;) {
      if (bytes[at] !== opening) return -1
      const price = scan.quoted(bytes, at + 1)
      if (!(price > 0) || bytes[scan.at] !== comma) return -1
      const size = scan.quoted(bytes, scan.at + 1)
      at = scan.at
      if (!(size >= 0) || bytes[at] !== bracket) return -1
      prices.push(price)
      sizes.push(size)
      at++
      if (bytes[at] === comma) at++
      else return bytes[at] === bracket ? at + 1 : -1
    }
  }

  private id(bytes: Uint8Array, from: number): number {
    const end = this.scan.digits(bytes, from)
    this.idFrom = from
    this.idTo = end
    return end
  }

  /** A text of known bytes, with its closing quote; gives where it ends. */
  private text(bytes: Uint8Array, at: number, expected: Uint8Array): number {
    if (bytes[at] !== quoteMark) return -1
    for (let i = 0; i < expected.length; i++) if (bytes[at + 1 + i] !== expected[i]) return -1
    return at + 1 + expected.length
  }

  private push(bytes: Uint8Array, known: Known, received: number): void {
    const { builders, symbols } = this.intake
    if (known.stream.count === 0 && !symbols.has(known.symbol)) symbols.add(known.symbol)
    const timeless = Number.isNaN(this.time) ? 1 : 0
    switch (known.kind) {
      case 'trade':
      case 'aggTrade': {
        const { trades } = builders
        trades.time.push(this.time)
        trades.received.push(received)
        trades.exchange.push(this.exchange)
        trades.symbol.push(known.symbol)
        trades.timeEstimated.push(0)
        trades.price.push(this.price)
        trades.size.push(this.size)
        trades.side.push(this.maker)
        trades.id.copy(bytes, this.idFrom, this.idTo)
        trades.count++
        this.intake.pushed('trades', known.kind === 'aggTrade' ? 1 : 0)
        break
      }
      case 'bookTicker': {
        const { quotes } = builders
        quotes.time.push(this.time)
        quotes.received.push(received)
        quotes.exchange.push(this.exchange)
        quotes.symbol.push(known.symbol)
        quotes.timeEstimated.push(timeless)
        quotes.bid.push(this.bid)
        quotes.bidSize.push(this.bidSize)
        quotes.ask.push(this.ask)
        quotes.askSize.push(this.askSize)
        quotes.sequence.number(this.last)
        quotes.count++
        this.intake.pushed('quotes')
        break
      }
      case 'depthUpdate': {
        const { books } = builders
        books.time.push(this.time)
        books.received.push(received)
        books.exchange.push(this.exchange)
        books.symbol.push(known.symbol)
        books.timeEstimated.push(0)
        books.snapshot.push(0)
        books.sequence.number(this.last)
        books.firstSequence.number(this.first)
        if (Number.isNaN(this.previous)) books.previousSequence.push(undefined)
        else books.previousSequence.number(this.previous)
        books.bids.end(books.bids_price.length)
        books.asks.end(books.asks_price.length)
        books.count++
        this.intake.pushed('books')
      }
    }
  }
}

/** The end of the line behind the wrapper's own brace; −1 when something else comes. */
function endOf(bytes: Uint8Array, at: number): number {
  return bytes[at] === closing && (at + 1 === bytes.length || bytes[at + 1] === newline) ? at + 1 : -1
}

/** Where a text without escapes ends, behind its quote; −1 when it is none. */
function skipText(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== quoteMark) return -1
  let at = from + 1
  for (let byte = bytes[at]!; byte !== quoteMark; byte = bytes[++at]!) {
    // A backslash, a control character, a byte of a longer letter, or the end of the bytes.
    if (byte === 92 || !(byte >= 32 && byte < 127)) return -1
  }
  return at + 1
}
