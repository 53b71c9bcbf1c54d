import { beforeEach, describe, expect, test } from 'vitest'
import type { Trader } from '../desk.ts'
import { marketMaker } from './market-maker.ts'
import { parseParameters } from './parameters.ts'
import { type SampleDesk, sampleDesk } from './sample-desk.ts'

const ms = 1000
let desk: SampleDesk
let trader: Trader

/** Ticks are 0.1, lots 0.001; a spread of 10 ticks: half of it is 5. */
function start(given: Record<string, unknown> = {}) {
  desk = sampleDesk()
  const base = { spread: 10, spreadUnit: 'ticks', size: 0.01, skew: 1, maxInventory: 0.1, refresh: 2, refreshMs: 100 }
  const params = parseParameters(marketMaker, { ...base, ...given }) as Parameters<typeof marketMaker.create>[0]
  trader = marketMaker.create(params, desk)
}

/** The best prices change after some ms: what is asked then. */
function top(
  bidTicks: number,
  askTicks: number,
  { bidLots = 10, askLots = 10, after = 200, synced = true } = {},
): string[] {
  desk.now += after * ms
  desk.asked.length = 0
  Object.assign(desk.markets[0]!, { bidTicks, askTicks, bidLots, askLots, synced })
  trader.top!(desk.markets[0]!)
  return [...desk.asked]
}

beforeEach(() => start())

test('with funding both quotes fall by what the next settlement pays, in the last minutes before it', () => {
  const quotes = (rate: number, minutes: number, more: Record<string, unknown> = { funding: 2 }) => {
    start(more)
    desk.now = 1_000_000 * ms
    desk.markets[0]!.funding = { rate, next: desk.now + 200 * ms + minutes * 60_000 * ms, hours: 8 }
    return top(9999, 10_001)
  }
  const plain = ['bid: buy 0.01 of 0 at 999.5 gtx', 'ask: sell 0.01 of 0 at 1000.5 gtx']
  expect(quotes(0.001, 59, {})).toEqual(plain)
  expect(quotes(0.001, 61)).toEqual(plain)
  expect(quotes(0.001, 0)).toEqual(plain)
  // 2 × 0.1 % of 10,000 ticks: 20 ticks down, and never through the other side.
  expect(quotes(0.001, 60)).toEqual(['bid: buy 0.01 of 0 at 997.5 gtx', 'ask: sell 0.01 of 0 at 1000 gtx'])
  expect(quotes(-0.001, 1)).toEqual(['bid: buy 0.01 of 0 at 1000 gtx', 'ask: sell 0.01 of 0 at 1002.5 gtx'])
  expect(quotes(0.001, 61, { funding: 2, fundingMinutes: 90 })).not.toEqual(plain)
})

describe('its quotes', () => {
  test('stand half a spread around the middle, post-only', () => {
    expect(top(999, 1001)).toEqual(['bid: buy 0.01 of 0 at 99.5 gtx', 'ask: sell 0.01 of 0 at 100.5 gtx'])
  })

  test('stand around the microprice: more size at the bid moves both up', () => {
    // (1000 × 10 + 1010 × 30) / 40 = 1007.5: 1002.5 down, 1012.5 up.
    expect(top(1000, 1010, { bidLots: 30, askLots: 10 })).toEqual([
      'bid: buy 0.01 of 0 at 100.2 gtx',
      'ask: sell 0.01 of 0 at 101.3 gtx',
    ])
  })

  test('never go through the other side', () => {
    start({ spread: 1, skew: 0 })
    // microprice 1009.9…: the ask of 1010.4 is beyond the bid, the bid of 1009 stays below the ask.
    expect(top(1000, 1010, { bidLots: 990, askLots: 10 })).toEqual([
      'bid: buy 0.01 of 0 at 100.9 gtx',
      'ask: sell 0.01 of 0 at 101.1 gtx',
    ])
  })

  test('lean against the inventory, and at its limit only the reducing side stands', () => {
    desk.positions[0] = 0.05 // half of the limit: both lean 2.5 ticks down
    expect(top(999, 1001)).toEqual(['bid: buy 0.01 of 0 at 99.2 gtx', 'ask: sell 0.01 of 0 at 100.3 gtx'])
    desk.positions[0] = 0.1
    trader.execution!({} as never)
    expect(top(999, 1001)).toEqual(['cancel bid', 'cancel ask', 'ask: sell 0.01 of 0 at 100 gtx'])
    desk.tags.delete('bid')
    expect(top(999, 1001)).toEqual([])
    start()
    desk.positions[0] = -0.1
    expect(top(999, 1001)).toEqual(['bid: buy 0.01 of 0 at 100 gtx'])
  })

  test('can be wide by basis points of the price', () => {
    start({ spread: 20, spreadUnit: 'bps' })
    expect(top(99_990, 100_010)).toEqual(['bid: buy 0.01 of 0 at 9990 gtx', 'ask: sell 0.01 of 0 at 10010 gtx'])
  })
})

describe('a quote moves', () => {
  test('when its price changed by as many ticks as told, by cancel and order', () => {
    top(999, 1001)
    expect(top(1000, 1002)).toEqual([])
    expect(top(1001, 1003)).toEqual([
      'cancel bid',
      'bid: buy 0.01 of 0 at 99.7 gtx',
      'cancel ask',
      'ask: sell 0.01 of 0 at 100.7 gtx',
    ])
  })

  test('no more often than told', () => {
    top(999, 1001)
    expect(top(1009, 1011, { after: 50 })).toEqual([])
    expect(top(1009, 1011, { after: 49 })).toEqual([])
    expect(top(1009, 1011, { after: 1 })).toHaveLength(4)
  })

  test('again after it was filled, though the book did not change', () => {
    top(999, 1001)
    expect(top(999, 1001)).toEqual([])
    desk.tags.delete('bid')
    trader.execution!({} as never)
    expect(top(999, 1001)).toEqual(['bid: buy 0.01 of 0 at 99.5 gtx'])
  })
})

test('M1: a book out of sync has its quotes taken back once, and they return with it', () => {
  top(999, 1001)
  expect(top(999, 1001, { synced: false })).toEqual(['cancel bid', 'cancel ask'])
  expect(top(999, 1001, { synced: false })).toEqual([])
  desk.tags.clear()
  expect(top(999, 1001)).toHaveLength(2)
})

test('nothing is quoted while a side is empty or the book is crossed', () => {
  expect(top(Number.NaN, 1001)).toEqual([])
  expect(top(1001, 1001)).toEqual([])
  expect(top(1002, 1001)).toEqual([])
})

test('a saved trader goes on as the one it was saved from', () => {
  top(999, 1001)
  const bytes = trader.save()
  const [tags, now] = [[...desk.tags], desk.now]
  const there = [top(1001, 1003), top(1010, 1012), top(1010, 1012)]
  start()
  for (const tag of tags) desk.tags.add(tag)
  desk.now = now
  trader.load(bytes)
  expect([top(1001, 1003), top(1010, 1012), top(1010, 1012)]).toEqual(there)
})
