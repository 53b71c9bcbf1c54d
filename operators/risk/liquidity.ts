// What nobody trades cannot be sold again.
import { z } from 'zod'
import { allow, defineCheck, money, refuse } from './check.ts'

const config = z.strictObject({
  dollars: z
    .number()
    .min(0)
    .default(100_000)
    .describe(
      'least value traded in 24 hours, of instruments that are quoted in dollars (USD, USDT, USDC, …); of a shorter time, at least an hour, the same for a day; S0 §8: 100,000',
    ),
  others: z.number().min(0).default(0).describe('the same of all other instruments, in their quote currency'),
})

/** Value traded in the last 24 hours, by trades or candles. Before an hour is known it counts as `prices.unknown` says. What only takes from a position passes. */
export const liquidity = defineCheck({
  name: 'liquidity',
  config,
  create: ({ dollars, others }) => ({
    check(view) {
      const { index, symbol } = view.wish.instrument
      const least = view.inDollars ? dollars : others
      if (view.reduces || least === 0) return allow(least, least)
      const value = view.facts?.tradedInDay(index, view.now) ?? Number.NaN
      if (!Number.isNaN(value)) {
        return value >= least
          ? allow(value, least)
          : refuse(value, least, 'TOO_LITTLE_TRADED', `${money(value)} of ${symbol} are traded in a day`)
      }
      if (view.assumes) return allow(least, least)
      const detail = `less than an hour of ${symbol} is known, and risk prices.unknown is refuse`
      return { allowed: false, value, limit: least, reason: 'NOT_WARM', detail }
    },
  }),
})
