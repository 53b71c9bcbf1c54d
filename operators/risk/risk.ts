// Asks every check about a wish, in order; what passes becomes an order, what does not a risk event (DESIGN §5, step 4).
import type { Alert, Execution, Order, RiskEvent } from '../../schemas/records.generated.ts'
import type { OpenOrder } from '../desk.ts'
import type { FlashCrashConfig } from '../flash-crash/config.ts'
import type { Alarm } from '../flash-crash/detector.ts'
import { sharedExchange } from '../instrument.ts'
import type { AmendWish, OrderWish, Refusal, Wish } from '../sizing/sizing.ts'
import { pack, unpack } from '../stage.ts'
import type { Happening, RunningCheck } from './check.ts'
import { type Done, Emergency, type HaltCommand } from './emergency.ts'
import { OrderWriter } from './order-writer.ts'
import { smaller } from './scaling.ts'
import { type RiskContext, RiskView } from './view.ts'

export type Decision =
  | { readonly order: Order; readonly event?: undefined }
  | { readonly event: RiskEvent; readonly order?: undefined }

interface Asked {
  readonly name: string
  readonly silent?: boolean
  readonly running: RunningCheck
}

/** A check, its function at hand: all of one shape, since looking it up in twenty shapes costs as much as some checks. */
interface Ask {
  readonly name: string
  readonly silent: boolean
  readonly check: RunningCheck['check']
  /** What it said last: most say the same again, and an object for each of twenty an order is most of what risk costs. */
  last: Order['verdicts'][number]
}

interface Watcher {
  readonly name: string
  readonly watch: NonNullable<RunningCheck['watch']>
}

const minuteUs = 60_000_000

/**
 * The only writer of orders. It fails closed: a check that throws or meets NaN is a no with its reason. A cancel always
 * passes, and so does a change that only makes an order smaller: nothing may keep an account from taking risk away.
 */
export class Risk {
  private readonly checks: readonly Asked[]
  private readonly asks: readonly Ask[]
  private readonly scalers: readonly Asked[]
  private readonly watchers: readonly Watcher[]
  private readonly hearers: readonly Asked[]
  private readonly passers: readonly Asked[]
  private readonly context: RiskContext
  private readonly view: RiskView
  /** Of what is about the whole account. */
  private readonly exchange: string
  readonly emergency: Emergency
  private readonly writer: OrderWriter
  /** No sooner is there anything to do in `instant`, µs. */
  nextMinute = Number.NEGATIVE_INFINITY
  private happened: RiskEvent[] = []
  private alerted: Alert[] = []
  private written: Order[] = []

  constructor(checks: readonly Asked[], context: RiskContext) {
    this.checks = checks
    this.context = context
    this.writer = new OrderWriter(context)
    this.exchange = sharedExchange(context.markets.map(({ instrument }) => instrument))
    this.emergency = new Emergency(context)
    this.view = new RiskView(context, this.emergency)
    this.asks = checks.map(({ name, silent = false, running: { check } }) => {
      return { name, silent, check, last: { check: name, allowed: true, value: 0, limit: 0 } }
    })
    this.scalers = checks.filter(({ running }) => running.scale !== undefined)
    this.watchers = checks.flatMap(({ name, running: { watch } }) => (watch === undefined ? [] : [{ name, watch }]))
    this.hearers = checks.filter(({ running }) => running.executed !== undefined)
    this.passers = checks.filter(({ running }) => running.passed !== undefined)
  }

  /** The order that a wish becomes, or why not. The order is not sent yet: give it to the portfolio and the venue. */
  check(wish: Wish): Decision {
    if (wish.kind === 'cancel' || wish.kind === 'cancel-all') return { order: this.writer.cancel(wish) }
    if (wish.kind === 'refused') return { event: this.event(wish, 'rejected', wish) }
    const asked = wish.kind === 'amend' ? wish.next : wish
    const verdicts: Order['verdicts'][number][] = []
    let left = asked
    if (wish.kind !== 'amend' || !onlyShrinks(wish)) {
      this.watch(wish.signal.received, wish.signal.time)
      const answer = this.ask(asked, verdicts, wish.kind === 'amend' ? wish.replaced : undefined)
      if ('reason' in answer) return { event: this.event(asked, 'rejected', answer) }
      left = answer
      const { passers } = this
      for (let at = 0; at < passers.length; at++) passers[at]!.running.passed!(this.view)
    }
    return { order: wish.kind === 'amend' ? this.writer.amend(wish, verdicts) : this.writer.order(left, verdicts) }
  }

  /** To be called at each instant, after the portfolio's: highs and days are known also while nothing is ordered. Times in µs. */
  instant(received: number, time: number): void {
    if (received < this.nextMinute) return
    this.watch(received, time)
    this.act(received, time)
    const minute =
      this.watchers.length === 0 ? Number.POSITIVE_INFINITY : (Math.floor(received / minuteUs) + 1) * minuteUs
    this.nextMinute = Math.min(minute, this.emergency.next(received))
  }

  /** To be called with each execution, after the portfolio's. */
  executed(execution: Execution): void {
    const { hearers } = this
    const { kind, received, time } = execution
    if (hearers.length === 0 || (kind !== 'fill' && kind !== 'liquidation' && kind !== 'funding')) return
    for (let at = 0; at < hearers.length; at++) {
      const { name, running } = hearers[at]!
      const seen = running.executed!(execution, this.context.portfolio)
      if (seen !== undefined) this.say(name, seen, received, time)
    }
  }

  /** What a person did. Its orders are written at once: see `waiting`. Times in µs, of the instant at which it is heard. */
  command(command: HaltCommand, received: number, time: number): void {
    this.done(this.emergency.command(command), received, time)
  }

  /** What a flash crash is answered by, likewise. */
  alarm(alarm: Alarm, config: FlashCrashConfig, received: number, time: number): void {
    this.done(this.emergency.alarm(alarm, config), received, time)
  }

  /** How many rows wait in `events`, `alerts` and `orders`: asked at every instant. */
  get waiting(): number {
    return this.happened.length + this.written.length
  }

  /** Halts and their ends since the last call, to be written to `risk-events`. */
  events(): readonly RiskEvent[] {
    if (this.happened.length === 0) return none
    const events = this.happened
    this.happened = []
    return events
  }

  /** Of those, what somebody should know at once. */
  alerts(): readonly Alert[] {
    if (this.alerted.length === 0) return none
    const alerts = this.alerted
    this.alerted = []
    return alerts
  }

  /** Orders that risk itself wrote since the last call: to be written down and sent like all others. */
  orders(): readonly Order[] {
    if (this.written.length === 0) return none
    const orders = this.written
    this.written = []
    return orders
  }

  /** Everything but the rows that wait: take them first. */
  save(): Uint8Array {
    const { writer, nextMinute, emergency } = this
    const { sequence, ownSequence } = writer
    const checks = this.checks.map(({ running }) => running.save?.())
    return pack({ sequence, ownSequence, nextMinute, emergency: emergency.save(), checks } satisfies SavedRisk)
  }

  load(bytes: Uint8Array): void {
    const saved = unpack<SavedRisk>(bytes)
    this.writer.sequence = saved.sequence
    this.writer.ownSequence = saved.ownSequence
    this.nextMinute = saved.nextMinute
    this.emergency.load(saved.emergency)
    for (const [at, { running }] of this.checks.entries()) running.load?.(saved.checks[at])
  }

  private watch(received: number, time: number): void {
    const { watchers } = this
    if (watchers.length === 0) return
    const equity = this.context.portfolio.equity() / 1e8
    for (let at = 0; at < watchers.length; at++) {
      const { name, watch } = watchers[at]!
      const seen = watch(received, equity)
      if (seen !== undefined) this.say(name, seen, received, time)
    }
  }

  private act(received: number, time: number): void {
    if (this.emergency.isIdle) return
    const orders = this.emergency.act(received, (order) => this.writer.own(order, received, time))
    this.written.push(...orders)
  }

  private done(done: Done | undefined, received: number, time: number): void {
    if (done === undefined) return
    const { instrument, alert, ...what } = done
    const { account, strategy = '' } = this.context
    const exchange = instrument?.exchange ?? this.exchange
    const symbol = instrument?.symbol ?? ''
    this.happened.push({ time, received, exchange, symbol, account, strategy, check: 'emergency', ...what })
    if (alert !== undefined) {
      const [code, message] = [what.reason, `${what.action}: ${what.detail}`]
      this.alerted.push({
        time,
        received,
        exchange,
        symbol,
        account,
        component: 'risk',
        severity: alert,
        code,
        message,
      })
    }
    this.act(received, time)
    this.nextMinute = Math.min(this.nextMinute, this.emergency.next(received))
  }

  private say(check: string, seen: Happening, received: number, time: number): void {
    const { account } = this.context
    this.happened.push({
      ...{ time, received, exchange: this.exchange, symbol: '', account, strategy: '' },
      ...{ check, reason: check.toUpperCase().replaceAll('-', '_'), ...seen },
    })
  }

  /** The wish in the size that is left of it, each yes in `verdicts`; or the first no. */
  private ask(
    wish: OrderWish,
    verdicts: Order['verdicts'][number][],
    replaced: OpenOrder | undefined,
  ): OrderWish | Omit<Refusal, 'kind' | 'signal'> {
    let asked = 'value'
    try {
      this.view.on(wish, replaced)
      const { asks, scalers } = this
      let left = wish
      for (let at = 0; at < scalers.length && !this.view.reduces; at++) {
        const { name, running } = scalers[at]!
        asked = name
        const scaling = running.scale!(this.view)
        if (scaling === undefined) continue
        const { value, limit, reason } = scaling
        if (replaced !== undefined) {
          if (wish.lots <= replaced.leftLots) continue
          return {
            check: name,
            reason,
            value,
            limit,
            detail: 'no order is made larger while new ones are made smaller',
          }
        }
        const lots = smaller(this.view, scaling.factor)
        const detail = `from ${left.lots} to ${lots} lots`
        if (lots === 0) return { check: name, reason, value, limit, detail }
        if (lots === left.lots) continue
        this.happened.push(this.event(wish, 'scaled', { check: name, reason, value, limit, detail }))
        left = { ...left, lots }
        this.view.on(left)
      }
      for (let at = 0; at < asks.length; at++) {
        const ask = asks[at]!
        asked = ask.name
        const verdict = ask.check(this.view)
        if (!verdict.allowed) return { check: ask.name, ...verdict }
        if (ask.silent) continue
        const { value, limit } = verdict
        if (ask.last.value !== value || ask.last.limit !== limit)
          ask.last = { check: ask.name, allowed: true, value, limit }
        verdicts.push(ask.last)
      }
      return left
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      return { check: asked, reason: 'CHECK_FAILED', detail }
    }
  }

  private event(
    { signal }: OrderWish | Refusal,
    action: RiskEvent['action'],
    why: Pick<Refusal, 'check' | 'reason' | 'value' | 'limit' | 'detail'>,
  ): RiskEvent {
    const { time, received, exchange, symbol, strategy, number } = signal
    const { check, reason, value, limit, detail } = why
    return {
      ...{ time, received, exchange, symbol, account: this.context.account, strategy, signal: number },
      ...{ check, action, reason, value, limit, detail },
    }
  }
}

interface SavedRisk {
  readonly sequence: number
  readonly ownSequence: number
  readonly nextMinute: number
  readonly emergency: unknown
  readonly checks: readonly unknown[]
}

/** True for a change that takes risk away, or leaves it as it is: nothing may keep an account from that. */
function onlyShrinks({ next, replaced, ticks, triggerTicks }: AmendWish): boolean {
  return next.lots <= replaced.leftLots && ticks === undefined && triggerTicks === undefined
}

const none: readonly never[] = []
