// A backtest: the trading graph over replayed topics, as a run that can be resumed, repeated and compared.
import type { RoundTrips } from '../operators/metrics/index.ts'
import { e8ToNumber } from '../operators/portfolio/money.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { hashTopic } from '../topics/hash.ts'
import { pacer } from '../topics/pace.ts'
import { replay } from '../topics/replay.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import { accountCurves, figuresOf, totalCurve, tripsByAccount } from './collect.ts'
import { hashOf, type Topology } from './config.ts'
import { importRun } from './ingest-summary.ts'
import { MemoryWatch } from './memory.ts'
import { type Plan, planOf, rangeOf } from './plan.ts'
import { type Clock, runTask } from './runtime.ts'
import { aboutSeats, type Seat, type SeatAbout } from './seats.ts'
import { createTrading, type TradingSummary } from './trading.ts'
import { whyNoTrades } from './why-no-trades.ts'

export const tradingTask = 'trading'
/** The topics that a run is compared by. */
export const comparedTopics = ['signals', 'orders', 'executions', 'positions'] as const

export interface BacktestOptions {
  readonly topics: Topics
  readonly topology: Topology
  readonly seats: readonly Seat[]
  readonly codeHash: string
  readonly name?: string
  readonly batchRows?: number
  readonly stepRows?: number
  readonly snapshotRows?: number
  readonly speed?: 'max' | number
  readonly clock: Clock
  readonly signal?: AbortSignal
  readonly onStep?: (progress: { rows: number; received: number; total: number | undefined; memoryMb: number }) => void
}

/** What is kept with a run, beside its topics. */
export interface RunAbout {
  readonly kind: 'backtest'
  readonly status: 'running' | 'interrupted' | 'finished'
  readonly plan: Plan
  readonly seats: readonly SeatAbout[]
  readonly codeHash: string
  readonly configHash: string
  readonly startedMs: number
  readonly result?: BacktestResult
}

export interface BacktestResult {
  readonly run: string
  readonly rows: number
  readonly seconds: number
  readonly rowsPerSecond: number
  /** Anonymous memory. */
  readonly peakRssMb: number
  /** Pages of files that were mapped beside it. */
  readonly peakMappedMb: number
  readonly hashes: Record<(typeof comparedTopics)[number], string>
  /** Of all accounts together. */
  readonly metrics: ReturnType<typeof figuresOf>
  /** Each strategy at its account, in the order of the topology. Its figures add up to those above. */
  readonly strategies: readonly StrategyResult[]
  readonly fills: number
  readonly trades: number
  readonly fees: number
  readonly funding: number
  readonly finalEquity: number
  readonly openPositions: TradingSummary['openPositions']
  readonly warnings: readonly Warning[]
  readonly summary: TradingSummary
  readonly span: { readonly from: number; readonly to: number }
}

/** What one strategy came to at its own account. */
export interface StrategyResult {
  readonly strategy: string
  readonly account: string
  readonly metrics: ReturnType<typeof figuresOf>
  readonly fills: number
  readonly trades: number
  readonly fees: number
  readonly funding: number
  readonly finalEquity: number
}

export interface Warning {
  readonly code: string
  readonly message: string
}

/**
 * Runs a backtest, goes on with one that was stopped or killed, or says again what a finished one came to.
 *
 * @throws SmartspeedError NO_DATA, CONFIG_INVALID, LEASE_HELD, VERSION_MISMATCH, RUN_EXISTS (same name, other config),
 *         INTERRUPTED after a clean stop
 */
export async function backtest(options: BacktestOptions): Promise<BacktestResult> {
  const { topics, topology, seats, clock } = options
  const writer = await open(options)
  try {
    const before = await aboutOf(topics, writer.run)
    const fresh = await planOf(
      topics,
      topology,
      seats.map(({ strategy }) => strategy),
    )
    const configHash = configHashOf(before === undefined ? fresh : { ...before.plan, topology: fresh.topology }, seats)
    if (before !== undefined) check(before, configHash, options)
    if (before?.result !== undefined) return saidAgain(before, before.result, options.codeHash)
    const about: RunAbout = {
      ...{
        kind: 'backtest',
        status: 'running',
        plan: before?.plan ?? fresh,
        seats: aboutSeats(seats),
      },
      ...{ codeHash: options.codeHash, configHash, startedMs: before?.startedMs ?? clock.nowMs() },
    }
    return await execute(options, writer, about)
  } finally {
    await writer.close()
  }
}

/** The result of a finished run; with a warning when the code has changed since. */
function saidAgain(before: RunAbout, result: BacktestResult, codeHash: string): BacktestResult {
  if (before.codeHash === codeHash) return result
  const message = `this is what other code gave; run it anew: smartspeed runs rm ${result.run}, or take another --name`
  return { ...result, warnings: [...result.warnings, { code: 'CODE_CHANGED', message }] }
}

/** Runs the plan and keeps its result. */
async function execute(options: BacktestOptions, writer: Writer, about: RunAbout): Promise<BacktestResult> {
  const { topics, seats, clock, onStep } = options
  const { plan } = about
  const graph = createTrading({ plan, seats })
  const total = await rowsOf(topics, plan)
  const memory = new MemoryWatch()
  const startedMs = clock.nowMs()
  await writer.commit({ outputs: [], run: about })
  const done = await runTask({
    ...{ topics, writer, task: tradingTask, graph, clock, codeHash: about.codeHash, configHash: about.configHash },
    ...(options.stepRows === undefined ? {} : { stepRows: options.stepRows }),
    ...(options.snapshotRows === undefined ? {} : { snapshotRows: options.snapshotRows }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    source: (place) => replay(topics, { ...inputOptions(plan), ...place, ...paceOptions(options, plan) }),
    onStep: (step) => {
      memory.look()
      onStep?.({ ...step, total, memoryMb: memory.peakMb })
    },
  })
  memory.look()
  const seconds = (clock.nowMs() - startedMs) / 1000
  if (done.interrupted) {
    await writer.commit({ outputs: [], run: { ...about, status: 'interrupted' } })
    throw new SmartspeedError(
      'INTERRUPTED',
      `run ${writer.run} stopped after ${done.rows} rows; everything up to there is kept`,
      {
        fix: `the same command with --name ${writer.run} goes on from there`,
      },
    )
  }
  const summary = graph.summary()
  if (summary.marketRows === 0) throw await emptyRange(topics, plan, writer)
  const result = await resultOf(topics, writer.run, about, { rows: done.rows, seconds, memory, summary })
  await writer.commit({ outputs: [], run: { ...about, status: 'finished', result } })
  return result
}

async function resultOf(
  topics: Topics,
  run: string,
  about: RunAbout,
  { rows, seconds, memory, summary }: { rows: number; seconds: number; memory: MemoryWatch; summary: TradingSummary },
): Promise<BacktestResult> {
  const { plan, seats } = about
  const accounts = seats.map(({ account }) => account)
  const trips = await tripsByAccount(topics, run, { plan, accounts })
  const curves = await accountCurves(topics, run)
  // Where the rows begin, not where the range that was asked for does: years without a row are no track record.
  const span = { from: summary.first, to: summary.last }
  const finalEquity = e8ToNumber(BigInt(summary.equityE8))
  const cash = accounts.reduce((sum, account) => sum + account.cash, 0)
  const strategies = seats.map(({ strategy, account }, at): StrategyResult => {
    const end = e8ToNumber(BigInt(summary.accounts[at]!.equityE8))
    const own = trips.by.get(account.name)!
    const metrics = figuresOf(totalCurve([account], curves), own, { ...span, cash: account.cash, end })
    return { strategy, account: account.name, metrics, ...amountsOf(own), finalEquity: end }
  })
  return {
    ...{ run, rows, seconds, rowsPerSecond: Math.round(rows / Math.max(seconds, 1e-6)) },
    ...{ peakRssMb: memory.peakMb, peakMappedMb: memory.mappedMb },
    hashes: await hashesOf(topics, run),
    metrics: strategies.length === 1 ? strategies[0]!.metrics : whole(),
    strategies,
    ...{ ...amountsOf(trips.all), finalEquity },
    openPositions: summary.openPositions,
    warnings: warningsOf(run, plan, summary),
    ...{ summary, span },
  }

  function whole() {
    return figuresOf(totalCurve(accounts, curves), trips.all, { ...span, cash, end: finalEquity })
  }
}

const amountsOf = ({ fills, closed, feesE8, fundingE8 }: RoundTrips) => ({
  ...{ fills, trades: closed.length, fees: e8ToNumber(feesE8), funding: e8ToNumber(fundingE8) },
})

/** The hash of each compared topic; of no rows where the run wrote none. */
export async function hashesOf(topics: Topics, run: string): Promise<BacktestResult['hashes']> {
  const names = new Set((await topics.list()).map((info) => info.name))
  const entries = []
  for (const record of comparedTopics) {
    const name = physicalName(record, run)
    entries.push([record, names.has(name) ? (await hashTopic(topics, name)).hash : emptyHash])
  }
  return Object.fromEntries(entries) as BacktestResult['hashes']
}

/** SHA-256 of nothing. */
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

function warningsOf(run: string, plan: Plan, summary: TradingSummary): Warning[] {
  const warnings: Warning[] = []
  if (plan.fill === 'close') {
    warnings.push({
      code: 'FILL_AT_SIGNAL_CLOSE',
      message:
        'market orders were filled at the close of the bar that gave the signal: nobody can trade there; --fill next-open is honest',
    })
  }
  if (plan.topology.risk === 'off') {
    warnings.push({
      code: 'RISK_OFF',
      message: 'only instrument filters and cash were checked; a live account never runs so',
    })
  }
  if (plan.instruments.some((instrument) => instrument.inferred)) {
    warnings.push({
      code: 'INSTRUMENT_INFERRED',
      message: 'tick and lot were read off the data: import an exchangeInfo answer to be sure',
    })
  }
  if (summary.lateTrades > 0) {
    warnings.push({
      code: 'LATE_TRADES',
      message: `${summary.lateTrades} trades came after their bar was closed and are in none`,
    })
  }
  return [...warnings, ...idleWarning(run, plan, summary)]
}

/** What a person asks who sees no trades. */
function idleWarning(run: string, plan: Plan, summary: TradingSummary): Warning[] {
  const refusals = Object.entries(summary.rejections).map(([name, count]) => {
    const [check = '', reason = ''] = name.split(': ')
    return { by: 'risk', check, reason, count }
  })
  const bars = plan.interval === undefined ? undefined : summary.bars
  const idle = whyNoTrades({ ...summary, run, bars, warmup: summary.warmupBars, refusals })
  return idle === undefined ? [] : [{ code: 'NO_TRADES', message: `${idle.why} ${idle.next}` }]
}

/** What a run reads: its rows, and those that lead in to them. */
export function inputOptions(plan: Plan) {
  const { leadIn } = plan
  return { ...replayOptions(plan), ...(leadIn === undefined ? {} : { from: leadIn }) }
}

/** The rows of a run. */
export function replayOptions(plan: Plan) {
  const { exchange, symbols, from, to, inputs } = plan
  return {
    ...{ inputs: inputs.map(({ topic }) => ({ topic })), exchange, symbols },
    ends: Object.fromEntries(inputs.map(({ topic, ends }) => [topic, ends])),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

function paceOptions({ batchRows, speed, signal }: BacktestOptions, { from, leadIn }: Plan) {
  const pace = speed === undefined || speed === 'max' || leadIn === undefined ? undefined : pacer(speed, signal)
  return {
    ...(batchRows === undefined ? {} : { maxRows: batchRows }),
    ...(speed === undefined ? {} : { speed }),
    ...(signal === undefined ? {} : { signal }),
    // Nobody waits for the rows that lead in.
    ...(pace === undefined
      ? {}
      : { pace: async (received: number) => (received < from! ? undefined : pace(received)) }),
  }
}

/** What of a plan decides the outputs; where data end is data, and where they lie does not matter. */
function configHashOf(plan: Plan, seats: readonly Seat[]): string {
  const { topology, inputs: _, ...rest } = plan
  const { engine: _engine, dir: _dir, strategies: _strategies, ...what } = topology
  const who = aboutSeats(seats).map(({ file: _file, ...seat }) => seat)
  return hashOf(JSON.parse(JSON.stringify({ ...rest, topology: what, seats: who })))
}

/** The writer of the named run, or of the first free `<strategy>-<n>`; of several strategies `mix-<n>`. */
async function open({ topics, name, seats }: BacktestOptions): Promise<Writer> {
  if (name === importRun) {
    const message = `--name: a run cannot be called "${importRun}": what imports remember is kept under that name`
    throw new SmartspeedError('CONFIG_INVALID', message, { fix: 'choose another --name' })
  }
  if (name !== undefined) return topics.writer({ run: name })
  const taken = new Set((await topics.runs()).map((one) => one.run))
  const what = seats.length === 1 ? seats[0]!.strategy.name : 'mix'
  for (let n = 1; ; n++) {
    const run = `${what}-${n}`
    if (!taken.has(run)) return topics.writer({ run })
  }
}

/** What is kept with a run. */
export async function aboutOf(topics: Topics, run: string): Promise<RunAbout | undefined> {
  return (await topics.runs()).find((one) => one.run === run)?.about as RunAbout | undefined
}

function check(before: RunAbout, configHash: string, { name, codeHash }: BacktestOptions): void {
  if (before.configHash !== configHash) {
    throw new SmartspeedError(
      'RUN_EXISTS',
      `run ${name} is there with another config (${before.configHash.slice(0, 8)}, now ${configHash.slice(0, 8)})`,
      {
        fix: `choose another --name, or remove it: smartspeed runs rm ${name}`,
      },
    )
  }
  if (before.result === undefined && before.codeHash !== codeHash) {
    throw new SmartspeedError('VERSION_MISMATCH', `run ${name} was begun by other code and is not finished`, {
      fix: `start it anew: smartspeed runs rm ${name}, then the same command`,
    })
  }
}

async function emptyRange(topics: Topics, plan: Plan, writer: Writer): Promise<SmartspeedError> {
  const range = await rangeOf(topics, plan)
  await writer.close()
  await topics.removeRun(writer.run)
  const iso = (time: number) => new Date(time / 1000).toISOString()
  const asked = `${plan.exchange} ${plan.symbols.join(', ')}${plan.from === undefined ? '' : ` from ${iso(plan.from)}`}${plan.to === undefined ? '' : ` to ${iso(plan.to)}`}`
  return new SmartspeedError('NO_DATA', `no rows of ${asked}`, {
    fix:
      range === undefined ? 'import a capture first' : `there are rows from ${iso(range.first)} to ${iso(range.last)}`,
  })
}

async function rowsOf(topics: Topics, plan: Plan): Promise<number | undefined> {
  if (plan.from !== undefined || plan.to !== undefined) return undefined
  let rows = 0
  for (const { topic } of plan.inputs) rows += (await topics.info(topic)).rows
  return rows
}
