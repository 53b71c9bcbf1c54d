// A strategy that is not sure does not trade.
import { z } from 'zod'
import { allow, defineCheck, refuse } from './check.ts'

const config = z.strictObject({
  least: z
    .number()
    .min(0)
    .max(1)
    .default(0.6)
    .describe('smallest confidence of a signal that names one; S2 §5.2.4: 0.6'),
})

/** A signal without a confidence passes; so does what only takes from a position. */
export const confidence = defineCheck({
  name: 'confidence',
  config,
  create: ({ least }) => ({
    check({ wish, reduces }) {
      const { confidence: value = 1 } = wish.signal
      if (reduces) return allow(value, least)
      return value >= least
        ? allow(value, least)
        : refuse(value, least, 'LOW_CONFIDENCE', `the signal is sure to ${value}`)
    },
  }),
})
