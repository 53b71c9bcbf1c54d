// Sweeps: what each of thousands of parameter sets would have come to over the same candles, equal to a backtest of each.
import { type Swept, sweepKernels, sweepRun } from '../../../native/sweep.ts'
import { SmartspeedError } from '../../../schemas/errors.ts'
import { parseParameters, type Strategy } from '../../strategies/index.ts'
import { type CandleColumns, copyOf } from './columns.ts'
import { kernelOf, type SweepKernel } from './kernels.ts'
import { readyMarkets, type SweepMarket, type SweepRange } from './markets.ts'
import { refused, type SweepInstrument, type SweepTerms, whyNotInstrument, whyNotTerms } from './terms.ts'

export type { CandleColumns } from './columns.ts'
export type { SweepMarket, SweepRange } from './markets.ts'
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
  /** When equity was asked for, µs: where UTC days end, the last with the last close. An edge of less than an hour joins its neighbour, as in `dailyEquity`. */
  readonly ends: Float64Array
  /** Trials × ends, a trial after the other: equity at mark, in units, as the last row of a backtest's account says it then. */
  readonly endEquity: Float64Array
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
export function whyNot(strategy: Strategy, markets: readonly SweepInstrument[], terms: SweepTerms): string | undefined {
  if (kernelOf(strategy) === undefined && strategy.vectorized === undefined)
    return `${strategy.name} has no vectorized form: it decides at each instant, and is run by backtests`
  const names = markets.map(({ instrument }) => `${instrument.exchange}:${instrument.symbol}`)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (names.length === 0) return 'there is no market'
  if (twice !== undefined) return `${twice} is there twice`
  return whyNotTerms(terms) ?? markets.map(whyNotInstrument).find((why) => why !== undefined)
}

/** Trials of one call; in between progress is told, and a wish to stop heard. */
const chunkTrials = 256
/** Numbers of the targets of one call: 32 MiB. */
const chunkTargets = 4_194_304

/**
 * Runs a trial for each set of parameters. docs/sweeps.md says what a trial is equal to.
 *
 * In:     markets — traded in one account, each by itself; params — as the strategy takes them; what is left out has its default.
 * Errors: SmartspeedError CONFIG_INVALID where `whyNot` has an answer, and for parameters; VALUE_IMPOSSIBLE for candles that no money
 *         can be counted on; STRATEGY_FAILED for targets that are none; ACCOUNT_OVERFLOW; INTERRUPTED by the signal.
 */
export async function sweepTrials(
  strategy: Strategy,
  markets: readonly SweepMarket[],
  params: readonly object[],
  terms: SweepTerms,
  options: SweepOptions = {},
): Promise<SweepTrials> {
  return await prepareSweep(strategy, markets, terms, options).run(params, options)
}

/** The same in two parts: candles are copied here, and what becomes of them later does not show. @throws SmartspeedError as `sweepTrials` */
export function prepareSweep(
  strategy: Strategy,
  markets: readonly SweepMarket[],
  terms: SweepTerms,
  range: SweepRange = {},
): Sweep {
  const reason = whyNot(strategy, markets, terms)
  if (reason !== undefined) throw refused(reason)
  const kernel = kernelOf(strategy)
  const { native, candles, ends } = readyMarkets(markets, terms, range, kernel)
  const asks = kernel === undefined ? asksOfTargets(strategy, candles.map(copyOf)) : asksOf(kernel)
  return {
    async run(params, { threads = 0, signal, onProgress } = {}) {
      const { order, size, numbers } = asks(params.map((one) => parse(strategy, one)))
      const trials = emptyTrials(params.length, ends)
      for (let done = 0; done < order.length; ) {
        if (signal?.aborted) throw stopped(done, order.length)
        const chunk = order.slice(done, done + size)
        const work = { kernel: kernel?.code ?? sweepKernels.targets, trials: chunk.length, params: numbers(chunk) }
        put(trials, chunk, await sweepRun(native, { ...work, threads }))
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
  numbers(chunk: readonly number[]): Float64Array[]
}

/** Those that share a window are swept together: it is computed once a chunk. */
function asksOf(kernel: SweepKernel): (params: readonly unknown[]) => Asks {
  return (params) => {
    const rows = params.map((one) => kernel.row(one))
    const order = Array.from(rows.keys()).sort((a, b) => rows[a]![0]! - rows[b]![0]! || a - b)
    return { order, size: chunkTrials, numbers: (chunk) => [Float64Array.from(chunk.flatMap((trial) => rows[trial]!))] }
  }
}

function asksOfTargets(strategy: Strategy, markets: readonly CandleColumns[]): (params: readonly unknown[]) => Asks {
  const bars = markets.reduce((sum, { time }) => sum + time.length, 0)
  const size = Math.max(1, Math.floor(chunkTargets / bars))
  return (params) => {
    const order = Array.from(params.keys())
    return { order, size, numbers: (chunk) => markets.map((one) => targetsOf(strategy, one, chunk, params)) }
  }
}

/** A schema alone is asked where all is well: what explains a fault takes a hundred times as long. */
function parse(strategy: Strategy, params: object): unknown {
  const result = strategy.parameters.safeParse(params)
  return result.success ? result.data : parseParameters(strategy, params as Record<string, unknown>)
}

/** The positions that the strategy's own vectorized form asks for in a market, a trial after the other. */
function targetsOf(
  strategy: Strategy,
  candles: CandleColumns,
  chunk: readonly number[],
  params: readonly unknown[],
): Float64Array {
  const bars = candles.time.length
  const all = new Float64Array(chunk.length * bars)
  for (const [place, trial] of chunk.entries()) {
    const targets = targetsOfOne(strategy, candles, params[trial])
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

function targetsOfOne(strategy: Strategy, candles: CandleColumns, params: unknown): Float64Array {
  try {
    return strategy.vectorized!(candles, params)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new SmartspeedError('STRATEGY_FAILED', `strategy ${strategy.name}: its vectorized form failed: ${said}`, {
      cause,
      fix: '--verbose shows where it failed; sweep with --replay asks the graph alone',
    })
  }
}

function emptyTrials(count: number, ends: Float64Array): SweepTrials {
  return {
    finalEquityE8: new BigInt64Array(count),
    ...{ fills: new Int32Array(count), trips: new Int32Array(count), wins: new Int32Array(count) },
    ...{ feesE8: new BigInt64Array(count), ends, endEquity: new Float64Array(count * ends.length) },
  }
}

/** The results of a chunk at the places of its trials. */
function put(trials: SweepTrials, chunk: readonly number[], { equity, fills, trips, wins, fees, days }: Swept): void {
  const width = trials.ends.length
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
    trials.endEquity.set(days.subarray(at * width, (at + 1) * width), trial * width)
  }
}

function stopped(done: number, count: number): SmartspeedError {
  return new SmartspeedError('INTERRUPTED', `the sweep stopped after ${done} of ${count} trials`, {
    fix: 'the same call does it again from the beginning',
  })
}
