// Writes a log that holds the depth and trades of another one N times, each after the one before: `node bench/repeat.ts FROM TO N`.
import type { Batch } from '../schemas/batch.ts'
import { absentI64 } from '../schemas/columns.ts'
import type { BookColumns, TradeColumns } from '../schemas/records.generated.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'

const [from, to, times] = process.argv.slice(2) as [string, string, string]
const source = await openTopics({ engine: 'embedded', dir: from })
const target = await openTopics({ engine: 'embedded', dir: to })
const writer = await target.writer({ run: 'repeat', market: true })
const { first, last } = await source.info('market.books')
const span = last! - first! + 1_000_000
const updates = await widthOf(source)
for (const topic of ['instruments', 'clocks'] as const) {
  for await (const { batch } of source.read(`market.${topic}`)) await writer.commit({ outputs: [batch] })
}
for (let n = 0; n < Number(times); n++) {
  for (const topic of ['books', 'trades'] as const) {
    for await (const { batch } of source.read(`market.${topic}`)) {
      await writer.commit({ outputs: [shifted(batch as Batch<'books' | 'trades'>, n)] })
    }
  }
}
await writer.close()
await source.close()
await target.close()

/** How far update ids go from the first to the last message. */
async function widthOf(topics: Topics): Promise<bigint> {
  let low = absentI64
  let high = 0n
  for await (const { batch } of topics.read<'books'>('market.books')) {
    for (const id of batch.columns.firstSequence) if (id !== absentI64 && (low === absentI64 || id < low)) low = id
    for (const id of batch.columns.sequence) if (id > high) high = id
  }
  return high - low + 1_000_000n
}

function shifted(batch: Batch<'books' | 'trades'>, n: number): Batch {
  const columns: BookColumns | TradeColumns = batch.columns
  const moved = {
    ...columns,
    time: columns.time.map((t) => t + n * span),
    received: columns.received.map((t) => t + n * span),
  }
  if (!('sequence' in moved)) return { ...batch, columns: moved } as Batch
  const ids = (column: BigInt64Array) => column.map((id) => (id === absentI64 ? id : id + BigInt(n) * updates))
  const { sequence, firstSequence, previousSequence } = moved
  return {
    ...batch,
    columns: {
      ...moved,
      ...{ sequence: ids(sequence), firstSequence: ids(firstSequence), previousSequence: ids(previousSequence) },
    },
  } as Batch
}
