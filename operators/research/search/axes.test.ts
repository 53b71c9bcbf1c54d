import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SmartspeedError } from '../../../schemas/errors.ts'
import { parseAxes, parseAxis, spanText } from './axes.ts'
import { dimensionOf } from './dimension.ts'
import { levelOf, levelsOf, pointAt, sizeOf } from './space.ts'

const valuesOf = (text: string) => {
  const axis = parseAxis(text)
  return Array.from({ length: levelsOf(axis) }, (_, level) => levelOf(axis, level))
}

describe('an axis', () => {
  test('of two whole numbers has all whole numbers between them, both ends too', () => {
    expect(valuesOf('fast=2:6')).toEqual([2, 3, 4, 5, 6])
    expect(levelsOf(parseAxis('fast=2:101'))).toBe(100)
    expect(valuesOf('fast=2:11:4')).toEqual([2, 6, 10])
  })

  test('of steps has the decimals that a person would write', () => {
    expect(valuesOf('size=0.1:1:0.1')).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    expect(valuesOf('size=-1:1:0.5')).toEqual([-1, -0.5, 0, 0.5, 1])
  })

  test('of a list has its values: numbers rising, true and false, or texts', () => {
    expect(valuesOf('mode=long-flat,long-short')).toEqual(['long-flat', 'long-short'])
    expect(valuesOf('n=50,5,10')).toEqual([5, 10, 50])
    expect(valuesOf('hedge=true,false')).toEqual([true, false])
    expect(valuesOf('size=1')).toEqual([1])
  })

  test('without a step has any number between', () => {
    expect(parseAxis('size=0.1:1')).toEqual({ name: 'size', from: 0.1, to: 1 })
    expect(parseAxis('rate=log:0.0001:0.1')).toEqual({ name: 'rate', from: 0.0001, to: 0.1, log: true })
    expect(parseAxis('bars=log:10:1000')).toEqual({ name: 'bars', from: 10, to: 1000, log: true, whole: true })
    expect(levelsOf(parseAxis('size=0.1:1'))).toBe(Number.POSITIVE_INFINITY)
    expect(spanText(parseAxes(['size=0.1:1', 'fast=1:9']))).toBe('any number of points')
  })

  test.each([
    ['fast', 'USAGE', /write NAME=FROM:TO/],
    ['=1:2', 'USAGE', /write NAME=FROM:TO/],
    ['fast=', 'USAGE', /write NAME=FROM:TO/],
    ['fast=1:2:3:4', 'USAGE', /write NAME=FROM:TO/],
    ['fast=1:x', 'USAGE', /colons/],
    ['fast=1:', 'USAGE', /write NAME/],
    ['mode=a,,b', 'USAGE', /VALUE,VALUE/],
    ['fast=9:2', 'CONFIG_INVALID', /fast=2:9/],
    ['fast=2:2', 'CONFIG_INVALID', /fast=2 is one value/],
    ['fast=1:9:0', 'CONFIG_INVALID', /above 0/],
    ['fast=1:9:20', 'CONFIG_INVALID', /fast=1,9/],
    ['rate=log:0:1', 'CONFIG_INVALID', /above 0/],
    ['rate=log:1:10:2', 'CONFIG_INVALID', /rate=1:10:2/],
    ['n=1,2,1', 'CONFIG_INVALID', /once/],
  ])('%s is refused with what to write instead', (text, code, fix) => {
    const error = errorOf(() => parseAxes([text]))
    expect(error.code).toBe(code)
    expect(error.fix).toMatch(fix)
  })
})

test('a name that is given twice is refused', () => {
  expect(errorOf(() => parseAxes(['a=1:3', 'b=1:3', 'a=2,5'])).message).toBe('axis a is given twice')
})

test('the points of a space are numbered row by row, the last axis fastest', () => {
  const space = parseAxes(['fast=1:2', 'mode=x,y,z'])
  expect(spanText(space)).toBe('2 × 3 = 6')
  expect(Array.from({ length: sizeOf(space) }, (_, at) => Object.values(pointAt(space, at)))).toEqual([
    [1, 'x'],
    [1, 'y'],
    [1, 'z'],
    [2, 'x'],
    [2, 'y'],
    [2, 'z'],
  ])
})

test.each(['a=2:40', 'a=-3:3:0.7', 'a=log:1:300', 'a=0.5:7', 'a=log:0.001:9.5', 'a=x,y,z', 'a=1,7,20'])(
  'on the line of %s each value lies in the stretch that leads back to it',
  (text) => {
    const axis = parseAxis(text)
    const { low, high, placeOf, valueAt, cellOf, kind } = dimensionOf(axis)
    fc.assert(
      fc.property(fc.double({ min: -0.2, max: 1.2, noNaN: true }), (part) => {
        const value = valueAt(low + part * (high - low))
        expect(valueAt(placeOf(value))).toBeTypeOf(typeof value)
        if (typeof value === 'number') expect(valueAt(placeOf(value))).toBeCloseTo(value, 9)
        else expect(valueAt(placeOf(value))).toBe(value)
        const [from, to] = cellOf(value)
        if (kind === 'number') {
          expect(placeOf(value)).toBeGreaterThanOrEqual(from)
          expect(placeOf(value)).toBeLessThanOrEqual(to)
          expect(from).toBeGreaterThanOrEqual(low - 1e-9)
          expect(to).toBeLessThanOrEqual(high + 1e-9)
        }
      }),
    )
  },
)

function errorOf(work: () => unknown): SmartspeedError {
  try {
    work()
  } catch (error) {
    if (error instanceof SmartspeedError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
