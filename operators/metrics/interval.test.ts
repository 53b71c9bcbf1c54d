import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../tests/data.ts'
import { meanInterval, medianInterval, studentQuantile } from './interval.ts'

interface Case {
  readonly values: readonly number[]
  readonly level: number
  readonly low: number
  readonly high: number
}
const golden: {
  quantiles: readonly { freedom: number; share: number; value: number }[]
  means: readonly Case[]
  medians: readonly Case[]
} = JSON.parse(readFileSync(join(root, 'tests/golden/interval/interval.json'), 'utf8'))

/** To twelve digits. */
const expectNear = (is: number, expected: number): void => {
  expect(Math.abs(is - expected), `${is} is ${expected}`).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(expected)))
}

test('points of Student’s t are those of scipy', () => {
  for (const { freedom, share, value } of golden.quantiles) {
    expectNear(studentQuantile(share, freedom), value)
    expectNear(studentQuantile(1 - share, freedom), -value)
  }
  expect(() => studentQuantile(1, 5)).toThrow(RangeError)
  expect(() => studentQuantile(0.9, 0)).toThrow(RangeError)
})

describe('intervals', () => {
  test('of means are those of scipy', () => {
    for (const { values, level, low, high } of golden.means) {
      const interval = meanInterval(Float64Array.from(values), level)
      expectNear(interval.low, low)
      expectNear(interval.high, high)
    }
    expect(() => meanInterval(Float64Array.of(1), 0.95)).toThrow(RangeError)
  })

  test('of medians are the points of the exact bootstrap distribution', () => {
    for (const { values, level, low, high } of golden.medians) {
      expect(medianInterval(Float64Array.from(values), level)).toEqual({ low, high })
    }
  })

  test('of equal values are that value, and the same seed gives the same', () => {
    const equal = Float64Array.of(3, 3, 3, 3)
    expect(meanInterval(equal, 0.99)).toEqual({ low: 3, high: 3 })
    expect(medianInterval(equal, 0.99)).toEqual({ low: 3, high: 3 })
    const values = Float64Array.of(4, 1, 3, 2)
    expect(medianInterval(values, 0.9)).toEqual(medianInterval(values, 0.9))
    expect([...values]).toEqual([4, 1, 3, 2])
  })
})
