// A hole in the data that is longer than a day: what came before it says nothing about the market after it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perpetual } from '../../operators/portfolio/samples.ts'
import { horizons } from '../../operators/regime/horizons.ts'
import { batchOf } from '../../schemas/batch.ts'
import type { Candle } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { rowsIn, runTopology } from '../backtests.ts'
import { watcher } from '../watcher.ts'

const minute = 60_000_000
const market = { exchange: 'x', symbol: 'HOLED' }
const [before, hole, after] = [1500, 1450, 1500]
const resumes = (before + hole) * minute
const dir = mkdtempSync(join(tmpdir(), 'smartspeed-hole-'))
let topics: Topics

beforeAll(async () => {
  topics = await openTopics({ dir })
  const candle = (number: number): Candle => {
    const openTime = number * minute
    // It falls by a third just before the hole.
    const close = (1000 + ((number * 53) % 97)) * (number > before - 5 && number < before ? 0.66 : 1)
    const time = openTime + minute
    const prices = { open: close, close, high: close + 3, low: close - 3, volume: 10 + (number % 7) }
    return { ...market, time, received: time, openTime, interval: '1m', ...prices }
  }
  const numbers = Array.from({ length: before + after }, (_, i) => (i < before ? i : i + hole))
  const writer = await topics.writer({ run: 'import', market: true })
  await writer.commit({
    outputs: [batchOf('instruments', [perpetual(market)]), batchOf('candles', numbers.map(candle))],
  })
  await writer.close()
})

afterAll(async () => {
  await topics?.close()
  rmSync(dir, { recursive: true, force: true })
})

/** The regime of each horizon, as a strategy saw it at each candle from the end of the hole on. */
async function seen(name: string, from?: number): Promise<(string | undefined)[][]> {
  await runTopology(
    topics,
    name,
    {
      ...{ ...{ exchange: market.exchange, risk: 'off' }, symbols: [market.symbol] },
      ...{ strategy: { name: 'watcher', params: { interval: '15m' } }, sizing: { name: 'fixed', factor: 1e-9 } },
      ...(from === undefined ? {} : { from }),
    },
    { strategy: watcher },
  )
  const signals = await rowsIn(topics, 'signals', name)
  return signals
    .filter(({ received }) => received > resumes)
    .map(({ reason }) => (JSON.parse(reason).regimes as ({ regime: string } | null)[]).map((one) => one?.regime))
}

test('a run that went through the hole sees the regimes that a run sees which begins behind it', async () => {
  const through = await seen('through')
  expect(through).toHaveLength(after)
  // The first candle behind it knows of none, though there was a crash before.
  expect(through[0]).toEqual(horizons.map(() => undefined))
  expect(through.at(-1)).not.toContain(undefined)
  expect(through).toEqual(await seen('behind', resumes))
})
