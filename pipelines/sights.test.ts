// What a strategy did not say that it looks at, it does not see: alone or beside one that did.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Desk } from '../operators/desk.ts'
import { perpetual } from '../operators/portfolio/samples.ts'
import { defineStrategy, type Strategy } from '../operators/strategies/strategy.ts'
import { batchOf } from '../schemas/batch.ts'
import type { Candle } from '../schemas/records.generated.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { backtest } from './backtest.ts'
import { parseTopology } from './config.ts'
import { seatOf } from './seats.ts'

const minute = 60_000_000
const market = { exchange: 'x', symbol: 'ABC' }
const dir = mkdtempSync(join(tmpdir(), 'smartspeed-sights-'))
let topics: Topics

beforeAll(async () => {
  topics = await openTopics({ dir })
  const candles = Array.from({ length: 40 }, (_, number): Candle => {
    const [openTime, close] = [number * minute, 1000 + ((number * 53) % 97)]
    const time = openTime + minute
    const prices = { open: close, close, high: close + 3, low: close - 3, volume: 10 }
    return { ...market, time, received: time, openTime, interval: '1m', ...prices }
  })
  const writer = await topics.writer({ run: 'import', market: true })
  await writer.commit({ outputs: [batchOf('instruments', [perpetual(market)]), batchOf('candles', candles)] })
  await writer.close()
})

afterAll(async () => {
  await topics?.close()
  rmSync(dir, { recursive: true, force: true })
})

type Says = Pick<Strategy, 'features' | 'regimes' | 'intervals'>

/** A strategy that says some of what it looks at. */
function looking(name: string, look: (desk: Desk) => unknown, says: Says = {}): Strategy {
  return defineStrategy({
    ...{ name, summary: 'looks', parameters: z.strictObject({ longer: z.string().default('15m') }), needs: 'bars' },
    ...says,
    warmup: () => 0,
    create: (_params, desk) => ({
      bar: () => void look(desk),
      save: () => new Uint8Array(0),
      load: () => {},
    }),
  }) as Strategy
}

let runs = 0

/** One run of them all, each with an account of its own. */
function run(strategies: readonly Strategy[], params: Record<string, unknown> = {}) {
  const topology = parseTopology({
    ...{ exchange: market.exchange, symbols: [market.symbol], risk: 'off' },
    strategies: strategies.map(({ name }) => ({ name, params, account: { name, cash: 1000 } })),
  })
  const seats = topology.strategies.map((one, at) => seatOf(one, { strategy: strategies[at]! }))
  const clock = { nowMs: () => 0 }
  return backtest({ ...{ topics, topology, seats, codeHash: 'code', clock }, name: `run${runs++}` })
}

const all = looking('all', () => {}, { features: true, regimes: true, intervals: () => ['15m'] })

test.each([
  ['feature', (desk: Desk) => desk.feature(0, 'rsi'), 'asks for features', 'features: true'],
  ['features', (desk: Desk) => desk.features(0), 'asks for features', 'features: true'],
  ['regime', (desk: Desk) => desk.regime(0, '1h'), 'asks for regimes', 'regimes: true'],
  ['lastBar', (desk: Desk) => desk.lastBar(0, '15m'), 'asks for bars of 15m', "intervals: () => ['15m']"],
])('%s without a word in the strategy is an error that says the word, in company too', async (_, look, said, word) => {
  const silent = looking('silent', look)
  for (const strategies of [[silent], [all, silent]]) {
    await expect(run(strategies)).rejects.toMatchObject({
      code: 'STRATEGY_FAILED',
      message: expect.stringContaining(`strategy silent ${said} and does not say so`),
      fix: expect.stringContaining(word),
    })
  }
})

test('what it says it sees', async () => {
  const look = (desk: Desk) => [desk.feature(0, 'rsi'), desk.features(0), desk.regime(0, '1h'), desk.lastBar(0, '15m')]
  const says = { features: true, regimes: true, intervals: () => ['15m'] }
  await expect(run([looking('says', look, says)])).resolves.toBeDefined()
})

test('an interval that cannot be read says whose it is, and of which parameter', async () => {
  const intervals = ({ longer }: Record<string, unknown>) => [longer as string]
  await expect(run([all, looking('longer', () => {}, { intervals })], { longer: 'banana' })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/strategy longer, parameter longer.*"banana"/),
  })
})
