// The simulated exchange on ticks: orders meet the book, the queue and the trades that were really there (DESIGN §5).
import { wordAt } from '../../schemas/columns.ts'
import type { Execution, HeartbeatColumns, Order } from '../../schemas/records.generated.ts'
import type { MarketRow, OrderAtVenue, Venue, VenueCounts } from '../desk.ts'
import { pack, unpack } from '../stage.ts'
import { type Lane, sweep } from './lane.ts'
import type { Wanted } from './liquidation.ts'
import { Liquidity, type LiquidityState } from './liquidity.ts'
import { takeAtMark } from './margin-desk.ts'
import { OrderDesk, type OrderDeskParts, type OrderDeskState } from './order-desk.ts'
import type { Floor } from './order-life.ts'
import { type Live, opposite, type Reason } from './orders.ts'
import { lotsAhead } from './queue/place.ts'
import type { Reports } from './reports.ts'
import { queueAt, type RestingModels, RestingOrders } from './resting.ts'
import { isEstimated, tradeLots, tradeTicks } from './rows.ts'
import { ownAgainst, type SelfTrade } from './self-trade.ts'
import { type Slippage, slipped } from './slippage/index.ts'

export interface BookVenueParts extends OrderDeskParts {
  readonly resting: RestingModels
  readonly slippage: Slippage
  readonly selfTrade: SelfTrade
}

/** One instrument of the venue. */
interface BookLane extends Lane {
  readonly liquidity: Liquidity
  readonly book: RestingOrders
}

/**
 * Matches orders on the exchange's clock, lazily: an order that arrives at A acts at the first row of its instrument (or
 * heartbeat of its exchange) whose exchange time is later than A, on the market as it was before that row. Rows that come
 * later with an exchange time up to A change the book but never meet the order, except to set its queue anew. An order that a
 * row triggers is as one that arrives at that row's time.
 *
 * How resting orders are filled is said at RestingOrders. A taker walks the book; what it took stays taken until that level's next update.
 */
export class BookVenue implements Venue, Floor<BookLane> {
  readonly reports: Reports
  readonly isSeenAtOnce = false
  private readonly parts: BookVenueParts
  private readonly desk: OrderDesk<BookLane>
  /** Exchange time of the row that the loop stands on, µs. */
  private time = Number.NaN

  constructor(parts: BookVenueParts) {
    this.parts = parts
    this.reports = parts.reports
    this.desk = new OrderDesk(parts, this, (lane) => this.opened(lane))
  }

  get counts(): VenueCounts {
    const clamped = [...this.parts.connections.values()].reduce((sum, connection) => sum + connection.clamped, 0)
    const queueResets = this.desk.lanes.reduce((sum, { book }) => sum + book.resets, 0)
    return { clamped, queueResets, unknownFunding: this.desk.unknownFunding, margin: this.parts.margin?.counts }
  }

  take(order: Order): void {
    const lane = this.desk.laneFor(order)
    this.desk.take(lane, order, lane.connection.arrival(order.received))
  }

  arrive(row: MarketRow): void {
    if (row.topic === 'clocks') this.desk.clock(row)
    else if (row.topic === 'heartbeats') this.heartbeat(row)
    else if (row.market !== undefined) this.stand(this.desk.lanes[row.market.instrument.index]!, row)
  }

  meet(row: MarketRow): void {
    if (row.market === undefined) return
    const lane = this.desk.lanes[row.market.instrument.index]!
    if (row.topic === 'trades') {
      if (this.parts.slippage.needsActivity)
        lane.activity.trade(tradeTicks(row, lane.instrument), tradeLots(row, lane.instrument), this.time)
      if (lane.resting.length > 0) lane.book.meetTrade(row, this.time)
    } else if (row.topic === 'funding') {
      lane.funding.hear(row, this.time)
      this.settle(lane, this.time, row.received)
    } else if (lane.market.changed) {
      if (lane.liquidity.isTaken) lane.liquidity.updated(row)
      if (lane.resting.length > 0) lane.book.meetLevels(row, this.time)
    }
    if (lane.held.length > 0) this.desk.trigger(lane, this.time, row.received)
    if (lane.unswept) sweep(lane)
    const { margin } = this.desk
    if (margin !== undefined && !margin.account.isSafe(lane.instrument.index, lane.market.markTicks))
      margin.look(this.time, row.received)
  }

  due(): Execution {
    return this.reports.due()
  }

  look(clientId: string): OrderAtVenue | undefined {
    return this.desk.look(clientId, ({ leftLots, place }) => {
      return { state: 'resting', leftLots, aheadLots: lotsAhead(place!), levelLots: place!.size }
    })
  }

  save(): Uint8Array {
    const books = this.desk.lanes.map(({ book, liquidity }) => ({ resets: book.resets, liquidity: liquidity.save() }))
    return pack({ ...this.desk.save(), books } satisfies State)
  }

  load(bytes: Uint8Array): void {
    const { books, ...desk } = unpack<State>(bytes)
    this.desk.load(desk)
    for (const [at, lane] of this.desk.lanes.entries()) {
      lane.book.resets = books[at]!.resets
      lane.liquidity.load(books[at]!.liquidity)
    }
  }

  price({ market }: BookLane, by: 'mark' | 'last'): number {
    return by === 'mark' ? market.markTicks : market.lastTicks
  }

  give({ market, liquidity }: BookLane, wanted: Wanted, part: (ticks: number, lots: number) => void): number {
    if (!market.hasDepth || !market.synced) return takeAtMark(wanted, part)
    return liquidity.take(opposite(wanted.side), wanted.limit, wanted.lots, part)
  }

  place(lane: BookLane, order: Live, time: number, received: number): void {
    const { market, liquidity } = lane
    const { desk } = this
    const available = liquidity.within(opposite(order.side), order.ticks, order.leftLots)
    const reason = this.refusal(lane, order, available)
    if (reason !== undefined) {
      desk.refuse(lane, order, reason, time, received)
      return
    }
    const left = order.leftLots - available
    const place = order.mayRest && left > 0 ? queueAt(market, order.side, order.ticks, time) : undefined
    const queueAhead = place !== undefined && place.ahead < Number.POSITIVE_INFINITY ? place.ahead : undefined
    desk.accept(lane, order, queueAhead, time, received)
    const clear = lane.resting.length === 0 ? order.leftLots : this.clear(lane, order, time, received)
    const isStopped = clear < order.leftLots
    if (available > 0 && clear > 0) this.walk(lane, order, Math.min(available, clear), time, received)
    if (isStopped) desk.end(lane, order, 'expired', 'SELF_TRADE', time, received)
    else if (place !== undefined) {
      order.place = place
      lane.book.join(order)
      desk.rest(lane, order)
    } else if (order.leftLots > 0) {
      desk.refuse(lane, order, order.type === 'market' ? 'NO_LIQUIDITY' : 'IOC_REST', time, received)
    }
  }

  /** Stands on a row of an instrument: what arrived before its exchange time acts. */
  private stand(lane: BookLane, row: MarketRow): void {
    const { time, received } = row
    const { connection, liquidity, instrument } = lane
    const isIdle = lane.resting.length === 0 && lane.held.length === 0 && lane.inbox.length === 0
    const isPlain = isIdle && time <= received + connection.offset
    this.time = isPlain ? time : connection.timeOf(time, received, isEstimated(row))
    if (!(this.time < lane.funding.next)) this.settle(lane, this.time, received)
    if (!(lane.due < this.time)) return
    if (lane.market.hasDepth) this.desk.act(lane, this.time, received)
    else if (row.topic === 'trades') {
      liquidity.only = tradeTicks(row, instrument)
      this.desk.act(lane, this.time, received)
      liquidity.only = Number.NaN
    }
  }

  private settle(lane: BookLane, time: number, received: number): void {
    this.desk.settle(lane, time, received, lane.market.hasDepth)
  }

  private opened(lane: Lane): BookLane {
    const { market } = lane
    const liquidity = new Liquidity(market)
    const book = new RestingOrders(market, liquidity, this.parts.resting, lane, (order, lots, time, received) => {
      this.desk.fill(this.desk.lanes[lane.instrument.index]!, order, order.ticks, lots, 'maker', time, received)
    })
    return { ...lane, liquidity, book }
  }

  /** A heartbeat says that its exchange's clock has come as far as it has, though no row did. */
  private heartbeat({ batch, row, received }: MarketRow): void {
    const exchange = wordAt((batch.columns as HeartbeatColumns).exchange, row)!
    for (const lane of this.desk.lanes) {
      if (lane.instrument.exchange !== exchange || !lane.market.hasDepth) continue
      const time = Math.min((batch.columns as HeartbeatColumns).time[row]!, received + lane.connection.offset)
      if (!(time < lane.funding.next)) this.settle(lane, time, received)
      if (lane.due < time) this.desk.act(lane, time, received)
    }
  }

  /** Why the market as it is refuses an order that could take `available` lots; undefined when it does not. */
  private refusal(lane: BookLane, order: Live, available: number): Reason | undefined {
    if (!lane.market.synced) return 'BOOK_NOT_SYNCED'
    if (order.timeInForce === 'gtx' && (available > 0 || this.meetsOwn(lane, order))) return 'POST_ONLY_WOULD_TAKE'
    if (order.timeInForce === 'fok' && available < order.leftLots) return 'FOK_NOT_FILLABLE'
    const { margin } = this.desk
    if (margin === undefined) return undefined
    const { bidTicks, askTicks, markTicks } = lane.market
    const touch = order.side === 'buy' ? askTicks : bidTicks
    return margin.refusal(lane, order, touch > 0 ? touch : markTicks)
  }

  private meetsOwn(lane: BookLane, order: Live): boolean {
    if (lane.resting.length === 0 || this.parts.selfTrade === 'none') return false
    return ownAgainst(lane.resting, order) !== undefined
  }

  /** Lots that an order may have before it meets one of ours; where those that rest give way, all of it. */
  private clear(lane: BookLane, order: Live, time: number, received: number): number {
    const { selfTrade } = this.parts
    if (selfTrade === 'none') return order.leftLots
    for (;;) {
      const own = ownAgainst(lane.resting, order)
      if (own === undefined) return order.leftLots
      const better = order.side === 'buy' ? own.ticks - 1 : own.ticks + 1
      const ahead = lotsAhead(own.place!)
      const before =
        lane.liquidity.within(opposite(order.side), better, order.leftLots) +
        (ahead < Number.POSITIVE_INFINITY ? Math.floor(ahead) : 0)
      if (before >= order.leftLots) return order.leftLots
      if (selfTrade !== 'expire-taker') this.desk.end(lane, own, 'expired', 'SELF_TRADE', time, received)
      // All or nothing: what is stopped on its way gets nothing.
      if (selfTrade !== 'expire-maker') return order.timeInForce === 'fok' ? 0 : before
    }
  }

  /** Takes `lots`, which are there, level by level. */
  private walk(lane: BookLane, order: Live, lots: number, time: number, received: number): void {
    const buys = order.side === 'buy'
    const { slippage } = this.parts
    lane.liquidity.take(opposite(order.side), order.ticks, lots, (level, part) => {
      const by = slippage.ticks(order.clientId, lots, level, lane.activity)
      const ticks = by === 0 ? level : slipped(level, by, buys, order.ticks)
      const worse = slippage.isNone ? undefined : Math.abs(ticks - level)
      this.desk.fill(lane, order, ticks, part, 'taker', time, received, worse)
    })
  }
}

interface State extends OrderDeskState {
  readonly books: readonly { readonly resets: number; readonly liquidity: LiquidityState }[]
}
