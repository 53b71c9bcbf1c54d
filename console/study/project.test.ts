import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAxes, pointAt, sizeOf } from '../../operators/research/search/index.ts'
import { mapOf } from './cells.ts'
import type { Metric, MetricMap } from './data.ts'
import { mapCaption } from './map-figure.ts'
import { bestPoint, extentOf, levelsAt, neighboursOf, projected } from './project.ts'

const metric: Metric = { name: 'Sharpe ratio', unit: '', better: 'larger', neutral: 0 }

/** 3 × 2 × 2 points with the values 0…11, of which one was not tried. */
const map: MetricMap = {
  axes: [
    { name: 'a', values: [1, 2, 3] },
    { name: 'b', values: ['x', 'y'] },
    { name: 'c', values: [true, false] },
  ],
  values: Float64Array.from({ length: 12 }, (_, at) => (at === 11 ? Number.NaN : at)),
  metric,
}
const anything = [undefined, undefined, undefined]

test('a cell is the best over the axes that are not seen, and says which point that is', () => {
  const view = projected(map, { across: 0, up: 1, fixed: anything })
  expect([view.columns, view.rows]).toEqual([3, 2])
  expect([...view.values]).toEqual([1, 5, 9, 3, 7, 10])
  expect([...view.points]).toEqual([1, 5, 9, 3, 7, 10])
})

test('a level that is looked at leaves the others out, and what was not tried has no point', () => {
  const view = projected(map, { across: 0, up: 1, fixed: [undefined, undefined, 1] })
  expect([...view.values]).toEqual([1, 5, 9, 3, 7, Number.NaN])
  expect(view.points.at(-1)).toBe(-1)
})

test('where smaller is better the smallest stands for a cell', () => {
  const smaller = { ...map, metric: { ...metric, better: 'smaller' as const } }
  expect([...projected(smaller, { across: 2, up: undefined, fixed: anything }).values]).toEqual([0, 1])
  expect(bestPoint(smaller)).toBe(0)
})

test('any two axes show the best of all somewhere, and nothing that is better', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 })
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (lengths, a, b) => {
      const [across, up] = [a % lengths.length, b % lengths.length]
      if (across === up) return
      const axes = lengths.map((length, at) => ({ name: String(at), values: Array.from({ length }, (_, i) => i) }))
      const count = lengths.reduce((size, one) => size * one, 1)
      const values = Float64Array.from({ length: count }, (_, at) => (at * 7919 + a) % 101)
      const view = projected({ axes, values, metric }, { across, up, fixed: [] })
      expect(Math.max(...view.values)).toBe(Math.max(...values))
      for (const [cell, point] of view.points.entries()) {
        const levels = levelsAt(axes, point)
        expect(levels[up]! * view.columns + levels[across]!).toBe(cell)
        expect(values[point]).toBe(view.values[cell])
      }
    }),
  )
})

test('neighbours are one step along one axis away, and were tried', () => {
  expect(neighboursOf(map, 0).sort()).toEqual([1, 2, 4])
  expect(neighboursOf(map, 10)).toEqual([6, 8])
})

test('the caption says where the best is and how many beside it keep half of it', () => {
  expect(mapCaption(map)).toBe(
    'The best, 10 at a=3, b=y, c=true, has a ring. Of 2 points one step beside it 2 keep at least half of that. A cell shows the best over c, unless one is chosen.',
  )
  const losing = { ...map, values: map.values.map((value) => value - 20) }
  expect(mapCaption(losing)).toMatch(/^The best, −10 at a=3, b=y, c=true, has a ring. That is no better than 0/)
  expect(mapCaption({ ...map, values: map.values.map(() => Number.NaN) })).toMatch(/^Nothing was tried/)
  expect(extentOf(map.values.map(() => Number.NaN))).toBeUndefined()
})

test('the trials of a grid fall each into its own cell', () => {
  const space = parseAxes(['fast=2:5', 'mode=a,b', 'size=0.1:0.4:0.1'])
  const trials = Array.from({ length: sizeOf(space) }, (_, at) => ({ params: pointAt(space, at), value: at }))
  const cells = mapOf(space, trials.toReversed(), metric)
  expect([...cells.values]).toEqual(trials.map(({ value }) => value))
  expect(cells.axes[2]!.values).toEqual([0.1, 0.2, 0.3, 0.4])
})

test('the trials of an endless axis fall into stretches, the best of each is kept, those that failed are not', () => {
  const space = parseAxes(['rate=log:0.0001:1.0', 'n=1:1000'])
  const at = (rate: number, n: number, value: number) => ({ params: { rate, n }, value })
  const cells = mapOf(space, [at(0.0102, 1, 1), at(0.0102, 2, 3), at(0.0102, 3, Number.NaN), at(1, 1000, 2)], metric)
  expect(cells.axes.map(({ values }) => values.length)).toEqual([100, 100])
  expect([...cells.values.entries()].filter(([, value]) => !Number.isNaN(value))).toEqual([
    [5000, 3],
    [9999, 2],
  ])
  expect(cells.axes[0]!.values[50]).toBeCloseTo(0.01, 2)
})
