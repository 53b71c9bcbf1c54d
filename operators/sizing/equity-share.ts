// A position is worth a fixed share of the account.
import { z } from 'zod'
import { entryOf, noEquity, noPrice, sizeWorth } from './entry.ts'
import type { SizingRule } from './sizing.ts'

const parameters = z.strictObject({
  share: z
    .number()
    .positive()
    .max(125)
    .default(0.02)
    .describe('value of the position as a share of equity; S2 §5.2.4: 0.02'),
})

/** equity × share / price, in the signal's direction. */
export const equityShare: SizingRule<typeof parameters> = {
  name: 'equity-share',
  summary: 'a position that is worth a fixed share of equity',
  parameters,
  create: ({ share }) => ({
    size(signal, _size, view) {
      const { price } = entryOf(signal, view)
      const equity = view.portfolio.equity() / 1e8
      if (!(price > 0)) return noPrice
      if (!(equity > 0)) return noEquity(equity)
      return sizeWorth(view.instrument, equity * share, price)
    },
  }),
}
