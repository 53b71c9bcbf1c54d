// What a sweep leaves for the question whether its best was luck: the daily returns of every trial, side by side.
import { SmartspeedError } from '../../schemas/errors.ts'
import { kurtosis, skewness } from '../metrics/distribution.ts'
import { isAbsent } from '../metrics/figure.ts'
import { depthOf } from '../metrics/series.ts'
import { impossible } from './statistics/impossible.ts'
import type { MeasuredSharpe } from './statistics/probabilistic-sharpe.ts'
import type { Range } from './statistics/purged-k-fold.ts'
import { sharpeOf } from './statistics/sharpe-of.ts'

export interface TrialMatrix {
  readonly observations: number
  readonly trials: number
  /** Simple returns, trial-major: those of trial t begin at t × observations. */
  readonly returns: Float64Array
  /** Start of the UTC day of each observation, µs, rising. */
  readonly times: Float64Array
  /** Observations in a year; 365 for days. */
  readonly periodsPerYear: number
}

const dayUs = 86_400_000_000

/**
 * A matrix of series of one length, copied.
 *
 * Errors: SmartspeedError CONFIG_INVALID, as `checkMatrix`.
 */
export function trialMatrix(
  series: readonly ArrayLike<number>[],
  { times, periodsPerYear = 365 }: { times: Float64Array; periodsPerYear?: number },
): TrialMatrix {
  const [observations, trials] = [times.length, series.length]
  const returns = new Float64Array(observations * trials)
  for (const [trial, one] of series.entries()) {
    if (one.length !== observations)
      throw impossible(`trial ${trial} has ${one.length} returns for ${observations} days`, 'give one return a day')
    returns.set(one, trial * observations)
  }
  return checkMatrix({ observations, trials, returns, times, periodsPerYear })
}

/** The same matrix. @throws SmartspeedError NO_DATA without trials or days, CONFIG_INVALID when sizes differ or a return is no number */
export function checkMatrix(matrix: TrialMatrix): TrialMatrix {
  const { observations, trials, returns, times, periodsPerYear } = matrix
  if (!(trials >= 1 && observations >= 2)) {
    throw new SmartspeedError('NO_DATA', `${trials} trials of ${observations} days: nothing can be said of luck`, {
      fix: 'validate over a longer range: --from and --to',
    })
  }
  if (returns.length !== observations * trials || times.length !== observations || !(periodsPerYear > 0)) {
    throw impossible(
      `${returns.length} returns and ${times.length} times for ${trials} trials of ${observations} days`,
      'give observations × trials returns, and a time for each observation',
    )
  }
  const bad = returns.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) {
    const [trial, day] = [Math.floor(bad / observations), bad % observations]
    throw impossible(`the return of trial ${trial} on day ${day} is ${returns[bad]}`, 'give 0 where nobody traded')
  }
  return matrix
}

/** A view of the returns of one trial. */
export function seriesOf({ returns, observations }: TrialMatrix, trial: number): Float64Array {
  return returns.subarray(trial * observations, (trial + 1) * observations)
}

/** Sharpe ratio of a trial over some ranges of observations together, per observation; 0 where its returns do not vary. */
export function sharpeOver(matrix: TrialMatrix, trial: number, ranges: readonly Range[]): number {
  const { returns, observations } = matrix
  let [count, sum, squares] = [0, 0, 0]
  for (const { from, to } of ranges) {
    const end = trial * observations + to
    for (let i = trial * observations + from; i < end; i++) {
      const value = returns[i]!
      sum += value
      squares += value * value
    }
    count += to - from
  }
  return sharpeOf(count, sum, squares)
}

/** The trial with the highest Sharpe ratio (per observation) over the ranges; of equal ones the first. */
export function bestOver(matrix: TrialMatrix, ranges: readonly Range[]): { trial: number; sharpe: number } {
  let best = { trial: 0, sharpe: Number.NEGATIVE_INFINITY }
  for (let trial = 0; trial < matrix.trials; trial++) {
    const sharpe = sharpeOver(matrix, trial, ranges)
    if (sharpe > best.sharpe) best = { trial, sharpe }
  }
  return best
}

/** All observations. */
export const whole = ({ observations }: TrialMatrix): readonly Range[] => [{ from: 0, to: observations }]

/** A Sharpe ratio per observation as one of a year. */
export const annualSharpe = ({ periodsPerYear }: TrialMatrix, sharpe: number): number =>
  sharpe * Math.sqrt(periodsPerYear)

/** Sharpe ratio of a series, per observation, and the shape of its returns; that of a normal distribution where they do not vary. */
export function measured(returns: Float64Array): MeasuredSharpe {
  let [sum, squares] = [0, 0]
  for (const value of returns) {
    sum += value
    squares += value * value
  }
  const sharpe = sharpeOf(returns.length, sum, squares)
  const [lean, tails] = [skewness(returns), kurtosis(returns)]
  if (isAbsent(lean) || isAbsent(tails)) return { sharpe, skewness: 0, kurtosis: 3 }
  // Of two values alone kurtosis is skewness² + 1 but for its rounding.
  return { sharpe, skewness: lean, kurtosis: Math.max(tails, lean * lean + 1 + 1e-9) }
}

/** What 1 becomes by the returns, after each of them; it stays at 0 once it is gone. */
export function equityOf(returns: Float64Array): Float64Array {
  const equity = new Float64Array(returns.length + 1)
  equity[0] = 1
  for (let i = 0; i < returns.length; i++) equity[i + 1] = Math.max(0, equity[i]! * (1 + returns[i]!))
  return equity
}

/** Total return, and the deepest drawdown, <= 0. */
export function outcomeOf(returns: Float64Array): { totalReturn: number; maxDrawdown: number } {
  const equity = equityOf(returns)
  return { totalReturn: equity[returns.length]! - 1, maxDrawdown: depthOf(equity) }
}

/** µs; `to` is the end of the last day, which is not in it. */
export interface Span {
  readonly from: number
  readonly to: number
}

export function spanOf({ times }: TrialMatrix, { from, to }: Range): Span {
  return { from: times[from]!, to: times[to] ?? times[to - 1]! + dayUs }
}

/** Rising indices as ranges. */
export function rangesOf(indices: Int32Array): Range[] {
  const ranges: { from: number; to: number }[] = []
  for (const index of indices) {
    const last = ranges.at(-1)
    if (last?.to === index) last.to = index + 1
    else ranges.push({ from: index, to: index + 1 })
  }
  return ranges
}
