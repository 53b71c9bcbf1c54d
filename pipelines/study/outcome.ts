// What a set of parameters came to, and the row that is kept of it.
import canonicalize from 'canonicalize'
import { dailyEquity } from '../../operators/metrics/curve.ts'
import { isAbsent } from '../../operators/metrics/figure.ts'
import { firstNotPositive, sharpe, simpleReturns } from '../../operators/metrics/returns.ts'
import { depthOf } from '../../operators/metrics/series.ts'
import type { Trial } from '../../schemas/records.generated.ts'
import { hashOf } from '../config.ts'
import type { Plan } from '../plan.ts'
import type { SeatAbout } from '../seats.ts'

export type Params = Readonly<Record<string, unknown>>

/** Receive times of the first and the last row that was traded over, µs. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Amounts in the settlement currency. */
export interface Outcome {
  readonly finalEquityE8: bigint
  readonly feesE8: bigint
  readonly fills: number
  /** Round trips that ended, and those of them that gained. */
  readonly trips: number
  readonly wins: number
  /** At the begin of the stretch, each UTC midnight in it, its end: as `dailyEquity` marks them. */
  readonly dayEquity: Float64Array
  /** Why it came to nothing. */
  readonly error?: string
}

/** One set of parameters to be tried, on the first `share` of the stretch. */
export interface Ask {
  readonly trial: number
  readonly params: Params
  readonly share: number
}

export const failedOutcome = (error: string): Outcome => ({
  ...{ finalEquityE8: 0n, feesE8: 0n, fills: 0, trips: 0, wins: 0, dayEquity: new Float64Array(0), error },
})

/** The times, µs, at which the equity of a stretch is marked. */
export function dayTimes({ from, to }: Stretch): Float64Array {
  return dailyEquity(new Float64Array(0), new Float64Array(0), { from, to, start: 0 }).times
}

/** Sharpe ratio of daily returns, a year of 365 days; undefined where there is none. */
export function sharpeOf(dayEquity: Float64Array): number | undefined {
  if (dayEquity.length < 3 || firstNotPositive(dayEquity) >= 0) return undefined
  const figure = sharpe(simpleReturns(dayEquity))
  return isAbsent(figure) ? undefined : figure
}

/**
 * What was tried, as a hash: the same on the same market is the same trial, whoever tried it and whatever it was called. What an
 * exchange is taken to charge or to fill belongs to the market; what sizes, closes or refuses orders was chosen. A strategy from a file is
 * what is written in it, so that an edit is another trial; one of ours is its name.
 */
export function trialId(plan: Plan, { strategy, fileHash, interval: ownInterval }: Tried, params: Params): string {
  const { exchange, symbols, interval, from, to, topology } = plan
  const { sizing, exits, execution, risk, flashCrash, regimeScaling } = topology
  const what = { exchange, symbols, interval, from, to, strategy, fileHash, ownInterval, params }
  return hashOf(JSON.parse(JSON.stringify({ ...what, sizing, exits, execution, risk, flashCrash, regimeScaling })))
}

/** A strategy; `fileHash` of one from a file, `interval` of one whose bars are not the run's. */
export type Tried = Pick<SeatAbout, 'strategy' | 'fileHash' | 'interval'>

export interface TrialFacts {
  readonly plan: Plan
  readonly study: string
  readonly tried: Tried
  readonly how: Trial['how']
  readonly stretch: Stretch
}

export function trialRow({ plan, study, tried, how, stretch }: TrialFacts, ask: Ask, outcome: Outcome): Trial {
  const { dayEquity, finalEquityE8: finalEquity, feesE8: fees, fills, trips, wins, error } = outcome
  const time = stretch.from + ask.trial
  return {
    ...{ time, received: time, exchange: plan.exchange, symbol: plan.symbols.join(','), end: stretch.to },
    ...{ study, strategy: tried.strategy, trial: ask.trial, id: trialId(plan, tried, ask.params) },
    ...{ params: canonicalize(ask.params)!, how, share: ask.share, finalEquity, fees, fills, trips, wins },
    ...{
      sharpe: sharpeOf(dayEquity),
      drawdown: dayEquity.length === 0 ? undefined : depthOf(dayEquity),
      dayEquity: [...dayEquity],
      error,
    },
  }
}
