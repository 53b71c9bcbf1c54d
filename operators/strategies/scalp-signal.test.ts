import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { addTrade, confidenceOf, scoreOf, tradedValue, tradeWindow } from './scalp-signal.ts'

const second = 1_000_000
const linear = instrumentOf(perpetual(), 0)
const even = { bidLots: 1, askLots: 1 }
const silent = { volatility: 0.01, momentum: 0, rsi: 50, bought: 0, sold: 0 }

describe('the score', () => {
  test('is 0 where no sign points anywhere, and a quarter for each that is at its end', () => {
    expect(scoreOf(even, silent)).toBe(0)
    expect(scoreOf({ bidLots: 1, askLots: 0 }, silent)).toBe(0.25)
    expect(scoreOf(even, { ...silent, bought: 7 })).toBe(0.25)
    expect(scoreOf(even, { ...silent, momentum: 1 })).toBe(0.25)
    expect(scoreOf(even, { ...silent, rsi: 70 })).toBe(0.25)
    expect(scoreOf({ bidLots: 0, askLots: 1 }, { volatility: 0.01, momentum: -1, rsi: 9, bought: 0, sold: 1 })).toBe(-1)
  })

  test('takes each sign by how far it points', () => {
    expect(scoreOf({ bidLots: 3, askLots: 1 }, silent)).toBe(0.125)
    expect(scoreOf(even, { ...silent, bought: 1, sold: 3 })).toBe(-0.125)
    expect(scoreOf(even, { ...silent, momentum: 0.005 * Math.sqrt(10) })).toBe(0.125)
    expect(scoreOf(even, { ...silent, rsi: 40 })).toBe(-0.125)
  })

  test('of a book or a market at a standstill is a number; of something unknown it is none', () => {
    expect(scoreOf({ bidLots: 0, askLots: 0 }, { ...silent, volatility: 0 })).toBe(0)
    expect(scoreOf(even, { ...silent, rsi: Number.NaN })).toBeNaN()
    expect(scoreOf({ bidLots: Number.NaN, askLots: 1 }, silent)).toBeNaN()
  })

  test('counts the book once: the microprice leans off the middle by the same number of half spreads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (bidLots, askLots) => {
        const [bid, ask] = [1000, 1002]
        const microprice = (bid * askLots + ask * bidLots) / (bidLots + askLots)
        expect(scoreOf({ bidLots, askLots }, silent) * 4).toBeCloseTo(microprice - 1001, 9)
      }),
    )
  })

  test('becomes a confidence between one half and one', () => {
    expect([0, 0.4, -0.4, 1, -1].map(confidenceOf)).toEqual([0.5, 0.7, 0.7, 1, 1])
  })
})

describe('the window of trades', () => {
  test('holds what was traded by the side of the taker, and forgets it when it is over', () => {
    const window = tradeWindow(60)
    addTrade(window, linear, { now: 1000 * second, price: 100, size: 2, side: 'buy' })
    addTrade(window, linear, { now: 1030 * second, price: 50, size: 1, side: 'sell' })
    expect(tradedValue(window, 1059 * second)).toEqual({ bought: 200, sold: 50 })
    expect(tradedValue(window, 1060 * second)).toEqual({ bought: 0, sold: 50 })
    expect(tradedValue(window, 1090 * second)).toEqual({ bought: 0, sold: 0 })
    expect(tradedValue(window, 9999 * second)).toEqual({ bought: 0, sold: 0 })
  })

  test('counts contracts by what they are worth', () => {
    const inverse = instrumentOf(perpetual({ contractSize: 100, inverse: true }), 0)
    const ofTen = instrumentOf(perpetual({ contractSize: 10 }), 0)
    for (const [instrument, value] of [
      [inverse, 300],
      [ofTen, 1500],
    ] as const) {
      const window = tradeWindow(60)
      addTrade(window, instrument, { now: 5, price: 50, size: 3, side: 'sell' })
      expect(tradedValue(window, 5)).toEqual({ bought: 0, sold: value })
    }
  })

  test('is the sum of the trades that are younger than it, to a sixtieth', () => {
    const trades = fc.array(fc.tuple(fc.nat({ max: 40 * second }), fc.integer({ min: 1, max: 9 })), { maxLength: 60 })
    fc.assert(
      fc.property(trades, fc.integer({ min: 1, max: 30 }), (gaps, seconds) => {
        const window = tradeWindow(seconds)
        let now = 0
        const seen = gaps.map(([gap, size]) => {
          now += gap
          addTrade(window, linear, { now, price: 1, size, side: 'buy' })
          return { now, size }
        })
        const younger = (than: number) =>
          seen.filter((one) => now - one.now < than).reduce((a, { size }) => a + size, 0)
        const { bought } = tradedValue(window, now)
        expect(bought).toBeLessThanOrEqual(younger(seconds * second))
        expect(bought).toBeGreaterThanOrEqual(younger((seconds * second * 59) / 60))
      }),
    )
  })
})
