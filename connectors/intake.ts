// Stamped messages in, columns out: what a socket and a capture share. One intake a connection.
import { type Batch, builderOf, isFull, maxBatchRows, take } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Builders, RecordName, Rows } from '../schemas/records.generated.ts'
import { U8Writer } from '../schemas/writers.ts'
import type { Exchange, MarketTopic, Said, Scanner } from './exchanges/exchange.ts'
import { type Bounds, impossibleIn } from './impossible.ts'
import { excerpt } from './json.ts'

export interface IntakeOptions {
  /** Whose a snapshot without a symbol is. */
  readonly symbol?: string
  /** Names the connection in dead letters. */
  readonly connection: string
  readonly boundsOf: (symbol: string) => Bounds
  /** Without the exchange's scanner, for tests that hold it to its parser. */
  readonly plain?: boolean
}

/** Messages of one stream so far; the fast reader keeps what it knows of the stream's symbol beside it. */
export interface Stream {
  readonly name: string
  count: number
}

/** Some rows of one topic, and which of their ids count in a series of their own. */
export interface Taken<T extends RecordName = RecordName> {
  readonly batch: Batch<T>
  /** Trades only: 1 where the id is an aggregated trade's. */
  readonly series: Uint8Array | undefined
}

export type IntakeTopic = MarketTopic | 'dead-letters'
const topics: readonly IntakeTopic[] = [
  ...(['instruments', 'trades', 'quotes', 'books', 'funding', 'marks', 'interest', 'liquidations'] as const),
  ...(['candles', 'dead-letters'] as const),
]

/** Says of a dead letter that its bytes are a whole line: when it was received is not known. */
export const unstamped = 'a line without a receive time before its message'

const newline = 10
const space = 32
const decoder = new TextDecoder()

/**
 * Reads lines of `<receive time, ns> <message>`.
 *
 * `received` is whole µs and never steps back: a line stamped earlier takes the stamp of the one before (`timeBack`).
 * What cannot be read, and prices that cannot be, go to dead letters with their bytes. Rows whose message has no time have
 * `time` NaN and `timeEstimated`: only who knows the clocks can fill it. Snapshots without a symbol have symbol ''.
 */
export class Intake {
  readonly exchange: Exchange
  readonly builders = Object.fromEntries(topics.map((topic) => [topic, builderOf(topic)])) as Pick<
    Builders,
    IntakeTopic
  >
  readonly streams = new Map<string, Stream>()
  /** Symbols that rows came of. */
  readonly symbols = new Set<string>()
  /** Lines that are not empty. */
  lines = 0
  unreadable = 0
  timeBack = 0
  impossiblePrice = 0
  /** Rows in the builders. */
  rows = 0
  /** Stamp of the line in hand, µs; NaN before the first. */
  received = Number.NaN
  firstReceived = Number.NaN
  private readonly options: IntakeOptions
  private readonly full = new Map<IntakeTopic, Taken[]>()
  private readonly series = new U8Writer()
  private readonly scanner: Scanner | undefined
  private bounds = new Map<string, Bounds>()

  constructor(exchange: Exchange, options: IntakeOptions) {
    this.exchange = exchange
    this.options = options
    this.scanner = options.plain ? undefined : exchange.scanner?.(this)
  }

  /** Reads whole lines from `from` on, until the bytes end or `rows` reach `mostRows`; gives where the next line begins. */
  read(bytes: Uint8Array, from: number, mostRows: number): number {
    const { scanner } = this
    let at = from
    while (at < bytes.length && this.rows < mostRows) {
      if (scanner !== undefined) {
        at = scanner.lines(bytes, at, mostRows - this.rows)
        if (at >= bytes.length || this.rows >= mostRows) break
      }
      const found = bytes.indexOf(newline, at)
      const end = found === -1 ? bytes.length : found
      this.line(bytes, at, end)
      at = end + 1
    }
    return at
  }

  /** Reads the last line of a file that does not end in a newline; false when it is cut off, and then it is not a line. */
  readLast(bytes: Uint8Array): boolean {
    const stamped = stampEnd(bytes, 0)
    try {
      if (stamped === -1) throw new SmartspeedError('MESSAGE_UNREADABLE', 'no receive time')
      this.exchange.parse(decoder.decode(bytes.subarray(stamped + 1)))
    } catch {
      return isBlank(bytes, 0, bytes.length)
    }
    this.line(bytes, 0, bytes.length)
    return true
  }

  /** Reads one line, without its newline. Empty ones are not counted. */
  line(bytes: Uint8Array, from: number, end: number): void {
    if (isBlank(bytes, from, end)) return
    this.lines++
    const stamped = stampEnd(bytes, from)
    if (stamped === -1 || stamped >= end) {
      this.refuse('MESSAGE_UNREADABLE', unstamped, bytes, from, end)
      return
    }
    this.stamp(stampOf(bytes, from, stamped))
    this.message(bytes, stamped + 1, end)
  }

  /** Takes a receive time in µs. */
  stamp(received: number): void {
    if (received < this.received) {
      this.timeBack++
      return
    }
    if (Number.isNaN(this.received)) this.firstReceived = received
    this.received = received
  }

  /** Reads a message that came at `received`. */
  message(bytes: Uint8Array, from: number, end: number): void {
    const text = decoder.decode(bytes.subarray(from, end))
    try {
      const { stream, records } = this.exchange.parse(text)
      this.streamOf(stream).count++
      for (const said of records) this.say(said, bytes, from, end)
    } catch (error) {
      if (!(error instanceof SmartspeedError)) throw error
      this.refuse(error.code, error.message, bytes, from, end)
    }
  }

  streamOf(name: string): Stream {
    let stream = this.streams.get(name)
    if (stream === undefined) {
      stream = { name, count: 0 }
      this.streams.set(name, stream)
    }
    return stream
  }

  boundsOf(symbol: string): Bounds {
    let bounds = this.bounds.get(symbol)
    if (bounds === undefined) {
      bounds = this.options.boundsOf(symbol)
      this.bounds.set(symbol, bounds)
    }
    return bounds
  }

  /** Everything read since the last call, topic by topic in the order of the catalogue. */
  take(): Taken[] {
    for (const topic of topics) if (this.builders[topic].count > 0) this.cut(topic)
    const taken = topics.flatMap((topic) => this.full.get(topic) ?? [])
    this.full.clear()
    this.rows = 0
    return taken
  }

  /** Called after rows, no more than a batch holds, were pushed to a builder; `series` of trades, a row each. */
  pushed(topic: IntakeTopic, rows: number, series?: Uint8Array): void {
    this.rows += rows
    if (series !== undefined) this.series.append(series)
    const builder = this.builders[topic]
    // A row of these is never large, so that counting its bytes each time would be the dearest thing done to it.
    if (topic === 'trades' || topic === 'quotes') {
      if (builder.count === maxBatchRows) this.cut(topic)
    } else if (isFull(builder)) this.cut(topic)
  }

  private cut(topic: IntakeTopic): void {
    const series = topic === 'trades' ? this.series.take() : undefined
    const taken = { batch: take(this.builders[topic]) as unknown as Batch, series }
    const list = this.full.get(topic)
    if (list === undefined) this.full.set(topic, [taken])
    else list.push(taken)
  }

  private say(said: Said, bytes: Uint8Array, from: number, end: number): void {
    const symbol = said.row.symbol || (this.options.symbol ?? '')
    const price = impossibleIn(said, this.boundsOf(symbol))
    if (price !== undefined) {
      this.impossiblePrice++
      const { lowest, highest } = this.boundsOf(symbol)
      const message = `${symbol} ${said.topic}: price ${price} is not within ${lowest} … ${highest}`
      this.refuse('VALUE_IMPOSSIBLE', message, bytes, from, end, symbol)
      return
    }
    const { time } = said.row
    const row = { ...said.row, symbol, exchange: this.exchange.id, received: this.received }
    const stamped = time === undefined ? { ...row, time: Number.NaN, timeEstimated: true } : row
    const builder = this.builders[said.topic] as { push(row: Rows[MarketTopic]): void }
    builder.push(stamped as Rows[MarketTopic])
    if (symbol !== '') this.symbols.add(symbol)
    if (said.topic === 'trades') this.series.push(said.series === undefined ? 0 : 1)
    this.pushed(said.topic, 1)
  }

  private refuse(reason: string, message: string, bytes: Uint8Array, from: number, end: number, symbol = ''): void {
    if (reason !== 'VALUE_IMPOSSIBLE') this.unreadable++
    this.builders['dead-letters'].push({
      time: Number.NaN,
      received: this.received,
      exchange: this.exchange.id,
      symbol,
      source: `${this.exchange.id}:${this.options.connection}`,
      reason,
      message: excerpt(message),
      bytes: bytes.subarray(from, end),
      connection: this.options.connection,
      attempts: 1,
    })
    this.rows++
    if (isFull(this.builders['dead-letters'])) this.cut('dead-letters')
  }
}

function isBlank(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (bytes[at]! > space) return false
  return true
}

/** Where the space behind a stamp of 4 to 19 digits stands; −1 when there is none. */
export function stampEnd(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at]! >= 48 && bytes[at]! <= 57) at++
  return bytes[at] === space && at - from >= 4 && at - from <= 19 ? at : -1
}

/** Whole µs of a stamp in ns: its digits without the last three. */
export function stampOf(bytes: Uint8Array, from: number, end: number): number {
  let micros = 0
  for (let at = from; at < end - 3; at++) micros = micros * 10 + (bytes[at]! - 48)
  return micros
}
