// One small order at a time, so that the book does not show how much there is to come.
import { z } from 'zod'
import { lotsWithin } from '../sizing/rounding.ts'
import { type Algorithm, ownTouch, retryUs, withinLimit } from './algorithm.ts'
import { endAfter, minutes, rest } from './schedule.ts'

const parameters = z.strictObject({
  share: z.number().positive().max(1).default(0.1).describe('part of the whole that is shown at once'),
  display: z
    .number()
    .positive()
    .optional()
    .describe('size that is shown at once, in the exchange’s unit, in place of `share`'),
  minutes: minutes.default(60),
  rest,
})

/**
 * A limit order of the size that is shown, at the signal's limit or at its side's best price of the moment; the next one when it is filled. Unlike the
 * icebergs of an exchange (`display` of an order) each part goes to the end of the queue, and is known to us alone.
 *
 * Source: L. Harris (2003), "Trading and Exchanges", ch. 4: undisclosed size.
 */
export const iceberg: Algorithm<typeof parameters> = {
  name: 'iceberg',
  summary: 'a limit order of a part, the next one when it is filled',
  rests: true,
  parameters,
  create: ({ share, display, minutes, rest }) => ({
    rest,
    begin: ({ start }) => ({ end: endAfter(start, minutes) }),
    work(parent, hand) {
      if (parent.children.length > 0) return parent.end
      const ticks = parent.ticks ?? ownTouch(hand.market, parent.side)
      if (!(ticks > 0)) return hand.now + retryUs
      const shown = display === undefined ? Math.ceil(parent.lots * share) : lotsWithin(hand.instrument, display)
      hand.rest(Math.min(hand.left, Math.max(1, shown)), withinLimit(parent, ticks))
      return parent.end
    },
  }),
}
