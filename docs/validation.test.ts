import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { researchCalculations } from '../operators/calculations/research.ts'
import { thresholds, warningCodes } from '../operators/research/index.ts'

const text = readFileSync(join(import.meta.dirname, 'validation.md'), 'utf8')
const row = (code: string) => text.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${code}\``))

test('docs/validation.md has every calculation and every warning', () => {
  for (const { name } of researchCalculations) expect(row(name), name).toBeDefined()
  for (const code of warningCodes) expect(row(code), code).toBeDefined()
})

test('docs/validation.md has the thresholds of the code', () => {
  const { dsr, pbo, noiseShare, outOfSampleProbability } = thresholds
  const percent = (share: number) => `${Math.round(share * 100)} %`
  for (const [code, ...expected] of [
    ['DSR_LOW', String(dsr.green), String(dsr.red)],
    ['PBO_HIGH', percent(pbo.green), percent(pbo.red)],
    ['NOISE_AS_GOOD', percent(noiseShare.green), percent(noiseShare.red)],
    ['OUT_OF_SAMPLE_WEAK', percent(outOfSampleProbability.green), percent(outOfSampleProbability.red)],
    ['OUT_OF_SAMPLE_INCONSISTENT', percent(thresholds.oosConsistency)],
    ['DEGRADATION_HIGH', percent(thresholds.degradation)],
    ['PARAMETERS_SENSITIVE', percent(thresholds.neighboursKeep)],
    [
      'DATA_SHORT',
      `${thresholds.observations} days, ${thresholds.windows} windows, ${thresholds.outOfSampleDays} days`,
    ],
    ['SHARPE_HIGH', `above ${thresholds.sharpe}`, percent(thresholds.winRate), `above ${thresholds.profitFactor}`],
    ['PARAMETERS_MANY', `more than ${thresholds.paramsCount}`],
  ] as const)
    for (const one of expected) expect(row(code), code).toContain(one)
})
