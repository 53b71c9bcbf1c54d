import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fundingCash } from './funding.ts'
import { type Held, liquidationPrice } from './liquidation-price.ts'
import { maintenanceMargin, type Tier, tierAt, tiersSchema } from './tiers.ts'

/** Floors and rates of S4 §3.6.1, with amounts that leave no jump. */
const tiers = continuous([
  [0, 0.004],
  [50_000, 0.005],
  [250_000, 0.01],
  [1_000_000, 0.025],
  [5_000_000, 0.05],
])

function continuous(steps: readonly (readonly [floor: number, rate: number])[]): Tier[] {
  let amount = 0
  return steps.map(([floor, rate], i) => {
    amount += floor * (rate - (steps[i - 1]?.[1] ?? rate))
    return { floor, cap: steps[i + 1]?.[0], rate, amount }
  })
}

describe('maintenance margin', () => {
  test('is notional × rate − amount: the amount is taken off, not added', () => {
    expect(maintenanceMargin(50_000, tiers)).toEqual({ margin: 200, rate: 0.004, amount: 0 })
    expect(maintenanceMargin(100_000, tiers)).toMatchObject({ margin: 450, rate: 0.005 })
    expect(maintenanceMargin(600_000, tiers)).toMatchObject({ margin: 4700, rate: 0.01 })
    expect(maintenanceMargin(2_000_000, tiers)).toMatchObject({ margin: 33_700, rate: 0.025 })
  })

  test('does not jump between tiers, and the last one holds beyond its cap', () => {
    for (const { floor } of tiers.slice(1)) {
      const below = maintenanceMargin(floor, tiers).margin
      expect(maintenanceMargin(floor * (1 + 1e-12), tiers).margin).toBeCloseTo(below, 3)
    }
    expect(tierAt([{ floor: 0, cap: 100, rate: 0.1, amount: 0 }], 1000).rate).toBe(0.1)
  })

  test('of tiers that overlap, leave a hole or end before they begin is refused', () => {
    const of = (...caps: readonly [number, number | null][]) =>
      tiersSchema.safeParse(caps.map(([floor, cap]) => ({ floor, cap, rate: 0.01, amount: 0 }))).success
    expect([of([0, 10], [10, null]), of([0, 10], [9, null]), of([0, 10], [11, null])]).toEqual([true, false, false])
    expect([of([5, 5]), of([0, null], [10, 20]), of()]).toEqual([false, false, false])
  })
})

/** Margin balance less maintenance margin at a mark price. */
function covered(held: Held, price: number): number {
  const pnl = (held.side === 'long' ? 1 : -1) * held.size * (price - held.entryPrice)
  const balance = held.walletBalance + held.otherUnrealizedPnl + pnl
  return balance - held.otherMaintenanceMargin - maintenanceMargin(held.size * price, held.tiers).margin
}

const held = fc.record({
  side: fc.constantFrom('long' as const, 'short' as const),
  size: fc.double({ min: 0.001, max: 1000, noNaN: true }),
  entryPrice: fc.double({ min: 0.01, max: 100_000, noNaN: true }),
  // As leverage of 1 to 125.
  share: fc.double({ min: 1 / 125, max: 1, noNaN: true }),
  otherMaintenanceMargin: fc.double({ min: 0, max: 100, noNaN: true }),
  otherUnrealizedPnl: fc.double({ min: -100, max: 100, noNaN: true }),
})

describe('FR-204, FR-205: the liquidation price', () => {
  test('is where the margin ratio crosses 1, in the tier that holds there, on both sides', () => {
    let found = 0
    fc.assert(
      fc.property(held, ({ share, ...rest }) => {
        const one: Held = { ...rest, tiers, walletBalance: rest.size * rest.entryPrice * share }
        const { price, rate, amount } = liquidationPrice(one)
        if (price === null) {
          const sure = one.side === 'long' ? covered(one, 1e-9) > -1e-6 : covered(one, 1e-9) < 1e-6
          expect(sure).toBe(true)
          return
        }
        found++
        const scale = Math.max(1, one.walletBalance, one.size * price)
        expect(Math.abs(covered(one, price)) / scale).toBeLessThan(1e-9)
        // Further away than the doubles of the balance tell apart.
        if (one.size * price < 1e-6 * scale) return
        const towards = one.side === 'long' ? 1 : -1
        expect(covered(one, price * (1 + towards * 1e-6))).toBeGreaterThan(0)
        expect(covered(one, price * (1 - towards * 1e-6))).toBeLessThan(0)
        const notional = one.size * price
        expect(maintenanceMargin(notional, tiers).margin).toBeCloseTo(notional * rate - amount, 4)
      }),
      { numRuns: 5000 },
    )
    expect(found).toBeGreaterThan(4000)
  })

  test('of a long that is covered down to nothing is none, and of a short that can always lose more there is one', () => {
    const one = {
      size: 1,
      entryPrice: 100,
      walletBalance: 101,
      tiers,
      otherMaintenanceMargin: 0,
      otherUnrealizedPnl: 0,
    }
    expect(liquidationPrice({ ...one, side: 'long' })).toEqual({ price: null, rate: 0.004, amount: 0 })
    expect(liquidationPrice({ ...one, side: 'short' }).price).toBeCloseTo(201 / 1.004, 10)
  })

  test('takes the tier at the price, not at the entry', () => {
    const one = { side: 'long', size: 1, entryPrice: 60_000, walletBalance: 30_000 } as const
    const { price, rate } = liquidationPrice({ ...one, tiers, otherMaintenanceMargin: 0, otherUnrealizedPnl: 0 })
    expect(rate).toBe(0.004)
    expect(price).toBeCloseTo(30_000 / 0.996, 8)
  })

  test('of tiers with a jump (those of S4 §3.6.1 as they stand there) is the first price that falls short', () => {
    const jump = tiers.map((tier, i) => (i === 4 ? { ...tier, amount: 79_300 } : tier))
    const base = { size: 100, entryPrice: 60_000, tiers: jump, otherMaintenanceMargin: 0, otherUnrealizedPnl: 0 }
    // At 50,000 the notional is 5,000,000, where that table jumps by 62,000: between the two margins it is the border.
    const long = liquidationPrice({ ...base, side: 'long', walletBalance: 1_000_000 + 120_000 })
    expect(long).toMatchObject({ rate: 0.05, price: (1_120_000 + 79_300 - 6_000_000) / (5 - 100) })
    const short = liquidationPrice({ ...base, entryPrice: 40_000, side: 'short', walletBalance: 1_000_000 + 120_000 })
    expect(short).toEqual({ rate: 0.05, amount: 79_300, price: 50_000 })
  })
})

describe('FR-203: funding', () => {
  test('is paid by longs to shorts while the rate is above 0, on the notional at mark', () => {
    const at = { size: 2, markPrice: 50_000, rate: 0.0001 }
    expect(fundingCash({ ...at, side: 'long' })).toBe(-10)
    expect(fundingCash({ ...at, side: 'short' })).toBe(10)
    expect(fundingCash({ ...at, side: 'long', rate: -0.0001 })).toBe(10)
    expect(fundingCash({ ...at, side: 'short', rate: -0.0001 })).toBe(-10)
    expect(Object.is(fundingCash({ ...at, side: 'long', rate: 0 }), 0)).toBe(true)
  })
})
