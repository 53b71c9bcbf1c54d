// Brackets as exchanges answer them, and the tiers of a symbol that they are.
import { z } from 'zod'
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import { maxLeverage, type Tier, tiersSchema } from './tiers.ts'

/** One of an answer: bounds in the quote asset, or in coins, whose floor the documentation of COIN-M spells in two ways. */
const bracket = z
  .object({
    bracket: z.int().min(1).optional(),
    initialLeverage: z.number().min(1).max(maxLeverage).describe('highest leverage of a position in this bracket'),
    notionalFloor: z.number().min(0).optional(),
    notionalCap: z.number().positive().optional(),
    qtyFloor: z.number().min(0).optional(),
    qtylFloor: z.number().min(0).optional(),
    qtyCap: z.number().positive().optional(),
    maintMarginRatio: z.number().min(0).lt(1),
    cum: z.number().min(0).default(0).describe('taken off notional × maintMarginRatio'),
  })
  .refine(({ notionalCap, qtyCap }) => (notionalCap === undefined) !== (qtyCap === undefined), {
    message: 'a bracket has either notionalCap or qtyCap',
  })

/**
 * An answer of Binance's GET /fapi/v1/leverageBracket (USDⓈ-M) or /dapi/v2/leverageBracket (COIN-M), as it is. The symbol `*` is any that
 * is not named. Other fields of an answer are passed over.
 */
export const bracketsSchema = z.array(z.object({ symbol: z.string().min(1), brackets: z.array(bracket).min(1) })).min(1)

export type BracketsInput = z.input<typeof bracketsSchema>
export type Brackets = z.output<typeof bracketsSchema>

/**
 * The tiers of a symbol, from the lowest on.
 * @throws SmartspeedError CONFIG_INVALID for a symbol that has none, and for brackets that overlap or leave a hole; `where` is said before it
 */
export function tiersOf(brackets: Brackets, symbol: string, where = ''): readonly Tier[] {
  const found = brackets.find((one) => one.symbol === symbol) ?? brackets.find((one) => one.symbol === '*')
  if (found === undefined) {
    const names = brackets.map((one) => one.symbol)
    const near = nearest(symbol, names)
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `${where}there are no brackets of ${symbol}; there are: ${names.slice(0, 12).join(', ')}`,
      {
        fix: `add those of ${symbol}, or of "*" for all others${near === undefined ? '' : `; the nearest name is ${near}`}`,
        at: ['venue', 'margin', 'brackets'],
      },
    )
  }
  const tiers = found.brackets
    .map((one) => ({
      floor: one.notionalFloor ?? one.qtyFloor ?? one.qtylFloor ?? 0,
      cap: one.notionalCap ?? one.qtyCap,
      rate: one.maintMarginRatio,
      amount: one.cum,
      leverage: one.initialLeverage,
    }))
    .sort((a, b) => a.floor - b.floor)
  const checked = tiersSchema.safeParse(tiers)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  throw new SmartspeedError('CONFIG_INVALID', `${where}brackets of ${found.symbol}: ${issue!.message}`, {
    fix: 'take them as the exchange answers them: each begins where the one before it ends',
    at: ['venue', 'margin', 'brackets'],
  })
}
