// Writes a day of trades of one instrument into a log: `node bench/write-day.ts DIR SEED COUNT`. Their price walks in ticks, and they come
// at the mean rate of the captured session (21,313 in 344 s), in bursts.
import { perpetual } from '../operators/portfolio/samples.ts'
import { random } from '../operators/random.ts'
import { batchOf, builderOf, maxBatchRows, take } from '../schemas/batch.ts'
import { openTopics } from '../topics/index.ts'

const [dir, seed, count] = process.argv.slice(2) as [string, string, string]
const rows = Number(count)
const startUs = 1_704_067_200_000_000
const dayUs = 86_400_000_000
const dice = random(`bench/day/${seed}`)
const topics = await openTopics({ engine: 'embedded', dir })
const writer = await topics.writer({ run: 'bench-import', market: true })
await writer.commit({ outputs: [batchOf('instruments', [perpetual({ time: startUs, received: startUs })])] })
let ticks = 600_000
let received = startUs
let builder = builderOf('trades')
let full = []
for (let at = 0; at < rows; at++) {
  // Most trades follow another within a millisecond; the mean is a day over their number.
  received += dice.below(4) > 0 ? dice.below(1000) : Math.floor((dice.exponential() * 3.9 * dayUs) / rows)
  const step = dice.below(16)
  if (step < 2) ticks += step === 0 ? 1 : -1
  builder.push({
    ...{ time: received - 1000, received, exchange: 'binance-usdm', symbol: 'BTCUSDT', price: ticks / 10 },
    ...{ size: (1 + dice.below(500)) / 1000, side: dice.below(2) === 0 ? 'buy' : 'sell', id: String(at) },
  })
  if (builder.count < maxBatchRows) continue
  full.push(take<'trades'>(builder))
  builder = builderOf('trades')
  if (full.length < 8) continue
  await writer.commit({ outputs: full })
  full = []
}
await writer.commit({ outputs: [...full, take<'trades'>(builder)] })
await writer.close()
await topics.close()
