// Everything that is asked of a sweep before its best trial is believed, in one answer that goes into JSON as it is.
import { type Choice, mean, type OutOfSample } from './choice.ts'
import { type CombinatorialValidation, cpcvOver, purgedKFoldOver } from './cross-validation.ts'
import { holdOut } from './hold-out.ts'
import { type Grid, parameterSensitivity, type Sensitivity } from './sensitivity.ts'
import { deflatedSharpe } from './statistics/deflated-sharpe.ts'
import { impossible } from './statistics/impossible.ts'
import { minBacktestLength } from './statistics/min-backtest-length.ts'
import { backtestOverfitting } from './statistics/pbo.ts'
import {
  annualSharpe,
  bestOver,
  checkMatrix,
  measured,
  outcomeOf,
  seriesOf,
  sharpeOver,
  type TrialMatrix,
  whole,
} from './trial-matrix.ts'
import { type Verdict, verdictOf } from './verdict.ts'
import { type WindowLengths, walkForward } from './walk-forward.ts'
import { type WhiteNoiseControl, whiteNoiseControl } from './white-noise.ts'

export const validationMethods = ['walk-forward', 'cpcv', 'purged-kfold'] as const
export type ValidationMethod = (typeof validationMethods)[number]

export interface ValidationOptions {
  readonly method?: ValidationMethod
  /** Windows of walk-forward (6), folds of purged k-fold (5), or groups of cpcv (6). */
  readonly windows?: number
  /** Of the windows of walk-forward, in days, instead of how many. */
  readonly lengths?: WindowLengths
  /** Walk-forward trains on all days before a test, not on as many each time. */
  readonly anchored?: boolean
  /** Groups that a split of cpcv tests at once: 2. */
  readonly testGroups?: number
  /** Days left out of training behind a test: a hundredth of all. */
  readonly embargo?: number
  /** Days that a position is held beyond the one that it was opened on: 0. */
  readonly horizon?: number
  /** All trials ever made on these data, those of the matrix among them. */
  readonly trialsSoFar?: number
  /** Parameters that were varied. */
  readonly paramsCount?: number
  /** Of the chosen trial's trades. */
  readonly winRate?: number | null
  readonly profitFactor?: number | null
  /** Where the trials stand in the grid of parameters. */
  readonly grid?: Grid
  /** Of the white-noise controls: 500. */
  readonly controls?: number
  readonly seed?: string | number
}

/** Sharpe ratios are of a year unless said; returns and drawdowns fractions; times µs; null where a figure cannot be given. */
export interface Validation extends Verdict {
  readonly method: ValidationMethod
  readonly observations: number
  readonly years: number
  readonly trials: number
  readonly trialsSoFar: number
  /** The best trial over all days: the one that is judged. */
  readonly best: {
    readonly trial: number
    readonly sharpe: number
    readonly skewness: number
    readonly kurtosis: number
    readonly totalReturn: number
    readonly maxDrawdown: number
  }
  /** Windows, folds, or splits of cpcv. */
  readonly windows: readonly Choice[]
  readonly oosConsistency: number
  readonly degradation: number | null
  readonly inOutCorrelation: number | null
  readonly outOfSample: OutOfSample
  /** Of cpcv. */
  readonly paths?: CombinatorialValidation['paths']
  readonly pathSharpe?: CombinatorialValidation['pathSharpe']
  readonly dsr: number
  /** What it was deflated by; per observation. */
  readonly deflation: Deflation
  readonly pbo: number | null
  /** `loss`: share of the splits in which the best in sample loses out of sample. */
  readonly pboSplits: { readonly blocks: number; readonly splits: number; readonly loss: number } | null
  readonly whiteNoise: WhiteNoiseControl
  /** Null where the best trial does not earn. */
  readonly minBacktestLength: { readonly years: number; readonly upperBoundYears: number } | null
  readonly holdOut: Choice
  readonly sensitivity: Sensitivity | null
  /** Why a figure is null. */
  readonly reasonsOfNull: Readonly<Record<string, string>>
}

export interface Deflation {
  readonly expectedMaximumSharpe: number
  /** Variance of the trials' Sharpe ratios as it is, and as it was used. */
  readonly varianceSeen: number
  readonly varianceUsed: number
  /** The deflated Sharpe ratio by the variance as it is, as in the paper. */
  readonly asPublished: number
}

/**
 * Errors: SmartspeedError NO_DATA or CONFIG_INVALID for a matrix that holds nothing or is no matrix, more windows than days allow,
 *         fewer trialsSoFar than the matrix has.
 */
export function validateTrials(matrix: TrialMatrix, options: ValidationOptions = {}): Validation {
  const { method = 'walk-forward', trialsSoFar = matrix.trials, controls = 500, seed = 1 } = options
  const { observations, trials, periodsPerYear } = checkMatrix(matrix)
  if (!(Number.isInteger(trialsSoFar) && trialsSoFar >= trials))
    throw impossible(`${trialsSoFar} trials so far, of which ${trials} are here`, 'count all trials, these among them')
  const { trial } = bestOver(matrix, whole(matrix))
  const shape = measured(seriesOf(matrix, trial))
  const sharpe = annualSharpe(matrix, shape.sharpe)
  const sharpes = Float64Array.from({ length: trials }, (_, one) => sharpeOver(matrix, one, whole(matrix)))
  const { windows, oosConsistency, degradation, inOutCorrelation, outOfSample, ...paths } = validated(matrix, options)
  const { probability: dsr, deflation } = deflated(shape, { sharpes, observations, trialsSoFar })
  const overfitting = overfittingOf(matrix)
  const whiteNoise = whiteNoiseControl(matrix, { controls, trialsSoFar, seed })
  const shortest = sharpe > 0 ? minBacktestLength({ trials: trialsSoFar, annualSharpe: sharpe }) : null
  const sensitivity = options.grid === undefined ? null : parameterSensitivity(sharpes, options.grid)
  const years = observations / periodsPerYear
  const judged = verdictOf({
    ...{ observations, years, trials: trialsSoFar, sharpe, dsr, pbo: overfitting?.pbo ?? null },
    pboLoss: overfitting?.cut.loss ?? null,
    ...{ noiseShare: whiteNoise.shareOfAll, windows: windows.length, oosConsistency, degradation },
    ...{ outOfSampleDays: outOfSample.observations, outOfSampleSharpe: outOfSample.sharpe },
    ...{ outOfSampleProbability: outOfSample.probability, minBacktestYears: shortest?.years ?? null },
    ...{ winRate: options.winRate, profitFactor: options.profitFactor, paramsCount: options.paramsCount },
    ...{ neighboursKeep: sensitivity?.neighboursKeep, gradientVariation: sensitivity?.gradientVariation },
  })
  return {
    ...{ method, observations, years, trials, trialsSoFar },
    best: { trial, ...shape, sharpe, ...outcomeOf(seriesOf(matrix, trial)) },
    ...{ windows, oosConsistency, degradation, inOutCorrelation, outOfSample, ...paths },
    ...{ dsr, deflation, pbo: overfitting?.pbo ?? null, pboSplits: overfitting?.cut ?? null, whiteNoise },
    ...{ minBacktestLength: shortest, holdOut: holdOut(matrix), sensitivity },
    ...judged,
    reasonsOfNull: reasonsOfNull({
      trials,
      degradation,
      inOutCorrelation,
      pbo: overfitting?.pbo ?? null,
      sharpe,
      sensitivity,
    }),
  }
}

function validated(matrix: TrialMatrix, options: ValidationOptions) {
  const { method = 'walk-forward', windows, lengths, anchored = false, testGroups = 2, horizon = 0 } = options
  const { embargo = Math.ceil(matrix.observations / 100) } = options
  if (method === 'walk-forward') return walkForward(matrix, { ...(lengths ?? { windows: windows ?? 6 }), anchored })
  if (method === 'cpcv') return cpcvOver(matrix, { groups: windows ?? 6, testGroups, embargo, horizon })
  return purgedKFoldOver(matrix, { folds: windows ?? 5, embargo, horizon })
}

/** Why the deflated Sharpe ratio that is judged is not `asPublished`, as a person reads it. */
export const whyNotAsPublished =
  'The paper deflates by all that trials differ by; what is judged, by no more of it than luck gives, because a trial that is worse or better than others is not a luckier one.'

/**
 * The variance of the trials' Sharpe ratios is held to 1 / (observations − 1), which the estimate has by luck when returns are
 * independent: what trials differ by beyond it is that some are worse or better, which says nothing of luck, and would deflate the
 * best by its own distance from the rest. Of one trial nothing is seen, and that is what is used.
 */
function deflated(
  shape: ReturnType<typeof measured>,
  { sharpes, observations, trialsSoFar }: { sharpes: Float64Array; observations: number; trialsSoFar: number },
): { probability: number; deflation: Deflation } {
  const byLuck = 1 / (observations - 1)
  const middle = mean([...sharpes])
  const squares = sharpes.reduce((sum, sharpe) => sum + (sharpe - middle) * (sharpe - middle), 0)
  const varianceSeen = sharpes.length < 2 ? byLuck : squares / (sharpes.length - 1)
  const varianceUsed = Math.min(varianceSeen, byLuck)
  const by = (trialsSharpeVariance: number) =>
    deflatedSharpe(shape, { observations, trials: trialsSoFar, trialsSharpeVariance })
  const { probability, expectedMaximumSharpe } = by(varianceUsed)
  const asPublished = by(varianceSeen).probability
  return { probability, deflation: { expectedMaximumSharpe, varianceSeen, varianceUsed, asPublished } }
}

/** In 16 blocks, or in fewer so that each has 10 days; undefined for one trial or less than 40 days. */
function overfittingOf({ returns, observations, trials }: TrialMatrix) {
  const blocks = Math.min(16, 2 * Math.floor(observations / 20))
  if (trials < 2 || blocks < 4) return undefined
  const { pbo, splits, loss } = backtestOverfitting(returns, { observations, trials, blocks })
  return { pbo, cut: { blocks, splits, loss } }
}

function reasonsOfNull(given: {
  trials: number
  degradation: number | null
  inOutCorrelation: number | null
  pbo: number | null
  sharpe: number
  sensitivity: Sensitivity | null
}): Record<string, string> {
  const { trials, degradation, inOutCorrelation, pbo, sharpe, sensitivity } = given
  return {
    ...(degradation === null && { degradation: 'nothing was earned in sample that could be lost' }),
    ...(inOutCorrelation === null && { inOutCorrelation: 'fewer than two windows, or Sharpe ratios without spread' }),
    ...(pbo === null && { pbo: trials < 2 ? 'one trial: nothing was chosen' : 'it takes 40 days to cut blocks' }),
    ...(sensitivity === null && { sensitivity: 'it was not said where the trials stand in a grid' }),
    ...(sharpe <= 0 && { minBacktestLength: 'the best trial does not earn' }),
  }
}
