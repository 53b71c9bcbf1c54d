// What holds of the statistics whatever the numbers are, and what is said of arguments that mean nothing.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calculate, calculationOf } from '../../calculations/index.ts'
import { random } from '../../random.ts'
import { combinations } from './cpcv.ts'
import { expectedMaximum } from './deflated-sharpe.ts'
import { normalCdf, normalQuantile } from './normal.ts'
import { backtestOverfitting } from './pbo.ts'
import { probabilisticSharpe } from './probabilistic-sharpe.ts'
import { purgedKFold } from './purged-k-fold.ts'
import { realityCheck } from './reality-check.ts'
import { superiorPredictiveAbility } from './spa.ts'
import { stationaryBootstrap } from './stationary-bootstrap.ts'

const calc = (name: string, given: object) => calculate(calculationOf(name), given)

/** Normal returns, trial after trial. */
function noise(seed: number, trials: number, observations: number): Float64Array {
  const draw = random(seed)
  return Float64Array.from({ length: trials * observations }, () => 0.01 * draw.normal())
}

/** The same columns in another order. */
function permuted(values: Float64Array, order: readonly number[]): Float64Array {
  const length = values.length / order.length
  const out = new Float64Array(values.length)
  order.forEach((from, to) => {
    out.set(values.subarray(from * length, (from + 1) * length), to * length)
  })
  return out
}

describe('the normal distribution', () => {
  test('its quantile undoes it, and both sides mirror', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (x) => {
        expect(normalCdf(x) + normalCdf(-x)).toBeCloseTo(1, 14)
        if (x < 2) expect(normalQuantile(normalCdf(x))).toBeCloseTo(x, 11)
      }),
    )
  })

  test('ends at infinity, and says NaN of what is no share', () => {
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(1.1)]).toEqual([-Infinity, Infinity, Number.NaN])
    expect([normalCdf(-Infinity), normalCdf(Infinity), normalCdf(Number.NaN)]).toEqual([0, 1, Number.NaN])
  })
})

describe('Sharpe ratios', () => {
  test('more observations, a lower benchmark and fewer trials never make a good one less probable', () => {
    const measured = fc.record({
      sharpe: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
      skewness: fc.double({ min: -1, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(
        measured,
        fc.integer({ min: 2, max: 2_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        (one, observations, trials) => {
          const shape = { ...one, kurtosis: 4 }
          const of = (n: number, benchmarkSharpe: number) =>
            probabilisticSharpe(shape, { observations: n, benchmarkSharpe })
          expect(of(observations + 1, 0)).toBeGreaterThanOrEqual(of(observations, 0))
          expect(of(observations, 0.02)).toBeLessThanOrEqual(of(observations, 0.01))
          expect(expectedMaximum(trials + 1)).toBeGreaterThan(expectedMaximum(trials))
        },
      ),
    )
  })

  test('of one trial the deflated is the probabilistic one', () => {
    const shape = { sharpe: 0.1, observations: 300, skewness: -0.5, kurtosis: 6 }
    expect(calc('dsr', { ...shape, trials: 1, trialsSharpeVariance: 0.01 })).toEqual({
      expectedMaximumSharpe: 0,
      ...calc('psr', { ...shape, benchmarkSharpe: 0 }),
    })
  })
})

describe('the probability of backtest overfitting', () => {
  test('does not depend on the order of trials', () => {
    const shape = { observations: 60, trials: 7, blocks: 6 }
    const returns = noise(1, 7, 60)
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), (order) => {
        expect(backtestOverfitting(permuted(returns, order), shape)).toEqual(backtestOverfitting(returns, shape))
      }),
      { numRuns: 20 },
    )
  })

  test('is 0 where one trial is always best, and 1 where what was best in sample is worst out of it', () => {
    const observations = 80
    const better = noise(2, 5, observations).map((value, i) => (i < observations ? value + 0.05 : value))
    expect(backtestOverfitting(better, { observations, trials: 5, blocks: 8 }).pbo).toBe(0)
    // Each trial earns in one block what it loses, a little each, in all others.
    const lucky = noise(3, 8, observations).map((value, i) => {
      const [trial, block] = [Math.floor(i / observations), Math.floor((i % observations) / 10)]
      return value / 100 + (block === trial ? 0.08 : -0.01)
    })
    expect(backtestOverfitting(lucky, { observations, trials: 8, blocks: 8 }).pbo).toBe(1)
  })

  test('counts trials that never traded as Sharpe 0, and equal trials with the mean of their ranks', () => {
    const { pbo, logits } = backtestOverfitting(new Float64Array(3 * 40), { observations: 40, trials: 3, blocks: 4 })
    expect([pbo, ...logits]).toEqual([1, 0, 0, 0, 0, 0, 0])
  })
})

describe('tests of many models', () => {
  const observations = 60
  const samples = stationaryBootstrap(observations, { samples: 101, meanBlock: 4, seed: 9 })

  test('do not depend on the order of models; their p-values rise from lower to upper', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (seed, order) => {
        const drift = [-0.006, 0, 0.001, -0.001, 0.002]
        const values = noise(seed, 5, observations).map((value, i) => value + drift[Math.floor(i / observations)]!)
        const one = { values, observations, models: 5 }
        const other = { ...one, values: permuted(values, order) }
        expect(realityCheck(other, samples)).toEqual(realityCheck(one, samples))
        const spa = superiorPredictiveAbility(one, { samples, meanBlock: 4 })
        expect(superiorPredictiveAbility(other, { samples, meanBlock: 4 })).toEqual(spa)
        expect(spa.lower).toBeLessThanOrEqual(spa.consistent)
        expect(spa.consistent).toBeLessThanOrEqual(spa.upper)
      }),
      { numRuns: 30 },
    )
  })

  test('a sample that draws every observation once is exactly as good as what was seen', () => {
    const each = [Array.from({ length: observations }, (_, i) => i)]
    expect(realityCheck({ values: noise(4, 1, observations), observations, models: 1 }, each).pValue).toBe(0)
  })

  test('models that equal the benchmark take no part, and alone they prove nothing', () => {
    const values = new Float64Array(2 * observations)
    const nobody = { values, observations, models: 2 }
    const nothing = { statistic: 0, lower: 1, consistent: 1, upper: 1 }
    expect(superiorPredictiveAbility(nobody, { samples, meanBlock: 4 })).toEqual(nothing)
    const ahead = { ...nobody, values: values.fill(0.5, 0, observations) }
    expect(() => superiorPredictiveAbility(ahead, { samples, meanBlock: 4 })).toThrow('model 0 is ahead')
  })

  test('bootstrap blocks go on round the end, and are as long as they should be on average', () => {
    const [long] = stationaryBootstrap(50_000, { samples: 1, meanBlock: 10, seed: 1 })
    const begun = long!.filter((value, i) => i === 0 || value !== (long![i - 1]! + 1) % 50_000).length
    expect(50_000 / begun).toBeGreaterThan(9.5)
    expect(50_000 / begun).toBeLessThan(10.5)
    expect(stationaryBootstrap(9, { samples: 2, meanBlock: 3, seed: 's' })).toEqual(
      stationaryBootstrap(9, { samples: 2, meanBlock: 3, seed: 's' }),
    )
  })
})

describe('folds and paths', () => {
  test('no training label touches one of the test, and every observation is tested once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), fc.nat(6), fc.nat(4), (observations, ahead, embargo) => {
        const labelEnds = Array.from({ length: observations }, (_, i) => i + ((i * 7) % (ahead + 1)))
        const folds = purgedKFold({ observations, labelEnds, folds: 4, embargo })
        expect(folds.flatMap(({ test }) => [...test])).toEqual(Array.from({ length: observations }, (_, i) => i))
        for (const { train, test } of folds) {
          const last = Math.max(...test.map((i) => labelEnds[i]!))
          for (const i of train) expect(labelEnds[i]! < test[0]! || i > last + embargo).toBe(true)
        }
      }),
    )
  })

  test('each path tests each group once, in splits that have it as a test', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 8 }), (groups, testGroups) => {
        fc.pre(testGroups < groups)
        const { splits, paths, tests, pathTable } = combinations({ groups, testGroups })
        expect([tests.length, new Set(tests.map(String)).size]).toEqual([splits, splits])
        for (const row of pathTable) {
          const every = Array.from({ length: paths }, (_, path) => path + 1)
          expect(row.filter((path) => path !== null)).toEqual(every)
        }
      }),
    )
  })
})

test.each([
  ['psr', { sharpe: 0.1, observations: 100, skewness: -3, kurtosis: 5 }, /no distribution has a kurtosis below/],
  ['psr', { sharpe: 0.1, observations: 1 }, /observations = 1; allowed: a whole number at least 2/],
  ['min-track-record-length', { sharpe: 0.1, benchmarkSharpe: 0.1 }, /no track record is long enough/],
  ['dsr', { sharpe: 0.1, observations: 9, trials: 0, trialsSharpeVariance: 0.1 }, /trials = 0/],
  ['min-backtest-length', { trials: 10, annualSharpe: 0 }, /annualSharpe = 0; allowed: a number above 0/],
  ['pbo', { returns: [[1, 2], [1]], blocks: 2 }, /returns\[1\] has 1 numbers, returns\[0\] has 2/],
  ['pbo', { returns: Array(12).fill([1, 2]), blocks: 5 }, /5 blocks/],
  ['pbo', { returns: Array(12).fill([1, 2]), blocks: 8 }, /a block needs at least 2/],
  ['pbo', { returns: Array(12).fill([1]), blocks: 2 }, /nothing was chosen/],
  ['purged-kfold', { observations: 3, labelEnds: [0, 1], folds: 2 }, /2 labelEnds for 3 observations/],
  ['purged-kfold', { observations: 3, labelEnds: [0, 0, 2], folds: 2 }, /labelEnds\[1\] = 0/],
  ['purged-kfold', { observations: 3, labelEnds: [0, 1, 2], folds: 2, embargo: 1.5 }, /embargo 1\.5/],
  ['cpcv', { groups: 6, testGroups: 6 }, /6 testGroups of 6 groups/],
  ['cpcv', { groups: 30, testGroups: 15 }, /155117520 splits/],
  ['reality-check', { differences: [[1], [2]] }, /no bootstrapIndices/],
  ['reality-check', { differences: [[1], [2]], samples: 5, seed: 1 }, /meanBlock/],
  [
    'spa',
    { differences: [[1], [2], [4]], meanBlock: 1, bootstrapIndices: [[0, 1]] },
    /has 2 entries for 3 observations/,
  ],
  [
    'spa',
    { differences: [[1], [2], [4]], meanBlock: 1, bootstrapIndices: [[0, 1, 3]] },
    /\[0\]\[2\] = 3: no observation/,
  ],
])('calc %s says what is wrong with %j', (name, given, says) => {
  expect(() => calc(name, given)).toThrow(says)
  expect(() => calc(name, given)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', fix: expect.any(String) }))
})
