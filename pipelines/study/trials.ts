// The trials of a place: rows that studies wrote, backtests that ran, and those of both that were removed since. None is forgotten,
// because how good the best of them must be to be more than luck depends on how many there were.
import canonicalize from 'canonicalize'
import { type Batch, rowAt } from '../../schemas/batch.ts'
import { physicalName, topicNamed } from '../../schemas/catalogue.ts'
import { textAt, wordAt } from '../../schemas/columns.ts'
import type { Trial } from '../../schemas/records.generated.ts'
import type { Topics } from '../../topics/topics.ts'
import { type AnyAbout, readAbout } from '../about.ts'
import { ledgerRun } from '../market-writer.ts'
import { Outputs } from '../outputs.ts'
import { trialId } from './outcome.ts'

/** What is counted of a trial. */
export type Counted = Pick<Trial, 'id' | 'exchange' | 'symbol' | 'end' | 'strategy' | 'study'>

export interface TrialCount {
  /** Different trials on any of these instruments, whatever the strategy. */
  readonly all: number
  /** Those of them with this strategy. */
  readonly ofStrategy: number
  /** Those that saw anything from `unseen` on. */
  readonly seen: number
}

/** Which trials are counted: exchange and symbols as a plan says them; `unseen`, µs, is where a hold-out begins. */
export interface Asked {
  readonly exchange: string
  readonly symbols: readonly string[]
  readonly strategy: string
  readonly unseen?: number | undefined
}

/** Counts different trials. Reads all of them. */
export async function countTrials(
  topics: Topics,
  { exchange, symbols, strategy, unseen = Number.POSITIVE_INFINITY }: Asked,
): Promise<TrialCount> {
  const ids = new Set<string>()
  let [ofStrategy, seen] = [0, 0]
  for await (const one of everyTrial(topics)) {
    if (ids.has(one.id) || !shares(one, exchange, symbols)) continue
    ids.add(one.id)
    if (one.end > unseen) seen++
    if (one.strategy === strategy) ofStrategy++
  }
  return { all: ids.size, ofStrategy, seen }
}

function shares(one: Counted, exchange: string, symbols: readonly string[]): boolean {
  const own = one.symbol.split(',')
  return one.exchange === exchange && symbols.some((symbol) => own.includes(symbol))
}

/** Each trial of the place; one that was made twice, twice. */
export async function* everyTrial(topics: Topics): AsyncGenerator<Counted> {
  for (const info of await topics.list()) {
    if (topicNamed(info.name).name === 'trials') yield* countedIn(topics, info.name)
  }
  for (const { run, about } of await topics.runs()) {
    const read = readAbout(about)
    if (read !== undefined) yield* trialsOfRun(run, read)
  }
}

/** The columns that counting needs; the rest of a row is not touched. */
async function* countedIn(topics: Topics, topic: string): AsyncGenerator<Counted> {
  for await (const { batch } of topics.read<'trials'>(topic)) {
    const { id, exchange, symbol, end, strategy, study } = batch.columns
    for (let row = 0; row < batch.rows; row++) {
      const [where, what] = [wordAt(exchange, row)!, wordAt(symbol, row)!]
      const who = { strategy: wordAt(strategy, row)!, study: wordAt(study, row)! }
      yield { id: textAt(id, row), exchange: where, symbol: what, end: end[row]!, ...who }
    }
  }
}

/** What a run that is finished tried, a seat each; of one that is not, nothing has been seen yet. */
export function* trialsOfRun(run: string, about: AnyAbout): Generator<Trial> {
  if (about.pipeline !== 'trading' || about.result === undefined) return
  const { plan, seats, result } = about
  const shared = {
    exchange: plan.exchange,
    symbol: plan.symbols.join(','),
    study: run,
    how: 'graph',
    share: 1,
  } as const
  for (const [trial, { strategy, params }] of seats.entries()) {
    const own = result.strategies[trial]!
    const time = result.span.from + trial
    yield {
      ...{ time, received: time, ...shared, end: result.span.to, strategy, trial, id: trialId(plan, strategy, params) },
      ...{ params: canonicalize(params)!, finalEquity: e8(own.finalEquity), fees: e8(own.fees) },
      ...{ fills: own.fills, trips: own.trades, wins: Math.round((own.metrics.winRate ?? 0) * own.trades) },
      ...{ sharpe: own.metrics.sharpe ?? undefined, drawdown: own.metrics.maxDrawdown ?? undefined, dayEquity: [] },
    }
  }
}

function e8(amount: number): bigint {
  return BigInt(Math.round(amount * 1e8))
}

/** The trials of a study, in their order. Memory: all of their rows, half a kilobyte each at least. */
export async function trialsOf(topics: Topics, study: string): Promise<Trial[]> {
  const rows: Trial[] = []
  for await (const row of eachTrial(topics, study)) rows.push(row)
  return rows.sort((a, b) => a.trial - b.trial)
}

/** The trials of a study one by one, in no order that could be relied on. */
export async function* eachTrial(topics: Topics, study: string): AsyncGenerator<Trial> {
  const topic = physicalName('trials', study)
  if (!(await topics.list()).some(({ name }) => name === topic)) return
  for await (const { batch } of topics.read<'trials'>(topic))
    for (let row = 0; row < batch.rows; row++) yield rowAt(batch, row)
}

/** Writes down what a run or a study tried, before it is removed. @throws SmartspeedError LEASE_HELD while somebody else writes there */
export async function keepTrials(topics: Topics, run: string): Promise<void> {
  const about = readAbout((await topics.runs()).find((one) => one.run === run)?.about)
  await writeTrials(topics, about === undefined ? await trialsOf(topics, run) : [...trialsOfRun(run, about)])
}

/** Trials as they are committed. */
export function trialBatches(rows: readonly Trial[]): Batch[] {
  const outputs = new Outputs()
  for (const row of rows) {
    outputs.push('trials', row)
    outputs.cut()
  }
  return outputs.take()
}

/** Counts trials that no study and no run keeps. */
export async function writeTrials(topics: Topics, rows: readonly Trial[]): Promise<void> {
  if (rows.length === 0) return
  const batches = trialBatches(rows.map((row) => ({ ...row, dayEquity: [] })))
  const writer = await topics.writer({ run: ledgerRun })
  try {
    await writer.commit({ outputs: batches })
  } finally {
    await writer.close()
  }
}
