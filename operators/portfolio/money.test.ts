import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instrumentOf } from '../instrument.ts'
import {
  add,
  bigValue,
  e8ToText,
  exactValue,
  feeE8,
  markValue,
  normal,
  scaleOf,
  scalesOf,
  shareOf,
  subtract,
  textToE8,
  valueE8,
} from './money.ts'
import { perpetual } from './samples.ts'

const linear = instrumentOf(perpetual({ tickSize: 0.1, lotSize: 0.001 }), 0)
const inverse = instrumentOf(
  perpetual({ symbol: 'BTCUSD_PERP', tickSize: 0.1, lotSize: 1, contractSize: 100, inverse: true }),
  1,
)

/** Nearest whole number to top / bottom, halves away from zero, written another way: floor of the doubled fraction. */
function nearest(top: bigint, bottom: bigint): bigint {
  const size = top < 0n ? -top : top
  const doubled = (2n * size + bottom) / (2n * bottom)
  return top < 0n ? -doubled : doubled
}

describe('value', () => {
  test('of 0.123 BTC at 61,713.3 is 7,590.7359', () => {
    expect(e8ToText(valueE8(linear, 617_133, 123))).toBe('7590.7359')
    expect(e8ToText(valueE8(linear, 617_133, -123))).toBe('-7590.7359')
  })

  test('of 3 inverse contracts of 100 USD at 61,713.3 is 0.00486119 BTC', () => {
    // 300 / 61713.3 = 0.004861188…
    expect(e8ToText(valueE8(inverse, 617_133, 3))).toBe('0.00486119')
  })

  test('rounds half of 10⁻⁸ away from zero', () => {
    const tiny = instrumentOf(perpetual({ tickSize: 0.00001, lotSize: 0.0001 }), 0)
    expect(valueE8(tiny, 1, 5)).toBe(1n)
    expect(valueE8(tiny, 1, -5)).toBe(-1n)
    expect(valueE8(tiny, 1, 4)).toBe(0n)
  })

  test('has no inverse price of zero', () => {
    expect(() => valueE8(inverse, 0, 3)).toThrow(RangeError)
    expect(() => valueE8(linear, 1.5, 3)).toThrow(RangeError)
  })

  test('by doubles is what BigInt gives, also where doubles do not reach', () => {
    const steps = fc.constantFrom(0.1, 0.01, 0.00001, 0.5, 0.25, 1, 5, 1e-8, 2.5, 1000)
    const sizes = fc.constantFrom(1, 100, 10, 0.01, 0.0001)
    fc.assert(
      fc.property(
        ...([steps, steps, sizes, fc.boolean()] as const),
        fc.integer({ min: 1, max: 2 ** 40 }),
        fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
        (tickSize, lotSize, contractSize, isInverse, ticks, lots) => {
          const instrument = instrumentOf(perpetual({ tickSize, lotSize, contractSize, inverse: isInverse }), 0)
          const scale = scaleOf(instrument)
          const exact = bigValue(scale, ticks, lots)
          const { numerator, denominator } = scale
          expect(exact).toBe(
            isInverse
              ? nearest(BigInt(lots) * numerator, BigInt(ticks) * denominator)
              : nearest(BigInt(ticks) * BigInt(lots) * numerator, denominator),
          )
          if (exact < 2n ** 63n && exact > -(2n ** 63n)) expect(exactValue(scale, ticks, lots)).toBe(normal(exact))
          else expect(() => exactValue(scale, ticks, lots)).toThrow('more than an account can hold')
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('at a middle is exact, and at any other mark within 1/2048 of a tick', () => {
    const scales = scalesOf(linear)
    expect(markValue(scales, 617_133.5, 1000)).toBe(6171335000000)
    expect(markValue(scales, 617_133, 1000)).toBe(exactValue(scales.whole, 617_133, 1000))
    const fine = Number(markValue(scales, 617_133.2145, 1000))
    expect(Math.abs(fine / 1e8 - 61713.32145)).toBeLessThan(0.1 / 2048)
  })
})

describe('sums, shares and fees', () => {
  const amount = fc.bigInt({ min: -(2n ** 61n), max: 2n ** 61n })

  test('are what BigInt gives, whatever the size', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        expect(BigInt(add(normal(a), normal(b)))).toBe(a + b)
        expect(BigInt(subtract(normal(a), normal(b)))).toBe(a - b)
      }),
      { numRuns: 2000 },
    )
    const near = fc.bigInt({ min: 2n ** 53n - 4n, max: 2n ** 53n + 4n })
    fc.assert(
      fc.property(near, near, (a, b) => {
        expect(BigInt(add(normal(a), normal(-b)))).toBe(a - b)
      }),
    )
  })

  test('share a cost to the last unit', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 1, max: 2 ** 40 }), fc.nat(), (cost, whole, seed) => {
        const part = seed % (whole + 1)
        const share = BigInt(shareOf(normal(cost), part, whole))
        expect(share).toBe(nearest(cost * BigInt(part), BigInt(whole)))
      }),
      { numRuns: 2000 },
    )
  })

  test('of 0.04 % on 7,590.7359 is 3.03629436', () => {
    expect(feeE8(textToE8('7590.7359'), 0.0004)).toBe(303_629_436n)
    expect(feeE8(textToE8('7590.7359'), -0.0001)).toBe(-75_907_359n)
    expect(feeE8(textToE8('7590.7359'), 0)).toBe(0n)
    expect(() => feeE8(1n, 2)).toThrow(RangeError)
  })

  test('of any rate equal rate × value by BigInt', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: -1_000_000, max: 1_000_000 }), (value, millionths) => {
        expect(feeE8(value, millionths / 1e6)).toBe(nearest(value * BigInt(millionths), 1_000_000n))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('text', () => {
  test('goes to an amount and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), (a) => {
        expect(textToE8(e8ToText(a))).toBe(a)
      }),
    )
    expect(textToE8('1e6')).toBe(10n ** 14n)
    expect(textToE8('.5')).toBe(50_000_000n)
    expect(textToE8('1.2e-7')).toBe(12n)
  })

  test('that is no amount, or finer than 10⁻⁸, is refused', () => {
    for (const text of ['', '.', 'x', '1,000', '0.000000001', 'NaN', '1e999']) {
      expect(() => textToE8(text)).toThrow('no amount of money')
    }
  })
})
