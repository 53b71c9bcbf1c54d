// Writes the year of one-minute bars into a log, in a process of its own: its memory is not what is measured. `node bench/write-bars.ts DATA DIR COUNT`
import { batchOf, maxBatchRows } from '../schemas/batch.ts'
import { openTopics } from '../topics/index.ts'
import { startUs, yearOfBars } from './series.ts'

const [data, dir, count] = process.argv.slice(2) as [string, string, string]
const series = await yearOfBars(data, Number(count))
const topics = await openTopics({ engine: 'embedded', dir })
const common = { exchange: 'bench', symbol: 'BTC-PERP' }
const writer = await topics.writer({ run: 'bench-import', market: true })
const instrument = {
  ...{
    time: startUs,
    received: startUs,
    ...common,
    type: 'perpetual' as const,
    base: 'BTC',
    quote: 'USD',
    settle: 'USD',
  },
  ...{
    tickSize: 0.01,
    lotSize: 1,
    minNotional: 0,
    contractSize: 1,
    inverse: false,
    ccxtSymbol: '',
    status: 'trading',
    inferred: false,
  },
}
await writer.commit({ outputs: [batchOf('instruments', [instrument])] })
for (let from = 0; from < series.open.length; from += maxBatchRows) {
  const length = Math.min(maxBatchRows, series.open.length - from)
  const rows = Array.from({ length }, (_, i) => {
    const at = from + i
    const openTime = startUs + at * 60_000_000
    const closed = openTime + 60_000_000
    return {
      ...{ time: closed, received: closed, ...common, openTime, interval: '1m', volume: series.volume[at]! },
      ...{
        open: series.open[at]! / 100,
        high: series.high[at]! / 100,
        low: series.low[at]! / 100,
        close: series.close[at]! / 100,
      },
    }
  })
  await writer.commit({ outputs: [batchOf('candles', rows)] })
}
await writer.close()
await topics.close()
