import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Instrument, instrumentOf, priceOf, sizeOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import type { RiskMarket } from '../risk/view.ts'
import { familiesOf } from './families.ts'
import { type Part, type Place, route } from './route.ts'

type Level = readonly [ticks: number, lots: number]

/** Asks from the cheapest, or bids from the dearest. */
function market(instrument: Instrument, side: 'buy' | 'sell', levels: readonly Level[]): RiskMarket {
  const [ticks, lots] = levels[0] ?? [Number.NaN, Number.NaN]
  const own = side === 'buy' ? { askTicks: ticks, askLots: lots } : { bidTicks: ticks, bidLots: lots }
  return {
    ...{ instrument, bidTicks: Number.NaN, bidLots: Number.NaN, askTicks: Number.NaN, askLots: Number.NaN },
    ...{ lastTicks: Number.NaN, markTicks: Number.NaN, received: 0, synced: true, hasDepth: true, ...own },
    lotsAt: (_side, at) => levels.find(([one]) => one === at)?.[1] ?? 0,
    next: (_side, at) => levels[levels.findIndex(([one]) => one === at) + 1]?.[0] ?? Number.NaN,
  }
}

const levelsOf = (steps: readonly Level[], side: 'buy' | 'sell'): Level[] => {
  let ticks = 1000
  return steps.map(([step, lots]) => {
    ticks += side === 'buy' ? step : -step
    return [ticks, lots]
  })
}

const step = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
const book = fc.array(step, { maxLength: 4 })
const side = fc.constantFrom('buy' as const, 'sell' as const)
const fee = fc.constantFrom(0, 0.0004, 0.001, 0.002, -0.0002)

/** What lots of a book cost after fees, best first; NaN where it has not so many. */
function costOf(levels: readonly Level[], lots: number, rate: number): number {
  let [left, cost] = [lots, 0]
  for (const [ticks, there] of levels) {
    const taken = Math.min(left, there)
    cost += taken * ticks * rate
    left -= taken
  }
  return left > 0 ? Number.NaN : cost
}

describe('a split over two or three books', () => {
  test('costs what the best of all splits costs, and leaves only what nobody offers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(book, fee), { minLength: 2, maxLength: 3 }),
        fc.integer({ min: 1, max: 20 }),
        side,
        (books, units, side) => {
          const venues = books.map(([steps, fee], index) => {
            const instrument = instrumentOf(perpetual({ exchange: `x${index}`, tickSize: 1, minNotional: 0 }), index)
            const levels = levelsOf(steps, side)
            return { levels, fee, market: market(instrument, side, levels) }
          })
          const rate = (fee: number) => (side === 'buy' ? 1 + fee : 1 - fee)
          const places = venues.map(
            ({ market, fee }): Place => ({ market, fee, unit: 1, closing: 0, most: Number.POSITIVE_INFINITY }),
          )
          const { parts, left } = route(side, units, places, undefined)
          const offered = venues.map(({ levels }) => levels.reduce((sum, [, lots]) => sum + lots, 0))
          const wanted = Math.min(
            units,
            offered.reduce((sum, lots) => sum + lots, 0),
          )
          expect(units - left).toBe(wanted)
          // Every split of as much, by trying all.
          const costs: number[] = []
          const counts = venues.map(() => 0)
          const all = (at: number, rest: number, cost: number): void => {
            if (at === venues.length) {
              if (rest === 0) costs.push(cost)
              return
            }
            for (counts[at] = 0; counts[at]! <= Math.min(rest, offered[at]!); counts[at]!++)
              all(at + 1, rest - counts[at]!, cost + costOf(venues[at]!.levels, counts[at]!, rate(venues[at]!.fee)))
          }
          all(0, wanted, 0)
          const own = parts.reduce(
            (sum, { place, lots }) => sum + costOf(venues[place]!.levels, lots, rate(venues[place]!.fee)),
            0,
          )
          expect(own).toBeCloseTo(side === 'buy' ? Math.min(...costs) : Math.max(...costs), 6)
        },
      ),
    )
  })

  test('stays within lots, bounds, limit and smallest orders of each place, whatever they are', () => {
    const place = fc.record({
      steps: book,
      fee,
      lotSize: fc.constantFrom(0.001, 0.01, 0.0005),
      minNotional: fc.constantFrom(0, 5, 50),
      closing: fc.integer({ min: 0, max: 60 }),
      more: fc.constantFrom(0, 30, Number.POSITIVE_INFINITY),
    })
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 400 }),
        side,
        (given, units, side) => {
          const instruments = given.map(({ lotSize, minNotional }, index) =>
            instrumentOf(perpetual({ exchange: `x${index}`, tickSize: 1, lotSize, minNotional }), index),
          )
          const { units: unit } = familiesOf(instruments, true)[0]!
          const levels = given.map(({ steps }) => levelsOf(steps, side))
          const places = given.map(({ fee, closing, more }, at): Place => {
            return {
              market: market(instruments[at]!, side, levels[at]!),
              fee,
              unit: unit[at]!,
              closing,
              most: closing + more,
            }
          })
          const limit = side === 'buy' ? 1006 : 994
          const { parts, left } = route(side, units, places, limit)
          const taken = parts.reduce((sum, { place, lots }) => sum + lots * unit[place]!, 0)
          expect(taken + left).toBe(units)
          for (const { place, lots, ticks } of parts) {
            const within = levels[place]!.filter(([one]) => (side === 'buy' ? one <= limit : one >= limit))
            expect(lots).toBeLessThanOrEqual(within.reduce((sum, [, there]) => sum + there, 0))
            expect(lots * unit[place]!).toBeLessThanOrEqual(places[place]!.most)
            expect(within.map(([one]) => one)).toContain(ticks)
            const instrument = instruments[place]!
            expect(sizeOf(instrument, lots) * priceOf(instrument, levels[place]![0]![0])).toBeGreaterThanOrEqual(
              instrument.minNotional,
            )
          }
        },
      ),
    )
  })
})

test('what closes a position goes there first, though it is dearer', () => {
  const places = [1001, 1005].map((ticks, index): Place => {
    const instrument = instrumentOf(perpetual({ exchange: `x${index}`, tickSize: 1, minNotional: 0 }), index)
    return {
      market: market(instrument, 'buy', [[ticks, 10]]),
      fee: 0,
      unit: 1,
      closing: index * 4,
      most: Number.POSITIVE_INFINITY,
    }
  })
  const shown = (parts: readonly Part[]) => parts.map(({ place, lots, ticks }) => [place, lots, ticks])
  expect(shown(route('buy', 6, places, undefined).parts)).toEqual([
    [0, 2, 1001],
    [1, 4, 1005],
  ])
})

test('without depth all goes to the cheapest, at market', () => {
  const places = [1001, 1000].map((markTicks, index): Place => {
    const instrument = instrumentOf(perpetual({ exchange: `x${index}`, tickSize: 1, minNotional: 0 }), index)
    const candles = { ...market(instrument, 'buy', []), markTicks, hasDepth: false }
    return { market: candles, fee: 0, unit: 1, closing: 0, most: Number.POSITIVE_INFINITY }
  })
  expect(route('buy', 6, places, undefined)).toEqual({ parts: [{ place: 1, lots: 6, ticks: undefined }], left: 0 })
})

test('a family is what is the same at several exchanges, in a unit that all lots are whole numbers of', () => {
  const rows = [
    perpetual({ exchange: 'a', lotSize: 0.001 }),
    perpetual({ exchange: 'b', lotSize: 0.3, contractSize: 0.01 }),
    perpetual({ exchange: 'b', symbol: 'BTCUSD', quote: 'USD', inverse: true }),
    perpetual({ exchange: 'c', type: 'spot', settle: 'USDT' }),
    perpetual({ exchange: 'c', lotSize: 1e-8 }),
  ]
  const instruments = rows.map(instrumentOf)
  const families = familiesOf(instruments, true)
  expect(families[0]).toEqual({ members: [0, 1, 4], units: [100_000, 300_000, 1] })
  expect(families[4]).toEqual(families[0])
  expect(families[2]).toEqual({ members: [2], units: [1] })
  expect(families[3]).toEqual({ members: [3], units: [1] })
  expect(familiesOf(instruments, false).every(({ units }) => units.length === 1 && units[0] === 1)).toBe(true)
})
