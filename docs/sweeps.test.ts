import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { instrumentOf } from '../operators/instrument.ts'
import { perpetual } from '../operators/portfolio/samples.ts'
import { random } from '../operators/random.ts'
import { sweepTrials, whyNot } from '../operators/research/vectorized/index.ts'
import type { Strategy } from '../operators/strategies/index.ts'
import { batchOf } from '../schemas/batch.ts'
import { runTopology } from '../tests/backtests.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'

const text = readFileSync(join(import.meta.dirname, 'sweeps.md'), 'utf8')
const minuteUs = 60_000_000
const start = 1_704_067_200_000_000
const market = { exchange: 'binance-usdm', symbol: 'SOLUSDT' }
const row = perpetual({ ...market, tickSize: 0.01, lotSize: 0.1, time: start, received: start })

/** A walk of closes on ticks of 0.01; each bar opens at the close before it. */
const columns = (() => {
  const { below } = random('sweeps')
  let ticks = 10_000
  const close = Float64Array.from({ length: 2000 }, () => {
    ticks += below(41) - 20
    return ticks / 100
  })
  const open = Float64Array.from(close, (_, bar) => close[bar - 1] ?? 100)
  return {
    time: Float64Array.from(close, (_, bar) => start + bar * minuteUs),
    ...{ open, close, volume: new Float64Array(close.length).fill(1000) },
    high: Float64Array.from(close, (one, bar) => Math.max(one, open[bar]!)),
    low: Float64Array.from(close, (one, bar) => Math.min(one, open[bar]!)),
  }
})()

let folder: string
let topics: Topics
let dips: Strategy

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sweeps-'))
  const own = pathToFileURL(join(import.meta.dirname, '../operators/strategies/authoring.ts')).href
  const code = text.split('```ts\n')[1]!.split('```')[0]!
  writeFileSync(join(folder, 'dips.ts'), code.replace("'smartspeed'", JSON.stringify(own)))
  dips = ((await import(pathToFileURL(join(folder, 'dips.ts')).href)) as { default: Strategy }).default
  topics = await openTopics({ engine: 'embedded', dir: join(folder, 'log') })
  const writer = await topics.writer({ run: 'candles', market: true })
  const candles = Array.from(columns.time, (openTime, bar) => {
    const [time, [open, high, low, close]] = [openTime + minuteUs, at(bar)]
    return { ...market, time, received: time, openTime, interval: '1m', open, high, low, close, volume: 1000 }
  })
  await writer.commit({ outputs: [batchOf('instruments', [row]), batchOf('candles', candles)] })
  await writer.close()
})

afterAll(async () => {
  await topics.close()
  rmSync(folder, { recursive: true, force: true })
})

function at(bar: number): [number, number, number, number] {
  const { open, high, low, close } = columns
  return [open[bar]!, high[bar]!, low[bar]!, close[bar]!]
}

test('the vectorized form of docs/sweeps.md decides as the strategy beside it: a sweep of it is equal to backtests', async () => {
  const params = [{}, { falls: 1 }, { falls: 2, size: 0.7 }, { falls: 5 }]
  const markets = [{ instrument: instrumentOf(row, 0), candles: columns, takerFee: 0.0004 }]
  const terms = { fill: 'next-open', cashE8: 10n ** 14n } as const
  expect(whyNot(dips, markets, terms)).toBeUndefined()
  const trials = await sweepTrials(dips, markets, params, terms)
  for (const [trial, set] of params.entries()) {
    const topology = {
      ...{ exchange: market.exchange, symbols: [market.symbol], risk: 'off' as const },
      strategy: { name: 'sma-cross', params: set },
      venue: { fill: 'next-open' as const, fees: { taker: 0.0004, maker: 0 } },
    }
    const { summary, fills, trades } = await runTopology(topics, `dips-${trial}`, topology, { strategy: dips })
    expect(fills).toBeGreaterThan(10)
    expect([trials.finalEquityE8[trial], trials.fills[trial], trials.trips[trial]]).toEqual([
      ...[BigInt(summary.equityE8), fills, trades],
    ])
  }
})
