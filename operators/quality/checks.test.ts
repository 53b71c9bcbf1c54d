import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchOf } from '../../schemas/batch.ts'
import type { Trade } from '../../schemas/records.generated.ts'
import { fastestOf, offsetOf, tooFast } from './feed-latency.ts'
import { identitiesOf, wholeId } from './identity.ts'
import { priceBounds } from './impossible-price.ts'
import { Jumps } from './jumps.ts'
import { decimalsOf, stepOf } from './steps.ts'

function trade(more: Partial<Trade>): Trade {
  return { time: 5, received: 9, exchange: 'x', symbol: 'A', price: 1, size: 1, side: 'buy', id: '1', ...more }
}

describe('steps', () => {
  test('a decimal text needs as many decimals as it has without its trailing zeros', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 0, max: 8 }), (whole, decimals) => {
        const text = (whole / Number(`1e${decimals}`)).toFixed(decimals)
        const needed = decimals === 0 ? 0 : text.replace(/0+$/, '').split('.')[1]!.length
        expect(decimalsOf(Number(text), 0)).toBe(needed)
        expect(decimalsOf(Number(text), 9)).toBe(9)
      }),
    )
    expect([stepOf(0), stepOf(1), stepOf(8)]).toEqual([1, 0.1, 0.00000001])
  })
})

describe('jumps', () => {
  const second = 1_000_000
  test('more than half within a minute is one, the same over a longer time is none', () => {
    const jumps = new Jumps()
    const steps: [price: number, second: number][] = [
      [100, 0],
      [149, 10],
      [151, 20],
      [151, 90],
      [75.6, 100],
      [75.4, 110],
      [151, 400],
    ]
    expect(steps.map(([price, at]) => jumps.isJump('A', price, at * second))).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
      false,
    ])
  })
  test('each symbol has a minute of its own', () => {
    const jumps = new Jumps()
    expect([jumps.isJump('A', 100, 0), jumps.isJump('B', 1, 0)]).toEqual([false, false])
  })
})

describe('identities', () => {
  test('trades are known by id, aggregated ones in a series of their own, long ids to the last digit', () => {
    const ids = ['7', '7', '98765432109876543211', '98765432109876543212']
    const batch = batchOf(
      'trades',
      ids.map((id) => trade({ id })),
    )
    const { names, set, from } = identitiesOf(batch, Uint8Array.of(0, 1, 0, 0))
    const said = ids.map((_, row) => `${names[set[row]!]}/${from[row]}`)
    expect(new Set(said).size).toBe(4)
    expect(wholeId(names[set[3]!]!, from[3]!)).toBe(98765432109876543212n)
  })
  test('a depth message is known by the ids that it brings', () => {
    const row = { time: 1, received: 1, exchange: 'x', symbol: 'A', bids: [], asks: [] }
    const batch = batchOf('books', [
      { ...row, snapshot: false, firstSequence: 12n, sequence: 15n, previousSequence: 9n },
      { ...row, snapshot: false, firstSequence: 16n, sequence: 18n },
      { ...row, snapshot: true, sequence: 18n },
    ])
    const { names, set, from, to } = identitiesOf(batch)
    expect([...from]).toEqual([10, 16, 18])
    expect([...to]).toEqual([15, 18, 18])
    expect([...set].map((number) => names[number])).toEqual(['A', 'A', 'A snapshot'])
  })
  test('two liquidations of one moment are two when their prices or sides differ', () => {
    const row = { time: 1, received: 1, exchange: 'x', symbol: 'A', price: 5, size: 1 }
    const batch = batchOf('liquidations', [
      { ...row, side: 'buy' },
      { ...row, side: 'sell' },
      { ...row, side: 'buy', price: 6 },
      { ...row, side: 'buy' },
    ])
    const { from } = identitiesOf(batch)
    expect(new Set(from).size).toBe(3)
    for (const id of from) expect(Number.isSafeInteger(id) && id >= 0).toBe(true)
  })
})

describe('the feed’s clock', () => {
  test('M7: its offset makes the fastest message take the least latency, and later faster ones are counted', () => {
    const batch = batchOf('trades', [
      trade({ time: 1300, received: 1000 }),
      trade({ time: 1450, received: 1100 }),
      trade({ time: 9999, received: 1100, timeEstimated: true }),
      trade({ time: 9999, received: 2000 }),
    ])
    const fastest = fastestOf([batch], 2000)
    expect(fastest).toEqual({ micros: -350, rows: 2 })
    expect(offsetOf(fastest, 1000)).toBe(1350)
    expect(tooFast(batch, 1350, 1000)).toBe(1)
    expect(offsetOf(fastestOf([], 1), 1000)).toBe(0)
  })
})

test('bounds follow what the quote currency is worth', () => {
  expect(priceBounds({ base: 'BTC', quote: 'USDT' })).toEqual({ lowest: 1000, highest: 1_000_000 })
  expect(priceBounds({ base: 'SHIB', quote: 'USDT' }).lowest).toBeLessThan(0.00001)
  expect(priceBounds({ base: 'NKN', quote: 'USDT' }).highest).toBe(100_000)
  expect(priceBounds({ base: 'BTC', quote: 'TRY' }).highest).toBeGreaterThan(10_000_000)
})
