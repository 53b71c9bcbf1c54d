// Writes a log that holds another one with fewer trades: `node bench/thin.ts FROM TO TRADES_A_BOOK_ROW`. Every how many is even, so
// that the mix of trades, quotes and books is that of a real session; which trades are left out follows from their number alone.
import type { Batch } from '../schemas/batch.ts'
import { openTopics } from '../topics/index.ts'
import { gatherRows } from '../topics/rows.ts'

const [from, to, tradesABook] = process.argv.slice(2) as [string, string, string]
const source = await openTopics({ engine: 'embedded', dir: from })
const target = await openTopics({ engine: 'embedded', dir: to })
const writer = await target.writer({ run: 'thin', market: true })
const [trades, books] = [await source.info('market.trades'), await source.info('market.books')]
const share = Math.min(1, (Number(tradesABook) * books.rows) / trades.rows)
for (const { name, record } of await source.list()) {
  if (!name.startsWith('market.') || record === 'dead-letters') continue
  let seen = 0
  for await (const { batch } of source.read(name)) {
    const outputs = [record === 'trades' ? thinned(batch, seen) : batch]
    seen += batch.rows
    await writer.commit({ outputs })
  }
}
await writer.close()
await source.close()
await target.close()

/** Row n stays when n × share passes a whole number. */
function thinned(batch: Batch, before: number): Batch {
  const kept: number[] = []
  for (let row = 0; row < batch.rows; row++) {
    if (Math.floor((before + row + 1) * share) > Math.floor((before + row) * share)) kept.push(row)
  }
  return gatherRows([batch], Uint32Array.from(kept))
}
