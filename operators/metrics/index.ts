// Performance of a run: figures of its equity curve and of its round trips.

export { type Curve, curveWithin, dailyEquity, meanEquity, type Span } from './curve.ts'
export { type Drawdown, maxDrawdown } from './drawdown.ts'
export { type Absent, type Figure, isAbsent, type Reported, reasonCodes, report } from './figure.ts'
export { type Figures, type Performance, performance, type Run } from './performance.ts'
export {
  type Annual,
  annualReturn,
  annualVolatility,
  calmar,
  sharpe,
  simpleReturns,
  sortino,
} from './returns.ts'
export {
  amountOf,
  type OpenTrip,
  type RoundTrip,
  type RoundTrips,
  roundTrips,
  type TripEvent,
  type TripFill,
  type TripFunding,
} from './round-trips.ts'
export { exposure, type TradeFigures, tradeFigures } from './trade-figures.ts'
