// The simulated market's own matching book: single orders in integer ticks and lots, first in, first out at a price.

import { createOccupied } from './occupied.ts'

/** +1 buys or bids, −1 sells or asks. */
export type Side = 1 | -1

/** Levels that changed since the last drain, by rising price; lots 0 means that the level is gone. */
export type LevelChanges = {
  readonly bids: number
  readonly bidTicks: Int32Array
  readonly bidLots: Int32Array
  readonly asks: number
  readonly askTicks: Int32Array
  readonly askLots: Int32Array
  /** Update id of the first change; 0 when there is none. */
  readonly first: number
}

export type MatchingBook = {
  /** Highest bid and lowest ask in ticks; 0 and `capacityTicks` when that side is empty. */
  readonly bid: number
  readonly ask: number
  /** Grows by 1 to 8 with each change, as an exchange's update ids do. */
  readonly sequence: number
  lotsAt(tick: number): number
  /** Rests an order behind those at its price and returns its handle. A price through the other side is a bug. */
  place(side: Side, tick: number, lots: number, owner: number): number
  /** Gives a resting order another size, > 0, at its place in the queue. */
  amend(order: number, lots: number): void
  cancel(order: number): void
  /** Matches up to `lots` against the other side, no further than `limit`; returns the lots that were filled. */
  take(side: Side, lots: number, limit: number, fill: (tick: number, lots: number, owner: number) => void): number
  /** How many orders an owner has resting, and the handle of the n-th (in no order that means anything). */
  count(owner: number): number
  orderOf(owner: number, n: number): number
  priceOf(order: number): number
  sizeOf(order: number): number
  /** Next tick with an order beyond `tick`, away from the middle; 0 or `capacityTicks` when there is none. */
  nextLevel(side: Side, tick: number): number
  /** The changed levels since the last call, valid until the next one. */
  drain(): LevelChanges
}

/**
 * An empty book.
 *
 * In:     capacityTicks — prices lie in 1…capacityTicks − 1; five words each, of which only pages in use take memory.
 *         capacityOrders — orders that rest at once; one more is a bug of the caller.
 *         owners — owners are 0…owners − 1.
 */
export function createBook(
  capacityTicks: number,
  capacityOrders: number,
  owners: number,
  firstSequence: number,
): MatchingBook {
  // By tick. A level belongs to one side at a time: bids are at or below `bid`, asks at or above `ask`.
  const levelLots = new Int32Array(capacityTicks + 1)
  const head = new Int32Array(capacityTicks + 1)
  const tail = new Int32Array(capacityTicks + 1)
  const bidStamp = new Int32Array(capacityTicks + 1)
  const askStamp = new Int32Array(capacityTicks + 1)
  const occupied = createOccupied(capacityTicks + 1)
  // By order; 0 is no order.
  const price = new Int32Array(capacityOrders + 1)
  const size = new Int32Array(capacityOrders + 1)
  const before = new Int32Array(capacityOrders + 1)
  const after = new Int32Array(capacityOrders + 1)
  const ownerOf = new Uint8Array(capacityOrders + 1)
  const sides = new Int8Array(capacityOrders + 1)
  const slot = new Int32Array(capacityOrders + 1)
  const free = Int32Array.from({ length: capacityOrders }, (_, i) => capacityOrders - i)
  // By owner: the handles of its orders, so that one can be drawn at random.
  const owned = Array.from({ length: owners }, () => new Int32Array(capacityOrders))
  const ownedCount = new Int32Array(owners)

  let changedBids = new Int32Array(1024)
  let changedAsks = new Int32Array(1024)
  let changedBidLots = new Int32Array(1024)
  let changedAskLots = new Int32Array(1024)
  let bidChanges = 0
  let askChanges = 0
  let drains = 1
  let freeCount = capacityOrders
  let bid = 0
  let ask = capacityTicks
  let changes = 0
  // Ids are above 2³¹; in a typed array they do not become an object at every change.
  const ids = new Float64Array([firstSequence, 0])

  function touch(side: number, tick: number): void {
    changes = (changes + 1) | 0
    ids[0]! += 1 + (Math.imul(changes, 0x9e3779b1) >>> 29)
    if (ids[1] === 0) ids[1] = ids[0]!
    if (side === 1) {
      if (bidStamp[tick] === drains) return
      bidStamp[tick] = drains
      if (bidChanges === changedBids.length) changedBids = grown(changedBids)
      changedBids[bidChanges++] = tick
    } else {
      if (askStamp[tick] === drains) return
      askStamp[tick] = drains
      if (askChanges === changedAsks.length) changedAsks = grown(changedAsks)
      changedAsks[askChanges++] = tick
    }
  }

  function place(side: Side, tick: number, lots: number, owner: number): number {
    if (!(tick > 0 && tick < capacityTicks && lots > 0))
      throw new RangeError(`no order at tick ${tick} of ${lots} lots`)
    if (side === 1 ? tick >= ask : tick <= bid) throw new RangeError(`tick ${tick} is through ${bid} / ${ask}`)
    if (freeCount === 0) throw new RangeError(`more than ${capacityOrders} resting orders`)
    const order = free[--freeCount]!
    price[order] = tick
    size[order] = lots
    sides[order] = side
    ownerOf[order] = owner
    const list = owned[owner]!
    slot[order] = ownedCount[owner]!
    list[ownedCount[owner]!++] = order
    const last = tail[tick]!
    before[order] = last
    after[order] = 0
    if (last === 0) head[tick] = order
    else after[last] = order
    tail[tick] = order
    if (levelLots[tick] === 0) occupied.add(tick)
    levelLots[tick]! += lots
    if (side === 1) {
      if (tick > bid) bid = tick
    } else if (tick < ask) ask = tick
    touch(side, tick)
    return order
  }

  function unlink(order: number): void {
    const tick = price[order]!
    const previous = before[order]!
    const next = after[order]!
    if (previous === 0) head[tick] = next
    else after[previous] = next
    if (next === 0) tail[tick] = previous
    else before[next] = previous
    const owner = ownerOf[order]!
    const list = owned[owner]!
    const moved = list[--ownedCount[owner]!]!
    list[slot[order]!] = moved
    slot[moved] = slot[order]!
    free[freeCount++] = order
    if (levelLots[tick] === 0) {
      occupied.remove(tick)
      if (tick === bid) bid = nextLevel(1, tick)
      else if (tick === ask) ask = nextLevel(-1, tick)
    }
  }

  function nextLevel(side: Side, tick: number): number {
    const next = side === 1 ? occupied.below(tick) : occupied.above(tick)
    return next !== -1 ? next : side === 1 ? 0 : capacityTicks
  }

  function cancel(order: number): void {
    const tick = price[order]!
    levelLots[tick]! -= size[order]!
    touch(sides[order]!, tick)
    unlink(order)
  }

  function amend(order: number, lots: number): void {
    if (!(lots > 0)) throw new RangeError(`an order of ${lots} lots`)
    const tick = price[order]!
    levelLots[tick]! += lots - size[order]!
    size[order] = lots
    touch(sides[order]!, tick)
  }

  function take(side: Side, lots: number, limit: number, fill: (tick: number, lots: number, owner: number) => void) {
    let left = lots
    while (left > 0) {
      const tick = side === 1 ? ask : bid
      const empty = side === 1 ? tick === capacityTicks : tick === 0
      if (empty || (side === 1 ? tick > limit : tick < limit)) break
      const maker = head[tick]!
      const filled = Math.min(left, size[maker]!)
      const owner = ownerOf[maker]!
      left -= filled
      size[maker]! -= filled
      levelLots[tick]! -= filled
      touch(-side, tick)
      if (size[maker] === 0) unlink(maker)
      fill(tick, filled, owner)
    }
    return lots - left
  }

  function drain(): LevelChanges {
    if (changedBidLots.length < changedBids.length) changedBidLots = new Int32Array(changedBids.length)
    if (changedAskLots.length < changedAsks.length) changedAskLots = new Int32Array(changedAsks.length)
    changedBids.subarray(0, bidChanges).sort()
    changedAsks.subarray(0, askChanges).sort()
    // A level can have changed on both sides; where its orders are now is told by the best prices.
    for (let i = 0; i < bidChanges; i++) {
      const tick = changedBids[i]!
      changedBidLots[i] = tick <= bid ? levelLots[tick]! : 0
    }
    for (let i = 0; i < askChanges; i++) {
      const tick = changedAsks[i]!
      changedAskLots[i] = tick >= ask ? levelLots[tick]! : 0
    }
    const result = {
      bids: bidChanges,
      bidTicks: changedBids,
      bidLots: changedBidLots,
      asks: askChanges,
      askTicks: changedAsks,
      askLots: changedAskLots,
      first: ids[1]!,
    }
    bidChanges = 0
    askChanges = 0
    ids[1] = 0
    drains += 1
    return result
  }

  return {
    get bid() {
      return bid
    },
    get ask() {
      return ask
    },
    get sequence() {
      return ids[0]!
    },
    lotsAt: (tick) => levelLots[tick]!,
    place,
    amend,
    cancel,
    take,
    count: (owner) => ownedCount[owner]!,
    orderOf: (owner, n) => owned[owner]![n]!,
    priceOf: (order) => price[order]!,
    sizeOf: (order) => size[order]!,
    nextLevel,
    drain,
  }
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
