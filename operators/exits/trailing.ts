// A stop that follows the best price at a distance that the market's own movement sets.
import { z } from 'zod'
import { RangeMeter } from '../sizing/atr-size.ts'
import type { Exit } from './exit.ts'

const parameters = z.strictObject({
  multiplier: z.number().positive().max(100).default(3).describe('the distance in average true ranges'),
  period: z.int().min(1).max(10_000).default(22).describe('bars of the average true range'),
})

type SavedRange = ReturnType<RangeMeter['save']>

/**
 * Closed when the mark is `multiplier` average true ranges of the run's bars worse than the best mark since it was opened. Before the range
 * is known nothing is closed. In a flash crash it is half of that (docs/risk.md).
 *
 * Source: C. Le Beau's chandelier exit, in A. Elder (2002), "Come Into My Trading Room": 22 bars, three ranges.
 */
export const trailing: Exit<typeof parameters> = {
  name: 'trailing',
  summary: 'closes what fell back from its best price by some average true ranges',
  needsBars: true,
  parameters,
  create({ multiplier, period }, instruments) {
    const ranges = instruments.map(() => new RangeMeter(period))
    return {
      bar: (bar) => ranges[bar.instrument]!.bar(bar),
      leave({ instrument, side, price, best, nearer }) {
        const distance = ranges[instrument]!.value * multiplier * nearer
        return side * (best - price) >= distance && distance > 0
          ? `${multiplier * nearer} ranges behind its best price`
          : undefined
      },
      save: () => ranges.map((one) => one.save()),
      load(state) {
        for (const [at, one] of (state as SavedRange[]).entries()) ranges[at]!.load(one)
      },
    }
  },
}
