import { describe, expect, test } from 'vitest'
import type { SyncRule } from '../schemas/sync.ts'
import { Exchange, type Level } from '../tests/exchange.ts'
import type { DepthSource } from './market-state.ts'

const counting: SyncRule = {
  sequenced: true,
  join: (snapshot, { last }) => (last <= snapshot ? 'old' : last === snapshot + 1n ? 'next' : 'gap'),
  follow: (sequence, { last }) => (last === sequence + 1n ? 'next' : 'gap'),
}

const bids: Level[] = [[100, 5], [99, 6]] // biome-ignore format: a level a pair
const asks: Level[] = [[102, 7], [103, 8]] // biome-ignore format: a level a pair

function opened(depth: DepthSource = 'both', rule: SyncRule = counting): Exchange {
  return new Exchange({ depth, rule }).book({ time: 1 }, bids, asks, { snapshot: true, sequence: 10 })
}

const top = ({ market }: Exchange) => [market.bidTicks, market.bidLots, market.askTicks, market.askLots]

describe('market state', () => {
  test('nothing is known before the first row', () => {
    const { market } = new Exchange()
    expect([market.bidTicks, market.askLots, market.lastTicks, market.markTicks]).toEqual(Array(4).fill(Number.NaN))
    expect([market.synced, market.hasDepth]).toEqual([true, false])
  })

  test('the best prices are those of the book, and the mark is their middle', () => {
    const { market } = opened()
    expect([market.bidTicks, market.bidLots, market.askTicks, market.askLots]).toEqual([100, 5, 102, 7])
    expect([market.markTicks, market.received, market.synced]).toEqual([101, 1, true])
  })

  test('a quote with a higher sequence lies over the book until the book has caught up', () => {
    const exchange = opened().quote({ time: 2 }, [99, 4], [101, 3], 12)
    const { market } = exchange
    expect(top(exchange)).toEqual([99, 4, 101, 3])
    expect([market.lotsAt('bid', 100), market.lotsAt('bid', 99), market.lotsAt('ask', 102)]).toEqual([0, 4, 7])
    expect([market.next('ask', 101), market.next('ask', 102), market.markTicks]).toEqual([102, 103, 100])
    exchange.book({ time: 3 }, [[98, 1]], [], { sequence: 11 })
    expect(top(exchange)).toEqual([99, 4, 101, 3])
    exchange.book({ time: 4 }, [[98, 2]], [], { sequence: 12 })
    expect(top(exchange)).toEqual([100, 5, 102, 7])
    exchange.quote({ time: 5 }, [99, 4], [101, 3], 12)
    expect([market.bidTicks, market.changed]).toEqual([100, false])
  })

  test('without sequences the newer row holds', () => {
    const exchange = new Exchange()
      .book({ time: 1 }, bids, asks, { snapshot: true })
      .quote({ time: 2 }, [99, 4], [101, 3])
    expect(top(exchange)).toEqual([99, 4, 101, 3])
    exchange.book({ time: 3 }, [[98, 1]], [])
    expect(top(exchange)).toEqual([100, 5, 102, 7])
  })

  test('depth alone passes quotes over, quotes alone pass depth over', () => {
    expect(top(opened('book').quote({ time: 2 }, [99, 4], [101, 3], 12))).toEqual([100, 5, 102, 7])
    const quotes = opened('quotes').quote({ time: 2 }, [99, 4], [101, 3], 12)
    expect(top(quotes)).toEqual([99, 4, 101, 3])
    expect([quotes.market.lotsAt('bid', 98), quotes.market.next('bid', 99)]).toEqual([Number.NaN, Number.NaN])
  })

  test('M1: after a gap in depth it is not synced, whatever quotes say', () => {
    const exchange = opened().book({ time: 2 }, [], [], { sequence: 15 }).quote({ time: 3 }, [99, 4], [101, 3], 16)
    expect(exchange.market.synced).toBe(false)
  })

  test('a quote whose bid is not below its ask is not synced, and a side without size is empty', () => {
    expect(new Exchange().quote({ time: 1 }, [101, 1], [101, 1]).market.synced).toBe(false)
    expect(top(new Exchange().quote({ time: 1 }, [0, 0], [101, 1]))).toEqual([Number.NaN, 0, 101, 1])
  })

  test('the mark is what the exchange says, else the middle, else the last price', () => {
    const exchange = new Exchange().trade({ time: 1 }, 'buy', 90, 1)
    expect([exchange.market.lastTicks, exchange.market.markTicks]).toEqual([90, 90])
    exchange.quote({ time: 2 }, [100, 1], [101, 1]).trade({ time: 3 }, 'buy', 90, 1)
    expect(exchange.market.markTicks).toBe(100.5)
    const mark = {
      time: 4,
      received: 4,
      exchange: 'x',
      symbol: 'Y',
      timeEstimated: false,
      mark: 50.1,
      index: undefined,
    }
    exchange.row('marks', mark).quote({ time: 5 }, [110, 1], [111, 1])
    expect(exchange.market.markTicks).toBe(50.1 / 0.5)
    expect(new Exchange({ fill: 'close' }).candle({ time: 60, openTime: 0 }, 1, 4, 1, 3).market.markTicks).toBe(3)
  })

  test('what was saved goes on the same', () => {
    const first = opened().quote({ time: 2 }, [99, 4], [101, 3], 12).trade({ time: 2 }, 'sell', 99, 1)
    const second = new Exchange({ rule: counting })
    second.load(first.save())
    for (const exchange of [first, second]) exchange.book({ time: 3 }, [[97, 1]], [], { sequence: 11 })
    expect(top(second)).toEqual(top(first))
    expect([second.market.lastTicks, second.market.received, second.market.lotsAt('bid', 97)]).toEqual([99, 3, 1])
  })
})
