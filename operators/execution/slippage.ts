// How much worse than the prices that are known a taker is filled.
import { unknownName } from '../../schemas/errors.ts'

/** Mean activity of an instrument by bars of one length, whichever it is: the impact formula needs only their ratio. */
export interface Activity {
  /** Traded lots a bar. */
  readonly lots: number
  /** Squared relative change of price a bar. */
  readonly variance: number
}

export interface Slippage {
  readonly name: string
  /** Ticks, whole, ≥ 0, by which a taker of `lots` at `ticks` is filled worse. */
  ticks(lots: number, ticks: number, activity: Activity): number
}

export const slippages = ['none', 'square-root'] as const
export type SlippageName = (typeof slippages)[number]

/** Fills at the known prices. */
const none: Slippage = { name: 'none', ticks: () => 0 }

/**
 * Relative impact Y · σ · √(Q / V), rounded up to whole ticks; σ and V of the same length of time, which then does not matter
 * (σ grows with its root, V with it). 0 until an activity is known.
 *
 * Source: Tóth et al. (2011), "Anomalous Price Impact and the Critical Nature of Liquidity in Financial Markets", eq. 1;
 * Y is of the order of 1 there, and 1 here.
 */
const squareRoot: Slippage = {
  name: 'square-root',
  ticks(lots, ticks, activity) {
    if (!(activity.lots > 0 && activity.variance > 0)) return 0
    return Math.ceil(ticks * Math.sqrt(activity.variance) * Math.sqrt(lots / activity.lots))
  },
}

/** The model of that name. @throws SmartspeedError UNKNOWN_NAME */
export function slippage(name: SlippageName): Slippage {
  if (name === 'none') return none
  if (name === 'square-root') return squareRoot
  throw unknownName('slippage', name, slippages)
}

/** A price moved against the taker by whole ticks, but not past its limit (NaN: none), nor below 1 tick. */
export function slipped(ticks: number, worse: number, buys: boolean, limit: number): number {
  const moved = buys ? ticks + worse : Math.max(1, ticks - worse)
  if (Number.isNaN(limit)) return moved
  return buys ? Math.min(moved, limit) : Math.max(moved, limit)
}
