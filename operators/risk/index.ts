// The risk checks, in the order in which they are asked. A new one is a file beside this and one line in the list.
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import { parseObject } from '../strategies/parameters.ts'
import type { Check, RunningCheck } from './check.ts'
import { dailyLoss } from './daily-loss.ts'
import { drawdown } from './drawdown.ts'
import { funds } from './funds.ts'
import { instrument } from './instrument.ts'
import { leverage } from './leverage.ts'
import { maxPositions } from './max-positions.ts'
import { orderRate } from './order-rate.ts'
import { positionSize } from './position-size.ts'
import { Risk } from './risk.ts'
import { staleData } from './stale-data.ts'
import { totalExposure } from './total-exposure.ts'
import type { RiskContext } from './view.ts'

export type { Check, RunningCheck, Verdict } from './check.ts'
export { type Decision, Risk } from './risk.ts'
export type { RiskContext, RiskView } from './view.ts'

/** Cheap and final ones first: what no exchange would take, what rests on nothing, what cannot be paid. */
export const checks: readonly Check[] = [
  instrument,
  staleData,
  funds,
  positionSize,
  totalExposure,
  leverage,
  maxPositions,
  orderRate,
  dailyLoss,
  drawdown,
]

/** `off`: only what an order makes no sense without. `default`: every check with its defaults. Or limits by check; `false` leaves one out. */
export type RiskConfig = 'off' | 'default' | Readonly<Record<string, unknown>>

/**
 * The checks of a config, in order, with their limits.
 * @throws SmartspeedError CONFIG_INVALID naming the check or the limit, the value seen, what is allowed, and the nearest name
 */
export function createRisk(config: RiskConfig, context: RiskContext): Risk {
  return new Risk(runningChecks(config), context)
}

/** As `createRisk`, without an account: for validating a config before anything starts. */
export function runningChecks(config: RiskConfig): { name: string; running: RunningCheck }[] {
  const limits = typeof config === 'string' ? {} : config
  const names = checks.map((check) => check.name)
  for (const key of Object.keys(limits)) {
    if (names.includes(key)) continue
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `risk: unknown check ${key} = ${JSON.stringify(limits[key])}; allowed: ${names.join(', ')}`,
      {
        fix: `did you mean "${nearest(key, names)}"?`,
        at: ['risk', key],
      },
    )
  }
  return checks.flatMap((check) => {
    const given = limits[check.name] ?? {}
    const left = config === 'off' || given === false
    if (left && check.always === undefined) return []
    return [{ name: check.name, running: check.create(limitsOf(check, given)) }]
  })
}

function limitsOf(check: Check, given: unknown): unknown {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given)
  if (isObject || (given === false && check.always === undefined)) {
    return parseObject(check.config, isObject ? { ...given } : {}, `risk ${check.name}`, ['risk', check.name])
  }
  throw new SmartspeedError(
    'CONFIG_INVALID',
    `risk: ${check.name} = ${JSON.stringify(given)}; allowed: ${check.always ? 'its limits; it cannot be left out' : 'its limits, or false'}`,
    { at: ['risk', check.name] },
  )
}
