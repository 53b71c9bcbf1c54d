// Nothing is decided on prices that are old, or on a book that has lost its place (M1, M3).
import { z } from 'zod'
import { allow, defineCheck, refuse } from './check.ts'

const config = z.strictObject({
  maxAgeMs: z
    .number()
    .positive()
    .default(60_000)
    .describe(
      'age of the instrument’s newest row in ms; one minute, the shortest candle in common use: make it smaller on ticks',
    ),
})

export const staleData = defineCheck({
  name: 'stale-data',
  config,
  create: ({ maxAgeMs }) => ({
    check({ market, now }) {
      const ageMs = (now - market.received) / 1000
      if (!market.synced) {
        return {
          allowed: false,
          value: ageMs,
          limit: maxAgeMs,
          reason: 'BOOK_NOT_SYNCED',
          detail: 'the book has a gap and waits for a snapshot',
        }
      }
      return ageMs <= maxAgeMs
        ? allow(ageMs, maxAgeMs)
        : refuse(ageMs, maxAgeMs, 'STALE_DATA', `the newest row is ${ageMs} ms old`)
    },
  }),
})
