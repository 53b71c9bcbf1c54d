// Not everything at once: how many instruments may have a position.
import { z } from 'zod'
import { allow, defineCheck, refuse } from './check.ts'

const config = z.strictObject({
  count: z
    .int()
    .min(1)
    .default(10)
    .describe(
      'instruments with a position at once, those with open orders counted; S3 §4.2: 10, with `regimeScaling` what its table gives the regime',
    ),
})

/** Positions + open orders + this order, in instruments. The regime's number stands instead of the configured one where it is known. What only takes from a position passes. */
export const maxPositions = defineCheck({
  name: 'max-positions',
  config,
  create: ({ count }) => ({
    check(view) {
      const limit = view.profile?.positions ?? count
      if (view.reduces) return allow(0, limit)
      const after = view.positionsAfter()
      const why = view.profile === undefined ? '' : ` in regime ${view.profile.regime}`
      return after <= limit
        ? allow(after, limit)
        : refuse(after, limit, 'MAX_POSITIONS', `${after} instruments would have a position; ${limit} may${why}`)
    },
  }),
})
