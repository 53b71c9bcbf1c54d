// What runs under fire read: real captures and simulated markets of one exchange, several symbols over six partitions.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import type { Topics } from '../../topics/topics.ts'
import { dataDir } from '../data.ts'
import { marketRecords, simulateTo } from '../market.ts'

export const partitions = 6
const exchange = 'binance-usdm'
const simulated = ['ETHUSDT', 'SOLUSDT']
const symbols = ['AKROUSDT', 'KEEPUSDT', 'BTCUSDT', ...simulated]

/** The files to import: 2021 and 2024 recorded, of the latter the first so many lines; 2025 simulated in `folder`. */
export async function marketFiles(folder: string, lines: number): Promise<string[]> {
  const capture = (name: string) => join(dataDir, 'captures', name)
  const cut = join(folder, 'btcusdt.gz')
  const all = gunzipSync(readFileSync(capture('usdm-btcusdt-20240808.gz')))
    .toString()
    .split('\n')
  writeFileSync(cut, gzipSync(`${all.slice(0, lines).join('\n')}\n`))
  const files = [capture('binance-usdm-multi-20210722.gz'), cut]
  for (const [i, symbol] of simulated.entries()) {
    const { file } = await simulateTo(join(folder, `${symbol}.gz`), {
      seed: 90 + i,
      minutes: 0.4,
      symbol,
      crash: false,
    })
    files.push(file)
  }
  return files
}

/** Imports them into market topics of six partitions. */
export async function fillMarket(topics: Topics, files: readonly string[]): Promise<void> {
  await topics.create(marketRecords.map((record) => ({ record, partitions })))
  await importFiles({ topics, files, exchange: exchangeOf(exchange), seconds: () => 0 })
}

const venue = { fill: 'book', latency: { outMs: 2, backMs: 1, jitterMs: 3 }, queue: 'power' } as const

/** The pipelines: features by instrument, and four accounts, two of them of one strategy. */
export const topologies: Readonly<Record<'features' | 'trading', TopologyInput>> = {
  features: { pipeline: 'features', exchange, symbols, interval: '1s', keep: ['bars', 'features', 'regimes'] },
  trading: {
    ...{ exchange, symbols: ['AKROUSDT', 'BTCUSDT', 'ETHUSDT'], interval: '1s', risk: 'default', seed: 7, venue },
    strategies: [
      { name: 'market-maker', account: { name: 'quotes' } },
      { name: 'sma-cross', params: { fast: 5, slow: 20, size: 0.3, mode: 'long-short' }, account: { name: 'means' } },
      { name: 'market-maker', account: { name: 'more', cash: 70_000 } },
      { name: 'mean-reversion', account: { name: 'back' } },
    ],
  },
}
