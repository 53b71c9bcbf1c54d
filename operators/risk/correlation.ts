// Layer 6: two positions that move as one are one position too large.
import { z } from 'zod'
import { allow, defineCheck, refuse } from './check.ts'
import { correlationOf, notWarm } from './unknown.ts'
import type { RiskView } from './view.ts'

const config = z.strictObject({
  most: z
    .number()
    .min(0)
    .max(1)
    .default(0.7)
    .describe(
      'largest correlation of returns with an instrument that is held the same way; held the other way it counts with its sign turned; S0 §8 and S2 §5.2.4: 0.7',
    ),
})

/** Over the window of `prices`, with every instrument that is held or may come by open orders. What only takes from a position passes. */
export const correlation = defineCheck({
  name: 'correlation',
  config,
  create({ most }) {
    // What follows from prices and positions, kept until one of them changes: made anew after a restart it is the same.
    let rows: (Float64Array | undefined)[] = []
    let highest: (Found | undefined)[] = []
    let version = -1
    let sides = -1
    const found = (view: RiskView, index: number, side: number): Found => {
      const now = view.prices?.version ?? 0
      if (version !== now || sides !== view.sidesVersion) {
        if (version !== now) rows = []
        version = now
        sides = view.sidesVersion
        highest = []
      }
      const place = index * 2 + (side > 0 ? 1 : 0)
      highest[place] ??= search(view, index, side)
      return highest[place]!
    }
    /** The instrument that moves most with a position of that side, among those held. */
    const search = (view: RiskView, index: number, side: number): Found => {
      rows[index] ??= Float64Array.from(view.sides, (_, other) => correlationOf(view, index, other))
      const row = rows[index]!
      const best = { value: 0, other: index }
      for (let other = 0; other < row.length; other++) {
        if (view.sides[other] === 0 || other === index) continue
        const value = row[other]! * view.sides[other]! * side
        // `!(<=)` so that one that is not known is the highest.
        if (!(value <= best.value)) Object.assign(best, { value, other })
        if (Number.isNaN(value)) return best
      }
      return best
    }
    return {
      check(view) {
        if (view.reduces) return allow(0, most)
        const { value, other } = found(view, view.wish.instrument.index, view.wish.side === 'buy' ? 1 : -1)
        if (value <= most) return allow(value, most)
        if (Number.isNaN(value)) return notWarm(view, most)
        const { symbol } = view.markets[other]!.instrument
        const detail = `it moves with ${symbol}, which is held the same way: ${Math.round(value * 100) / 100}`
        return refuse(value, most, 'CORRELATED', detail)
      },
    }
  },
})

interface Found {
  readonly value: number
  readonly other: number
}
