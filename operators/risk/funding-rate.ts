// A position that costs more to hold than it can bring is not opened.
import { z } from 'zod'
import { allow, defineCheck, percent, refuse } from './check.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .default(0.01)
    .describe('largest funding that the order’s side would pay in a day, as a share of its value; S0 §8: 0.01'),
})

/** Of perpetuals, by the last record of `funding`; before the first it counts as `prices.unknown` says: none, or a no. What only takes from a position passes. */
export const fundingRate = defineCheck({
  name: 'funding-rate',
  config,
  create: ({ share }) => ({
    check(view) {
      const { type, index, symbol } = view.wish.instrument
      if (view.reduces || type !== 'perpetual') return allow(0, share)
      const rate = view.facts?.fundingOfDay(index) ?? Number.NaN
      if (Number.isNaN(rate)) {
        if (view.assumes) return allow(0, share)
        const detail = `no funding rate of ${symbol} is known, and risk prices.unknown is refuse`
        return { allowed: false, value: rate, limit: share, reason: 'NOT_WARM', detail }
      }
      const paid = view.wish.side === 'buy' ? rate : -rate
      return paid <= share
        ? allow(paid, share)
        : refuse(paid, share, 'FUNDING_RATE', `holding it would cost ${percent(paid)} a day`)
    },
  }),
})
