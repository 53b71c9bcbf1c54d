// Named falls of the market as they were recorded, and what an account would have come to in them.
import { z } from 'zod'
import { parseObject } from '../strategies/parameters.ts'
import { type Exposure, profitAt } from './exposure.ts'
import recorded from './shocks.json' with { type: 'json' }

const price = z.number().positive()
const schema = z.strictObject({
  source: z.string().min(1).describe('where the prices are from'),
  shocks: z
    .array(
      z
        .strictObject({
          name: z.string().min(1),
          title: z.string(),
          first: z.string().describe('day'),
          last: z.string().describe('day'),
          others: z.string().describe('the asset whose moves all others take'),
          assets: z.record(z.string(), z.strictObject({ open: price, path: z.array(price).min(1) })),
        })
        .superRefine(({ assets, others }, context) => {
          const lengths = new Set(Object.values(assets).map(({ path }) => path.length))
          if (lengths.size > 1)
            context.addIssue({ code: 'custom', message: 'the paths of its assets differ in length' })
          if (!(others in assets))
            context.addIssue({ code: 'custom', message: `others = ${others} is none of its assets` })
        }),
    )
    .min(1),
})

export type Shocks = z.output<typeof schema>
export type Shock = Shocks['shocks'][number]

/** Shocks from JSON: ours when nothing is given. `whose` names the file. @throws SmartspeedError CONFIG_INVALID with the key and what is allowed */
export function readShocks(given: unknown = recorded, whose = 'shocks'): Shocks {
  return parseObject(schema, given as Record<string, unknown>, whose)
}

export interface ShockResult {
  readonly name: string
  readonly title: string
  /** Profit at the end of the path, in the settlement currency, if nothing was done. */
  readonly profit: number
  /** The least equity on the way, and at which point of the path, from 1. */
  readonly leastEquity: number
  readonly leastAt: number
  /** Equity was gone on the way: the account would have been closed out before. */
  readonly ruined: boolean
}

/** What an account with `equity` comes to when its positions go through a shock without being touched. */
export function shockResult(shock: Shock, equity: number, exposures: readonly Exposure[]): ShockResult {
  const steps = Object.values(shock.assets)[0]!.path.length
  let [least, leastAt, profit] = [equity, 0, 0]
  for (let step = 0; step < steps; step++) {
    profit = 0
    for (const one of exposures) {
      const { open, path } = shock.assets[one.base] ?? shock.assets[shock.others]!
      profit += profitAt(one, path[step]! / open)
    }
    if (equity + profit < least) [least, leastAt] = [equity + profit, step + 1]
  }
  const { name, title } = shock
  return { name, title, profit, leastEquity: least, leastAt, ruined: least <= 0 }
}
