// A run's positions put to the test: shocks that were, days that may be, a market that is thinner than it was.
import { fixedLength } from '../operators/bars/interval.ts'
import { type Exposure, notionalOf } from '../operators/stress/exposure.ts'
import { type LiquidityResult, liquidityResult, type Traded } from '../operators/stress/liquidity.ts'
import { type MonteCarloResult, monteCarlo } from '../operators/stress/monte-carlo.ts'
import { type ShockResult, type Shocks, shockResult } from '../operators/stress/shocks.ts'
import { rowsOf } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { wordAt } from '../schemas/columns.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { CandleColumns, Position, TradeColumns } from '../schemas/records.generated.ts'
import { isoOf } from '../schemas/time.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import type { RunAbout } from './about.ts'
import { inputOptions } from './plan.ts'

export interface StressOptions {
  /** `worst`: when positions were worth most against equity; `end`; or a receive time, µs. */
  readonly at: 'worst' | 'end' | number
  readonly shocks: Shocks
  readonly paths: number
  /** Length of a path, s. */
  readonly horizonSeconds: number
  readonly seed: string | number
}

export interface AccountStress {
  readonly account: string
  readonly equity: number
  /** Value of all positions at mark, over equity. */
  readonly leverage: number
  readonly positions: readonly Exposure[]
  readonly shocks: readonly ShockResult[]
  /** Null, with the reason, where the run saw too little of the market. */
  readonly monteCarlo: MonteCarloResult | null
  readonly liquidity: readonly LiquidityResult[]
  readonly reason?: string
}

export interface StressResult {
  readonly run: string
  /** Receive time of what is put to the test, µs. */
  readonly at: number
  readonly currency: string
  readonly source: string
  readonly history: { readonly stepSeconds: number; readonly steps: number }
  readonly accounts: readonly AccountStress[]
}

/** Volume as it was, a third, a tenth. */
const thinnerBy = [1, 3, 10]
const leastSteps = 30

/** @throws SmartspeedError NO_DATA where the run held nothing at that time */
export async function stress(
  topics: Topics,
  run: string,
  about: RunAbout,
  options: StressOptions,
): Promise<StressResult> {
  const { plan, seats } = about
  const at =
    options.at === 'worst' ? await worstTime(topics, run) : options.at === 'end' ? Number.POSITIVE_INFINITY : options.at
  const held = await heldAt(topics, run, about, at)
  if (held.positions.length === 0) throw nothingHeld(run, options.at)
  const time = Math.min(at, held.time)
  const history = await historyOf(topics, about, time)
  const currency = plan.topology.account.currency ?? plan.instruments[0]!.settle
  const accounts = seats
    .map(({ account }) => account.name)
    .filter((name) => held.positions.some(({ account }) => account === name))
    .map((account) => accountStress(account, held, history, options))
  return {
    ...{ run, at: time, currency, source: options.shocks.source },
    history: { stepSeconds: history.stepSeconds, steps: history.steps },
    accounts,
  }
}

function accountStress(account: string, held: HeldThen, history: History, options: StressOptions): AccountStress {
  const { shocks, paths, horizonSeconds, seed } = options
  const positions = held.positions.filter((one) => one.account === account)
  const equity = held.equity.get(account) ?? 0
  const value = positions.reduce((sum, one) => sum + notionalOf(one), 0)
  const seen = positions.map(({ exchange, symbol }) => history.series.get(`${exchange}:${symbol}`)!)
  const isShort = history.steps < leastSteps
  const steps = Math.max(1, Math.round(horizonSeconds / history.stepSeconds))
  const meanBlock = Math.max(1, Math.min(history.steps / 4, 3600 / history.stepSeconds))
  return {
    ...{ account, equity, leverage: value / equity, positions },
    shocks: shocks.shocks.map((shock) => shockResult(shock, equity, positions)),
    monteCarlo: isShort
      ? null
      : monteCarlo(
          positions,
          seen.map(({ prices }) => prices),
          equity,
          { paths, steps, meanBlock, seed: `${seed}/${account}` },
        ),
    liquidity: isShort
      ? []
      : thinnerBy.map((thinner) =>
          liquidityResult(
            positions,
            seen.map(({ traded }) => traded),
            thinner,
          ),
        ),
    ...(isShort
      ? { reason: `the run had seen ${history.steps} steps of the market by then; ${leastSteps} are needed` }
      : {}),
  }
}

/** When the positions of any account were worth most against its equity; the end where that is never above nothing. */
async function worstTime(topics: Topics, run: string): Promise<number> {
  let [most, time] = [0, Number.POSITIVE_INFINITY]
  const topic = physicalName('accounts', run)
  if (!(await topics.list()).some(({ name }) => name === topic)) return time
  for await (const { batch } of topics.read<'accounts'>(topic)) {
    const { exposure, equity, received } = batch.columns
    for (let row = 0; row < batch.rows; row++) {
      const times = Number(exposure[row]!) / Math.max(1, Number(equity[row]!))
      if (times > most || (times === most && received[row]! < time)) [most, time] = [times, received[row]!]
    }
  }
  return time
}

interface HeldThen {
  readonly time: number
  readonly positions: readonly Exposure[]
  readonly equity: ReadonlyMap<string, number>
}

/** What was held, and what accounts were worth, by the rows up to a receive time. */
async function heldAt(topics: Topics, run: string, { plan, seats }: RunAbout, at: number): Promise<HeldThen> {
  const names = new Set((await topics.list()).map(({ name }) => name))
  const last = new Map<string, Position>()
  const equity = new Map(seats.map(({ account }) => [account.name, account.cash]))
  let time = Number.NEGATIVE_INFINITY
  const positions = physicalName('positions', run)
  if (names.has(positions)) {
    for await (const { batch } of topics.read<'positions'>(positions)) {
      for (const row of rowsOf(batch))
        if (row.received <= at) last.set(`${row.account}:${row.exchange}:${row.symbol}`, row)
    }
  }
  const accounts = physicalName('accounts', run)
  if (names.has(accounts)) {
    for await (const { batch } of topics.read<'accounts'>(accounts)) {
      const { columns } = batch
      for (let row = 0; row < batch.rows; row++) {
        if (columns.received[row]! > at) continue
        time = Math.max(time, columns.received[row]!)
        equity.set(wordAt(columns.account, row)!, Number(columns.equity[row]!) / 1e8)
      }
    }
  }
  const exposures = [...last.values()].flatMap((row): Exposure[] => {
    const instrument = plan.instruments.find((one) => one.symbol === row.symbol && one.exchange === row.exchange)
    const price = row.mark ?? row.entryPrice
    if (row.lots === 0 || instrument === undefined || price === undefined) return []
    const { base, contractSize, inverse } = instrument
    const { account, exchange, symbol } = row
    return [{ account, exchange, symbol, base, size: row.lots * row.lotSize, contractSize, inverse, price }]
  })
  const inOrder = (one: Exposure) => `${one.account}:${one.exchange}:${one.symbol}`
  return { time, equity, positions: exposures.sort((a, b) => (inOrder(a) < inOrder(b) ? -1 : 1)) }
}

interface Series {
  readonly prices: Float64Array
  readonly traded: Traded
}

interface History {
  readonly stepSeconds: number
  readonly steps: number
  /** By `exchange:symbol`, all on one grid. */
  readonly series: ReadonlyMap<string, Series>
}

/** Closes and volumes of the run's own inputs, as far as it had read by then: its candles; of ticks minutes, or seconds where there are too few. */
async function historyOf(topics: Topics, about: RunAbout, to: number): Promise<History> {
  const { fill, interval } = about.plan
  const barUs = fill === 'book' || interval === undefined ? undefined : fixedLength(interval)
  if (barUs !== undefined) return sampled(topics, about, to, barUs / 1e6)
  const minutes = await sampled(topics, about, to, 60)
  return minutes.steps >= leastSteps ? minutes : sampled(topics, about, to, 1)
}

/** What happened in one step of the grid. */
interface Sample {
  readonly close: number
  readonly size: number
}

async function sampled(topics: Topics, { plan }: RunAbout, to: number, stepSeconds: number): Promise<History> {
  const { inputs, ...range } = inputOptions(plan)
  const isTicks = plan.fill === 'book'
  const wanted = inputs.filter(({ topic }) => topic === physicalName(isTicks ? 'trades' : 'candles'))
  const samples = new Map(
    plan.instruments.map(({ exchange, symbol }) => [`${exchange}:${symbol}`, new Map<number, Sample>()]),
  )
  const until = Math.min(range.to ?? Number.POSITIVE_INFINITY, to + 1)
  for await (const { merged } of replay(topics, { ...range, inputs: wanted, to: until })) {
    for (let at = 0; at < merged.rows; at++) {
      const columns = merged.sources[merged.source[at]!]!.columns as TradeColumns & CandleColumns
      const row = merged.row[at]!
      if (!isTicks && wordAt(columns.interval, row) !== plan.interval) continue
      const own = samples.get(`${wordAt(columns.exchange, row)}:${wordAt(columns.symbol, row)}`)
      if (own === undefined) continue
      // A candle counts as of its last moment.
      const step = Math.floor((columns.time[row]! - (isTicks ? 0 : 1)) / 1e6 / stepSeconds)
      const before = own.get(step)?.size ?? 0
      if (isTicks) own.set(step, { close: columns.price[row]!, size: before + columns.size[row]! })
      else own.set(step, { close: columns.close[row]!, size: before + columns.volume[row]! })
    }
  }
  return onOneGrid(samples, stepSeconds)
}

/** From the first step at which all instruments were seen; a step without a row has the price of the one before, and no volume. */
function onOneGrid(samples: ReadonlyMap<string, ReadonlyMap<number, Sample>>, stepSeconds: number): History {
  let [first, last] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const own of samples.values()) {
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const step of own.keys()) [from, to] = [Math.min(from, step), Math.max(to, step)]
    first = Math.max(first, from)
    last = Math.max(last, to)
  }
  const length = Number.isFinite(first) && last >= first ? last - first + 1 : 0
  const series = new Map([...samples].map(([key, own]) => [key, seriesOf(own, { first, length, stepSeconds })]))
  return { stepSeconds, steps: Math.max(0, length - 1), series }
}

function seriesOf(
  own: ReadonlyMap<number, Sample>,
  { first, length, stepSeconds }: { readonly first: number; readonly length: number; readonly stepSeconds: number },
): Series {
  const prices = new Float64Array(length)
  let [close, size, squares] = [Number.NaN, 0, 0]
  for (let step = 0; step < length; step++) {
    const sample = own.get(first + step)
    const before = close
    if (sample !== undefined) {
      close = sample.close
      size += sample.size
    }
    prices[step] = close
    const change = close / before - 1
    if (step > 0) squares += change * change
  }
  const steps = Math.max(1, length - 1)
  return { prices, traded: { size: size / Math.max(1, length), variance: squares / steps, stepSeconds } }
}

function nothingHeld(run: string, at: StressOptions['at']): SmartspeedError {
  const when = typeof at === 'number' ? ` at ${isoOf(at)}` : at === 'end' ? ' at its end' : ''
  return new SmartspeedError('NO_DATA', `run ${run} held nothing${when}: there is nothing to put to the test`, {
    fix: at === 'worst' ? 'take a run that traded: smartspeed runs' : 'take the moment when it held most: --at worst',
  })
}
