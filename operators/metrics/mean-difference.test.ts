import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { meanDifference } from './mean-difference.ts'

interface Golden {
  name: string
  a: number[]
  b: number[]
  mean: number
  standardError: number
  low: number
  high: number
}

const file = new URL('../../tests/golden/mean-difference/mean-difference.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Golden[] }

test.each(cases)('the interval of a mean difference is that of statsmodels: $name', ({ a, b, ...golden }) => {
  const found = meanDifference(Float64Array.from(a), Float64Array.from(b))
  expect(found.count).toBe(a.length)
  for (const key of ['mean', 'standardError', 'low', 'high'] as const)
    expect(Math.abs(found[key] - golden[key])).toBeLessThan(1e-8)
})

test('of equal series nothing is left, and turned round the interval is mirrored', () => {
  const [one] = cases
  const [a, b] = [Float64Array.from(one!.a), Float64Array.from(one!.b)]
  expect(meanDifference(a, a)).toMatchObject({ mean: 0, standardError: 0, low: 0, high: 0 })
  const there = meanDifference(a, b)
  const back = meanDifference(b, a)
  expect(back.low).toBeCloseTo(-there.high, 15)
  expect(() => meanDifference(a, b.subarray(1))).toThrow(RangeError)
})
