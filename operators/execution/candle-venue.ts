// The simulated exchange on candles, where nobody knows what happened inside one.
import { wordAt } from '../../schemas/columns.ts'
import type { CandleColumns, ClockColumns, Execution, Order } from '../../schemas/records.generated.ts'
import type { MarketRow, OrderAtVenue, Venue, VenueCounts } from '../desk.ts'
import { type Instrument, lotsOf, ticksOf } from '../instrument.ts'
import type { MarketState } from '../market-state.ts'
import { pack, unpack } from '../stage.ts'
import { ActivityMeter } from './activity.ts'
import type { Connection, ConnectionState } from './connection.ts'
import { Funding, type FundingOptions, type FundingState } from './funding.ts'
import { keyOf, laneFor, onItsWay, type Reason, type Sent, type Terms, termsOf } from './orders.ts'
import { nobody, type Owner, type Reports, type ReportsState } from './reports.ts'
import { type Slippage, slipped } from './slippage.ts'

export interface CandleVenueParts {
  readonly markets: readonly MarketState[]
  readonly connections: ReadonlyMap<string, Connection>
  readonly reports: Reports
  readonly slippage: Slippage
  readonly funding: FundingOptions
  /** Where market orders are filled: at the next candle's open, or at the close of the candle that gave the signal. */
  readonly fill: 'next-open' | 'close'
  /** Candles of other intervals are passed over; undefined: there is only one. */
  readonly interval: string | undefined
}

interface Resting extends Owner {
  readonly ticks: number
  readonly lots: number
}

interface Lane {
  readonly instrument: Instrument
  readonly connection: Connection
  readonly activity: ActivityMeter
  readonly funding: Funding
  sent: Sent[]
  resting: Resting[]
  /** Close of the last candle: when, µs, and where, ticks. */
  closeTime: number
  close: number
}

/** A candle in ticks. */
interface Candle {
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/**
 * Fills orders from candles, by the path through them that hurts.
 *
 * `next-open`: an order acts on the first candle that closes after its arrival, at its open, but not before it arrived; where
 * it arrived inside the candle, the open stands for the price at that moment. `close`: an order acts at once, at the close of
 * the last candle, and its execution is seen at once; latency plays no part.
 *
 * A limit order takes at that price when it is at its limit or better. Else it rests, and is filled whole, at its limit and as
 * maker, by a candle that began after its arrival and went through its price; one that only touches it does not fill. Of a
 * candle's fills those come first that its close turned against: sells in a rising one, buys in a falling one.
 */
export class CandleVenue implements Venue {
  private readonly parts: CandleVenueParts
  readonly reports: Reports
  private readonly lanes: readonly Lane[]
  private accepted = 0

  constructor(parts: CandleVenueParts) {
    this.parts = parts
    this.reports = parts.reports
    this.lanes = parts.markets.map((market) => ({
      instrument: market.instrument,
      connection: parts.connections.get(market.instrument.exchange)!,
      ...{ activity: new ActivityMeter(), funding: new Funding(market, parts.funding) },
      ...{ sent: [], resting: [], closeTime: Number.NaN, close: Number.NaN },
    }))
  }

  take(order: Order): void {
    const lane = laneFor(this.lanes, order)
    if (lane === undefined) throw new RangeError(`the venue has no ${keyOf(order)}, which ${order.clientId} is for`)
    if (this.parts.fill === 'close') this.act(lane, { time: lane.closeTime, order }, lane.close, order.received)
    else lane.sent.push({ time: lane.connection.arrival(order.received), order })
  }

  arrive(row: MarketRow): void {
    if (row.topic === 'clocks') this.clock(row)
    if (row.topic === 'funding' && row.market !== undefined) {
      this.settle(this.lanes[row.market.instrument.index]!, row.time, row.received)
    }
    const lane = this.laneOf(row)
    if (lane === undefined) return
    if (lane.sent.length > 0) {
      const candle = candleAt(row, lane.instrument)
      // What was to be settled before the candle began is settled on what was held before it.
      if (!(candle.openTime < lane.funding.next)) this.settle(lane, candle.openTime, row.received)
      this.actUntil(lane, candle.openTime, candle.open, row.received)
    }
    // Inside of it: on what its open left, at the mark from before it. At its end: when all of it was met.
    if (row.time > lane.funding.next) this.settle(lane, row.time - 1, row.received)
  }

  meet(row: MarketRow): void {
    // What is due now is settled with the candle that ends now, which may come after it.
    if (row.topic === 'funding' && row.market !== undefined) {
      this.lanes[row.market.instrument.index]!.funding.hear(row, row.time)
    }
    const lane = this.laneOf(row)
    if (lane === undefined) return
    if (lane.resting.length > 0) this.touch(lane, candleAt(row, lane.instrument), row)
    if (lane.sent.length > 0) {
      // They arrived inside the candle, which what rested before them met as a whole.
      this.actUntil(lane, row.time - 1, candleAt(row, lane.instrument).open, row.received)
    }
    if (!(row.time < lane.funding.next)) this.settle(lane, row.time, row.received)
    const columns = row.batch.columns as CandleColumns
    lane.closeTime = row.time
    lane.close = ticksOf(lane.instrument, columns.close[row.row]!)
    if (this.parts.slippage.name !== 'none')
      lane.activity.bar(lane.close, lotsOf(lane.instrument, columns.volume[row.row]!))
  }

  due(): Execution {
    return this.parts.reports.due()
  }

  look(clientId: string): OrderAtVenue | undefined {
    for (const { sent, resting } of this.lanes) {
      const coming = onItsWay(sent, clientId)
      if (coming !== undefined) return coming
      const found = resting.find((order) => order.clientId === clientId)
      // On candles nobody knows of queues.
      if (found !== undefined)
        return { state: 'resting', leftLots: found.lots, aheadLots: Number.NaN, levelLots: Number.NaN }
    }
    return undefined
  }

  get counts(): VenueCounts {
    const unknownFunding = this.lanes.reduce((sum, { funding }) => sum + funding.unknown, 0)
    return { clamped: 0, queueResets: 0, unknownFunding }
  }

  save(): Uint8Array {
    const { parts, accepted } = this
    const state: State = {
      ...{ accepted, reports: parts.reports.save() },
      connections: [...parts.connections].map(([exchange, connection]) => [exchange, connection.save()]),
      lanes: this.lanes.map(({ sent, resting, closeTime, close, activity, funding }) => ({
        ...{ sent, resting, closeTime, close, activity: { ...activity }, funding: funding.save() },
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
      const { sent, resting, activity, closeTime, close, funding } = lanes[at]!
      Object.assign(lane, { sent: [...sent], resting: [...resting], closeTime, close })
      Object.assign(lane.activity, activity)
      lane.funding.load(funding)
    }
  }

  /** Funding that is due by an exchange time. */
  private settle(lane: Lane, time: number, received: number): void {
    const { funding, instrument } = lane
    while (!(time < funding.next)) {
      const due = funding.settle(this.parts.reports.lots(instrument), time)
      if (due === undefined) continue
      this.report(lane, nobody, { kind: 'funding', fee: BigInt(due.paid) }, due.time, received)
    }
  }

  private clock({ batch, row }: MarketRow): void {
    const columns = batch.columns as ClockColumns
    const connection = this.parts.connections.get(wordAt(columns.exchange, row)!)
    if (connection !== undefined) connection.offset = columns.offset[row]!
  }

  private laneOf({ topic, batch, row, market }: MarketRow): Lane | undefined {
    if (topic !== 'candles' || market === undefined) return undefined
    const { interval } = this.parts
    if (interval !== undefined && wordAt((batch.columns as CandleColumns).interval, row) !== interval) return undefined
    return this.lanes[market.instrument.index]
  }

  /** What arrived by an exchange time acts at a price. */
  private actUntil(lane: Lane, time: number, ticks: number, received: number): void {
    while (lane.sent.length > 0 && lane.sent[0]!.time <= time) this.act(lane, lane.sent.shift()!, ticks, received)
  }

  private act(lane: Lane, sent: Sent, ticks: number, received: number): void {
    if (sent.order.kind === 'cancel') this.cancel(lane, sent, received)
    else this.place(lane, sent, ticks, received)
  }

  private cancel(lane: Lane, { time, order }: Sent, received: number): void {
    const at = lane.resting.findIndex((resting) => resting.clientId === order.clientId)
    const { clientId, strategy, side } = order
    if (at < 0) {
      const owner = { clientId, strategy, side, venueId: undefined }
      this.report(lane, owner, { kind: 'cancel-rejected', reason: 'NOT_OPEN' satisfies Reason }, time, received)
    } else {
      const resting = lane.resting.splice(at, 1)[0]!
      const { ticks, lots } = resting
      this.report(lane, resting, { kind: 'cancelled', ticks, lots, leftLots: 0 }, time, received)
    }
  }

  private place(lane: Lane, { time, order }: Sent, price: number, received: number): void {
    const { clientId, strategy, side, ticks, lots } = order
    const terms = termsOf(order, lane.resting)
    const reason = typeof terms === 'string' ? terms : refusal(terms, price)
    if (typeof terms === 'string' || reason !== undefined) {
      const kind = reason === 'POST_ONLY_WOULD_TAKE' || typeof terms === 'string' ? 'rejected' : 'expired'
      const owner = { clientId, strategy, side, venueId: undefined }
      this.report(lane, owner, { kind, ticks, lots, leftLots: 0, reason }, time, received)
      return
    }
    this.accepted += 1
    const owner = { clientId, strategy, side: terms.side, venueId: `${lane.instrument.exchange}-${this.accepted}` }
    // A market order is accepted by being filled: a second execution for each would say nothing.
    if (terms.type === 'limit') {
      this.report(lane, owner, { kind: 'accepted', ticks, lots, leftLots: lots }, time, received)
      if (!takes(terms, price)) {
        lane.resting.push({ ...owner, ticks: terms.ticks, lots: terms.lots })
        return
      }
    }
    const worse = this.parts.slippage.ticks(terms.lots, price, lane.activity)
    const filled = worse === 0 ? price : slipped(price, worse, terms.side === 'buy', terms.ticks)
    const fill = { kind: 'fill', ticks: filled, lots: terms.lots, leftLots: 0, liquidity: 'taker' } as const
    this.report(lane, owner, fill, time, received)
  }

  /** A candle meets the orders that rested before it: those that arrive inside it act after this. */
  private touch(lane: Lane, { high, low, open, close }: Candle, { time, received }: MarketRow): void {
    const through = lane.resting.filter((order) => (order.side === 'buy' ? low < order.ticks : high > order.ticks))
    if (through.length === 0) return
    const first = close >= open ? 'sell' : 'buy'
    const nearest = (a: Resting, b: Resting) => (a.side === 'buy' ? b.ticks - a.ticks : a.ticks - b.ticks)
    through.sort((a, b) => (a.side === b.side ? nearest(a, b) : a.side === first ? -1 : 1))
    for (const order of through) {
      const { ticks, lots } = order
      this.report(lane, order, { kind: 'fill', ticks, lots, leftLots: 0, liquidity: 'maker' }, time, received)
    }
    lane.resting = lane.resting.filter((order) => !through.includes(order))
  }

  private report(lane: Lane, owner: Owner, what: Parameters<Reports['put']>[2], time: number, received: number): void {
    const { connection, instrument } = lane
    const seen = this.parts.fill === 'close' ? connection.seenAtOnce(received) : connection.seen(time, received)
    this.parts.reports.put(instrument, owner, what, { time, seen })
  }
}

function candleAt({ batch, row }: MarketRow, instrument: Instrument): Candle {
  const { openTime, open, high, low, close } = batch.columns as CandleColumns
  return {
    openTime: openTime[row]!,
    open: ticksOf(instrument, open[row]!),
    high: ticksOf(instrument, high[row]!),
    low: ticksOf(instrument, low[row]!),
    close: ticksOf(instrument, close[row]!),
  }
}

/** True when an order is filled at a price at once. */
function takes({ type, side, ticks }: Terms, price: number): boolean {
  if (Number.isNaN(price)) return false
  return type === 'market' || (side === 'buy' ? price <= ticks : price >= ticks)
}

function refusal(terms: Terms, price: number): Reason | undefined {
  const taken = takes(terms, price)
  if (terms.timeInForce === 'gtx' && taken) return 'POST_ONLY_WOULD_TAKE'
  if (taken || terms.mayRest) return undefined
  if (terms.timeInForce === 'fok') return 'FOK_NOT_FILLABLE'
  return terms.type === 'market' ? 'NO_LIQUIDITY' : 'IOC_REST'
}

interface State {
  readonly accepted: number
  readonly reports: ReportsState
  readonly connections: readonly (readonly [exchange: string, state: ConnectionState])[]
  readonly lanes: readonly {
    readonly sent: readonly Sent[]
    readonly resting: readonly Resting[]
    readonly closeTime: number
    readonly close: number
    readonly activity: object
    readonly funding: FundingState
  }[]
}
