// The further an account is below its best, the less it risks; far below, nothing.
import { z } from 'zod'
import { allow, defineCheck, percent, refuse } from './check.ts'

const config = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.15)
    .describe(
      'fall of equity from its highest, as a share of it, beyond which there is no new risk; S2 §5.2.4 and S3 §4.3: 0.15, S4 §3.5.2: 0.20',
    ),
  scaleFrom: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('fall from which on new risk is multiplied by 1 − fall / share; 1 never; S4 §3.5.2: 0.10'),
})

/**
 * (highest equity − equity) / highest, as seen at each UTC minute and order. What only takes from a position passes, whole.
 * Source of the scaling: S4 §3.5.2, `_calculate_drawdown_reduction`, from the highest equity instead of the day's first.
 */
export const drawdown = defineCheck({
  name: 'drawdown',
  config,
  create({ share, scaleFrom }) {
    let highest = Number.NaN
    return {
      watch(_now, equity) {
        // `!(<=)` so that the first equity counts.
        if (!(equity <= highest)) highest = equity
        return undefined
      },
      scale({ equity }) {
        const fall = (highest - equity) / highest
        // Beyond the limit the check says no, with its own reason.
        if (!(fall >= scaleFrom && fall <= share)) return undefined
        return { factor: 1 - fall / share, value: fall, limit: scaleFrom, reason: 'DRAWDOWN' }
      },
      check({ equity, reduces }) {
        const fall = (highest - equity) / highest
        if (reduces) return allow(fall, share)
        return fall <= share
          ? allow(fall, share)
          : refuse(fall, share, 'MAX_DRAWDOWN', `equity is ${percent(fall)} below its highest`)
      },
      save: () => highest,
      load(state) {
        highest = state as number
      },
    }
  },
})
