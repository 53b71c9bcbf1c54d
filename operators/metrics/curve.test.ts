import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { curveWithin, dailyEquity, meanEquity, type Span } from './curve.ts'

const hourUs = 3_600_000_000
const midnight = Date.UTC(2024, 1, 28) * 1_000

/** Day ends as [hours since midnight, equity], of points given in the same way. */
function ends(points: readonly (readonly [hour: number, equity: number])[], from: number, to: number, start?: number) {
  const span: Span = { from: midnight + from * hourUs, to: midnight + to * hourUs, start }
  const times = Float64Array.from(points, ([hour]) => midnight + hour * hourUs)
  const { times: at, equity } = dailyEquity(
    times,
    Float64Array.from(points, ([, value]) => value),
    span,
  )
  return [...at].map((time, day) => [(time - midnight) / hourUs, equity[day]])
}

describe('day ends', () => {
  test('a point at midnight belongs to the day that ends there, also at the end of February in a leap year', () => {
    const points = [
      [0, 10],
      [24, 11],
      [24.001, 99],
      [48, 12],
      [72, 13],
    ] as const
    expect(ends(points, 0, 72)).toEqual([
      [0, 10],
      [24, 11],
      [48, 12],
      [72, 13],
    ])
  })

  test('of several points at one time the last counts', () => {
    expect(
      ends(
        [
          [0, 10],
          [24, 11],
          [24, 12],
          [30, 7],
        ],
        0,
        48,
      ),
    ).toEqual([
      [0, 10],
      [24, 12],
      [48, 7],
    ])
  })

  test('a day without points keeps the equity of the day before', () => {
    expect(
      ends(
        [
          [1, 10],
          [80, 20],
        ],
        0,
        96,
      ),
    ).toEqual([
      [0, 10],
      [24, 10],
      [48, 10],
      [72, 10],
      [96, 20],
    ])
  })

  test('the first and the last day may be parts of days', () => {
    expect(
      ends(
        [
          [6, 10],
          [20, 11],
          [40, 12],
          [60, 13],
        ],
        6,
        60,
      ),
    ).toEqual([
      [6, 10],
      [24, 11],
      [48, 12],
      [60, 13],
    ])
  })

  test('a part of a day shorter than an hour joins its neighbour', () => {
    const points = [
      [23.5, 10],
      [30, 11],
      [48.5, 12],
    ] as const
    expect(ends(points, 23.5, 48.5)).toEqual([
      [23.5, 10],
      [48.5, 12],
    ])
    expect(ends(points, 23, 49)).toEqual([
      [23, 10],
      [24, 10],
      [48, 11],
      [49, 12],
    ])
  })

  test('a start is the equity at the beginning, whatever the points say', () => {
    expect(
      ends(
        [
          [0, 99],
          [5, 90],
        ],
        0,
        24,
        100,
      ),
    ).toEqual([
      [0, 100],
      [24, 90],
    ])
    expect(ends([], 0, 24, 100)).toEqual([
      [0, 100],
      [24, 100],
    ])
  })

  test('without a start it is that of the last point before the span, else of the first inside', () => {
    expect(
      ends(
        [
          [-9, 1],
          [-3, 2],
          [8, 3],
        ],
        0,
        24,
      ),
    ).toEqual([
      [0, 2],
      [24, 3],
    ])
    expect(
      ends(
        [
          [8, 3],
          [9, 4],
        ],
        0,
        24,
      ),
    ).toEqual([
      [0, 3],
      [24, 4],
    ])
  })

  test('no point before the end is no curve, and no time is one point', () => {
    expect(ends([], 0, 24)).toEqual([])
    expect(ends([[30, 1]], 0, 24)).toEqual([])
    expect(
      ends(
        [
          [0, 7],
          [1, 8],
        ],
        0,
        0,
      ),
    ).toEqual([[0, 7]])
  })

  test('each day end is the value that a search through all points finds', () => {
    const hours = fc.array(fc.integer({ min: -50, max: 300 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(hours, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 150 }), (drawn, from, length) => {
        const points = drawn.sort((a, b) => a - b).map((hour, i) => [hour, i + 1] as const)
        const days = ends(points, from, from + length, 1_000)
        for (const [end, equity] of days.slice(1)) {
          const before = points.filter(([hour]) => hour > from && hour <= end!)
          expect(equity).toBe(before[before.length - 1]?.[1] ?? 1_000)
        }
        expect(days[0]).toEqual([from, 1_000])
        expect(days[days.length - 1]![0]).toBe(from + length)
        for (let day = 1; day < days.length; day++) expect(days[day]![0]! - days[day - 1]![0]!).toBeLessThanOrEqual(24)
      }),
    )
  })
})

test('a curve with falling times, a number that is not finite or unequal lengths is a bug of the caller', () => {
  const span = { from: 0, to: 10 }
  const within = (times: number[], equity: number[]) => () =>
    curveWithin(Float64Array.from(times), Float64Array.from(equity), span)
  expect(within([1, 2, 2, 3], [1, 1, 1, 1])).not.toThrow()
  expect(within([1, 3, 2], [1, 1, 1])).toThrow('time 2 of point 2 comes after 3')
  expect(within([1, Number.NaN, 2], [1, 1, 1])).toThrow(RangeError)
  expect(within([1, 2], [1, Number.NaN])).toThrow('equity of point 1 is NaN')
  expect(within([1, 2], [Number.POSITIVE_INFINITY, 1])).toThrow('equity of point 0 is Infinity')
  expect(within([1, 2], [1])).toThrow('2 times, but 1 values of equity')
})

test('the mean of equity weighs each value by how long it held', () => {
  const mean = (span: Span) =>
    meanEquity(curveWithin(Float64Array.of(10, 20, 80), Float64Array.of(1, 2, 3), span), span.to)
  expect(mean({ from: 0, to: 100, start: 5 })).toBe((10 * 5 + 10 * 1 + 60 * 2 + 20 * 3) / 100)
  expect(mean({ from: 15, to: 30 })).toBe((5 * 1 + 10 * 2) / 15)
  expect(mean({ from: 20, to: 20 })).toBe(2)
  expect(mean({ from: 0, to: 5 })).toBeUndefined()
})
