// Market data for suites, by the way that a person's data come: a capture, then the real importer.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Simulated, simulateMarket } from '../bin/commands/simulate.ts'
import { exchangeOf } from '../connectors/exchanges/index.ts'
import { importFiles } from '../pipelines/ingest.ts'
import type { Imported } from '../pipelines/ingest-summary.ts'
import type { RecordName } from '../schemas/records.generated.ts'
import { openTopics } from '../topics/index.ts'
import { dataDir } from './data.ts'

/** The market records that captures hold. */
export const marketRecords: readonly RecordName[] = [
  ...(['instruments', 'clocks', 'trades', 'quotes', 'books', 'funding', 'marks', 'candles', 'liquidations'] as const),
  ...(['heartbeats', 'dead-letters'] as const),
]

export interface MarketOptions {
  readonly seed: number
  readonly minutes: number
  readonly symbol?: string
  /** Partitions of every market topic; 1 if not given. */
  readonly partitions?: number
  /** Whether there is a flash crash; true if not given. */
  readonly crash?: boolean
}

/** Simulates a market of binance-usdm and imports it into the embedded log `dir`. */
export async function importMarket(dir: string, options: MarketOptions): Promise<Imported & { market: Simulated }> {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-market-'))
  try {
    const market = await simulateTo(join(folder, 'market.gz'), options)
    return { ...(await importInto(dir, [market.file], market.exchange, options.partitions)), market }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A simulated capture of binance-usdm in a file. */
export function simulateTo(file: string, options: MarketOptions): Promise<Simulated> {
  const { seed, minutes, symbol = 'BTCUSDT', crash = true } = options
  return simulateMarket({ ...{ seed, minutes, symbol, crash, file, exchange: 'binance-usdm', truth: false } })
}

/** Imports a real capture, by its name in the shared folder; needs 'data'. */
export function importCapture(dir: string, name: string, exchange: string, partitions = 1): Promise<Imported> {
  return importInto(dir, [join(dataDir, 'captures', name)], exchange, partitions)
}

/** Imports captures into the embedded log `dir`, into topics of that many partitions. */
export async function importInto(dir: string, files: readonly string[], exchange: string, partitions = 1) {
  const topics = await openTopics({ engine: 'embedded', dir })
  try {
    await topics.create(marketRecords.map((record) => ({ record, partitions })))
    return await importFiles({ topics, files, exchange: exchangeOf(exchange), seconds: () => performance.now() / 1000 })
  } finally {
    await topics.close()
  }
}
