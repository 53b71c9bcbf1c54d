// What repetitions say of a figure: where its mean and its median lie, whether it drifts, and whether it meets its marks.
import { type Interval, meanInterval, meanOf, medianInterval, quantile } from '../operators/metrics/index.ts'
import type { Calls } from './bench.ts'
import type { Mark } from './marks.ts'

/**
 * `checked`: of a quick run results were looked at, times mean nothing. `unproven`: one repetition has no interval. `absent`: there is
 * nothing to measure.
 */
export type Verdict = 'excellent' | 'pass' | 'fail' | 'unproven' | 'checked' | 'absent'

export interface Statistics {
  /** Repetitions, in their order. */
  readonly values: readonly number[]
  readonly mean: number
  /** Of a sample; absent of one repetition. */
  readonly deviation: number | null
  /** Student's t, at the mark's confidence. */
  readonly meanInterval: Interval | null
  readonly median: number
  /** The percentile bootstrap, at the same confidence. */
  readonly medianInterval: Interval | null
  readonly p05: number
  readonly p95: number
  readonly trend: Trend
  /** Single calls, where a repetition is the mean of many. */
  readonly calls?: Calls
}

export type Trend = 'stable' | 'rising' | 'falling' | 'too few to tell'

export interface Assessed {
  readonly mark: Mark
  readonly verdict: Verdict
  /** Why not better, in a sentence; empty where there is nothing to say. */
  readonly why: string
  /** Whether the bound meets what was aimed at; absent without an interval. */
  readonly targetMet: boolean | null
  readonly statistics: Statistics | null
}

/** Nothing was measured, for a reason. */
export function absent(mark: Mark, why: string): Assessed {
  return { mark, verdict: 'absent', why, targetMet: null, statistics: null }
}

/** A bench gave a wrong result, or none. */
export function failed(mark: Mark, why: string): Assessed {
  return { mark, verdict: 'fail', why, targetMet: null, statistics: null }
}

/**
 * The verdict on repetitions. It rests on the end of the mean's interval that is nearer to failure, never on the mean: what a lucky run
 * would give is not passed.
 *
 * In:     values — one a repetition, in the mark's unit, finite. quick — results were checked on little data.
 */
export function assess(mark: Mark, values: readonly number[], how: { quick: boolean; calls?: Calls }): Assessed {
  const statistics = statisticsOf(values, mark.confidence, how.calls)
  const told = (verdict: Verdict, why: string, targetMet: boolean | null = null): Assessed => {
    return { mark, verdict, why, targetMet, statistics }
  }
  if (how.quick) return told('checked', 'little data: results are right, times mean nothing')
  const interval = statistics.meanInterval
  if (interval === null) return told('unproven', 'one repetition has no interval')
  const bound = mark.at === 'most' ? interval.high : interval.low
  const meets = (value: number, goal: number): boolean => (mark.at === 'most' ? value <= goal : value >= goal)
  const targetMet = meets(bound, mark.target)
  if (mark.excellent !== undefined && meets(bound, mark.excellent)) return told('excellent', '', targetMet)
  if (meets(bound, mark.acceptable))
    return told('pass', targetMet ? '' : 'accepted, but short of the target', targetMet)
  const why = meets(statistics.mean, mark.acceptable)
    ? 'the mean meets it, the end of its interval does not: more repetitions, or a quieter machine, decide'
    : 'the mean does not meet it'
  return told('fail', why, targetMet)
}

function statisticsOf(values: readonly number[], confidence: number, calls: Calls | undefined): Statistics {
  const all = Float64Array.from(values)
  const sorted = all.toSorted()
  const several = values.length > 1
  const mean = meanOf(all)
  const squares = all.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {
    values,
    mean,
    deviation: several ? Math.sqrt(squares / (values.length - 1)) : null,
    meanInterval: several ? meanInterval(all, confidence) : null,
    median: quantile(sorted, 0.5),
    medianInterval: several ? medianInterval(all, confidence) : null,
    p05: quantile(sorted, 0.05),
    p95: quantile(sorted, 0.95),
    trend: trendOf(values),
    ...(calls === undefined ? {} : { calls }),
  }
}

/**
 * Whether repetitions rise or fall, by more than chance would in one case of twenty.
 *
 * Source: Mann (1945), Kendall (1975): the number of pairs that rise less those that fall, with the variance for ties.
 */
export function trendOf(values: readonly number[]): Trend {
  const count = values.length
  if (count < 5) return 'too few to tell'
  let score = 0
  const same = new Map<number, number>()
  for (const [at, value] of values.entries()) {
    for (let later = at + 1; later < count; later++) score += Math.sign(values[later]! - value)
    same.set(value, (same.get(value) ?? 0) + 1)
  }
  const part = (n: number): number => n * (n - 1) * (2 * n + 5)
  const variance = (part(count) - [...same.values()].reduce((sum, n) => sum + part(n), 0)) / 18
  const z = variance === 0 ? 0 : (score - Math.sign(score)) / Math.sqrt(variance)
  if (Math.abs(z) <= 1.959964) return 'stable'
  return z > 0 ? 'rising' : 'falling'
}
