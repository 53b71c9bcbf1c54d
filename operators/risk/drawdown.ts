// Far below its best, an account takes no new risk.
import { z } from 'zod'
import { atMost, defineCheck, percent } from './check.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.15)
    .describe('fall of equity from its highest, as a share of it; S2 §5.2.4 and S3 §4.3: 0.15'),
})

/** (highest equity − equity) / highest, as seen at each UTC minute and order. What only takes from a position passes. */
export const drawdown = defineCheck({
  name: 'drawdown',
  config,
  create({ share }) {
    let highest = Number.NaN
    return {
      watch(_now, equity) {
        // `!(<=)` so that the first equity counts.
        if (!(equity <= highest)) highest = equity
        return undefined
      },
      check({ equity, reduces }) {
        const fall = (highest - equity) / highest
        if (reduces) return { allowed: true, value: fall, limit: share }
        return atMost(fall, share, 'MAX_DRAWDOWN', () => `equity is ${percent(fall)} below its highest`)
      },
      save: () => highest,
      load(state) {
        highest = state as number
      },
    }
  },
})
