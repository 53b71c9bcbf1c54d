// The mark price at which a linear position is liquidated.
import { type Tier, tierAt } from './tiers.ts'

export interface Held {
  readonly side: 'long' | 'short'
  /** Units of the base asset, above 0. */
  readonly size: number
  readonly entryPrice: number
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
 *   price = (wallet + other unrealised − other maintenance + amount − side × size × entry) / (size × rate − side × size).
 */
export function liquidationPrice(held: Held): { price: number | null; rate: number; amount: number } {
  const { side, size, entryPrice, tiers } = held
  const ordered = side === 'long' ? [...tiers].reverse() : tiers
  for (const [i, tier] of ordered.entries()) {
    const isOutermost = i === (side === 'long' ? 0 : ordered.length - 1)
    const low = tier.floor / size
    const high = isOutermost ? Number.POSITIVE_INFINITY : (tier.cap ?? Number.POSITIVE_INFINITY) / size
    const price = within(held, tier)
    if (side === 'long' ? price < low : price > high) continue
    const first = side === 'long' ? Math.min(price, high) : Math.max(price, low)
    if (!(first > 0)) break
    return { price: first, rate: tier.rate, amount: tier.amount }
  }
  const { rate, amount } = tierAt(tiers, size * entryPrice)
  return { price: null, rate, amount }
}

/** Where a tier, taken as if it held everywhere, has the margin ratio 100 %. */
function within(held: Held, { rate, amount }: Tier): number {
  const { side, size, entryPrice, walletBalance, otherMaintenanceMargin, otherUnrealizedPnl } = held
  const sign = side === 'long' ? 1 : -1
  const behind = walletBalance + otherUnrealizedPnl - otherMaintenanceMargin + amount
  return (behind - sign * size * entryPrice) / (size * rate - sign * size)
}
