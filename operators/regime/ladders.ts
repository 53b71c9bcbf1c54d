// The regimes of each horizon by name, in the order of the seeds' ladders: the numbers that Rust gives, and the order of probabilities.
import type { Horizon } from './horizons.ts'

/** S0 §6 for 1m, 1h, 24h; S3 §4.2 for risk. The thresholds stand in native/core/src/regime/ladders.rs and docs/regimes.md. */
export const ladders = {
  '1m': ['FLASH_CRASH', 'FLASH_PUMP', 'HIGH_VOLATILITY', 'NORMAL'],
  '1h': ['EXTREME_BULL', 'STRONG_BULL', 'BULL', 'RANGING', 'BEAR', 'STRONG_BEAR', 'EXTREME_BEAR'],
  '24h': ['PARABOLIC', 'STRONG_TREND', 'TRENDING', 'CONSOLIDATING'],
  risk: ['NORMAL', 'VOLATILE', 'TRENDING', 'CRASH', 'BULL_RUN', 'RECOVERY'],
} as const satisfies Readonly<Record<Horizon, readonly string[]>>

export type RiskRegime = (typeof ladders)['risk'][number]
