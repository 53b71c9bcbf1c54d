// Runs by tasks as suites make them.
import { parseTopology, type TopologyInput } from '../pipelines/config.ts'
import { type RunOptions, type RunResult, runPipeline } from '../pipelines/run.ts'
import type { Topics } from '../topics/topics.ts'
import { outputsOf, seatsOf } from './backtests.ts'
import { marketRecords } from './market.ts'
import { type SparseOptions, sparseInstruments, sparseMarket, writeSparse } from './sparse-market.ts'

/** A run by tasks of that name, whose code never changes while it runs. */
export function runTasks(
  topics: Topics,
  name: string,
  topology: TopologyInput,
  more: Partial<RunOptions> = {},
): Promise<RunResult> {
  const parsed = parseTopology(topology)
  const clock = { nowMs: () => performance.now(), random: () => 0.5 }
  return runPipeline({ topics, topology: parsed, seats: seatsOf(parsed), codeHash: 'code', name, clock, ...more })
}

/** Outputs of a run that have rows; journal and snapshots aside, since how steps were cut is no output. */
export async function writtenBy(topics: Topics, run: string): Promise<Record<string, { rows: number; hash: string }>> {
  const outputs = Object.entries(await outputsOf(topics, run))
  return Object.fromEntries(
    outputs.filter(([record, { rows }]) => rows > 0 && record !== 'journal' && record !== 'snapshots'),
  )
}

/** Writes a sparse market into topics of so many partitions. */
export async function importSparse(topics: Topics, options: SparseOptions & { partitions: number }): Promise<void> {
  await topics.create(marketRecords.map((record) => ({ record, partitions: options.partitions })))
  const writer = await topics.writer({ run: 'sparse', market: true })
  await writer.commit({ outputs: [sparseInstruments(options.symbols)] })
  await writeSparse(writer, sparseMarket(options))
  await writer.close()
}

/** Two strategies over sparse ticks, one of them at two accounts. */
export const threeAccounts: TopologyInput = {
  ...{ exchange: 'binance-usdm', symbols: ['AUSDT', 'BUSDT'], interval: '10s', seed: 7, keep: ['bars'] },
  venue: { fill: 'book', latency: { outMs: 20, backMs: 10, jitterMs: 30 } },
  strategies: [
    { name: 'sma-cross', params: { fast: 2, slow: 5, size: 0.3, mode: 'long-short' }, account: { name: 'first' } },
    { name: 'sma-cross', params: { fast: 3, slow: 9, size: 0.1, mode: 'long-short' }, account: { name: 'second' } },
    { name: 'momentum-breakout', account: { name: 'third' } },
  ],
}

export const sixSymbols = ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT', 'EUSDT', 'FUSDT']
