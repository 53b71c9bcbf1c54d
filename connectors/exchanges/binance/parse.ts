// Text of one Binance message → what it says. Spot, USDⓈ-M and COIN-M differ in a few fields that are there or not.
// Message shapes: developers.binance.com, "Web Socket Streams" of the three markets (read 2026-11-21), and the captured
// sessions of 2021 and 2024 that the tests read.
import { SmartspeedError } from '../../../schemas/errors.ts'
import { excerpt, isList, isObject, type Json, type JsonObject, parseJson, textOf } from '../../json.ts'
import type { Message, Named } from '../exchange.ts'
import { instruments } from './exchange-info.ts'
import { events, nothing, openInterest, quote, snapshot } from './records.ts'

/** What differs between the markets. */
export interface Market {
  readonly inverse: boolean
  readonly named: (symbol: string) => Named
}

const depthSnapshot = 'REST depth snapshot'

/**
 * What one message says. Knows the combined form {"stream","data"}, the raw form, REST bodies (bare, and wrapped as
 * {"rest":url,"data":body} or {"url","received_unix_s","body"}), acknowledgements and pings.
 *
 * Times are exact: `T` (matching) else `E` (event), ms or µs on the wire, µs here.
 * @throws SmartspeedError MESSAGE_UNREADABLE on text that is not JSON, or a record that lacks a number;
 *         MESSAGE_UNKNOWN on a shape that no document or capture shows
 */
export function parse(message: string, market: Market): Message {
  const json = parseJson(message)
  if (!isObject(json)) return list('', json, market, message)
  const { stream, data } = json
  if (typeof stream === 'string' && data !== undefined) {
    return isObject(data) ? event(stream, data, market, message) : list(stream, data, market, message)
  }
  if (typeof json.rest === 'string') return answer(json.rest, data, market, message)
  if (typeof json.url === 'string') return answer(json.url, json.body, market, message)
  if (typeof json.e === 'string' || json.u !== undefined) return event('', json, market, message)
  return body('', json, market, message)
}

/** Several events in one message: !markPrice@arr, !ticker@arr. */
function list(stream: string, json: Json, market: Market, message: string): Message {
  if (!isList(json)) throw unknown(message)
  const parts = json.map((one) => {
    if (!isObject(one) || typeof one.e !== 'string') throw unknown(message)
    return event('', one, market, message)
  })
  return { stream: stream || parts[0]?.stream || 'list', records: parts.flatMap(({ records }) => records) }
}

function event(stream: string, data: JsonObject, market: Market, message: string): Message {
  const { e } = data
  if (e === undefined) {
    // The only stream messages without a type: spot's best prices and its partial books.
    if (data.lastUpdateId !== undefined) return partialBook(stream, data)
    if (data.u !== undefined && data.b !== undefined) {
      return { stream: stream || `${lower(data)}@bookTicker`, records: [quote(data)] }
    }
    throw unknown(message)
  }
  if (typeof e !== 'string') throw unknown(message)
  const kind = events.get(e)
  if (kind !== undefined) {
    return { stream: stream || `${lower(data)}@${kind.stream(data)}`, records: kind.records(data, { stream, market }) }
  }
  if (nothing.has(e)) return { stream: stream || `${lower(data)}@${e}`, records: [] }
  throw unknown(message)
}

/** Spot's @depth5/10/20: the best levels as a whole; the symbol stands in the stream's name alone. */
function partialBook(stream: string, data: JsonObject): Message {
  const symbol = stream.includes('@') ? stream.slice(0, stream.indexOf('@')).toUpperCase() : ''
  return { stream: stream || depthSnapshot, records: [snapshot(data, symbol)] }
}

/** A REST answer whose address is known, and with it the symbol. */
function answer(url: string, json: Json | undefined, market: Market, message: string): Message {
  const symbol = /[?&]symbol=([^&]+)/.exec(url)?.[1] ?? ''
  if (isObject(json)) return body(symbol, json, market, message)
  // Lists of trades, candles, tickers: history that other commands load.
  if (isList(json)) return { stream: `REST ${pathOf(url)}`, records: [] }
  throw unknown(message)
}

/** A REST body, or what a server says about the connection. */
function body(symbol: string, json: JsonObject, market: Market, message: string): Message {
  if (json.lastUpdateId !== undefined && json.bids !== undefined) {
    return { stream: depthSnapshot, records: [snapshot(json, symbol)] }
  }
  if (isList(json.symbols)) return { stream: 'REST exchangeInfo', records: instruments(json, market) }
  if (json.openInterest !== undefined) return { stream: 'REST openInterest', records: [openInterest(json, symbol)] }
  const silent = silentKind(json)
  if (silent !== undefined) return { stream: silent, records: [] }
  throw unknown(message)
}

/** Messages that say nothing for a topic, by their keys. */
function silentKind(json: JsonObject): string | undefined {
  const keys = Object.keys(json)
  const has = (...names: string[]) => names.every((name) => json[name] !== undefined)
  if (keys.length === 0) return 'REST ping'
  if (keys.length === 1 && (has('ping') || has('pong'))) return keys[0]
  if (json.id !== undefined && (json.result !== undefined || json.error !== undefined)) return 'acknowledgement'
  if (has('code', 'msg') && keys.length === 2) return 'error'
  if (keys.length === 1 && has('serverTime')) return 'REST time'
  if (has('mins', 'price')) return 'REST avgPrice'
  if (has('symbol', 'bidPrice', 'askPrice') || has('symbol', 'price')) return 'REST ticker'
  return undefined
}

function lower(data: JsonObject): string {
  const order = data.o
  const symbol = data.s ?? (isObject(order) ? order.s : undefined)
  return symbol === undefined ? '' : textOf(symbol, 's').toLowerCase()
}

function pathOf(url: string): string {
  return url.replace(/\?.*$/, '').split('/').pop() ?? ''
}

function unknown(message: string): SmartspeedError {
  return new SmartspeedError('MESSAGE_UNKNOWN', `a Binance message of a shape that is not known: ${excerpt(message)}`)
}
