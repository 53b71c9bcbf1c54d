// What the exchange would not accept: sizes and prices off the grid, orders that are too small.
import { z } from 'zod'
import { sizeOf } from '../instrument.ts'
import { allow, defineCheck, money, refuse } from './check.ts'

const config = z.strictObject({})

/** Whole lots, whole ticks above 0, and the instrument's smallest order value (S1: the exchange's filters LOT_SIZE, PRICE_FILTER, MIN_NOTIONAL). */
export const instrument = defineCheck({
  name: 'instrument',
  always: true,
  config,
  create: () => ({
    check({ wish, value }) {
      const { lots, ticks, instrument } = wish
      // As large as the position is then.
      if (wish.closePosition === true) return { allowed: true, value: 0, limit: instrument.minNotional }
      if (!(Number.isSafeInteger(lots) && lots > 0)) {
        return { allowed: false, value: lots, limit: 1, reason: 'LOT_SIZE', detail: `${lots} lots` }
      }
      if (ticks !== undefined && !(Number.isSafeInteger(ticks) && ticks > 0)) {
        return { allowed: false, value: ticks, limit: 1, reason: 'TICK_SIZE', detail: `a price of ${ticks} ticks` }
      }
      const { minNotional, inverse, contractSize, symbol } = instrument
      // What only reduces a position may be small: Binance lets it.
      if (wish.reduceOnly === true) return { allowed: true, value, limit: 0 }
      // Inverse contracts state their smallest order in quote units, which a contract is a fixed number of.
      const notional = inverse ? sizeOf(instrument, lots) * contractSize : value
      return notional >= minNotional
        ? allow(notional, minNotional)
        : refuse(
            notional,
            minNotional,
            'MIN_NOTIONAL',
            Number.isNaN(notional)
              ? `no price of ${symbol} is known`
              : `an order of ${money(notional)} is below the ${minNotional} that ${symbol} asks for`,
          )
    },
  }),
})
