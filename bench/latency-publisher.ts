// Publishes trades one by one, each stamped with the moment before its commit: `node bench/latency-publisher.ts OPTIONS COUNT EVERY_MS`.
import { setTimeout as sleep } from 'node:timers/promises'
import { batchOf } from '../schemas/batch.ts'
import { type EngineOptions, openTopics } from '../topics/index.ts'

const [options, count, everyMs] = process.argv.slice(2) as [string, string, string]
const topics = await openTopics({ engine: 'kafka', ...(JSON.parse(options) as EngineOptions) })
const writer = await topics.writer({ run: 'publisher', market: true })
for (let i = 0; i < Number(count); i++) {
  const received = Math.round((performance.timeOrigin + performance.now()) * 1000)
  const common = { time: received, received, exchange: 'binance-usdm', symbol: 'BTCUSDT' }
  const trade = { ...common, price: 60_000 + (i % 10) / 10, size: 1, side: 'buy', id: String(i) } as const
  // What its connection has sent so far is complete: nobody has to wait for more.
  const beat = { ...common, symbol: '', connection: 'publisher', watermark: received }
  await writer.commit({ outputs: [batchOf('trades', [trade]), batchOf('heartbeats', [beat])] })
  const spentMs = performance.timeOrigin + performance.now() - received / 1000
  await sleep(Math.max(0, Number(everyMs) - spentMs))
}
await writer.close()
await topics.close()
