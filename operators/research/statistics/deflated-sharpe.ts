// A Sharpe ratio that was chosen from many trials, held against the best that luck alone would have given.
import { impossible } from './impossible.ts'
import { normalQuantile } from './normal.ts'
import { type MeasuredSharpe, probabilisticSharpe } from './probabilistic-sharpe.ts'

/** The Euler–Mascheroni constant. */
const euler = 0.577_215_664_901_532_9

/**
 * The expected largest of so many standard normal numbers; 0 for one. An approximation: 0.04 too low for 2, 0.03 too high for 5…50.
 *
 * Source: Bailey & López de Prado (2014), "The Deflated Sharpe Ratio", from extreme value theory.
 */
export function expectedMaximum(trials: number): number {
  if (!(trials >= 1)) throw impossible(`${trials} trials: at least one was made`, 'count every trial ever made')
  if (trials === 1) return 0
  // Φ⁻¹(1 − 1/N) = −Φ⁻¹(1/N), which keeps the digits of many trials.
  return -(1 - euler) * normalQuantile(1 / trials) - euler * normalQuantile(1 / (trials * Math.E))
}

export interface Trials {
  /** All that were made, kept or not. */
  readonly trials: number
  /** Variance of their Sharpe ratios, per observation. */
  readonly trialsSharpeVariance: number
}

export interface DeflatedSharpe {
  /** What the best of the trials is expected to show when none has an edge, per observation. */
  readonly expectedMaximumSharpe: number
  /** That the true Sharpe ratio of the chosen one is above 0, given that it was chosen. */
  readonly probability: number
}

/**
 * The probabilistic Sharpe ratio with the expected maximum of the trials as its benchmark.
 *
 * Errors: SmartspeedError CONFIG_INVALID, as `probabilisticSharpe`.
 * Source: Bailey & López de Prado (2014), "The Deflated Sharpe Ratio: Correcting for Selection Bias, Backtest Overfitting, and
 *         Non-Normality".
 */
export function deflatedSharpe(
  measured: MeasuredSharpe,
  { observations, trials, trialsSharpeVariance }: { observations: number } & Trials,
): DeflatedSharpe {
  const expectedMaximumSharpe = Math.sqrt(trialsSharpeVariance) * expectedMaximum(trials)
  return {
    expectedMaximumSharpe,
    probability: probabilisticSharpe(measured, { observations, benchmarkSharpe: expectedMaximumSharpe }),
  }
}
