// Sweeps in Rust: thousands of parameter sets over one series of candles. `operators/research/vectorized` says what they mean.

import { load } from './index.ts'

/** A series that was made ready; it lives in native memory, and as long as it is held. */
export type SweepSeries = { readonly sweepSeries: unique symbol }

interface Addon {
  leastStep(times: Float64Array): number
  sweepSeries(
    open: Float64Array,
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    volumeRatio: Float64Array,
    tickSize: number,
    days: Uint32Array,
    needs: number,
  ): SweepSeries | null
  sweepRun(
    series: SweepSeries,
    whole: BigInt64Array,
    numbers: Float64Array,
    kernel: number,
    params: Float64Array,
    threads: number,
    withDays: boolean,
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
  /** Trials × days, a trial after the other; units. Empty where they were not asked for. */
  readonly days: Float64Array
}

/** What every trial shares. `whole`: cash, scale (numerator, denominator), fee (top, bottom). `numbers`: see `terms_of` of `native/src/sweep.rs`. */
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
 * In:     days — for each day the number of bars that had closed when it ended, ascending; needs — bits of `sweepNeeds`.
 * Out:    undefined for prices that no money can be counted on: below half a tick, no numbers, or, where sums are needed, so many ticks
 *         that their sum is not exact (2⁵³).
 * Errors: columns of lengths that differ are a bug, and throw.
 */
export function sweepSeries(
  { open, high, low, close, volumeRatio }: SweepColumns,
  { tickSize, days, needs }: { readonly tickSize: number; readonly days: Uint32Array; readonly needs: number },
): SweepSeries | undefined {
  return addon.sweepSeries(open, high, low, close, volumeRatio, tickSize, days, needs) ?? undefined
}

/**
 * Runs trials on threads of their own; the event loop goes on meanwhile.
 *
 * In:     kernel — of `sweepKernels`; params — a row a trial, copied before this returns; of `targets` a number a bar, NaN for none.
 *         threads — 0: one a core. Results hang on neither their number nor on how trials are cut into calls.
 * Errors: numbers of terms or parameters that do not fit are a bug, and throw; so does a panic.
 */
export function sweepRun(
  series: SweepSeries,
  { whole, numbers }: PackedTerms,
  {
    kernel,
    params,
    threads,
    withDays,
  }: { readonly kernel: number; readonly params: Float64Array; readonly threads: number; readonly withDays: boolean },
): Promise<Swept> {
  return addon.sweepRun(series, whole, numbers, kernel, params, threads, withDays)
}
