// Binance USDⓈ-M messages from ticks and lots, a line each as in a capture: what the simulated market sends.
// Shapes: the captured session usdm-btcusdt-20240808; markPrice and forceOrder as in payloads/binance-usdm.

/** When a line reached us: whole microseconds since 1970, and the nanoseconds beyond them (0…999). */
export type Stamp = { micros: number; nanos: number }

/** Levels of one side: the first `count` entries; 0 lots means that the level is gone. */
export type Levels = { count: number; ticks: Int32Array; lots: Int32Array }

/** `time` is Binance's `T` and `event` its `E`, in whole milliseconds since 1970. */
export type WireTimes = { time: number; event: number }
export type WireTrade = WireTimes & { id: number; tick: number; lots: number; buyerIsMaker: boolean }
export type WireQuote = WireTimes & { sequence: number; bid: number; bidLots: number; ask: number; askLots: number }
export type WireDepth = WireTimes & { first: number; last: number; previous: number; bids: Levels; asks: Levels }
export type WireSnapshot = WireTimes & { sequence: number; bids: Levels; asks: Levels }
/** Prices in 10⁻⁸ of the quote currency, the rate in 10⁻⁸; `nextFunding` in milliseconds. */
export type WireMark = { event: number; mark: number; index: number; rate: number; nextFunding: number }
export type WireLiquidation = WireTimes & { side: 'BUY' | 'SELL'; tick: number; lots: number; averageTick: number }

export type UsdmWriter = {
  trade(at: Stamp, trade: WireTrade): void
  quote(at: Stamp, quote: WireQuote): void
  /** Levels by rising price on both sides, as the exchange sends them. */
  depth(at: Stamp, depth: WireDepth): void
  /** The body of a REST answer, alone on its line; both sides from the best price on. */
  snapshot(at: Stamp, snapshot: WireSnapshot): void
  mark(at: Stamp, mark: WireMark): void
  liquidation(at: Stamp, liquidation: WireLiquidation): void
  /**
   * A server's ping as text, `{"ping":<ms>}`. The exchange itself pings in a frame that no recording of messages shows;
   * the line stands for it, so that a reader proves that a sign of life is no record and no error.
   */
  ping(at: Stamp, event: number): void
  /** Bytes written since the last `drain`. */
  readonly length: number
  /** What was written since the last call: whole lines, in a copy. */
  drain(): Uint8Array
}

/**
 * A writer for one symbol.
 *
 * In: symbol — as Binance spells it; tickSize and lotSize — decimal text; their decimals are those of the wire
 *     ('0.10' writes 61800.20), so a tick must be a whole number of its last digit.
 * Errors: throws RangeError when tickSize or lotSize is not a positive decimal number.
 */
export function usdmWriter({
  symbol,
  tickSize,
  lotSize,
}: {
  symbol: string
  tickSize: string
  lotSize: string
}): UsdmWriter {
  const line = lineBuffer()
  const price = decimal(tickSize)
  const size = decimal(lotSize)
  const stream = (name: string, type: string) =>
    pieces(` {"stream":"${symbol.toLowerCase()}@${name}","data":{"e":"${type}","`)[0]!
  const tradeStart = stream('trade', 'trade')
  const quoteStart = stream('bookTicker', 'bookTicker')
  const depthStart = stream('depth@0ms', 'depthUpdate')
  const markStart = stream('markPrice@1s', 'markPriceUpdate')
  const orderStart = stream('forceOrder', 'forceOrder')
  const [E, T] = pieces('E":', ',"T":')
  const [tradeId, tradePrice, tradeSize] = pieces(`,"s":"${symbol}","t":`, ',"p":"', '","q":"')
  const [makerEnd, takerEnd] = pieces('","X":"MARKET","m":true}}', '","X":"MARKET","m":false}}')
  const [u, bid, bidSize, ask, askSize] = pieces('u":', `,"s":"${symbol}","b":"`, '","B":"', '","a":"', '","A":"')
  const [quoteTime, event, end] = pieces('","T":', ',"E":', '}}')
  const [U, last, previous, bids, asks, listEnd] = pieces(
    `,"s":"${symbol}","U":`,
    ',"u":',
    ',"pu":',
    ',"b":[',
    '],"a":[',
    ']}}',
  )
  const [lastUpdateId, snapshotEvent, snapshotBids, snapshotAsks, snapshotEnd] = pieces(
    ' {"lastUpdateId":',
    ',"E":',
    ',"bids":[',
    '],"asks":[',
    ']}',
  )
  const [levelStart, levelMiddle, levelEnd, comma] = pieces('["', '","', '"]', ',')

  function start({ micros, nanos }: Stamp, first: Uint8Array): void {
    line.integer(micros)
    line.padded(nanos, 3)
    line.put(first)
  }

  function levels({ count, ticks, lots }: Levels): void {
    line.reserve(count * 64 + 256)
    for (let i = 0; i < count; i++) {
      if (i > 0) line.put(comma!)
      line.put(levelStart!)
      line.decimal(ticks[i]!, price)
      line.put(levelMiddle!)
      line.decimal(lots[i]!, size)
      line.put(levelEnd!)
    }
  }

  return {
    trade(at, trade) {
      line.reserve(512)
      start(at, tradeStart)
      line.put(E!)
      line.integer(trade.event)
      line.put(T!)
      line.integer(trade.time)
      line.put(tradeId!)
      line.integer(trade.id)
      line.put(tradePrice!)
      line.decimal(trade.tick, price)
      line.put(tradeSize!)
      line.decimal(trade.lots, size)
      line.put(trade.buyerIsMaker ? makerEnd! : takerEnd!)
      line.end()
    },
    quote(at, quote) {
      line.reserve(512)
      start(at, quoteStart)
      line.put(u!)
      line.integer(quote.sequence)
      line.put(bid!)
      line.decimal(quote.bid, price)
      line.put(bidSize!)
      line.decimal(quote.bidLots, size)
      line.put(ask!)
      line.decimal(quote.ask, price)
      line.put(askSize!)
      line.decimal(quote.askLots, size)
      line.put(quoteTime!)
      line.integer(quote.time)
      line.put(event!)
      line.integer(quote.event)
      line.put(end!)
      line.end()
    },
    depth(at, depth) {
      line.reserve(512)
      start(at, depthStart)
      line.put(E!)
      line.integer(depth.event)
      line.put(T!)
      line.integer(depth.time)
      line.put(U!)
      line.integer(depth.first)
      line.put(last!)
      line.integer(depth.last)
      line.put(previous!)
      line.integer(depth.previous)
      line.put(bids!)
      levels(depth.bids)
      line.put(asks!)
      levels(depth.asks)
      line.put(listEnd!)
      line.end()
    },
    snapshot(at, snapshot) {
      line.reserve(512)
      start(at, lastUpdateId!)
      line.integer(snapshot.sequence)
      line.put(snapshotEvent!)
      line.integer(snapshot.event)
      line.put(T!)
      line.integer(snapshot.time)
      line.put(snapshotBids!)
      levels(snapshot.bids)
      line.put(snapshotAsks!)
      levels(snapshot.asks)
      line.put(snapshotEnd!)
      line.end()
    },
    // Once a second, or for a rare event: plain text is fast enough, and easier to read.
    mark(at, { event, mark, index, rate, nextFunding }) {
      start(at, markStart)
      const prices = `"p":"${e8(mark)}","P":"${e8(mark)}","i":"${e8(index)}","r":"${e8(rate)}"`
      line.text(`E":${event},"s":"${symbol}",${prices},"T":${nextFunding}}}`)
      line.end()
    },
    liquidation(at, { time, event, side, tick, lots, averageTick }) {
      start(at, orderStart)
      const filled = size.text(lots)
      const order = `"s":"${symbol}","S":"${side}","o":"LIMIT","f":"IOC","q":"${filled}","p":"${price.text(tick)}"`
      const result = `"ap":"${price.text(averageTick)}","X":"FILLED","l":"${filled}","z":"${filled}","T":${time}`
      line.text(`E":${event},"o":{${order},${result}}}}`)
      line.end()
    },
    ping(at, event) {
      line.integer(at.micros)
      line.padded(at.nanos, 3)
      line.text(` {"ping":${event}}`)
      line.end()
    },
    get length() {
      return line.length
    },
    drain: line.drain,
  }
}

type Decimal = { units: number; digits: number; scale: number; text(steps: number): string }

/** How a whole number of steps is written: '0.10' is 10 units of two digits. */
function decimal(step: string): Decimal {
  if (!/^\d+(\.\d+)?$/.test(step) || !(Number(step) > 0)) throw new RangeError(`not a positive decimal number: ${step}`)
  const digits = step.split('.')[1]?.length ?? 0
  const units = Number(step.replace('.', ''))
  const text = (steps: number) => {
    const all = String(Math.round(steps * units)).padStart(digits + 1, '0')
    return digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`
  }
  return { units, digits, scale: 10 ** digits, text }
}

/** A whole number of 10⁻⁸ as decimal text. */
function e8(value: number): string {
  const digits = String(Math.abs(value)).padStart(9, '0')
  return `${value < 0 ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`
}

function pieces(...texts: string[]): Uint8Array[] {
  return texts.map((text) => Uint8Array.from(Buffer.from(text, 'latin1')))
}

/** Bytes of lines, built digit by digit: text by strings took four times as long. */
function lineBuffer() {
  let bytes = new Uint8Array(1 << 18)
  let at = 0

  function reserve(count: number): void {
    if (at + count <= bytes.length) return
    const larger = new Uint8Array(Math.max(bytes.length * 2, at + count))
    larger.set(bytes.subarray(0, at))
    bytes = larger
  }

  /** Whole numbers up to 2³¹ at the speed of integers. */
  function small(value: number): void {
    let width = 1
    for (let limit = 10; value >= limit && width < 10; limit *= 10) width += 1
    padded(value, width)
  }

  function padded(value: number, width: number): void {
    let rest = value | 0
    for (let i = at + width - 1; i >= at; i--) {
      const tenth = (rest / 10) | 0
      bytes[i] = 48 + rest - tenth * 10
      rest = tenth
    }
    at += width
  }

  function integer(value: number): void {
    if (value < 1e9) {
      small(value)
      return
    }
    // Two halves of at most nine digits each: a microsecond of our days has sixteen.
    const high = Math.floor(value / 1e8)
    if (high >= 1e9) integer(high)
    else small(high)
    padded(value - high * 1e8, 8)
  }

  return {
    reserve,
    padded,
    integer,
    put(piece: Uint8Array): void {
      const count = piece.length
      for (let i = 0; i < count; i++) bytes[at + i] = piece[i]!
      at += count
    },
    decimal(steps: number, { units, digits, scale }: Decimal): void {
      const value = steps * units
      const whole = Math.floor(value / scale)
      integer(whole)
      if (digits === 0) return
      bytes[at++] = 46
      padded(value - whole * scale, digits)
    },
    text(text: string): void {
      reserve(text.length + 64)
      for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    },
    end(): void {
      bytes[at++] = 10
    },
    get length() {
      return at
    },
    drain(): Uint8Array {
      const copy = bytes.slice(0, at)
      at = 0
      return copy
    },
  }
}
