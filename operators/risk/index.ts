// The risk checks, in the order in which they are asked. A new one is a file beside this and one line in the list.
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import { parseObject } from '../strategies/parameters.ts'
import { assetExposure } from './asset-exposure.ts'
import type { Check, RunningCheck } from './check.ts'
import { confidence } from './confidence.ts'
import { correlation } from './correlation.ts'
import { dailyLoss } from './daily-loss.ts'
import { drawdown } from './drawdown.ts'
import { emergency } from './emergency.ts'
import { fundingRate } from './funding-rate.ts'
import { funds } from './funds.ts'
import { hourlyLoss } from './hourly-loss.ts'
import { instrument } from './instrument.ts'
import { leverage } from './leverage.ts'
import { liquidity } from './liquidity.ts'
import { losingStreak } from './losing-streak.ts'
import { maxPositions } from './max-positions.ts'
import { orderRate } from './order-rate.ts'
import { positionSize } from './position-size.ts'
import { type PricesConfig, pricesConfig } from './prices.ts'
import { Risk } from './risk.ts'
import { slippage } from './slippage.ts'
import { staleData } from './stale-data.ts'
import { totalExposure } from './total-exposure.ts'
import { tradeRisk } from './trade-risk.ts'
import { valueAtRisk } from './value-at-risk.ts'
import type { RiskContext } from './view.ts'
import { volatility } from './volatility.ts'
import { weeklyLoss } from './weekly-loss.ts'

export type { Check, RunningCheck, Verdict } from './check.ts'
export { type HaltLevel, haltLevels } from './emergency.ts'
export { MarketFacts } from './market-facts.ts'
export { PriceHistory } from './prices.ts'
export { type Decision, Risk } from './risk.ts'
export type { RiskContext, RiskView } from './view.ts'

/** Cheap and final ones first: what is halted, what no exchange would take, what rests on nothing, what cannot be paid. Numbers are the layers of S3 §2.3. */
export const checks: readonly Check[] = [
  emergency, // 7
  instrument,
  staleData,
  funds,
  confidence,
  positionSize, // 1
  tradeRisk,
  totalExposure, // 2
  assetExposure,
  leverage,
  maxPositions,
  orderRate,
  valueAtRisk, // 3
  drawdown, // 4
  hourlyLoss,
  dailyLoss,
  weeklyLoss,
  losingStreak,
  volatility, // 5
  correlation, // 6
  liquidity,
  fundingRate,
  slippage,
]

/** The section of a config that is no check: what is remembered of prices. */
const prices = 'prices'
/** Checks that look at prices of the past, and at what was traded and funded. */
const needPrices: readonly string[] = [valueAtRisk.name, volatility.name, correlation.name]
const needFacts: readonly string[] = [liquidity.name, fundingRate.name]

/** `off`: only what an order makes no sense without. `default`: every check with its defaults. Or limits by check; `false` leaves one out. */
export type RiskConfig = 'off' | 'default' | Readonly<Record<string, unknown>>

/**
 * The checks of a config, in order, with their limits.
 * @throws SmartspeedError CONFIG_INVALID naming the check or the limit, the value seen, what is allowed, and the nearest name
 */
export function createRisk(config: RiskConfig, context: RiskContext): Risk {
  return new Risk(runningChecks(config), { ...context, unknown: pricesOf(config).unknown })
}

/** What a task has to remember of its market for the checks of a config; `sized`: a sizing rule looks at prices, too. @throws SmartspeedError as `createRisk` */
export function memoryOf(config: RiskConfig, sized = false): { prices: PricesConfig | undefined; facts: boolean } {
  const names = runningChecks(config).map(({ name }) => name)
  return {
    prices: sized || names.some((name) => needPrices.includes(name)) ? pricesOf(config) : undefined,
    facts: names.some((name) => needFacts.includes(name)),
  }
}

/** As `createRisk`, without an account: for validating a config before anything starts. */
export function runningChecks(config: RiskConfig): { name: string; silent: boolean; running: RunningCheck }[] {
  const limits = typeof config === 'string' ? {} : config
  const names = [...checks.map((check) => check.name), prices]
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
  pricesOf(config)
  return checks.flatMap((check) => {
    const given = limits[check.name] ?? {}
    const left = config === 'off' || given === false
    if (left && check.always === undefined) return []
    const running = check.create(limitsOf(check, given))
    return [{ name: check.name, silent: check.silent === true, running }]
  })
}

function pricesOf(config: RiskConfig): PricesConfig {
  const given = typeof config === 'string' ? {} : (config[prices] ?? {})
  return limitsOf({ name: prices, always: true, config: pricesConfig }, given) as PricesConfig
}

function limitsOf(check: Pick<Check, 'name' | 'always' | 'config'>, given: unknown): unknown {
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
