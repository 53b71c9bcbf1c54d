// Sweeps: what each of thousands of parameter sets would have come to over the same candles, equal to a backtest of each.
import { type Swept, sweepKernels, sweepNeeds, sweepRun, sweepSeries } from '../../../native/sweep.ts'
import { SmartspeedError } from '../../../schemas/errors.ts'
import { ticksOf } from '../../instrument.ts'
import { dayBounds, dayUs } from '../../metrics/curve.ts'
import { parseParameters, type Strategy } from '../../strategies/index.ts'
import { type CandleColumns, copyOf, intervalOf, sliceOf, volumeRatio } from './columns.ts'
import { kernelOf, type SweepKernel } from './kernels.ts'
import { hasExits, packed, type SweepTerms, whyNotTerms } from './terms.ts'

export type { CandleColumns } from './columns.ts'
export type { SweepTerms } from './terms.ts'

/** What each trial came to, in the order of its parameters. */
export interface SweepTrials {
  /** At the last close, 10⁻⁸ of the settlement currency. */
  readonly finalEquityE8: BigInt64Array
  readonly fills: Int32Array
  /** Round trips that were closed, and those of them that gained after their fees. */
  readonly trips: Int32Array
  readonly wins: Int32Array
  readonly feesE8: BigInt64Array
  /** UTC days, µs at which each began. An edge of less than an hour joins its neighbour, as in `dailyEquity`. */
  readonly days: Float64Array
  /** Trials × days, a trial after the other: equity at mark at the end of each day, in units. Before the first day it is the cash. */
  readonly dayEquity: Float64Array
}

/** Over what trials run, and what is told of them. */
export interface SweepRange {
  /** Bars `from` to before `to`; all when left out. A trial begins at `from` and remembers nothing of before. */
  readonly from?: number
  readonly to?: number
  /** False: `days` and `dayEquity` are empty. */
  readonly withDays?: boolean
}

export interface SweepWork {
  /** One a core when left out; they change no result. */
  readonly threads?: number
  readonly signal?: AbortSignal
  /** After each chunk of trials. */
  onProgress?(trialsDone: number): void
}

export type SweepOptions = SweepRange & SweepWork

/** A strategy over candles that were made ready once: for a search that asks for a few trials at a time. */
export interface Sweep {
  run(params: readonly object[], work?: SweepWork): Promise<SweepTrials>
}

/** Why a strategy cannot be swept on these terms with the result of a backtest; undefined when it can. */
export function whyNot(strategy: Strategy, terms: SweepTerms): string | undefined {
  if (kernelOf(strategy) === undefined && strategy.vectorized === undefined)
    return `${strategy.name} has no vectorized form: it decides at each instant, and is run by backtests`
  return whyNotTerms(terms)
}

/** Trials of one call; in between progress is told, and a wish to stop heard. */
const chunkTrials = 256
/** Numbers of the targets of one call: 32 MiB. */
const chunkTargets = 4_194_304

/**
 * Runs a trial for each set of parameters. docs/sweeps.md says what a trial is equal to.
 *
 * In:     params — as the strategy takes them; what is left out has its default.
 * Errors: SmartspeedError CONFIG_INVALID where `whyNot` has an answer, and for parameters; VALUE_IMPOSSIBLE for candles that no money
 *         can be counted on; STRATEGY_FAILED for targets that are none; ACCOUNT_OVERFLOW; INTERRUPTED by the signal.
 */
export async function sweepTrials(
  strategy: Strategy,
  candles: CandleColumns,
  params: readonly object[],
  terms: SweepTerms,
  options: SweepOptions = {},
): Promise<SweepTrials> {
  return await prepareSweep(strategy, candles, terms, options).run(params, options)
}

/** The same in two parts: candles are copied here, and what becomes of them later does not show. @throws SmartspeedError as `sweepTrials` */
export function prepareSweep(
  strategy: Strategy,
  candles: CandleColumns,
  terms: SweepTerms,
  { from = 0, to = candles.time.length, withDays = true }: SweepRange = {},
): Sweep {
  const reason = whyNot(strategy, terms)
  if (reason !== undefined) throw refused(reason)
  const intervalUs = intervalOf(candles, terms.intervalUs)
  if (hasExits(terms) && intervalUs < 1_000_000)
    throw refused('stops and targets are asked once a second: bars are shorter')
  const range = sliceOf(candles, from, to)
  const { days, bars } = withDays ? daysOf(range.time, intervalUs) : { days: noDays, bars: new Uint32Array(0) }
  const kernel = kernelOf(strategy)
  const native = seriesOf({ candles, range, from, to, intervalUs }, kernel, terms, bars)
  const asks = kernel === undefined ? asksOfTargets(strategy, copyOf(range)) : asksOf(kernel)
  const packedTerms = packed(terms)
  return {
    async run(params, { threads = 0, signal, onProgress } = {}) {
      const { order, size, numbers } = asks(params.map((one) => parse(strategy, one)))
      const trials = emptyTrials(params.length, days)
      for (let done = 0; done < order.length; ) {
        if (signal?.aborted) throw stopped(done, order.length)
        const chunk = order.slice(done, done + size)
        const work = { kernel: kernel?.code ?? sweepKernels.targets, params: numbers(chunk), threads, withDays }
        put(trials, chunk, await sweepRun(native, packedTerms, work))
        done += chunk.length
        onProgress?.(done)
      }
      return trials
    },
  }
}

/** Trials in the order in which they are run, so many a call, and the numbers of some of them. */
interface Asks {
  readonly order: readonly number[]
  readonly size: number
  numbers(chunk: readonly number[]): Float64Array
}

/** Those that share a window are swept together: it is computed once a chunk. */
function asksOf(kernel: SweepKernel): (params: readonly unknown[]) => Asks {
  return (params) => {
    const rows = params.map((one) => kernel.row(one))
    const order = Array.from(rows.keys()).sort((a, b) => rows[a]![0]! - rows[b]![0]! || a - b)
    return { order, size: chunkTrials, numbers: (chunk) => Float64Array.from(chunk.flatMap((trial) => rows[trial]!)) }
  }
}

function asksOfTargets(strategy: Strategy, range: CandleColumns): (params: readonly unknown[]) => Asks {
  const size = Math.max(1, Math.floor(chunkTargets / range.time.length))
  return (params) => {
    const order = Array.from(params.keys())
    return { order, size, numbers: (chunk) => targetsOf(strategy, range, chunk, params) }
  }
}

const noDays = new Float64Array(0)

interface Range {
  readonly candles: CandleColumns
  readonly range: CandleColumns
  readonly from: number
  readonly to: number
  readonly intervalUs: number
}

function seriesOf(
  { candles, range, from, to, intervalUs }: Range,
  kernel: SweepKernel | undefined,
  { instrument, fill }: SweepTerms,
  days: Uint32Array,
) {
  const needs = (kernel?.needs ?? 0) | (fill === 'next-open' ? sweepNeeds.open : 0)
  const ratio = (needs & sweepNeeds.prices) !== 0 ? volumeRatio(candles, from, to, intervalUs) : new Float64Array(0)
  const series = sweepSeries({ ...range, volumeRatio: ratio }, { tickSize: instrument.tickSize, days, needs })
  if (series !== undefined) return series
  const { open, close } = range
  const bar = close.findIndex((price, at) => !(ticksOf(instrument, Math.min(price, open[at]!)) > 0))
  const seen =
    bar < 0 ? 'too many ticks to be summed up exactly' : `open ${open[bar]}, close ${close[bar]} at bar ${bar}`
  throw new SmartspeedError('VALUE_IMPOSSIBLE', `candles of ${instrument.symbol} cannot be swept: ${seen}`, {
    fix: 'leave such bars out, or sweep a shorter range',
  })
}

/** The days of a range of bars, and how many bars had closed when each ended. */
function daysOf(time: Float64Array, intervalUs: number): { days: Float64Array; bars: Uint32Array } {
  if (time.length === 0) return { days: noDays, bars: new Uint32Array(0) }
  const ends = dayBounds(time[0]! + intervalUs, time.at(-1)! + intervalUs).slice(1)
  let bar = 0
  const bars = ends.map((end) => {
    while (bar < time.length && time[bar]! + intervalUs <= end) bar++
    return bar
  })
  return {
    days: Float64Array.from(ends, (end) => Math.floor((end - 1) / dayUs) * dayUs),
    bars: Uint32Array.from(bars),
  }
}

/** A schema alone is asked where all is well: what explains a fault takes a hundred times as long. */
function parse(strategy: Strategy, params: object): unknown {
  const result = strategy.parameters.safeParse(params)
  return result.success ? result.data : parseParameters(strategy, params as Record<string, unknown>)
}

/** The positions that the strategy's own vectorized form asks for, a trial after the other. */
function targetsOf(
  strategy: Strategy,
  range: CandleColumns,
  chunk: readonly number[],
  params: readonly unknown[],
): Float64Array {
  const bars = range.time.length
  const all = new Float64Array(chunk.length * bars)
  for (const [place, trial] of chunk.entries()) {
    const targets = strategy.vectorized!(range, params[trial])
    if (targets.length !== bars) {
      throw new SmartspeedError(
        'STRATEGY_FAILED',
        `strategy ${strategy.name}: ${targets.length} targets for ${bars} bars`,
        { fix: 'its vectorized form gives one number a bar, NaN where it asks for nothing' },
      )
    }
    all.set(targets, place * bars)
  }
  return all
}

function emptyTrials(count: number, days: Float64Array): SweepTrials {
  return {
    finalEquityE8: new BigInt64Array(count),
    ...{ fills: new Int32Array(count), trips: new Int32Array(count), wins: new Int32Array(count) },
    ...{ feesE8: new BigInt64Array(count), days, dayEquity: new Float64Array(count * days.length) },
  }
}

/** The results of a chunk at the places of its trials. */
function put(trials: SweepTrials, chunk: readonly number[], { equity, fills, trips, wins, fees, days }: Swept): void {
  const width = trials.days.length
  for (const [at, trial] of chunk.entries()) {
    if (fills[at]! < 0) {
      throw new SmartspeedError('ACCOUNT_OVERFLOW', `the money of trial ${trial} does not fit 64 bits of 10⁻⁸`, {
        fix: 'use a smaller size, or start with less cash',
      })
    }
    trials.finalEquityE8[trial] = equity[at]!
    trials.fills[trial] = fills[at]!
    trials.trips[trial] = trips[at]!
    trials.wins[trial] = wins[at]!
    trials.feesE8[trial] = fees[at]!
    trials.dayEquity.set(days.subarray(at * width, (at + 1) * width), trial * width)
  }
}

function refused(reason: string): SmartspeedError {
  return new SmartspeedError('CONFIG_INVALID', `no sweep: ${reason}`, {
    fix: 'run a backtest of each parameter set instead; docs/sweeps.md says what can be swept',
  })
}

function stopped(done: number, count: number): SmartspeedError {
  return new SmartspeedError('INTERRUPTED', `the sweep stopped after ${done} of ${count} trials`, {
    fix: 'the same call does it again from the beginning',
  })
}
