// Asks every check about a wish, in order; what passes becomes an order, what does not a risk event (DESIGN §5, step 4).
import type { Order, RiskEvent } from '../../schemas/records.generated.ts'
import type { OpenOrder } from '../desk.ts'
import type { AmendWish, CancelAllWish, CancelWish, OrderWish, Refusal, Wish } from '../sizing/sizing.ts'
import { pack, unpack } from '../stage.ts'
import type { RunningCheck } from './check.ts'
import { type RiskContext, RiskView } from './view.ts'

export type Decision =
  | { readonly order: Order; readonly event?: undefined }
  | { readonly event: RiskEvent; readonly order?: undefined }

const minuteUs = 60_000_000

/**
 * The only writer of orders. It fails closed: a check that throws or meets NaN is a no with its reason. A cancel always
 * passes, and so does a change that only makes an order smaller: nothing may keep an account from taking risk away.
 *
 * Client ids are `strategy.account.sequence`, counted over the account, so that a second run gives the same ones.
 */
export class Risk {
  private readonly checks: readonly { readonly name: string; readonly running: RunningCheck }[]
  private readonly context: RiskContext
  private readonly view: RiskView
  private sequence = 0
  /** No sooner is there anything to do in `instant`, µs. */
  nextMinute = Number.NEGATIVE_INFINITY
  private happened: RiskEvent[] = []

  constructor(checks: readonly { readonly name: string; readonly running: RunningCheck }[], context: RiskContext) {
    this.checks = checks
    this.context = context
    this.view = new RiskView(context)
  }

  /** The order that a wish becomes, or why not. The order is not sent yet: give it to the portfolio and the venue. */
  check(wish: Wish): Decision {
    if (wish.kind === 'cancel' || wish.kind === 'cancel-all') return { order: this.cancel(wish) }
    if (wish.kind === 'refused') return { event: this.event(wish, 'rejected', wish) }
    const asked = wish.kind === 'amend' ? wish.next : wish
    const verdicts: Order['verdicts'][number][] = []
    if (wish.kind !== 'amend' || !onlyShrinks(wish)) {
      this.watch(wish.signal.received, wish.signal.time)
      const refusal = this.ask(asked, verdicts, wish.kind === 'amend' ? wish.replaced : undefined)
      if (refusal !== undefined) return { event: this.event(asked, 'rejected', refusal) }
      const { checks } = this
      for (let at = 0; at < checks.length; at++) checks[at]!.running.passed?.(this.view)
    }
    return { order: wish.kind === 'amend' ? this.amend(wish, verdicts) : this.order(wish, verdicts) }
  }

  /** To be called at each instant, after the portfolio's: highs and days are known also while nothing is ordered. Times in µs. */
  instant(received: number, time: number): void {
    if (received < this.nextMinute) return
    this.nextMinute = (Math.floor(received / minuteUs) + 1) * minuteUs
    this.watch(received, time)
  }

  /** How many events wait in `events`: asked at every instant. */
  get waiting(): number {
    return this.happened.length
  }

  /** Halts and their ends since the last call, to be written to `risk-events`. */
  events(): readonly RiskEvent[] {
    if (this.happened.length === 0) return none
    const events = this.happened
    this.happened = []
    return events
  }

  /** Everything but the events that wait: take them first. */
  save(): Uint8Array {
    const { sequence, nextMinute } = this
    return pack({ sequence, nextMinute, checks: this.checks.map(({ running }) => running.save?.()) })
  }

  load(bytes: Uint8Array): void {
    const saved = unpack<{ sequence: number; nextMinute: number; checks: unknown[] }>(bytes)
    this.sequence = saved.sequence
    this.nextMinute = saved.nextMinute
    for (const [at, { running }] of this.checks.entries()) running.load?.(saved.checks[at])
  }

  private watch(received: number, time: number): void {
    const equity = this.context.portfolio.equity() / 1e8
    const { checks } = this
    for (let at = 0; at < checks.length; at++) {
      const { name, running } = checks[at]!
      const seen = running.watch?.(received, equity)
      if (seen === undefined) continue
      const { account, markets } = this.context
      this.happened.push({
        ...{ time, received, exchange: markets[0]?.instrument.exchange ?? '', symbol: '', account, strategy: '' },
        ...{ check: name, reason: name.toUpperCase().replaceAll('-', '_'), ...seen },
      })
    }
  }

  /** The first no; each yes before it goes into `verdicts`. */
  private ask(
    wish: OrderWish,
    verdicts: Order['verdicts'][number][],
    replaced: OpenOrder | undefined,
  ): Omit<Refusal, 'kind' | 'signal'> | undefined {
    let asked = 'value'
    try {
      this.view.on(wish, replaced)
      const { checks } = this
      for (let at = 0; at < checks.length; at++) {
        const { name, running } = checks[at]!
        asked = name
        const verdict = running.check(this.view)
        if (!verdict.allowed) return { check: name, ...verdict }
        verdicts.push({ check: name, allowed: true, value: verdict.value, limit: verdict.limit })
      }
      return undefined
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      return { check: asked, reason: 'CHECK_FAILED', detail }
    }
  }

  private order(wish: OrderWish, verdicts: Order['verdicts']): Order {
    const { signal, instrument, side, type, timeInForce, lots, ticks } = wish
    this.sequence++
    const { time, received, strategy, tag } = signal
    const { exchange, symbol, tickSize, lotSize } = instrument
    const { account } = this.context
    const clientId = `${strategy}.${account}.${this.sequence}`
    // One literal, as every row that is made often: two spread into one are three objects.
    return {
      time,
      received,
      exchange,
      symbol,
      account,
      clientId,
      strategy,
      signal: signal.number,
      kind: 'new',
      side,
      type,
      timeInForce,
      lots: wish.closePosition === true ? undefined : lots,
      ticks,
      triggerTicks: wish.triggerTicks,
      tickSize,
      lotSize,
      reduceOnly: wish.reduceOnly,
      tag,
      verdicts,
      triggerBy: wish.triggerBy,
      activationTicks: wish.activationTicks,
      callback: wish.callback,
      displayLots: wish.displayLots,
      closePosition: wish.closePosition,
      expires: wish.expires,
      group: wish.group,
      parent: wish.parent,
      positionSide: wish.positionSide,
    }
  }

  /** The request to change an order; what stays is left out. */
  private amend(wish: AmendWish, verdicts: Order['verdicts']): Order {
    const { lots, ticks, triggerTicks, replaced } = wish
    const { side } = replaced
    return { ...this.about(wish, wish.clientId), kind: 'amend', side, lots, ticks, triggerTicks, verdicts }
  }

  /** A cancel-all has no client id: it means all. */
  private cancel(wish: CancelWish | CancelAllWish): Order {
    return { ...this.about(wish, wish.kind === 'cancel' ? wish.clientId : ''), kind: wish.kind, verdicts: [] }
  }

  private about({ signal, instrument }: Pick<CancelWish, 'signal' | 'instrument'>, clientId: string) {
    const { time, received, strategy, tag, number } = signal
    const { exchange, symbol, tickSize, lotSize } = instrument
    const { account } = this.context
    return { time, received, exchange, symbol, account, clientId, strategy, signal: number, tickSize, lotSize, tag }
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

/** True for a change that takes risk away, or leaves it as it is: nothing may keep an account from that. */
function onlyShrinks({ next, replaced, ticks, triggerTicks }: AmendWish): boolean {
  return next.lots <= replaced.leftLots && ticks === undefined && triggerTicks === undefined
}

const none: readonly RiskEvent[] = []
