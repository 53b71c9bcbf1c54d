// Where what is behind the positions of one instrument comes down to what they have to be covered by.
import { type Tier, tierAt } from './tiers.ts'

/** What one price moves: worth sign × size × (price − entry), and covered as its tiers say. Collateral is a long from 0 that needs no cover. */
export interface Leg {
  readonly sign: 1 | -1
  /** Units of the base asset, above 0. */
  readonly size: number
  readonly entryPrice: number
  /** None: nothing has to be covered. */
  readonly tiers: readonly Tier[]
}

/** A price, and one beside it on its way in whose tiers it was found. */
export interface Shortfall {
  readonly price: number
  readonly within: number
}

/**
 * The first price from `from` on, down or up, at which `behind` + the worth of the legs is no more than their maintenance margin;
 * undefined when no price above 0 is. `from` may be 0 going up, and Infinity going down.
 *
 * Between two borders of tiers that surplus is a straight line: each piece is looked at in turn.
 */
export function shortfall(
  legs: readonly Leg[],
  { behind, from, way }: { readonly behind: number; readonly from: number; readonly way: 'down' | 'up' },
): Shortfall | undefined {
  const down = way === 'down'
  const borders = legs
    .flatMap(({ size, tiers }) => tiers.map(({ floor }) => floor / size))
    .filter((price) => price > 0 && (down ? price < from : price > from))
    .sort((a, b) => (down ? b - a : a - b))
  let near = from
  for (const far of [...borders, down ? 0 : Number.POSITIVE_INFINITY]) {
    if (far === near) continue
    const within = between(Math.min(near, far), Math.max(near, far))
    const { slope, level } = lineAt(legs, within, behind)
    if (surplus(slope, level, near) <= 0)
      return near > 0 && near < Number.POSITIVE_INFINITY ? { price: near, within } : undefined
    const end = surplus(slope, level, far)
    // A price of 0 is none.
    if (far === 0 ? end < 0 : end <= 0) {
      const price = clamp(-level / slope, Math.min(near, far), Math.max(near, far))
      return { price, within }
    }
    near = far
  }
  return undefined
}

/** The surplus as slope × price + level, in the tiers that hold at a price. */
function lineAt(legs: readonly Leg[], price: number, behind: number): { slope: number; level: number } {
  let slope = 0
  let level = behind
  for (const { sign, size, entryPrice, tiers } of legs) {
    const { rate, amount } = tiers.length === 0 ? free : tierAt(tiers, size * price)
    slope += size * (sign - rate)
    level += amount - sign * size * entryPrice
  }
  return { slope, level }
}

const free = { rate: 0, amount: 0 }

function surplus(slope: number, level: number, price: number): number {
  return slope === 0 ? level : level + slope * price
}

function between(low: number, high: number): number {
  if (high < Number.POSITIVE_INFINITY) return (low + high) / 2
  return low === 0 ? 1 : low * 2
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
