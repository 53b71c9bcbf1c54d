import { beforeEach, describe, expect, test } from 'vitest'
import type { Execution } from '../../schemas/records.generated.ts'
import type { Trader } from '../desk.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { grid } from './grid.ts'
import { parseParameters } from './parameters.ts'
import { type SampleDesk, sampleDesk } from './sample-desk.ts'

let desk: SampleDesk
let trader: Trader
let given: Record<string, unknown>
const create = () => grid.create(parseParameters(grid, given) as Parameters<typeof grid.create>[0], desk)

/** Two levels of 1 % around 1000, ticks of 0.1. */
function start(changes: Record<string, unknown> = {}): void {
  desk = sampleDesk([instrumentOf(perpetual(), 0)])
  given = { levels: 2, spacing: 0.01, size: 0.5, ...changes }
  trader = create()
}

function bar(close: number): string[] {
  return asked(() => {
    desk.markets[0]!.lastTicks = Math.round(close * 10)
    const prices = { open: close, high: close, low: close, close, volume: 1 }
    trader.bar!({ instrument: 0, time: 0, openTime: 0, interval: '1m', ...prices })
  })
}

/** The order under a tag is filled whole; `last` is the price then. */
function filled(tag: string, side: 'buy' | 'sell', price: number, last = price): string[] {
  desk.tags.delete(tag)
  desk.positions[0]! += side === 'buy' ? 0.5 : -0.5
  desk.markets[0]!.lastTicks = Math.round(last * 10)
  const { exchange, symbol } = desk.instruments[0]!
  const fill = { exchange, symbol, kind: 'fill', side, ticks: Math.round(price * 10), leftLots: 0 } as Execution
  return asked(() => trader.execution!(fill))
}

function asked(what: () => void): string[] {
  const bytes = trader.save()
  trader = create()
  trader.load(bytes)
  desk.asked.length = 0
  what()
  return [...desk.asked]
}

beforeEach(() => start())

test('it rests buys below the first close', () => {
  expect(bar(1000)).toEqual(['-1: buy 0.5 of 0 at 990 gtx', '-2: buy 0.5 of 0 at 980 gtx'])
  expect(bar(1001)).toEqual([])
})

test('a buy that was filled is sold a step higher, and then bought again', () => {
  bar(1000)
  expect(filled('-1', 'buy', 990)).toEqual(['-1: sell 0.5 of 0 at 1000 gtx'])
  expect(filled('-2', 'buy', 980)).toEqual(['-2: sell 0.5 of 0 at 990 gtx'])
  expect(filled('-2', 'sell', 990)).toEqual(['-2: buy 0.5 of 0 at 980 gtx'])
})

test('neutral, it sells above as well, and buys back a step lower', () => {
  start({ mode: 'neutral', centre: 1000 })
  expect(bar(1001)).toHaveLength(4)
  expect(filled('1', 'sell', 1010)).toEqual(['1: buy 0.5 of 0 at 1000 gtx'])
})

test('part of an order that is filled changes nothing yet', () => {
  bar(1000)
  const { exchange, symbol } = desk.instruments[0]!
  const part = { exchange, symbol, kind: 'fill', side: 'buy', ticks: 9900, leftLots: 200 } as Execution
  expect(asked(() => trader.execution!(part))).toEqual([])
})

test('an order that was refused is asked for again at the next bar', () => {
  bar(1000)
  desk.tags.delete('-2')
  expect(bar(1000)).toEqual(['-2: buy 0.5 of 0 at 980 gtx'])
})

test('where the price is beyond a level, its buy waits, and its sell rests at the best price', () => {
  bar(1000)
  expect(filled('-1', 'buy', 990, 1005)).toEqual(['-1: sell 0.5 of 0 at 1005.1 gtx'])
  desk.tags.clear()
  // The sell of the one rests above the close; the buy of the other, above it too, would be taken at once.
  expect(bar(975)).toEqual(['-1: sell 0.5 of 0 at 1000 gtx'])
  Object.assign(desk.markets[0]!, { bidTicks: 9785, askTicks: 9790 })
  expect(bar(979)).toEqual([])
  Object.assign(desk.markets[0]!, { bidTicks: 9800, askTicks: 9801 })
  expect(bar(979)).toEqual(['-2: buy 0.5 of 0 at 980 gtx'])
})

describe('a close beyond the bounds', () => {
  const held = () => {
    bar(1000)
    filled('-1', 'buy', 990)
    filled('-2', 'buy', 980)
  }

  test('takes the orders back, closes what is held, and begins again once the price is back', () => {
    held()
    expect(bar(971)).toEqual([])
    expect(bar(970)).toEqual(['cancel -1', 'cancel -2'])
    desk.tags.clear()
    expect(bar(965)).toEqual(['target 0 0'])
    desk.positions[0] = 0
    expect(bar(960)).toEqual([])
    expect(bar(985)).toEqual(['-2: buy 0.5 of 0 at 980 gtx'])
  })

  test('begins anew around it, if told', () => {
    start({ outside: 'recentre' })
    held()
    bar(900)
    desk.tags.clear()
    bar(900)
    desk.positions[0] = 0
    expect(bar(900)).toEqual(['-1: buy 0.5 of 0 at 891 gtx', '-2: buy 0.5 of 0 at 882 gtx'])
  })

  test('changes nothing, if told to hold', () => {
    start({ outside: 'hold' })
    held()
    expect(bar(900)).toEqual([])
  })
})
