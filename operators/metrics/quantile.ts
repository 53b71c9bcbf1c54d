// The value below which a share of the values lies.

/**
 * In:     sorted — rising, at least one. share — in [0, 1].
 * Out:    between two values by a straight line, as numpy's and pandas' default.
 * Source: Hyndman & Fan (1996), "Sample Quantiles in Statistical Packages", definition 7.
 */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (place - below)
}
