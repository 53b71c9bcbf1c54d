// Other courses that the same returns could have taken, and what luck alone would have shown.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../random.ts'
import { type Bands, type MonteCarloMethod, monteCarloPaths, trialMatrix, whiteNoiseControl } from './index.ts'
import { equityOf } from './trial-matrix.ts'

const methods = ['reshuffle', 'block', 'resample'] as const
const draw = random(1)
const returns = Float64Array.from({ length: 200 }, () => 0.001 + 0.02 * draw.normal())
const rising = ({ p5, p25, p50, p75, p95 }: Bands) => p5 <= p25 && p25 <= p50 && p50 <= p75 && p75 <= p95

describe('paths', () => {
  test.each(methods)('by %s are the same for a seed and others for another; bands do not cross', (method) => {
    const one = monteCarloPaths(returns, { method, paths: 200, seed: 1 })
    expect(monteCarloPaths(returns, { method, paths: 200, seed: 1 })).toEqual(one)
    expect(monteCarloPaths(returns, { method, paths: 200, seed: 2 }).maxDrawdown).not.toEqual(one.maxDrawdown)
    expect([...one.equity, one.totalReturn, one.maxDrawdown].every(rising)).toBe(true)
    expect([one.steps[0], one.steps.at(-1), one.steps.length]).toEqual([0, 200, 101])
    expect(one.equity[0]).toEqual({ p5: 1, p25: 1, p50: 1, p75: 1, p95: 1 })
  })

  test('reshuffled, profits add up: all end where the run ended, and fall as deep as their order makes them', () => {
    const profits = Float64Array.of(0.5, -0.25, 0.5, -0.5)
    const seen = monteCarloPaths(profits, { method: 'reshuffle', paths: 200, points: 5, seed: 1 })
    expect(seen.totalReturn).toEqual({ p5: 0.25, p25: 0.25, p50: 0.25, p75: 0.25, p95: 0.25 })
    expect(seen.observed).toEqual([1, 1.5, 1.25, 1.75, 1.25])
    // Both losses first: 1 falls to 0.25. As it was: 1.75 falls to 1.25.
    expect([seen.maxDrawdown.p5, seen.maxDrawdown.p95]).toEqual([-0.75, expect.closeTo(-0.5 / 1.75, 9)])
  })

  test.each(['block', 'resample'] as const)('by %s show what was, which compounded', (method) => {
    const { observed } = monteCarloPaths(returns, { method, paths: 1, points: 3, seed: 1 })
    const equity = equityOf(returns)
    expect(observed).toEqual([1, equity[100], equity[200]])
  })

  test('drawn anew, they spread as the theory of independent returns says', () => {
    const { totalReturn } = monteCarloPaths(returns, { method: 'resample', paths: 4_000, seed: 3 })
    const logs = [...returns].map((value) => Math.log(1 + value))
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length
    const deviation = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length)
    const at = (z: number) => Math.exp(200 * mean + z * Math.sqrt(200) * deviation) - 1
    expect(Math.abs(totalReturn.p50 - at(0))).toBeLessThan(0.03)
    expect(Math.abs(totalReturn.p5 - at(-1.645))).toBeLessThan(0.04)
  })

  test('pieces keep a streak together: losses that come in a row fall deeper than drawn alone', () => {
    const streak = Float64Array.from({ length: 200 }, (_, i) => (i % 40 < 20 ? 0.01 : -0.01))
    const fall = (method: MonteCarloMethod) =>
      monteCarloPaths(streak, { method, paths: 300, meanBlock: 20, seed: 1 }).maxDrawdown.p50
    expect(fall('block')).toBeLessThan(1.3 * fall('resample'))
  })

  test('equity that is gone stays gone, and no return is refused', () => {
    const ruin = monteCarloPaths(Float64Array.of(-2, 0.5), { method: 'reshuffle', paths: 10, seed: 1 })
    expect([ruin.totalReturn.p95, ruin.maxDrawdown.p95, ruin.loss]).toEqual([-1, -1, 1])
    expect(() => monteCarloPaths(new Float64Array(0), { method: 'block', seed: 1 })).toThrow('paths of 0 returns')
  })
})

describe('white noise', () => {
  const days = 300
  const times = Float64Array.from({ length: days }, (_, i) => i)
  const matrixOf = (seed: number, drift: number) => {
    const normal = random(seed)
    const series = Array.from({ length: 20 }, (_, trial) =>
      Array.from({ length: days }, () => 0.01 * (normal.normal() + (trial === 7 ? drift : 0))),
    )
    return trialMatrix(series, { times })
  }

  test('is as good as noise about as often as not, and never as good as an edge of six deviations', () => {
    const shares = Array.from(
      { length: 40 },
      (_, seed) => whiteNoiseControl(matrixOf(seed, 0), { controls: 100, seed }).share,
    )
    // The mean of 40 uniform numbers is 0.5 ± 0.046.
    expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) / 40 - 0.5)).toBeLessThan(0.15)
    expect(whiteNoiseControl(matrixOf(1, 0.35), { controls: 200, seed: 1 }).share).toBe(0)
  })

  test('does not depend on the order of trials; more trials so far never make luck less likely', () => {
    const matrix = matrixOf(2, 0.1)
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 10_000 }), (trialsSoFar) => {
        const one = whiteNoiseControl(matrix, { controls: 60, trialsSoFar, seed: 1 })
        expect(one.shareOfAll).toBeGreaterThanOrEqual(one.share - 1e-12)
      }),
      { numRuns: 10 },
    )
    const back = trialMatrix(
      Array.from({ length: 20 }, (_, trial) => matrix.returns.subarray((19 - trial) * days, (20 - trial) * days)),
      { times },
    )
    expect(whiteNoiseControl(back, { seed: 5 })).toEqual(whiteNoiseControl(matrix, { seed: 5 }))
  })
})
