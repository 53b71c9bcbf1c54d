// A Sharpe ratio from sums, so that those of blocks add up to those of any choice of blocks.

/** The variance is known to about 1e-15 of the mean square; below this share of it there is none. */
const noSpread = 1e-12

/**
 * Mean over sample deviation, per observation; 0 where returns do not vary (nobody traded), or there are fewer than two.
 *
 * In: count of returns, their sum, the sum of their squares.
 */
export function sharpeOf(count: number, sum: number, squares: number): number {
  if (count < 2) return 0
  const mean = sum / count
  const variance = (squares - sum * mean) / (count - 1)
  return variance > (noSpread * squares) / count ? mean / Math.sqrt(variance) : 0
}
