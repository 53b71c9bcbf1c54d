import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atrSize } from './atr-size.ts'
import { kellyFraction } from './kelly.ts'

const bet = fc.record({
  winRate: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
  averageWin: fc.double({ min: 0.1, max: 10, noNaN: true }),
  averageLoss: fc.double({ min: 0.1, max: 10, noNaN: true }),
})

test('FR-402: no other share of equity grows faster than that of Kelly, and without an edge it is nothing', () => {
  fc.assert(
    fc.property(bet, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ winRate, averageWin, averageLoss }, other) => {
      const odds = averageWin / averageLoss
      // The logarithm of what one unit becomes, on average, when a share of it is staked each time.
      const growth = (share: number) => winRate * Math.log1p(share * odds) + (1 - winRate) * Math.log1p(-share)
      const best = kellyFraction({ winRate, averageWin, averageLoss, fraction: 1 })
      expect(growth(best)).toBeGreaterThanOrEqual(growth(other) - 1e-12)
      if (winRate * odds <= 1 - winRate) expect(best).toBe(0)
      expect(kellyFraction({ winRate, averageWin, averageLoss, fraction: 0.25 })).toBeCloseTo(best / 4, 12)
    }),
  )
})

test('FR-403: a size by average true ranges loses the share of equity over that many of them', () => {
  const size = atrSize({ equity: 10_000, risk: 0.02, atr: 50, multiplier: 2 })
  expect(size).toBe(2)
  expect(size * 50 * 2).toBe(10_000 * 0.02)
})
