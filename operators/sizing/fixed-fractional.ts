// A fixed fraction of equity is lost when the stop is hit.
import { z } from 'zod'
import { SmartspeedError } from '../../schemas/errors.ts'
import { entryOf, noEquity, noPrice, sizeLosing } from './entry.ts'
import type { SizingRule } from './sizing.ts'

const parameters = z.strictObject({
  risk: z
    .union([z.number().positive().max(1), z.literal('regime')])
    .default(0.01)
    .describe(
      'share of equity that a stop may cost; "regime": what the profile of the risk regime allows (docs/regimes.md)',
    ),
  stop: z
    .number()
    .min(0)
    .max(0.99)
    .default(0)
    .describe(
      'for signals without a stop: the distance of one, as a share of the price; it sizes and closes nothing (0: refused)',
    ),
})

/** The signal's direction, with the size that loses `risk` of the equity between its price and its stop. */
export const fixedFractional: SizingRule<typeof parameters> = {
  name: 'fixed-fractional',
  summary: 'the size that loses a fixed share of equity if the stop is hit',
  parameters,
  create: ({ risk: told, stop: distance }) => ({
    size(signal, _size, view) {
      const { instrument, portfolio, profile } = view
      const risk = told === 'regime' ? profile?.risk : told
      const stop = Math.min(distance * (profile?.stop ?? 1), 0.99)
      const { isBuy, price } = entryOf(signal, view)
      const stopPrice = signal.stop ?? (stop > 0 ? price * (isBuy ? 1 - stop : 1 + stop) : undefined)
      const equity = portfolio.equity() / 1e8
      if (risk === undefined)
        return { reason: 'NO_REGIME', detail: 'the risk regime is not known yet, or regimeScaling is off' }
      if (!(price > 0)) return noPrice
      if (stopPrice === undefined || !(stopPrice > 0))
        return { reason: 'NO_STOP', detail: 'fixed-fractional needs a stop: of the signal, or sizing.stop' }
      if (price === stopPrice)
        return { reason: 'STOP_AT_PRICE', value: price, detail: `the stop is at the price: ${price}` }
      if (!(equity > 0)) return noEquity(equity)
      if (instrument.inverse) return sizeLosing(instrument, equity * risk, price, stopPrice)
      return fixedFractionalSize({ equity, risk, price, stopPrice }) / instrument.contractSize
    },
  }),
}

/**
 * The size, in units of the base asset, of which `risk` of the equity is lost from price to stop:
 * equity × risk / |price − stopPrice|. Fees and slippage are not in it.
 *
 * Errors: CONFIG_INVALID unless equity, price and stopPrice are above 0, risk is in (0, 1] and the stop is not at the price.
 * Source: R. Vince (1990), "Portfolio Management Formulas", fixed fractional trading with the stop as the largest loss.
 */
export function fixedFractionalSize(given: { equity: number; risk: number; price: number; stopPrice: number }): number {
  const { equity, risk, price, stopPrice } = given
  for (const [key, value] of Object.entries({ equity, risk, price, stopPrice })) {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw invalid(`${key} = ${value}`, 'a number above 0')
  }
  if (risk > 1) throw invalid(`risk = ${risk}`, 'a share of equity, at most 1')
  if (price === stopPrice) throw invalid(`stopPrice = ${stopPrice}`, 'another price than price')
  return (equity * risk) / Math.abs(price - stopPrice)
}

function invalid(seen: string, allowed: string): SmartspeedError {
  return new SmartspeedError('CONFIG_INVALID', `${seen}: allowed is ${allowed}`)
}
