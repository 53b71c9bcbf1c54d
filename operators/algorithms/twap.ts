// Equal parts at equal distances of time.
import { z } from 'zod'
import { random } from '../random.ts'
import { type Algorithm, minuteUs } from './algorithm.ts'
import { endAfter, followSchedule, minutes, rest, scheduleOf } from './schedule.ts'

const parameters = z.strictObject({
  minutes,
  slices: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe('parts of equal size; the first at once, one each part of the time'),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'width, as a share of the distance of two slices, in which each but the first moves by chance (the run’s seed)',
    ),
  rest,
})

/**
 * Slice k of n at start + k × minutes / n, of equal size in whole lots.
 *
 * Source: R. Almgren, N. Chriss (2000), "Optimal Execution of Portfolio Transactions": the schedule of least impact of somebody whom risk does not cost.
 */
export const twap: Algorithm<typeof parameters> = {
  name: 'twap',
  summary: 'equal parts at equal distances of time',
  parameters,
  create({ minutes, slices, jitter, rest }, { seed }) {
    const chance = random(`${seed}/twap`)
    const distance = (minutes * minuteUs) / slices
    return {
      rest,
      begin({ lots, start }) {
        const times = Array.from({ length: slices }, (_, at) => {
          const moved = at === 0 || jitter === 0 ? 0 : (chance.next() - 0.5) * jitter
          return start + Math.round((at + moved) * distance)
        })
        return {
          end: endAfter(start, minutes),
          plan: scheduleOf(
            lots,
            times.map(() => 1),
            times,
          ),
        }
      },
      work: followSchedule,
      save: () => chance.save(),
      load: (state) => chance.load(state as Uint8Array),
    }
  },
}
