// What an account holds when it is put to a test, and what it would be worth at other prices.

/** A position, or the money and positions that it stands with; prices and amounts in whole units. */
export interface Exposure {
  readonly account: string
  readonly exchange: string
  readonly symbol: string
  /** The asset whose price moves: BTC of BTCUSDT. */
  readonly base: string
  /** Signed, in the exchange's own unit. */
  readonly size: number
  readonly contractSize: number
  /** Settled in the base asset: worth size × contractSize / price. */
  readonly inverse: boolean
  /** Mark, above 0. */
  readonly price: number
}

/** Absolute value at mark, in the settlement currency. */
export function notionalOf({ size, contractSize, inverse, price }: Exposure): number {
  return Math.abs(inverse ? (size * contractSize) / price : size * contractSize * price)
}

/** Profit when the price becomes `factor` times what it is; factor above 0. In the settlement currency. */
export function profitAt({ size, contractSize, inverse, price }: Exposure, factor: number): number {
  const contracts = size * contractSize
  return inverse ? (contracts / price) * (1 - 1 / factor) : contracts * price * (factor - 1)
}
