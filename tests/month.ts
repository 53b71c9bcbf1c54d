// A month of real minutes in a log of its own, for suites that hold runs against loops over the same candles.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCandles } from '../pipelines/load-candles.ts'
import type { Candle } from '../schemas/records.generated.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { rowsIn } from './backtests.ts'
import { dataDir } from './data.ts'

export const month = { exchange: 'bybit', symbol: 'BTCUSDT' }

export interface Month {
  readonly topics: Topics
  readonly candles: Candle[]
  /** Closes the log and removes it. */
  close(): Promise<void>
}

/** `lotSize`: as the data have it when left out. */
export async function openMonth({ lotSize }: { readonly lotSize?: number } = {}): Promise<Month> {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-month-'))
  const topics = await openTopics({ dir })
  const file = join(dataDir, 'bars/btc-perp-1m-2022-01.csv.gz')
  const how = { interval: { name: '1m', us: 60e6 }, settle: 'USDT', ...(lotSize === undefined ? {} : { lotSize }) }
  await loadCandles(topics, { ...month, file, ...how })
  const close = async (): Promise<void> => {
    await topics.close()
    rmSync(dir, { recursive: true, force: true })
  }
  return { topics, candles: await rowsIn(topics, 'candles'), close }
}

/** Wilder's average true range after each candle, by its definition; NaN before `period` + 1 candles. */
export function trueRanges(candles: readonly Candle[], period: number): number[] {
  const known: number[] = []
  let [sum, value] = [0, Number.NaN]
  for (const [i, { high, low }] of candles.entries()) {
    const before = candles[i - 1]?.close ?? Number.NaN
    const range = i === 0 ? 0 : Math.max(high - low, Math.abs(high - before), Math.abs(low - before))
    sum += range
    if (i === period) value = sum / period
    else if (i > period) value += (range - value) / period
    known.push(value)
  }
  return known
}
