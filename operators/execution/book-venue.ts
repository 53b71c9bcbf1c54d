// The simulated exchange on ticks: orders meet the book, the queue and the trades that were really there (DESIGN §5).
import { wordAt } from '../../schemas/columns.ts'
import type { ClockColumns, Execution, HeartbeatColumns, Order } from '../../schemas/records.generated.ts'
import type { MarketRow, OrderAtVenue, Venue, VenueCounts } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import type { MarketState } from '../market-state.ts'
import { pack, unpack } from '../stage.ts'
import { ActivityMeter } from './activity.ts'
import type { Connection, ConnectionState } from './connection.ts'
import { Funding, type FundingOptions, type FundingState } from './funding.ts'
import { Liquidity, type LiquidityState } from './liquidity.ts'
import { keyOf, laneFor, onItsWay, opposite, type Reason, type Sent, type Terms, termsOf } from './orders.ts'
import type { QueueModel } from './queue/index.ts'
import { nobody, type Owner, type Reports, type ReportsState } from './reports.ts'
import { queueAt, type Resting, RestingOrders } from './resting.ts'
import { isEstimated, tradeLots, tradeTicks } from './rows.ts'
import { type Slippage, slipped } from './slippage.ts'

export interface BookVenueParts {
  readonly markets: readonly MarketState[]
  readonly connections: ReadonlyMap<string, Connection>
  readonly reports: Reports
  readonly queue: QueueModel
  readonly slippage: Slippage
  readonly funding: FundingOptions
}

/** One instrument of the venue. */
interface Lane {
  readonly instrument: Instrument
  readonly market: MarketState
  readonly connection: Connection
  readonly liquidity: Liquidity
  readonly activity: ActivityMeter
  readonly resting: RestingOrders
  readonly funding: Funding
  /** On their way, by time of arrival. */
  sent: Sent[]
}

/**
 * Matches orders on the exchange's clock, lazily: an order that arrives at A acts at the first row of its instrument (or
 * heartbeat of its exchange) whose exchange time is later than A, on the market as it was before that row. Rows that come
 * later with an exchange time up to A change the book but never meet the order, except to set its queue anew.
 *
 * How resting orders are filled is said at RestingOrders. A taker walks the book; what it took stays taken until that level's next update.
 */
export class BookVenue implements Venue {
  private readonly parts: BookVenueParts
  readonly reports: Reports
  private readonly lanes: readonly Lane[]
  private accepted = 0
  /** Exchange time of the row that the loop stands on, µs. */
  private time = Number.NaN

  constructor(parts: BookVenueParts) {
    this.parts = parts
    this.reports = parts.reports
    this.lanes = parts.markets.map((market) => this.laneOf(market))
  }

  get counts(): VenueCounts {
    const clamped = [...this.parts.connections.values()].reduce((sum, connection) => sum + connection.clamped, 0)
    const queueResets = this.lanes.reduce((sum, { resting }) => sum + resting.resets, 0)
    return { clamped, queueResets, unknownFunding: this.lanes.reduce((sum, { funding }) => sum + funding.unknown, 0) }
  }

  take(order: Order): void {
    const lane = laneFor(this.lanes, order)
    if (lane === undefined)
      throw new RangeError(`order ${order.clientId} is for ${keyOf(order)}, which the venue does not have`)
    lane.sent.push({ time: lane.connection.arrival(order.received), order })
  }

  arrive(row: MarketRow): void {
    if (row.topic === 'clocks') this.clock(row)
    else if (row.topic === 'heartbeats') this.heartbeat(row)
    else if (row.market !== undefined) this.stand(this.lanes[row.market.instrument.index]!, row)
  }

  meet(row: MarketRow): void {
    if (row.market === undefined) return
    const lane = this.lanes[row.market.instrument.index]!
    if (row.topic === 'trades') {
      if (this.parts.slippage.name !== 'none')
        lane.activity.trade(tradeTicks(row, lane.instrument), tradeLots(row, lane.instrument), this.time)
      if (lane.resting.orders.length > 0) lane.resting.meetTrade(row, this.time)
    } else if (row.topic === 'funding') {
      lane.funding.hear(row, this.time)
      this.settle(lane, this.time, row.received)
    } else if (lane.market.changed) {
      if (lane.liquidity.isTaken) lane.liquidity.updated(row)
      if (lane.resting.orders.length > 0) lane.resting.meetLevels(row, this.time)
    }
  }

  due(): Execution {
    return this.parts.reports.due()
  }

  look(clientId: string): OrderAtVenue | undefined {
    for (const { sent, resting } of this.lanes) {
      const found = onItsWay(sent, clientId) ?? resting.look(clientId)
      if (found !== undefined) return found
    }
    return undefined
  }

  save(): Uint8Array {
    const { parts, accepted } = this
    const state: State = {
      ...{ accepted, reports: parts.reports.save() },
      connections: [...parts.connections].map(([exchange, connection]) => [exchange, connection.save()]),
      lanes: this.lanes.map(({ sent, resting, liquidity, activity, funding }) => ({
        ...{
          sent,
          resting: resting.orders,
          resets: resting.resets,
          liquidity: liquidity.save(),
          activity: { ...activity },
          funding: funding.save(),
        },
      })),
    }
    return pack(state)
  }

  load(bytes: Uint8Array): void {
    const { accepted, reports, connections, lanes } = unpack<State>(bytes)
    this.accepted = accepted
    this.parts.reports.load(reports)
    for (const [exchange, state] of connections) this.parts.connections.get(exchange)!.load(state)
    for (const [at, lane] of this.lanes.entries()) {
      const { sent, resting, resets, liquidity, activity, funding } = lanes[at]!
      lane.sent = [...sent]
      lane.resting.orders = [...resting]
      lane.resting.resets = resets
      lane.liquidity.load(liquidity)
      Object.assign(lane.activity, activity)
      lane.funding.load(funding)
    }
  }

  /** Stands on a row of an instrument: what arrived before its exchange time acts. */
  private stand(lane: Lane, row: MarketRow): void {
    const { time, received } = row
    const { connection, sent, liquidity, instrument } = lane
    const plain = sent.length === 0 && lane.resting.orders.length === 0 && time <= received + connection.offset
    this.time = plain ? time : connection.timeOf(time, received, isEstimated(row))
    if (!(this.time < lane.funding.next)) this.settle(lane, this.time, received)
    if (sent.length === 0 || !(sent[0]!.time < this.time)) return
    if (lane.market.hasDepth) this.act(lane, this.time, received)
    else if (row.topic === 'trades') {
      liquidity.only = tradeTicks(row, instrument)
      this.act(lane, this.time, received)
      liquidity.only = Number.NaN
    }
  }

  /** Funding that is due by an exchange time; what arrived before a settlement acts first. */
  private settle(lane: Lane, time: number, received: number): void {
    const { funding, instrument, market } = lane
    while (!(time < funding.next)) {
      if (market.hasDepth) this.act(lane, funding.next, received)
      const due = funding.settle(this.parts.reports.lots(instrument), time)
      if (due === undefined) continue
      const paid = { kind: 'funding', fee: BigInt(due.paid) } as const
      this.report(lane, nobody, paid, due.time, received)
    }
  }

  private laneOf(market: MarketState): Lane {
    const { instrument } = market
    const connection = this.parts.connections.get(instrument.exchange)!
    const liquidity = new Liquidity(market)
    const resting = new RestingOrders(market, liquidity, this.parts.queue, (order, lots, time, received) => {
      const { ticks, leftLots } = order
      const seen = connection.seen(time, received)
      const fill = { kind: 'fill', ticks, lots, leftLots, liquidity: 'maker' } as const
      this.parts.reports.put(instrument, order, fill, { time, seen })
    })
    return {
      instrument,
      market,
      connection,
      liquidity,
      resting,
      activity: new ActivityMeter(),
      funding: new Funding(market, this.parts.funding),
      sent: [],
    }
  }

  private clock({ batch, row }: MarketRow): void {
    const columns = batch.columns as ClockColumns
    const connection = this.parts.connections.get(wordAt(columns.exchange, row)!)
    if (connection !== undefined) connection.offset = columns.offset[row]!
  }

  /** A heartbeat says that its exchange's clock has come as far as it has, though no row did. */
  private heartbeat({ batch, row, received }: MarketRow): void {
    const exchange = wordAt((batch.columns as HeartbeatColumns).exchange, row)!
    for (const lane of this.lanes) {
      if (lane.instrument.exchange !== exchange || !lane.market.hasDepth) continue
      const time = Math.min((batch.columns as HeartbeatColumns).time[row]!, received + lane.connection.offset)
      if (!(time < lane.funding.next)) this.settle(lane, time, received)
      if (lane.sent.length > 0) this.act(lane, time, received)
    }
  }

  /** Everything that arrived before an exchange time acts, in the order of arrival. */
  private act(lane: Lane, before: number, received: number): void {
    while (lane.sent.length > 0 && lane.sent[0]!.time < before) {
      const sent = lane.sent.shift()!
      if (sent.order.kind === 'cancel') this.cancel(lane, sent, received)
      else this.place(lane, sent, received)
    }
  }

  private cancel(lane: Lane, { time, order }: Sent, received: number): void {
    const resting = lane.resting.remove(order.clientId)
    if (resting === undefined) {
      const { clientId, strategy, side } = order
      const owner = { clientId, strategy, side, venueId: undefined }
      this.report(lane, owner, { kind: 'cancel-rejected', reason: 'NOT_OPEN' satisfies Reason }, time, received)
    } else {
      const { ticks, leftLots } = resting
      this.report(lane, resting, { kind: 'cancelled', ticks, lots: leftLots, leftLots: 0 }, time, received)
    }
  }

  private place(lane: Lane, { time, order }: Sent, received: number): void {
    const { market, liquidity, instrument } = lane
    const { clientId, strategy, side, ticks, lots } = order
    const terms = termsOf(order, lane.resting.orders)
    const available = typeof terms === 'string' ? 0 : liquidity.within(opposite(terms.side), terms.ticks, terms.lots)
    const reason = typeof terms === 'string' ? terms : refusal(market, terms, available)
    if (typeof terms === 'string' || reason !== undefined) {
      const kind = reason === 'FOK_NOT_FILLABLE' ? 'expired' : 'rejected'
      const owner = { clientId, strategy, side, venueId: undefined }
      this.report(lane, owner, { kind, ticks, lots, leftLots: 0, reason }, time, received)
      return
    }

    this.accepted += 1
    const owner = { clientId, strategy, side: terms.side, venueId: `${instrument.exchange}-${this.accepted}` }
    const left = terms.lots - available
    const place = terms.mayRest && left > 0 ? queueAt(market, terms.side, terms.ticks, time) : undefined
    const queueAhead = place !== undefined && place.ahead < Number.POSITIVE_INFINITY ? place.ahead : undefined
    this.report(lane, owner, { kind: 'accepted', ticks, lots, leftLots: lots, queueAhead }, time, received)
    if (available > 0) this.walk(lane, owner, terms, available, time, received)
    if (place !== undefined)
      lane.resting.orders.push({ ...owner, ticks: terms.ticks, leftLots: left, arrival: time, place })
    else if (left > 0) {
      const reason: Reason = terms.type === 'market' ? 'NO_LIQUIDITY' : 'IOC_REST'
      this.report(lane, owner, { kind: 'expired', ticks, lots: left, leftLots: 0, reason }, time, received)
    }
  }

  /** Takes `lots`, which are there, level by level. */
  private walk(lane: Lane, owner: Owner, terms: Terms, lots: number, time: number, received: number): void {
    const buys = terms.side === 'buy'
    let left = terms.lots
    lane.liquidity.take(opposite(terms.side), terms.ticks, lots, (level, part) => {
      left -= part
      const worse = this.parts.slippage.ticks(lots, level, lane.activity)
      const ticks = worse === 0 ? level : slipped(level, worse, buys, terms.ticks)
      this.report(lane, owner, { kind: 'fill', ticks, lots: part, leftLots: left, liquidity: 'taker' }, time, received)
    })
  }

  private report(lane: Lane, owner: Owner, what: Parameters<Reports['put']>[2], time: number, received: number): void {
    this.parts.reports.put(lane.instrument, owner, what, { time, seen: lane.connection.seen(time, received) })
  }
}

/** Why the market as it is refuses an order that could take `available` lots; undefined when it does not. */
function refusal(market: MarketState, { timeInForce, lots }: Terms, available: number): Reason | undefined {
  if (!market.synced) return 'BOOK_NOT_SYNCED'
  if (timeInForce === 'gtx' && available > 0) return 'POST_ONLY_WOULD_TAKE'
  if (timeInForce === 'fok' && available < lots) return 'FOK_NOT_FILLABLE'
  return undefined
}

interface State {
  readonly accepted: number
  readonly reports: ReportsState
  readonly connections: readonly (readonly [exchange: string, state: ConnectionState])[]
  readonly lanes: readonly {
    readonly sent: readonly Sent[]
    readonly resting: readonly Resting[]
    readonly resets: number
    readonly liquidity: LiquidityState
    readonly activity: object
    readonly funding: FundingState
  }[]
}
