// The same choice of the best trial, on days without any edge or order: what luck alone would have shown.
import { pow } from '../../native/index.ts'
import { quantile } from '../metrics/quantile.ts'
import { sharpeOf } from './statistics/sharpe-of.ts'
import { sampleSums, stationaryBootstrap, weightsOf } from './statistics/stationary-bootstrap.ts'
import { annualSharpe, bestOver, seriesOf, type TrialMatrix, whole } from './trial-matrix.ts'

export interface WhiteNoiseControl {
  readonly controls: number
  /** Share of the controls whose best Sharpe ratio is at least the one seen. */
  readonly share: number
  /** The same for all trials ever made, as if each matrix of them had been another draw. */
  readonly shareOfAll: number
  /** Best Sharpe ratios of the controls, of a year: the median, and what 95 % and 99 % of them stay below. */
  readonly median: number
  readonly p95: number
  readonly p99: number
}

/**
 * A control takes each trial's mean out of its returns and draws days from them, the same days for all trials, so that trials that
 * are alike stay alike. Days are drawn with replacement: shuffled ones would have a mean of exactly 0 again. The best Sharpe ratio
 * of each control is chosen as it was from the trials.
 *
 * In:     trialsSoFar — all that were ever made, at least those of the matrix. meanBlock — mean length of the pieces that days are
 *         drawn in; 1 is white noise, more keeps what follows each other.
 * Source: White (2000), "A Reality Check for Data Snooping", with Sharpe ratios for means; for all trials Šidák (1967).
 */
export function whiteNoiseControl(
  matrix: TrialMatrix,
  {
    controls = 500,
    meanBlock = 1,
    trialsSoFar = matrix.trials,
    seed,
  }: { controls?: number; meanBlock?: number; trialsSoFar?: number; seed: string | number },
): WhiteNoiseControl {
  const { observations, trials } = matrix
  const samples = stationaryBootstrap(observations, { samples: controls, meanBlock, seed: `${seed}/white-noise` })
  const weights = weightsOf(samples, observations)
  const sums = new Float64Array(Math.ceil(controls / 4) * 4)
  const squares = new Float64Array(sums.length)
  const best = new Float64Array(controls).fill(Number.NEGATIVE_INFINITY)
  for (let trial = 0; trial < trials; trial++) {
    const series = seriesOf(matrix, trial)
    let sum = 0
    for (const value of series) sum += value
    const rest = series.map((value) => value - sum / observations)
    sampleSums(weights, rest, sums)
    sampleSums(
      weights,
      rest.map((value) => value * value),
      squares,
    )
    for (let control = 0; control < controls; control++) {
      const sharpe = sharpeOf(observations, sums[control]!, squares[control]!)
      if (sharpe > best[control]!) best[control] = sharpe
    }
  }
  const seen = bestOver(matrix, whole(matrix)).sharpe
  const share = best.reduce((count, sharpe) => count + (sharpe >= seen ? 1 : 0), 0) / controls
  best.sort()
  const at = (part: number) => annualSharpe(matrix, quantile(best, part))
  return {
    ...{ controls, share, shareOfAll: 1 - pow(1 - share, Math.max(1, trialsSoFar / trials)) },
    ...{ median: at(0.5), p95: at(0.95), p99: at(0.99) },
  }
}
