// One choice of the best trial on some days, and what it earned on others.
import { normalCdf } from './statistics/normal.ts'
import { probabilisticSharpe } from './statistics/probabilistic-sharpe.ts'
import type { Range } from './statistics/purged-k-fold.ts'
import {
  annualSharpe,
  bestOver,
  equityOf,
  measured,
  outcomeOf,
  type Span,
  seriesOf,
  sharpeOver,
  spanOf,
  type TrialMatrix,
} from './trial-matrix.ts'

/** Sharpe ratios are of a year, returns and drawdowns fractions; a drawdown is <= 0. */
export interface Choice {
  readonly train: readonly Span[]
  readonly test: readonly Span[]
  /** The best in sample: the trial that a person would have taken. */
  readonly trial: number
  readonly inSampleSharpe: number
  readonly outOfSampleSharpe: number
  readonly outOfSampleReturn: number
  readonly outOfSampleMaxDrawdown: number
}

/** Takes the best trial of the training ranges to the test ranges. */
export function choose(matrix: TrialMatrix, train: readonly Range[], test: readonly Range[]): Choice {
  const best = bestOver(matrix, train)
  const { totalReturn, maxDrawdown } = outcomeOf(returnsOver(matrix, best.trial, test))
  return {
    train: train.map((range) => spanOf(matrix, range)),
    test: test.map((range) => spanOf(matrix, range)),
    trial: best.trial,
    inSampleSharpe: annualSharpe(matrix, best.sharpe),
    outOfSampleSharpe: annualSharpe(matrix, sharpeOver(matrix, best.trial, test)),
    outOfSampleReturn: totalReturn,
    outOfSampleMaxDrawdown: maxDrawdown,
  }
}

/** Returns of a trial over ranges, one after the other. */
export function returnsOver(matrix: TrialMatrix, trial: number, ranges: readonly Range[]): Float64Array {
  const series = seriesOf(matrix, trial)
  return Float64Array.from(ranges.flatMap(({ from, to }) => [...series.subarray(from, to)]))
}

/** How what was chosen in sample went on out of it. */
export interface Efficiency {
  /** Share of the choices whose Sharpe ratio out of sample is above 0. */
  readonly oosConsistency: number
  /** (mean in sample − mean out of sample) / mean in sample; null where nothing earned in sample that could be lost. */
  readonly degradation: number | null
  /** Of the Sharpe ratios in and out of sample over the choices; null for fewer than two, or without spread. */
  readonly inOutCorrelation: number | null
  readonly inSampleSharpe: number
  readonly outOfSampleSharpe: number
}

/** Source: the walk-forward efficiency of the specification (S4 §3.7.2). */
export function efficiencyOf(choices: readonly Choice[]): Efficiency {
  const [inside, outside] = [choices.map((one) => one.inSampleSharpe), choices.map((one) => one.outOfSampleSharpe)]
  const [inMean, outMean] = [mean(inside), mean(outside)]
  return {
    oosConsistency: outside.filter((sharpe) => sharpe > 0).length / outside.length,
    degradation: inMean > 0 ? (inMean - outMean) / inMean : null,
    inOutCorrelation: correlation(inside, outside),
    inSampleSharpe: inMean,
    outOfSampleSharpe: outMean,
  }
}

/** A series of returns out of sample, put together from the tests of several choices. */
export interface OutOfSample {
  readonly observations: number
  /** Of a year. */
  readonly sharpe: number
  /** That its true Sharpe ratio is above 0. */
  readonly probability: number
  readonly totalReturn: number
  readonly maxDrawdown: number
  /** Start of each day, µs, and what 1 had become at its end. */
  readonly times: readonly number[]
  readonly equity: readonly number[]
}

export function outOfSampleOf(matrix: TrialMatrix, days: readonly number[], returns: Float64Array): OutOfSample {
  const shape = measured(returns)
  return {
    observations: returns.length,
    sharpe: annualSharpe(matrix, shape.sharpe),
    probability: sure(shape, returns.length),
    ...outcomeOf(returns),
    times: days.map((day) => matrix.times[day]!),
    equity: [...equityOf(returns).subarray(1)],
  }
}

function sure(shape: ReturnType<typeof measured>, observations: number): number {
  return observations < 2 ? normalCdf(0) : probabilisticSharpe(shape, { observations, benchmarkSharpe: 0 })
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function correlation(a: readonly number[], b: readonly number[]): number | null {
  const [aMean, bMean] = [mean(a), mean(b)]
  let [both, aSquares, bSquares] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - aMean, b[i]! - bMean]
    both += x * y
    aSquares += x * x
    bSquares += y * y
  }
  const scale = Math.sqrt(aSquares * bSquares)
  return a.length >= 2 && scale > 0 ? both / scale : null
}
