import { beforeEach, expect, test } from 'vitest'
import type { Trader } from '../desk.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { pairs } from './pairs.ts'
import { parseParameters } from './parameters.ts'
import { type SampleDesk, sampleDesk } from './sample-desk.ts'

let desk: SampleDesk
let trader: Trader
let given: Record<string, unknown>
let minute: number
const create = () => pairs.create(parseParameters(pairs, given) as Parameters<typeof pairs.create>[0], desk)

function start(changes: Record<string, unknown> = {}): void {
  desk = sampleDesk([0, 1].map((index) => instrumentOf(perpetual({ symbol: `S${index}`, tickSize: 0.001 }), index)))
  minute = 0
  given = { bars: 10, entry: 2, ...changes }
  trader = create()
  // Ten closes on the line: the first is ten times the second, give or take a thousandth.
  for (let at = 0; at < 10; at++) bars(100 + at, 1000 + 10 * at + (at % 2 === 0 ? 1 : -1))
}

/** Closes of both in one minute; what is asked at them. */
function bars(second: number, first: number): string[] {
  const bytes = trader.save()
  trader = create()
  trader.load(bytes)
  desk.asked.length = 0
  minute++
  for (const [instrument, close] of [first, second].entries()) {
    const bar = { time: minute * 60e6, openTime: (minute - 1) * 60e6, interval: '1m', volume: 1 }
    trader.bar!({ instrument, ...bar, open: close, high: close, low: close, close })
  }
  return [...desk.asked]
}

beforeEach(() => start())

test('it sells what is dear and buys its pair for as much, and leaves when they are back together', () => {
  expect(bars(105, 1050)).toEqual([])
  const [first, second] = bars(105, 1065)
  expect(first).toBe('target 0 -1')
  const [, size] = /target 1 ([\d.]+)/.exec(second!)!
  // beta × 1 × 1065 / 105, in lots of 0.001, with a beta of about 1.
  expect(Number(size) * 105).toBeGreaterThan(0.9 * 1065)
  expect(Number(size) * 105).toBeLessThan(1.1 * 1065)
  Object.assign(desk.positions, [-1, Number(size)])
  expect(bars(105, 1062)).toEqual([])
  expect(bars(105, 1045)).toEqual(['target 0 0', 'target 1 0'])
})

test('what is cheap is bought', () => {
  expect(bars(105, 1035)[0]).toBe('target 0 1')
})

test('a distance beyond the stop is no entry', () => {
  start({ entry: 1, stop: 1.5 })
  expect(bars(105, 1300)).toEqual([])
})

test('it waits for both bars: one leg alone is nothing new', () => {
  minute++
  const bar = { time: 0, interval: '1m', open: 1, high: 1, low: 1, volume: 1 }
  trader.bar!({ instrument: 0, openTime: minute * 60e6, close: 2000, ...bar })
  trader.bar!({ instrument: 1, openTime: (minute + 1) * 60e6, close: 100, ...bar })
  expect(desk.asked).toEqual([])
})

test('held for as many bars as it may, it leaves, and takes the same side only after they were back together', () => {
  start({ maxBars: 1 })
  bars(105, 1065)
  Object.assign(desk.positions, [-1, 10])
  expect(bars(105, 1065)).toEqual(['target 0 0', 'target 1 0'])
  Object.assign(desk.positions, [0, 0])
  // Still far away on the same side, whatever the window thinks of it by now.
  expect(bars(105, 1110)).toEqual([])
  for (let at = 0; at < 10; at++) bars(100 + at, 1000 + 10 * at + (at % 2 === 0 ? 1 : -1))
  expect(bars(105, 1065)[0]).toBe('target 0 -1')
})

test('leg risk: where one leg is not there both are closed', () => {
  bars(105, 1065)
  Object.assign(desk.positions, [-1, 0])
  expect(bars(105, 1064)).toEqual(['target 0 0', 'target 1 0'])
})

test('distances that take too long to shrink are left alone', () => {
  // They stay on one side for five bars each, so that half of one is gone after more than half a bar.
  const offsets = [4, 4, 3, 3, 2, -2, -3, -3, -4, -4]
  const asks = (maxHalfLife: number) => {
    start({ maxHalfLife, bars: 30 })
    for (let at = 0; at < 30; at++) bars(100 + (at % 7), 1000 + 10 * (at % 7) + offsets[at % 10]!)
    return bars(105, 1066)
  }
  expect(asks(0.5)).toEqual([])
  expect(asks(50)[0]).toBe('target 0 -1')
})

test('limits that contradict each other are refused', () => {
  expect(() => parseParameters(pairs, { entry: 2, exit: 2 })).toThrow(/exit must be below entry/)
  expect(() => parseParameters(pairs, { entry: 2, stop: 2 })).toThrow(/stop must be above entry/)
})
