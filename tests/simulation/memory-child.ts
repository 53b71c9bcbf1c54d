// A process that does one thing and says the most anonymous memory that it held, MB, and the rows that it read.
// Arguments: folder, `import` or a strategy, JSON of files or of a topology.

import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import { MemoryWatch } from '../../pipelines/memory.ts'
import { openTopics } from '../../topics/index.ts'
import { runTopology } from '../backtests.ts'

const [dir, what, text] = process.argv.slice(2) as [string, string, string]
const topics = await openTopics({ dir })
const memory = new MemoryWatch()
let rows = 0
if (what === 'import') {
  const onProgress = () => memory.look()
  const files = JSON.parse(text) as string[]
  const imported = await importFiles({
    topics,
    files,
    exchange: exchangeOf('binance-usdm'),
    seconds: () => 0,
    onProgress,
  })
  rows = Object.values(imported.records).reduce((sum, count) => sum + count, 0)
} else {
  const result = await runTopology(topics, `memory-${process.pid}`, JSON.parse(text), { onStep: () => memory.look() })
  rows = result.rows
}
memory.look()
await topics.close()
process.stdout.write(JSON.stringify({ peakMb: memory.peakMb, rows }))
