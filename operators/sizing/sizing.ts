// From what a strategy wants to an order that it wishes for: how much, in whole lots and ticks (DESIGN §5, step 4).
import type { z } from 'zod'
import type { Execution, Order, Signal } from '../../schemas/records.generated.ts'
import type { BarView, Market, OpenOrder } from '../desk.ts'
import type { Instrument } from '../instrument.ts'
import type { AccountPortfolio } from '../portfolio/portfolio.ts'
import type { RiskProfile } from '../regime/profiles.ts'
import type { PriceHistory } from '../risk/prices.ts'
import { amendWish, notANumber, orderWish, refused, timesWithin } from './order.ts'
import { lotsWithin } from './rounding.ts'

/** What an order waits for and is tied to; a plain one has none of it. */
export type Conditions = Partial<
  Pick<
    Order,
    | 'triggerTicks'
    | 'triggerBy'
    | 'activationTicks'
    | 'callback'
    | 'displayLots'
    | 'reduceOnly'
    | 'closePosition'
    | 'expires'
    | 'group'
    | 'parent'
    | 'positionSide'
  >
>

/** An order that risk has not seen yet. Lots > 0, but of one that closes a position, whose size is not known: 0. */
export interface OrderWish extends Conditions {
  readonly kind: 'new'
  readonly signal: Signal
  readonly instrument: Instrument
  readonly side: 'buy' | 'sell'
  readonly type: NonNullable<Order['type']>
  readonly timeInForce: NonNullable<Order['timeInForce']>
  readonly lots: number
  /** Limit price; undefined for market orders. */
  readonly ticks: number | undefined
}

/** The wish to take back an order of ours. */
export interface CancelWish {
  readonly kind: 'cancel'
  readonly signal: Signal
  readonly instrument: Instrument
  readonly clientId: string
}

/** The wish to change an order of ours. */
export interface AmendWish {
  readonly kind: 'amend'
  readonly signal: Signal
  readonly instrument: Instrument
  readonly clientId: string
  readonly replaced: OpenOrder
  /** What would be open after it. */
  readonly next: OrderWish
  /** What changes: size in all, limit, trigger. */
  readonly lots: number | undefined
  readonly ticks: number | undefined
  readonly triggerTicks: number | undefined
}

/** The wish to take back every order of an instrument. */
export interface CancelAllWish {
  readonly kind: 'cancel-all'
  readonly signal: Signal
  readonly instrument: Instrument
}

/** An expected no: nothing is sent, and `risk-events` says why. */
export interface Refusal {
  readonly kind: 'refused'
  readonly signal: Signal
  readonly check: string
  readonly reason: string
  readonly value?: number
  readonly limit?: number
  readonly detail: string
}

export type Wish = OrderWish | CancelWish | AmendWish | CancelAllWish | Refusal

/** What a rule may look at. */
export interface SizingView {
  readonly instrument: Instrument
  readonly market: Market
  readonly portfolio: AccountPortfolio
  /** Client id of the order that a cancel or a change means. */
  readonly clientIdOf: (signal: Signal) => string | undefined
  /** Client id of the order that a child waits for. */
  readonly parentOf: (signal: Signal) => string | undefined
  /** Signed lots that a target counts as held or coming; left out: those held, and those of open orders of targets. */
  readonly reach?: ((signal: Signal) => number) | undefined
  /** Of the instrument's risk regime; undefined: nothing is scaled. */
  readonly profile?: RiskProfile | undefined
}

/** Why a rule cannot say a size. */
export type NoSize = Omit<Refusal, 'kind' | 'signal' | 'check'>

/** A rule at work for one account. What it remembers is in `save`. */
export interface RunningRule {
  /** How large an entry is: unsigned, in the exchange's unit; or why that cannot be said. `size` is what was said before it. */
  size(signal: Signal, size: number, view: SizingView): number | NoSize
  /** A bar of the run closed. Nobody keeps it. */
  bar?(bar: BarView): void
  /** An execution of the account was seen. */
  execution?(execution: Execution): void
  save?(): unknown
  load?(state: unknown): void
}

/** What a rule is made for. */
export interface SizingContext {
  readonly instruments: readonly Instrument[]
  /** Length of the run's bars, µs; NaN for bars that are cut by something else than time, undefined where there are none. */
  readonly barUs: number | undefined
  /** Prices of the past; there for a rule that needs them. */
  readonly prices?: PriceHistory | undefined
}

/** A sizing rule of the list in index.ts. */
export interface SizingRule<P extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly summary: string
  /** Makes the size so far smaller or larger; the others say one of their own. */
  readonly scales?: true
  /** What the run has to have. */
  readonly needs?: 'bars' | 'time bars' | 'prices'
  /** A zod object whose fields have defaults and descriptions. */
  readonly parameters: P
  create(params: z.output<P>, context: SizingContext): RunningRule
}

/** Rules with their parameters: turn signals into wishes. */
export interface Sizing extends Pick<RunningRule, 'bar' | 'execution'> {
  /** The wish; undefined when there is nothing to do (the position is there, or comes; the tag holds no order; less than a lot). */
  wish(signal: Signal, view: SizingView): Wish | undefined
  save(): unknown
  load(state: unknown): void
}

/**
 * What rules say one after another. The first says the size, or scales that of the signal; of the others those that scale do so, and those that
 * say a size of their own are a cap: no more than that.
 */
export function sizingOf(rules: readonly { readonly scales: boolean; readonly running: RunningRule }[]): Sizing {
  const size: SizeOf = (signal, asked, view) => {
    let said = asked
    for (let at = 0; at < rules.length; at++) {
      const { scales, running } = rules[at]!
      const next = running.size(signal, said, view)
      if (typeof next !== 'number') return next
      said = scales || at === 0 ? next : Math.min(said, next)
    }
    return said
  }
  const seeing = rules.flatMap(({ running }) => (running.bar === undefined ? [] : [running.bar.bind(running)]))
  const hearing = rules.flatMap(({ running }) =>
    running.execution === undefined ? [] : [running.execution.bind(running)],
  )
  return {
    ...(seeing.length > 0 && {
      bar(bar) {
        for (const see of seeing) see(bar)
      },
    }),
    ...(hearing.length > 0 && {
      execution(execution) {
        for (const hear of hearing) hear(execution)
      },
    }),
    save: () => rules.map(({ running }) => running.save?.()),
    load(state) {
      for (const [at, one] of (state as unknown[]).entries()) rules[at]!.running.load?.(one)
    },
    wish(signal, view) {
      const { action } = signal
      if (action === 'order') return orderWish(signal, view, size)
      if (action === 'target') return target(signal, view, size)
      if (action === 'cancel') return cancel(signal, view)
      if (action === 'amend') return amendWish(signal, view, size)
      return { kind: 'cancel-all', signal, instrument: view.instrument }
    },
  }
}

type SizeOf = RunningRule['size']

/**
 * The difference between the position asked for, and what is held and already on its way by orders of other targets. A turn whose new side
 * cannot be sized still closes the old one.
 */
function target(signal: Signal, view: SizingView, size: SizeOf): Wish | undefined {
  const { instrument, portfolio } = view
  const wanted = signal.target ?? Number.NaN
  const held = view.reach?.(signal) ?? portfolio.lots(instrument.index) + portfolio.comingLots(instrument.index)
  const said = wanted === 0 ? 0 : size(signal, Math.abs(wanted), view)
  const sized = typeof said !== 'number' && held * wanted < 0 ? 0 : said
  if (typeof sized !== 'number') return refused(signal, sized)
  if (!Number.isFinite(sized)) return refused(signal, notANumber(sized))
  const scaled = scaledTarget(lotsWithin(instrument, wanted < 0 ? -sized : sized), held, view.profile?.position)
  // Spot cannot be held short: asked to turn round, what is held is sold. An order for more would be refused whole, and nothing sold.
  const change = (instrument.type === 'spot' && held > 0 ? Math.max(scaled, 0) : scaled) - held
  if (change === 0) return undefined
  const side = change > 0 ? 'buy' : 'sell'
  const lots = Math.abs(change)
  return { kind: 'new', signal, instrument, side, type: 'market', timeInForce: 'ioc', lots, ticks: undefined }
}

/**
 * The position that a target asks for when entries are scaled: lots, signed, whole.
 *
 * A target that turns round, or is asked for from nothing, is `multiplier` times as large. One the way of what is held grows
 * to that size; but where the profile allows less than is held, nothing is sold for that: what was asked to stay stays, and
 * a wish for less takes away no more than it says. So asking for the same target again changes nothing.
 */
function scaledTarget(asked: number, held: number, multiplier = 1): number {
  if (multiplier === 1) return asked
  const sign = asked < 0 ? -1 : 1
  const wanted = Math.abs(asked)
  const scaled = timesWithin(wanted, multiplier)
  const has = held * sign
  if (has <= 0 || scaled >= has) return sign * scaled
  return sign * Math.min(has, Math.max(scaled, wanted))
}

function cancel(signal: Signal, { instrument, clientIdOf }: SizingView): Wish | undefined {
  const clientId = clientIdOf(signal)
  return clientId === undefined ? undefined : { kind: 'cancel', signal, instrument, clientId }
}
