// The performance that was asked of the program, figure by figure, and which bench measures each. A figure of a part that does not
// exist says so: nothing is estimated.
import type { Figure } from './bench.ts'

/** What a figure is held against. */
export interface Mark {
  readonly name: string
  readonly what: string
  /** Of the documents that this project grew from: S0, and S4's requirements. */
  readonly source: string
  readonly unit: string
  /** On which side of the marks to be. */
  readonly at: 'most' | 'least'
  /** What is still accepted, what was aimed at, and what is more than that; all the same where only one was said. */
  readonly acceptable: number
  readonly target: number
  readonly excellent?: number
  /** Of the interval, in (0, 1). */
  readonly confidence: number
  readonly measure: Measure | Lack
}

export interface Measure {
  readonly bench: string
  /** Repetitions where nobody says how many. */
  readonly repeat: number
  /** The bench repeats in one process; others get a process each. */
  readonly inside: boolean
  /** The figure of the bench, and what it is multiplied by to be in the unit. */
  readonly figure: (figures: readonly Figure[]) => Figure | undefined
  readonly times?: number
}

/** Why there is nothing to measure. */
export interface Lack {
  readonly lack: string
}

const named =
  (what: string) =>
  (figures: readonly Figure[]): Figure | undefined =>
    figures.find((one) => one.what === what)

/** The first figure in seconds. */
const seconds = (figures: readonly Figure[]): Figure | undefined => figures.find(({ unit }) => unit === 's')

const ticks: Measure = { bench: 'tick-rate', repeat: 20, inside: true, figure: named('whole graph') }
const regimes: Measure = { bench: 'regime-latency', repeat: 20, inside: true, figure: named('a bar, one a call') }
const day: Measure = { bench: 'day', repeat: 10, inside: true, figure: named('the whole command') }

const noLive = 'no connection to an exchange is opened by this version'

export const marks: readonly Mark[] = [
  {
    ...{ name: 'tick_processing_rate', what: 'rows of a simulated market through the whole graph', source: 'S0 §9' },
    ...{ unit: 'rows/s', at: 'least', acceptable: 80_000, target: 100_000, excellent: 150_000, confidence: 0.95 },
    measure: ticks,
  },
  {
    ...{ name: 'regime_detection_latency', what: 'four regimes of one bar, mean of 10,000 calls', source: 'S0 §9' },
    ...{ unit: 'µs', at: 'most', acceptable: 15, target: 10, excellent: 5, confidence: 0.99 },
    measure: regimes,
  },
  {
    ...{ name: 'backtest_24h_duration', what: 'a day of trades, a process each, ten data sets', source: 'S0 §9' },
    ...{ unit: 's', at: 'most', acceptable: 8, target: 5, excellent: 3, confidence: 0.95 },
    measure: day,
  },
  {
    ...{ name: 'gpu_utilization_efficiency', what: 'share of a GPU that is used', source: 'S0 §9', unit: '' },
    ...{ at: 'least', acceptable: 0.75, target: 0.85, excellent: 0.9, confidence: 0.9 },
    measure: { lack: 'nothing here computes on a GPU' },
  },
  {
    ...{ name: 'memory_efficiency', what: 'share of 160 GB that is in use', source: 'S0 §9', unit: '' },
    ...{ at: 'least', acceptable: 0.75, target: 0.8, excellent: 0.85, confidence: 0.95 },
    measure: {
      lack: 'memory does not grow with the data, so that less of it is better: memory_multi_asset has the peak',
    },
  },
  {
    ...{ name: 'tick_processing', what: 'a real order book, with trades, through the whole graph', source: 'S0 §2' },
    ...{ unit: 'rows/s', at: 'least', acceptable: 100_000, target: 100_000, confidence: 0.95 },
    measure: { bench: 'market-making-20', repeat: 5, inside: false, figure: rowsASecond },
  },
  {
    ...{ name: 'regime_detection', what: 'the same with jumps of volatility', source: 'S0 §2', unit: 'µs', at: 'most' },
    ...{ acceptable: 10, target: 10, confidence: 0.95 },
    measure: regimes,
  },
  {
    ...{
      name: 'exchange_failover',
      what: 'from a lost connection to the next',
      source: 'S0 §2',
      unit: 's',
      at: 'most',
    },
    ...{ acceptable: 1, target: 1, confidence: 0.95 },
    measure: { lack: noLive },
  },
  {
    ...{ name: 'arbitrage_detection', what: 'from a quote that opens a spread to both orders', source: 'S0 §2' },
    ...{ unit: 'ms', at: 'most', acceptable: 50, target: 50, confidence: 0.95 },
    measure: { bench: 'spread', repeat: 10, inside: true, figure: named('quote to both orders'), times: 1e-3 },
  },
  {
    ...{ name: 'position_reconciliation', what: 'our positions beside those of the exchanges', source: 'S0 §2' },
    ...{ unit: 'ms', at: 'most', acceptable: 100, target: 100, confidence: 0.95 },
    measure: { lack: `${noLive}: there is no account to hold ours against` },
  },
  {
    ...{ name: 'risk_calculation', what: 'an order, 22 checks, historical value at risk', source: 'S0 §2', unit: 'ms' },
    ...{ at: 'most', acceptable: 10, target: 10, confidence: 0.95 },
    measure: {
      ...{ bench: 'risk', repeat: 5, inside: false, figure: named('p50 with historical value at risk'), times: 1e-3 },
    },
  },
  {
    ...{ name: 'backtest_24h', what: 'a day of trades', source: 'S0 §2', unit: 's', at: 'most' },
    ...{ acceptable: 5, target: 5, confidence: 0.95 },
    measure: day,
  },
  {
    ...{ name: 'vectorized_backtest', what: 'four million candles', source: 'S4 NFR-101', unit: 's', at: 'most' },
    ...{ acceptable: 1, target: 1, confidence: 0.95 },
    measure: { bench: 'crossover', repeat: 5, inside: false, figure: seconds },
  },
  {
    ...{ name: 'event_driven_year', what: 'a year of minutes, 22,080 orders', source: 'S4 NFR-102', unit: 's' },
    ...{ at: 'most', acceptable: 30, target: 30, confidence: 0.95 },
    measure: { bench: 'bars', repeat: 5, inside: false, figure: named('topic read to last commit') },
  },
  {
    ...{ name: 'parameter_sweep', what: '10,000 combinations', source: 'S4 NFR-103', unit: 's', at: 'most' },
    ...{ acceptable: 600, target: 600, confidence: 0.95 },
    measure: { bench: 'sweep', repeat: 5, inside: false, figure: seconds },
  },
  {
    ...{ name: 'live_data_latency', what: 'from an exchange to a strategy', source: 'S4 NFR-104', unit: 'ms' },
    ...{ at: 'most', acceptable: 100, target: 100, confidence: 0.95 },
    measure: { lack: `${noLive}; from a trade on Kafka to its order: npm run bench kafka-latency` },
  },
  {
    ...{ name: 'order_submission_latency', what: 'from a signal to an exchange', source: 'S4 NFR-105', unit: 'ms' },
    ...{ at: 'most', acceptable: 200, target: 200, confidence: 0.95 },
    measure: { lack: noLive },
  },
  {
    ...{ name: 'memory_multi_asset', what: 'peak of a year of minutes of ten instruments', source: 'S4 NFR-106' },
    ...{ unit: 'MB', at: 'most', acceptable: 4096, target: 4096, confidence: 0.95 },
    measure: { bench: 'assets', repeat: 5, inside: false, figure: named('peak resident memory') },
  },
]

function rowsASecond(figures: readonly Figure[]): Figure | undefined {
  const [rows, time] = [named('rows')(figures), named('topic read to last commit')(figures)]
  return rows && time && { what: 'rows a second', value: rows.value / time.value, unit: 'rows/s' }
}
