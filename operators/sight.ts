// What a strategy sees beside the market itself: features, regimes and bars of other intervals, each as of the instant.
import { SmartspeedError } from '../schemas/errors.ts'
import type { BarView, RegimeView } from './desk.ts'
import type { Horizon } from './regime/horizons.ts'

export interface Sight {
  /** In the order of `featureNames`, until the next instant; NaN before warm-up. */
  features(instrument: number): Float64Array
  regime(instrument: number, horizon: Horizon): RegimeView | undefined
  lastBar(instrument: number, interval: string): BarView | undefined
}

/** What a strategy says that it looks at. */
export interface Declared {
  readonly strategy: string
  readonly features: boolean
  readonly regimes: boolean
  readonly intervals: readonly string[]
}

/**
 * What one strategy sees of a run: what it said. The rest is an error, also where another strategy of the run asked for it,
 * so that it runs alone as it runs in company.
 */
export function declaredSight(sight: Sight, { strategy, features, regimes, intervals }: Declared): Sight {
  const silent = (what: string, word: string) => (): never => {
    throw new SmartspeedError('CONFIG_INVALID', `strategy ${strategy} asks for ${what} and does not say so`, {
      fix: `add \`${word}\` to the strategy: docs/add-a-strategy.md, "Features, regimes and longer bars"`,
    })
  }
  const named = new Set(intervals)
  return {
    features: features ? (instrument) => sight.features(instrument) : silent('features', 'features: true'),
    regime: regimes ? (instrument, horizon) => sight.regime(instrument, horizon) : silent('regimes', 'regimes: true'),
    lastBar(instrument, interval) {
      if (!named.has(interval)) {
        const all = [...named, interval].map((one) => `'${one}'`).join(', ')
        silent(`bars of ${interval}`, `intervals: () => [${all}]`)()
      }
      return sight.lastBar(instrument, interval)
    },
  }
}
