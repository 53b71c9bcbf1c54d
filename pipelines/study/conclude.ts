// What the trials of a study came to; and whether the best of those that were computed over columns are what the graph says.
import { fixedLength } from '../../operators/bars/interval.ts'
import { front } from '../../operators/research/search/index.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Trial } from '../../schemas/records.generated.ts'
import type { Topics } from '../../topics/topics.ts'
import type { StudyResult } from './about.ts'
import type { Study } from './begin.ts'
import { type GraphOutcome, graphTrials } from './graph-trials.ts'
import type { Outcome, Params } from './outcome.ts'
import { bestOf, objectivesOf, ranked, rankedBy } from './rank.ts'

/** Equity of one trial at times that rise, µs, as columns say it. */
export type TellEquity = (params: Params, ends: Float64Array) => Promise<Float64Array>

export interface Concluding {
  readonly topics: Topics
  readonly study: Study
  /** How trials were computed over columns; undefined where the graph did it. */
  readonly tell?: TellEquity | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The best trials, those of a vectorized study traded again by the graph.
 * @throws SmartspeedError SWEEP_DIFFERS, naming trial, figure and the first bar, unless final equity, fills, fees and every day agree exactly
 */
export async function conclude(
  { topics, study, tell, signal }: Concluding,
  rows: AsyncIterable<Trial>,
): Promise<Omit<StudyResult, 'seconds'>> {
  const { about, market, refused } = study
  const { combinations, failed, best, unbeaten } = await lookThrough(about, rows)
  if (tell !== undefined && best.length > 0) {
    const seats = best.map((row) => study.seat(JSON.parse(row.params) as Params))
    const { outcomes } = await graphTrials(topics, about.plan, seats, { signal })
    for (const [at, row] of best.entries()) await mustAgree(study, row, outcomes[at]!, tell)
  }
  return {
    ...{ combinations, refused, failed },
    bars: market.candles === undefined ? market.rows : market.bars,
    ...{ rankedBy: rankedBy(about), best: best.map((row) => bestOf(about, row)) },
    replayed: tell === undefined ? 0 : best.length,
    ...(about.search.name === 'pareto' ? { front: unbeaten.map((row) => bestOf(about, row)) } : {}),
  }
}

/** Rows that are looked at together: those that are not the best of them are let go. */
const together = 4_096

/** Counts, the best by the objective, and those that none beats, in the order of their trials. Memory: these, and some rows beside. */
async function lookThrough(about: Study['about'], rows: AsyncIterable<Trial>) {
  let [combinations, failed] = [0, 0]
  let [best, unbeaten]: [Trial[], Trial[]] = [[], []]
  let some: Trial[] = []
  const settle = () => {
    best = ranked(about, [...best, ...some]).slice(0, about.top)
    unbeaten = frontOf(about, [...unbeaten, ...some])
    some = []
  }
  for await (const row of rows) {
    combinations++
    if (row.error !== undefined) failed++
    if (some.push(row) === together) settle()
  }
  settle()
  return { combinations, failed, best, unbeaten }
}

/** None where there is one objective: `best` says it. */
function frontOf(about: Study['about'], rows: readonly Trial[]): Trial[] {
  if (about.search.name !== 'pareto') return []
  const told = rows.map((row) => ({
    trial: row.trial,
    params: {},
    share: row.share,
    objectives: objectivesOf(about, row),
  }))
  const numbers = new Set(front(told).map(({ trial }) => trial))
  return rows.filter(({ trial }) => numbers.has(trial)).sort((a, b) => a.trial - b.trial)
}

async function mustAgree(study: Study, row: Trial, graph: GraphOutcome, tell: TellEquity): Promise<void> {
  const was: Pick<Outcome, 'finalEquityE8' | 'feesE8' | 'fills' | 'trips' | 'wins'> = {
    ...{ finalEquityE8: row.finalEquity, feesE8: row.fees, fills: row.fills, trips: row.trips, wins: row.wins },
  }
  const differs = (Object.keys(was) as (keyof typeof was)[]).find((name) => was[name] !== graph[name])
  const day = graph.dayEquity.findIndex((equity, at) => equity !== row.dayEquity[at])
  if (differs === undefined && day === -1 && graph.dayEquity.length === row.dayEquity.length) return
  const params = JSON.parse(row.params) as Params
  const seen = differs === undefined ? `equity of day ${day} is ${row.dayEquity[day]}, and ${graph.dayEquity[day]}` : ''
  const figure = differs === undefined ? seen : `${differs} is ${was[differs]}, and ${graph[differs]}`
  const bar = await firstBar(study, params, graph, tell)
  const where = bar === undefined ? '' : `; the first bar that differs is ${bar}`
  throw new SmartspeedError('SWEEP_DIFFERS', `trial ${row.trial} ${row.params}: ${figure} by the graph${where}`, {
    fix: 'this is a fault of the vectorized form: sweep with --replay, which asks the graph alone',
  })
}

/** When the first bar opened behind which equity differs, ISO 8601; undefined where bars do not show it. */
async function firstBar({ about }: Study, params: Params, { curve }: GraphOutcome, tell: TellEquity) {
  if (curve === undefined) return undefined
  // The last row of a time is what stands then.
  const rows = Array.from(curve.times.keys()).filter((row) => curve.times[row] !== curve.times[row + 1])
  const ends = Float64Array.from(rows, (row) => curve.times[row]!)
  const told = await tell(params, ends)
  const first = rows.findIndex((row, at) => told[at] !== curve.equity[row])
  return first === -1 ? undefined : new Date((ends[first]! - fixedLength(about.plan.interval!)!) / 1000).toISOString()
}
