// How sure a Sharpe ratio is that was measured on so many returns of such a shape.
import { impossible } from './impossible.ts'
import { normalCdf, normalQuantile } from './normal.ts'

/** All Sharpe ratios are per observation, not of a year. */
export interface MeasuredSharpe {
  readonly sharpe: number
  /** Skewness of the returns; 0 when they are normal. */
  readonly skewness: number
  /** Pearson's kurtosis of the returns; 3 when they are normal. */
  readonly kurtosis: number
}

/**
 * The probability that the true Sharpe ratio is above a benchmark, given what was measured.
 *
 * In:     observations — how many returns, at least 2. benchmarkSharpe — per observation.
 * Errors: SmartspeedError CONFIG_INVALID for a kurtosis below skewness² + 1, which no distribution has.
 * Source: Bailey & López de Prado (2012), "The Sharpe Ratio Efficient Frontier", probabilistic Sharpe ratio.
 */
export function probabilisticSharpe(
  measured: MeasuredSharpe,
  { observations, benchmarkSharpe }: { observations: number; benchmarkSharpe: number },
): number {
  if (!(observations >= 2))
    throw impossible(`${observations} observations have no deviation`, 'give at least 2 observations')
  const above = measured.sharpe - benchmarkSharpe
  return normalCdf((above * Math.sqrt(observations - 1)) / Math.sqrt(spread(measured)))
}

/**
 * How many observations it takes until a measured Sharpe ratio is above the benchmark with this confidence; not rounded.
 *
 * Errors: SmartspeedError CONFIG_INVALID when the Sharpe ratio is not above the benchmark: no number of observations is enough.
 * Source: Bailey & López de Prado (2012), minimum track record length.
 */
export function minTrackRecordLength(
  measured: MeasuredSharpe,
  { benchmarkSharpe, confidence }: { benchmarkSharpe: number; confidence: number },
): number {
  const above = measured.sharpe - benchmarkSharpe
  if (!(above > 0)) {
    throw impossible(
      `sharpe ${measured.sharpe} is not above benchmarkSharpe ${benchmarkSharpe}: no track record is long enough`,
      'give a lower benchmarkSharpe, both per observation',
    )
  }
  const z = normalQuantile(confidence) / above
  return 1 + spread(measured) * z * z
}

/** Variance of the estimate times (observations − 1). It is above 0: at least (1 − skewness × sharpe / 2)². */
function spread({ sharpe, skewness, kurtosis }: MeasuredSharpe): number {
  if (kurtosis < skewness * skewness + 1) {
    throw impossible(
      `kurtosis ${kurtosis} with skewness ${skewness}: no distribution has a kurtosis below skewness² + 1`,
      'give Pearson’s kurtosis, 3 for a normal distribution: add 3 to one in excess of the normal',
    )
  }
  const variance = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe
  if (!(variance > 0)) throw impossible('the returns take two values alone, and the estimate has no variance')
  return variance
}
