// The whole answer, on sweeps of which it is known what is in them. tests/verdict-rates.ts prints all rates.
import { describe, expect, test } from 'vitest'
import { rounds, testWith } from '../../tests/data.ts'
import { crossings, noise } from '../../tests/planted-trials.ts'
import { ratesOf } from '../../tests/verdict-rates.ts'
import { type TrialMatrix, trialMatrix, validateTrials, validationMethods } from './index.ts'

/** The first trials and the last days of a matrix. */
function part({ observations, returns, times, trials, ...rest }: TrialMatrix, few: { trials?: number; days?: number }) {
  const { trials: count = trials, days = observations } = few
  const series = Array.from({ length: count }, (_, trial) =>
    returns.subarray((trial + 1) * observations - days, (trial + 1) * observations),
  )
  return { ...rest, ...trialMatrix(series, { times: times.subarray(observations - days) }) }
}

const seeds = rounds(8, 1)
/** Eight sweeps of five years take half a minute of one core. */
const slowMs = 900_000

describe('planted truths', () => {
  testWith(
    'time',
    'the best of 1,000 trials without an edge is never green, and red in at least six of seven',
    () => {
      for (const name of ['noise, 3 years', 'crossings on a random walk, 3 years']) {
        const { green, red } = ratesOf(name, seeds)
        expect(green, name).toBe(0)
        expect(red, name).toBeGreaterThanOrEqual(Math.floor(0.85 * seeds))
      }
    },
    slowMs,
  )

  test(
    'a family of 36 trials among them with a true Sharpe ratio of 3 over 5 years is green in at least six of seven',
    () => {
      expect(ratesOf('edge of 3, 5 years', seeds).green).toBeGreaterThanOrEqual(Math.ceil(0.85 * seeds))
    },
    slowMs,
  )

  test('too little data is never green, however good it looks', () => {
    const matrix = part(noise(1, { sharpe: 6 }).matrix, { trials: 50 })
    expect(validateTrials(matrix).verdict).toBe('green')
    for (const days of [12, 40, 100, 364]) {
      const seen = validateTrials(part(matrix, { days }), { windows: 3, controls: 50 })
      expect(seen.verdict).not.toBe('green')
      expect(seen.warnings.map(({ code }) => code)).toContain('DATA_SHORT')
    }
  })
})

describe('an answer', () => {
  const { matrix } = crossings(5)
  const small = part(matrix, { trials: 60 })
  const options = { paramsCount: 2, winRate: 0.5, profitFactor: 1.1, controls: 40 }

  test.each(validationMethods)('of %s goes into JSON as it is, the same every time', (method) => {
    const seen = validateTrials(small, { method, ...options })
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen)
    expect(validateTrials(small, { method, ...options })).toEqual(seen)
    expect(seen.windows).toHaveLength({ 'walk-forward': 6, cpcv: 15, 'purged-kfold': 5 }[method])
    expect(seen).toMatchObject({ method, trials: 60, trialsSoFar: 60 })
    expect(Object.keys(seen.reasonsOfNull)).toEqual(['sensitivity'])
  })

  test('with more trials so far is never better news', () => {
    const [few, many] = [60, 60_000].map((trialsSoFar) => validateTrials(small, { ...options, trialsSoFar }))
    expect(many!.dsr).toBeLessThan(few!.dsr)
    expect(many!.whiteNoise.shareOfAll).toBeGreaterThanOrEqual(few!.whiteNoise.shareOfAll)
    expect(many!.minBacktestLength!.years).toBeGreaterThan(few!.minBacktestLength!.years)
    expect(many!.score).toBeGreaterThanOrEqual(few!.score)
  })

  test('of one trial has no probability of overfitting, and says why', () => {
    const seen = validateTrials(part(noise(1).matrix, { trials: 1 }), options)
    expect(seen).toMatchObject({ pbo: null, pboSplits: null, reasonsOfNull: { pbo: 'one trial: nothing was chosen' } })
    expect(seen.deflation.expectedMaximumSharpe).toBe(0)
  })

  test('of trials that never traded is red, with nothing in it that is no number', () => {
    const times = Float64Array.from({ length: 400 }, (_, i) => i)
    const seen = validateTrials(trialMatrix([new Float64Array(400), new Float64Array(400)], { times }), options)
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen)
    expect(seen.verdict).toBe('red')
    expect(seen.reasonsOfNull).toMatchObject({ minBacktestLength: 'the best trial does not earn' })
  })

  test('deflates by no more than luck where most trials lose by their costs', () => {
    const series = Array.from({ length: 60 }, (_, trial) =>
      small.returns.subarray(trial * 1_095, (trial + 1) * 1_095).map((value) => value - trial / 20_000),
    )
    const { deflation, dsr } = validateTrials(trialMatrix(series, { times: small.times }), options)
    expect(deflation.varianceUsed).toBe(1 / 1_094)
    expect(deflation.varianceSeen).toBeGreaterThan(1 / 1_094)
    expect(deflation.asPublished).toBeLessThan(dsr)
  })

  test('is refused for fewer trials so far than there are, and for more windows than days allow', () => {
    expect(() => validateTrials(small, { trialsSoFar: 59 })).toThrow('59 trials so far, of which 60 are here')
    expect(() => validateTrials(small, { windows: 400 })).toThrow('400 windows over 1095 days')
  })
})
