// What every simulated exchange does with our requests before they meet the market, and what time and prices do to orders that wait.
import { wordAt } from '../../schemas/columns.ts'
import type { ClockColumns, Order } from '../../schemas/records.generated.ts'
import type { MarketRow, OrderAtVenue } from '../desk.ts'
import type { MarketState } from '../market-state.ts'
import { changeOf, released } from './amend.ts'
import type { Connection, ConnectionState } from './connection.ts'
import { type FilterOptions, filtered } from './filters.ts'
import type { FundingOptions } from './funding.ts'
import {
  enqueue,
  findLive,
  type Lane,
  type LaneState,
  laneOf,
  loadLane,
  reschedule,
  saveLane,
  schedule,
  sweep,
} from './lane.ts'
import { isOver } from './life.ts'
import type { MarginAccount, MarginAccountState } from './margin-account.ts'
import { MarginDesk } from './margin-desk.ts'
import { type Floor, OrderLife } from './order-life.ts'
import { keyOf, type Live, laneFor, liveOf, onItsWay, priceOf, type Reason } from './orders.ts'
import { nobody, type Reports, type ReportsState } from './reports.ts'
import { childOver, expectChild, expectMember, memberOver } from './ties.ts'
import { follow, reaches } from './triggers.ts'

export interface OrderDeskParts {
  readonly markets: readonly MarketState[]
  readonly connections: ReadonlyMap<string, Connection>
  readonly reports: Reports
  readonly funding: FundingOptions
  readonly filters: FilterOptions
  readonly margin: MarginAccount | undefined
}

/** Requests from their arrival on, in lanes by instrument, and what the clock and the market do to orders that wait. */
export class OrderDesk<L extends Lane> extends OrderLife<L> {
  readonly lanes: readonly L[]
  /** Undefined where nobody asks for margin. */
  readonly margin: MarginDesk<L> | undefined
  private readonly parts: OrderDeskParts

  constructor(parts: OrderDeskParts, floor: Floor<L>, more: (lane: Lane) => L) {
    super(parts.reports, floor)
    this.parts = parts
    this.lanes = parts.markets.map((market) =>
      more(laneOf(market, parts.connections.get(market.instrument.exchange)!, parts.funding)),
    )
    this.margin =
      parts.margin &&
      new MarginDesk(parts.margin, {
        lanes: this.lanes,
        open: ({ resting }) => resting.filter(({ state }) => !isOver(state)),
        cancelAll: (lane, time, received) => this.cancelAll(lane, 'LIQUIDATION', time, received),
        take: (lane, wanted, part) => floor.give(lane, wanted, part),
        report: (lane, owner, what, time, received) => this.report(lane, owner, what, time, received),
      })
  }

  /** The lane of an order's instrument. @throws RangeError for one that the venue does not have */
  laneFor(order: Order): L {
    const lane = laneFor(this.lanes, order)
    if (lane === undefined)
      throw new RangeError(`order ${order.clientId} is for ${keyOf(order)}, which the venue does not have`)
    return lane
  }

  /** A request that acts at an exchange time. */
  take(lane: L, order: Order, time: number): void {
    if (order.kind === 'new') {
      if (order.parent !== undefined) expectChild(lane, order.parent)
      if (order.group !== undefined) expectMember(lane, order.group)
    }
    enqueue(lane, { time, order, live: undefined, refused: lane.connection.refusal(order, time) })
  }

  /** Everything that is due before an exchange time acts, in the order of time. */
  act(lane: L, before: number, received: number): void {
    while (lane.due < before) {
      if (lane.nextExpiry <= lane.due) this.expire(lane, received)
      else {
        const { time, order, live, refused } = lane.inbox.shift()!
        schedule(lane)
        if (refused !== undefined) this.turnAway(lane, order!, refused, time, received)
        else if (live === undefined) this.request(lane, order!, time, received)
        // Nothing can be said of a fill on a book that cannot be trusted, and an order that the exchange has must not end by that.
        else if (!lane.market.synced) enqueue(lane, { time: before, order: undefined, live })
        else this.activate(lane, live, time, received)
      }
      if (lane.unswept) sweep(lane)
    }
  }

  /** Orders whose price the market has come to are triggered; they act on the market after this row. */
  trigger(lane: L, time: number, received: number): void {
    const { held, market } = lane
    if (!market.synced) return
    for (let at = 0; at < held.length; at++) {
      const order = held[at]!
      if (order.state !== 'untriggered' || !(time > order.arrival)) continue
      const price = this.floor.price(lane, order.trigger!.by)
      if (!reaches(order.trigger!, price)) follow(order.trigger!, price)
      else if (this.fire(lane, order, time, received)) enqueue(lane, { time, order: undefined, live: order })
    }
    if (lane.unswept) sweep(lane)
  }

  /** Funding that is due by an exchange time; where it `acts`, what arrived before a settlement acts first. */
  settle(lane: L, time: number, received: number, acts: boolean): void {
    const { funding, instrument } = lane
    while (!(time < funding.next)) {
      if (acts) this.act(lane, funding.next, received)
      for (const { paid, positionSide, ...due } of funding.settle(this.parts.reports.positions(instrument), time)) {
        this.report(lane, { ...nobody, positionSide }, { kind: 'funding', fee: BigInt(paid) }, due.time, received)
      }
    }
  }

  /** Our clock against the exchange's, from a row of `clocks`. */
  clock({ batch, row }: MarketRow): void {
    const columns = batch.columns as ClockColumns
    const connection = this.parts.connections.get(wordAt(columns.exchange, row)!)
    if (connection !== undefined) connection.offset = columns.offset[row]!
  }

  /** Where an order is; `resting` says it of one in the book. */
  look(clientId: string, resting: (order: Live) => OrderAtVenue): OrderAtVenue | undefined {
    for (const lane of this.lanes) {
      const coming = onItsWay(lane.inbox, clientId)
      if (coming !== undefined) return coming
      const order = findLive(lane, clientId)
      if (order === undefined) continue
      const { state, leftLots, lots, trigger } = order
      if (state === 'waiting') return { state, leftLots: lots }
      if (state === 'untriggered' || state === 'triggered')
        return { state, leftLots: leftLots || lots, triggerTicks: trigger?.ticks ?? Number.NaN }
      return resting(order)
    }
    return undefined
  }

  get unknownFunding(): number {
    return this.lanes.reduce((sum, { funding }) => sum + funding.unknown, 0)
  }

  save(): OrderDeskState {
    return {
      accepted: this.accepted,
      reports: this.parts.reports.save(),
      margin: this.parts.margin?.save(),
      connections: [...this.parts.connections].map(([exchange, connection]) => [exchange, connection.save()]),
      lanes: this.lanes.map(saveLane),
    }
  }

  load({ accepted, reports, margin, connections, lanes }: OrderDeskState): void {
    this.accepted = accepted
    if (margin !== undefined) this.parts.margin?.load(margin)
    this.parts.reports.load(reports)
    for (const [exchange, state] of connections) this.parts.connections.get(exchange)!.load(state)
    for (const [at, lane] of this.lanes.entries()) loadLane(lane, lanes[at]!)
  }

  private request(lane: L, order: Order, time: number, received: number): void {
    const { kind } = order
    if (kind === 'new') this.submit(lane, order, time, received)
    else if (kind === 'cancel') this.cancel(lane, order, time, received)
    else if (kind === 'amend') this.amend(lane, order, time, received)
    else this.cancelAll(lane, undefined, time, received)
  }

  private cancelAll(lane: L, reason: Reason | undefined, time: number, received: number): void {
    for (const list of [lane.resting, lane.held])
      for (const live of list) if (!isOver(live.state)) this.end(lane, live, 'cancelled', reason, time, received)
  }

  /** A request that the exchange does not look at: what there is stays as it is. */
  private turnAway(lane: L, order: Order, reason: Reason, time: number, received: number): void {
    const { kind, clientId, parent, group } = order
    if (kind === 'amend') {
      const live = findLive(lane, clientId)
      const leftLots = live === undefined ? undefined : live.lots - live.filledLots
      this.answer(lane, order, 'amend-rejected', reason, time, received, leftLots)
    } else if (kind !== 'new') this.answer(lane, order, 'cancel-rejected', reason, time, received)
    else {
      this.answer(lane, order, 'rejected', reason, time, received)
      if (parent !== undefined) childOver(lane, parent)
      if (group !== undefined) memberOver(lane, group)
    }
  }

  private submit(lane: L, order: Order, time: number, received: number): void {
    const isTaken = findLive(lane, order.clientId) !== undefined
    const live = isTaken ? 'DUPLICATE_CLIENT_ID' : liveOf(order, time, lane.instrument.type === 'spot')
    if (typeof live === 'string') {
      this.turnAway(lane, order, live, time, received)
      return
    }
    const { reduceOnly, group, parent, trigger } = live
    if (reduceOnly || group !== undefined || parent !== undefined) lane.ties += 1
    const reason = this.refusal(lane, live, time)
    if (reason !== undefined) this.end(lane, live, 'rejected', reason, time, received)
    else if (parent !== undefined) this.wait(lane, live, time, received)
    else if (trigger !== undefined) this.hold(lane, live, time, received)
    else if (!reduceOnly || this.clip(lane, live, time, received)) this.floor.place(lane, live, time, received)
  }

  /** Why an order that makes sense is not taken, whatever the market is. */
  private refusal(lane: L, order: Live, time: number): Reason | undefined {
    if (order.expires <= time) return 'INVALID_GOOD_TILL_DATE'
    if (order.group !== undefined && lane.groups.get(order.group)?.isDone) return 'GROUP_DONE'
    if (order.parent !== undefined) {
      const parent = lane.parents.get(order.parent)
      if (parent === undefined) return 'PARENT_NOT_FOUND'
      if (parent.isOver && parent.filledLots === 0) return 'PARENT_NOT_FILLED'
    }
    const { resting, held, market } = lane
    const counts = { orders: resting.length, algoOrders: held.length }
    const reason = filtered(order, market, counts, this.parts.filters)
    if (reason !== undefined || order.trigger === undefined || order.parent !== undefined) return reason
    const price = this.floor.price(lane, order.trigger.by)
    return reaches(order.trigger, price) ? 'ORDER_WOULD_IMMEDIATELY_TRIGGER' : undefined
  }

  /** A child waits until its parent is filled. */
  private wait(lane: L, order: Live, time: number, received: number): void {
    this.keep(lane, order, 'waiting', time, received)
    const parent = lane.parents.get(order.parent!)!
    if (parent.filledLots > 0) this.release(lane, order, parent, time, received)
    if (parent.isOver && !isOver(order.state)) this.settleSize(lane, order, parent, time, received)
  }

  /** An order waits until its price comes. */
  private hold(lane: L, order: Live, time: number, received: number): void {
    this.keep(lane, order, 'untriggered', time, received)
    follow(order.trigger!, this.floor.price(lane, order.trigger!.by))
  }

  private cancel(lane: L, order: Order, time: number, received: number): void {
    const live = findLive(lane, order.clientId)
    if (live === undefined) this.answer(lane, order, 'cancel-rejected', 'NOT_OPEN', time, received)
    else this.end(lane, live, 'cancelled', undefined, time, received)
  }

  /**
   * Another size, in all; another limit; another trigger. What was filled stays filled; a size of no more than that ends the
   * order. The place in the queue is kept only where the size alone gets smaller.
   *
   * Source: Binance USDⓈ-M, "Modify Order", whose post-only orders end, too, when their new price would take.
   */
  private amend(lane: L, order: Order, time: number, received: number): void {
    const live = findLive(lane, order.clientId)
    if (live === undefined) {
      this.answer(lane, order, 'amend-rejected', 'NOT_OPEN', time, received)
      return
    }
    const price = live.trigger === undefined ? Number.NaN : this.floor.price(lane, live.trigger.by)
    const changed = changeOf(live, order, { lane, price, filters: this.parts.filters })
    if (typeof changed === 'string') {
      this.answer(lane, order, 'amend-rejected', changed, time, received, live.lots - live.filledLots)
      return
    }
    const { ticks, lots, triggerTicks } = changed
    if (lots <= live.filledLots && !live.closePosition) {
      this.end(lane, live, 'cancelled', undefined, time, received)
      return
    }
    const before = live.leftLots
    const isInBook = live.state === 'resting' || live.state === 'partly filled'
    const loses = isInBook && (ticks !== live.ticks || lots > live.lots) && !Number.isNaN(live.ticks)
    live.ticks = ticks
    live.lots = lots
    live.leftLots = Math.max(0, Math.min(lots, released(lane, live)) - live.filledLots)
    live.hidden = Math.max(0, live.hidden - Math.max(0, before - live.leftLots))
    if (live.trigger !== undefined && triggerTicks !== undefined) live.trigger.ticks = triggerTicks
    const leftLots = lots - live.filledLots
    this.report(lane, live, { kind: 'amended', ticks: priceOf(live), lots, leftLots }, time, received)
    if (loses) this.activate(lane, live, time, received)
    else if (isInBook && live.reduceOnly) this.clip(lane, live, time, received)
  }

  /** The next gtd orders end. */
  expire(lane: L, received: number): void {
    const time = lane.nextExpiry
    for (const list of [lane.resting, lane.held])
      for (const order of list)
        if (order.expires === time && !isOver(order.state))
          this.end(lane, order, 'expired', 'GTD_EXPIRED', time, received)
    reschedule(lane)
    sweep(lane)
  }

  /** The answer to a request that changes nothing. */
  private answer(
    lane: L,
    { clientId, strategy, side, ticks, lots }: Order,
    kind: 'rejected' | 'cancel-rejected' | 'amend-rejected',
    reason: Reason,
    time: number,
    received: number,
    leftLots?: number,
  ): void {
    const owner = { clientId, strategy, side, venueId: undefined }
    const what =
      kind === 'rejected'
        ? { kind, ticks, lots, leftLots: 0, reason }
        : kind === 'cancel-rejected'
          ? { kind, reason }
          : { kind, leftLots, reason }
    this.report(lane, owner, what, time, received)
  }
}

export interface OrderDeskState {
  readonly accepted: number
  readonly reports: ReportsState
  readonly margin: MarginAccountState | undefined
  readonly connections: readonly (readonly [exchange: string, state: ConnectionState])[]
  readonly lanes: readonly LaneState[]
}
