// A share of what others trade.
import { z } from 'zod'
import { lotsWithin } from '../sizing/rounding.ts'
import type { Algorithm } from './algorithm.ts'
import { endAfter, minutes, rest } from './schedule.ts'
import { VolumeMeter } from './volume.ts'

const parameters = z.strictObject({
  rate: z.number().positive().max(1).default(0.1).describe('share of the volume that is traded from the signal on'),
  everyMs: z.int().min(1).max(3_600_000).default(1000).describe('least time between two children, in ms'),
  minutes,
  rest: rest.default('leave'),
})

/**
 * Takes what keeps its fills at `rate` × the volume of trades (candles) since it began.
 *
 * Source: R. Kissell (2014), "The Science of Algorithmic Trading and Portfolio Management", ch. 2: percentage of volume.
 */
export const participation: Algorithm<typeof parameters> = {
  name: 'participation',
  summary: 'a share of what others trade, as they trade',
  parameters,
  create({ rate, everyMs, minutes, rest }, context) {
    const meter = new VolumeMeter(context)
    return {
      rest,
      begin: ({ start, instrument }) => {
        return { end: endAfter(start, minutes), plan: meter.total[instrument]! }
      },
      work(parent, hand) {
        const volume = meter.total[parent.instrument]! - (parent.plan as number)
        const due = Math.min(parent.lots, lotsWithin(hand.instrument, rate * volume) * hand.unit)
        const wanted = due - (parent.lots - hand.left)
        if (wanted > 0) hand.take(wanted)
        return hand.now + everyMs * 1000
      },
      row: (row) => meter.row(row),
      save: () => meter.save(),
      load: (state) => meter.load(state as ReturnType<VolumeMeter['save']>),
    }
  },
}
