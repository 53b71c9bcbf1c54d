// Which trial is better: by one objective, ties by their number.
import { dayUs } from '../../operators/metrics/curve.ts'
import type { Trial } from '../../schemas/records.generated.ts'
import type { BestTrial, Objective, StudyAbout } from './about.ts'
import type { Params, Stretch } from './outcome.ts'

/** Days below which a Sharpe ratio is not given; an hour may be missing of them, as a curve of hourly bars begins with its first close. */
const leastUs = 30 * dayUs - 3_600_000_000

const isShort = ({ from, to }: Stretch) => to - from < leastUs

/** A Sharpe ratio of less than a month says nothing: trials are ranked by what they made then. */
export function rankedBy({ objective, stretch }: Pick<StudyAbout, 'objective' | 'stretch'>): Objective {
  return isShort(stretch) && (objective === 'sharpe' || objective === 'calmar') ? 'totalReturn' : objective
}

type Ranking = Pick<StudyAbout, 'objective' | 'stretch' | 'search'>

/** The larger the better; NaN for a trial that failed. Of a search for several goals the drawdown is the second. */
export function objectivesOf(about: Ranking, row: Trial): number[] {
  const first = worthOf(rankedBy(about), row)
  return about.search.name === 'pareto' ? [first, worthOf('drawdown', row)] : [first]
}

function worthOf(objective: Objective, row: Trial): number {
  if (row.error !== undefined) return Number.NaN
  switch (objective) {
    case 'sharpe':
      return row.sharpe ?? Number.NaN
    case 'totalReturn':
      return totalReturn(row) ?? Number.NaN
    case 'drawdown':
      return row.drawdown ?? Number.NaN
    case 'calmar':
      return row.drawdown === undefined || row.drawdown === 0
        ? Number.NaN
        : (totalReturn(row) ?? Number.NaN) / -row.drawdown
  }
}

function totalReturn({ dayEquity }: Trial): number | undefined {
  const [start] = dayEquity
  return start === undefined || !(start > 0) ? undefined : dayEquity.at(-1)! / start - 1
}

/** The best first; only those that saw all of the stretch, and none that failed. */
export function ranked(about: Ranking, rows: readonly Trial[]): Trial[] {
  const valued = rows.flatMap((row) => {
    const value = worthOf(rankedBy(about), row)
    return row.share < 1 || Number.isNaN(value) ? [] : [{ row, value }]
  })
  return valued.sort((a, b) => b.value - a.value || a.row.trial - b.row.trial).map(({ row }) => row)
}

export function bestOf(about: Ranking, row: Trial): BestTrial {
  return {
    ...{ trial: row.trial, params: JSON.parse(row.params) as Params, finalEquity: Number(row.finalEquity) / 1e8 },
    ...{ totalReturn: totalReturn(row) ?? null, sharpe: isShort(about.stretch) ? null : (row.sharpe ?? null) },
    ...{ drawdown: row.drawdown ?? null, fills: row.fills, trades: row.trips },
    ...{ winRate: row.trips === 0 ? null : row.wins / row.trips, fees: Number(row.fees) / 1e8 },
  }
}
