// Layer 1: no position is a large part of the account, or large.
import { z } from 'zod'
import { allow, defineCheck, money, percent, refuse } from './check.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .default(0.1)
    .describe(
      'largest value of one position as a share of equity; with `regimeScaling` times the position of its table; S0 §8 and S3 §4.3: 0.1, S2 §5.2.4: 0.02',
    ),
  value: z
    .number()
    .positive()
    .default(100_000)
    .describe(
      'largest value of one position in the settlement currency; S4 §3.5.2: 100,000, S0 §8: 10,000 to start with',
    ),
})

/** Position + open orders + this order, as a share of equity and as an amount. What only takes from a position passes. */
export const positionSize = defineCheck({
  name: 'position-size',
  config,
  create: ({ share, value: most }) => ({
    check(view) {
      const limit = share * (view.profile?.position ?? 1)
      if (view.reduces) return allow(0, limit)
      const value = view.positionAfter()
      if (!(value <= most)) {
        return value <= most
          ? allow(value, most)
          : refuse(value, most, 'MAX_POSITION_VALUE', `the position could become ${money(value)}`)
      }
      const after = value / Math.max(0, view.equity)
      return after <= limit
        ? allow(after, limit)
        : refuse(after, limit, 'MAX_POSITION', `the position could become ${percent(after)} of equity`)
    },
  }),
})
