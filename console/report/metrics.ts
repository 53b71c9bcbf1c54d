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
      ['averageHoldingMs', 'Mean time held', '', 'ms'],
    ],
  ],
  [
    'Activity',
    [
      ['fills', 'Fills', '', 'count'],
      ['notional', 'Value traded', '$', 'money'],
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
  const value = performance[figure]
  const row = { name, unit: unit.replace('$', currency) }
  if (value === null) return { ...row, value: undefined, detail: reasonOf(figure, performance) }
  return { ...row, value: textOf(form, value), detail: preciseOf(form, value) }
}

type HeldLine = readonly [figure: keyof BenchmarkFigures, name: string, unit: string, form: Form]

const heldLines: readonly HeldLine[] = [
  ['benchmarkReturn', 'Return of holding', '% of the start', 'percentSigned'],
  ['excessReturn', 'Return of the run beyond it', '% of the start', 'percentSigned'],
  ['alpha', 'Alpha', '% a year that beta does not explain', 'percentSigned'],
  ['beta', 'Beta', 'change of the run for a change of 1 in the market', 'number'],
  ['correlation', 'Correlation', 'of daily returns', 'number'],
  ['trackingError', 'Tracking error', '% a year', 'percent'],
  ['informationRatio', 'Information ratio', 'a year', 'number'],
]

/** The figures beside buying and holding. */
export function benchmarkRows({ figures, maxDrawdown }: Benchmark): MetricRow[] {
  const rows = heldLines.map(([figure, name, unit, form]): MetricRow => {
    const value = figures[figure]
    if (value === null) return { name, unit, value: undefined, detail: clauseOf(figures.reasons[figure]) }
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
  const reason = reasons[figure]
  if (reason?.startsWith('NEEDS_30_DAYS') && days !== null) {
    return `needs 30 days of data, has ${durationOf(days * 86_400_000)}`
  }
  return clauseOf(reason)
}

function clauseOf(reason: string | undefined): string {
  const [, code = '', seen = ''] = /^([A-Z0-9_]+): (.*)$/s.exec(reason ?? '') ?? []
  const meaning = reasonCodes[code as keyof typeof reasonCodes]
  if (meaning === undefined) return reason ?? 'not computed'
  return seen === meaning ? meaning : `${meaning}: ${seen}`
}

function textOf(form: Form, value: number): string {
  if (form === 'percent') return percent(value)
  if (form === 'percentSigned') return signed(percent(value))
  if (form === 'moneySigned') return signed(short(value))
  if (form === 'time') return isoOf(value)
  if (form === 'ms') return durationOf(value)
  return short(value)
}

function preciseOf(form: Form, value: number): string {
  if (form === 'percent' || form === 'percentSigned') return `${full(value * 100)} %`
  if (form === 'time') return `${isoOf(value)}Z`
  if (form === 'ms') return `${full(value)} ms`
  return full(value)
}
