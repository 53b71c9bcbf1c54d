// Tiers of maintenance margin: what an exchange calls brackets. The larger a position, the more of it has to be covered.
import { z } from 'zod'
import { SmartspeedError } from '../../schemas/errors.ts'

/**
 * One tier: holds for a notional above `floor` and up to `cap`, in the settlement currency. `amount` is what is taken off notional × rate,
 * so that the margin does not jump from one tier to the next.
 */
export interface Tier {
  readonly floor: number
  /** Undefined: without end. */
  readonly cap?: number | undefined
  /** Of the notional, in [0, 1). */
  readonly rate: number
  readonly amount: number
  /** The highest that a position of this tier may be opened with; undefined: any. */
  readonly leverage?: number | undefined
}

/** What any exchange allows at most. */
export const maxLeverage = 125

const tier = z.strictObject({
  floor: z.number().min(0),
  cap: z
    .number()
    .positive()
    .nullish()
    .transform((cap) => cap ?? undefined),
  rate: z.number().min(0).lt(1),
  amount: z.number().min(0).default(0),
  leverage: z.number().min(1).max(maxLeverage).optional(),
})

/** Tiers as an exchange or a user gives them, from the lowest on. */
export const tiersSchema = z
  .array(tier)
  .min(1)
  .describe('[{floor, cap, rate, amount, leverage}] from the lowest on; a cap that is null or left out has no end')
  .superRefine((tiers, context) => {
    for (const [i, { floor, cap }] of tiers.entries()) {
      const before = tiers[i - 1]
      if (before !== undefined && floor !== before.cap) {
        const message = `tier ${i} begins at ${floor}, and the one before it ends at ${before.cap ?? 'no end'}: they have to be the same`
        context.addIssue({ code: 'custom', path: [i, 'floor'], message })
      } else if (cap !== undefined && cap <= floor) {
        context.addIssue({
          code: 'custom',
          path: [i, 'cap'],
          message: `tier ${i} ends at ${cap}, not above its floor ${floor}`,
        })
      }
      const { rate, leverage } = tiers[i]!
      if (leverage !== undefined && rate * leverage >= 1) {
        const message = `tier ${i} asks for ${rate} to be kept, which is no less than the 1 / ${leverage} that it is opened with`
        context.addIssue({ code: 'custom', path: [i, 'rate'], message })
      }
    }
  })

/**
 * The tier that holds at a notional ≥ 0: the first one whose cap is not below it; the last one also beyond its cap, for a price may carry
 * a position where no order could.
 */
export function tierAt(tiers: readonly Tier[], notional: number): Tier {
  const found = tiers.find(({ cap }) => cap === undefined || notional <= cap) ?? tiers.at(-1)
  if (found === undefined) throw new SmartspeedError('CONFIG_INVALID', 'there are no tiers: at least one is needed')
  return found
}

/**
 * What a position of a notional ≥ 0 has to be covered by: notional × rate − amount of its tier, in the settlement currency.
 *
 * Source: Binance Futures, "Leverage and Margin of USDⓈ-M Futures", maintenance margin = notional × maintenance margin rate − maintenance amount.
 */
export function maintenanceMargin(
  notional: number,
  tiers: readonly Tier[],
): { readonly margin: number; readonly rate: number; readonly amount: number } {
  const { rate, amount } = tierAt(tiers, notional)
  return { margin: notional * rate - amount, rate, amount }
}

/** The leverage that a position of a notional is opened with: the one that was chosen, as far as its tier allows it. */
export function leverageAt(
  notional: number,
  { leverage, tiers }: { leverage: number; tiers: readonly Tier[] },
): number {
  return Math.min(leverage, tierAt(tiers, notional).leverage ?? leverage)
}

/**
 * What a position of a notional ≥ 0 is opened with: notional / leverage, in the settlement currency. Infinity beyond the last cap,
 * where no order is taken.
 *
 * Source: Binance Futures, "Leverage and Margin of USDⓈ-M Futures".
 */
export function initialMargin(notional: number, chosen: { leverage: number; tiers: readonly Tier[] }): number {
  if (notional > (chosen.tiers.at(-1)!.cap ?? Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY
  return notional / leverageAt(notional, chosen)
}
