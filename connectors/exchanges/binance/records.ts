// The events of Binance's streams, one function a kind: fields of a message → records.

import {
  decimalOf,
  flagOf,
  isObject,
  type JsonObject,
  notNegativeOf,
  positiveOf,
  textOf,
  unreadable,
  wholeOf,
} from '../../json.ts'
import type { Said } from '../exchange.ts'
import { absentText, microsOf, pricesOf } from './fields.ts'
import type { Market } from './parse.ts'

interface Kind {
  /** The stream's name behind the @, for messages that came without one. */
  stream(data: JsonObject): string
  records(data: JsonObject, about: { stream: string; market: Market }): readonly Said[]
}

/** Kinds that make records, by their `e`. */
export const events: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['trade', { stream: () => 'trade', records: (data) => [trade(data)] }],
  ['aggTrade', { stream: () => 'aggTrade', records: (data) => [aggregatedTrade(data)] }],
  ['bookTicker', { stream: () => 'bookTicker', records: (data) => [quote(data)] }],
  ['depthUpdate', { stream: () => 'depth', records: (data, { stream }) => [depth(data, stream)] }],
  ['markPriceUpdate', { stream: () => 'markPrice', records: (data) => mark(data) }],
  ['forceOrder', { stream: () => 'forceOrder', records: (data) => [liquidation(data)] }],
  ['kline', { stream: klineStream, records: (data, { market }) => candle(data, market) }],
])

/** Kinds that are documented and carry nothing for a topic: statistics, announcements, and the private streams. */
export const nothing: ReadonlySet<string> = new Set([
  ...['24hrTicker', '24hrMiniTicker', '1hTicker', '4hTicker', '1dTicker', 'avgPrice', 'continuous_kline'],
  ...['indexPriceUpdate', 'indexPrice_kline', 'markPrice_kline', 'compositeIndex', 'contractInfo', 'assetIndexUpdate'],
  ...['tradingSession', 'serverShutdown', 'eventStreamTerminated', 'referencePrice'],
  ...['executionReport', 'outboundAccountPosition', 'balanceUpdate', 'listStatus', 'listenKeyExpired'],
  ...['externalLockUpdate', 'ACCOUNT_UPDATE', 'ACCOUNT_CONFIG_UPDATE', 'ORDER_TRADE_UPDATE', 'TRADE_LITE'],
  ...['MARGIN_CALL', 'ALGO_UPDATE', 'STRATEGY_UPDATE', 'GRID_UPDATE', 'CONDITIONAL_ORDER_TRIGGER_REJECT'],
])

/** `m` true: the buyer's order was resting, so the taker sold. */
function trade(data: JsonObject): Said<'trades'> {
  return { topic: 'trades', row: tradeRow(data, wholeOf(data.t, 't')) }
}

/** Fills of one taker order at one price. Its ids (`a`) are a series of their own beside those of `trade`. */
function aggregatedTrade(data: JsonObject): Said<'trades'> {
  return { topic: 'trades', row: tradeRow(data, wholeOf(data.a, 'a')), series: 'agg' }
}

function tradeRow(data: JsonObject, id: bigint): Said<'trades'>['row'] {
  return {
    time: microsOf(data.T ?? data.E, 'T'),
    symbol: textOf(data.s, 's'),
    price: positiveOf(data.p, 'p'),
    size: positiveOf(data.q, 'q'),
    side: flagOf(data.m, 'm') ? 'sell' : 'buy',
    id: String(id),
  }
}

/** Best prices. Spot sends no time. */
export function quote(data: JsonObject): Said<'quotes'> {
  const time = data.T ?? data.E
  const row = {
    time: time === undefined ? undefined : microsOf(time, 'T'),
    symbol: textOf(data.s, 's'),
    bid: positiveOf(data.b, 'b'),
    bidSize: positiveOf(data.B, 'B'),
    ask: positiveOf(data.a, 'a'),
    askSize: positiveOf(data.A, 'A'),
    sequence: wholeOf(data.u, 'u'),
  }
  return { topic: 'quotes', row }
}

/** New sizes at prices. The futures' @depth5/10/20 looks the same but is the whole top of the book: its stream's name says so. */
function depth(data: JsonObject, stream: string): Said<'books'> {
  const row = {
    time: microsOf(data.T ?? data.E, 'T'),
    symbol: textOf(data.s, 's'),
    snapshot: /@depth\d/.test(stream) && !/@depth@/.test(stream),
    sequence: wholeOf(data.u, 'u'),
    firstSequence: wholeOf(data.U, 'U'),
    previousSequence: data.pu === undefined ? undefined : wholeOf(data.pu, 'pu'),
    bids: pricesOf(data.b, 'b'),
    asks: pricesOf(data.a, 'a'),
  }
  return { topic: 'books', row }
}

/** A REST snapshot. Spot's has no time, and only COIN-M's names its symbol. */
export function snapshot(data: JsonObject, symbol: string): Said<'books'> {
  const time = data.T ?? data.E
  const row = {
    time: time === undefined ? undefined : microsOf(time, 'T'),
    symbol: symbol || absentText(data.symbol),
    snapshot: true,
    sequence: wholeOf(data.lastUpdateId, 'lastUpdateId'),
    bids: pricesOf(data.bids, 'bids'),
    asks: pricesOf(data.asks, 'asks'),
  }
  return { topic: 'books', row }
}

/** `T` is when funding is paid next, so the time is `E`. Delivery futures have no funding: r is "" and T 0. */
function mark(data: JsonObject): readonly Said[] {
  const common = { time: microsOf(data.E, 'E'), symbol: textOf(data.s, 's') }
  const index = absentText(data.i) === '' ? undefined : positiveOf(data.i, 'i')
  const marks: Said<'marks'> = { topic: 'marks', row: { ...common, mark: positiveOf(data.p, 'p'), index } }
  if (absentText(data.r) === '') return [marks]
  const next = data.T === 0 ? undefined : microsOf(data.T, 'T')
  return [marks, { topic: 'funding', row: { ...common, rate: decimalOf(data.r, 'r'), next } }]
}

/** An order that the exchange forced: its own price, size and side. */
function liquidation(data: JsonObject): Said<'liquidations'> {
  const order = data.o
  if (!isObject(order)) throw unreadable('o', order)
  const side = order.S
  if (side !== 'BUY' && side !== 'SELL') throw unreadable('S', side)
  const row = {
    time: microsOf(order.T ?? data.E, 'T'),
    symbol: textOf(order.s, 's'),
    price: positiveOf(order.p, 'p'),
    size: positiveOf(order.q, 'q'),
    side: side === 'BUY' ? ('buy' as const) : ('sell' as const),
  }
  return { topic: 'liquidations', row }
}

function klineStream(data: JsonObject): string {
  return isObject(data.k) ? `kline_${absentText(data.k.i)}` : 'kline'
}

/** A candle when it is closed (`x`); until then each message repeats it half made. `q` of COIN-M is in the base currency. */
function candle(data: JsonObject, market: Market): readonly Said[] {
  const k = data.k
  if (!isObject(k)) throw unreadable('k', k)
  if (!flagOf(k.x, 'k.x')) return []
  const row: Said<'candles'>['row'] = {
    // T is the candle's last millisecond.
    time: microsOf(k.T, 'k.T') + 1000,
    symbol: textOf(k.s ?? data.s, 's'),
    openTime: microsOf(k.t, 'k.t'),
    interval: textOf(k.i, 'k.i'),
    open: positiveOf(k.o, 'k.o'),
    high: positiveOf(k.h, 'k.h'),
    low: positiveOf(k.l, 'k.l'),
    close: positiveOf(k.c, 'k.c'),
    volume: notNegativeOf(k.v, 'k.v'),
    quoteVolume: market.inverse ? undefined : notNegativeOf(k.q, 'k.q'),
    trades: Number(wholeOf(k.n, 'k.n')),
  }
  return [{ topic: 'candles', row }]
}

/** Open interest of a REST answer. */
export function openInterest(data: JsonObject, symbol: string): Said<'interest'> {
  const row = {
    time: data.time === undefined ? undefined : microsOf(data.time, 'time'),
    symbol: absentText(data.symbol) || symbol,
    openInterest: notNegativeOf(data.openInterest, 'openInterest'),
  }
  return { topic: 'interest', row }
}
