// A stop that is wider in wild markets, and comes to the entry once there is something to lose.
import { z } from 'zod'
import type { Exit, Held } from './exit.ts'

const share = z.number().min(0).max(10)
const parameters = z.strictObject({
  share: share
    .gt(0)
    .default(0.02)
    .describe('loss that closes it, as a share of the entry price; times `stop` of the risk regime'),
  breakEvenAt: share
    .default(0)
    .describe('gain, as a share of the entry price, from which a fall back to the entry closes it (0: none)'),
  target: share.default(0).describe('gain that closes it, as a share of the entry price (0: none)'),
})

/**
 * With `regimeScaling` the distance follows the risk regime of the moment, and in a flash crash it is half of that (docs/risk.md): it may widen and
 * narrow while a position is open.
 */
export const stop: Exit<typeof parameters> = {
  name: 'stop',
  summary: 'closes what lost or gained a share of its entry price; wider in wild markets',
  parameters,
  create: ({ share, breakEvenAt, target }) => ({
    leave(held) {
      const gain = gainOf(held, held.price)
      if (gain <= -share * (held.profile?.stop ?? 1) * held.nearer) return 'stopped'
      if (target > 0 && gain >= target) return 'at its target'
      if (breakEvenAt > 0 && gain <= 0 && gainOf(held, held.best) >= breakEvenAt) return 'back at its entry'
      return undefined
    },
  }),
}

function gainOf({ side, entry }: Held, price: number): number {
  return side * (price / entry - 1)
}
