import { describe, expect, test } from 'vitest'
import { naturalLog, random } from './random.ts'

describe('random', () => {
  test('the words are those of xoshiro128** started at 1, 2, 3, 4', () => {
    // Computed by the published algorithm in Python's integers.
    const words = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849]
    const stream = random('any')
    const start = new Uint8Array(new Uint32Array([1, 2, 3, 4]).buffer)
    stream.load(start)
    expect(words.map(() => stream.next() * 2 ** 32)).toEqual(words)
  })

  test('the same seed gives the same numbers, as text or as number, and another seed gives others', () => {
    const draw = (seed: string | number) => Array.from({ length: 5 }, random(seed).next)
    expect(draw(7)).toEqual(draw('7'))
    expect(draw(7)).not.toEqual(draw(8))
    expect(draw('ab')).not.toEqual(draw('ba'))
  })

  test('a stream that was saved goes on with the same numbers', () => {
    const stream = random('saved')
    stream.normal()
    const bytes = stream.save()
    const after = [stream.next(), stream.normal(), stream.exponential(), stream.odds(), stream.below(10)]
    const other = random('another')
    other.load(bytes)
    expect([other.next(), other.normal(), other.exponential(), other.odds(), other.below(10)]).toEqual(after)
    expect(() => other.load(bytes.subarray(1))).toThrow(RangeError)
  })

  test('uniform, normal and exponential numbers have the moments of their laws', () => {
    const stream = random('moments')
    const count = 200_000
    const moments = (draw: () => number) => {
      const xs = Array.from({ length: count }, draw)
      const mean = xs.reduce((sum, x) => sum + x, 0) / count
      const central = (k: number) => xs.reduce((sum, x) => sum + (x - mean) ** k, 0) / count
      return { mean, variance: central(2), kurtosis: central(4) / central(2) ** 2 }
    }
    const uniform = moments(stream.next)
    expect(uniform.mean).toBeCloseTo(1 / 2, 2)
    expect(uniform.variance).toBeCloseTo(1 / 12, 2)
    const normal = moments(stream.normal)
    expect(normal.mean).toBeCloseTo(0, 1)
    expect(normal.variance).toBeCloseTo(1, 1)
    expect(Math.abs(normal.kurtosis - 3)).toBeLessThan(0.1)
    const exponential = moments(stream.exponential)
    expect(exponential.mean).toBeCloseTo(1, 1)
    expect(exponential.variance).toBeCloseTo(1, 1)
    const odds = Array.from({ length: count }, stream.odds)
    expect(odds.filter((x) => x > 9).length / count).toBeCloseTo(0.1, 2)
  })

  test('the logarithm agrees with the one of the machine to 4e-15', () => {
    const stream = random('logarithm')
    for (let i = 0; i < 20_000; i++) {
      const x = (1 - stream.next()) ** (1 + (i % 4))
      expect(Math.abs(naturalLog(x) - Math.log(x))).toBeLessThanOrEqual(4e-15 * Math.max(Math.abs(Math.log(x)), 1e-3))
    }
    expect(naturalLog(1)).toBe(0)
  })

  test('seeds that differ in one letter share no pattern in their first bits', () => {
    const firsts = Array.from({ length: 4096 }, (_, seed) => random(seed).next())
    const mean = firsts.reduce((sum, x) => sum + x, 0) / firsts.length
    expect(mean).toBeCloseTo(0.5, 1)
    expect(new Set(firsts).size).toBe(firsts.length)
  })
})
