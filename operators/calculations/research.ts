// Calculations of whether a result is skill or luck.
import { z } from 'zod'
import { combinations } from '../research/statistics/cpcv.ts'
import { deflatedSharpe } from '../research/statistics/deflated-sharpe.ts'
import { minBacktestLength } from '../research/statistics/min-backtest-length.ts'
import { backtestOverfitting, maxBlocks } from '../research/statistics/pbo.ts'
import { minTrackRecordLength, probabilisticSharpe } from '../research/statistics/probabilistic-sharpe.ts'
import { purgedKFold } from '../research/statistics/purged-k-fold.ts'
import { realityCheck } from '../research/statistics/reality-check.ts'
import { superiorPredictiveAbility } from '../research/statistics/spa.ts'
import { calculation } from './calculation.ts'
import { differencesOf, embargoOf, matrixOf, samplesOf } from './research-arguments.ts'

const sharpe = z.number().describe('per observation: that of a year over the root of the observations in it')
const shape = {
  skewness: z.number().default(0),
  kurtosis: z.number().min(1).default(3).describe('Pearson’s: a normal distribution has 3'),
}
const observations = z.int().min(2).describe('returns that the Sharpe ratio was measured on')
const trials = z.int().min(1).describe('all that were ever made')
const rows = z.array(z.array(z.number()).min(1)).min(1)
const bootstrap = {
  differences: rows.describe('a row an observation, a column a model: its performance less the benchmark’s'),
  bootstrapIndices: z
    .array(z.array(z.int().min(0)))
    .optional()
    .describe('a row a sample: which observations it is made of'),
  samples: z.int().min(1).max(100_000).optional().describe('with seed: as many stationary bootstrap samples'),
  seed: z.union([z.string(), z.number()]).optional(),
}
const meanBlock = z.number().min(1).describe('mean length of a bootstrap block, observations')

export const psrOf = calculation({
  name: 'psr',
  summary: 'probabilistic Sharpe ratio: how probable it is that the true one is above a benchmark',
  arguments: z.strictObject({
    sharpe,
    observations,
    ...shape,
    benchmarkSharpe: z.number().default(0).describe('per observation'),
  }),
  gives: 'probability',
  source: 'Bailey & López de Prado 2012, "The Sharpe Ratio Efficient Frontier"',
  answer: ({ observations, benchmarkSharpe, ...measured }) => ({
    probability: probabilisticSharpe(measured, { observations, benchmarkSharpe }),
  }),
})

export const minTrackRecordLengthOf = calculation({
  name: 'min-track-record-length',
  summary: 'how many observations it takes to be sure that a Sharpe ratio is above a benchmark',
  arguments: z.strictObject({
    sharpe,
    ...shape,
    benchmarkSharpe: z.number().default(0).describe('per observation'),
    confidence: z.number().gt(0).lt(1).default(0.95),
  }),
  gives: 'observations, not rounded',
  source: 'Bailey & López de Prado 2012, "The Sharpe Ratio Efficient Frontier"',
  answer: ({ benchmarkSharpe, confidence, ...measured }) => ({
    observations: minTrackRecordLength(measured, { benchmarkSharpe, confidence }),
  }),
})

export const dsrOf = calculation({
  name: 'dsr',
  summary: 'deflated Sharpe ratio: how probable it is that the best of many trials has a true one above 0',
  arguments: z.strictObject({
    sharpe,
    observations,
    ...shape,
    trials,
    trialsSharpeVariance: z.number().min(0).describe('of the trials’ Sharpe ratios per observation'),
  }),
  gives: 'expectedMaximumSharpe (per observation, of trials without an edge), probability',
  source: 'Bailey & López de Prado 2014, "The Deflated Sharpe Ratio"',
  answer: ({ observations, trials, trialsSharpeVariance, ...measured }) => ({
    ...deflatedSharpe(measured, { observations, trials, trialsSharpeVariance }),
  }),
})

export const minBacktestLengthOf = calculation({
  name: 'min-backtest-length',
  summary: 'the years in which luck alone gives the best of so many trials this Sharpe ratio',
  arguments: z.strictObject({ trials, annualSharpe: z.number().positive().describe('of a year') }),
  gives: 'years, upperBoundYears',
  source: 'Bailey, Borwein, López de Prado & Zhu 2014, "Pseudo-Mathematics and Financial Charlatanism"',
  answer: (given) => minBacktestLength(given),
})

export const pboOf = calculation({
  name: 'pbo',
  summary: 'probability of backtest overfitting, by combinatorially symmetric cross-validation of Sharpe ratios',
  arguments: z.strictObject({
    returns: rows.describe('a row an observation, a column a trial'),
    blocks: z.int().min(2).max(maxBlocks).default(16).describe('an even number'),
  }),
  gives: 'pbo, splits, logits (a split each, in the order of combinations)',
  source: 'Bailey, Borwein, López de Prado & Zhu 2015, "The Probability of Backtest Overfitting"',
  answer: ({ returns, blocks }) => {
    const { values, observations, columns } = matrixOf(returns, 'returns')
    const { pbo, splits, logits } = backtestOverfitting(values, { observations, trials: columns, blocks })
    return { pbo, splits, logits: [...logits] }
  },
})

export const purgedKFoldOf = calculation({
  name: 'purged-kfold',
  summary:
    'folds in order of time, their training parts without labels that overlap the test, and an embargo behind it',
  arguments: z.strictObject({
    observations: z.int().min(2).max(1_000_000),
    labelEnds: z.array(z.int()).describe('for each observation the last one that its label depends on'),
    folds: z.int().min(2).max(1_000),
    embargo: z.number().min(0).default(0).describe('observations; below 1 a share of all of them'),
  }),
  gives: 'folds: train and test, indices counted from 0',
  source: 'López de Prado 2018, "Advances in Financial Machine Learning", ch. 7',
  answer: ({ embargo, ...given }) => ({
    folds: purgedKFold({ ...given, embargo: embargoOf(embargo, given.observations) }).map(({ train, test }) => ({
      train: [...train],
      test: [...test],
    })),
  }),
})

export const cpcvOf = calculation({
  name: 'cpcv',
  summary: 'combinatorial purged cross-validation: how many splits and paths, and which test is part of which path',
  arguments: z.strictObject({ groups: z.int().min(2).max(100), testGroups: z.int().min(1) }),
  gives: 'splits, paths, pathTable (a row a group, a column a split: the path from 1 on, null where the group trains)',
  source: 'López de Prado 2018, "Advances in Financial Machine Learning", ch. 12',
  answer: (given) => {
    const { splits, paths, pathTable } = combinations(given)
    return { splits, paths, pathTable }
  },
})

export const realityCheckOf = calculation({
  name: 'reality-check',
  summary: 'whether the best of many models beats a benchmark by more than luck',
  arguments: z.strictObject({ ...bootstrap, meanBlock: meanBlock.optional() }),
  gives: 'statistic (the largest √n × mean), pValue',
  source: 'White 2000, "A Reality Check for Data Snooping"',
  answer: (given) => {
    const differences = differencesOf(given.differences)
    return { ...realityCheck(differences, samplesOf(given, differences.observations)) }
  },
})

export const spaOf = calculation({
  name: 'spa',
  summary: 'superior predictive ability: the reality check of studentized means, which poor models do not weaken',
  arguments: z.strictObject({ ...bootstrap, meanBlock }),
  gives: 'statistic, and the p-values lower, consistent, upper',
  source: 'Hansen 2005, "A Test for Superior Predictive Ability"',
  answer: ({ meanBlock, ...given }) => {
    const differences = differencesOf(given.differences)
    const samples = samplesOf({ ...given, meanBlock }, differences.observations)
    return { ...superiorPredictiveAbility(differences, { samples, meanBlock }) }
  },
})

export const researchCalculations = [
  ...[psrOf, minTrackRecordLengthOf, dsrOf, minBacktestLengthOf, pboOf],
  ...[purgedKFoldOf, cpcvOf, realityCheckOf, spaOf],
]
