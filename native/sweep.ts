// Sweeps in Rust: thousands of parameter sets over the candles of one account. `operators/research/vectorized` says what they mean.

import { load } from './index.ts'

/** A market that was made ready, and several of them in one account; they live in native memory, and as long as they are held. */
export type SweepMarket = { readonly sweepMarket: unique symbol }
export type SweepMarkets = { readonly sweepMarkets: unique symbol }

interface Addon {
  leastStep(times: Float64Array): number
  sweepMarket(
    open: Float64Array,
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    volumeRatio: Float64Array,
    needs: number,
    whole: BigInt64Array,
    numbers: Float64Array,
  ): SweepMarket | null
  sweepMarkets(
    markets: readonly SweepMarket[],
    opens: readonly Float64Array[],
    interval: number,
    ends: Float64Array,
  ): SweepMarkets
  sweepRun(
    markets: SweepMarkets,
    kernel: number,
    trials: number,
    params: readonly Float64Array[],
    threads: number,
  ): Promise<Swept>
}

const addon = load<Addon>()

/** Bits of what a kernel reads beside closes in ticks. */
export const sweepNeeds = { open: 1, sums: 2, prices: 4 } as const

/** The kernels as `native/src/sweep.rs` numbers them. */
export const sweepKernels = { targets: 0, 'sma-cross': 1, 'mean-reversion': 2, 'momentum-breakout': 3 } as const

/** Candles as they are stored, oldest first; columns that are not needed may be empty. */
export interface SweepColumns {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volumeRatio: Float64Array
}

/** What each trial came to, in their order. */
export interface Swept {
  /** At the last close, 10⁻⁸. */
  readonly equity: BigInt64Array
  /** −1 for a trial whose money does not fit 64 bits. */
  readonly fills: Int32Array
  readonly trips: Int32Array
  readonly wins: Int32Array
  readonly fees: BigInt64Array
  /** Trials × ends, a trial after the other; units. */
  readonly days: Float64Array
}

/** What every trial shares in a market. `whole`: cash, scale (numerator, denominator), fee (top, bottom). `numbers`: see `terms_of` of `native/src/sweep.rs`. */
export interface PackedTerms {
  readonly whole: BigInt64Array
  readonly numbers: Float64Array
}

/** The smallest step from one time to the next; NaN where one is not after the one before it, Infinity for fewer than two. */
export function leastStep(times: Float64Array): number {
  return addon.leastStep(times)
}

/**
 * Copies the columns, and makes of them what kernels read.
 *
 * In:     needs — bits of `sweepNeeds`.
 * Out:    undefined for prices that no money can be counted on: below half a tick, no numbers, or, where sums are needed, so many ticks
 *         that their sum is not exact (2⁵³).
 * Errors: columns of lengths that differ, and numbers of terms that do not fit, are bugs, and throw.
 */
export function sweepMarket(
  { open, high, low, close, volumeRatio }: SweepColumns,
  { whole, numbers }: PackedTerms,
  needs: number,
): SweepMarket | undefined {
  return addon.sweepMarket(open, high, low, close, volumeRatio, needs, whole, numbers) ?? undefined
}

/**
 * Markets of one account, in the order in which bars of one instant are seen.
 *
 * In:     opens — when the bars of each opened, ends — when equity is asked for, both rising; interval — the length of a bar; µs.
 */
export function sweepMarkets(
  markets: readonly SweepMarket[],
  { opens, interval, ends }: { opens: readonly Float64Array[]; interval: number; ends: Float64Array },
): SweepMarkets {
  return addon.sweepMarkets(markets, opens, interval, ends)
}

/**
 * Runs trials on threads of their own; the event loop goes on meanwhile.
 *
 * In:     kernel — of `sweepKernels`; params — a row a trial, copied before this returns; of `targets` one array a market, with a number
 *         a trial and bar, NaN for none. threads — 0: one a core. Results hang on neither their number nor on how trials are cut into calls.
 * Errors: parameters that do not fit are a bug, and throw; so does a panic.
 */
export function sweepRun(
  markets: SweepMarkets,
  work: {
    readonly kernel: number
    readonly trials: number
    readonly params: readonly Float64Array[]
    readonly threads: number
  },
): Promise<Swept> {
  const { kernel, trials, params, threads } = work
  return addon.sweepRun(markets, kernel, trials, params, threads)
}
