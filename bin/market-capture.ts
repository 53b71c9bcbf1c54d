// What the simulated market publishes, as the lines of a capture, and as the truth against which an import is checked.

import { type UsdmWriter, usdmWriter } from '../connectors/exchanges/binance/write.ts'
import type { MatchingBook, Side } from '../operators/market/book.ts'
import { createConnection } from '../operators/market/connection.ts'
import type { MarketSink } from '../operators/market/market.ts'
import { random } from '../operators/random.ts'

/** The first line of a truth file. Times are in µs since 1970; the crash is null when there is none. */
export type TruthHeader = {
  kind: 'header'
  exchange: string
  symbol: string
  seed: string
  tickSize: string
  lotSize: string
  start: number
  crash: { from: number; to: number; depth: number } | null
}
/** A trade as the market made it; `time` is that of the wire, whole milliseconds written in µs. */
export type TruthTrade = { kind: 'trade'; id: number; time: number; tick: number; lots: number; side: 'buy' | 'sell' }
/** The whole book right after the depth message whose `u` is `sequence`: tick, lots, tick, lots, … from the best on. */
export type TruthBook = { kind: 'book'; time: number; sequence: number; bids: number[]; asks: number[] }
/** The last line: how many lines of each kind the capture has; `books` are depth messages and the snapshot. */
export type TruthEnd = { kind: 'end' } & Counts

export type Counts = {
  lines: number
  trades: number
  quotes: number
  books: number
  marks: number
  liquidations: number
  pings: number
}

export type MarketCapture = {
  sink: MarketSink
  counts: Counts
  /** Receive time of the first and the last line, µs since 1970. */
  range: { from: number; to: number }
  /** Writes what still waits for its receive time; the end of the capture. */
  end(): void
  /** Bytes that wait in both; a drain takes them. */
  readonly waiting: number
  drainCapture(): Uint8Array
  drainTruth(): Uint8Array
}

/** A REST answer shows this many levels a side at most. */
const snapshotLevels = 1000
const pingSeconds = 20
const fundingHours = 8

/**
 * Lines in the order in which one connection receives them. A depth message is sent 1 to 5 ms after the quotes of the
 * same moment, as on the real exchange; a REST answer takes 60 to 100 ms.
 *
 * In: start — µs since 1970, whole milliseconds; tickSize, lotSize — decimal text. A truth is written unless told not to.
 */
export function marketCapture(options: {
  seed: string
  exchange: string
  symbol: string
  start: number
  tickSize: string
  lotSize: string
  crash: { from: number; to: number; depth: number } | undefined
  truth: boolean
}): MarketCapture {
  const { start, symbol, tickSize, lotSize, seed } = options
  const wire: UsdmWriter = usdmWriter({ symbol, tickSize, lotSize })
  const connection = createConnection(seed)
  const draw = random(`${seed}/sending`)
  const counts: Counts = { lines: 0, trades: 0, quotes: 0, books: 0, marks: 0, liquidations: 0, pings: 0 }
  const range = { from: 0, to: 0 }
  const truth: string[] = []
  let truthLength = 0
  let delayed: { due: number; write(): void }[] = []

  const millis = (time: number) => Math.floor((start + time) / 1000)

  function tell(record: object): void {
    if (options.truth) tellLine(JSON.stringify(record))
  }

  function tellLine(line: string): void {
    truth.push(line)
    truthLength += line.length + 1
  }

  function arrival(time: number) {
    const stamp = connection.arrival(start + time)
    if (counts.lines === 0) range.from = stamp.micros
    range.to = stamp.micros
    counts.lines += 1
    return stamp
  }

  function sendDelayed(until: number): void {
    while (delayed.length > 0 && delayed[0]!.due <= until) delayed.shift()!.write()
  }

  function later(due: number, write: () => void): void {
    delayed.push({ due, write })
    delayed.sort((a, b) => a.due - b.due)
  }

  const { crash } = options
  tell({
    kind: 'header',
    exchange: options.exchange,
    symbol,
    seed,
    tickSize,
    lotSize,
    start,
    crash: crash === undefined ? null : { from: start + crash.from, to: start + crash.to, depth: crash.depth },
  } satisfies TruthHeader)

  const sink: MarketSink = {
    trade(time, { id, tick, lots, taker }) {
      if (delayed.length > 0) sendDelayed(time)
      const at = millis(time)
      wire.trade(arrival(time), { time: at, event: at, id, tick, lots, buyerIsMaker: taker === -1 })
      counts.trades += 1
      if (options.truth) {
        const side = taker === 1 ? 'buy' : 'sell'
        tellLine(`{"kind":"trade","id":${id},"time":${at}000,"tick":${tick},"lots":${lots},"side":"${side}"}`)
      }
    },
    quote(time, book) {
      if (delayed.length > 0) sendDelayed(time)
      const at = millis(time)
      const { bid, ask, sequence } = book
      const bidLots = book.lotsAt(bid)
      const askLots = book.lotsAt(ask)
      wire.quote(arrival(time), { time: at, event: at, sequence, bid, bidLots, ask, askLots })
      counts.quotes += 1
    },
    depth(time, changes, last, previous) {
      sendDelayed(time)
      const { first } = changes
      const bids = kept(changes.bids, changes.bidTicks, changes.bidLots)
      const asks = kept(changes.asks, changes.askTicks, changes.askLots)
      const at = millis(time)
      const event = at + (draw.next() < 0.2 ? 1 : 0)
      const due = time + 1000 + 4000 * draw.next()
      counts.books += 1
      later(due, () => wire.depth(arrival(due), { time: at, event, first, last, previous, bids, asks }))
    },
    book(time, book) {
      if (!options.truth) return
      const whole: TruthBook = {
        kind: 'book',
        time: millis(time) * 1000,
        sequence: book.sequence,
        bids: levels(book, 1),
        asks: levels(book, -1),
      }
      tell(whole)
    },
    snapshot(time, book) {
      sendDelayed(time)
      const at = millis(time)
      const { sequence } = book
      const [bids, asks] = [columns(levels(book, 1)), columns(levels(book, -1))]
      const due = time + 60_000 + 40_000 * draw.next()
      counts.books += 1
      later(due, () => wire.snapshot(arrival(due), { time: at, event: at + 8, sequence, bids, asks }))
    },
    mark(time, mark, index, rate) {
      sendDelayed(time)
      const event = millis(time)
      const hours = fundingHours * 3_600_000
      const nextFunding = (Math.floor(event / hours) + 1) * hours
      const tick = Number(tickSize)
      wire.mark(arrival(time), {
        event,
        mark: Math.round(mark * tick * 1e8),
        index: Math.round(index * tick * 1e8),
        rate: Math.round(rate * 1e8),
        nextFunding,
      })
      counts.marks += 1
      if (Math.round(time / 1e6) % pingSeconds === 0) {
        wire.ping(arrival(time), event)
        counts.pings += 1
      }
    },
    liquidation(time, { side, lots, limit, averageTick }) {
      sendDelayed(time)
      const at = millis(time)
      wire.liquidation(arrival(time), { time: at, event: at, side: sideName(side), tick: limit, lots, averageTick })
      counts.liquidations += 1
    },
  }

  return {
    sink,
    counts,
    range,
    end() {
      sendDelayed(Number.POSITIVE_INFINITY)
      delayed = []
      tell({ kind: 'end', ...counts } satisfies TruthEnd)
    },
    get waiting() {
      return wire.length + truthLength
    },
    drainCapture: wire.drain,
    drainTruth() {
      if (truth.length === 0) return new Uint8Array()
      const bytes = Buffer.from(`${truth.join('\n')}\n`, 'latin1')
      truth.length = 0
      truthLength = 0
      return bytes
    },
  }
}

const sideName = (side: Side) => (side === 1 ? 'BUY' : 'SELL')

/** Every level of one side from the best on: tick, lots, tick, lots, … */
function levels(book: MatchingBook, side: Side): number[] {
  const flat: number[] = []
  let tick = side === 1 ? book.bid : book.ask
  for (let lots = book.lotsAt(tick); lots > 0; lots = book.lotsAt(tick)) {
    flat.push(tick, lots)
    tick = book.nextLevel(side, tick)
  }
  return flat
}

const kept = (count: number, ticks: Int32Array, lots: Int32Array) => ({
  count,
  ticks: ticks.slice(0, count),
  lots: lots.slice(0, count),
})

function columns(flat: readonly number[]): { count: number; ticks: Int32Array; lots: Int32Array } {
  const count = Math.min(flat.length / 2, snapshotLevels)
  return {
    count,
    ticks: Int32Array.from({ length: count }, (_, i) => flat[2 * i]!),
    lots: Int32Array.from({ length: count }, (_, i) => flat[2 * i + 1]!),
  }
}
