import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Evidence, thresholds, verdictOf } from './verdict.ts'

/** What a sound strategy shows. */
const sound: Evidence = {
  ...{ observations: 1_095, years: 3, trials: 1_000, sharpe: 1.9, dsr: 0.98, pbo: 0.05, pboLoss: 0, noiseShare: 0.001 },
  ...{ windows: 6, outOfSampleDays: 540, outOfSampleSharpe: 1.8, outOfSampleProbability: 0.97 },
  ...{ oosConsistency: 0.83, degradation: 0.2, minBacktestYears: 2 },
  ...{ winRate: 0.55, profitFactor: 1.6, paramsCount: 2, neighboursKeep: 0.9, gradientVariation: 0.5 },
}

test('sound evidence is green, without a warning, and says what it rests on', () => {
  const seen = verdictOf(sound)
  expect(seen).toMatchObject({ verdict: 'green', score: 0, level: 'LOW', warnings: [] })
  expect(seen.reasons).toContain('the deflated Sharpe ratio is 0.98 after 1000 trials (at least 0.95 is asked)')
  expect(seen.reasons).toContain('the probability of backtest overfitting is 5 % (at most 20 % is asked)')
})

describe('one thing that is wrong', () => {
  test.each<[Partial<Evidence>, string, string, RegExp]>([
    [{ dsr: 0.9 }, 'DSR_LOW', 'amber', /is 0\.9: the best of 1000 trials without an edge.*at least 0\.95 is asked/],
    [{ dsr: 0.4 }, 'DSR_LOW', 'red', /at least 0\.5 or it is luck/],
    [{ noiseShare: 0.03 }, 'NOISE_AS_GOOD', 'amber', /3 % of the controls/],
    [{ noiseShare: 0.2 }, 'NOISE_AS_GOOD', 'red', /at most 5 % or it is luck/],
    [{ pbo: 0.3, pboLoss: 0.2 }, 'PBO_HIGH', 'amber', /in 30 % of the splits, and loses there in 20 %/],
    [{ pbo: 0.6, pboLoss: 0.4 }, 'PBO_HIGH', 'red', /60 %/],
    [
      { outOfSampleProbability: 0.8 },
      'OUT_OF_SAMPLE_WEAK',
      'amber',
      /1\.8 out of sample, above 0 with a probability of 80 %/,
    ],
    [{ outOfSampleProbability: 0.3 }, 'OUT_OF_SAMPLE_WEAK', 'red', /30 %/],
    [{ oosConsistency: 0.5 }, 'OUT_OF_SAMPLE_INCONSISTENT', 'amber', /only 50 % of the windows/],
    [{ degradation: 0.6, outOfSampleProbability: 0.92 }, 'DEGRADATION_HIGH', 'amber', /60 % of the Sharpe ratio/],
    [{ minBacktestYears: 4 }, 'BACKTEST_SHORT', 'amber', /3 years of data: luck.*at least 4 is asked/],
    [{ observations: 300 }, 'DATA_SHORT', 'amber', /300 days are too few/],
    [{ windows: 2 }, 'WINDOWS_FEW', 'amber', /2 windows/],
    [{ outOfSampleDays: 80 }, 'OUT_OF_SAMPLE_SHORT', 'amber', /80 days/],
    [{ neighboursKeep: 0.1 }, 'PARAMETERS_SENSITIVE', 'amber', /only 10 % of the neighbouring/],
    [{ gradientVariation: 4 }, 'GRADIENT_VARIES', 'green', /vary by 4 times their mean.*at most 1 is asked/],
    [{ sharpe: 2.5 }, 'SHARPE_HIGH', 'green', /2\.5 a year is suspicious/],
    [{ winRate: 0.72 }, 'WIN_RATE_HIGH', 'green', /72 %/],
    [{ profitFactor: 3.2 }, 'PROFIT_FACTOR_HIGH', 'green', /3\.2/],
    [{ paramsCount: 6 }, 'PARAMETERS_MANY', 'green', /6 parameters/],
    // What is no harm where all else holds.
    [{ pbo: 0.6, pboLoss: 0.01 }, 'PBO_HIGH', 'green', /60 %/],
    [{ degradation: 0.6 }, 'DEGRADATION_HIGH', 'green', /60 %/],
  ])('%j warns %s: %s', (wrong, code, verdict, says) => {
    const seen = verdictOf({ ...sound, ...wrong })
    expect(seen.warnings.map((warning) => warning.code)).toEqual([code])
    expect(seen.verdict).toBe(verdict)
    expect(seen.warnings[0]!.message).toMatch(says)
    if (verdict !== 'green') expect(seen.reasons).toEqual([seen.warnings[0]!.message])
  })
})

test('many warnings are red, and some are amber, though none of them decides', () => {
  const suspicious = { sharpe: 4, winRate: 0.9, profitFactor: 8, paramsCount: 9, degradation: 0.7, pbo: 0.9 }
  const some = verdictOf({ ...sound, ...suspicious })
  expect([some.verdict, some.level, some.warnings.length]).toEqual(['amber', 'MEDIUM', 6])
  expect(some.reasons).toEqual(['40 % of the checks warn (at most 30 % is asked)'])
  const short = { observations: 100, windows: 1, outOfSampleDays: 30, neighboursKeep: 0 }
  const many = verdictOf({ ...sound, ...suspicious, ...short })
  expect([many.verdict, many.level]).toEqual(['red', 'HIGH'])
})

test('a gradient that varies is told, and changes neither score nor verdict', () => {
  for (const evidence of [sound, { ...sound, sharpe: 4, winRate: 0.9, profitFactor: 8, paramsCount: 9 }]) {
    const { warnings, ...seen } = verdictOf({ ...evidence, gradientVariation: 1_000 })
    expect(warnings.map(({ code }) => code)).toContain('GRADIENT_VARIES')
    const { warnings: _, ...without } = verdictOf({ ...evidence, gradientVariation: null })
    expect(seen).toEqual(without)
  }
})

test('what is not known is not judged', () => {
  const { winRate: _, profitFactor: __, paramsCount: ___, neighboursKeep: ____, ...known } = sound
  const seen = verdictOf({ ...known, pbo: null, pboLoss: null, degradation: null, minBacktestYears: null, sharpe: 2.5 })
  expect([seen.verdict, seen.score]).toEqual(['green', 1 / 8])
})

test('worse evidence is never better news', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const evidence = fc.record({ dsr: share, pbo: share, noiseShare: share, oosConsistency: share, degradation: share })
  const rank = { green: 0, amber: 1, red: 2 }
  fc.assert(
    fc.property(evidence, evidence, (a, b) => {
      const worse = {
        ...{ dsr: Math.min(a.dsr, b.dsr), oosConsistency: Math.min(a.oosConsistency, b.oosConsistency) },
        ...{ pbo: Math.max(a.pbo, b.pbo), noiseShare: Math.max(a.noiseShare, b.noiseShare) },
        degradation: Math.max(a.degradation, b.degradation),
      }
      const [one, other] = [verdictOf({ ...sound, ...a, pboLoss: 1 }), verdictOf({ ...sound, ...worse, pboLoss: 1 })]
      expect(rank[other.verdict]).toBeGreaterThanOrEqual(rank[one.verdict])
      expect(other.score).toBeGreaterThanOrEqual(one.score)
      if (one.verdict === 'green') expect(a.dsr).toBeGreaterThanOrEqual(thresholds.dsr.green)
    }),
  )
})
