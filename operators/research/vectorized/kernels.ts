// Strategies that Rust knows by heart: their decisions are computed there, from columns, and equal those of their own files.
import type { z } from 'zod'
import { sweepKernels, sweepNeeds } from '../../../native/sweep.ts'
import { meanReversion } from '../../strategies/mean-reversion.ts'
import { momentumBreakout } from '../../strategies/momentum-breakout.ts'
import { smaCross } from '../../strategies/sma-cross.ts'
import type { Strategy } from '../../strategies/strategy.ts'

/** A strategy as its kernel takes it. */
export interface SweepKernel {
  readonly strategy: Strategy
  /** Its number on the native side. */
  readonly code: number
  /** Bits of `sweepNeeds`. */
  readonly needs: number
  /** Numbers of a trial. */
  readonly width: number
  /** A trial's numbers, in the order in which `native/src/sweep.rs` reads them; the first says how trials are best put together. */
  row(params: unknown): readonly number[]
}

/** A new kernel is a file in `native/core/src/sweep` and a line here. */
const kernels: readonly SweepKernel[] = [
  kernel(smaCross, { needs: sweepNeeds.sums, width: 4 }, ({ fast, slow, size, mode }) => [
    ...[fast, slow, size, isShort(mode)],
  ]),
  kernel(meanReversion, { needs: 0, width: 8 }, ({ bars, entry, edge, exit, stop, maxBars, size, mode }) => [
    ...[bars, entry, edge, exit, stop, maxBars, size, isShort(mode)],
  ]),
  kernel(
    momentumBreakout,
    { needs: sweepNeeds.prices, width: 7 },
    ({ bars, beyond, volumeFactor, exitBars, trail, size, mode }) => [
      ...[bars, beyond, volumeFactor, exitBars, trail, size, isShort(mode)],
    ],
  ),
]

/** The kernel of a strategy: of that very one, since another of its name may decide otherwise. */
export function kernelOf(strategy: Strategy): SweepKernel | undefined {
  return kernels.find((one) => one.strategy === strategy)
}

function kernel<P extends z.ZodType>(
  strategy: Strategy<P>,
  { needs, width }: { readonly needs: number; readonly width: number },
  row: (params: z.output<P>) => readonly number[],
): SweepKernel {
  const code = sweepKernels[strategy.name as keyof typeof sweepKernels]
  return { strategy, code, needs, width, row: (params) => row(params as z.output<P>) }
}

function isShort(mode: 'long-flat' | 'long-short'): number {
  return mode === 'long-short' ? 1 : 0
}
