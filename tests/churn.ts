// A strategy that does everything that a strategy may do, at random from its seed: for suites that look at orders and money.
import { z } from 'zod'
import { priceOf } from '../operators/instrument.ts'
import { random } from '../operators/random.ts'
import { pack, unpack } from '../operators/stage.ts'
import { defineStrategy } from '../operators/strategies/strategy.ts'

const parameters = z.strictObject({
  every: z.int().positive().default(20).describe('trades between two acts'),
  lots: z.int().positive().default(50).describe('the largest size, in lots'),
  waits: z
    .boolean()
    .default(true)
    .describe('whether it asks for orders that wait, too: its stops keep it from a liquidation'),
})

/**
 * Targets, orders of every kind at and around the best prices, those that wait for a price or for each other among them,
 * replacements, changes and cancels, also of what is not there.
 */
export const churn = defineStrategy({
  name: 'churn',
  summary: 'anything, at random',
  parameters,
  warmup: () => 0,
  needs: 'ticks',
  create({ every, lots, waits }, desk) {
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
        const choice = below(waits ? 14 : 6)
        const far = priceOf(
          instrument,
          (side === 'buy' ? askTicks : bidTicks) + (side === 'buy' ? 1 : -1) * (waits ? below(20) : 0),
        )
        const near = priceOf(
          instrument,
          (side === 'buy' ? bidTicks : askTicks) + (side === 'buy' ? -1 : 1) * (waits ? below(20) : 0),
        )
        const by = { triggerBy: !waits || below(2) === 0 ? ('mark' as const) : ('last' as const) }
        switch (choice) {
          case 0:
            return desk.target(index, (below(3) - 1) * size, 'somewhere')
          case 1:
            return desk.order(index, { tag: `${tag} market`, side, size }, 'now')
          case 2:
            return desk.cancel(tag, 'had enough')
          case 6:
            return desk.order(index, { tag: `${tag} stop`, side, size, type: 'stop-market', trigger: far, ...by }, 'if')
          case 7:
            return desk.order(
              index,
              { tag: `${tag} aim`, side, size, type: 'take-profit-limit', trigger: near, price: near, ...by },
              'if',
            )
          case 8:
            return desk.order(
              index,
              { tag: `${tag} trail`, side, size, type: 'trailing-stop', callback: 0.0002, ...by },
              'if',
            )
          case 9: {
            const bracket =
              side === 'buy'
                ? { stop: price * 0.9995, takeProfit: price * 1.0005 }
                : { stop: price * 1.0005, takeProfit: price * 0.9995 }
            return desk.order(index, { tag: `${tag} family`, side, size, price, bracket, ...by }, 'with exits')
          }
          case 10:
            return desk.amend(tag, below(2) === 0 ? { size } : { price }, 'thought again')
          case 11:
            return below(8) === 0
              ? desk.cancelAll(index, 'all')
              : desk.order(
                  index,
                  { tag: `${tag} close`, side, type: 'stop-market', trigger: far, closePosition: true, ...by },
                  'out',
                )
          case 12:
            return desk.order(index, { tag: `${tag} less`, side, size, price, reduceOnly: true }, 'less')
          case 13:
            return desk.order(
              index,
              { tag: `${tag} ice`, side, size: size * 4, display: size, price, expires: desk.now + 60e6 },
              'some',
            )
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
