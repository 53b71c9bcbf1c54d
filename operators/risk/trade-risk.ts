// What a trade loses at its stop is a small part of the account.
import { z } from 'zod'
import { priceOf } from '../instrument.ts'
import { allow, defineCheck, percent, refuse } from './check.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.02)
    .describe(
      'largest loss, at the stop that its signal names, of what an order opens, as a share of equity; an order without a stop is not measured; with `regimeScaling` what its table gives the regime; S3 §4.3 and S4 §3.5: 0.02',
    ),
})

/** Value of what the order opens × |price − stop| / price, as a share of equity. What only takes from a position passes. */
export const tradeRisk = defineCheck({
  name: 'trade-risk',
  config,
  create: ({ share }) => ({
    check(view) {
      const limit = view.profile?.risk ?? share
      const { stop } = view.wish.signal
      if (view.reduces || stop === undefined) return allow(0, limit)
      const price = priceOf(view.wish.instrument, view.meets)
      const loss = (view.openedValue() * Math.abs(price - stop)) / price / Math.max(0, view.equity)
      return loss <= limit
        ? allow(loss, limit)
        : refuse(loss, limit, 'MAX_TRADE_LOSS', `the stop at ${stop} would cost ${percent(loss)} of equity`)
    },
  }),
})
