// An order made smaller: what it takes from a position stays whole, what it adds is multiplied.
import type { RiskView } from './view.ts'

/** Lots of the wish when what it adds to risk is multiplied by `factor` in [0, 1]: whole ones, never more than it asks for. NaN is nothing. */
export function smaller({ wish, lots }: Pick<RiskView, 'wish' | 'lots'>, factor: number): number {
  const takes = Math.min(wish.lots, Math.max(0, wish.side === 'buy' ? -lots : lots))
  const added = Math.floor((wish.lots - takes) * factor * (1 + 1e-12))
  return takes + (added > 0 ? added : 0)
}
