// The sizing rules by name. A new one is a file beside this and one line in the list.
import { namedIn } from '../../schemas/errors.ts'
import { parseObject } from '../strategies/parameters.ts'
import { fixed } from './fixed.ts'
import { fixedFractional } from './fixed-fractional.ts'
import { type Sizing, type SizingRule, sizingOf } from './sizing.ts'

export { fixedFractionalSize } from './fixed-fractional.ts'
export { lotsWithin, ticksWithin } from './rounding.ts'
export type { CancelWish, OrderWish, Refusal, Sizing, SizingRule, SizingView, Wish } from './sizing.ts'

export const sizingRules: readonly SizingRule[] = [fixed, fixedFractional]

/**
 * The rule of a config such as `{ name: 'fixed-fractional', risk: 0.02 }`.
 * @throws SmartspeedError UNKNOWN_NAME with the nearest rule, CONFIG_INVALID for its parameters
 */
export function createSizing({ name, ...params }: { readonly name: string; readonly [key: string]: unknown }): Sizing {
  const rule = namedIn(sizingRules, { kind: 'sizing rule', name, at: ['sizing', 'name'] })
  return sizingOf(rule.create(parseObject(rule.parameters, params, `sizing ${name}`, ['sizing'])))
}
