// The orders that an account has at the venue: what they may still change, until the venue says otherwise (O3).
import type { Execution, Order } from '../../schemas/records.generated.ts'
import type { OpenOrder } from '../desk.ts'
import { pack, unpack } from '../stage.ts'

type Working = { -readonly [K in keyof OpenOrder]: OpenOrder[K] }

/** Open orders by client id, in the order in which they were sent, with sums that risk reads at each order. */
export class OpenOrders {
  private orders = new Map<string, Working>()
  private sums: Sums[] = []

  get byId(): ReadonlyMap<string, OpenOrder> {
    return this.orders
  }

  sent({ clientId, side, tag, ticks, lots }: Order, instrument: number): void {
    if (side === undefined || !(lots! > 0)) throw new RangeError(`order ${clientId} has no side or no size`)
    const order: Working = { clientId, instrument, side, tag, ticks, leftLots: lots! }
    this.orders.set(clientId, order)
    this.add(order, order.leftLots)
  }

  /** Takes what an execution says of an order: less of it is open, or nothing. Other orders than ours are passed over. */
  heard({ clientId, kind, lots, leftLots }: Execution): void {
    const order = this.orders.get(clientId)
    if (order === undefined || kind === 'accepted' || kind === 'cancel-rejected') return
    const left = kind === 'fill' || kind === 'liquidation' ? (leftLots ?? order.leftLots - lots!) : 0
    this.add(order, left - order.leftLots)
    order.leftLots = left
    if (!(left > 0)) this.orders.delete(clientId)
  }

  /** Lots that open orders of a side may still fill, unsigned. */
  lots(instrument: number, side: 'buy' | 'sell'): number {
    return this.sums[instrument]?.[side] ?? 0
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
      this.orders.set(order.clientId, order)
      this.add(order, order.leftLots)
    }
  }

  private add({ instrument, side, tag }: Working, lots: number): void {
    while (this.sums.length <= instrument) this.sums.push({ buy: 0, sell: 0, untagged: 0 })
    const sums = this.sums[instrument]!
    sums[side] += lots
    if (tag === undefined) sums.untagged += side === 'buy' ? lots : -lots
  }
}

interface Sums {
  buy: number
  sell: number
  untagged: number
}
