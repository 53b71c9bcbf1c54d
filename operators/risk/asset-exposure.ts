// Layer 2: one asset, by whatever instruments, is no large part of the account.
import { z } from 'zod'
import { allow, defineCheck, percent, refuse } from './check.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .default(0.2)
    .describe(
      'largest sum of the absolute values of all positions in instruments of one base asset as a share of equity; S3 §4.3: 0.2, S2 §5.2.4: 0.3',
    ),
})

/** Positions + open orders + this order in instruments of the same base asset. What only takes from a position passes. */
export const assetExposure = defineCheck({
  name: 'asset-exposure',
  config,
  create: ({ share }) => ({
    check(view) {
      if (view.reduces) return allow(0, share)
      const after = view.assetAfter() / Math.max(0, view.equity)
      const { base } = view.wish.instrument
      return after <= share
        ? allow(after, share)
        : refuse(after, share, 'MAX_ASSET_EXPOSURE', `${base} could become ${percent(after)} of equity`)
    },
  }),
})
