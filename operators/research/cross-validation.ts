// Cross-validation over a matrix of trials: purged folds, and combinations of groups whose tests make up paths through all days.
import { type Choice, choose, type Efficiency, efficiencyOf, mean, type OutOfSample, outOfSampleOf } from './choice.ts'
import { combinations } from './statistics/cpcv.ts'
import { impossible } from './statistics/impossible.ts'
import { blockStarts } from './statistics/pbo.ts'
import { purgedTrain, type Range } from './statistics/purged-k-fold.ts'
import { rangesOf, seriesOf, type TrialMatrix } from './trial-matrix.ts'

export interface Purge {
  /** Observations left out of training behind a test. */
  readonly embargo?: number
  /** How many observations a position is held beyond the one that it was opened on: what purges training before a test. */
  readonly horizon?: number
}

export interface CrossValidation extends Efficiency {
  readonly windows: readonly Choice[]
  readonly outOfSample: OutOfSample
}

/** Each fold is tested once, by the best trial of the others. */
export function purgedKFoldOver(
  matrix: TrialMatrix,
  { folds = 5, ...purge }: { folds?: number } & Purge = {},
): CrossValidation {
  const tests = groupsOf(matrix, folds)
  const windows = tests.map((test) => chooseBeside(matrix, [test], purge))
  return { windows, ...efficiencyOf(windows), outOfSample: pathOf(matrix, tests, (fold) => windows[fold]!.trial) }
}

export interface PathFigures {
  readonly sharpe: number
  readonly totalReturn: number
  readonly maxDrawdown: number
}

export interface CombinatorialValidation extends CrossValidation {
  readonly paths: readonly PathFigures[]
  /** Of the paths' Sharpe ratios of a year. */
  readonly pathSharpe: {
    readonly mean: number
    readonly deviation: number
    readonly min: number
    readonly median: number
    readonly max: number
    /** Share of the paths at or below 0. */
    readonly notPositive: number
  }
}

/**
 * Every choice of `testGroups` of `groups` is tested by the best trial of the rest; `outOfSample` is the path whose Sharpe ratio is
 * the median (the lower one of two).
 */
export function cpcvOver(
  matrix: TrialMatrix,
  { groups = 6, testGroups = 2, ...purge }: { groups?: number; testGroups?: number } & Purge = {},
): CombinatorialValidation {
  const parts = groupsOf(matrix, groups)
  const { tests, paths: count, pathTable } = combinations({ groups, testGroups })
  const windows = tests.map((test) =>
    chooseBeside(
      matrix,
      test.map((group) => parts[group]!),
      purge,
    ),
  )
  const paths = Array.from({ length: count }, (_, path) =>
    pathOf(matrix, parts, (group) => windows[pathTable[group]!.indexOf(path + 1)]!.trial),
  )
  const rising = paths.toSorted((a, b) => a.sharpe - b.sharpe)
  const middle = rising[Math.floor((count - 1) / 2)]!
  const sharpes = rising.map(({ sharpe }) => sharpe)
  return {
    windows,
    ...efficiencyOf(windows),
    outOfSample: middle,
    paths: paths.map(({ sharpe, totalReturn, maxDrawdown }) => ({ sharpe, totalReturn, maxDrawdown })),
    pathSharpe: {
      mean: mean(sharpes),
      deviation: deviationOf(sharpes),
      min: sharpes[0]!,
      median: middle.sharpe,
      max: sharpes.at(-1)!,
      notPositive: sharpes.filter((sharpe) => sharpe <= 0).length / count,
    },
  }
}

function groupsOf({ observations }: TrialMatrix, groups: number): Range[] {
  if (!(Number.isInteger(groups) && groups >= 2 && 2 * groups <= observations)) {
    throw impossible(
      `${groups} folds or groups of ${observations} days`,
      `give 2…${Math.max(2, Math.floor(observations / 2))}, with at least 2 days in each, or more days`,
    )
  }
  const starts = blockStarts(observations, groups)
  return starts.slice(0, groups).map((from, group) => ({ from, to: starts[group + 1]! }))
}

function chooseBeside(matrix: TrialMatrix, tests: readonly Range[], { embargo = 0, horizon = 0 }: Purge): Choice {
  const { observations } = matrix
  const labelEnds = Int32Array.from({ length: observations }, (_, i) => i + horizon)
  const train = rangesOf(purgedTrain(tests, { observations, labelEnds, embargo }))
  if (train.reduce((days, { from, to }) => days + to - from, 0) < 2) {
    throw impossible(
      `an embargo of ${embargo} and a horizon of ${horizon} leave less than 2 days to train on`,
      'give less of either, or more days',
    )
  }
  return choose(matrix, train, tests)
}

/** All days, each group as traded by the trial that was chosen without it. */
function pathOf(matrix: TrialMatrix, groups: readonly Range[], trialOf: (group: number) => number): OutOfSample {
  const returns = new Float64Array(matrix.observations)
  for (const [group, { from, to }] of groups.entries())
    returns.set(seriesOf(matrix, trialOf(group)).subarray(from, to), from)
  return outOfSampleOf(
    matrix,
    Array.from(returns, (_, day) => day),
    returns,
  )
}

function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return 0
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) * (value - middle), 0) / (values.length - 1))
}
