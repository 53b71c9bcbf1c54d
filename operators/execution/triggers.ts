// When an order that waits for a price becomes active, and how a trailing stop follows the market.

/** What an order waits for; plain numbers, to be saved. Prices in ticks. */
export interface Trigger {
  readonly by: 'mark' | 'last'
  /** True when a price at or above the level triggers, false when one at or below does. */
  readonly above: boolean
  /** The level; of a trailing stop NaN until it follows. */
  ticks: number
  /** How far a trailing stop stays behind, as a share; 0 for others. */
  readonly callback: number
  /** Price from which a trailing stop follows; NaN: from the first one. */
  readonly activation: number
  /** The best price since it follows; NaN before. */
  best: number
}

/** True when a price reaches the level. NaN reaches nothing. */
export function reaches({ above, ticks }: Trigger, price: number): boolean {
  return above ? price >= ticks : price <= ticks
}

/**
 * Lets a trailing stop follow a price: its level is `callback` behind the best price since its activation, rounded away from
 * the market to a whole tick. Other triggers stay where they are.
 */
export function follow(trigger: Trigger, price: number): void {
  const { callback, above, activation, best } = trigger
  if (callback === 0 || !(price > 0)) return
  if (Number.isNaN(best)) {
    const isActive = Number.isNaN(activation) || (above ? price <= activation : price >= activation)
    if (!isActive) return
  } else if (above ? price >= best : price <= best) return
  trigger.best = price
  // 1000 × (1 − 0.001) is 999, not 998.99…: what is a rounding error of the product is no tick.
  const level = price * (above ? 1 + callback : 1 - callback)
  trigger.ticks = above ? Math.ceil(level * (1 - 1e-12)) : Math.floor(level * (1 + 1e-12))
}
