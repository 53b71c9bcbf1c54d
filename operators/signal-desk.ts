// The desk of one strategy: what it sees, and the signals that it leaves for sizing and risk (DESIGN §5, step 3).
import { unknownName } from '../schemas/errors.ts'
import type { Execution, Signal } from '../schemas/records.generated.ts'
import type { BarView, Desk, Market, Portfolio, RegimeView } from './desk.ts'
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
  private number = 0
  private waiting: Signal[] = []
  /** Client id of the order that works under a tag; '' while the signal is on its way to risk. */
  private tags = new Map<string, string>()
  /** Tags whose order was asked to go. */
  private leaving = new Set<string>()
  /** The order that a waiting cancel means, by the signal's number: the tag may be given to another order meanwhile. */
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
    const { exchange, symbol } = this.instruments[instrument]!
    return this.waiting.some((signal) => signal.symbol === symbol && signal.exchange === exchange)
  }

  target(instrument: number, size: number, reason: string, more: Parameters<Desk['target']>[3] = {}): void {
    this.leave(instrument, { action: 'target', target: size, reason, ...more })
  }

  order(instrument: number, order: Parameters<Desk['order']>[1], reason: string): void {
    const type = order.type ?? (order.price === undefined ? 'market' : 'limit')
    const timeInForce = order.timeInForce ?? (type === 'market' ? 'ioc' : 'gtc')
    // One order a tag: what stood there would be out of the strategy's reach.
    if (this.tags.has(order.tag) && !this.leaving.has(order.tag)) this.cancel(order.tag, 'another order takes its tag')
    this.leaving.delete(order.tag)
    const { tag, side, size, price } = order
    this.leave(instrument, { action: 'order', tag, side, size, type, timeInForce, price, reason })
    this.tags.set(order.tag, '')
  }

  cancel(tag: string, reason: string): void {
    if (!this.tags.has(tag)) return
    const clientId = this.tags.get(tag)!
    const open = this.seat.portfolio.open.get(clientId)
    this.leave(open?.instrument ?? 0, { action: 'cancel', tag, reason })
    this.cancels.set(this.number, clientId)
    this.leaving.add(tag)
  }

  /** The next signal to size and to check; undefined when all are taken. */
  take(): Signal | undefined {
    // Asked after every row: `shift` of an empty array costs more than the question.
    return this.waiting.length === 0 ? undefined : this.waiting.shift()
  }

  /** Client id of the order that a cancel means: the one under its tag when it was given, though a new one stands there now. */
  clientIdOf({ number, tag }: Signal): string | undefined {
    return this.cancels.get(number) || this.tags.get(tag ?? '') || undefined
  }

  /** What risk made of an order signal: its order's client id, or nothing. */
  settle(signal: Signal, clientId: string | undefined): void {
    if (signal.action === 'cancel') this.cancels.delete(signal.number)
    if (signal.tag === undefined || signal.action !== 'order') return
    if (clientId === undefined) this.tags.delete(signal.tag)
    else this.tags.set(signal.tag, clientId)
  }

  /** Frees the tag of an order that has ended. */
  ended(execution: Execution): void {
    if (!isEnd(execution)) return
    for (const [tag, clientId] of this.tags) {
      if (clientId !== execution.clientId) continue
      this.tags.delete(tag)
      this.leaving.delete(tag)
    }
  }

  save(): Uint8Array {
    const { number, tags, leaving, cancels, waiting } = this
    return pack({ number, tags, leaving, cancels, waiting } satisfies Saved)
  }

  load(bytes: Uint8Array): void {
    const saved = unpack<Saved>(bytes)
    this.number = saved.number
    this.tags = saved.tags
    this.leaving = saved.leaving
    this.cancels = saved.cancels
    this.waiting = saved.waiting
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
    })
  }
}

interface Saved {
  readonly number: number
  readonly tags: Map<string, string>
  readonly leaving: Set<string>
  readonly cancels: Map<number, string>
  readonly waiting: Signal[]
}

/** True when nothing of the order is left at the venue after this. */
export function isEnd({ kind, leftLots }: Execution): boolean {
  if (kind === 'fill' || kind === 'liquidation') return leftLots === 0
  return kind === 'rejected' || kind === 'cancelled' || kind === 'expired'
}
