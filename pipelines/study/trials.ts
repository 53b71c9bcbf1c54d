// The trials of a place: rows that studies wrote, runs as far as they came, and those of both that were removed since. None is forgotten,
// because how good the best of them must be to be more than luck depends on how many there were.
import canonicalize from 'canonicalize'
import { type Batch, rowAt } from '../../schemas/batch.ts'
import { physicalName, topicNamed } from '../../schemas/catalogue.ts'
import { textAt, wordAt } from '../../schemas/columns.ts'
import type { Trial } from '../../schemas/records.generated.ts'
import type { Topics } from '../../topics/topics.ts'
import { type AnyAbout, type RunAbout, readAbout } from '../about.ts'
import { Outputs } from '../outputs.ts'
import { writeLedger } from './ledger.ts'
import { type Stretch, trialId } from './outcome.ts'

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
  const wanted = new Set(instrumentsOf(exchange, symbols))
  const [all, ofStrategy, seen] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for await (const one of everyTrial(topics)) {
    if (!instrumentsOf(one.exchange, one.symbol.split(',')).some((name) => wanted.has(name))) continue
    all.add(one.id)
    // The same trial may have been stopped earlier elsewhere.
    if (one.end > unseen) seen.add(one.id)
    if (one.strategy === strategy) ofStrategy.add(one.id)
  }
  return { all: all.size, ofStrategy: ofStrategy.size, seen: seen.size }
}

/** Each as `exchange:symbol`, which is what plans of several exchanges call them. */
export function instrumentsOf(exchange: string, symbols: readonly string[]): readonly string[] {
  return exchange.includes(',') ? symbols : symbols.map((symbol) => `${exchange}:${symbol}`)
}

/** Each trial of the place; one that was made twice, twice. */
export async function* everyTrial(topics: Topics): AsyncGenerator<Counted> {
  for (const info of await topics.list()) {
    if (topicNamed(info.name).name === 'trials') yield* countedIn(topics, info.name)
  }
  for (const { run, about } of await topics.runs()) {
    const read = readAbout(about)
    if (read !== undefined) yield* await trialsOfRun(topics, run, read)
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

/** What a run tried, a seat each; of one that is not finished those that have committed a step: its report shows what they came to. */
async function trialsOfRun(topics: Topics, run: string, about: AnyAbout): Promise<Trial[]> {
  if (about.pipeline !== 'trading') return []
  const { result } = about
  if (result === undefined) return unfinishedTrials(topics, run, about)
  return about.seats.map((_, trial) => {
    const own = result.strategies[trial]!
    return {
      ...triedBy(run, about, trial, result.span),
      ...{ finalEquity: e8(own.finalEquity), fees: e8(own.fees) },
      ...{ fills: own.fills, trips: own.trades, wins: Math.round((own.metrics.winRate ?? 0) * own.trades) },
      ...{ sharpe: own.metrics.sharpe ?? undefined, drawdown: own.metrics.maxDrawdown ?? undefined },
    }
  })
}

/** As far as each seat came; what it came to there is not reckoned. */
async function unfinishedTrials(topics: Topics, run: string, about: RunAbout): Promise<Trial[]> {
  const trials: Trial[] = []
  for (const { task, partition, received: to } of await topics.tasks(run)) {
    const from = about.plan.from ?? (await firstReceived(topics, run, task)) ?? to
    // A backtest is one task of all its seats, others have a task a seat.
    const seats = about.tasks.length === 1 ? about.seats.keys() : [partition]
    for (const trial of seats) {
      const nothing = { finalEquity: 0n, fees: 0n, fills: 0, trips: 0, wins: 0, error: 'the run is not finished' }
      trials.push({ ...triedBy(run, about, trial, { from, to }), ...nothing })
    }
  }
  return trials
}

async function firstReceived(topics: Topics, run: string, task: string): Promise<number | undefined> {
  for await (const entry of topics.journal(run, task)) if (entry.firstReceived !== undefined) return entry.firstReceived
  return undefined
}

/** What is known of the trial of a seat, whatever it came to. */
function triedBy(run: string, { plan, seats }: RunAbout, trial: number, { from, to }: Stretch) {
  const seat = seats[trial]!
  const { strategy, params } = seat
  const time = from + trial
  const how = 'graph' as const
  return {
    ...{ time, received: time, exchange: plan.exchange, symbol: plan.symbols.join(','), end: to, study: run, strategy },
    ...{ trial, id: trialId(plan, seat, params), params: canonicalize(params)!, how, share: 1, dayEquity: [] },
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
  for await (const batch of batchesOf(topics, study)) for (let row = 0; row < batch.rows; row++) yield rowAt(batch, row)
}

/** How many of them are there. */
export async function trialsIn(topics: Topics, study: string): Promise<number> {
  let count = 0
  for await (const { rows } of batchesOf(topics, study)) count += rows
  return count
}

async function* batchesOf(topics: Topics, study: string): AsyncGenerator<Batch<'trials'>> {
  const topic = physicalName('trials', study)
  if (!(await topics.list()).some(({ name }) => name === topic)) return
  for await (const { batch } of topics.read<'trials'>(topic)) yield batch
}

/** Writes down what a run or a study tried, before it is removed. @throws SmartspeedError LEASE_HELD while somebody else writes there */
export async function keepTrials(topics: Topics, run: string): Promise<void> {
  const about = readAbout((await topics.runs()).find((one) => one.run === run)?.about)
  await writeTrials(topics, await (about === undefined ? trialsOf(topics, run) : trialsOfRun(topics, run, about)))
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

/** Counts trials that no study and no run keeps; `change` as of `writeLedger`. */
export async function writeTrials(
  topics: Topics,
  rows: readonly Trial[],
  change?: Parameters<typeof writeLedger>[2],
): Promise<void> {
  if (rows.length > 0) await writeLedger(topics, trialBatches(rows.map((row) => ({ ...row, dayEquity: [] }))), change)
}
