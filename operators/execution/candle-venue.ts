// The simulated exchange on candles, where nobody knows what happened inside one.
import { wordAt } from '../../schemas/columns.ts'
import type { CandleColumns, Execution, Order } from '../../schemas/records.generated.ts'
import type { MarketRow, OrderAtVenue, Venue, VenueCounts } from '../desk.ts'
import { type Instrument, lotsOf, ticksOf } from '../instrument.ts'
import { pack, unpack } from '../stage.ts'
import type { FillModel } from './fills/index.ts'
import { type Lane, sweep } from './lane.ts'
import type { Wanted } from './liquidation.ts'
import { type MarginDesk, takeAtMark } from './margin-desk.ts'
import { OrderDesk, type OrderDeskParts, type OrderDeskState } from './order-desk.ts'
import type { Floor } from './order-life.ts'
import type { Live, Reason } from './orders.ts'
import type { Reports } from './reports.ts'
import { ownAgainst, type SelfTrade } from './self-trade.ts'
import { type Slippage, slipped } from './slippage/index.ts'
import { follow, reaches, type Trigger } from './triggers.ts'

export interface CandleVenueParts extends OrderDeskParts {
  readonly slippage: Slippage
  readonly fills: FillModel
  readonly selfTrade: SelfTrade
  /** Where market orders are filled: at the next candle's open, or at the close of the candle that gave the signal. */
  readonly fill: 'next-open' | 'close'
  /** Candles of other intervals are passed over; undefined: there is only one. */
  readonly interval: string | undefined
}

interface CandleLane extends Lane {
  /** Close of the last candle: when, µs, and where, ticks. */
  closeTime: number
  close: number
  /** The price of the moment that the venue stands on, in ticks. */
  price: number
}

/** A candle in ticks, or its open alone; `time` is when what happens in it is said to happen. */
interface Candle {
  readonly openTime: number
  readonly time: number
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
 * maker, by a candle that began after its arrival and went through its price, or touched it where the fill model is `touch`. Of a
 * candle's fills those come first that its close turned against: sells in a rising one, buys in a falling one.
 *
 * What its open reaches comes first, then stops, then all else: a candle that touches stop and target stops. A stop is filled
 * at its trigger, or at the open where that is beyond it; a take-profit at its trigger and no better, and at a limit there by going through it. A trailing stop is asked
 * at its old level before it follows the candle, and at its new one by the close alone. What is placed by a fill inside a candle
 * can be stopped in that candle, and not more.
 *
 * Triggers by mark look at marks where the exchange gives them, and act then as an order that arrives at that moment; else at the candles.
 */
export class CandleVenue implements Venue, Floor<CandleLane> {
  readonly reports: Reports
  readonly isSeenAtOnce: boolean
  private readonly parts: CandleVenueParts
  private readonly desk: OrderDesk<CandleLane>

  constructor(parts: CandleVenueParts) {
    this.parts = parts
    this.reports = parts.reports
    this.isSeenAtOnce = parts.fill === 'close'
    const unknown = { closeTime: Number.NaN, close: Number.NaN, price: Number.NaN }
    this.desk = new OrderDesk(parts, this, (lane) => ({ ...lane, ...unknown }))
  }

  take(order: Order): void {
    const lane = this.desk.laneFor(order)
    if (this.parts.fill === 'next-open') {
      this.desk.take(lane, order, lane.connection.arrival(order.received))
      return
    }
    // Before the first candle there is no price, and the time is that of the decision.
    const time = Number.isNaN(lane.closeTime) ? order.time : lane.closeTime
    lane.price = lane.close
    this.desk.take(lane, order, time)
    this.desk.act(lane, time + 1, order.received)
  }

  arrive(row: MarketRow): void {
    if (row.topic === 'clocks') this.desk.clock(row)
    if (row.topic === 'funding' && row.market !== undefined) {
      this.desk.settle(this.desk.lanes[row.market.instrument.index]!, row.time, row.received, false)
    }
    const lane = this.laneOf(row)
    if (lane === undefined) return
    if (lane.due < Number.POSITIVE_INFINITY) {
      const { openTime, open } = candleAt(row, lane.instrument)
      // What was to be settled before the candle began is settled on what was held before it.
      if (!(openTime < lane.funding.next)) this.desk.settle(lane, openTime, row.received, false)
      lane.price = open
      this.desk.act(lane, openTime + 1, row.received)
    }
    // Inside of it: on what its open left, at the mark from before it. At its end: when all of it was met.
    if (row.time > lane.funding.next) this.desk.settle(lane, row.time - 1, row.received, false)
  }

  meet(row: MarketRow): void {
    if (row.market !== undefined && row.topic !== 'candles') this.hear(row, row.market.instrument.index)
    const lane = this.laneOf(row)
    if (lane !== undefined && (lane.resting.length > 0 || lane.held.length > 0))
      this.pass(lane, candleAt(row, lane.instrument), row.received)
    if (this.desk.margin !== undefined && row.market !== undefined) this.cover(this.desk.margin, row, lane)
    if (lane === undefined) return
    if (lane.due < row.time) {
      // They arrived inside the candle, which what rested before them met as a whole.
      lane.price = candleAt(row, lane.instrument).open
      this.desk.act(lane, row.time, row.received)
    }
    if (!(row.time < lane.funding.next)) this.desk.settle(lane, row.time, row.received, false)
    const columns = row.batch.columns as CandleColumns
    lane.closeTime = row.time
    lane.close = ticksOf(lane.instrument, columns.close[row.row]!)
    lane.price = lane.close
    if (this.parts.slippage.needsActivity)
      lane.activity.bar(lane.close, lotsOf(lane.instrument, columns.volume[row.row]!))
    if (this.parts.fill === 'close' && lane.inbox.length > 0) this.desk.act(lane, row.time + 1, row.received)
  }

  due(): Execution {
    return this.reports.due()
  }

  look(clientId: string): OrderAtVenue | undefined {
    // On candles nobody knows of queues.
    return this.desk.look(clientId, ({ leftLots }) => {
      return { state: 'resting', leftLots, aheadLots: Number.NaN, levelLots: Number.NaN }
    })
  }

  get counts(): VenueCounts {
    const { unknownFunding } = this.desk
    return { clamped: 0, queueResets: 0, unknownFunding, margin: this.parts.margin?.counts }
  }

  save(): Uint8Array {
    const closes = this.desk.lanes.map(({ closeTime, close, price }) => ({ closeTime, close, price }))
    return pack({ ...this.desk.save(), closes } satisfies State)
  }

  load(bytes: Uint8Array): void {
    const { closes, ...desk } = unpack<State>(bytes)
    this.desk.load(desk)
    for (const [at, lane] of this.desk.lanes.entries()) Object.assign(lane, closes[at]!)
  }

  price(lane: CandleLane, by: 'mark' | 'last'): number {
    return by === 'mark' && lane.market.hasMark ? lane.market.markTicks : lane.price
  }

  give(_lane: CandleLane, wanted: Wanted, part: (ticks: number, lots: number) => void): number {
    return takeAtMark(wanted, part)
  }

  place(lane: CandleLane, order: Live, time: number, received: number): void {
    const { desk } = this
    const price = isTriggered(order) ? worse(order, order.trigger!.ticks, lane.price) : lane.price
    // A target that triggers at its own limit has only been touched.
    const isStrict = isTriggered(order) && takesProfit(order)
    const reason = refusal(order, price, isStrict) ?? this.desk.margin?.refusal(lane, order, price)
    if (reason !== undefined) {
      desk.refuse(lane, order, reason, time, received)
      return
    }
    // A market order is accepted by being filled: a second execution for each would say nothing.
    desk.accept(lane, order, undefined, time, received, order.type === 'market')
    if (!takes(order, price, isStrict)) desk.rest(lane, order)
    else if (lane.resting.length > 0 && this.meetsOwn(lane, order, price, time, received))
      desk.end(lane, order, 'expired', 'SELF_TRADE', time, received)
    else {
      const { slippage } = this.parts
      const by = slippage.ticks(order.clientId, order.leftLots, price, lane.activity)
      const filled = by === 0 ? price : slipped(price, by, order.side === 'buy', order.ticks)
      const worse = slippage.isNone ? undefined : Math.abs(filled - price)
      desk.fill(lane, order, filled, order.leftLots, 'taker', time, received, worse)
    }
  }

  /** Liquidates what the row's mark, or the path of a candle where no mark is told, left without cover. */
  private cover(margin: MarginDesk<CandleLane>, row: MarketRow, candleLane: CandleLane | undefined): void {
    const { time, received } = row
    const { instrument, markTicks } = row.market!
    if (candleLane !== undefined && !candleLane.market.hasMark) {
      const { open, high, low, close } = candleAt(row, instrument)
      margin.walk(candleLane, close >= open ? [open, low, high, close] : [open, high, low, close], time, received)
    }
    if (!margin.account.isSafe(instrument.index, markTicks)) margin.look(time, received)
  }

  /** What is due now is settled with the candle that ends now, which may come after it. */
  private hear(row: MarketRow, index: number): void {
    const lane = this.desk.lanes[index]!
    if (row.topic === 'funding') lane.funding.hear(row, row.time)
    else if (row.topic === 'marks' && lane.held.length > 0) this.desk.trigger(lane, row.time, row.received)
  }

  private laneOf({ topic, batch, row, market }: MarketRow): CandleLane | undefined {
    if (topic !== 'candles' || market === undefined) return undefined
    const { interval } = this.parts
    if (interval !== undefined && wordAt((batch.columns as CandleColumns).interval, row) !== interval) return undefined
    return this.desk.lanes[market.instrument.index]
  }

  /** A candle meets the orders that were there before it: those that arrive inside it act after this. */
  private pass(lane: CandleLane, candle: Candle, received: number): void {
    const { openTime, time, open } = candle
    const opened = { openTime, time: openTime, open, high: open, low: open, close: open }
    lane.price = open
    if (lane.held.length > 0) this.stop(lane, opened, received)
    this.touch(lane, opened, received)
    // One that ends inside the candle is met by its open alone.
    while (lane.nextExpiry < time) this.desk.expire(lane, received)
    if (lane.held.length > 0) this.stop(lane, candle, received)
    this.touch(lane, candle, received)
    if (lane.held.length > 0) this.stopNew(lane, candle, received)
    if (lane.unswept) sweep(lane)
  }

  /** Stops that the candle reaches. Trailing ones follow it, and are asked once more by its close. */
  private stop(lane: CandleLane, candle: Candle, received: number): void {
    const hit: Live[] = []
    for (const order of lane.held) {
      if (!this.isHeld(lane, order, candle) || takesProfit(order)) continue
      const trigger = order.trigger!
      const isHit = reaches(trigger, farOf(trigger, candle))
      if (!isHit) follow(trigger, trigger.above ? candle.low : candle.high)
      if (isHit || (trigger.callback > 0 && reaches(trigger, candle.close))) hit.push(order)
    }
    for (const order of inOrder(hit, candle)) this.fire(lane, order, candle, received)
  }

  /** Stops that came with a fill inside the candle: what its other side did first is not known. */
  private stopNew(lane: CandleLane, candle: Candle, received: number): void {
    const hit = lane.held.filter(
      (order) =>
        order.state === 'untriggered' &&
        order.arrival === candle.time &&
        !takesProfit(order) &&
        !this.isByMark(lane, order) &&
        reaches(order.trigger!, farOf(order.trigger!, candle)),
    )
    for (const order of inOrder(hit, candle)) this.fire(lane, order, candle, received)
  }

  /** Limit orders that the candle goes through, and take-profits that it reaches. */
  private touch(lane: CandleLane, candle: Candle, received: number): void {
    const { time } = candle
    const hit = lane.resting.filter((order) => order.arrival < time && isThrough(order, candle, this.parts.fills))
    for (const order of lane.held) {
      if (!this.isHeld(lane, order, candle) || !takesProfit(order)) continue
      if (reaches(order.trigger!, farOf(order.trigger!, candle))) hit.push(order)
    }
    if (hit.length === 0) return
    for (const order of inOrder(hit, candle)) {
      if (order.state === 'untriggered') this.fire(lane, order, candle, received)
      // It may have waited for its trigger until now, and the price went on.
      const isResting = order.state === 'resting' || order.state === 'partly filled'
      if (!isResting || !isThrough(order, candle, this.parts.fills)) continue
      lane.price = order.ticks
      this.desk.fill(lane, order, order.ticks, order.leftLots, 'maker', time, received)
    }
  }

  /** An order that the candle triggers: at its trigger, or at the open where a stop finds itself beyond it. */
  private fire(lane: CandleLane, order: Live, { time, open, high, low }: Candle, received: number): void {
    if (order.state !== 'untriggered' || !this.desk.fire(lane, order, time, received)) return
    const { ticks } = order.trigger!
    lane.price = high === low && !takesProfit(order) ? open : ticks
    this.desk.activate(lane, order, time, received)
  }

  /** An order that waits for a price of candles, since before this one. */
  private isHeld(lane: CandleLane, order: Live, { openTime }: Candle): boolean {
    return order.state === 'untriggered' && order.arrival <= openTime && !this.isByMark(lane, order)
  }

  private isByMark(lane: CandleLane, { trigger }: Live): boolean {
    return trigger!.by === 'mark' && lane.market.hasMark
  }

  /** Orders of ours that a taker meets; true when that ends it. */
  private meetsOwn(lane: CandleLane, order: Live, price: number, time: number, received: number): boolean {
    const { selfTrade } = this.parts
    if (selfTrade === 'none') return false
    for (;;) {
      const own = ownAgainst(lane.resting, { side: order.side, ticks: price })
      if (own === undefined) return false
      if (selfTrade !== 'expire-taker') this.desk.end(lane, own, 'expired', 'SELF_TRADE', time, received)
      if (selfTrade !== 'expire-maker') return true
    }
  }
}

/** In a rising candle sells come first, in a falling one buys; of one side the nearest to where the price came from. */
function inOrder(orders: Live[], { open, close }: Candle): Live[] {
  if (orders.length < 2) return orders
  const first = close >= open ? 'sell' : 'buy'
  const at = (order: Live) => (order.state === 'untriggered' ? order.trigger!.ticks : order.ticks)
  const far = (order: Live) => Math.abs(at(order) - open)
  return orders.sort((a, b) => (a.side === b.side ? far(a) - far(b) : a.side === first ? -1 : 1))
}

/** The price of a candle that is furthest on a trigger's side. */
function farOf({ above }: Trigger, { high, low }: Candle): number {
  return above ? high : low
}

/** True when a candle goes as far past an order's price as it takes. */
function isThrough({ side, ticks }: Live, { high, low }: Candle, { past }: FillModel): boolean {
  return side === 'buy' ? low <= ticks - past : high >= ticks + past
}

function takesProfit({ side, trigger }: Live): boolean {
  return trigger!.above !== (side === 'buy')
}

/** True when it is about to act because of its trigger. */
function isTriggered({ state, trigger }: Live): boolean {
  return state === 'triggered' && trigger !== undefined
}

function worse({ side }: Live, a: number, b: number): number {
  return side === 'buy' ? Math.max(a, b) : Math.min(a, b)
}

function candleAt({ time, batch, row }: MarketRow, instrument: Instrument): Candle {
  const { openTime, open, high, low, close } = batch.columns as CandleColumns
  return {
    openTime: openTime[row]!,
    time,
    open: ticksOf(instrument, open[row]!),
    high: ticksOf(instrument, high[row]!),
    low: ticksOf(instrument, low[row]!),
    close: ticksOf(instrument, close[row]!),
  }
}

/** True when an order is filled at a price at once; where it is `strict`, a limit only at a better one. */
function takes({ type, side, ticks }: Live, price: number, strict: boolean): boolean {
  if (Number.isNaN(price) || (strict && price === ticks)) return false
  return type === 'market' || (side === 'buy' ? price <= ticks : price >= ticks)
}

function refusal(order: Live, price: number, strict: boolean): Reason | undefined {
  const taken = takes(order, price, strict)
  if (order.timeInForce === 'gtx' && taken) return 'POST_ONLY_WOULD_TAKE'
  if (taken || order.mayRest) return undefined
  if (order.timeInForce === 'fok') return 'FOK_NOT_FILLABLE'
  return order.type === 'market' ? 'NO_LIQUIDITY' : 'IOC_REST'
}

interface State extends OrderDeskState {
  readonly closes: readonly { readonly closeTime: number; readonly close: number; readonly price: number }[]
}
