// How much worse than the prices that are known a taker is filled: parts that add up, a file each.
import { unknownName } from '../../../schemas/errors.ts'
import type { About } from '../about.ts'
import { aboutFixed, fixed } from './fixed.ts'
import { aboutNoise, noise } from './noise.ts'
import { aboutNone } from './none.ts'
import { aboutSpread, spread } from './spread.ts'
import { aboutSquareRoot, squareRoot } from './square-root.ts'

/** Mean activity of an instrument by bars of one length, whichever it is: the impact formula needs only their ratio. */
export interface Activity {
  /** Traded lots a bar. */
  readonly lots: number
  /** Squared relative change of price a bar. */
  readonly variance: number
}

/** A part of an order that is taken: `lots` of the whole order, `ticks` of this part of it. */
export interface Taking {
  readonly clientId: string
  readonly lots: number
  readonly ticks: number
  readonly activity: Activity
}

/** Ticks ≥ 0, not yet whole, by which it is filled worse. */
export type SlippagePart = (taking: Taking) => number

export interface SlippageOptions {
  /** Ticks that every taker is filled worse. */
  readonly ticks?: number | undefined
  /** The same in basis points of the price. */
  readonly bps?: number | undefined
  /** Basis points between bid and ask, of which a taker pays half: where the data know no book, such as candles. */
  readonly spreadBps?: number | undefined
  /** Y of the square-root impact, about 1; 0 is none. */
  readonly impact?: number | undefined
  /** Standard deviation of a normal part whose absolute value every order pays, basis points. */
  readonly noiseBps?: number | undefined
}

/** What a name stands for. */
export const slippagePresets = {
  none: {},
  'square-root': { impact: 1 },
  /** Specification, §3.4.3. */
  'volume-based': { spreadBps: 1, impact: 0.1, noiseBps: 2 },
} as const satisfies Record<string, SlippageOptions>

export type SlippageName = keyof typeof slippagePresets
export const slippages = Object.keys(slippagePresets) as readonly SlippageName[]

export interface Slippage {
  /** True when nobody is ever filled worse. */
  readonly isNone: boolean
  /** True when it has to be known how much an instrument trades and moves. */
  readonly needsActivity: boolean
  /** Ticks, whole, ≥ 0, by which a part of an order is filled worse. */
  ticks(clientId: string, lots: number, ticks: number, activity: Activity): number
}

/**
 * The sum of all parts that are not 0, rounded up to whole ticks.
 *
 * In:     `seed` of the noise: what an order pays depends on its client id alone, not on the orders before it.
 * Errors: UNKNOWN_NAME; RangeError for a part below 0 or no number.
 */
export function slippage(asked: SlippageName | SlippageOptions, seed: string): Slippage {
  const { ticks = 0, bps = 0, spreadBps = 0, impact = 0, noiseBps = 0 } = optionsOf(asked)
  for (const value of [ticks, bps, spreadBps, impact, noiseBps]) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`a slippage is 0 or more, not ${value}`)
  }
  const parts: SlippagePart[] = [
    ...(ticks + bps > 0 ? [fixed(ticks, bps)] : []),
    ...(spreadBps > 0 ? [spread(spreadBps)] : []),
    ...(impact > 0 ? [squareRoot(impact)] : []),
    ...(noiseBps > 0 ? [noise(noiseBps, seed)] : []),
  ]
  return {
    isNone: parts.length === 0,
    needsActivity: impact > 0,
    ticks(clientId, lots, ticks, activity) {
      if (parts.length === 0) return 0
      const taking = { clientId, lots, ticks, activity }
      let worse = 0
      for (const part of parts) worse += part(taking)
      return Math.ceil(worse)
    },
  }
}

/** What the parts take for granted. */
export function aboutSlippage(asked: SlippageName | SlippageOptions): readonly About[] {
  const { ticks = 0, bps = 0, spreadBps = 0, impact = 0, noiseBps = 0 } = optionsOf(asked)
  const parts = [
    ...(ticks + bps > 0 ? [aboutFixed] : []),
    ...(spreadBps > 0 ? [aboutSpread] : []),
    ...(impact > 0 ? [aboutSquareRoot] : []),
    ...(noiseBps > 0 ? [aboutNoise] : []),
  ]
  return parts.length === 0 ? [aboutNone] : parts
}

function optionsOf(asked: SlippageName | SlippageOptions): SlippageOptions {
  if (typeof asked !== 'string') return asked
  if (!slippages.includes(asked)) throw unknownName('slippage', asked, slippages)
  return slippagePresets[asked]
}

/** A price moved against the taker by whole ticks, but not past its limit (NaN: none), nor below 1 tick. */
export function slipped(ticks: number, worse: number, buys: boolean, limit: number): number {
  const moved = buys ? ticks + worse : Math.max(1, ticks - worse)
  if (Number.isNaN(limit)) return moved
  return buys ? Math.min(moved, limit) : Math.max(moved, limit)
}
