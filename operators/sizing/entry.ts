// At what price a signal would enter, and how much of an instrument is worth how much there.
import type { Signal } from '../../schemas/records.generated.ts'
import { type Instrument, priceOf } from '../instrument.ts'
import type { SizingView } from './sizing.ts'

/** What a signal would enter at: its own price, else the best price of the other side, else the mark; NaN while none is known. */
export function entryOf(
  { side, target = 0, price }: Signal,
  { instrument, market }: Pick<SizingView, 'instrument' | 'market'>,
): { isBuy: boolean; price: number } {
  const isBuy = (side ?? (target > 0 ? 'buy' : 'sell')) === 'buy'
  const touch = isBuy ? market.askTicks : market.bidTicks
  return { isBuy, price: price ?? priceOf(instrument, touch > 0 ? touch : market.markTicks) }
}

/** The size, in the exchange's unit, that is worth `value` of the settlement currency at a price. */
export function sizeWorth({ inverse, contractSize }: Instrument, value: number, price: number): number {
  return inverse ? (value * price) / contractSize : value / (price * contractSize)
}

/** What a size, in the exchange's unit, is worth at a price, in the settlement currency. */
export function worthOf({ inverse, contractSize }: Instrument, size: number, price: number): number {
  return inverse ? (size * contractSize) / price : size * price * contractSize
}

/** The size, in the exchange's unit, that loses `loss` of the settlement currency between two prices. */
export function sizeLosing({ inverse, contractSize }: Instrument, loss: number, price: number, stop: number): number {
  const distance = Math.abs(price - stop)
  return inverse ? (loss * price * stop) / (contractSize * distance) : loss / (distance * contractSize)
}

export const noPrice = { reason: 'NO_PRICE', detail: 'no price is known yet' } as const

/** The refusal of an account that has nothing to stake. */
export function noEquity(equity: number) {
  return { reason: 'NO_EQUITY', value: equity, limit: 0, detail: `equity is ${equity}` } as const
}
