// A bad day ends early.
import { z } from 'zod'
import { defineCheck } from './check.ts'
import { day, lossWithin } from './losses.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('loss since UTC midnight as a share of that moment’s equity; S0 §8 and S2 §5.2.4: 0.05, S4 §3.5.2: 0.02'),
})

/** No new risk until the next UTC day: see losses.ts. */
export const dailyLoss = defineCheck({ name: 'daily-loss', config, create: ({ share }) => lossWithin(day, share) })
