// A strategy that does everything that a strategy may do, at random from its seed: for suites that look at orders and money.
import { z } from 'zod'
import { priceOf } from '../operators/instrument.ts'
import { random } from '../operators/random.ts'
import { pack, unpack } from '../operators/stage.ts'
import { defineStrategy } from '../operators/strategies/strategy.ts'

const parameters = z.strictObject({
  every: z.int().positive().default(20).describe('trades between two acts'),
  lots: z.int().positive().default(50).describe('the largest size, in lots'),
})

/** Targets, market and limit orders of every kind at and around the best prices, replacements and cancels, also of what is not there. */
export const churn = defineStrategy({
  name: 'churn',
  summary: 'anything, at random',
  parameters,
  warmup: () => 0,
  needs: 'ticks',
  create({ every, lots }, desk) {
    let seen = 0
    const dice = random('churn')
    const below = (n: number) => Math.floor(dice.next() * n)
    const kinds = ['gtc', 'gtc', 'gtx', 'ioc', 'fok'] as const
    return {
      trade({ instrument, bidTicks, askTicks }) {
        if (++seen % every !== 0 || !(askTicks > bidTicks)) return
        const { index, lotNumerator, lotDenominator } = instrument
        const size = ((1 + below(lots)) * lotNumerator) / lotDenominator
        const tag = `${instrument.symbol} ${below(3)}`
        const side = below(2) === 0 ? 'buy' : 'sell'
        const price = priceOf(instrument, (side === 'buy' ? bidTicks : askTicks) + below(7) - 3)
        switch (below(6)) {
          case 0:
            return desk.target(index, (below(3) - 1) * size, 'somewhere')
          case 1:
            return desk.order(index, { tag: `${tag} market`, side, size }, 'now')
          case 2:
            return desk.cancel(tag, 'had enough')
          case 3:
            desk.cancel(tag, 'moves')
            return desk.order(index, { tag, side, size, price, type: 'limit', timeInForce: 'gtc' }, 'moves')
          default:
            return desk.order(index, { tag, side, size, price, type: 'limit', timeInForce: kinds[below(5)]! }, 'waits')
        }
      },
      save: () => pack({ seen, dice: dice.save() }),
      load: (bytes) => {
        const saved = unpack<{ seen: number; dice: Uint8Array }>(bytes)
        seen = saved.seen
        dice.load(saved.dice)
      },
    }
  },
})
