// A strategy that runs wild is slowed before the exchange bans the account.
import { z } from 'zod'
import { allow, defineCheck, refuse } from './check.ts'

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
    /** Times of orders, rising; those before `first` are more than a second old. */
    let recent: number[] = []
    let first = 0
    let day = Number.NaN
    let today = 0
    const forget = (now: number) => {
      while (first < recent.length && now - recent[first]! >= secondUs) first++
      // Moved together now and then: at every order it would cost more than the check.
      if (first > 1024) {
        recent = recent.slice(first)
        first = 0
      }
      if (Math.floor(now / dayUs) === day) return
      day = Math.floor(now / dayUs)
      today = 0
    }
    return {
      check({ now }) {
        forget(now)
        if (today >= perDay) return refuse(today + 1, perDay, 'ORDERS_PER_DAY', `${today} orders today`)
        const count = recent.length - first
        if (count < perSecond) return allow(count + 1, perSecond)
        return refuse(count + 1, perSecond, 'ORDERS_PER_SECOND', `${count} orders within a second`)
      },
      passed({ now }) {
        recent.push(now)
        today++
      },
      save: () => ({ recent: recent.slice(first), day, today }),
      load(state) {
        ;({ recent, day, today } = state as { recent: number[]; day: number; today: number })
        first = 0
      },
    }
  },
})
