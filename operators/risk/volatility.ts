// Layer 5: what moves too much is not traded, and what moves much is traded small.
import { z } from 'zod'
import { allow, defineCheck, percent, refuse } from './check.ts'
import { notWarm, volatilityOf } from './unknown.ts'

const config = z.strictObject({
  cap: z
    .number()
    .positive()
    .default(0.05)
    .describe(
      'largest standard deviation of a day’s return at which new risk is taken, as a share of the price; S2 §5.2.4: 0.05',
    ),
  target: z
    .number()
    .min(0)
    .default(0)
    .describe(
      'above this standard deviation of a day new risk is multiplied by target / volatility; 0 never; S2 §5.2.4 sizes by 0.02',
    ),
})

/** Of the instrument, over the window of `prices`. What only takes from a position passes, whole. */
export const volatility = defineCheck({
  name: 'volatility',
  config,
  create: ({ cap, target }) => ({
    scale(view) {
      if (target === 0) return undefined
      const value = volatilityOf(view)
      if (!(value > target)) return undefined
      return { factor: target / value, value, limit: target, reason: 'VOLATILITY' }
    },
    check(view) {
      if (view.reduces) return allow(0, cap)
      const value = volatilityOf(view)
      if (Number.isNaN(value)) return notWarm(view, cap)
      return value <= cap
        ? allow(value, cap)
        : refuse(value, cap, 'TOO_VOLATILE', `${view.wish.instrument.symbol} moves ${percent(value)} a day`)
    },
  }),
})
