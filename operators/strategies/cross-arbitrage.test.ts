import { beforeEach, describe, expect, test } from 'vitest'
import type { Execution } from '../../schemas/records.generated.ts'
import type { Trader } from '../desk.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { crossArbitrage } from './cross-arbitrage.ts'
import { parseParameters } from './parameters.ts'
import { type SampleDesk, sampleDesk } from './sample-desk.ts'

const second = 1_000_000
let desk: SampleDesk
let trader: Trader
let given: Record<string, unknown>
const create = () =>
  crossArbitrage.create(parseParameters(crossArbitrage, given) as Parameters<typeof crossArbitrage.create>[0], desk)

/** Two perpetuals of ticks of 0.1 at 1000; taker fees are 0.1 % each. Nothing slips unless told. */
function start(changes: Record<string, unknown> = {}, type: 'spot' | 'perpetual' = 'perpetual'): void {
  desk = sampleDesk([
    instrumentOf(perpetual({ exchange: 'a', lotSize: 0.001, type }), 0),
    instrumentOf(perpetual({ exchange: 'b', lotSize: 0.01 }), 1),
  ])
  desk.rates[0]!.taker = 0.001
  desk.rates[1]!.taker = 0.001
  desk.now = 1000 * second
  given = { buffer: 0, size: 0.5, maxInventory: 1, ...changes }
  trader = create()
}

/** Best prices of both, in ticks; sizes are 100 units unless told. What is asked at the row of the second. */
function top([bidA, askA]: [number, number], [bidB, askB]: [number, number], lots = [100_000, 10_000]): string[] {
  desk.now += second
  for (const [at, [bidTicks, askTicks]] of [[bidA, askA] as const, [bidB, askB] as const].entries()) {
    const size = { bidLots: lots[at]!, askLots: lots[at]! }
    Object.assign(desk.markets[at]!, {
      bidTicks,
      askTicks,
      ...size,
      markTicks: bidTicks,
      received: desk.now,
      synced: true,
    })
  }
  return asked(() => trader.top!(desk.markets[1]!))
}

function asked(what: () => void): string[] {
  const bytes = trader.save()
  trader = create()
  trader.load(bytes)
  desk.asked.length = 0
  what()
  return [...desk.asked]
}

/** Both orders end, and the account holds this. */
function ended(first: number, second: number): string[] {
  desk.tags.clear()
  Object.assign(desk.positions, [first, second])
  return asked(() => trader.execution!({ kind: 'fill' } as Execution))
}

beforeEach(() => start())

const flat: [number, number] = [9999, 10_001]

test('it takes both legs when what is left after both fees reaches the least, and not a tick before', () => {
  // 1004.1 / 1000.1 − 1 = 0.3999… %: less 0.2 % of fees it is just below 0.2 %.
  expect(top(flat, [10_041, 10_043])).toEqual([])
  expect(top(flat, [10_042, 10_043])).toEqual(['buy: buy 0.5 of 0 at 1000.1 ioc', 'sell: sell 0.5 of 1 at 1004.2 ioc'])
})

test('it buys where it is cheap, whichever that is', () => {
  expect(top([10_045, 10_047], flat)).toEqual(['buy: buy 0.5 of 1 at 1000.1 ioc', 'sell: sell 0.5 of 0 at 1004.5 ioc'])
})

test('the buffer counts against the spread, and its halves are what the limits give', () => {
  start({ buffer: 0.001 })
  expect(top(flat, [10_050, 10_052])).toEqual([])
  const [buy, sell] = top(flat, [10_052, 10_053])
  expect(Number(/at ([\d.]+)/.exec(buy!)![1])).toBeCloseTo(1000.1 * 1.0005, 6)
  expect(Number(/at ([\d.]+)/.exec(sell!)![1])).toBeCloseTo(1005.2 * 0.9995, 6)
})

test('it takes no more than either book offers, in whole lots of the coarser one', () => {
  expect(top(flat, [10_060, 10_061], [127, 50])).toEqual([
    'buy: buy 0.12 of 0 at 1000.1 ioc',
    'sell: sell 0.12 of 1 at 1006 ioc',
  ])
})

test('a book out of sync, or older than it may be, is no price', () => {
  top(flat, flat)
  desk.markets[1]!.bidTicks = 10_060
  desk.markets[1]!.askTicks = 10_061
  desk.markets[0]!.synced = false
  expect(asked(() => trader.top!(desk.markets[1]!))).toEqual([])
  desk.markets[0]!.synced = true
  desk.markets[0]!.received = desk.now - 1.1 * second
  expect(asked(() => trader.top!(desk.markets[1]!))).toEqual([])
  desk.markets[0]!.received = desk.now
  expect(asked(() => trader.top!(desk.markets[1]!))).toHaveLength(2)
})

describe('inventory', () => {
  test('it stops at the limit, and goes back when the spread after fees is at least what closing asks', () => {
    expect(top(flat, [10_060, 10_061])).toHaveLength(2)
    expect(ended(0.5, -0.5)).toEqual(['buy: buy 0.5 of 0 at 1000.1 ioc', 'sell: sell 0.5 of 1 at 1006 ioc'])
    expect(ended(1, -1)).toEqual([])
    expect(top(flat, [10_060, 10_061])).toEqual([])
    // Back: buys the second, sells the first: 1002.3 / 1000.2 − 1 is 0.21 %, more than both fees.
    expect(top([10_021, 10_022], flat)).toEqual([])
    expect(top([10_023, 10_024], [10_000, 10_002])).toEqual([
      'buy: buy 0.5 of 1 at 1000.2 ioc',
      'sell: sell 0.5 of 0 at 1002.3 ioc',
    ])
  })

  test('of spot nothing is sold that is not held', () => {
    start({}, 'spot')
    expect(top([10_060, 10_061], flat)).toEqual([])
    expect(top(flat, [10_060, 10_061])).toHaveLength(2)
    ended(0.5, -0.5)
    desk.tags.clear()
    expect(top([10_060, 10_061], flat)).toEqual(['buy: buy 0.5 of 1 at 1000.1 ioc', 'sell: sell 0.5 of 0 at 1006 ioc'])
  })
})

describe('leg risk', () => {
  test('while an order is on its way nothing new is begun', () => {
    top(flat, [10_060, 10_061])
    expect(top(flat, [10_060, 10_061])).toEqual([])
  })

  test('what one leg got more than the other is taken back at market, until it is gone', () => {
    top(flat, [10_060, 10_061])
    expect(ended(0.5, -0.2)).toEqual(['unwind: sell 0.3 of 0 at undefined undefined'])
    // Filled in part: a second later the rest.
    expect(ended(0.4, -0.2)).toEqual([])
    expect(top(flat, [10_060, 10_061])).toEqual(['unwind: sell 0.2 of 0 at undefined undefined'])
    expect(ended(0.2, -0.2)).toEqual(['buy: buy 0.5 of 0 at 1000.1 ioc', 'sell: sell 0.5 of 1 at 1006 ioc'])
  })

  test('a buy that was refused has its sell bought back', () => {
    top(flat, [10_060, 10_061])
    expect(ended(0, -0.5)).toEqual(['unwind: buy 0.5 of 1 at undefined undefined'])
    expect(ended(0, 0)).toHaveLength(2)
  })

  test('less than a lot of the coarser leg, or than the least order, is carried on', () => {
    top(flat, [10_060, 10_061])
    expect(ended(0.504, -0.5)).toEqual(['buy: buy 0.49 of 0 at 1000.1 ioc', 'sell: sell 0.49 of 1 at 1006 ioc'])
  })
})

test('it needs two instruments that are counted in the asset', () => {
  desk = sampleDesk()
  expect(create).toThrow(/needs two instruments, and the run has binance-usdm:BTCUSDT/)
  start()
  given = { first: 'c:BTCUSDT' }
  expect(create).toThrow(/c:BTCUSDT is none of the run’s instruments: a:BTCUSDT, b:BTCUSDT/)
  given = { first: 'BTCUSDT' }
  expect(create).toThrow(/BTCUSDT is several/)
  desk = sampleDesk([0, 1].map((at) => instrumentOf(perpetual({ symbol: `S${at}`, inverse: true }), at)))
  given = { first: 'S0', second: 'S1' }
  expect(create).toThrow(/inverse/)
})
