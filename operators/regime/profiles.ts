// What may be risked in each risk regime: the table of S3 §4.2, as it stands there.
import { ladders, type RiskRegime } from './ladders.ts'

export interface RiskProfile {
  readonly regime: RiskRegime
  /** What the size of an entry is multiplied by. */
  readonly position: number
  /** What the distance of a stop is multiplied by. */
  readonly stop: number
  /** Share of equity that one trade may lose. */
  readonly risk: number
  /** Instruments with a position at once. */
  readonly positions: number
}

export const riskProfiles: Readonly<Record<RiskRegime, RiskProfile>> = {
  NORMAL: { regime: 'NORMAL', position: 1, stop: 1, risk: 0.02, positions: 10 },
  VOLATILE: { regime: 'VOLATILE', position: 0.5, stop: 1.5, risk: 0.01, positions: 5 },
  TRENDING: { regime: 'TRENDING', position: 1.2, stop: 0.8, risk: 0.025, positions: 12 },
  CRASH: { regime: 'CRASH', position: 0.2, stop: 2, risk: 0.005, positions: 2 },
  BULL_RUN: { regime: 'BULL_RUN', position: 1.5, stop: 0.7, risk: 0.03, positions: 15 },
  RECOVERY: { regime: 'RECOVERY', position: 0.7, stop: 1.3, risk: 0.015, positions: 6 },
}

/** The profile of a regime of the horizon `risk`; undefined for undefined: before its warm-up nothing is scaled. */
export function profileOf(regime: string | undefined): RiskProfile | undefined {
  return isRiskRegime(regime) ? riskProfiles[regime] : undefined
}

function isRiskRegime(name: string | undefined): name is RiskRegime {
  return (ladders.risk as readonly (string | undefined)[]).includes(name)
}
