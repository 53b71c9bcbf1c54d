import { beforeEach, describe, expect, test } from 'vitest'
import type { Execution } from '../../schemas/records.generated.ts'
import type { Trader } from '../desk.ts'
import { type FeatureName, featureNames } from '../features/names.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { parseParameters } from './parameters.ts'
import { type SampleDesk, sampleDesk } from './sample-desk.ts'
import { scalper } from './scalper.ts'

const ms = 1000
const second = 1_000_000
let desk: SampleDesk
let trader: Trader
let given: Record<string, unknown>
let saves = false

const create = () => scalper.create(parseParameters(scalper, given) as Parameters<typeof scalper.create>[0], desk)

/** Ticks are 0.1, lots 0.001. The four signs point up as far as they go: the confidence is 1. */
function start(changes: Record<string, unknown> = {}): void {
  desk = sampleDesk([0, 1].map((index) => instrumentOf(perpetual({ symbol: `S${index}` }), index)))
  given = { size: 0.01, ...changes }
  trader = create()
  desk.now = 1000 * second
  feature({ volatility: 0.01, momentum: 1, rsi: 90 })
  trade(20)
}

function feature(values: Partial<Record<FeatureName, number>>): void {
  for (const [name, value] of Object.entries(values))
    desk.features(0)[featureNames.indexOf(name as FeatureName)] = value
}

/** A trade at 60,000, of which 20 are worth 1.2 million; the next row comes a second later. */
function trade(size: number, side: 'buy' | 'sell' = 'buy'): void {
  trader.trade!(desk.markets[0]!, { price: 60_000, size, side })
  desk.now += second
}

/** A row some ms later; what is asked at it. */
function top({ bid = 600_000, ask = 600_001, bidLots = 1000, askLots = 0, after = 0, synced = true } = {}): string[] {
  desk.now += after * ms
  Object.assign(desk.markets[0]!, { bidTicks: bid, askTicks: ask, bidLots, askLots, synced })
  return asked(() => trader.top!(desk.markets[0]!))
}

function asked(what: () => void): string[] {
  if (saves) {
    const bytes = trader.save()
    trader = create()
    trader.load(bytes)
  }
  desk.asked.length = 0
  what()
  return [...desk.asked]
}

/** An execution of instrument 0: position and tags are as after it. */
function heard(kind: Execution['kind'], more: Partial<Execution> = {}): string[] {
  return asked(() => trader.execution!({ kind, exchange: 'binance-usdm', symbol: 'S0', ...more } as Execution))
}

/** Our order under a tag fills, wholly unless told. */
function fill(tag: 'entry' | 'target', side: 'buy' | 'sell', ticks: number, lots = 10, leftLots = 0): string[] {
  if (leftLots === 0) desk.tags.delete(tag)
  desk.positions[0] = Math.round(desk.positions[0]! * 1000 + (side === 'buy' ? lots : -lots)) / 1000
  return heard('fill', { side, ticks, lots, leftLots })
}

function end(tag: string, kind: 'cancelled' | 'expired' | 'rejected' = 'cancelled'): string[] {
  desk.tags.delete(tag)
  return heard(kind)
}

const entered = ['entry: buy 0.01 of 0 at 60000 gtx']
const sentTarget = ['target: sell 0.01 of 0 at 60120 gtc']

/** Holds 0.01 from 60,000 on; the target rests. */
function hold(changes: Record<string, unknown> = {}): void {
  start(changes)
  expect(top()).toEqual(entered)
  expect(fill('entry', 'buy', 600_000)).toEqual(sentTarget)
}

for (const restarts of [false, true]) {
  describe(restarts ? 'saved and loaded before every row' : 'in one go', () => {
    beforeEach(() => {
      saves = restarts
      start()
    })

    describe('an entry', () => {
      test('is a post-only order at the best price of its side', () => {
        expect(top()).toEqual(entered)
        start()
        feature({ momentum: -1, rsi: 10 })
        trade(900, 'sell')
        expect(top({ bidLots: 0, askLots: 1000 })).toEqual(['entry: sell 0.01 of 0 at 60000.1 gtx'])
      })

      test('is refused by each filter for itself', () => {
        const fails = (change: () => void, row: Parameters<typeof top>[0] = {}) => {
          start()
          change()
          expect(top(row)).toEqual([])
        }
        fails(() => feature({ volatility: 0.0301 }))
        fails(() => feature({ volatility: 0.06 }))
        // 60,060 over 60,000 is 0.1 %; of the middle it is a little less.
        fails(() => {}, { ask: 600_601 })
        fails(() => {
          trader = create()
          trade(16)
        })
        fails(() => {
          // 300 s later the trades are forgotten.
          desk.now += 300 * second
        })
        // Without the trend, and half of the oscillator: (1 + 1 + 0 + ½) / 4 = 0.625 → 0.8125; 0.375 → 0.6875.
        fails(() => feature({ momentum: -0.01 * Math.sqrt(10) * 0.5, rsi: 50 }), {})
        fails(() => {}, { synced: false })
      })

      test('is let through just within each filter', () => {
        const passes = (change: () => void, row: Parameters<typeof top>[0] = {}) => {
          start()
          change()
          expect(top(row)).toHaveLength(1)
        }
        passes(() => feature({ volatility: 0.03 }))
        passes(() => {}, { ask: 600_600 })
        passes(() => {
          trader = create()
          trade(17)
        })
        passes(() => {
          desk.now += 294 * second
        })
        passes(() => feature({ momentum: -0.01 * Math.sqrt(10) * 0.3, rsi: 50 }))
      })

      test('is not made while a feature or the book is not known', () => {
        for (const name of ['volatility', 'momentum', 'rsi'] as const) {
          start()
          feature({ [name]: Number.NaN })
          expect(top()).toEqual([])
        }
        start()
        expect(top({ bid: Number.NaN, ask: Number.NaN, bidLots: Number.NaN, askLots: Number.NaN })).toEqual([])
      })

      test('is looked for once a second', () => {
        feature({ rsi: Number.NaN })
        expect(top()).toEqual([])
        feature({ rsi: 90 })
        expect(top({ after: 999 })).toEqual([])
        expect(top({ after: 1 })).toEqual(entered)
      })

      test('that does not fill is taken back, and sent once more through the book if the signs still agree', () => {
        top()
        expect(top({ after: 1999 })).toEqual([])
        expect(top({ after: 1, ask: 600_005 })).toEqual(['cancel entry'])
        expect(top({ after: 500 })).toEqual([])
        expect(end('entry')).toEqual(['entry: buy 0.01 of 0 at 60000.1 ioc'])
        expect(top({ after: 5000 })).toEqual([])
        expect(end('entry', 'expired')).toEqual([])
        expect(top({ after: 999 })).toEqual([])
        expect(top({ after: 1 })).toEqual(entered)
      })

      test('is given up when the signs agree no more', () => {
        start({ patienceMs: 5000 })
        top()
        // (−1 + 1 + 1 + 1) / 4 = 0.5 → 0.75; with the takers against it 0 → 0.5.
        expect(top({ after: 1000, askLots: 1000, bidLots: 0 })).toEqual([])
        expect(asked(() => trade(900, 'sell'))).toEqual([])
        expect(top({ askLots: 1000, bidLots: 0 })).toEqual(['cancel entry'])
        expect(end('entry')).toEqual([])
      })

      test('is given up when it became too wild: over 5 %, while 4 % only begin no new one', () => {
        start({ patienceMs: 5000 })
        top()
        feature({ volatility: 0.04 })
        expect(top({ after: 1000 })).toEqual([])
        feature({ volatility: 0.06 })
        expect(top({ after: 999 })).toEqual([])
        expect(top({ after: 1 })).toEqual(['cancel entry'])
      })

      test('can be post-only alone, or marketable at once', () => {
        start({ entry: 'post-only' })
        expect(top()).toEqual(entered)
        expect(end('entry', 'rejected')).toEqual([])
        start({ entry: 'marketable' })
        expect(top()).toEqual(['entry: buy 0.01 of 0 at 60000.1 ioc'])
        expect(top({ after: 9999 })).toEqual([])
        expect(end('entry', 'expired')).toEqual([])
      })

      test('that risk refused is tried once more, and then rested from', () => {
        top()
        desk.tags.delete('entry')
        expect(top({ after: 1 })).toEqual(['entry: buy 0.01 of 0 at 60000.1 ioc'])
        desk.tags.delete('entry')
        expect(top({ after: 1 })).toEqual([])
        expect(top({ after: 998 })).toEqual([])
      })
    })

    describe('a position', () => {
      test('has its target resting at 0.2 % beyond the average price of its fills', () => {
        top()
        expect(fill('entry', 'buy', 600_000, 4, 6)).toEqual([])
        expect(fill('entry', 'buy', 600_010, 6)).toEqual(['target: sell 0.01 of 0 at 60120.6012 gtc'])
      })

      test('that filled in part has a target of its part', () => {
        top()
        expect(fill('entry', 'buy', 600_000, 4, 6)).toEqual([])
        expect(top({ after: 2000 })).toEqual(['cancel entry'])
        expect(end('entry')).toEqual(['target: sell 0.004 of 0 at 60120 gtc'])
      })

      test('that reached its target rests a second', () => {
        hold()
        expect(fill('target', 'sell', 601_200)).toEqual([])
        expect(top({ after: 999 })).toEqual([])
        expect(top({ after: 1 })).toEqual(entered)
      })

      test('is closed at a loss of twice the target, after the target order is gone', () => {
        hold()
        expect(top({ bid: 597_601, after: 10 })).toEqual([])
        expect(top({ bid: 597_600, after: 10 })).toEqual(['cancel target'])
        expect(top({ bid: 597_600, after: 10 })).toEqual([])
        expect(end('target')).toEqual(['target 0 0'])
        desk.coming.add(0)
        expect(top({ bid: 590_000, after: 5000 })).toEqual([])
        desk.coming.clear()
        desk.positions[0] = 0
        expect(heard('fill', { side: 'sell', ticks: 597_600, lots: 10, leftLots: 0 })).toEqual([])
        expect(top({ after: 1000 })).toEqual(entered)
      })

      test('whose target filled while it was taken back is not closed a second time', () => {
        hold()
        expect(top({ bid: 597_600 })).toEqual(['cancel target'])
        expect(fill('target', 'sell', 601_200)).toEqual([])
        expect(heard('cancel-rejected')).toEqual([])
        expect(top({ after: 500 })).toEqual([])
      })

      test('is closed 300 s after its first fill', () => {
        start()
        top()
        fill('entry', 'buy', 600_000, 4, 6)
        desk.now += 1 * second
        fill('entry', 'buy', 600_000, 6)
        expect(top({ after: 298_999 })).toEqual([])
        expect(top({ after: 1 })).toEqual(['cancel target'])
        expect(end('target')).toEqual(['target 0 0'])
      })

      test('whose close found no buyer is asked for again a second later', () => {
        hold({ holdSeconds: 10 })
        expect(top({ after: 10_000 })).toEqual(['cancel target'])
        expect(end('target')).toEqual(['target 0 0'])
        expect(heard('expired')).toEqual([])
        expect(top({ after: 999 })).toEqual([])
        expect(top({ after: 1 })).toEqual(['target 0 0'])
      })

      test('whose target order was refused is closed at market when the price is there', () => {
        hold()
        expect(end('target', 'rejected')).toEqual([])
        expect(top({ bid: 601_199, after: 1 })).toEqual([])
        expect(top({ bid: 601_200, after: 1 })).toEqual(['target 0 0'])
      })

      test('is not stopped on a book that is out of sync, but by the clock', () => {
        hold()
        expect(top({ bid: 500_000, synced: false })).toEqual([])
        expect(top({ bid: 500_000, synced: false, after: 300_000 })).toEqual(['cancel target'])
      })

      test('short is the mirror of long', () => {
        feature({ momentum: -1, rsi: 10 })
        trade(900, 'sell')
        const book = { bidLots: 0, askLots: 1000 }
        expect(top(book)).toEqual(['entry: sell 0.01 of 0 at 60000.1 gtx'])
        expect(fill('entry', 'sell', 600_000)).toEqual(['target: buy 0.01 of 0 at 59880 gtc'])
        expect(top({ ...book, ask: 602_399, after: 1 })).toEqual([])
        expect(top({ ...book, ask: 602_400, after: 1 })).toEqual(['cancel target'])
      })
    })

    test('a second instrument has tags of its own', () => {
      for (const [i, value] of desk.features(0).entries()) desk.features(1)[i] = value
      Object.assign(desk.markets[1]!, { bidTicks: 10, askTicks: 10.001, bidLots: 9, askLots: 0 })
      const trades = () => trader.trade!(desk.markets[1]!, { price: 60_000, size: 20, side: 'buy' })
      expect(asked(trades)).toEqual(['entry1: buy 0.01 of 1 at 1 gtx'])
    })
  })
}

test('without features it does nothing, whatever the market does', () => {
  start()
  desk.features(0).fill(Number.NaN)
  for (let i = 0; i < 100; i++) expect(top({ bid: 600_000 + i * 100, ask: 600_001 + i * 100, after: 1000 })).toEqual([])
})

test('it says that it needs ticks and features', () => {
  expect([scalper.needs, scalper.features]).toEqual(['ticks', true])
})
