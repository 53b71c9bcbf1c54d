// The mark price at which a position is liquidated.
import { type Leg, type Shortfall, shortfall } from './shortfall.ts'
import { type Tier, tierAt } from './tiers.ts'

export interface Held {
  readonly side: 'long' | 'short'
  /** Units of the base asset, above 0; of the quote asset where the contract is inverse. */
  readonly size: number
  readonly entryPrice: number
  /** Settled in the base asset: all amounts, and those of the tiers, are in it. */
  readonly inverse?: boolean | undefined
  /** What stands behind it: the wallet of a cross account, or what is set aside for an isolated position. */
  readonly walletBalance: number
  readonly tiers: readonly Tier[]
  /** Of the other positions of the account, taken as unchanged. */
  readonly otherMaintenanceMargin: number
  readonly otherUnrealizedPnl: number
}

/**
 * The price at which the margin balance is the maintenance margin: margin ratio 100 %. The tier is the one that holds at that very price.
 * Null when no price above 0 does it: a long that is covered down to nothing, or a short that was lost before it began. `rate` and
 * `amount` are of the tier at the price; at the entry's when there is none.
 *
 * Where tiers do not meet (amounts that leave a jump) it is the first price that falls short, on the way from where the position gains.
 *
 * Source: Binance Futures, "How to calculate liquidation price of USDⓈ-M Futures contracts"; within one tier
 *   price = (wallet + other unrealised − other maintenance + amount − side × size × entry) / (size × rate − side × size);
 *   of an inverse contract the same holds of 1 / price with the side turned round.
 */
export function liquidationPrice(held: Held): { price: number | null; rate: number; amount: number } {
  const { size, entryPrice, inverse = false, tiers } = held
  const { walletBalance, otherUnrealizedPnl, otherMaintenanceMargin } = held
  const long = (held.side === 'long') !== inverse
  const entry = inverse ? 1 / entryPrice : entryPrice
  const leg: Leg = { sign: long ? 1 : -1, size, entryPrice: entry, tiers }
  const found: Shortfall | undefined = shortfall([leg], {
    behind: walletBalance + otherUnrealizedPnl - otherMaintenanceMargin,
    ...(long ? { from: Number.POSITIVE_INFINITY, way: 'down' } : { from: 0, way: 'up' }),
  })
  const { rate, amount } = tierAt(tiers, size * (found?.within ?? entry))
  if (found === undefined) return { price: null, rate, amount }
  return { price: inverse ? 1 / found.price : found.price, rate, amount }
}
