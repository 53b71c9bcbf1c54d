// How fast is the whole graph over ticks: bars, 25 features, regimes, strategy, risk, venue?
import { join } from 'node:path'
import { z } from 'zod'
import { defineStrategy } from '../operators/strategies/strategy.ts'
import { backtest } from '../pipelines/backtest.ts'
import { parseTopology, type TopologyInput } from '../pipelines/config.ts'
import type { BacktestResult } from '../pipelines/result.ts'
import { findSeats, type Seat } from '../pipelines/seats.ts'
import { openTopics } from '../topics/index.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { type Bench, child, type Figure, timed } from './bench.ts'

const root = join(import.meta.dirname, '..')
const inputs = ['trades', 'quotes', 'books', 'clocks', 'heartbeats', 'marks', 'funding'] as const
/** Of usdm-btcusdt-20240808: 21,313 trades, 66,089 quotes, 6,552 book rows. */
const tradesABook = 21_313 / 6_552
/** Rows that a simulated minute leaves when its trades are thinned to that mix. */
export const rowsAMinute = 15_700

export const ticks: Bench = {
  name: 'ticks',
  question: '10 M rows of a simulated market in the mix of the captured session, the whole graph',
  async run({ share, folder }) {
    const dir = makeMarket(folder, Math.ceil((10e6 * share) / rowsAMinute))
    const topics = await openTopics({ engine: 'embedded', dir })
    const stages = await costs(topics)
    const whole = await trade(topics, 'whole', await scalping())
    await topics.close()
    if (whole.fills === 0) throw new Error('the scalper was never filled')
    const peers = 'NautilusTrader 0.23 M rows/s with one EMA cross'
    return [
      { what: 'rows', value: whole.rows / 1e6, unit: 'M' },
      {
        what: 'whole graph',
        value: whole.rows / whole.seconds / 1e6,
        unit: 'M rows/s',
        pass: 1,
        aim: 5,
        at: 'least',
        peers,
      },
      { what: 'peak anonymous memory', value: whole.peakRssMb, unit: 'MB', pass: 512, aim: 256 },
      { what: 'fills', value: whole.fills, unit: '' },
      ...stages,
    ]
  },
}

/** A log of about that many simulated minutes; made by other processes, so that this one has run nothing before. */
export function makeMarket(folder: string, minutes: number): string {
  const [capture, imported, dir] = ['market.gz', 'imported', 'log'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const market = ['--exchange', 'binance-usdm', '--symbol', 'BTCUSDT']
  const main = join(root, 'bin', 'main.ts')
  child([main, 'simulate', 'market', '--seed', '1', '--minutes', String(minutes), ...market, '-o', capture])
  child([main, 'import', capture, '--exchange', 'binance-usdm', '--dir', imported])
  child([join(root, 'bench', 'thin.ts'), imported, dir, String(tradesABook)])
  return dir
}

type Call = { readonly seats: readonly Seat[]; readonly topology: TopologyInput }

const base = {
  ...{ exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', risk: 'default' },
  venue: { latency: { outMs: 5, backMs: 5, jitterMs: 1 } },
} satisfies Partial<TopologyInput>

export async function scalping(): Promise<Call> {
  const topology = { ...base, strategy: { name: 'scalper' }, regimeScaling: true, keep: ['regimes' as const] }
  return { topology, seats: (await findSeats(parseTopology(topology))).seats }
}

export async function trade(
  topics: Topics,
  name: string,
  { topology, seats }: Call,
  to?: number,
): Promise<BacktestResult> {
  const clock = { nowMs: () => performance.now() }
  const parsed = parseTopology({ ...topology, ...(to === undefined ? {} : { to }) })
  return backtest({ topics, topology: parsed, seats, codeHash: 'bench', clock, name })
}

/** What each part adds, over the first twentieth of the rows: runs of ever more of the graph, the best of several rounds. */
async function costs(topics: Topics): Promise<Figure[]> {
  const { first, last } = await topics.info('market.quotes')
  const to = Math.round(first! + (last! - first!) / 20)
  const account = { name: 'main', cash: 1_000_000 }
  const idle = (more: object): Call => {
    const strategy = defineStrategy({ ...nobody, ...more })
    return {
      topology: { ...base, strategy: { name: 'idle' } },
      seats: [{ strategy, params: {}, account, file: undefined }],
    }
  }
  const parts: [string, () => Promise<{ rows: number; seconds: number }>][] = [
    ['read and merge', () => read(topics, to)],
    ...Object.entries({
      'book, venue, portfolio': {
        ...idle({ needs: 'ticks' }),
        topology: { ...base, interval: undefined, strategy: { name: 'idle' } },
      },
      'bars of a second': idle({}),
      '25 features': idle({ features: true }),
      regimes: idle({ features: true, regimes: true }),
      'scalper, sizing, risk, orders': await scalping(),
    }).map(([what, call]): [string, () => Promise<{ rows: number; seconds: number }>] => {
      let n = 0
      return [what, () => trade(topics, `${what.replace(/\W+/g, '-')}-${n++}`, call, to)]
    }),
  ]
  // Round after round: what else the machine does falls on all of them.
  const best = parts.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round++) {
    for (const [at, [, work]] of parts.entries()) {
      const { rows, seconds } = await work()
      best[at] = Math.min(best[at]!, (seconds / rows) * 1e9)
    }
  }
  return parts.map(([what], at) => {
    return { what: `of it, ${what}`, value: best[at]! - (best[at - 1] ?? 0), unit: 'ns a row' }
  })
}

const rounds = 7

/** A strategy that looks at nothing. */
const nobody = {
  ...{ name: 'idle', summary: 'does nothing', parameters: z.strictObject({}), warmup: () => 0, needs: 'bars' as const },
  create: () => ({ save: () => new Uint8Array(0), load: () => {} }),
}

export async function read(topics: Topics, to: number): Promise<{ rows: number; seconds: number }> {
  const names = inputs.map((record) => ({ topic: `market.${record}` }))
  const { ms, result } = await timed(async () => {
    let rows = 0
    for await (const { merged } of replay(topics, { inputs: names, to })) rows += merged.rows
    return rows
  })
  return { rows: result, seconds: ms / 1000 }
}
