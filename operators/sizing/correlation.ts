// An entry is the smaller the more it moves with what is held already.
import { z } from 'zod'
import { priceOf, sizeOf } from '../instrument.ts'
import type { AccountPortfolio } from '../portfolio/portfolio.ts'
import { entryOf, noPrice, worthOf } from './entry.ts'
import type { SizingRule } from './sizing.ts'

const parameters = z.strictObject({})

/**
 * What the entry adds to the variance of the account is no more than its own variance at the size so far, as if it moved with nothing:
 * size × (√(1 + c²) − c), where c is its covariance with what is held over its own variance, both in money. Where c is not above 0, it
 * spreads risk, or hedges, and stays as it is.
 *
 * Of two positions of equal risk that move as one, the second is 0.41 of the first; of n, the last is √n − √(n − 1).
 *
 * Held is what is there and what open orders are to bring. Of its own instrument only what is there counts, for an order that adds to it; a
 * target replaces that, and takes no more away than it says. What an order takes from its own position is not scaled. Volatilities and correlations are those of risk (docs/risk.md, `prices`).
 *
 * Source: P. Jorion (2007), "Value at Risk", 3rd ed., §7.2.3: with a position of a more the variance is σ² + 2·a·σᵢₚ + a²·σᵢ²; solved
 * for the a whose last two parts are the second of the whole size.
 */
export const correlation: SizingRule<typeof parameters> = {
  name: 'correlation',
  summary: 'the size so far, made smaller the more it moves with what is held',
  scales: true,
  needs: 'prices',
  parameters,
  create(_, { instruments, prices }) {
    if (prices === undefined) throw new RangeError('sizing correlation was given no prices of the past')
    return {
      size(signal, size, view) {
        const { instrument, portfolio } = view
        const { index } = instrument
        const { price, isBuy } = entryOf(signal, view)
        if (!(price > 0)) return noPrice
        const side = isBuy ? 1 : -1
        const isTarget = signal.action === 'target'
        const own = isTarget ? 0 : portfolio.lots(index)
        const held = sizeOf(instrument, portfolio.lots(index) + portfolio.comingLots(index))
        const closing = own * side < 0 ? Math.min(size, sizeOf(instrument, Math.abs(own))) : 0
        if (signal.reduceOnly === true || closing === size) return size
        // Covariance with what is held, over the volatility of the instrument.
        let together = 0
        for (const one of instruments) {
          const lots = one.index === index ? Math.max(0, own * side) * side : comingTo(portfolio, one.index)
          if (lots === 0) continue
          const worth = worthOf(one, sizeOf(one, lots), priceOf(one, portfolio.markTicks(one.index)))
          together += side * worth * prices.volatility(one.index) * prices.correlation(index, one.index)
        }
        if (Number.isNaN(together)) return notWarm
        const entry = size - closing
        const c = together / (worthOf(instrument, entry, price) * prices.volatility(index))
        if (!(c > noise)) return size
        const scaled = closing + entry * partOf(c)
        return isTarget ? Math.max(scaled, Math.min(size, held * side)) : scaled
      },
    }
  },
}

/** A covariance that is left of rounding: it must not cost a lot. */
const noise = 1e-9

/** √(1 + c²) − c, without the difference of two large numbers. */
export function partOf(c: number): number {
  return 1 / (Math.sqrt(1 + c * c) + c)
}

/** Signed lots of an instrument once its open orders are filled. */
function comingTo(portfolio: AccountPortfolio, index: number): number {
  return portfolio.lots(index) + portfolio.openLots(index, 'buy') - portfolio.openLots(index, 'sell')
}

const notWarm = { reason: 'NOT_WARM', detail: 'too few returns are known of it, or of what is held' } as const
