// What a strategy sees beside the market itself: features, regimes and bars of other intervals, each as of the instant.
import type { BarView, RegimeView } from './desk.ts'
import { featureNames } from './features/names.ts'
import type { Horizon } from './regime/horizons.ts'

export interface Sight {
  /** In the order of `featureNames`, until the next instant; NaN before warm-up. */
  features(instrument: number): Float64Array
  regime(instrument: number, horizon: Horizon): RegimeView | undefined
  lastBar(instrument: number, interval: string): BarView | undefined
}

const nothing = new Float64Array(featureNames.length).fill(Number.NaN)

/** Of a strategy that looks at prices alone. */
export const blind: Sight = {
  features: () => nothing,
  regime: () => undefined,
  lastBar: () => undefined,
}
