// A bad day ends early: after a loss, no new risk until the next UTC day.
import { z } from 'zod'
import { defineCheck, percent } from './check.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('loss since UTC midnight as a share of that moment’s equity; S0 §8 and S2 §5.2.4: 0.05'),
})

const dayUs = 86_400_000_000

/**
 * Halts when equity at mark falls to 1 − share of what it was at the day's first instant, and stays halted until the next
 * UTC day (by receive time), also if equity recovers. What only takes from a position passes.
 */
export const dailyLoss = defineCheck({
  name: 'daily-loss',
  config,
  create({ share }) {
    let day = Number.NaN
    let start = Number.NaN
    let lost = 0
    let halted = false
    return {
      watch(now, equity) {
        const today = Math.floor(now / dayUs)
        const resumed = halted && today !== day
        if (today !== day) {
          day = today
          start = equity
          halted = false
        }
        lost = (start - equity) / start
        if (resumed) return { action: 'resumed', value: 0, limit: share, detail: 'a new UTC day' }
        if (halted || lost < share) return undefined
        halted = true // also when lost is NaN
        return { action: 'halted', value: lost, limit: share, detail: `lost ${percent(lost)} since midnight UTC` }
      },
      check({ reduces }) {
        if (!halted || reduces) return { allowed: true, value: lost, limit: share }
        return {
          allowed: false,
          value: lost,
          limit: share,
          reason: 'DAILY_LOSS',
          detail: 'halted until the next UTC day',
        }
      },
      save: () => ({ day, start, lost, halted }),
      load(state) {
        ;({ day, start, lost, halted } = state as { day: number; start: number; lost: number; halted: boolean })
      },
    }
  },
})
