// The figures of a run as rows: a name, a value with its unit, or the reason why there is none.
import { type BenchmarkFigures, type Figures, type Performance, reasonCodes } from '../../operators/metrics/index.ts'
import type { Benchmark } from './data.ts'
import { durationOf, full, isoOf, percent, short, signed } from './format.ts'

export interface MetricRow {
  readonly name: string
  readonly unit: string
  /** Undefined where the figure is absent. */
  readonly value: string | undefined
  /** Full precision, or the reason of the absence. */
  readonly detail: string
}

export interface MetricGroup {
  readonly title: string
  readonly rows: readonly MetricRow[]
}

type Form = 'percent' | 'percentSigned' | 'number' | 'money' | 'moneySigned' | 'count' | 'time' | 'ms'
type Line = readonly [figure: keyof Figures, name: string, unit: string, form: Form]

/** `$` in a unit is the account's currency. */
const groups: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'Return and risk',
    [
      ['totalReturn', 'Total return', '% of starting equity', 'percentSigned'],
      ['annualReturn', 'Annual return', '% a year of 365 days', 'percentSigned'],
      ['annualVolatility', 'Annual volatility', '% a year, daily returns', 'percent'],
      ['sharpe', 'Sharpe ratio', 'a year, risk-free 0', 'number'],
      ['sortino', 'Sortino ratio', 'a year, target 0', 'number'],
      ['calmar', 'Calmar ratio', 'annual return / drawdown', 'number'],
      ['intradayMaxDrawdown', 'Deepest drawdown', '% of the peak, every point', 'percentSigned'],
      ['intradayMaxDrawdownDurationMs', '… peak to recovery', 'to the end if none', 'ms'],
      ['intradayMaxDrawdownTrough', '… lowest at', 'UTC', 'time'],
      ['maxDrawdown', 'Deepest drawdown, daily', '% of the peak, UTC day ends', 'percentSigned'],
      ['maxDrawdownDurationMs', '… peak to recovery', 'to the end if none', 'ms'],
      ['longestDrawdownMs', 'Longest time below a peak', 'every point', 'ms'],
      ['ulcerIndex', 'Ulcer index', '% of the peak, UTC day ends', 'percent'],
      ['recoveryFactor', 'Recovery factor', 'return / drawdown', 'number'],
    ],
  ],
  [
    'Days and months',
    [
      ['winningDays', 'Days won', '% of days with a change', 'percent'],
      ['bestDay', 'Best day', '% of equity before it', 'percentSigned'],
      ['worstDay', 'Worst day', '% of equity before it', 'percentSigned'],
      ['averageDay', 'Mean day', '% of equity before it', 'percentSigned'],
      ['valueAtRisk95', 'Value at risk, 95 %', '%: one day in 20 was as bad', 'percentSigned'],
      ['expectedShortfall95', 'Expected shortfall, 95 %', '%: mean of those days', 'percentSigned'],
      ['tailRatio', 'Tail ratio', '95 % point / 5 % point', 'number'],
      ['skewness', 'Skewness', 'a normal distribution has 0', 'number'],
      ['kurtosis', 'Kurtosis', 'a normal distribution has 3', 'number'],
      ['omega', 'Omega', 'gained / lost, days', 'number'],
      ['gainToPain', 'Gain to pain', 'sum / lost, days', 'number'],
      ['kellyQuantstats', 'Kelly’s share by days', '% of equity, as quantstats', 'percentSigned'],
      ['winningMonths', 'Months won', '% of months with a change', 'percent'],
      ['bestMonth', 'Best month', '%', 'percentSigned'],
      ['worstMonth', 'Worst month', '%', 'percentSigned'],
    ],
  ],
  [
    'Round trips',
    [
      ['trades', 'Closed round trips', '', 'count'],
      ['winRate', 'Won', '% of round trips', 'percent'],
      ['profitFactor', 'Profit factor', 'won / lost', 'number'],
      ['expectancy', 'Mean result', '$ a round trip, net', 'moneySigned'],
      ['averageWin', 'Mean of the winners', '$', 'moneySigned'],
      ['averageLoss', 'Mean of the losers', '$', 'moneySigned'],
      ['payoffRatio', 'Payoff', 'mean winner / mean loser', 'number'],
      ['kelly', 'Kelly’s share', '% of equity, by won and payoff', 'percentSigned'],
      ['largestWin', 'Largest win', '$', 'moneySigned'],
      ['largestLoss', 'Largest loss', '$', 'moneySigned'],
      ['longestWinStreak', 'Most winners in a row', '', 'count'],
      ['longestLossStreak', 'Most losers in a row', '', 'count'],
      ['averageHoldingMs', 'Mean time held', '', 'ms'],
    ],
  ],
  [
    'Activity',
    [
      ['fills', 'Fills', '', 'count'],
      ['notional', 'Value traded', '$', 'money'],
      ['costShare', 'Costs', '% of the profit before them', 'percent'],
      ['turnover', 'Turnover', '× mean equity', 'number'],
      ['exposure', 'Time in the market', '% of the span', 'percent'],
      ['days', 'Length of the data', 'days', 'number'],
    ],
  ],
]

/** All figures of a run in the order of reading. */
export function metricGroups(performance: Performance, currency: string): MetricGroup[] {
  return groups.map(([title, lines]) => ({ title, rows: lines.map((line) => rowOf(line, performance, currency)) }))
}

function rowOf([figure, name, unit, form]: Line, performance: Performance, currency: string): MetricRow {
  // A result that older code kept lacks what newer code adds.
  const value = performance[figure] ?? null
  const row = { name, unit: unit.replace('$', currency) }
  if (value === null) return { ...row, value: undefined, detail: reasonOf(figure, performance) }
  return { ...row, value: textOf(form, value), detail: preciseOf(form, value) }
}

type HeldLine = readonly [figure: keyof BenchmarkFigures, name: string, unit: string, form: Form]

const heldLines: readonly HeldLine[] = [
  ['benchmarkReturn', 'Return of holding', '% of the start', 'percentSigned'],
  ['excessReturn', 'Return of the run beyond it', '% of the start', 'percentSigned'],
  ['alpha', 'Alpha', '% a year that beta does not explain', 'percentSigned'],
  ['beta', 'Beta', 'of daily returns', 'number'],
  ['correlation', 'Correlation', 'of daily returns', 'number'],
  ['trackingError', 'Tracking error', '% a year', 'percent'],
  ['informationRatio', 'Information ratio', 'a year', 'number'],
]

/** The figures beside buying and holding. */
export function benchmarkRows({ figures, maxDrawdown }: Benchmark, { days }: Performance): MetricRow[] {
  const rows = heldLines.map(([figure, name, unit, form]): MetricRow => {
    const value = figures[figure]
    if (value === null) return { name, unit, value: undefined, detail: clauseOf(figures.reasons[figure], days) }
    return { name, unit, value: textOf(form, value), detail: preciseOf(form, value) }
  })
  const drawdown = {
    name: 'Deepest drawdown of holding',
    unit: '% of the peak, every point',
    value: signed(percent(maxDrawdown)),
  }
  return [rows[0]!, { ...drawdown, detail: `${full(maxDrawdown * 100)} %` }, ...rows.slice(1)]
}

/** Why a figure is absent, as a clause: what its code means, then what was seen. */
export function reasonOf(figure: keyof Figures, { reasons, days }: Performance): string {
  return clauseOf(reasons[figure], days)
}

function clauseOf(reason: string | undefined, days: number | null): string {
  const [, code = '', seen = ''] = /^([A-Z0-9_]+): (.*)$/s.exec(reason ?? '') ?? []
  if (code === 'NEEDS_30_DAYS' && days !== null) return `needs 30 days of data, has ${durationOf(days * 86_400_000)}`
  const meaning = reasonCodes[code as keyof typeof reasonCodes]
  if (meaning === undefined) return reason ?? 'not computed'
  return seen === meaning ? meaning : `${meaning}: ${seen}`
}

function textOf(form: Form, value: number): string {
  if (form === 'percent') return percent(value)
  if (form === 'percentSigned') return signed(percent(value))
  if (form === 'moneySigned') return signed(short(value))
  if (form === 'time') return isoOf(Math.floor(value / 1e6) * 1e6)
  if (form === 'ms') return durationOf(value)
  return short(value)
}

function preciseOf(form: Form, value: number): string {
  if (form === 'percent' || form === 'percentSigned') return `${full(value * 100)} %`
  if (form === 'time') return `${isoOf(value)}Z`
  if (form === 'ms') return `${full(value)} ms`
  return full(value)
}
