// The price that a crash shows in first.
import type { Market } from '../desk.ts'

/**
 * The last trade, brought within the best prices where those have moved on; in ticks. The exchange's mark is of no use here: it is smoothed, and
 * shows half of a crash of seconds. Where nobody has traded yet it is the middle, or the mark; NaN where nothing is known.
 */
export function tradedTicks({ lastTicks, bidTicks, askTicks, markTicks }: Market): number {
  const price = lastTicks > 0 ? lastTicks : (bidTicks + askTicks) / 2
  if (price < bidTicks) return bidTicks
  if (price > askTicks) return askTicks
  return price > 0 ? price : markTicks
}
