import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BarView } from '../desk.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { meanReversion } from './mean-reversion.ts'
import { parseParameters } from './parameters.ts'
import { sampleDesk } from './sample-desk.ts'

type Given = Record<string, unknown>

const bar = (close: number, instrument = 0): BarView => ({
  ...{ instrument, time: 0, openTime: 0, interval: '1m', open: close, high: close, low: close, close, volume: 1 },
})
const paramsOf = (given: Given) =>
  parseParameters(meanReversion, { bars: 4, entry: 1.5, edge: 0, stop: 0, ...given }) as Parameters<
    typeof meanReversion.create
  >[0]

/** What was asked at each bar; saved and loaded after each when told. Ticks are 0.1. */
function run(closes: readonly number[], given: Given = {}, saves = false): string[] {
  const desk = sampleDesk()
  let trader = meanReversion.create(paramsOf(given), desk)
  return closes.map((close) => {
    desk.asked.length = 0
    trader.bar!(bar(close))
    if (saves) {
      const bytes = trader.save()
      trader = meanReversion.create(paramsOf(given), desk)
      trader.load(bytes)
    }
    return desk.asked.join(', ')
  })
}

describe('it enters', () => {
  // The mean of 10, 10, 10, 9 is 9.75, the deviation 0.433: z = −1.73. Then of 10, 10, 9, 10: z = 0.58.
  test('long far below the mean, and leaves when the close is back at it', () => {
    expect(run([10, 10, 10, 9, 10])).toEqual(['', '', '', 'target 0 1', 'target 0 0'])
  })

  test('short far above the mean, unless it is long-flat', () => {
    expect(run([10, 10, 10, 11, 10], { size: 2 })).toEqual(['', '', '', 'target 0 -2', 'target 0 0'])
    expect(run([10, 10, 10, 11, 10], { mode: 'long-flat' })).toEqual(['', '', '', '', ''])
  })

  test('only when the distance to the mean is worth the edge', () => {
    // |9 − 9.75| / 9.75 = 0.0769.
    expect(run([10, 10, 10, 9], { edge: 0.0769 })[3]).toBe('target 0 1')
    expect(run([10, 10, 10, 9], { edge: 0.077 })[3]).toBe('')
  })

  test('at exactly `entry` deviations', () => {
    // Of two bars the newer stands one deviation away, whatever they are.
    expect(run([10, 9], { bars: 2, entry: 1 })).toEqual(['', 'target 0 1'])
    expect(run([10, 9], { bars: 2, entry: 1.0001 })).toEqual(['', ''])
  })

  test('nothing while all closes are equal, also at prices that no double holds', () => {
    expect(run(Array(30).fill(0.1), { entry: 0.5 })).toEqual(Array(30).fill(''))
  })

  test('nothing before there are as many bars as the mean has', () => {
    expect(run([10, 5, 20])).toEqual(['', '', ''])
    expect(meanReversion.warmup(paramsOf({ bars: 33 }))).toBe(33)
  })
})

describe('it leaves', () => {
  test('at so many deviations from the mean as told', () => {
    // Of 10, 10, 9, 9.6: mean 9.65, z = −0.12.
    expect(run([10, 10, 10, 9, 9.6])[4]).toBe('')
    expect(run([10, 10, 10, 9, 9.6], { exit: 0.2 })[4]).toBe('target 0 0')
  })

  test('at a stop, and then waits for the mean before it enters that side again', () => {
    // 9 → 8.5 is 5.6 % down; the close at 6 stands far below the mean, but the long side is spent.
    const closes = [10, 10, 10, 9, 8.5, 6, 9, 9, 9, 6]
    const asked = run(closes, { stop: 0.05 })
    expect(asked).toEqual(['', '', '', 'target 0 1', 'target 0 0', '', '', '', '', 'target 0 1'])
    expect(run(closes.slice(0, 6), { stop: 0.06 })).toEqual(['', '', '', 'target 0 1', '', 'target 0 0'])
  })

  test('after so many bars as told', () => {
    const closes = [10, 10, 10, 9, 8.9, 8.8, 8.7]
    expect(run(closes, { maxBars: 2 })).toEqual(['', '', '', 'target 0 1', '', 'target 0 0', ''])
    expect(run(closes, { maxBars: 0 })).toEqual(['', '', '', 'target 0 1', '', '', ''])
  })

  test('and turns over on a bar that goes through the mean to the other end', () => {
    expect(run([10, 10, 10, 9, 14])).toEqual(['', '', '', 'target 0 1', 'target 0 -1'])
  })
})

test('it says its stop and its target to sizing', () => {
  const desk = sampleDesk()
  const said: unknown[] = []
  desk.target = (...all) => said.push(all)
  const trader = meanReversion.create(paramsOf({ stop: 0.0625 }), desk)
  for (const close of [10, 10, 10, 9]) trader.bar!(bar(close))
  expect(said).toEqual([[0, 1, 'far below the mean', { stop: 8.4375, takeProfit: 9.75 }]])
})

test('each instrument is traded by itself', () => {
  const desk = sampleDesk([0, 1].map((index) => instrumentOf(perpetual({ symbol: `S${index}` }), index)))
  const trader = meanReversion.create(paramsOf({}), desk)
  for (const close of [10, 10, 10, 9]) {
    trader.bar!(bar(close, 1))
    trader.bar!(bar(20 - close, 0))
  }
  expect(desk.asked).toEqual(['target 1 1', 'target 0 -1'])
})

test('saved and loaded after every bar it goes on the same, and it is what the rules say in a loop of their own', () => {
  const closes = fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 1, maxLength: 80 })
  fc.assert(
    fc.property(closes, fc.integer({ min: 2, max: 8 }), (ticks, bars) => {
      const prices = ticks.map((tick) => tick / 10)
      const given = { bars, entry: 1.2, edge: 0.01, exit: 0.1, stop: 0.04, maxBars: 5 }
      const whole = run(prices, given)
      expect(run(prices, given, true)).toEqual(whole)
      expect(whole).toEqual(byHand(ticks, given))
    }),
    { numRuns: 300 },
  )
})

/** The rules as the docstring says them, over the whole series at once. */
function byHand(
  ticks: readonly number[],
  { bars, entry, edge, exit, stop, maxBars }: Record<'bars' | 'entry' | 'edge' | 'exit' | 'stop' | 'maxBars', number>,
): string[] {
  let [side, spent, from] = [0, 0, 0]
  return ticks.map((close, i) => {
    if (i + 1 < bars) return ''
    const window = ticks.slice(i + 1 - bars, i + 1)
    const mean = window.reduce((a, b) => a + b) / bars
    const deviation = Math.sqrt(window.reduce((a, b) => a + (b - mean) ** 2, 0) / bars)
    const z = deviation === 0 ? 0 : (close - mean) / deviation
    const was = side
    if ((spent === 1 && z >= -exit) || (spent === -1 && z <= exit)) spent = 0
    const isBack = (side === 1 && z >= -exit) || (side === -1 && z <= exit)
    const isEnded = i - from >= maxBars || side * (close / ticks[from]! - 1) <= -stop + 1e-15
    if (side !== 0 && (isBack || isEnded)) {
      spent = isBack ? 0 : side
      side = 0
    }
    if (side === 0 && Math.abs(close - mean) >= edge * mean) {
      if (z <= -entry && spent !== 1) side = 1
      if (z >= entry && spent !== -1) side = -1
      if (side !== 0) from = i
    }
    return side === was ? '' : `target 0 ${side}`
  })
}

test('parameters that contradict each other are refused', () => {
  expect(() => paramsOf({ exit: 2, entry: 1 })).toThrow('exit must be below entry')
})
