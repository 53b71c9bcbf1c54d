// All positions together stay within the account.
import { z } from 'zod'
import { allow, defineCheck, percent, refuse } from './check.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .default(0.8)
    .describe('largest sum of the absolute values of all positions as a share of equity; S3 §4.3: 0.8'),
})

/** Positions + open orders + this order over all instruments, as a share of equity. What only takes from a position passes. */
export const totalExposure = defineCheck({
  name: 'total-exposure',
  config,
  create: ({ share }) => ({
    check(view) {
      if (view.reduces) return allow(0, share)
      const after = view.exposureAfter() / Math.max(0, view.equity)
      return after <= share
        ? allow(after, share)
        : refuse(after, share, 'MAX_EXPOSURE', `all positions could become ${percent(after)} of equity`)
    },
  }),
})
