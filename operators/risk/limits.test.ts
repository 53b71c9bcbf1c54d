// Every limit that the documents name has its key: a check, or a section, of the config, with that default beside it in words.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { flashCrashConfig } from '../flash-crash/config.ts'
import { riskProfiles } from '../regime/profiles.ts'
import { checks } from './index.ts'

/** Section, limit, value there, key here. */
const named: readonly (readonly [section: string, limit: string, value: number, key: string])[] = [
  ['S0 §8', 'max_position_usd', 10_000, 'position-size.value'],
  ['S0 §8', 'max_position_pct', 0.1, 'position-size.share'],
  ['S0 §8', 'max_daily_loss', 0.05, 'daily-loss.share'],
  ['S0 §8', 'max_hourly_loss', 0.02, 'hourly-loss.share'],
  ['S0 §8', 'max_correlation', 0.7, 'correlation.most'],
  ['S0 §8', 'min_liquidity', 100_000, 'liquidity.dollars'],
  ['S0 §8', 'max_slippage', 0.005, 'slippage.share'],
  ['S0 §8', 'max_leverage', 3, 'leverage.times'],
  ['S0 §8', 'funding_rate_limit', 0.01, 'funding-rate.share'],
  ['S2 §5.2.4', 'max_position_size', 0.02, 'position-size.share'],
  ['S2 §5.2.4', 'max_leverage', 20, 'leverage.times'],
  ['S2 §5.2.4', 'max_daily_loss', 0.05, 'daily-loss.share'],
  ['S2 §5.2.4', 'max_drawdown', 0.15, 'drawdown.share'],
  ['S2 §5.2.4', 'max_correlation', 0.7, 'correlation.most'],
  ['S2 §5.2.4', 'max_concentration', 0.3, 'asset-exposure.share'],
  ['S2 §5.2.4', 'min_confidence', 0.6, 'confidence.least'],
  ['S2 §5.2.4', 'volatility_cap', 0.05, 'volatility.cap'],
  ['S3 §4.3', 'max_position_size', 0.1, 'position-size.share'],
  ['S3 §4.3', 'max_total_exposure', 0.8, 'total-exposure.share'],
  ['S3 §4.3', 'max_single_asset_exposure', 0.2, 'asset-exposure.share'],
  ['S3 §4.3', 'max_daily_var', 0.05, 'value-at-risk.share'],
  ['S3 §4.3', 'max_drawdown', 0.15, 'drawdown.share'],
  ['S3 §4.3', 'max_leverage', 3, 'leverage.times'],
  ['S3 §4.3', 'max_daily_trades', 100, 'order-rate.perDay'],
  ['S3 §4.3', 'max_loss_per_trade', 0.02, 'trade-risk.share'],
  ['S3 §4.3', 'max_consecutive_losses', 5, 'losing-streak.count'],
  ['S4 §3.5.2', 'max_leverage', 20, 'leverage.times'],
  ['S4 §3.5.2', 'max_position_notional', 100_000, 'position-size.value'],
  ['S4 §3.5.2', 'max_daily_loss', 0.02, 'daily-loss.share'],
  ['S4 §3.5.2', 'max_drawdown', 0.2, 'drawdown.share'],
  ['S4 §3.5.2', 'drawdown_reduction_threshold', 0.1, 'drawdown.scaleFrom'],
]

interface Key {
  readonly default?: number
  readonly description?: string
}

const keys = new Map<string, Key>(
  checks.flatMap(({ name, config }) => {
    const { properties = {} } = z.toJSONSchema(config, { io: 'input' })
    return Object.entries(properties as Record<string, Key>).map(([key, said]) => [`${name}.${key}`, said] as const)
  }),
)

test.each(named)('%s %s = %d is %s, which says so', (section, _limit, value, key) => {
  const { default: is, description = '' } = keys.get(key)!
  expect(is).toBeTypeOf('number')
  expect(description).toContain(section.split(' ')[0])
  const said = [...description.matchAll(/[\d,]*\d(?:\.\d+)?/g)].map(([text]) => Number(text.replaceAll(',', '')))
  expect([...said, is]).toContain(value)
})

test('the flash-crash threshold of S0 §8 is the worst of the longest window; its cascade is 0.7', () => {
  const config = flashCrashConfig.parse({})
  expect(config['15m'].extreme).toBe(0.15)
  expect(config.cascade).toBe(0.7)
  expect(Object.keys(config).slice(0, 4)).toEqual(['30s', '1m', '5m', '15m'])
})

test('the profiles are those of S3 §4.2', () => {
  const rows = Object.values(riskProfiles).map(({ regime, position, stop, risk, positions }) => [
    regime,
    position,
    stop,
    risk,
    positions,
  ])
  expect(rows).toEqual([
    ['NORMAL', 1, 1, 0.02, 10],
    ['VOLATILE', 0.5, 1.5, 0.01, 5],
    ['TRENDING', 1.2, 0.8, 0.025, 12],
    ['CRASH', 0.2, 2, 0.005, 2],
    ['BULL_RUN', 1.5, 0.7, 0.03, 15],
    ['RECOVERY', 0.7, 1.3, 0.015, 6],
  ])
})
