// Is the best trial of a study more than luck? Its trials out of sample, its choice against noise, and a stretch that no trial has seen.
import { dayUs } from '../../operators/metrics/curve.ts'
import { isAbsent } from '../../operators/metrics/figure.ts'
import { sharpe, simpleReturns } from '../../operators/metrics/returns.ts'
import {
  bestOver,
  type Grid,
  type MonteCarloPaths,
  monteCarloPaths,
  type TrialMatrix,
  trialMatrix,
  type Validation,
  type ValidationMethod,
  validateTrials,
  type WindowLengths,
} from '../../operators/research/index.ts'
import { levelOf, levelsOf, type Space } from '../../operators/research/search/index.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Trial } from '../../schemas/records.generated.ts'
import type { Topics } from '../../topics/topics.ts'
import type { StudyAbout } from './about.ts'
import type { Study } from './begin.ts'
import { type GraphOutcome, graphTrials } from './graph-trials.ts'
import type { HoldOutRead } from './ledger.ts'
import { dayTimes, type Params, type Stretch, trialRow } from './outcome.ts'
import { countTrials, instrumentsOf, trialsOf, writeTrials } from './trials.ts'
import type { KeptVerdict } from './verdict.ts'

export interface Validating {
  readonly topics: Topics
  readonly study: Study
  /** As it is kept, finished. */
  readonly about: StudyAbout
  readonly method: ValidationMethod
  readonly windows?: number | undefined
  /** Of the windows of walk-forward, in days, instead of how many. */
  readonly lengths?: WindowLengths | undefined
  readonly anchored: boolean
  /** Days left out of training behind a test. */
  readonly embargo?: number | undefined
  /** Paths of each Monte Carlo simulation. */
  readonly samples: number
  readonly seed: number
  readonly nowMs: number
  readonly signal?: AbortSignal | undefined
}

/** What the best trial came to on data that were kept from the study. */
export interface Sealed extends Stretch {
  readonly days: number
  /** Of a year; null for a stretch without two days, or one on which nothing moved. */
  readonly sharpe: number | null
  readonly totalReturn: number
  readonly fills: number
  readonly trades: number
  /** How many different trials had seen any of it before, whoever made them: above 0 it was no hold-out any more. */
  readonly seenBefore: number
  /** How many validations had opened any of it before, this study's and others: one that chose the same parameters again is no other trial. */
  readonly readsBefore: number
}

export interface StudyValidation extends Validation {
  /** With the parameters that were chosen in each. */
  readonly windows: readonly (Validation['windows'][number] & { readonly params: Params })[]
  /** Parameters of the trial that is judged. */
  readonly params: Params
  readonly winRate: number | null
  readonly profitFactor: number | null
  readonly sealed: Sealed | null
  /** Of its round trips in another order, of its days in pieces, and each drawn anew. */
  readonly monteCarlo: readonly MonteCarloPaths[]
}

export interface Validated {
  readonly answer: StudyValidation
  readonly kept: KeptVerdict
  /** What was looked at: daily returns, and the trials that they are of. */
  readonly matrix: TrialMatrix
  readonly rows: readonly Trial[]
}

/**
 * Validates the best trial, and keeps the verdict with the study: deployments and paper runs ask for it.
 *
 * Errors: SmartspeedError NO_DATA for too few days or trials, CONFIG_INVALID for windows that do not fit, VERSION_MISMATCH for a file that was edited since; what reading throws.
 */
export async function validateStudy(validating: Validating): Promise<Validated> {
  const { topics, study, about, method, windows, lengths, anchored, embargo, samples, seed, signal } = validating
  refuseEdited(study, about)
  const all = await trialsOf(topics, study.study)
  const { matrix, rows } = matrixOf(about, all)
  const { exchange, symbols } = about.plan
  const asked = { exchange, symbols, strategy: about.strategy }
  // What failed was tried too.
  const count = await countTrials(topics, { ...asked, unseen: about.stretch.to })
  const grid = about.search.name === 'grid' ? gridOf(study.space, rows) : undefined
  const options = {
    ...{ method, anchored, seed, trialsSoFar: Math.max(count.all, matrix.trials) },
    ...(windows === undefined ? {} : { windows }),
    ...(lengths === undefined ? {} : { lengths }),
    ...(embargo === undefined ? {} : { embargo }),
    ...(grid === undefined ? {} : { grid }),
    paramsCount: study.space.axes.length,
  }
  const best = rows[bestOver(matrix, [{ from: 0, to: matrix.observations }]).trial]!
  const params = JSON.parse(best.params) as Params
  const [own] = (await graphTrials(topics, about.plan, [study.seat(params)], { signal })).outcomes
  const figures = { winRate: own!.metrics?.winRate ?? null, profitFactor: own!.metrics?.profitFactor ?? null }
  const { windows: choices, ...judged } = validateTrials(matrix, { ...options, ...figures })
  const sealed = await seal(validating, params, count.seen)
  const answer: StudyValidation = {
    windows: choices.map((one) => ({ ...one, params: JSON.parse(rows[one.trial]!.params) as Params })),
    ...{ ...judged, params, ...figures, sealed, monteCarlo: simulated(own!, { samples, seed }) },
  }
  const kept = await keep(validating, answer)
  return { answer, kept, matrix, rows }
}

/** A study that is finished says what the file's strategy came to as it was; windows and hold-out would be traded by what it is now. */
function refuseEdited({ study, about: now }: Study, { file, fileHash }: StudyAbout): void {
  if (fileHash === undefined || fileHash === now.fileHash) return
  throw new SmartspeedError('VERSION_MISMATCH', `study ${study} tried ${file} as it was before it was edited`, {
    fix: 'validate it under another --name, which tries it as it is now',
  })
}

/** Days × trials of those that saw all of the stretch, by their numbers. @throws SmartspeedError NO_DATA */
function matrixOf(about: StudyAbout, all: readonly Trial[]): { matrix: TrialMatrix; rows: readonly Trial[] } {
  const times = dayTimes(about.stretch)
  const rows = all.filter((row) => row.share === 1 && row.error === undefined && row.dayEquity.length === times.length)
  if (rows.length === 0 || times.length < 3) {
    throw new SmartspeedError(
      'NO_DATA',
      `${rows.length} trials of ${times.length - 1} days: nothing can be said of luck`,
      {
        fix: 'validate over a longer range: --from and --to',
      },
    )
  }
  // A return is that of the day which it ends: its UTC midnight, or where the stretch begins.
  const begins = times.slice(1).map((end) => Math.floor((end - 1) / dayUs) * dayUs)
  return { matrix: trialMatrix(rows.map(returnsOf), { times: begins }), rows }
}

/** Behind ruin nothing is won or lost any more. */
function returnsOf({ dayEquity }: { readonly dayEquity: ArrayLike<number> }): Float64Array {
  const equity = Float64Array.from(dayEquity)
  const ruin = equity.findIndex((value) => !(value > 0))
  const returns = simpleReturns(ruin === -1 ? equity : equity.subarray(0, ruin + 1))
  if (ruin === -1) return returns
  const all = new Float64Array(equity.length - 1)
  all.set(returns)
  all[ruin - 1] = -1
  return all
}

/** Where trials stand in the grid; undefined where an axis is no numbers. */
function gridOf(space: Space, rows: readonly Trial[]): Grid | undefined {
  const axes = space.axes.map((axis) => ({
    name: axis.name,
    values: Array.from({ length: levelsOf(axis) }, (_, level) => levelOf(axis, level)),
  }))
  if (axes.some(({ values }) => values.some((value) => typeof value !== 'number'))) return undefined
  const levels = axes.map(({ values }) => new Map(values.map((value, level) => [value, level])))
  const places = rows.map((row) => {
    const params = JSON.parse(row.params) as Readonly<Record<string, number>>
    return axes.reduce((place, { name, values }, at) => place * values.length + levels[at]!.get(params[name]!)!, 0)
  })
  return { axes: axes as Grid['axes'], places: Int32Array.from(places) }
}

/** Round trips and days of the best trial as they might have come. */
function simulated(
  { closed = [], dayEquity, finalEquityE8 }: GraphOutcome,
  how: { samples: number; seed: number },
): MonteCarloPaths[] {
  const start = dayEquity[0]!
  const closedE8 = closed.map(({ pnlE8 }) => pnlE8)
  const openE8 = closedE8.reduce((rest, pnl) => rest - pnl, finalEquityE8 - BigInt(Math.round(start * 1e8)))
  // What is open at the end, marked at its last price, is a trade as the others are: together they are the result.
  const profits = openE8 === 0n ? closedE8 : [...closedE8, openE8]
  const trades = Float64Array.from(profits, (profitE8) => Number(profitE8) / 1e8 / start)
  const days = returnsOf({ dayEquity })
  const { samples: paths, seed } = how
  return [
    ...(trades.length < 2 ? [] : [monteCarloPaths(trades, { method: 'reshuffle', paths, seed })]),
    ...(['block', 'resample'] as const).map((method) => monteCarloPaths(days, { method, paths, seed })),
  ]
}

/** Trades what was kept from the study; from then on somebody has seen it, and both the trial and the reading count. */
async function seal(
  { topics, study, about, nowMs, signal }: Validating,
  params: Params,
  seenBefore: number,
): Promise<Sealed | null> {
  const { holdOut } = about
  if (holdOut === undefined) return null
  const seat = study.seat(params)
  const { outcomes, stretch } = await graphTrials(topics, holdOut, [seat], { signal })
  const [outcome] = outcomes
  if (outcome?.error !== undefined || stretch.to === 0) return null
  const tried = { ...about, fileHash: seat.fileHash }
  const facts = { plan: holdOut, study: study.study, tried, how: 'graph', stretch } as const
  const { exchange, symbols } = holdOut
  const read: HoldOutRead = { study: study.study, exchange, symbols, ...stretch, madeMs: nowMs }
  let readsBefore = 0
  await writeTrials(topics, [trialRow(facts, { trial: 0, params, share: 1 }, outcome!)], ({ reads }) => {
    readsBefore = reads.filter((one) => overlaps(one, read)).length
    return { reads: [...reads, read] }
  })
  const { dayEquity, fills, trips: trades } = outcome!
  const figure = dayEquity.length < 3 ? undefined : sharpe(simpleReturns(dayEquity))
  return {
    ...{ ...stretch, days: dayEquity.length - 1, fills, trades, seenBefore, readsBefore },
    sharpe: figure === undefined || isAbsent(figure) ? null : figure,
    totalReturn: dayEquity.at(-1)! / dayEquity[0]! - 1,
  }
}

/** Whether two readings have an instrument and a time in common. */
function overlaps(a: HoldOutRead, b: HoldOutRead): boolean {
  const names = instrumentsOf(a.exchange, a.symbols)
  return a.from <= b.to && b.from <= a.to && instrumentsOf(b.exchange, b.symbols).some((name) => names.includes(name))
}

async function keep(
  { topics, study, about, method, nowMs }: Validating,
  answer: StudyValidation,
): Promise<KeptVerdict> {
  const { monteCarlo: _, ...rest } = answer
  const kept: KeptVerdict = {
    ...{ verdict: answer.verdict, reasons: answer.reasons, trials: answer.trialsSoFar, method, madeMs: nowMs },
    answer: { ...rest, outOfSample: { ...rest.outOfSample, times: [], equity: [] } },
  }
  const writer = await topics.writer({ run: study.study })
  try {
    await writer.commit({ outputs: [], run: { ...about, validation: kept } })
  } finally {
    await writer.close()
  }
  return kept
}
