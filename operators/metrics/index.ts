// Performance of a run: figures of its equity curve and of its round trips.

export {
  type Benchmark,
  type BenchmarkFigures,
  benchmarkFigures,
  buyAndHold,
  type PriceSeries,
} from './benchmark.ts'
export {
  breakdownBy,
  entryHour,
  entryLabel,
  entryWeekday,
  type Group,
  hours,
  type Labels,
  labelAt,
  type TripKey,
  tripStrategy,
  tripSymbol,
  unknownKey,
  weekdays,
} from './breakdown.ts'
export { type Curve, curveWithin, dailyEquity, meanEquity, type Span } from './curve.ts'
export { type Drawdown, drawdowns, type ListedDrawdown, maxDrawdown, underwater } from './drawdown.ts'
export { type Absent, type Figure, isAbsent, type Reported, reasonCodes, report } from './figure.ts'
export { type Histogram, histogramOf } from './histogram.ts'
export { type Interval, meanInterval, meanOf, medianInterval, studentQuantile } from './interval.ts'
export { type Month, type MonthlyReturns, monthlyReturns } from './months.ts'
export { type Figures, type Performance, performance, type Run } from './performance.ts'
export { quantile } from './quantile.ts'
export {
  type Annual,
  annualReturn,
  annualVolatility,
  calmar,
  sharpe,
  simpleReturns,
  sortino,
} from './returns.ts'
export { type Rolling, rollingDays, rollingFigures } from './rolling.ts'
export {
  amountOf,
  type OpenTrip,
  type RoundTrip,
  type RoundTrips,
  roundTrips,
  TripBook,
  type TripEvent,
  type TripFill,
  type TripFunding,
} from './round-trips.ts'
export {
  type DayFigures,
  dayFigures,
  type SeriesFigures,
  type SeriesPerformance,
  seriesFigures,
  seriesPerformance,
} from './series.ts'
export { exposure, type TradeFigures, tradeFigures } from './trade-figures.ts'
