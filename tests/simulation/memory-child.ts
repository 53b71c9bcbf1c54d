// A process that does one thing and says the most anonymous memory that it held, MB, and the rows that it read; of a sweep its trials.
// Arguments: folder, `import`, `sweep` or a strategy, JSON of files, of an order of a sweep, or of a topology.
import { studyHere } from '../../bin/study.ts'
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { parseTopology, type TopologyInput } from '../../pipelines/config.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import { MemoryWatch } from '../../pipelines/memory.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { runTopology } from '../backtests.ts'

export interface SweepOrder {
  readonly topology: TopologyInput
  readonly axes: readonly string[]
}

const [dir, what, text] = process.argv.slice(2) as [string, string, string]
const memory = new MemoryWatch()
const rows = await doneRows()
memory.look()
process.stdout.write(JSON.stringify({ peakMb: memory.peakMb, rows }))

async function doneRows(): Promise<number> {
  if (what === 'sweep') return swept(JSON.parse(text) as SweepOrder)
  const topics = await openTopics({ dir })
  try {
    return what === 'import' ? await imported(topics) : await traded(topics)
  } finally {
    memory.look()
    await topics.close()
  }
}

async function imported(topics: Topics): Promise<number> {
  const files = JSON.parse(text) as string[]
  const onProgress = () => memory.look()
  const { records } = await importFiles({
    topics,
    files,
    exchange: exchangeOf('binance-usdm'),
    seconds: () => 0,
    onProgress,
  })
  return Object.values(records).reduce((sum, count) => sum + count, 0)
}

async function traded(topics: Topics): Promise<number> {
  const onStep = () => memory.look()
  return (await runTopology(topics, `memory-${process.pid}`, JSON.parse(text), { onStep })).rows
}

/** All of the command, from its market to what is shown of it. */
async function swept({ topology, axes }: SweepOrder): Promise<number> {
  const looking = setInterval(() => memory.look(), 5)
  const wish = { objective: 'totalReturn', top: 10, dir } as const
  const search = { name: 'grid', axes, seed: 1 }
  const about = await studyHere({ ...wish, topology: parseTopology(topology), search }, async (_, studied) => {
    memory.look()
    return studied.about
  })
  clearInterval(looking)
  if (about.how !== 'vectorized') throw new Error(`the sweep was by ${about.how}`)
  return about.result.combinations
}
