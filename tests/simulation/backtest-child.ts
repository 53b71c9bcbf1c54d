// A process that runs a backtest and dies when told to. Arguments: folder, run, file of marks, BacktestOrder as JSON.
import { backtest } from '../../pipelines/backtest.ts'
import { parseTopology } from '../../pipelines/config.ts'
import { findSeats } from '../../pipelines/seats.ts'
import { openTopics } from '../../topics/index.ts'
import { armed, type Kill, mortal } from './mortal.ts'

export interface BacktestOrder {
  readonly topology: unknown
  readonly kill?: Kill | undefined
  readonly batchRows: number
}

if (process.argv[1] === import.meta.filename) {
  const [dir, run, marks, text] = process.argv.slice(2) as [string, string, string, string]
  const { topology, kill, batchRows } = JSON.parse(text) as BacktestOrder
  const wake = await armed(kill)
  wake(0)
  const parsed = parseTopology(topology)
  const { seats } = await findSeats(parsed)
  const topics = mortal(await openTopics({ engine: 'embedded', dir }), marks, wake)
  await backtest({
    // Not the hash of the files: somebody may be editing one while this runs.
    ...{ topics, topology: parsed, seats, codeHash: 'the same code', name: run, batchRows },
    // Many small steps and snapshots: more moments at which a death could show.
    ...{ stepRows: 2048, snapshotRows: 10_000, clock: { nowMs: () => 0 } },
  })
  await topics.close()
}
