import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { e8ToText } from '../../operators/portfolio/money.ts'
import { decimalsE8, durationOf, full, fullE8, isoOf, percent, short, signed } from './format.ts'

/** As a machine would read it. */
const machine = (text: string): string => text.replaceAll('\u2009', '').replace('\u2212', '-').replace(/^\+/, '')

describe('numbers', () => {
  test('have thin spaces every three digits before the point, and a true minus', () => {
    expect(full(-1_234_567.891)).toBe('\u22121\u2009234\u2009567.891')
    expect(full(999)).toBe('999')
    expect(full(1e-7)).toBe('0.0000001')
    expect(full(1.5e21)).toBe(`1\u2009500${'\u2009000'.repeat(6)}`)
  })

  test('in full precision read back as themselves', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(machine(full(value)))).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  test('in summaries have at most four significant digits', () => {
    expect(short(439_036.6801)).toBe('439.0\u2009k')
    expect(short(9_999.6)).toBe('10.00\u2009k')
    expect(short(1234.56)).toBe('1\u2009235')
    expect(short(-0.0123456)).toBe('\u22120.01235')
    expect(short(2_500_000_000)).toBe('2.500\u2009B')
    expect(short(0)).toBe('0')
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), (value) => {
        const digits = machine(short(value))
          .replace(/[^0-9.]/g, '')
          .replace('.', '')
          .replace(/^0+/, '')
        expect(digits.length).toBeLessThanOrEqual(4)
      }),
    )
  })

  test('show a sign on both sides of zero and none at it', () => {
    expect([signed(full(5)), signed(full(-5)), signed(full(0)), signed('0.00')]).toEqual(['+5', '\u22125', '0', '0.00'])
  })

  test('of percent are the fraction times hundred', () => {
    expect(percent(-0.56123456)).toBe('\u221256.12')
  })
})

describe('amounts of 10⁻⁸', () => {
  test('are written to the last digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), (amount) => {
        expect(machine(fullE8(amount))).toBe(e8ToText(amount))
      }),
    )
  })

  test('are padded to the decimals of their neighbours', () => {
    expect(fullE8(12_500_000_000n, 4)).toBe('125.0000')
    expect([0n, 100_000_000n, 150_000_000n, 1n, -10n].map(decimalsE8)).toEqual([0, 0, 1, 8, 7])
  })
})

describe('times', () => {
  test('are ISO 8601 in UTC to the microsecond, without digits that are not there', () => {
    expect(isoOf(1_723_161_255_123_456)).toBe('2024-08-08T23:54:15.123456')
    expect(isoOf(1_723_161_255_000_000)).toBe('2024-08-08T23:54:15')
    expect(isoOf(-1)).toBe('1969-12-31T23:59:59.999999')
  })

  test('that last are said in their two largest units', () => {
    const ms = [0, 250, 12_500, 344_000, 7_980_000, 7_200_000, 90_000_000, -60_000]
    expect(ms.map(durationOf)).toEqual(['0 ms', '250 ms', '12.5 s', '5m 44s', '2h 13m', '2h', '1d 1h', '\u22121m'])
  })
})
