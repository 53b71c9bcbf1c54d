import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { queueModel } from './index.ts'
import { joined, lotsAhead, type Place, resized, tradedAt } from './place.ts'
import { power } from './power.ts'

const conservative = queueModel('conservative')

function placed(size: number, ...moves: ((place: Place) => void)[]): number {
  const place = joined(size, 0)
  for (const move of moves) move(place)
  return lotsAhead(place)
}
const trade = (lots: number, time: number) => (place: Place) => tradedAt(place, lots, time)
const level =
  (size: number, time: number, model = conservative) =>
  (place: Place) =>
    resized(place, size, time, model)

describe('place in the queue', () => {
  test('an order joins behind all that is there, and trades move it forward', () => {
    expect(placed(80)).toBe(80)
    expect(placed(80, trade(30, 1))).toBe(50)
    expect(placed(80, trade(30, 1), trade(60, 2))).toBe(0)
  })

  test('a decrease that trades explain moves nothing more', () => {
    expect(placed(80, trade(30, 1), level(50, 2))).toBe(50)
    expect(placed(80, trade(30, 1), level(50, 2, power(2)))).toBe(50)
  })

  test('conservatively a cancellation is behind us, but nobody is ahead who is not there', () => {
    expect(placed(80, level(100, 1), level(90, 2))).toBe(80)
    expect(placed(80, level(60, 1))).toBe(60)
  })

  test('the power model takes the share of a cancellation that lies ahead', () => {
    // 80 ahead, 80 behind, 40 cancelled: half of them ahead, whatever the exponent.
    for (const exponent of [0.5, 1, 2, 3]) expect(placed(80, level(160, 1), level(120, 2, power(exponent)))).toBe(60)
    // 80 ahead, 40 behind: 1/(1 + (1/2)^n) of 30.
    expect(placed(80, level(120, 1), level(90, 2, power(1)))).toBeCloseTo(80 - 30 / 1.5, 12)
    expect(placed(80, level(120, 1), level(90, 2, power(2)))).toBeCloseTo(80 - 30 / 1.25, 12)
    expect(placed(80, level(120, 1), level(90, 2, power(0.5)))).toBeCloseTo(80 - 30 / (1 + Math.SQRT1_2), 12)
    // More was cancelled than is behind: the rest was ahead.
    expect(placed(80, level(90, 1), level(50, 2, power(3)))).toBeLessThanOrEqual(50)
  })

  test('a trade that a level row had in it already is not counted twice', () => {
    // 80 of 100 ahead; 30 are traded at 5, a quote says 70 at 5, and only then the trade is seen.
    for (const model of [conservative, power(2)]) {
      expect(placed(80, level(100, 1), level(70, 5, model), trade(30, 5))).toBeGreaterThanOrEqual(50)
      expect(placed(80, level(100, 1), level(70, 5, model), level(75, 6, model), trade(30, 5))).toBeGreaterThanOrEqual(
        50,
      )
    }
    expect(placed(80, level(100, 1), level(70, 5), trade(30, 5))).toBe(50)
    expect(placed(80, level(100, 1), trade(30, 5), level(70, 5))).toBe(50)
  })

  test('an unknown size says nothing until the first row of the level', () => {
    const place = joined(Number.NaN, 0, 500)
    expect(lotsAhead(place)).toBe(500)
    resized(place, 120, 1, power(2))
    expect(lotsAhead(place)).toBe(120)
  })

  test('an exponent is a whole number or a half of one', () => {
    expect(() => power(0.3)).toThrow(RangeError)
    expect(() => power(Number.NaN)).toThrow(RangeError)
    expect(() => queueModel('fifo' as 'power')).toThrow(/conservative, risk-averse, front, power/)
  })

  test('whatever happens, nobody moves back, and the power model never waits longer than the conservative one', () => {
    const move = fc.oneof(
      fc.record({ kind: fc.constant('trade' as const), lots: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ kind: fc.constant('level' as const), lots: fc.integer({ min: 0, max: 200 }) }),
    )
    fc.assert(
      fc.property(fc.nat(200), fc.array(move, { maxLength: 30 }), (size, moves) => {
        const slow = joined(size, 0)
        const quick = joined(size, 0)
        let before = size
        for (const [at, { kind, lots }] of moves.entries()) {
          if (kind === 'trade') for (const place of [slow, quick]) tradedAt(place, lots, at + 1)
          else for (const [place, model] of [[slow, conservative], [quick, power(2)]] as const) resized(place, lots, at + 1, model) // biome-ignore format: pairs
          expect(lotsAhead(slow)).toBeLessThanOrEqual(before)
          expect(lotsAhead(quick)).toBeLessThanOrEqual(lotsAhead(slow))
          expect(lotsAhead(quick)).toBeGreaterThanOrEqual(0)
          before = lotsAhead(slow)
        }
      }),
    )
  })
})
