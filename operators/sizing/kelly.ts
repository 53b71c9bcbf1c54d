// The share of equity whose repeated bet grows fastest, or a fraction of it.

/**
 * fraction × max(0, winRate − (1 − winRate) / (averageWin / averageLoss)): the share of equity to stake; 0 where there is no edge.
 * `winRate` in [0, 1], the averages above 0 in the same unit.
 *
 * Source: J. L. Kelly (1956), "A New Interpretation of Information Rate"; for unequal payoffs E. O. Thorp (2006), "The Kelly Criterion in
 * Blackjack, Sports Betting, and the Stock Market", f = p − q/b. A fraction of it gives up little growth for much less variance.
 */
export function kellyFraction(given: {
  readonly winRate: number
  readonly averageWin: number
  readonly averageLoss: number
  readonly fraction: number
}): number {
  const { winRate, averageWin, averageLoss, fraction } = given
  return fraction * Math.max(0, winRate - (1 - winRate) / (averageWin / averageLoss))
}
