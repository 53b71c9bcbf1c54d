// What a run computes beside prices: what its strategies say that they look at, what is kept, and what scales its risk.
import type { Strategy } from '../operators/strategies/strategy.ts'
import type { Topology } from './config.ts'

export interface Uses {
  readonly features: boolean
  readonly regimes: boolean
}

/** Nothing is computed that nobody asked for. */
export function usesOf(
  { keep, regimeScaling }: Pick<Topology, 'keep' | 'regimeScaling'>,
  strategies: readonly Pick<Strategy, 'features' | 'regimes'>[],
): Uses {
  return {
    features: keep.includes('features') || strategies.some(({ features }) => features === true),
    regimes: regimeScaling || keep.includes('regimes') || strategies.some(({ regimes }) => regimes === true),
  }
}
