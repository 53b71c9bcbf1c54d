import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { feeSchedules } from '../operators/execution/fee-schedules.ts'
import { fillModels } from '../operators/execution/fills/index.ts'
import { networkDefaults } from '../operators/execution/latency/network.ts'
import { profiles } from '../operators/execution/latency/profiles.ts'
import { spikeDefaults } from '../operators/execution/latency/spikes.ts'
import { binanceLimits } from '../operators/execution/limits/binance.ts'
import { queueModels } from '../operators/execution/queue/index.ts'
import { slippages } from '../operators/execution/slippage/index.ts'

const page = readFileSync(join(import.meta.dirname, 'fills.md'), 'utf8')

test('docs/fills.md names every model and place that there is', () => {
  for (const name of [...fillModels, ...queueModels, ...slippages, ...Object.keys(profiles)])
    expect(page, name).toContain(`\`${name}\``)
})

test('docs/fills.md says the defaults and figures that the code has', () => {
  const { jitterMs, spikeProbability, spikeMultiplier, leastMs } = spikeDefaults
  expect(page).toContain(`deviation \`jitterMs\` (${jitterMs}), at least \`leastMs\` (${leastMs})`)
  expect(page).toContain(`\`spikeProbability\` (${spikeProbability}) \`spikeMultiplier\` (${spikeMultiplier})`)
  const { jitter, packetLoss, resendMs, congestion, peakHours, routing } = networkDefaults
  expect(page).toContain(
    `± \`jitter\` (${jitter * 100} %), × \`congestion\` (${congestion}) in \`peakHours\` ([${peakHours.join(', ')}) UTC), × \`routing\` (${routing})`,
  )
  expect(page).toContain(
    `a share \`packetLoss\` (${packetLoss}) is lost and sent again after a round trip and \`resendMs\` (${resendMs})`,
  )
  const { binance, okx, bybit, htx, kraken, coinbase } = profiles['hong-kong'].ms
  expect(page).toContain(
    `Binance ${binance}, OKX ${okx}, Bybit ${bybit}, HTX ${htx}, Kraken ${kraken}, Coinbase ${coinbase}`,
  )
  const limits = Object.values(binanceLimits).flatMap((list) =>
    list.flatMap(({ orders, weight }) => [...orders, ...weight]),
  )
  for (const { limit } of limits) expect(page).toContain(limit.toLocaleString('en'))
  for (const { seen } of feeSchedules['binance-usdm']!.slice(1)) expect(page).toContain(seen)
})
