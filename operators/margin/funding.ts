// What a perpetual position receives or pays when funding falls due.

/**
 * Cash that a linear position receives: − side × size × mark price × rate, in the settlement currency; below 0 where it pays. A long pays
 * while the rate is above 0, a short receives. `size` in units of the base asset, unsigned.
 *
 * Source: Binance Futures, "Introduction to Futures Funding Rates": funding amount = nominal value at mark price × funding rate.
 */
export function fundingCash(given: {
  readonly side: 'long' | 'short'
  readonly size: number
  readonly markPrice: number
  readonly rate: number
}): number {
  const { side, size, markPrice, rate } = given
  const paid = size * markPrice * rate
  // Not −0.
  return side === 'long' ? 0 - paid : paid
}
