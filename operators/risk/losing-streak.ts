// After several losing trades in a row that cost something, something is wrong: no new risk for the rest of the day.
import { z } from 'zod'
import { allow, defineCheck } from './check.ts'

const config = z.strictObject({
  count: z
    .int()
    .min(1)
    .default(5)
    .describe(
      'losing round trips one after the other, after which there is no new risk until the next UTC day; S3 §4.3: 5',
    ),
  share: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe(
      'what they must have cost together, as a share of equity, for that; 0 any loss. S3 §4.3 names none: five of its largest losses are 0.1, while five cents lost in a row halt no market maker',
    ),
})

const dayUs = 86_400_000_000

/**
 * A round trip is a position from when it is opened to when it is closed or turned round, over all instruments of the account; it
 * loses when what it brought, with fees and funding, is below 0. The streak goes on until one wins. After a halt they are counted anew. What only takes from a position passes.
 */
export const losingStreak = defineCheck({
  name: 'losing-streak',
  config,
  create({ count, share }) {
    let losses = 0
    /** What they cost, 10⁻⁸. */
    let lost = 0
    let day = Number.NaN
    let halted = false
    const trips = new Map<string, Trip>()
    return {
      watch(now) {
        const today = Math.floor(now / dayUs)
        const resumed = halted && today !== day
        day = today
        if (!resumed) return undefined
        halted = false
        losses = 0
        lost = 0
        return { action: 'resumed', value: 0, limit: count, detail: 'a new UTC day' }
      },
      executed({ exchange, symbol, received }, portfolio) {
        const key = `${exchange}:${symbol}`
        const index = portfolio.indexOf(exchange, symbol)
        const trip = trips.get(key) ?? { side: 0, from: 0, earned: 0 }
        trips.set(key, trip)
        const side = Math.sign(portfolio.lots(index))
        const earned = portfolio.earned(index)
        const closes = trip.side !== 0 && side !== trip.side
        if (closes) {
          const loses = earned < trip.from
          losses = loses ? losses + 1 : 0
          lost = loses ? lost + trip.from - earned : 0
        }
        if (side !== trip.side) trip.from = closes ? earned : trip.earned
        trip.side = side
        trip.earned = earned
        if (halted || losses < count || lost < share * portfolio.equity()) return undefined
        halted = true
        day = Math.floor(received / dayUs)
        return { action: 'halted', value: losses, limit: count, detail: `${losses} losing trades one after the other` }
      },
      check({ reduces }) {
        if (!halted || reduces) return allow(losses, count)
        const detail = `${losses} losing trades one after the other: halted until the next UTC day`
        return { allowed: false, value: losses, limit: count, reason: 'LOSING_STREAK', detail }
      },
      save: () => ({ losses, lost, day, halted, trips: [...trips] }),
      load(state) {
        const saved = state as { losses: number; lost: number; day: number; halted: boolean; trips: [string, Trip][] }
        ;({ losses, lost, day, halted } = saved)
        trips.clear()
        for (const [key, trip] of saved.trips) trips.set(key, trip)
      },
    }
  },
})

/** Of one instrument. */
interface Trip {
  /** −1, 0 or 1. */
  side: number
  /** What the instrument had brought before the trip began, and by now, 10⁻⁸. */
  from: number
  earned: number
}
