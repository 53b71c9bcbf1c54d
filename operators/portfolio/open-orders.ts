// The orders that an account has at the venue: what they may still change, until the venue says otherwise (O3).
import type { Execution, Order } from '../../schemas/records.generated.ts'
import type { OpenOrder } from '../desk.ts'
import { pack, unpack } from '../stage.ts'

type Working = { -readonly [K in keyof OpenOrder]: OpenOrder[K] } & {
  /** Lots that a change on its way may add. */
  more: number
}

/**
 * Open orders by client id, in the order in which they were sent, with sums that risk reads at each order.
 *
 * The sums are of what may make a position larger: an order that waits for its trigger counts as if it had come, one that only
 * reduces a position counts apart, and of a group, of which one cancels the others, the largest of a side does.
 */
export class OpenOrders {
  private orders = new Map<string, Working>()
  private sums: Sums[] = []

  get byId(): ReadonlyMap<string, OpenOrder> {
    return this.orders
  }

  sent(order: Order, instrument: number): void {
    const { clientId, side, tag, ticks, triggerTicks, group, closePosition, positionSide } = order
    const lots = closePosition === true ? 0 : order.lots
    if (side === undefined || !(lots! >= (closePosition === true ? 0 : 1)))
      throw new RangeError(`order ${clientId} has no side or no size`)
    const type = order.type ?? (ticks === undefined ? 'market' : 'limit')
    // One literal, and no closure a change: made with every order and execution.
    const working: Working = {
      clientId,
      instrument,
      side,
      tag,
      type,
      ticks,
      triggerTicks,
      lots: lots!,
      leftLots: lots!,
      group,
      more: 0,
      triggered: type === 'market' || type === 'limit',
      reduceOnly: order.reduceOnly === true || closePosition === true,
      positionSide,
    }
    const before = this.counted(working)
    this.orders.set(clientId, working)
    this.count(working, before)
  }

  /** A change is on its way: until the venue has said what came of it, the order counts as the larger of the two. */
  changing({ clientId, lots }: Order): void {
    const order = this.orders.get(clientId)
    if (order === undefined || lots === undefined) return
    const before = this.counted(order)
    order.more = Math.max(order.more, lots - order.lots)
    this.count(order, before)
  }

  /** Takes what an execution says of an order: less of it is open, or nothing. Other orders than ours are passed over. */
  heard(execution: Execution): void {
    const order = this.orders.get(execution.clientId)
    if (order === undefined || execution.kind === 'cancel-rejected') return
    const before = this.counted(order)
    if (!this.take(order, execution)) this.orders.delete(order.clientId)
    this.count(order, before)
  }

  /** Lots that open orders of a side may still fill, unsigned. */
  lots(instrument: number, side: 'buy' | 'sell'): number {
    return this.sums[instrument]?.[side] ?? 0
  }

  /** Lots that open orders of a side may take from a position of the other, unsigned: no more than there is of it. */
  reducing(instrument: number, side: 'buy' | 'sell'): number {
    return this.sums[instrument]?.[side === 'buy' ? 'reducingBuy' : 'reducingSell'] ?? 0
  }

  /** Signed lots that open orders without a tag may still fill. */
  coming(instrument: number): number {
    return this.sums[instrument]?.untagged ?? 0
  }

  save(): Uint8Array {
    return pack([...this.orders.values()])
  }

  load(bytes: Uint8Array): void {
    this.orders = new Map()
    this.sums = []
    for (const order of unpack<Working[]>(bytes)) {
      const before = this.counted(order)
      this.orders.set(order.clientId, order)
      this.count(order, before)
    }
  }

  /** What an execution leaves of an order; false when it has ended. */
  private take(order: Working, { kind, ticks, lots, leftLots, reason }: Execution): boolean {
    if (kind === 'fill' || kind === 'liquidation') {
      order.leftLots = leftLots ?? order.leftLots - lots!
      return order.leftLots > 0
    }
    if (kind !== 'accepted' && kind !== 'triggered' && kind !== 'amended' && kind !== 'amend-rejected') return false
    if (kind === 'triggered') order.triggered = true
    if (kind === 'amended' || kind === 'amend-rejected') order.more = 0
    // A child works for a part of what it asked for, and may get the rest.
    if (reason === 'PARENT_FILLED' || leftLots === undefined) return true
    order.leftLots = leftLots
    if (lots !== undefined) order.lots = lots
    if (kind === 'amended' && ticks !== undefined) order.ticks = ticks
    return true
  }

  /** Changes the sums after an order changed; `before` is what it counted then. */
  private count(order: Working, before: number): void {
    const { instrument, side, tag } = order
    while (this.sums.length <= instrument)
      this.sums.push({ buy: 0, sell: 0, untagged: 0, reducingBuy: 0, reducingSell: 0 })
    const sums = this.sums[instrument]!
    const more = this.counted(order) - before
    if (more === 0) return
    if (order.reduceOnly) {
      sums[side === 'buy' ? 'reducingBuy' : 'reducingSell'] += more
      return
    }
    sums[side] += more
    if (tag === undefined) sums.untagged += side === 'buy' ? more : -more
  }

  /** Lots that an order, with those of its group that are as it is, may be filled; 0 for one that is not open. */
  private counted(order: Working): number {
    if (order.group === undefined) return this.orders.has(order.clientId) ? weight(order) : 0
    let most = 0
    for (const other of this.orders.values()) {
      const isAlike = other.side === order.side && other.reduceOnly === order.reduceOnly
      if (isAlike && other.group === order.group && other.instrument === order.instrument)
        most = Math.max(most, weight(other))
    }
    return most
  }
}

function weight({ leftLots, more }: Working): number {
  return leftLots + more
}

interface Sums {
  buy: number
  sell: number
  untagged: number
  reducingBuy: number
  reducingSell: number
}
