// How much memory does a year of minutes of ten instruments take?
import { join } from 'node:path'
import { backtest } from '../pipelines/backtest.ts'
import { parseTopology } from '../pipelines/config.ts'
import { findSeats } from '../pipelines/seats.ts'
import { openTopics } from '../topics/index.ts'
import { type Bench, child, mustEqual } from './bench.ts'

const symbols = 10
const minutes = 525_600

/** Crossing averages in each, over one account; of a resident set also what is shared with the system counts. */
export const assets: Bench = {
  name: 'assets',
  question: `a year of minutes of ${symbols} instruments in one account: ${(symbols * minutes).toLocaleString('en')} candles, event-driven`,
  async run({ share, folder }) {
    const count = Math.max(1000, Math.round(minutes * share))
    child([join(import.meta.dirname, 'write-minutes.ts'), folder, String(symbols), String(count)])
    const topics = await openTopics({ engine: 'embedded', dir: folder })
    const topology = parseTopology({
      ...{ exchange: 'binance-usdm', symbols: Array.from({ length: symbols }, (_, at) => `A${at}USDT`), risk: 'off' },
      ...{ interval: '1m', account: { cash: 80_000_000 } },
      strategy: { name: 'sma-cross', params: { fast: 10, slow: 30, size: 0.1 } },
    })
    const clock = { nowMs: () => performance.now() }
    const { rows, fills, seconds } = await backtest({ topics, topology, ...(await findSeats(topology)), clock })
    await topics.close()
    mustEqual('candles', rows >= symbols * count, true)
    if (fills < symbols) throw new Error(`${fills} fills: not every instrument was traded`)
    const peak = process.resourceUsage().maxRSS / 1024
    return [
      { what: 'peak resident memory', value: peak, unit: 'MB', pass: 4096, aim: 512 },
      { what: 'topic read to last commit', value: seconds, unit: 's' },
    ]
  },
}
