// The desk of one strategy: what it sees, and the signals that it leaves for sizing and risk (DESIGN §5, step 3).
import { unknownName } from '../schemas/errors.ts'
import type { Execution, Signal } from '../schemas/records.generated.ts'
import type { BarView, Desk, Market, OpenOrder, OrderAsk, OrderChange, Portfolio, RegimeView } from './desk.ts'
import type { FeeRates } from './execution/fees.ts'
import { type FeatureName, featureNames } from './features/names.ts'
import { type Instrument, sizeOf } from './instrument.ts'
import type { Horizon } from './regime/horizons.ts'
import type { Sight } from './sight.ts'
import { pack, unpack } from './stage.ts'

/** Where a strategy stands: who it is, whose money it moves, what it may look at. */
export interface Seat {
  readonly strategy: string
  readonly account: string
  readonly instruments: readonly Instrument[]
  readonly markets: readonly Market[]
  readonly portfolio: Portfolio
  readonly sight: Sight
  /** By instrument; nothing costs anything when left out. */
  readonly fees?: readonly FeeRates[]
  /** True while more of an instrument is worked off than its open orders show. */
  readonly busy?: (instrument: number) => boolean
}

const free: FeeRates = { maker: 0, taker: 0 }

const placeOf = Object.fromEntries(featureNames.map((name, place) => [name, place])) as Record<FeatureName, number>

/** A desk whose clock the loop moves, and whose signals the loop takes in the order in which they were given. */
export class SignalDesk implements Desk {
  readonly instruments: readonly Instrument[]
  now = 0
  /** Exchange time of the instant. */
  time = 0
  private readonly seat: Seat
  /** Signals so far. */
  number = 0
  private waiting: Signal[] = []
  /** Client id of the order that works under a tag; '' while the signal is on its way to risk. */
  private tags = new Map<string, string>()
  /** Tags whose order was asked to go. */
  private leaving = new Set<string>()
  /** Name of the group that the order under a tag belongs to, and what it is called at the exchange: a name may be used again. */
  private groups = new Map<string, { readonly name: string; readonly id: string }>()
  /** The order that a waiting cancel or change means, by the signal's number: the tag may be given to another order meanwhile. */
  private cancels = new Map<number, string>()
  /** Memory for the features of each instrument. */
  private readonly copies: readonly Float64Array[]

  constructor(seat: Seat) {
    this.seat = seat
    this.instruments = seat.instruments
    this.copies = seat.instruments.map(() => new Float64Array(featureNames.length))
  }

  market(instrument: number): Market {
    return this.seat.markets[instrument]!
  }

  fees(instrument: number): FeeRates {
    return this.seat.fees?.[instrument] ?? free
  }

  position(instrument: number): number {
    return sizeOf(this.instruments[instrument]!, this.seat.portfolio.lots(instrument))
  }

  feature(instrument: number, name: FeatureName): number {
    const value = this.seat.sight.features(instrument)[placeOf[name]]
    if (value === undefined) throw unknownName('feature', name, featureNames)
    return value
  }

  features(instrument: number): Float64Array {
    // A copy: the view is shared with other accounts, and an array can be written to.
    const own = this.copies[instrument]!
    own.set(this.seat.sight.features(instrument))
    return own
  }

  regime(instrument: number, horizon: Horizon): RegimeView | undefined {
    return this.seat.sight.regime(instrument, horizon)
  }

  lastBar(instrument: number, interval: string): BarView | undefined {
    return this.seat.sight.lastBar(instrument, interval)
  }

  working(tag: string): boolean {
    return this.tags.has(tag)
  }

  busy(instrument: number): boolean {
    for (const order of this.seat.portfolio.open.values()) if (order.instrument === instrument) return true
    if (this.seat.busy?.(instrument)) return true
    const { exchange, symbol } = this.instruments[instrument]!
    return this.waiting.some((signal) => signal.symbol === symbol && signal.exchange === exchange)
  }

  target(instrument: number, size: number, reason: string, more: Parameters<Desk['target']>[3] = {}): void {
    this.leave(instrument, { action: 'target', target: size, reason, ...more })
  }

  order(instrument: number, order: OrderAsk, reason: string): void {
    this.ask(instrument, order, reason)
    if (order.bracket !== undefined) this.bracket(instrument, order, order.bracket, reason)
  }

  amend(tag: string, change: OrderChange, reason: string): void {
    this.leaveFor(tag, { action: 'amend', tag, reason, ...change })
  }

  cancel(tag: string, reason: string): void {
    if (this.leaveFor(tag, { action: 'cancel', tag, reason })) this.leaving.add(tag)
  }

  cancelAll(instrument: number, reason: string): void {
    this.leave(instrument, { action: 'cancel-all', reason })
    for (const tag of this.tags.keys()) if (this.open(tag)?.instrument === instrument) this.leaving.add(tag)
  }

  open(tag: string): OpenOrder | undefined {
    return this.seat.portfolio.open.get(this.tags.get(tag) ?? '')
  }

  /** The next signal to size and to check; undefined when all are taken. */
  take(): Signal | undefined {
    // Asked after every row: `shift` of an empty array costs more than the question.
    return this.waiting.length === 0 ? undefined : this.waiting.shift()
  }

  /** Client id of the order that a cancel or a change means: the one under its tag when it was given, though a new one stands there now. */
  clientIdOf({ number, tag }: Signal): string | undefined {
    return this.cancels.get(number) || this.tags.get(tag ?? '') || undefined
  }

  /** Client id of the order that a signal's order waits for; undefined where that never became one, or has ended. */
  parentOf({ parent }: Signal): string | undefined {
    return this.tags.get(parent ?? '') || undefined
  }

  /** What risk made of an order signal: its order's client id, or nothing. */
  settle(signal: Signal, clientId: string | undefined): void {
    if (signal.action === 'cancel' || signal.action === 'amend') this.cancels.delete(signal.number)
    if (signal.tag === undefined || signal.action !== 'order') return
    if (clientId === undefined) this.free(signal.tag)
    else this.tags.set(signal.tag, clientId)
  }

  /** Frees the tag of an order that has ended. */
  ended(execution: Execution): void {
    if (isEnd(execution)) this.gone(execution.clientId)
  }

  /** Frees the tag of an order, or of what is sent in parts, of which nothing is left. */
  gone(clientId: string): void {
    for (const [tag, id] of this.tags) if (id === clientId) this.free(tag)
  }

  /** True when a signal that is not yet taken asks for a child of a signal's order. */
  isWaitedFor({ tag }: Signal): boolean {
    return tag !== undefined && this.waiting.some(({ parent }) => parent === tag)
  }

  save(): Uint8Array {
    const { number, tags, leaving, groups, cancels, waiting } = this
    return pack({ number, tags, leaving, groups, cancels, waiting } satisfies Saved)
  }

  load(bytes: Uint8Array): void {
    const saved = unpack<Saved>(bytes)
    this.number = saved.number
    this.tags = saved.tags
    this.leaving = saved.leaving
    this.groups = saved.groups
    this.cancels = saved.cancels
    this.waiting = saved.waiting
  }

  /** One order of what a strategy asks for. */
  private ask(instrument: number, order: OrderAsk, reason: string): void {
    const { tag, side, size, price, expires, group } = order
    const type = order.type ?? (price === undefined ? 'market' : 'limit')
    const timeInForce = order.timeInForce ?? (expires !== undefined ? 'gtd' : type === 'market' ? 'ioc' : 'gtc')
    // One order a tag: what stood there would be out of the strategy's reach.
    if (this.tags.has(tag) && !this.leaving.has(tag)) this.cancel(tag, 'another order takes its tag')
    this.forget(tag)
    const id = group === undefined ? undefined : this.groupOf(group)
    const plain = { action: 'order' as const, tag, side, size, type, timeInForce, price, expires, group: id, reason }
    this.leave(instrument, isPlain(order) ? plain : { ...plain, ...conditionsOf(order) })
    this.tags.set(tag, '')
    if (group !== undefined) this.groups.set(tag, { name: group, id: id! })
  }

  /** The children of an order. Their size is what their parent's becomes. */
  private bracket(
    instrument: number,
    { tag, side, triggerBy, positionSide }: OrderAsk,
    { stop, takeProfit }: NonNullable<OrderAsk['bracket']>,
    reason: string,
  ): void {
    const group = stop === undefined || takeProfit === undefined ? undefined : `${tag}.bracket`
    const child = {
      ...{ side: side === 'buy' ? ('sell' as const) : ('buy' as const), reduceOnly: true, parent: tag },
      ...(group !== undefined && { group }),
      ...(triggerBy !== undefined && { triggerBy }),
      ...(positionSide !== undefined && { positionSide }),
    }
    if (stop !== undefined)
      this.ask(instrument, { ...child, tag: `${tag}.stop`, type: 'stop-market', trigger: stop }, `stop: ${reason}`)
    if (takeProfit !== undefined)
      this.ask(instrument, { ...child, tag: `${tag}.target`, type: 'limit', price: takeProfit }, `target: ${reason}`)
  }

  /** What a group is called at the exchange: as the first of its orders, while one of them works. */
  private groupOf(name: string): string {
    for (const group of this.groups.values()) if (group.name === name) return group.id
    return `${name}.${this.number + 1}`
  }

  private free(tag: string): void {
    this.tags.delete(tag)
    this.forget(tag)
  }

  /** What was known of the order under a tag. */
  private forget(tag: string): void {
    this.leaving.delete(tag)
    if (this.groups.size > 0) this.groups.delete(tag)
  }

  /** A signal about the order under a tag; false when there is none. */
  private leaveFor(tag: string, signal: Pick<Signal, 'action' | 'reason'> & Partial<Signal>): boolean {
    const clientId = this.tags.get(tag)
    if (clientId === undefined) return false
    this.leave(this.seat.portfolio.open.get(clientId)?.instrument ?? 0, signal)
    this.cancels.set(this.number, clientId)
    return true
  }

  private leave(instrument: number, signal: Pick<Signal, 'action' | 'reason'> & Partial<Signal>): void {
    const { exchange, symbol } = this.instruments[instrument]!
    const { strategy, account } = this.seat
    this.number++
    // One literal: all signals have one hidden class.
    this.waiting.push({
      time: this.time,
      received: this.now,
      exchange,
      symbol,
      account,
      strategy,
      number: this.number,
      action: signal.action,
      target: signal.target,
      tag: signal.tag,
      side: signal.side,
      size: signal.size,
      type: signal.type,
      timeInForce: signal.timeInForce,
      price: signal.price,
      stop: signal.stop,
      takeProfit: signal.takeProfit,
      confidence: signal.confidence,
      reason: signal.reason,
      trigger: signal.trigger,
      triggerBy: signal.triggerBy,
      activation: signal.activation,
      callback: signal.callback,
      display: signal.display,
      reduceOnly: signal.reduceOnly,
      closePosition: signal.closePosition,
      expires: signal.expires,
      group: signal.group,
      parent: signal.parent,
      positionSide: signal.positionSide,
    })
  }
}

/** True for an order that only has what most orders have. */
function isPlain({ type, display, reduceOnly, parent, positionSide }: OrderAsk): boolean {
  const isActive = type === undefined || type === 'market' || type === 'limit'
  return isActive && display === undefined && reduceOnly !== true && parent === undefined && positionSide === undefined
}

function conditionsOf(order: OrderAsk): Partial<Signal> {
  const { trigger, triggerBy, activation, callback, display, reduceOnly, closePosition, parent, positionSide } = order
  return { trigger, triggerBy, activation, callback, display, reduceOnly, closePosition, parent, positionSide }
}

interface Saved {
  readonly number: number
  readonly tags: Map<string, string>
  readonly leaving: Set<string>
  readonly groups: Map<string, { readonly name: string; readonly id: string }>
  readonly cancels: Map<number, string>
  readonly waiting: Signal[]
}

/** True when nothing of the order is left at the venue after this. */
export function isEnd({ kind, leftLots }: Execution): boolean {
  if (kind === 'fill' || kind === 'liquidation') return leftLots === 0
  return kind === 'rejected' || kind === 'cancelled' || kind === 'expired'
}
