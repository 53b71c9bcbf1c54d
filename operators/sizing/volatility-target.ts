// A position moves the account by the same amount, whatever the market does.
import { z } from 'zod'
import { entryOf, noEquity, noPrice, sizeWorth } from './entry.ts'
import type { SizingRule } from './sizing.ts'
import { VolatilityMeter, type VolatilityState } from './volatility.ts'

const parameters = z.strictObject({
  target: z
    .number()
    .positive()
    .max(10)
    .default(0.2)
    .describe('volatility of the position by year, as a share of equity'),
  bars: z.int().min(2).max(10_000).default(60).describe('bars whose changes are the volatility'),
  most: z.number().positive().max(125).default(1).describe('largest value of the position as a share of equity'),
})

/**
 * equity × min(most, target / volatility) / price, with the volatility of the run's own bars by year.
 *
 * Source: T. Moskowitz, Y. H. Ooi, L. H. Pedersen (2012), "Time series momentum", eq. 5: positions scaled to one ex-ante volatility.
 */
export const volatilityTarget: SizingRule<typeof parameters> = {
  name: 'volatility-target',
  summary: 'a position whose volatility by year is a fixed share of equity',
  needs: 'time bars',
  parameters,
  create({ target, bars, most }, { instruments, barUs = Number.NaN }) {
    const meters = instruments.map(() => new VolatilityMeter(bars))
    return {
      bar: ({ instrument, close }) => meters[instrument]!.bar(close),
      size(signal, _size, view) {
        const { price } = entryOf(signal, view)
        const equity = view.portfolio.equity() / 1e8
        const volatility = meters[view.instrument.index]!.annual(barUs)
        if (!(price > 0)) return noPrice
        if (!(equity > 0)) return noEquity(equity)
        if (Number.isNaN(volatility)) return { reason: 'NOT_WARM', detail: `fewer than ${bars} bars were seen` }
        return sizeWorth(view.instrument, equity * Math.min(most, target / volatility), price)
      },
      save: () => meters.map(({ state }) => state),
      load(state) {
        for (const [at, one] of (state as VolatilityState[]).entries()) meters[at]!.state = one
      },
    }
  },
}
