// How far simulated fills are from real ones: how much was filled, at what price, and when.
import type { Pair } from './match.ts'
import { type Outcome, shareOf } from './outcome.ts'

/** Basis points by which the simulation filled worse for us, to a millionth: what is less is rounding. NaN unless both were filled. */
export function priceErrorBps({ simulated, real }: Pair): number {
  const more = Math.round(((simulated.paid - real.paid) / real.paid) * 1e10) / 1e6
  return real.side === 'buy' ? more : 0 - more
}

/** Milliseconds by which the simulation's first fill came later; NaN unless both were filled. */
export function timeErrorMs({ simulated, real }: Pair): number {
  return (simulated.filledAt - real.filledAt) / 1000
}

/** Share of an order by which the simulation filled more. */
export function fillError({ simulated, real }: Pair): number {
  return shareOf(simulated) - shareOf(real)
}

export interface Group {
  readonly by: 'all' | 'side' | 'size' | 'liquidity'
  readonly name: string
  readonly pairs: readonly Pair[]
}

/**
 * All pairs, and those of each side, of each third by size, of makers and takers as the exchange says (as the simulation does where
 * nothing was really filled). Groups without pairs are left out.
 */
export function groupsOf(pairs: readonly Pair[]): Group[] {
  const sizes = pairs.map(({ real }) => sizeOf(real)).sort((a, b) => a - b)
  const third = (n: number) => sizes[Math.min(sizes.length - 1, Math.floor((n * sizes.length) / 3))]!
  const sizeName = ({ real }: Pair) => {
    const size = sizeOf(real)
    return size < third(1) ? 'small' : size < third(2) ? 'medium' : 'large'
  }
  const group = (by: Group['by'], name: string, keep: (pair: Pair) => boolean): Group => {
    return { by, name, pairs: pairs.filter(keep) }
  }
  // Of orders of one size there are no thirds.
  const hasSizes = sizes[0] !== sizes.at(-1)
  return [
    group('all', 'all', () => true),
    ...(['buy', 'sell'] as const).map((side) => group('side', side, ({ real }) => real.side === side)),
    ...(hasSizes ? ['small', 'medium', 'large'] : []).map((name) =>
      group('size', name, (pair) => sizeName(pair) === name),
    ),
    ...(['maker', 'taker'] as const).map((name) =>
      group('liquidity', name, ({ real, simulated }) => (real.liquidity ?? simulated.liquidity) === name),
    ),
  ].filter((one) => one.pairs.length > 0)
}

function sizeOf({ size, filled }: Outcome): number {
  return Number.isNaN(size) ? filled : size
}
