// A bad hour ends early.
import { z } from 'zod'
import { defineCheck } from './check.ts'
import { hour, lossWithin } from './losses.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.02)
    .describe('loss since the UTC hour began as a share of that moment’s equity; S0 §8: 0.02'),
})

/** No new risk until the next UTC hour: see losses.ts. */
export const hourlyLoss = defineCheck({ name: 'hourly-loss', config, create: ({ share }) => lossWithin(hour, share) })
