// A bad week ends early.
import { z } from 'zod'
import { defineCheck } from './check.ts'
import { lossWithin, week } from './losses.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.1)
    .describe(
      'loss since Monday 00:00 UTC as a share of that moment’s equity; twice that of a day: no source names one',
    ),
})

/** No new risk until the next UTC week: see losses.ts. */
export const weeklyLoss = defineCheck({ name: 'weekly-loss', config, create: ({ share }) => lossWithin(week, share) })
