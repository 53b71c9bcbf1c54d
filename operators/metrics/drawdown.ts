// Falls of an equity curve from its peaks: how deep, from when, until when.

import type { Curve } from './curve.ts'
import { absent, type Figure } from './figure.ts'

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

/** A drawdown with its lengths; one that has not recovered lasts to the end of the curve's time. */
export interface ListedDrawdown extends Drawdown {
  /** From the peak to the recovery, or to the end. */
  readonly durationMs: number
  /** From the trough to the recovery; undefined when there was none. */
  readonly recoveryMs: number | undefined
}

/**
 * The deepest drawdown; of several equally deep ones the first. Undefined when equity never fell below a positive peak.
 *
 * Source: depth as `max_drawdown` of empyrical-reloaded 0.7.1, on equity instead of the product of returns.
 */
export function maxDrawdown(curve: Curve): Drawdown | undefined {
  let worst: Drawdown | undefined
  eachDrawdown(curve, (one) => {
    if (worst === undefined || one.depth < worst.depth) worst = one
  })
  return worst
}

/**
 * The `count` deepest drawdowns, the deepest first; of equally deep ones the earlier first. No two of them overlap.
 *
 * In:     to — the end of the curve's time, µs since 1970 UTC; without it the last point.
 */
export function drawdowns(curve: Curve, { count = 5, to }: { count?: number; to?: number } = {}): ListedDrawdown[] {
  const end = to ?? curve.times.at(-1) ?? curve.opening?.time ?? 0
  const deepest: Drawdown[] = []
  eachDrawdown(curve, (one) => {
    if (deepest.length === count && !(one.depth < (deepest.at(-1)?.depth ?? 0))) return
    // They come in the order of time: an equally deep one that is there already is the earlier.
    const at = deepest.findIndex(({ depth }) => one.depth < depth)
    deepest.splice(at < 0 ? deepest.length : at, 0, one)
    if (deepest.length > count) deepest.pop()
  })
  return deepest.map((one) => ({
    ...one,
    durationMs: ((one.recovery ?? end) - one.start) / 1_000,
    recoveryMs: one.recovery === undefined ? undefined : (one.recovery - one.trough) / 1_000,
  }))
}

/** The longest time below a peak, in ms; 0 when equity never fell. */
export function longestDrawdownMs(curve: Curve, to: number): number {
  let longest = 0
  eachDrawdown(curve, ({ start, recovery }) => {
    longest = Math.max(longest, ((recovery ?? to) - start) / 1_000)
  })
  return longest
}

/** How far equity is below its highest value so far, at each point, in [-1, 0]; 0 while no value was positive. */
export function underwater(equity: Float64Array): Float64Array {
  let peak = 0
  return equity.map((value) => {
    peak = Math.max(peak, value)
    return peak > 0 ? (value - peak) / peak : 0
  })
}

/**
 * Root mean square of how far equity was below its highest value, over all points but the first.
 *
 * Source: Martin & McCann (1989), "The Investor's Guide to Fidelity Funds".
 */
export function ulcerIndex(equity: Float64Array): Figure {
  return equity.length < 2 ? absent('NO_DATA') : Math.sqrt(squaresUnder(equity) / (equity.length - 1))
}

/** The same over one point fewer: quantstats' `ulcer_index`. */
export function ulcerIndexQuantstats(equity: Float64Array): Figure {
  return equity.length < 3 ? absent('NEEDS_2_RETURNS') : Math.sqrt(squaresUnder(equity) / (equity.length - 2))
}

function squaresUnder(equity: Float64Array): number {
  let squares = 0
  for (const depth of underwater(equity)) squares += depth * depth
  return squares
}

/** Calls `visit` with each drawdown when it has ended, and with the last one although it has not. */
function eachDrawdown({ opening, times, equity }: Curve, visit: (one: Drawdown) => void): void {
  let peak = opening !== undefined && opening.equity > 0 ? opening.equity : 0
  let start = opening?.time ?? 0
  let depth = 0
  let trough = 0
  for (let point = 0; point < equity.length; point++) {
    const value = equity[point]!
    if (value >= peak) {
      if (depth < 0) visit({ depth, start, trough, recovery: times[point]! })
      peak = value
      start = times[point]!
      depth = 0
      continue
    }
    // While no equity was positive there is nothing to fall from, and 0 / 0 would be NaN.
    const fall = peak > 0 ? (value - peak) / peak : 0
    if (fall >= depth) continue
    depth = fall
    trough = times[point]!
  }
  if (depth < 0) visit({ depth, start, trough, recovery: undefined })
}
