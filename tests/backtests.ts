// Runs for suites: many over the same topics, each compared with others by what it wrote.
import { strategyOf } from '../operators/strategies/index.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { type BacktestOptions, backtest } from '../pipelines/backtest.ts'
import { parseTopology, type Topology, type TopologyInput } from '../pipelines/config.ts'
import type { BacktestResult } from '../pipelines/result.ts'
import { type Seat, seatOf } from '../pipelines/seats.ts'
import { rowsOf } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import type { RecordName, Rows } from '../schemas/records.generated.ts'
import { hashTopic } from '../topics/hash.ts'
import type { Topics } from '../topics/topics.ts'

/** What a run can write, journal and snapshots aside. */
export const outputRecords = [
  ...(['bars', 'signals', 'orders', 'executions', 'positions', 'accounts', 'risk-events'] as const),
] satisfies readonly RecordName[]

/** Two strategies over ticks, with everything on that could show an order of work: jitter, queue model, impact, bars, risk. */
export const tickTopologies = {
  'market-maker': {
    ...{ strategy: { name: 'market-maker', params: {} }, interval: '1s', keep: ['bars'], risk: 'default', seed: 7 },
    venue: { fill: 'book', latency: { outMs: 2, backMs: 1, jitterMs: 3 }, queue: 'power' },
  },
  'sma-cross': {
    ...{ interval: '1s', keep: ['bars'], risk: 'default', seed: 7 },
    strategy: { name: 'sma-cross', params: { fast: 5, slow: 20, size: 0.3, mode: 'long-short' } },
    venue: { fill: 'book', latency: 5, slippage: 'square-root' },
  },
} satisfies Record<string, TopologyInput>

/** A backtest of that name, over these topics, whose code never changes while it runs. */
export function runTopology(
  topics: Topics,
  name: string,
  topology: TopologyInput,
  { strategy, ...options }: Partial<BacktestOptions> & { readonly strategy?: Strategy } = {},
): Promise<BacktestResult> {
  const parsed = parseTopology(topology)
  const seats = seatsOf(parsed, strategy)
  const clock = { nowMs: () => 0 }
  return backtest({ topics, topology: parsed, seats, codeHash: 'code', name, clock, ...options })
}

/** The seats of a topology; with one strategy in the place of all that it names. */
export function seatsOf({ strategies }: Pick<Topology, 'strategies'>, strategy?: Strategy): Seat[] {
  return strategies.map((one) => seatOf(one, { strategy: strategy ?? strategyOf(one.name) }))
}

/** Rows and hash of every output of a run. */
export async function outputsOf(topics: Topics, run: string): Promise<Record<string, { rows: number; hash: string }>> {
  const found: Record<string, { rows: number; hash: string }> = {}
  for (const info of await topics.list()) {
    if (info.run !== run) continue
    const { rows, hash } = await hashTopic(topics, info.name)
    found[info.record] = { rows, hash }
  }
  return found
}

/** All rows of an output, or of a market topic; none where it was never written. */
export async function rowsIn<T extends RecordName>(topics: Topics, record: T, run?: string): Promise<Rows[T][]> {
  const name = physicalName(record, run)
  const all: Rows[T][] = []
  if (!(await topics.list()).some((info) => info.name === name)) return all
  for await (const { batch } of topics.read<T>(name)) for (const row of rowsOf(batch)) all.push(row)
  return all
}
