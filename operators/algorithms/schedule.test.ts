import fc from 'fast-check'
import { expect, test } from 'vitest'
import { minuteUs, type Parent } from './algorithm.ts'
import { algorithmOf } from './index.ts'
import { partsOf, type Schedule, scheduleOf } from './schedule.ts'
import { twap } from './twap.ts'

const weights = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 })

test('parts are whole, sum up to the whole, and each is within one of its exact share', () => {
  expect(partsOf(10, [1, 1, 1])).toEqual([4, 3, 3])
  expect(partsOf(7, [0, 3, 1])).toEqual([0, 5, 2])
  expect(partsOf(5, [0, 0])).toEqual([3, 2])
  fc.assert(
    fc.property(fc.nat(1_000_000), weights, (whole, weights) => {
      const parts = partsOf(whole, weights)
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(whole)
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (const [at, part] of parts.entries()) {
        expect(Number.isInteger(part) && part >= 0).toBe(true)
        if (total > 0) expect(Math.abs(part - (whole * weights[at]!) / total)).toBeLessThan(1 + 1e-6)
      }
    }),
  )
})

test('times of twap never go back, begin at once and end before its end, by whatever chance', () => {
  const given = fc.record({
    minutes: fc.double({ min: 0.001, max: 1000, noNaN: true }),
    slices: fc.integer({ min: 1, max: 200 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    lots: fc.integer({ min: 1, max: 100_000 }),
  })
  fc.assert(
    fc.property(given, fc.string(), ({ lots, ...params }, seed) => {
      const start = 1_700_000_000_000_000
      const context = { instruments: [], seed, candles: undefined, barUs: 0 }
      const { end, plan } = twap
        .create({ ...params, rest: 'take' }, context)
        .begin({ lots, start } as unknown as Parent)
      const { times, due } = plan as Schedule
      expect(times[0]).toBe(start)
      expect([...times].sort((a, b) => a - b)).toEqual(times)
      expect(times.at(-1)).toBeLessThanOrEqual(end)
      expect(end).toBe(start + Math.round(params.minutes * minuteUs))
      expect(due.at(-1)).toBe(lots)
      expect([...due].sort((a, b) => a - b)).toEqual(due)
    }),
  )
})

test('a schedule says what should have been sent in all', () => {
  expect(scheduleOf(10, [1, 2, 2], [0, 5, 9])).toEqual({ times: [0, 5, 9], due: [2, 6, 10] })
})

test.each([
  [{ name: 'twab' }, 'UNKNOWN_NAME', 'twap'],
  [{ name: 'twap', slice: 3 }, 'CONFIG_INVALID', 'slices'],
  [{ name: 'vwap', weights: [0, 0] }, 'CONFIG_INVALID', 'above 0'],
  [[{ name: 'iceberg' }, { name: 'router' }], 'CONFIG_INVALID', 'router'],
  [[{ name: 'router' }, { name: 'router' }], 'CONFIG_INVALID', 'router'],
  [[{ name: 'twap' }, { name: 'twap' }], 'CONFIG_INVALID', 'router'],
  [[], 'CONFIG_INVALID', 'router'],
])('%j is refused with what is allowed', (config, code, hint) => {
  const error = (() => {
    try {
      algorithmOf(config as never)
    } catch (error) {
      return error as { code: string; message: string; fix?: string }
    }
    return undefined
  })()
  expect(error).toMatchObject({ code })
  expect(`${error!.message} ${error!.fix}`).toContain(hint)
})
