// The deepest fall of an equity curve from its peak: how deep, from when, until when.

import type { Curve } from './curve.ts'

/** Times in µs since 1970 UTC. */
export interface Drawdown {
  /** (lowest - peak) / peak, in [-1, 0] while equity is positive; below -1 when it became a debt. */
  readonly depth: number
  /** The last time at the peak. */
  readonly start: number
  /** The first time at the lowest value. */
  readonly trough: number
  /** The first time after the trough at or above the peak; undefined when that did not happen. */
  readonly recovery: number | undefined
}

/**
 * The deepest drawdown; of several equally deep ones the first. Undefined when equity never fell below a positive peak.
 *
 * Source: depth as `max_drawdown` of empyrical-reloaded 0.7.1, on equity instead of the product of returns.
 */
export function maxDrawdown({ opening, times, equity }: Curve): Drawdown | undefined {
  let peak = opening !== undefined && opening.equity > 0 ? opening.equity : 0
  let peakTime = opening?.time ?? 0
  let depth = 0
  let start = 0
  let trough = 0
  let recovery: number | undefined
  for (let point = 0; point < equity.length; point++) {
    const value = equity[point]!
    if (value >= peak) {
      peak = value
      peakTime = times[point]!
      // Back at the peak before it: no higher one can have been reached since the trough.
      if (depth < 0 && recovery === undefined) recovery = times[point]!
      continue
    }
    // While no equity was positive there is nothing to fall from, and 0 / 0 would be NaN.
    const fall = peak > 0 ? (value - peak) / peak : 0
    if (fall >= depth) continue
    depth = fall
    start = peakTime
    trough = times[point]!
    recovery = undefined
  }
  return depth < 0 ? { depth, start, trough, recovery } : undefined
}
