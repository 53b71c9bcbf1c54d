import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBook, type MatchingBook, type Side } from './book.ts'

type Fill = { tick: number; lots: number; owner: number }

/** Takes and returns what was filled. */
function take(book: MatchingBook, side: Side, lots: number, limit: number): Fill[] {
  const fills: Fill[] = []
  book.take(side, lots, limit, (tick, filled, owner) => fills.push({ tick, lots: filled, owner }))
  return fills
}

describe('the matching book', () => {
  test('the first order at a price is filled first, then the next price, no further than the limit', () => {
    const book = createBook(1000, 10, 3, 100)
    book.place(-1, 501, 5, 0)
    book.place(-1, 501, 5, 1)
    book.place(-1, 503, 5, 2)
    book.place(-1, 504, 5, 2)
    expect(take(book, 1, 13, 503)).toEqual([
      { tick: 501, lots: 5, owner: 0 },
      { tick: 501, lots: 5, owner: 1 },
      { tick: 503, lots: 3, owner: 2 },
    ])
    expect([book.ask, book.lotsAt(503), book.count(2)]).toEqual([503, 2, 2])
    expect(take(book, 1, 9, 503)).toEqual([{ tick: 503, lots: 2, owner: 2 }])
    expect(book.ask).toBe(504)
  })

  test('an amended order keeps its place in the queue', () => {
    const book = createBook(1000, 10, 2, 100)
    const first = book.place(1, 500, 5, 0)
    book.place(1, 500, 5, 1)
    book.amend(first, 8)
    expect(take(book, -1, 8, 1)).toEqual([{ tick: 500, lots: 8, owner: 0 }])
  })

  test('an order through the other side, without size or beyond the room for orders is refused', () => {
    const book = createBook(1000, 2, 1, 100)
    book.place(1, 500, 1, 0)
    expect(() => book.place(-1, 500, 1, 0)).toThrow(RangeError)
    expect(() => book.place(1, 499, 0, 0)).toThrow(RangeError)
    expect(() => book.place(1, 1000, 1, 0)).toThrow(RangeError)
    book.place(1, 499, 1, 0)
    expect(() => book.place(1, 498, 1, 0)).toThrow(/more than 2 resting orders/)
  })

  test('a level that went from bid to ask between two drains is gone on one side and new on the other', () => {
    const book = createBook(1000, 10, 1, 100)
    book.place(1, 400, 1, 0)
    const bid = book.place(1, 500, 7, 0)
    book.drain()
    book.cancel(bid)
    book.place(-1, 500, 3, 0)
    const changes = book.drain()
    expect([changes.bidTicks[0], changes.bidLots[0]]).toEqual([500, 0])
    expect([changes.askTicks[0], changes.askLots[0]]).toEqual([500, 3])
  })

  test('drained changes rebuild the book, which never crosses and loses no lot, over random order streams', () => {
    const action = fc.record({
      kind: fc.constantFrom('place', 'cancel', 'amend', 'take', 'drain'),
      side: fc.constantFrom<Side>(1, -1),
      tick: fc.integer({ min: 40, max: 60 }),
      lots: fc.integer({ min: 1, max: 9 }),
      owner: fc.integer({ min: 0, max: 2 }),
    })
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const book = createBook(100, 300, 3, 0)
        const bids = new Map<number, number>()
        const asks = new Map<number, number>()
        let resting = 0
        const drain = () => {
          const { bidTicks, bidLots, askTicks, askLots, ...counts } = book.drain()
          for (let i = 0; i < counts.bids; i++) bids.set(bidTicks[i]!, bidLots[i]!)
          for (let i = 0; i < counts.asks; i++) asks.set(askTicks[i]!, askLots[i]!)
          for (let i = 1; i < counts.bids; i++) expect(bidTicks[i]).toBeGreaterThan(bidTicks[i - 1]!)
        }
        for (const { kind, side, tick, lots, owner } of actions) {
          const before = book.sequence
          if (kind === 'place' && (side === 1 ? tick < book.ask : tick > book.bid)) {
            book.place(side, tick, lots, owner)
            resting += lots
          } else if (kind === 'take') {
            resting -= book.take(side, lots, tick, () => {})
          } else if (kind === 'drain') {
            drain()
          } else if (book.count(owner) > 0 && kind !== 'place') {
            const order = book.orderOf(owner, lots % book.count(owner))
            resting -= book.sizeOf(order)
            if (kind === 'cancel') book.cancel(order)
            else book.amend(order, lots)
            if (kind === 'amend') resting += lots
          }
          expect(book.bid).toBeLessThan(book.ask)
          expect(book.sequence).toBeGreaterThanOrEqual(before)
        }
        drain()
        let total = 0
        for (let tick = 1; tick < 100; tick++) {
          const level = book.lotsAt(tick)
          total += level
          expect(bids.get(tick) ?? 0).toBe(tick <= book.bid ? level : 0)
          expect(asks.get(tick) ?? 0).toBe(tick >= book.ask ? level : 0)
        }
        expect(total).toBe(resting)
      }),
      { numRuns: 300, seed: 3 },
    )
  })
})
