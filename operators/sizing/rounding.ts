// From a strategy's doubles to whole lots and ticks, without the errors of dividing decimals (O9, O10).
import { type Instrument, priceOf, sizeOf } from '../instrument.ts'

/** The most lots whose size is at most `size`, with its sign: 1.17 in lots of 0.01 is 117, 0.299 is 29. NaN for NaN. */
export function lotsWithin(instrument: Instrument, size: number): number {
  const wanted = Math.abs(size)
  // A quotient is correctly rounded, so that its floor is at most one step away.
  let lots = Math.floor(wanted / instrument.lotSize)
  if (sizeOf(instrument, lots + 1) <= wanted) lots += 1
  else if (sizeOf(instrument, lots) > wanted) lots -= 1
  return size < 0 ? 0 - lots : lots
}

/** The price in ticks that is never worse than asked: a buy is rounded down, a sell up; a price on a tick stays. NaN for NaN. */
export function ticksWithin(instrument: Instrument, price: number, side: 'buy' | 'sell'): number {
  let ticks = Math.floor(price / instrument.tickSize)
  if (priceOf(instrument, ticks + 1) <= price) ticks += 1
  else if (priceOf(instrument, ticks) > price) ticks -= 1
  return side === 'buy' || priceOf(instrument, ticks) === price ? ticks : ticks + 1
}

/**
 * The trigger in ticks that acts no sooner than asked: one that a rising price reaches is rounded up, one that a falling price
 * reaches down; a price on a tick stays. NaN for NaN.
 */
export function triggerWithin(instrument: Instrument, price: number, above: boolean): number {
  return ticksWithin(instrument, price, above ? 'sell' : 'buy')
}
