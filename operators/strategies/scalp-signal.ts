// What the scalper judges by: how much is traded, by whom, and how far four signs agree.
import type { Market } from '../desk.ts'
import type { Instrument } from '../instrument.ts'

/** Parts of a window that fade out one by one. */
const parts = 60

/**
 * Quote volume of the trades of the last `seconds`, by the taker's side, in sixtieths of the window: what is in it is between
 * 59/60 and all of the window old. Times are received times, µs. Plain numbers, so that it can be packed.
 */
export interface TradeWindow {
  readonly partUs: number
  readonly bought: Float64Array
  readonly sold: Float64Array
  /** Number of the newest part since 1970. */
  newest: number
}

export function tradeWindow(seconds: number): TradeWindow {
  const [bought, sold] = [new Float64Array(parts), new Float64Array(parts)]
  return { partUs: (seconds * 1_000_000) / parts, bought, sold, newest: Number.NEGATIVE_INFINITY }
}

/** Takes a trade in: `size` in the exchange's unit. */
export function addTrade(
  window: TradeWindow,
  instrument: Instrument,
  { now, price, size, side }: { now: number; price: number; size: number; side: 'buy' | 'sell' },
): void {
  forget(window, now)
  const { contractSize, inverse } = instrument
  // A contract of an inverse instrument is worth so many units of the quote currency whatever the price.
  const value = inverse ? size * contractSize : price * size * contractSize
  const to = side === 'buy' ? window.bought : window.sold
  to[window.newest % parts]! += value
}

/** Quote volume that takers bought and sold within the window, as of `now`. */
export function tradedValue(window: TradeWindow, now: number): { bought: number; sold: number } {
  forget(window, now)
  let [bought, sold] = [0, 0]
  for (let i = 0; i < parts; i++) {
    bought += window.bought[i]!
    sold += window.sold[i]!
  }
  return { bought, sold }
}

/** Empties the parts that left the window. */
function forget(window: TradeWindow, now: number): void {
  const newest = Math.floor(now / window.partUs)
  const gone = Math.min(parts, newest - window.newest)
  for (let i = 0; i < gone; i++) {
    window.bought[(newest - i) % parts] = 0
    window.sold[(newest - i) % parts] = 0
  }
  window.newest = Math.max(newest, window.newest)
}

export interface Signs {
  /** Standard deviation of the price changes of bars. */
  readonly volatility: number
  /** Price change over ten bars. */
  readonly momentum: number
  /** 0…100. */
  readonly rsi: number
  /** Quote volume that takers bought and sold. */
  readonly bought: number
  readonly sold: number
}

/**
 * Where the price is expected to go: sign up or down, size in [0, 1]; the mean of four signs in [−1, 1]:
 * - the book: (bid size − ask size) / (bid size + ask size); the tilt of the microprice off the middle, in half spreads, is
 *   the same number, and is not counted twice;
 * - the takers: (bought − sold) / (bought + sold);
 * - the trend: momentum / (volatility × √10), cut to ±1: ten bars' move in deviations of such a move;
 * - the oscillator: (rsi − 50) / 20, cut to ±1: its usual bounds of 30 and 70 are the ends.
 *
 * A sign whose denominator is 0 is 0. NaN where one of them is not known yet.
 */
export function scoreOf({ bidLots, askLots }: Pick<Market, 'bidLots' | 'askLots'>, signs: Signs): number {
  const { volatility, momentum, rsi, bought, sold } = signs
  const book = share(bidLots - askLots, bidLots + askLots)
  const takers = share(bought - sold, bought + sold)
  const trend = share(momentum, volatility * Math.sqrt(10))
  const oscillator = share(rsi - 50, 20)
  return (book + takers + trend + oscillator) / 4
}

/**
 * How sure a score is, in [0, 1]: ½ where the signs cancel out, 1 where all are at their ends. It is a rule, not a measured
 * probability: 0.7 asks for signs that agree to 40 %.
 */
export function confidenceOf(score: number): number {
  return (1 + Math.abs(score)) / 2
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.max(-1, Math.min(1, part / whole))
}
