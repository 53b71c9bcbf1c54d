// The surer the signal, the larger the position.
import { z } from 'zod'
import type { SizingRule } from './sizing.ts'

const parameters = z.strictObject({
  least: z.number().min(0).max(1).default(0.6).describe('confidence below which nothing is entered; S2 §5.2.4: 0.6'),
  base: z
    .number()
    .min(0)
    .max(10)
    .default(0.5)
    .describe(
      'what is added to the confidence; S2 §5.2.4: 0.5, so that 0.5 changes nothing and 1 gives one and a half',
    ),
})

/** The size so far × (base + confidence of the signal). A signal that says none is refused. */
export const confidence: SizingRule<typeof parameters> = {
  name: 'confidence',
  summary: 'the size so far, times a half more than the confidence of the signal',
  scales: true,
  parameters,
  create: ({ least, base }) => ({
    size({ confidence: said }, size) {
      if (said === undefined) return { reason: 'NO_CONFIDENCE', detail: 'the signal says no confidence' }
      if (!(said >= least)) {
        return { reason: 'LOW_CONFIDENCE', value: said, limit: least, detail: `confidence ${said} is below ${least}` }
      }
      return size * (base + said)
    },
  }),
}
