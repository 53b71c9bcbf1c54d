import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstAfter, firstAtOrAfter, pointsToDraw } from './decimate.ts'
import { Thinned, ThinnedFills } from './thin.ts'

const walk = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: -50, max: 50 })), {
  minLength: 1,
  maxLength: 400,
})

/** Steps as a curve: times never fall, some are equal. */
function curveOf(steps: readonly (readonly [number, number])[]): { times: Float64Array; values: Float64Array } {
  let time = 1.7e15
  return {
    times: Float64Array.from(steps, ([step]) => {
      time += step
      return time
    }),
    values: Float64Array.from(steps, ([, value]) => value),
  }
}

describe('a thinned curve', () => {
  test('keeps its first, lowest, highest and last point, and the order of time, in bounded memory', () => {
    fc.assert(
      fc.property(walk, fc.integer({ min: 2, max: 40 }), (steps, stretches) => {
        const { times, values } = curveOf(steps)
        const thinned = new Thinned(stretches)
        for (const [index, time] of times.entries()) thinned.push(time, values[index]!)
        const kept = thinned.take()
        expect(kept.of).toBe(times.length)
        expect(kept.times.length).toBeLessThanOrEqual(4 * stretches)
        expect(kept.times).toEqual(kept.times.toSorted())
        expect([kept.times[0], kept.times.at(-1)]).toEqual([times[0], times.at(-1)])
        expect(Math.min(...kept.values)).toBe(Math.min(...values))
        expect(Math.max(...kept.values)).toBe(Math.max(...values))
        expect(kept.values.at(-1)).toBe(values.at(-1))
      }),
    )
  })

  test('of few points is the curve itself', () => {
    const thinned = new Thinned()
    for (const [time, value] of [
      [1, 5],
      [1, 5],
      [20, 3],
      [21, 4],
    ] as const)
      thinned.push(time, value)
    expect([...thinned.take().times]).toEqual([1, 20, 21])
    expect([...thinned.take().values]).toEqual([5, 3, 4])
  })

  test('of a million points keeps the day of its crash', () => {
    const thinned = new Thinned(1_000)
    for (let at = 0; at < 1_000_000; at++) thinned.push(at * 60_000_000, at === 777_777 ? -1 : Math.sin(at / 1e4))
    const { times, values } = thinned.take()
    expect(times[values.indexOf(-1)]).toBe(777_777 * 60_000_000)
  })
})

test('thinned fills keep their number, total size and value', () => {
  const fill = fc.record({
    step: fc.integer({ min: 0, max: 900 }),
    price: fc.integer({ min: 1, max: 99 }),
    size: fc.integer({ min: 1, max: 9 }),
  })
  fc.assert(
    fc.property(fc.array(fill, { maxLength: 300 }), (fills) => {
      const thinned = new ThinnedFills(20)
      let time = 0
      for (const { step, price, size } of fills) {
        time += step
        thinned.push(time, price, size)
      }
      const { counts, sizes, prices, times } = thinned.take()
      const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)
      expect(times.length).toBeLessThanOrEqual(20)
      expect(sum(counts)).toBe(fills.length)
      expect(sum(sizes)).toBe(sum(fills.map(({ size }) => size)))
      expect(sum(prices.map((price, at) => price * sizes[at]!))).toBeCloseTo(
        sum(fills.map(({ price, size }) => price * size)),
        6,
      )
    }),
  )
})

describe('the points to draw', () => {
  test('of each pixel column are its first, lowest, highest and last, with a neighbour outside the range', () => {
    fc.assert(
      fc.property(walk, fc.integer({ min: 1, max: 30 }), fc.nat(1000), fc.nat(1000), (steps, columns, a, b) => {
        const { times, values } = curveOf(steps)
        const span = times.at(-1)! - times[0]!
        const from = times[0]! + (Math.min(a, b) / 1000) * span
        const to = times[0]! + (Math.max(a, b) / 1000) * span + 1
        const drawn = [...pointsToDraw({ times, values }, from, to, columns)]
        const inside = [...times.keys()].filter((index) => times[index]! >= from && times[index]! <= to)
        expect(drawn.length).toBeLessThanOrEqual(4 * columns + 12)
        expect(drawn).toEqual([...new Set(drawn)].sort((x, y) => x - y))
        if (inside.length > 0) {
          const seen = drawn.map((index) => values[index]!)
          const real = inside.map((index) => values[index]!)
          expect(Math.min(...seen)).toBeLessThanOrEqual(Math.min(...real))
          expect(Math.max(...seen)).toBeGreaterThanOrEqual(Math.max(...real))
          if (inside[0]! > 0) expect(drawn[0]).toBeLessThan(inside[0]!)
          if (inside.at(-1)! < times.length - 1) expect(drawn.at(-1)).toBeGreaterThan(inside.at(-1)!)
        }
      }),
    )
  })

  test('are found by bisection', () => {
    const times = Float64Array.of(1, 2, 2, 5)
    expect([0, 1, 2, 3, 6].map((time) => firstAtOrAfter(times, time))).toEqual([0, 0, 1, 3, 4])
    expect([0, 1, 2, 3, 6].map((time) => firstAfter(times, time))).toEqual([0, 1, 3, 3, 4])
  })
})
