// No position is a large part of the account.
import { z } from 'zod'
import { atMost, defineCheck, percent } from './check.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .default(0.1)
    .describe('largest value of one position as a share of equity; S0 §8 and S3 §4.3: 0.1, S2 §5.2.4: 0.02'),
})

/** Position + open orders + this order, as a share of equity. What only takes from a position passes. */
export const positionSize = defineCheck({
  name: 'position-size',
  config,
  create: ({ share }) => ({
    check(view) {
      if (view.reduces) return { allowed: true, value: 0, limit: share }
      const after = view.positionAfter() / Math.max(0, view.equity)
      return atMost(after, share, 'MAX_POSITION', () => `the position could become ${percent(after)} of equity`)
    },
  }),
})
