// What the report says beside the figures of the whole run: its falls, its months, its windows, its groups, its market.
import {
  benchmarkFigures,
  breakdownBy,
  buyAndHold,
  type Curve,
  dailyEquity,
  drawdowns,
  entryHour,
  entryLabel,
  entryWeekday,
  histogramOf,
  hours,
  maxDrawdown,
  monthlyReturns,
  type Rolling as RollingFigures,
  type RoundTrip,
  rollingDays,
  rollingFigures,
  type TripKey,
  tripStrategy,
  unknownKey,
  weekdays,
} from '../../operators/metrics/index.ts'
import { namesOf } from '../../pipelines/named-instruments.ts'
import type {
  Benchmark,
  Breakdown,
  InstrumentCharts,
  RegimeBands,
  ReportData,
  Rolling,
  Series,
  Spread,
} from './data.ts'

export interface Analysed {
  readonly from: number
  readonly to: number
  /** Equity at the beginning. */
  readonly cash: number
  readonly equity: Series
  /** The last point of each UTC day at least. */
  readonly days: Curve
  readonly trips: readonly RoundTrip[]
  readonly instruments: readonly InstrumentCharts[]
  /** Buying and holding is what it says only where prices are in the account's currency. */
  readonly comparable: boolean
}

type Analysis = Pick<
  ReportData,
  'benchmark' | 'noBenchmark' | 'falls' | 'returns' | 'holding' | 'months' | 'rolling' | 'breakdowns'
>

/** All of it; empty where there is nothing to tell. */
export function analysisOf(run: Analysed): Analysis {
  const { from, to, cash, equity, days, trips } = run
  const daily = dailyEquity(days.times, days.equity, { from, to, start: cash })
  const curve = { opening: { time: from, equity: cash }, times: equity.times, equity: equity.values }
  return {
    ...benchmarkOf(run, daily),
    falls: drawdowns(curve, { count: 5, to }),
    returns: spreadOf(trips.map(({ returnOnEntry }) => returnOnEntry * 100)),
    holding: spreadOf(trips.map(({ holdingMs }) => holdingMs)),
    months: monthlyReturns(daily),
    rolling: rollingOf(daily),
    breakdowns: breakdownsOf(run),
  }
}

function benchmarkOf(run: Analysed, daily: Curve): Pick<Analysis, 'benchmark' | 'noBenchmark'> {
  const { instruments, cash, comparable, from, to } = run
  const priced = instruments.filter(({ price }) => price.times.length > 1)
  const none = (noBenchmark: string) => ({ benchmark: undefined, noBenchmark })
  if (!comparable) return none('an inverse contract pays in the coin that it is about: holding it is no money put in')
  if (priced.length < instruments.length || priced.length === 0)
    return none('not every instrument has a price in the range')
  if (!(cash > 0)) return none('there was no cash to put in')
  const series = priced.map(({ price }) => ({ times: price.times, prices: price.values }))
  const times = Float64Array.from([...new Set(priced.flatMap(({ price }) => Array.from(price.times)))]).sort()
  // From the first price on: before it nobody could have bought.
  const held = buyAndHold(series, { times: times.filter((time) => time >= from && time <= to), cash })
  const benchmark: Benchmark = {
    equity: { times: held.times, values: held.equity, of: priced.reduce((sum, { price }) => sum + price.of, 0) },
    figures: benchmarkFigures(daily, buyAndHold(series, { times: daily.times, cash })),
    maxDrawdown: maxDrawdown(held)?.depth ?? 0,
  }
  return { benchmark, noBenchmark: '' }
}

/** Of the values that are numbers: a trip whose value rounds to nothing has no return. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  const of = { least: at(0), p05: at(0.05), median: at(0.5), p95: at(0.95), most: at(1) }
  return { ...histogramOf(sorted, { most: 40 }), ...of, count: sorted.length }
}

const figures: readonly (readonly [
  id: string,
  title: string,
  unit: string,
  of: (one: RollingFigures) => Float64Array,
])[] = [
  ['rolling-sharpe', 'Rolling Sharpe ratio', 'a year', ({ sharpe }) => sharpe],
  ['rolling-volatility', 'Rolling volatility', '% a year', ({ volatility }) => volatility.map((value) => value * 100)],
  ['rolling-wins', 'Days won', '% of days', ({ winRate }) => winRate.map((value) => value * 100)],
]

/** Fewer points than this are no curve. */
export const leastWindows = 10

/** Windows that the run is too short for are left out; charts that no window fills, too. */
function rollingOf(daily: Curve): Rolling[] {
  const windows = rollingDays
    .map((days) => rollingFigures(daily, days))
    .filter(({ times }) => times.length >= leastWindows)
  if (windows.length === 0) return []
  return figures.map(([id, title, unit, of]) => ({
    ...{ id, title, unit },
    lines: windows.map((one) => ({ days: one.days, series: known(one.times, of(one)) })),
  }))
}

/** Without the points that are not a number. */
function known(times: Float64Array, values: Float64Array): Series {
  const kept = values.map((_, at) => at).filter((at) => !Number.isNaN(values[at]!))
  return { times: kept.map((at) => times[at]!), values: kept.map((at) => values[at]!), of: values.length }
}

function breakdownsOf({ trips, instruments, cash }: Analysed): Breakdown[] {
  const group = (id: string, by: string, key: TripKey, keys?: readonly string[]): Breakdown => {
    return { id, by, groups: breakdownBy(trips, key, { capital: cash, ...(keys === undefined ? {} : { keys }) }) }
  }
  if (trips.length === 0) return []
  const nameOf = namesOf(instruments)
  const regimes = (['risk', '1h'] as const).flatMap((horizon) => {
    const key = regimeKey(instruments, horizon)
    return key === undefined ? [] : [group(`regime-${horizon}`, `regime at entry, ${horizon}`, key)]
  })
  return [
    group('hour', 'hour of entry, UTC', entryHour, hours),
    group('strategy', 'strategy', tripStrategy),
    group('symbol', 'symbol', ({ exchange, symbol }) => nameOf(exchange, symbol)),
    ...regimes,
    group('weekday', 'weekday of entry, UTC', entryWeekday, weekdays),
    group('side', 'side', ({ side }) => side),
  ].filter(({ groups }) => groups.filter(({ key, trades }) => trades !== 0 && key !== unknownKey).length > 1)
}

function regimeKey(instruments: readonly InstrumentCharts[], horizon: string): TripKey | undefined {
  const nameOf = namesOf(instruments)
  const bands = new Map(
    instruments.map(({ symbol, regimes }) => [symbol, regimes.find((one) => one.horizon === horizon)]),
  )
  if (![...bands.values()].some((one) => one !== undefined)) return undefined
  const labels = new Map([...bands].map(([symbol, one]) => [symbol, one === undefined ? undefined : labelled(one)]))
  return entryLabel((exchange, symbol) => labels.get(nameOf(exchange, symbol)))
}

function labelled({ times, codes, labels }: RegimeBands): { times: Float64Array; labels: string[] } {
  return { times, labels: Array.from(codes, (code) => labels[code]!) }
}
