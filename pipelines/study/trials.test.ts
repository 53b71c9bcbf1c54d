import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Trial } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import { countTrials, writeTrials } from './trials.ts'

const trial = (id: string, exchange: string, symbol: string): Trial => ({
  ...{ time: 1, received: 1, exchange, symbol, end: 9, study: 's', strategy: 'sma-cross', trial: 0, id, params: '{}' },
  ...{ how: 'graph', share: 1, finalEquity: 0n, fees: 0n, fills: 0, trips: 0, wins: 0, dayEquity: [] },
})

test('a trial on several exchanges counts on each of its instruments, and on no other', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-count-'))
  const topics = await openTopics({ dir })
  try {
    await writeTrials(topics, [
      trial('both', 'binance,bybit', 'binance:BTCUSDT,bybit:BTCUSDT'),
      trial('mixed', 'binance,bybit', 'binance:ETHUSDT,bybit:BTCUSDT'),
      trial('one', 'binance', 'BTCUSDT'),
    ])
    const count = async (exchange: string, ...symbols: string[]) =>
      (await countTrials(topics, { exchange, symbols, strategy: 'sma-cross' })).all
    expect(await count('binance', 'BTCUSDT')).toBe(2)
    expect(await count('bybit', 'BTCUSDT')).toBe(2)
    expect(await count('binance', 'ETHUSDT')).toBe(1)
    expect(await count('bybit', 'ETHUSDT')).toBe(0)
    expect(await count('kraken', 'BTCUSDT')).toBe(0)
    expect(await count('binance,kraken', 'binance:BTCUSDT', 'kraken:BTCUSDT')).toBe(2)
    expect(await count('binance,kraken', 'binance:SOLUSDT', 'kraken:BTCUSDT')).toBe(0)
  } finally {
    await topics.close()
    rmSync(dir, { recursive: true })
  }
})
