// What an instrument counts as while its past is not known.
import type { Verdict } from './check.ts'
import { pricesConfig } from './prices.ts'
import type { RiskView } from './view.ts'

const { assumedVolatility, assumedCorrelation } = pricesConfig.parse({})

/** Of a day, of the wish's instrument; where no prices are kept at all it counts as unknown. */
export function volatilityOf({ prices, wish }: RiskView): number {
  return prices === undefined ? assumedVolatility : prices.volatility(wish.instrument.index)
}

export function correlationOf({ prices }: RiskView, one: number, other: number): number {
  return prices === undefined ? assumedCorrelation : prices.correlation(one, other)
}

/** The no of a check that has seen too little. */
export function notWarm({ wish, prices }: RiskView, limit: number): Verdict {
  const { symbol, index } = wish.instrument
  const known = prices?.depth(index) ?? 0
  const detail = `${known} returns of ${symbol} are known of ${prices?.config.warmup ?? 0}, and risk prices.unknown is refuse`
  return { allowed: false, value: known, limit, reason: 'NOT_WARM', detail }
}
