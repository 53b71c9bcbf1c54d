// Parts in proportion to what is usually traded at that time of the day.
import { z } from 'zod'
import { type Algorithm, minuteUs } from './algorithm.ts'
import { endAfter, followSchedule, minutes, rest, scheduleOf } from './schedule.ts'
import { VolumeMeter } from './volume.ts'

const parameters = z.strictObject({
  minutes,
  slices: z.int().min(1).max(10_000).default(10).describe('parts, at equal distances of time; the first at once'),
  weights: z
    .array(z.number().min(0))
    .min(1)
    .max(10_000)
    .refine((weights) => weights.some((weight) => weight > 0), 'one of them must be above 0')
    .optional()
    .describe('of the parts, in place of `slices` and of what is known of volumes'),
  rest,
})

/**
 * Slice k of n at start + k × minutes / n, in proportion to the mean volume of the minutes of the day until the next slice, of all days of the
 * run so far. Where one of these minutes was never seen, all parts are equal, and the children are called `vwap-even`.
 *
 * Source: R. Kissell (2014), "The Science of Algorithmic Trading and Portfolio Management", ch. 2: historical profiles of volume by time of day.
 */
export const vwap: Algorithm<typeof parameters> = {
  name: 'vwap',
  summary: 'parts in proportion to what is usually traded at that time of the day',
  parameters,
  create({ minutes, slices, weights: given, rest }, context) {
    const meter = new VolumeMeter(context)
    const count = given?.length ?? slices
    const distance = (minutes * minuteUs) / count
    return {
      rest,
      begin({ lots, start, instrument }) {
        const end = endAfter(start, minutes)
        const times = Array.from({ length: count }, (_, at) => start + Math.round(at * distance))
        const known = given ?? usual(meter, instrument, [...times, end])
        const plan = scheduleOf(lots, known ?? times.map(() => 1), times)
        return { end, plan, label: known === undefined ? 'vwap-even' : 'vwap' }
      },
      work: followSchedule,
      ...(given === undefined && {
        row: (row) => meter.row(row),
        save: () => meter.save(),
        load: (state) => meter.load(state as ReturnType<VolumeMeter['save']>),
      }),
    }
  },
}

/** What is usually traded from each time to the next; undefined where that is not known of all. */
function usual(meter: VolumeMeter, instrument: number, times: readonly number[]): number[] | undefined {
  const volumes = times.slice(1).map((to, at) => meter.expected(instrument, times[at]!, to))
  return volumes.some((volume) => volume === undefined) ? undefined : (volumes as number[])
}
