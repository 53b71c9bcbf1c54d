// What sends an order in parts: the parent, its children, and what an algorithm may do with them.
import type { z } from 'zod'
import type { Signal } from '../../schemas/records.generated.ts'
import type { MarketRow } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import type { RiskMarket } from '../risk/view.ts'

/** An order of a parent that the venue is not done with. */
export interface Child {
  readonly clientId: string
  readonly instrument: number
  /** Lots of its own instrument that are not filled. */
  left: number
  /** It waits in the book; others take at once or end. */
  readonly rests: boolean
  /** Limit price; undefined for a market order. */
  ticks: number | undefined
  /** A change of its price is on its way. */
  moving: boolean
  /** It was asked to go. */
  leaving: boolean
}

/**
 * The sized wish of one signal, worked off by children. Plain data. Its sizes are lots of its instrument; where children go to several
 * exchanges, the largest unit that all their lots are whole numbers of.
 */
export interface Parent {
  /** What its signal's tag stands for at the desk: no order has this name. */
  readonly id: string
  readonly signal: Signal
  readonly instrument: number
  readonly side: 'buy' | 'sell'
  /** No child is sent at a worse price; undefined for a market order. */
  readonly ticks: number | undefined
  readonly reduceOnly: boolean | undefined
  readonly lots: number
  /** Receive times, µs: when it began, and when nothing more of it is worked off. */
  readonly start: number
  end: number
  /** First word of its children's tags. */
  label: string
  /** What the algorithm remembers of it. */
  plan: unknown
  filled: number
  /** Children that were asked for so far. */
  count: number
  readonly children: Child[]
  /** No sooner is there anything to do by time, µs. */
  next: number
  /** working; ending: what it has open goes, nothing more is sent; crossing: the rest was taken at its end. */
  phase: 'working' | 'ending' | 'crossing'
  /** Why it ends before it is filled, where that is to be said. */
  why: string | undefined
}

/** What an algorithm does for a parent, at an instant. */
export interface Hand {
  /** Receive time, µs. */
  readonly now: number
  readonly market: RiskMarket
  readonly instrument: Instrument
  /** What a lot of the instrument is in the sizes of the parent: 1 but where children go to several exchanges. */
  readonly unit: number
  /** What is neither filled nor open. */
  readonly left: number
  /** Sends a child that takes what is there, within the parent's limit. */
  take(lots: number): void
  /** Sends a child that waits at a price. */
  rest(lots: number, ticks: number): void
  /** Asks for another price of a child that waits. */
  move(child: Child, ticks: number): void
}

/** How a parent is begun. */
export interface Beginning {
  /** µs. */
  readonly end: number
  readonly plan?: unknown
  /** Word of its children's tags where that is not the algorithm's name. */
  readonly label?: string
}

/** An algorithm at work for one account. What it remembers beside its parents is in `save`. */
export interface RunningAlgorithm {
  begin(parent: Parent): Beginning
  /** Called when it begins, when `next` has come, and for one that rests when a child has ended. Gives when it is to be called again, µs, later than now. */
  work(parent: Parent, hand: Hand): number
  /** A row of the market was seen. */
  row?(row: MarketRow): void
  /** What is done with the rest at the end: taken, or left. */
  readonly rest: 'take' | 'leave'
  save?(): unknown
  load?(state: unknown): void
}

/** What an algorithm is made for. */
export interface AlgorithmContext {
  readonly instruments: readonly Instrument[]
  /** Whose jitter it is: the same text gives the same times. */
  readonly seed: string
  /** Candles whose volume counts; undefined where trades are there. */
  readonly candles: string | undefined
  /** Length of those, µs; 0 on ticks. */
  readonly barUs: number
}

/** An algorithm of the list in index.ts. */
export interface Algorithm<P extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly summary: string
  /** Its children wait in the book. */
  readonly rests?: true
  /** It says where children go, and can stand behind one that says when. */
  readonly routes?: true
  /** A zod object whose fields have defaults and descriptions. */
  readonly parameters: P
  create(params: z.output<P>, context: AlgorithmContext): RunningAlgorithm
}

/** The price at which an order of that side stands first in the book, in ticks; the last price where there is no book, NaN while none is known. */
export function ownTouch({ bidTicks, askTicks, lastTicks }: RiskMarket, side: 'buy' | 'sell'): number {
  const touch = side === 'buy' ? bidTicks : askTicks
  return touch > 0 ? touch : lastTicks
}

/** The price, or the parent's limit where that is worse for the other side. */
export function withinLimit({ side, ticks: limit }: Pick<Parent, 'side' | 'ticks'>, ticks: number): number {
  if (limit === undefined) return ticks
  return side === 'buy' ? Math.min(ticks, limit) : Math.max(ticks, limit)
}

/** An order that was refused, or that ended unfilled, is followed by another no sooner, µs. */
export const retryUs = 10_000_000
export const minuteUs = 60_000_000
