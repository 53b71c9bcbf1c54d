// Technical indicators in Rust: many of them over columns of bars in one call. `operators/indicators` says which there are.

import { load } from './index.ts'

/** What `native/src/indicators.rs` exports. */
interface Indicators {
  indicatorStateLength(program: Float64Array): number
  indicatorColumns(program: Float64Array): number
  runIndicators(
    program: Float64Array,
    state: Float64Array,
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    volume: Float64Array,
    out: Float64Array,
  ): void
}

const addon = load<Indicators>()

/** Numbers of a program that describe one indicator: its code, then up to three parameters (0 where it has fewer). */
export const programStride = 4

/** The codes by TA-Lib's names, as `native/core/src/indicators/program.rs` numbers them. */
export const indicatorCodes = {
  sma: 0,
  ema: 1,
  wma: 2,
  macd: 3,
  rsi: 4,
  roc: 5,
  stoch: 6,
  willr: 7,
  cci: 8,
  aroon: 9,
  stddev: 10,
  bbands: 11,
  atr: 12,
  adx: 13,
  obv: 14,
  mfi: 15,
} as const

/** Bars that an indicator looks at, as columns of one length; prices and volumes are finite. */
export interface IndicatorBars {
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/**
 * How many numbers all indicators of a program remember between two calls.
 * Errors: a program that is none is a bug, and throws.
 */
export function indicatorStateLength(program: Float64Array): number {
  return addon.indicatorStateLength(program)
}

/** How many columns a program gives: one an output. */
export function indicatorColumns(program: Float64Array): number {
  return addon.indicatorColumns(program)
}

/**
 * Runs every indicator of a program over the bars.
 *
 * In:     program — see `programStride`; state — what was remembered, `indicatorStateLength` numbers, all 0 at the first bar;
 *         it is written to, so that the next call goes on where this one ended. Its bytes are the saved state.
 * Out:    `out` — a column after the other, each as long as the bars; NaN until an indicator has seen enough bars.
 * Errors: arrays of lengths that do not belong together are a bug, and throw.
 * Source: TA-Lib 0.8 (ta-lib.org); the formulas stand in `native/core/src/indicators`.
 */
export function runIndicators(
  program: Float64Array,
  state: Float64Array,
  bars: IndicatorBars,
  out: Float64Array,
): void {
  addon.runIndicators(program, state, bars.high, bars.low, bars.close, bars.volume, out)
}
