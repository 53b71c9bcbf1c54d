// From a strategy's doubles to whole lots and ticks, without the errors of dividing decimals (O9, O10).
import { type Instrument, priceOf, sizeOf } from '../instrument.ts'

/** The most lots whose size is at most `size`, with its sign: 1.17 in lots of 0.01 is 117, 0.299 is 29. NaN for NaN. */
export function lotsWithin(instrument: Instrument, size: number): number {
  const wanted = Math.abs(size)
  const lots = largest((count) => sizeOf(instrument, count) <= wanted, wanted / instrument.lotSize)
  return size < 0 ? 0 - lots : lots
}

/** The price in ticks that is never worse than asked: a buy is rounded down, a sell up; a price on a tick stays. NaN for NaN. */
export function ticksWithin(instrument: Instrument, price: number, side: 'buy' | 'sell'): number {
  const below = largest((count) => priceOf(instrument, count) <= price, price / instrument.tickSize)
  return side === 'buy' || priceOf(instrument, below) === price ? below : below + 1
}

/** The largest whole number that fits; `guess` is at most a step away, for a quotient is correctly rounded. */
function largest(fits: (count: number) => boolean, guess: number): number {
  let count = Math.floor(guess)
  if (fits(count + 1)) count += 1
  else if (!fits(count)) count -= 1
  return count
}
