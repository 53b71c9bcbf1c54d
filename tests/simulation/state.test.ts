// All state of the trading graph is in its save: a graph that is thrown away after every few rows, and made anew from what the
// one before saved, writes what one graph writes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { strategyOf } from '../../operators/strategies/index.ts'
import { parseTopology, type TopologyInput } from '../../pipelines/config.ts'
import { inputOptions, planOf } from '../../pipelines/plan.ts'
import { seatOf } from '../../pipelines/seats.ts'
import { createTrading } from '../../pipelines/trading.ts'
import { batchOf, rowsOf } from '../../schemas/batch.ts'
import { canonical } from '../../schemas/json.ts'
import type { Candle } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import { tickTopologies } from '../backtests.ts'
import { churn } from '../churn.ts'
import { lackOf, testWith } from '../data.ts'
import { importInto, simulateTo } from '../market.ts'
import { watcher } from '../watcher.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-state-'))
const symbols = ['BTCUSDT', 'ETHUSDT']
let topics: Topics

beforeAll(async () => {
  const files = symbols.map((symbol) => join(root, `${symbol}.gz`))
  // Impact is known from the third minute on.
  const minutes = [3.2, 0.7]
  for (const [i, symbol] of symbols.entries())
    await simulateTo(files[i]!, { seed: 60 + i, minutes: minutes[i]!, symbol })
  const dir = join(root, 'log')
  await importInto(dir, files, 'binance-usdm')
  topics = await openTopics({ dir })
  const writer = await topics.writer({ run: 'candles', market: true })
  await writer.commit({ outputs: [batchOf('candles', symbols.flatMap(candles))] })
  await writer.close()
})

afterAll(async () => {
  await topics?.close()
  rmSync(root, { recursive: true, force: true })
})

/** A day of minutes and an hour, as uneven as a ruler and a saw can make it. */
function candles(symbol: string): Candle[] {
  const start = Date.UTC(2025, 0, 2) * 1000
  return Array.from({ length: 1500 }, (_, i) => {
    const [open, close] = [1000 + ((i * 37) % 101), 1000 + ((i * 53) % 97)]
    const [openTime, time] = [start + i * 60e6, start + (i + 1) * 60e6]
    const prices = {
      open,
      close,
      high: Math.max(open, close) + 3,
      low: Math.min(open, close) - 3,
      volume: 10 + (i % 7),
    }
    return { time, received: time, exchange: 'binance-usdm', symbol, openTime, interval: '1m', ...prices }
  })
}

/** Rows of candles from one graph to the next: odd, as those of two symbols come in twos. */
const candlesBetween = lackOf('time') === undefined ? 7 : 47

/** Limits that are met, so that what checks remember matters. */
const risk = {
  ...{ 'order-rate': { perSecond: 3, perDay: 60 }, 'position-size': { share: 0.5 }, drawdown: { share: 0.0005 } },
  ...{ 'daily-loss': { share: 0.0004 }, leverage: { times: 2 }, 'stale-data': { maxAgeMs: 500 } },
}
/** So little may be lost that positions are liquidated now and then. */
const bracket = { initialLeverage: 125, notionalFloor: 0, notionalCap: 1e9, maintMarginRatio: 0.0079, cum: 0 }
const tight = [{ symbol: '*', brackets: [bracket] }]
const onCandles = { fast: 3, slow: 7, size: 2, mode: 'long-short' }

/** Of these a plain `npm test` runs what remembers most. */
const always: readonly string[] = [
  'market-maker on ticks',
  'anything on ticks under strict limits',
  'one that looks at features, regimes and longer bars on candles',
]

for (const [name, topology, strategy] of [
  ['market-maker on ticks', tickTopologies['market-maker'], strategyOf('market-maker')],
  ['sma-cross on ticks', tickTopologies['sma-cross'], strategyOf('sma-cross')],
  ['anything on ticks', { ...tickTopologies['market-maker'], risk: 'off', account: { cash: 5_000_000 } }, churn],
  [
    'anything on ticks under strict limits',
    { ...tickTopologies['market-maker'], risk, account: { cash: 50_000 } },
    churn,
  ],
  [
    'anything on ticks in a margin account that is liquidated now and then',
    {
      ...{ ...tickTopologies['market-maker'], risk: 'off', account: { cash: 20_000 } },
      venue: {
        ...tickTopologies['market-maker'].venue,
        margin: { mode: 'isolated', leverage: 125, brackets: tight },
      },
    },
    churn,
  ],
  [
    'anything on ticks at a venue that is late, dear, lossy and strict',
    {
      ...{ ...tickTopologies['market-maker'], risk: 'off', account: { cash: 5_000_000 } },
      venue: {
        ...{ latency: { profile: 'hong-kong', packetLoss: 0.1 }, queue: 'log', slippage: 'volume-based' },
        limits: { ordersPer10s: 60, weightPerMinute: 500 },
      },
    },
    churn,
  ],
  [
    'sma-cross on candles in a margin account',
    {
      ...{ strategy: { name: 'sma-cross', params: { fast: 3, slow: 7, size: 2, mode: 'long-short' } }, risk: 'off' },
      ...{ account: { cash: 700 }, venue: { fill: 'next-open', latency: 20, margin: { leverage: 10 } } },
    },
    strategyOf('sma-cross'),
  ],
  [
    'sma-cross on candles',
    {
      strategy: { name: 'sma-cross', params: onCandles },
      venue: { fill: 'next-open', latency: 20, slippage: 'square-root' },
    },
    strategyOf('sma-cross'),
  ],
  [
    'one that looks at features, regimes and longer bars on candles',
    {
      ...{ strategy: { name: 'watcher', params: { interval: '15m' } }, keep: ['features', 'regimes'] },
      ...{ regimeScaling: true, sizing: { name: 'fixed-fractional', risk: 'regime', stop: 0.05 } },
      venue: { fill: 'next-open' },
    },
    watcher,
  ],
  [
    'one that looks at features, regimes and longer bars on ticks',
    {
      ...{ strategy: { name: 'watcher', params: { interval: '5s' } }, interval: '1s', keep: ['features', 'regimes'] },
      regimeScaling: true,
    },
    watcher,
  ],
  [
    'mean-reversion on candles',
    {
      strategy: { name: 'mean-reversion', params: { bars: 10, entry: 1.4, stop: 0.01, maxBars: 6 } },
      venue: { fill: 'next-open' },
    },
    strategyOf('mean-reversion'),
  ],
  [
    'momentum-breakout on candles',
    {
      strategy: { name: 'momentum-breakout', params: { bars: 4, beyond: 0, volumeFactor: 1.1, trail: 0.03 } },
      venue: { fill: 'next-open' },
    },
    strategyOf('momentum-breakout'),
  ],
  [
    'scalper on ticks',
    {
      ...{ interval: '1s', venue: { latency: 5 } },
      strategy: {
        name: 'scalper',
        params: {
          ...{ everyMs: 100, patienceMs: 300, minVolume: 1, minConfidence: 0.6 },
          target: 0.0003,
          holdSeconds: 5,
        },
      },
    },
    strategyOf('scalper'),
  ],
  [
    'cross-arbitrage on ticks',
    {
      ...{
        strategy: { name: 'cross-arbitrage', params: { minSpread: -1, closeSpread: -1, pauseMs: 700 } },
        risk: 'off',
      },
      venue: { latency: 5 },
    },
    strategyOf('cross-arbitrage'),
  ],
  [
    'grid on candles',
    {
      strategy: { name: 'grid', params: { levels: 4, spacing: 0.01, mode: 'neutral', outside: 'recentre', size: 1 } },
      venue: { fill: 'next-open' },
    },
    strategyOf('grid'),
  ],
  [
    'pairs on bars of its own interval, made of candles',
    {
      strategy: {
        name: 'pairs',
        interval: '5m',
        params: { bars: 12, entry: 1, stop: 1.9, maxBars: 9, maxHalfLife: 30 },
      },
      venue: { fill: 'next-open' },
    },
    strategyOf('pairs'),
  ],
  [
    'sma-cross on bars of its own interval, cut from ticks',
    {
      ...{ interval: '1s', keep: ['bars'] },
      strategy: { name: 'sma-cross', interval: '2s', params: { fast: 3, slow: 8, size: 0.1 } },
    },
    strategyOf('sma-cross'),
  ],
  [
    'switcher on candles',
    {
      strategy: {
        name: 'switcher',
        params: {
          ...{ horizon: '1m', minHoldMs: 0, otherwise: 'mean-reversion' },
          regimes: { NORMAL: { name: 'sma-cross', params: onCandles } },
        },
      },
      venue: { fill: 'next-open', latency: 20 },
    },
    strategyOf('switcher'),
  ],
] as const)
  testWith(
    always.includes(name) ? [] : 'time',
    `${name}: saved and made anew after every so many rows, it writes the same`,
    async () => {
      const parsed = parseTopology({ ...topology, exchange: 'binance-usdm', symbols } as unknown as TopologyInput)
      const plan = await planOf(topics, parsed, [strategy])
      // Orders that walk deep: what they took has to be remembered.
      const wild = { every: 7, lots: 3000 }
      const [config] = parsed.strategies
      const seats = [
        seatOf(strategy === churn ? { ...config!, params: { ...wild, ...config!.params } } : config!, { strategy }),
      ]
      const written = async (maxRows: number, anew: boolean) => {
        let graph = createTrading({ plan, seats })
        const rows: string[] = []
        for await (const { merged } of replay(topics, { ...inputOptions(plan), maxRows })) {
          graph.step(merged)
          for (const batch of graph.take())
            for (const row of rowsOf(batch)) rows.push(canonical(batch.topic, row as never))
          if (!anew) continue
          const bytes = graph.save()
          graph = createTrading({ plan, seats })
          graph.load(bytes)
        }
        return { rows: rows.sort(), summary: graph.summary() }
      }
      const whole = await written(8192, false)
      expect(whole.rows.length).toBeGreaterThan(100)
      if (name.includes('liquidated')) expect(whole.summary.margin!.liquidations).toBeGreaterThan(0)
      expect(await written(plan.fill === 'book' ? 601 : candlesBetween, true)).toEqual(whole)
    },
  )
