import { beforeEach, expect, test } from 'vitest'
import type { FundingView, Trader } from '../desk.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { fundingCarry } from './funding-carry.ts'
import { parseParameters } from './parameters.ts'
import { type SampleDesk, sampleDesk } from './sample-desk.ts'

let desk: SampleDesk
let trader: Trader
let given: Record<string, unknown>
let minutes = 0
const create = () =>
  fundingCarry.create(parseParameters(fundingCarry, given) as Parameters<typeof fundingCarry.create>[0], desk)

/** Fees of 0.1 % on spot and 0.05 % on the perpetual: in and out of both is 0.3 %. A week is 21 settlements of 8 hours. */
beforeEach(() => {
  desk = sampleDesk([
    instrumentOf(perpetual({ exchange: 'a', lotSize: 0.001, type: 'spot' }), 0),
    instrumentOf(perpetual({ exchange: 'b', lotSize: 0.01 }), 1),
  ])
  Object.assign(desk.rates[0]!, { taker: 0.001 })
  Object.assign(desk.rates[1]!, { taker: 0.0005 })
  given = { size: 0.255, slippage: 0 }
  trader = create()
})

/** A bar at prices of 1000 unless told; what is asked at it. */
function bar(funding: Partial<FundingView> | undefined, { spot = 10_000, perp = 10_000 } = {}): string[] {
  desk.markets[0]!.markTicks = spot
  desk.markets[1]!.markTicks = perp
  desk.markets[1]!.funding = funding && { rate: 0, next: Number.NaN, hours: Number.NaN, ...funding }
  const bytes = trader.save()
  trader = create()
  trader.load(bytes)
  desk.asked.length = 0
  const prices = { open: 1, high: 1, low: 1, close: 1, volume: 1 }
  minutes++
  for (const instrument of [0, 1])
    trader.bar!({ instrument, time: 0, openTime: minutes * 60e6, interval: '1m', ...prices })
  return [...desk.asked]
}

const hold = (spot: number, perp: number) => Object.assign(desk.positions, [spot, perp])

test('it enters when what funding pays until the horizon is more than in and out of both legs costs', () => {
  expect(bar(undefined)).toEqual([])
  // 21 × 0.014 % = 0.294 %, then 0.315 %.
  expect(bar({ rate: 0.000_14 })).toEqual([])
  expect(bar({ rate: 0.000_15 })).toEqual(['target 0 0.25', 'target 1 -0.25'])
})

test('an interval of 4 hours settles twice as often', () => {
  expect(bar({ rate: 0.000_075, hours: 4 })).toHaveLength(2)
})

test('a perpetual that stands above the spot pays the difference too', () => {
  expect(bar({ rate: 0.000_1 }, { perp: 10_008 })).toEqual([])
  expect(bar({ rate: 0.000_1 }, { perp: 10_010 })).toHaveLength(2)
})

test('it holds while the rate stays above the least, and closes both when it turns', () => {
  bar({ rate: 0.000_2 })
  hold(0.25, -0.25)
  expect(bar({ rate: 0.000_01 })).toEqual([])
  expect(bar({ rate: -0.000_01 })).toEqual(['target 0 0', 'target 1 0'])
  hold(0, -0.1)
  expect(bar({ rate: -0.000_01 })).toEqual(['target 0 0', 'target 1 0'])
  hold(0, 0)
  expect(bar({ rate: 0.000_2 })).toEqual([])
  expect(bar({ rate: 0.000_2 })).toEqual(['target 0 0.25', 'target 1 -0.25'])
})

test('leg risk: without its spot the short is closed, and not begun again before the rate was too low once', () => {
  bar({ rate: 0.000_2 })
  hold(0, -0.25)
  desk.coming.add(0)
  expect(bar({ rate: 0.000_2 })).toEqual([])
  desk.coming.clear()
  expect(bar({ rate: 0.000_2 })).toEqual(['target 0 0', 'target 1 0'])
  hold(0, 0)
  expect(bar({ rate: 0.000_2 })).toEqual([])
  expect(bar({ rate: 0.000_2 })).toEqual([])
  expect(bar({ rate: 0.000_1 })).toEqual([])
  expect(bar({ rate: 0.000_2 })).toHaveLength(2)
})

test('the bar of one leg alone is nothing new: the price of the other is an older one', () => {
  bar({ rate: 0 })
  desk.markets[1]!.funding = { rate: 0.01, next: Number.NaN, hours: 8 }
  const prices = { open: 1, high: 1, low: 1, close: 1, volume: 1 }
  trader.bar!({ instrument: 1, time: 0, openTime: 1e9, interval: '1m', ...prices })
  expect(desk.asked).toEqual([])
})

test('without a spot and a perpetual it says what it needs', () => {
  desk = sampleDesk([0, 1].map((at) => instrumentOf(perpetual({ symbol: `S${at}` }), at)))
  expect(create).toThrow(/needs a spot and a perpetual/)
})
