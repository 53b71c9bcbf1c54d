// A strategy that runs wild is slowed before the exchange bans the account.
import { z } from 'zod'
import { atMost, defineCheck } from './check.ts'

const config = z.strictObject({
  perSecond: z
    .int()
    .min(1)
    .default(10)
    .describe('new orders within one second; a third of what Binance allows (300 in 10 s)'),
  perDay: z
    .int()
    .min(1)
    .default(100_000)
    .describe(
      'new orders within a UTC day; half of what Binance spot allows (S3 §4.3 counts 100 trades a day: set it for strategies that trade seldom)',
    ),
})

const secondUs = 1_000_000
const dayUs = 86_400_000_000

/** Orders that passed within the last second, and since UTC midnight, with this one. Cancels are not counted and never held back. */
export const orderRate = defineCheck({
  name: 'order-rate',
  config,
  create({ perSecond, perDay }) {
    /** Times of the orders of the last second, rising. */
    let recent: number[] = []
    let day = Number.NaN
    let today = 0
    const forget = (now: number) => {
      let old = 0
      while (old < recent.length && now - recent[old]! >= secondUs) old++
      if (old > 0) recent = recent.slice(old)
      if (Math.floor(now / dayUs) === day) return
      day = Math.floor(now / dayUs)
      today = 0
    }
    return {
      check({ now }) {
        forget(now)
        if (today >= perDay) {
          return {
            allowed: false,
            value: today + 1,
            limit: perDay,
            reason: 'ORDERS_PER_DAY',
            detail: `${today} orders today`,
          }
        }
        return atMost(
          recent.length + 1,
          perSecond,
          'ORDERS_PER_SECOND',
          () => `${recent.length} orders within a second`,
        )
      },
      passed({ now }) {
        recent.push(now)
        today++
      },
      save: () => ({ recent, day, today }),
      load(state) {
        ;({ recent, day, today } = state as { recent: number[]; day: number; today: number })
      },
    }
  },
})
