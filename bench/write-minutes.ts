// Writes minutes of several instruments into a log: `node bench/write-minutes.ts DIR SYMBOLS COUNT`. Each price walks by a seed of its own.
import { perpetual } from '../operators/portfolio/samples.ts'
import { random } from '../operators/random.ts'
import { batchOf, builderOf, maxBatchRows, take } from '../schemas/batch.ts'
import { openTopics } from '../topics/index.ts'

const [dir, symbols, count] = process.argv.slice(2) as [string, string, string]
const startUs = 1_704_067_200_000_000
const minuteUs = 60_000_000
const names = Array.from({ length: Number(symbols) }, (_, at) => `A${at}USDT`)
const topics = await openTopics({ engine: 'embedded', dir })
const writer = await topics.writer({ run: 'bench-import', market: true })
const at = { time: startUs, received: startUs }
await writer.commit({
  outputs: [
    batchOf(
      'instruments',
      names.map((symbol) => perpetual({ ...at, symbol, base: symbol.slice(0, -4) })),
    ),
  ],
})
const walks = names.map((symbol) => ({ symbol, dice: random(`bench/minutes/${symbol}`), ticks: 100_000 }))
let builder = builderOf('candles')
for (let minute = 0; minute < Number(count); minute++) {
  const openTime = startUs + minute * minuteUs
  const time = openTime + minuteUs
  for (const walk of walks) {
    const open = walk.ticks
    walk.ticks = Math.max(1000, open + walk.dice.below(201) - 100)
    const [high, low] = [
      Math.max(open, walk.ticks) + walk.dice.below(20),
      Math.min(open, walk.ticks) - walk.dice.below(20),
    ]
    builder.push({
      ...{ time, received: time, exchange: 'binance-usdm', symbol: walk.symbol, openTime, interval: '1m' },
      ...{ open: open / 10, high: high / 10, low: low / 10, close: walk.ticks / 10, volume: 1 + walk.dice.below(1000) },
    })
  }
  if (builder.count + names.length <= maxBatchRows) continue
  await writer.commit({ outputs: [take<'candles'>(builder)] })
  builder = builderOf('candles')
}
if (builder.count > 0) await writer.commit({ outputs: [take<'candles'>(builder)] })
await writer.close()
await topics.close()
