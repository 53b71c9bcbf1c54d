import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseTopology } from '../../pipelines/config.ts'
import type { Plan } from '../../pipelines/plan.ts'
import { batchOf } from '../../schemas/batch.ts'
import type { Execution, Instrument, Order, Quote } from '../../schemas/records.generated.ts'
import { openEmbedded } from '../../topics/embedded/embedded.ts'
import type { Topics } from '../../topics/topics.ts'
import { scanCosts } from './scan-costs.ts'

let topics: Topics
let dir: string
const start = 1_700_000_000_000_000
const common = { exchange: 'x', symbol: 'AB' }
const instrument: Instrument = {
  ...{ ...common, time: 0, received: 0, type: 'perpetual', base: 'A', quote: 'B', settle: 'B', ccxtSymbol: 'A/B' },
  ...{
    tickSize: 0.5,
    lotSize: 0.01,
    minNotional: 0,
    contractSize: 1,
    inverse: false,
    status: 'trading',
    inferred: false,
  },
}
/** The middle is 100, then 102 from the second second on. */
const quotes: Quote[] = [0, 1, 2].map((second): Quote => {
  const bid = second < 1 ? 99 : 101
  const time = start + second * 1e6
  // Our clock is a second and a half behind the exchange's: only exchange times may count.
  return { ...common, time, received: time - 1_500_000, bid, bidSize: 5, ask: bid + 2, askSize: 5 }
})
const fill = (number: number, more: Partial<Execution>): Execution => ({
  ...{ ...common, time: start, received: start, account: 'main', number, clientId: String(number), strategy: 's' },
  ...{ kind: 'fill', lots: 300, tickSize: 0.5, lotSize: 0.01, fee: 7n, ...more },
})
const executions: Execution[] = [
  // Half a second in: takes at the ask of 101, one above the middle, three units.
  fill(1, { side: 'buy', ticks: 202, liquidity: 'taker', time: start + 500_000, received: start + 600_000 }),
  // Two seconds in: a resting sale at 103 beside a middle of 102; before the row of that very time.
  fill(2, { side: 'sell', ticks: 206, liquidity: 'maker', fee: -2n, time: start + 2e6, received: start + 2_100_000 }),
]
const order = (clientId: string, received: number, more: Partial<Order> = {}): Order => ({
  ...{ ...common, time: received, received, account: 'main', clientId, strategy: 's', signal: 1, kind: 'new' },
  ...{ side: 'buy', type: 'market', lots: 300, tickSize: 0.5, lotSize: 0.01, verdicts: [], ...more },
})
/** Decided on what we had received: the first quote, at 100, for both of them; the second is filled once the middle is 102. */
const orders: Order[] = [
  order('1', start - 1_000_000),
  order('2', start - 900_000, { side: 'sell', type: 'limit', ticks: 206 }),
]
const plan = (topic: string): Plan => ({
  topology: parseTopology({ strategy: { name: 'sma-cross' } }),
  ...{ exchange: 'x', symbols: ['AB'], instruments: [instrument], fill: 'book', interval: undefined },
  ...{ from: undefined, to: undefined, leadIn: undefined, inputs: [{ topic, ends: [99] }] },
})

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-costs-'))
  topics = await openEmbedded(dir)
  const market = await topics.writer({ run: 'import', market: true })
  await market.commit({ outputs: [batchOf('quotes', quotes)] })
  await market.close()
  const run = await topics.writer({ run: 'costs' })
  await run.commit({ outputs: [batchOf('orders', orders), batchOf('executions', executions)] })
  await run.close()
})
afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true, force: true })
})

test('M7: taking pays its distance from the middle, resting earns it, both by the exchange’s clock', async () => {
  expect(await scanCosts(topics, 'costs', plan('market.quotes'))).toEqual({
    ...{ taken: 1, rested: 1, takerFees: 7n, makerFees: -2n },
    ...{ takerSpread: 300_000_000n, makerSpread: -300_000_000n, latency: 0n, slippage: 0n },
    unknown: undefined,
  })
})

test('without bid and ask the distance is not known, and the reason is said', async () => {
  const costs = await scanCosts(topics, 'costs', plan('market.trades'))
  expect(costs).toMatchObject({ taken: 1, rested: 1, takerSpread: undefined, makerSpread: undefined })
  expect(costs.unknown).toContain('no bid and ask')
})

test('what the middle moved between the decision and the fill of an order that takes is the cost of latency', async () => {
  const run = await topics.writer({ run: 'late' })
  const late = [
    // Decided at a middle of 100 and filled at 102: two for each of three units.
    fill(1, { side: 'buy', ticks: 206, liquidity: 'taker', time: start + 1_500_000, received: start + 200_000 }),
    // Waited for a price: when it was decided says nothing of how long it took to arrive.
    fill(2, { side: 'sell', ticks: 202, liquidity: 'taker', time: start + 1_600_000, received: start + 300_000 }),
  ]
  const sent = [order('1', start - 1_000_000), order('2', start - 900_000, { side: 'sell', type: 'stop-market' })]
  await run.commit({ outputs: [batchOf('orders', sent), batchOf('executions', late)] })
  await run.close()
  expect(await scanCosts(topics, 'late', plan('market.quotes'))).toMatchObject({
    ...{ takerSpread: 600_000_000n, latency: 600_000_000n, unknown: undefined },
  })
})

describe('what the venue was told to add', () => {
  const told = (topic: string): Plan => {
    const topology = parseTopology({ strategy: { name: 'sma-cross' }, venue: { slippage: { ticks: 1 } } })
    return { ...plan(topic), topology }
  }
  beforeAll(async () => {
    const run = await topics.writer({ run: 'slipped' })
    const fills = [
      // A tick of half a unit more than the ask, for each of three units.
      fill(1, { side: 'buy', ticks: 203, liquidity: 'taker', slippageTicks: 1, time: start + 500_000 }),
      fill(2, { side: 'sell', ticks: 197, liquidity: 'taker', slippageTicks: 1, time: start + 600_000 }),
      fill(3, { side: 'sell', ticks: 202, liquidity: 'maker', time: start + 700_000 }),
    ]
    await run.commit({ outputs: [batchOf('executions', fills)] })
    await run.close()
  })

  test('is known without bid and ask', async () => {
    const costs = await scanCosts(topics, 'slipped', told('market.candles'))
    expect(costs).toMatchObject({ slippage: 300_000_000n, takerSpread: undefined, latency: undefined })
  })

  test('is no part of the spread where that is known', async () => {
    const costs = await scanCosts(topics, 'slipped', told('market.quotes'))
    expect(costs).toMatchObject({ slippage: 300_000_000n, takerSpread: 600_000_000n, makerSpread: -300_000_000n })
  })

  test('is not known of a run whose fills do not tell it', async () => {
    const costs = await scanCosts(topics, 'costs', told('market.quotes'))
    expect(costs.slippage).toBe(undefined)
    expect(costs.takerSpread).toBe(300_000_000n)
    expect(costs.unknown).toBe('its fills do not tell what of it was slippage: run it again with this version')
  })
})
