// Binance's usual messages from lines of a capture into columns, in Rust. What is not usual is left to the parser (connectors/exchanges/binance).
import { load } from './index.ts'

/** What `native/src/binance.rs` exports. */
interface Addon {
  BinanceScanner: new () => BinanceLines
}

const addon = load<Addon>()

/** Kinds of streams that are read in Rust, by number. */
export const scannedKinds = ['trade', 'aggTrade', 'bookTicker', 'depthUpdate'] as const

/** A reader of lines, which knows the streams that it was told of. */
export interface BinanceLines {
  /**
   * From now on messages of a stream are read here, or left to the parser when `kind` is undefined.
   *
   * In:  name — bytes of its name; kind — a number of `scannedKinds`; symbol — bytes of the symbol as messages write it;
   *      lowest, highest — prices of trades and quotes outside of these are left to the parser.
   * Out: the stream's number, counted up by one from 0; those of the parser have none.
   */
  meet(name: Uint8Array, kind: number | undefined, symbol: Uint8Array, lowest: number, highest: number): number
  /**
   * Reads lines of `<receive time, ns> <message>` from `from` on, until one that is not of the usual form, or until `rows` were read.
   *
   * In: received — µs, of the line before: one stamped earlier is left to the parser; NaN: the first line is.
   */
  scan(bytes: Uint8Array, from: number, rows: number, received: number): Scan
}

/** What was read. Arrays are the caller's. */
export interface Scan {
  /** Where the next line begins; where the bytes end, or one behind them, when all was read. */
  readonly at: number
  /** Of the last line, µs. */
  readonly received: number
  /** Rows of all columns: one a line. */
  readonly lines: number
  /** The next line is of a stream that was not met: where its name stands. */
  readonly nameFrom?: number
  readonly nameTo?: number
  readonly trades?: ScannedTrades
  readonly quotes?: ScannedQuotes
  readonly books?: ScannedBooks
}

interface Scanned {
  /** Number of each row's stream. */
  readonly stream: Uint32Array
  /** µs; NaN where the message has none (quotes alone). */
  readonly time: Float64Array
  readonly received: Float64Array
}

export interface ScannedTrades extends Scanned {
  readonly price: Float64Array
  readonly size: Float64Array
  readonly side: Uint8Array
  /** 1 where the id is an aggregated trade's. */
  readonly series: Uint8Array
  /** The digits of all ids, and where each ends. */
  readonly ids: Uint8Array
  readonly idEnds: Uint32Array
}

export interface ScannedQuotes extends Scanned {
  readonly bid: Float64Array
  readonly bidSize: Float64Array
  readonly ask: Float64Array
  readonly askSize: Float64Array
  readonly sequence: BigInt64Array
}

/** Ids that a message does not have are −2⁶³. */
export interface ScannedBooks extends Scanned {
  readonly first: BigInt64Array
  readonly last: BigInt64Array
  readonly previous: BigInt64Array
  readonly bidPrice: Float64Array
  readonly bidSize: Float64Array
  /** Where the levels of each row end. */
  readonly bidEnds: Uint32Array
  readonly askPrice: Float64Array
  readonly askSize: Float64Array
  readonly askEnds: Uint32Array
}

/** A reader that knows no stream yet. */
export function binanceLines(): BinanceLines {
  return new addon.BinanceScanner()
}
