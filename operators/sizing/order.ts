// From an order that a strategy asks for to one that the exchange takes: whole lots and ticks, and what it depends on.
import type { Order, Signal } from '../../schemas/records.generated.ts'
import type { OpenOrder } from '../desk.ts'
import { type Instrument, sizeOf } from '../instrument.ts'
import { lotsWithin, ticksWithin, triggerWithin } from './rounding.ts'
import type { AmendWish, Conditions, NoSize, OrderWish, Refusal, RunningRule, SizingView, Wish } from './sizing.ts'

type Type = NonNullable<Order['type']>

/** The wish of an `order` signal: its size by the rules, its prices never better than asked, its triggers never sooner. */
export function orderWish(signal: Signal, view: SizingView, size: RunningRule['size']): Wish {
  const { instrument } = view
  const { side, type = 'market' } = signal
  if (side === undefined) return refused(signal, { reason: 'NO_SIDE', detail: 'an order needs a side' })
  const parent = signal.parent === undefined ? undefined : view.parentOf(signal)
  if (signal.parent !== undefined && parent === undefined)
    return refused(signal, { reason: 'NO_PARENT', detail: `there is no order ${signal.parent} to wait for` })
  const lots = lotsOf(signal, side, view, { size, parent })
  if (typeof lots !== 'number') return refused(signal, lots)
  const timeInForce = signal.timeInForce ?? (type === 'market' ? 'ioc' : 'gtc')
  if (type === 'market' && isPlain(signal))
    return { kind: 'new', signal, instrument, side, type, timeInForce: 'ioc', lots, ticks: undefined }
  const ticks = isLimit(type) ? ticksWithin(instrument, signal.price ?? Number.NaN, side) : undefined
  if (ticks !== undefined && !Number.isFinite(ticks))
    return refused(signal, { reason: 'NO_PRICE', detail: `a ${type} order needs a price` })
  const wish: OrderWish = { kind: 'new', signal, instrument, side, type, timeInForce, lots, ticks }
  if (isPlain(signal)) return wish
  const conditions = conditionsOf(signal, type, side, instrument)
  if ('reason' in conditions) return refused(signal, conditions)
  return { ...wish, ...conditions, ...(parent !== undefined && { parent }) }
}

/** The wish of an `amend` signal; undefined when there is no such order any more. */
export function amendWish(signal: Signal, view: SizingView, size: RunningRule['size']): Wish | undefined {
  const { instrument, portfolio, clientIdOf } = view
  const clientId = clientIdOf(signal)
  const replaced = clientId === undefined ? undefined : portfolio.open.get(clientId)
  if (clientId === undefined || replaced === undefined) return undefined
  const { side, type, reduceOnly } = replaced
  // A change says neither: both are those of the order.
  const lots = signal.size === undefined ? undefined : sizedLots({ ...signal, side, reduceOnly }, side, view, size)
  if (lots !== undefined && typeof lots !== 'number') return refused(signal, lots)
  const ticks = signal.price === undefined ? undefined : ticksWithin(instrument, signal.price, side)
  const triggerTicks =
    signal.trigger === undefined ? undefined : triggerWithin(instrument, signal.trigger, isAbove(type, side))
  const left = (lots ?? replaced.lots) - (replaced.lots - replaced.leftLots)
  const next: OrderWish = {
    ...{ kind: 'new', signal, instrument, side, type, timeInForce: 'gtc', lots: left },
    ...{ ticks: ticks ?? replaced.ticks, triggerTicks: triggerTicks ?? replaced.triggerTicks },
    reduceOnly: replaced.reduceOnly,
  }
  return { kind: 'amend', signal, instrument, clientId, replaced, next, lots, ticks, triggerTicks } satisfies AmendWish
}

/** True for a price that rising reaches: a buy stop, a sell target. */
export function isAbove(type: Type, side: 'buy' | 'sell'): boolean {
  const takesProfit = type === 'take-profit-market' || type === 'take-profit-limit'
  return (side === 'buy') !== takesProfit
}

/** Lots of an order; of a child without a size those of its parent, of a whole position none. */
function lotsOf(
  signal: Signal,
  side: 'buy' | 'sell',
  view: SizingView,
  { size, parent }: { size: RunningRule['size']; parent: string | undefined },
): number | NoSize {
  if (signal.closePosition === true) return 0
  const { lots } = (parent !== undefined && signal.size === undefined && view.portfolio.open.get(parent)) || none
  return lots ?? sizedLots(signal, side, view, size)
}

const none: { readonly lots?: OpenOrder['lots'] } = {}

/** Lots that the rules give a size, scaled where the regime says so, but for what only reduces. */
function sizedLots(signal: Signal, side: 'buy' | 'sell', view: SizingView, size: RunningRule['size']): number | NoSize {
  const { instrument, portfolio, profile } = view
  const sized = size(signal, signal.size ?? Number.NaN, view)
  if (typeof sized !== 'number') return sized
  const asked = lotsWithin(instrument, sized)
  if (!Number.isFinite(asked) || asked < 0) return notANumber(sized)
  const multiplier = signal.reduceOnly === true ? 1 : profile?.position
  const lots = scaledOrder(asked, side, portfolio.lots(instrument.index), multiplier)
  return lots > 0 ? lots : underOneLot(instrument, asked === 0 ? sized : sized * (multiplier ?? 1))
}

/** Lots of an order when entries are scaled: what it takes from the position as asked, the rest `multiplier` times as much. */
function scaledOrder(asked: number, side: 'buy' | 'sell', held: number, multiplier = 1): number {
  if (multiplier === 1) return asked
  const reducing = Math.min(asked, Math.max(0, side === 'buy' ? -held : held))
  return reducing + timesWithin(asked - reducing, multiplier)
}

/** Whole lots; 90 × 0.7 is 63, not 62.99999999999999. */
export function timesWithin(lots: number, multiplier: number): number {
  return Math.floor(lots * multiplier * (1 + 1e-12))
}

function isLimit(type: Type): boolean {
  return type === 'limit' || type === 'stop-limit' || type === 'take-profit-limit'
}

/** True for an order that depends on nothing but the market. */
function isPlain({ type, display, reduceOnly, expires, group, parent, positionSide }: Signal): boolean {
  const isActive = type === undefined || type === 'market' || type === 'limit'
  return (
    isActive &&
    display === undefined &&
    reduceOnly !== true &&
    expires === undefined &&
    group === undefined &&
    parent === undefined &&
    positionSide === undefined
  )
}

/** What an order waits for and is tied to, or what is missing. */
function conditionsOf(signal: Signal, type: Type, side: 'buy' | 'sell', instrument: Instrument): Conditions | NoSize {
  const { trigger, triggerBy, activation, callback, display, reduceOnly, closePosition, expires, group } = signal
  const waits = type !== 'market' && type !== 'limit'
  const isTrailing = type === 'trailing-stop'
  const triggerTicks =
    waits && !isTrailing ? triggerWithin(instrument, trigger ?? Number.NaN, isAbove(type, side)) : undefined
  if (triggerTicks !== undefined && !Number.isFinite(triggerTicks))
    return { reason: 'NO_TRIGGER', detail: `a ${type} order needs a trigger` }
  if (isTrailing && !(callback! > 0 && callback! < 1))
    return { reason: 'NO_CALLBACK', detail: `a trailing stop needs a callback between 0 and 1, not ${callback}` }
  const displayLots = display === undefined ? undefined : lotsWithin(instrument, display)
  if (displayLots !== undefined && !(displayLots > 0)) return underOneLot(instrument, display!)
  return {
    ...{ triggerTicks, triggerBy: waits ? (triggerBy ?? 'mark') : undefined },
    ...{ callback: isTrailing ? callback : undefined, displayLots, reduceOnly, closePosition, expires, group },
    activationTicks:
      isTrailing && activation !== undefined ? triggerWithin(instrument, activation, side === 'sell') : undefined,
    positionSide: signal.positionSide,
  }
}

export function refused(signal: Signal, why: NoSize): Refusal {
  return { kind: 'refused', signal, check: 'sizing', ...why }
}

export function notANumber(size: number): NoSize {
  return { reason: 'NOT_A_NUMBER', value: size, detail: `a size of ${size} cannot be sent` }
}

function underOneLot(instrument: Instrument, size: number): NoSize {
  const lot = sizeOf(instrument, 1)
  return { reason: 'UNDER_ONE_LOT', value: size, limit: lot, detail: `${size} is less than a lot of ${lot}` }
}
