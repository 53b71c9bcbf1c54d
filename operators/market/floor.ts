// What every participant of the simulated market sees and may do.

import type { Random } from '../random.ts'
import type { MatchingBook, Side } from './book.ts'

/** Who an order in the book belongs to. Makers have two numbers each: their best quotes, and the ladder behind. */
export const owners = { deepBids: 0, deepAsks: 1, touchBids: 2, touchAsks: 3, makers: 4 } as const

export type Floor = {
  /** Microseconds since the start of the run. */
  now: number
  /** What one unit is worth to those who know, in ticks (not whole): prices of other markets, news. */
  value: number
  /** How far the market trades from `value`, in ticks: 0 but after a crash, whose traces fade. */
  discount: number
  /** How busy everyone is; 1 on average. */
  activity: number
  readonly book: MatchingBook
  readonly draw: Random
  /** One tick and one lot of participants' rules in ticks and lots of this instrument (BTCUSDT at 61,800: 1 and 1). */
  readonly ticks: number
  readonly lots: number
  /** Sends a taking order; matched up to `limit`, the rest expires. Returns what was filled, and at what price. */
  take(side: Side, lots: number, limit: number): { lots: number; averageTick: number }
}

/** A participant that acts at random times. */
export type Participant = {
  /** Expected actions a second, asked again every 10 ms. */
  rate(): number
  act(): void
}

/** Middle of the best prices, in ticks. */
export function middle({ book }: Floor): number {
  return (book.bid + book.ask) / 2
}

/** A size with that median and a heavy tail, in whole lots, at least 1. */
export function heavySize({ draw, lots }: Floor, median: number, most: number): number {
  return Math.max(1, Math.round(Math.min(median * draw.odds(), most) * lots))
}
