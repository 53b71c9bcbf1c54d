// What the trials of a study came to; and whether the best of those that were computed over columns are what the graph says.
import { front } from '../../operators/research/search/index.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Trial } from '../../schemas/records.generated.ts'
import type { Topics } from '../../topics/topics.ts'
import type { StudyResult } from './about.ts'
import type { Study } from './begin.ts'
import { type GraphOutcome, graphTrials } from './graph-trials.ts'
import type { Outcome, Params } from './outcome.ts'
import { bestOf, objectivesOf, ranked, rankedBy } from './rank.ts'

/** Final equity, 10⁻⁸, of one trial when the market ends behind its first `bars` bars. */
export type Prefix = (params: Params, bars: number) => Promise<bigint>

export interface Concluding {
  readonly topics: Topics
  readonly study: Study
  /** How trials were computed over columns; undefined where the graph did it. */
  readonly prefix?: Prefix | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The best trials, those of a vectorized study traded again by the graph.
 * @throws SmartspeedError SWEEP_DIFFERS, naming trial, figure and the first bar, unless final equity, fills, fees and every day agree exactly
 */
export async function conclude(
  { topics, study, prefix, signal }: Concluding,
  rows: readonly Trial[],
): Promise<Omit<StudyResult, 'seconds'>> {
  const { about, market, refused } = study
  const best = ranked(about, rows).slice(0, about.top)
  if (prefix !== undefined && best.length > 0) {
    const seats = best.map((row) => study.seat(JSON.parse(row.params) as Params))
    const { outcomes } = await graphTrials(topics, about.plan, seats, { signal })
    for (const [at, row] of best.entries()) await mustAgree(study, row, outcomes[at]!, prefix)
  }
  return {
    ...{ combinations: rows.length, refused, failed: rows.filter(({ error }) => error !== undefined).length },
    ...{ bars: market.candles?.reduce((sum, { time }) => sum + time.length, 0) ?? market.rows },
    ...{ rankedBy: rankedBy(about), best: best.map((row) => bestOf(about, row)) },
    replayed: prefix === undefined ? 0 : best.length,
    ...(about.search.name === 'pareto' ? { front: frontOf(about, rows) } : {}),
  }
}

function frontOf(about: Study['about'], rows: readonly Trial[]) {
  const told = rows.map((row) => ({
    trial: row.trial,
    params: {},
    share: row.share,
    objectives: objectivesOf(about, row),
  }))
  const numbers = new Set(front(told).map(({ trial }) => trial))
  return rows.filter(({ trial }) => numbers.has(trial)).map((row) => bestOf(about, row))
}

async function mustAgree(study: Study, row: Trial, graph: GraphOutcome, prefix: Prefix): Promise<void> {
  const was: Pick<Outcome, 'finalEquityE8' | 'feesE8' | 'fills' | 'trips' | 'wins'> = {
    ...{ finalEquityE8: row.finalEquity, feesE8: row.fees, fills: row.fills, trips: row.trips, wins: row.wins },
  }
  const differs = (Object.keys(was) as (keyof typeof was)[]).find((name) => was[name] !== graph[name])
  const day = graph.dayEquity.findIndex((equity, at) => equity !== row.dayEquity[at])
  if (differs === undefined && day === -1 && graph.dayEquity.length === row.dayEquity.length) return
  const params = JSON.parse(row.params) as Params
  const seen = differs === undefined ? `equity of day ${day} is ${row.dayEquity[day]}, and ${graph.dayEquity[day]}` : ''
  const figure = differs === undefined ? seen : `${differs} is ${was[differs]}, and ${graph[differs]}`
  const bar = await firstBar(study, params, graph, prefix)
  const where = bar === undefined ? '' : `; the first bar that differs is ${bar}`
  throw new SmartspeedError('SWEEP_DIFFERS', `trial ${row.trial} ${row.params}: ${figure} by the graph${where}`, {
    fix: 'this is a fault of the vectorized form: sweep with --replay, which asks the graph alone',
  })
}

/** When the first bar opened behind which equity differs, ISO 8601; undefined where bars do not show it. */
async function firstBar(study: Study, params: Params, graph: GraphOutcome, prefix: Prefix) {
  const { candles } = study.market
  const { curve } = graph
  if (candles?.length !== 1 || curve === undefined) return undefined
  const { time, received } = candles[0]!
  const agrees = async (bars: number) => {
    const at = curve.times.findLastIndex((one) => one <= received[bars - 1]!)
    const equity = at < 0 ? study.about.account.cash : curve.equity[at]!
    return Number(await prefix(params, bars)) / 1e8 === equity
  }
  let [low, high] = [0, time.length]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (await agrees(middle)) low = middle
    else high = middle
  }
  return new Date(time[high - 1]! / 1000).toISOString()
}
