// A size whose stop is some average true ranges away.

/**
 * The size, in units of the base asset, of which `risk` of the equity is lost when the price moves `multiplier` average true ranges:
 * equity × risk / (atr × multiplier). All above 0, `atr` in units of price.
 *
 * Source: R. Faith (2007), "Way of the Turtle", units of volatility; J. W. Wilder (1978) for the average true range.
 */
export function atrSize(given: {
  readonly equity: number
  readonly risk: number
  readonly atr: number
  readonly multiplier: number
}): number {
  const { equity, risk, atr, multiplier } = given
  return (equity * risk) / (atr * multiplier)
}
