// The sizing rules by name. A new one is a file beside this and one line in the list.
import { namedIn, SmartspeedError } from '../../schemas/errors.ts'
import { parseObject } from '../strategies/parameters.ts'
import { atr } from './atr-size.ts'
import { confidence } from './confidence.ts'
import { correlation } from './correlation.ts'
import { equityShare } from './equity-share.ts'
import { fixed } from './fixed.ts'
import { fixedFractional } from './fixed-fractional.ts'
import { kelly } from './kelly.ts'
import { type Sizing, type SizingContext, type SizingRule, sizingOf } from './sizing.ts'
import { volatilityTarget } from './volatility-target.ts'

export { fixedFractionalSize } from './fixed-fractional.ts'
export { lotsWithin, ticksWithin, triggerWithin } from './rounding.ts'
export type {
  AmendWish,
  CancelAllWish,
  CancelWish,
  OrderWish,
  Refusal,
  Sizing,
  SizingContext,
  SizingRule,
  SizingView,
  Wish,
} from './sizing.ts'

export const sizingRules: readonly SizingRule[] = [
  fixed,
  fixedFractional,
  equityShare,
  kelly,
  atr,
  volatilityTarget,
  confidence,
  correlation,
]

/** A rule by its name, with its parameters beside it. */
export interface RuleConfig {
  readonly name: string
  readonly [parameter: string]: unknown
}

export type SizingConfig = RuleConfig | readonly RuleConfig[]

interface ChosenRule {
  readonly rule: SizingRule
  readonly params: unknown
  readonly at: readonly string[]
}

/**
 * The rules of a config such as `{ name: 'fixed-fractional', risk: 0.02 }`, or of a list of them, with their parameters.
 * @throws SmartspeedError UNKNOWN_NAME with the nearest rule; CONFIG_INVALID for its parameters, and for no rule at all
 */
export function rulesOf(config: SizingConfig): ChosenRule[] {
  const isList = Array.isArray(config)
  const configs = (isList ? config : [config]) as readonly RuleConfig[]
  if (configs.length === 0) {
    throw new SmartspeedError('CONFIG_INVALID', 'sizing = []: at least one rule is needed', {
      fix: 'leave sizing out, or write sizing: {name: fixed}',
      at: ['sizing'],
    })
  }
  return configs.map(({ name, ...params }, number) => {
    const at = isList ? ['sizing', String(number)] : ['sizing']
    const rule = namedIn(sizingRules, { kind: 'sizing rule', name, at: [...at, 'name'] })
    return { rule, params: parseObject(rule.parameters, params, `sizing ${name}`, at), at }
  })
}

/** The rules of a config at work: see `sizingOf`. @throws SmartspeedError as `rulesOf`; CONFIG_INVALID where the run has no bars that a rule needs */
export function createSizing(config: SizingConfig, context: SizingContext): Sizing {
  return sizingOf(
    rulesOf(config).map((chosen) => {
      refuseWithoutBars(chosen, context)
      const { rule, params } = chosen
      return { scales: rule.scales === true, running: rule.create(params, context) }
    }),
  )
}

function refuseWithoutBars({ rule: { name, needs }, at }: ChosenRule, { barUs }: SizingContext): void {
  const isMet =
    needs === undefined ||
    needs === 'prices' ||
    (needs === 'bars' ? barUs !== undefined : barUs !== undefined && barUs > 0)
  if (isMet) return
  const seen = barUs === undefined ? 'none' : 'bars that are not cut by time'
  throw new SmartspeedError('CONFIG_INVALID', `sizing ${name} needs ${needs}, and the run has ${seen}`, {
    fix: 'say how bars are cut: interval: 1m',
    at: [...at, 'name'],
  })
}
