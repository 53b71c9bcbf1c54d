// Contracts are worth no more than a few times the account.
import { z } from 'zod'
import { allow, defineCheck, refuse } from './check.ts'

const config = z.strictObject({
  times: z
    .number()
    .positive()
    .default(3)
    .describe(
      'largest value of all contracts as a multiple of equity; S0 §8 and S3 §4.3: 3, S2 §5.2.4 and S4 §3.5.2: 20',
    ),
})

/** Value of all contracts / equity, with open orders and this one. What only takes from a position passes. */
export const leverage = defineCheck({
  name: 'leverage',
  config,
  create: ({ times }) => ({
    check(view) {
      if (view.reduces) return allow(0, times)
      const after = view.exposureAfter(true) / Math.max(0, view.equity)
      return after <= times
        ? allow(after, times)
        : refuse(after, times, 'MAX_LEVERAGE', `leverage could become ${Math.round(after * 100) / 100}×`)
    },
  }),
})
