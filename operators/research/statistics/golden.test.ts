// The statistics, held against scipy, numpy and arch, and against what the papers print.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { calculate, calculationOf } from '../../calculations/index.ts'
import { normalCdf, normalQuantile } from './normal.ts'

type Case = readonly [given: object, answer: Record<string, number>]

interface Golden {
  normal: { cdf: [number, number][]; quantile: [number, number][] }
  sharpe: {
    measured: { psr: [object, number]; minTrackRecordLength?: [object, number] }[]
    deflated: Case[]
    lengths: Case[]
  }
  pbo: { returns: number[][]; blocks: number; pbo: number; logits: number[] }[]
  models: {
    differences: number[][]
    meanBlock: number
    bootstrapIndices: number[][]
    realityCheck: { statistic: number; pValue: number }
    spa: { statistic: number; lower: number; consistent: number; upper: number }
  }[]
  purged: { observations: number; labelEnds: number[]; folds: number; embargo: number; answer: object }[]
  cpcv: [object, object][]
}

const file = new URL('../../../tests/golden/research/research.json', import.meta.url)
const golden: Golden = JSON.parse(readFileSync(file, 'utf8'))
const calc = (name: string, given: object) => calculate(calculationOf(name), given) as Record<string, number>

function expectClose(seen: number | undefined, expected: number, relative = 1e-12) {
  expect(Math.abs(seen! - expected), `${seen} is not ${expected}`).toBeLessThanOrEqual(relative * Math.abs(expected))
}

describe('as independent packages have it', () => {
  test('the normal distribution is scipy’s, in its tails too', () => {
    for (const [x, below] of golden.normal.cdf) expectClose(normalCdf(x), below, 3e-13)
    for (const [share, x] of golden.normal.quantile) expectClose(normalQuantile(share), x, 3e-13)
  })

  test('probabilistic and deflated Sharpe ratios, and the lengths of track records and backtests', () => {
    for (const { psr, minTrackRecordLength } of golden.sharpe.measured) {
      expectClose(calc('psr', psr[0]).probability, psr[1])
      if (minTrackRecordLength !== undefined)
        expectClose(calc('min-track-record-length', minTrackRecordLength[0]).observations, minTrackRecordLength[1])
    }
    // scipy is asked for 1 − 1/N, which has fewer digits than 1/N.
    for (const [given, { expectedMaximumSharpe, probability }] of golden.sharpe.deflated) {
      const seen = calc('dsr', given)
      expectClose(seen.expectedMaximumSharpe, expectedMaximumSharpe!, 1e-11)
      expectClose(seen.probability, probability!, 1e-11)
    }
    for (const [given, { years, upperBoundYears }] of golden.sharpe.lengths) {
      const seen = calc('min-backtest-length', given)
      expectClose(seen.years, years!)
      expectClose(seen.upperBoundYears, upperBoundYears!)
    }
  })

  test('the probability of backtest overfitting, split by split', () => {
    for (const { returns, blocks, pbo, logits } of golden.pbo) {
      const seen = calculate(calculationOf('pbo'), { returns, blocks }) as unknown as {
        pbo: number
        splits: number
        logits: number[]
      }
      expect([seen.pbo, seen.splits]).toEqual([pbo, logits.length])
      for (const [split, logit] of logits.entries()) expect(seen.logits[split]).toBeCloseTo(logit, 12)
    }
  })

  test('White’s and Hansen’s tests have arch’s p-values on the same bootstrap indices', () => {
    for (const { differences, meanBlock, bootstrapIndices, realityCheck, spa } of golden.models) {
      const white = calc('reality-check', { differences, meanBlock, bootstrapIndices })
      expectClose(white.statistic, realityCheck.statistic)
      expect(white.pValue).toBe(realityCheck.pValue)
      const { statistic, ...pValues } = calc('spa', { differences, meanBlock, bootstrapIndices })
      expectClose(statistic, spa.statistic)
      const { statistic: _, ...expected } = spa
      expect(pValues).toEqual(expected)
    }
  })

  test('purged folds, and the splits and paths of combinations of groups', () => {
    for (const { answer, ...given } of golden.purged) expect(calc('purged-kfold', given)).toEqual({ folds: answer })
    for (const [given, answer] of golden.cpcv) expect(calc('cpcv', given)).toEqual(answer)
  })
})

describe('as the papers print it', () => {
  const daily = { sharpe: 2.5 / Math.sqrt(250), observations: 1250, skewness: -3, kurtosis: 10 }

  test('deflated Sharpe: 2.5 a year on 1,250 days, best of 100 trials, is 0.9004; of 46 it would be 0.9505', () => {
    const of100 = calc('dsr', { ...daily, trials: 100, trialsSharpeVariance: 0.5 / 250 })
    expect(of100.expectedMaximumSharpe).toBeCloseTo(0.1132, 4)
    expect(of100.probability).toBeCloseTo(0.9004, 4)
    expect(calc('dsr', { ...daily, trials: 46, trialsSharpeVariance: 0.5 / 250 }).probability).toBeCloseTo(0.9505, 4)
  })

  test('probabilistic Sharpe: two years of 0.458 a month are 98.2 % sure when normal, 91.3 % by their own shape', () => {
    const fund = { sharpe: 0.458, observations: 24, benchmarkSharpe: 0 }
    expect(calc('psr', { ...fund, skewness: 0, kurtosis: 3 }).probability).toBeCloseTo(0.982, 3)
    expect(calc('psr', { ...fund, skewness: -2.448, kurtosis: 10.164 }).probability).toBeCloseTo(0.913, 3)
  })

  test.each([
    [250, 0, 3, 2.73],
    [52, 0, 3, 2.83],
    [12, 0, 3, 3.24],
    [12, -0.72, 5.78, 4.99],
  ])(
    'a track record of %d a year, skewness %d, kurtosis %d: 2 is above 1 after %d years',
    (periods, skewness, kurtosis, years) => {
      const [sharpe, benchmarkSharpe] = [2 / Math.sqrt(periods), 1 / Math.sqrt(periods)]
      const given = { sharpe, benchmarkSharpe, skewness, kurtosis, confidence: 0.95 }
      expect(calc('min-track-record-length', given).observations! / periods).toBeCloseTo(years, 2)
    },
  )

  test('45 trials give a Sharpe ratio of 1 on five years of nothing', () => {
    expect(calc('min-backtest-length', { trials: 45, annualSharpe: 1 }).years).toBeCloseTo(5, 2)
  })

  test('six groups with two tested are 15 splits and 5 paths', () => {
    expect(calc('cpcv', { groups: 6, testGroups: 2 })).toMatchObject({ splits: 15, paths: 5 })
  })
})
