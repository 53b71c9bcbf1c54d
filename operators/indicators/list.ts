// The indicators by TA-Lib's names: what each one takes and gives. `docs/indicators.md` is held equal to this list by a test.
import type { indicatorCodes } from '../../native/indicators.ts'

export type IndicatorName = keyof typeof indicatorCodes

export interface Parameter {
  readonly name: string
  /** What TA-Lib takes when it is left out; absent: what the parameter before it is. */
  readonly default?: number
  /** The least that is allowed. */
  readonly least: number
  /** A period is whole, at most `longestPeriod`; a factor is any finite number. */
  readonly kind: 'period' | 'factor'
}

export interface Indicator {
  readonly name: IndicatorName
  readonly meaning: string
  /** Columns of a candle that it looks at. */
  readonly inputs: readonly ('high' | 'low' | 'close' | 'volume')[]
  readonly parameters: readonly Parameter[]
  /** Names of its columns; none when it has just one. */
  readonly outputs: readonly string[]
  /** Bars until its first value, by its parameters; said as a formula in `warmupText`. */
  readonly warmup: (...parameters: number[]) => number
  readonly warmupText: string
  readonly formula: string
}

/** Longest period, as TA-Lib's. */
export const longestPeriod = 100_000

function period(standard: number, least: number, name = 'period'): Parameter {
  return { name, default: standard, least, kind: 'period' }
}

const close = ['close'] as const
const range = ['high', 'low', 'close'] as const

export const indicators: readonly Indicator[] = [
  {
    name: 'sma',
    meaning: 'simple moving average',
    inputs: close,
    parameters: [period(30, 1)],
    outputs: [],
    warmup: (n) => n!,
    warmupText: 'n',
    formula: 'mean of the last n closes',
  },
  {
    name: 'ema',
    meaning: 'exponential moving average',
    inputs: close,
    parameters: [period(30, 1)],
    outputs: [],
    warmup: (n) => n!,
    warmupText: 'n',
    formula: 'e + (close − e) · 2 / (n + 1), from the mean of the first n closes',
  },
  {
    name: 'wma',
    meaning: 'weighted moving average',
    inputs: close,
    parameters: [period(30, 1)],
    outputs: [],
    warmup: (n) => n!,
    warmupText: 'n',
    formula: 'Σ i · closeᵢ / (n (n + 1) / 2), i = 1 … n, the newest weighs n',
  },
  {
    name: 'macd',
    meaning: 'moving average convergence/divergence',
    inputs: close,
    parameters: [period(12, 2, 'fast'), period(26, 2, 'slow'), period(9, 1, 'signal')],
    outputs: ['macd', 'signal', 'hist'],
    warmup: (fast, slow, signal) => Math.max(fast!, slow!) + signal! - 1,
    warmupText: 'slow + signal − 1',
    formula:
      'macd = ema(fast) − ema(slow), both seeded at the same bar; signal = ema of macd; hist = macd − signal; the longer of the two is the slow one',
  },
  {
    name: 'rsi',
    meaning: 'relative strength index (Wilder)',
    inputs: close,
    parameters: [period(14, 2)],
    outputs: [],
    warmup: (n) => n! + 1,
    warmupText: 'n + 1',
    formula: '100 · gain / (gain + loss), each g + (change − g) / n, from the mean of the first n; 0 without movement',
  },
  {
    name: 'roc',
    meaning: 'rate of change, %',
    inputs: close,
    parameters: [period(10, 1)],
    outputs: [],
    warmup: (n) => n! + 1,
    warmupText: 'n + 1',
    formula: '100 · (close / close n bars ago − 1)',
  },
  {
    name: 'stoch',
    meaning: 'slow stochastic',
    inputs: range,
    parameters: [period(5, 1, 'fastk'), period(3, 1, 'slowk'), period(3, 1, 'slowd')],
    outputs: ['slowk', 'slowd'],
    warmup: (fastK, slowK, slowD) => fastK! + slowK! + slowD! - 2,
    warmupText: 'fastk + slowk + slowd − 2',
    formula:
      'slowk = sma(slowk) of 100 · (close − lowest) / (highest − lowest) over fastk bars, 0 in a range of nothing; slowd = sma(slowd) of slowk',
  },
  {
    name: 'willr',
    meaning: 'Williams %R',
    inputs: range,
    parameters: [period(14, 2)],
    outputs: [],
    warmup: (n) => n!,
    warmupText: 'n',
    formula: '−100 · (highest − close) / (highest − lowest) over n bars; 0 in a range of nothing',
  },
  {
    name: 'cci',
    meaning: 'commodity channel index',
    inputs: range,
    parameters: [period(14, 2)],
    outputs: [],
    warmup: (n) => n!,
    warmupText: 'n',
    formula:
      '(typical − its mean) / (0.015 · mean of |typical − its mean|), typical = (high + low + close) / 3; 0 in a flat window',
  },
  {
    name: 'aroon',
    meaning: 'Aroon',
    inputs: ['high', 'low'],
    parameters: [period(14, 2)],
    outputs: ['down', 'up'],
    warmup: (n) => n! + 1,
    warmupText: 'n + 1',
    formula: '100 · (n − bars since the lowest low, highest high, of n + 1 bars) / n; of equal ones the latest',
  },
  {
    name: 'stddev',
    meaning: 'standard deviation',
    inputs: close,
    parameters: [period(5, 2), { name: 'factor', default: 1, least: Number.NEGATIVE_INFINITY, kind: 'factor' }],
    outputs: [],
    warmup: (n) => n!,
    warmupText: 'n',
    formula: 'factor · √(mean of (close − its mean)²) over n closes: the population’s',
  },
  {
    name: 'bbands',
    meaning: 'Bollinger bands',
    inputs: close,
    parameters: [
      period(5, 2),
      { name: 'up', default: 2, least: Number.NEGATIVE_INFINITY, kind: 'factor' },
      { name: 'down', least: Number.NEGATIVE_INFINITY, kind: 'factor' },
    ],
    outputs: ['upper', 'middle', 'lower'],
    warmup: (n) => n!,
    warmupText: 'n',
    formula: 'middle = sma(n); upper = middle + up · stddev(n); lower = middle − down · stddev(n)',
  },
  {
    name: 'atr',
    meaning: 'average true range (Wilder)',
    inputs: range,
    parameters: [period(14, 1)],
    outputs: [],
    warmup: (n) => n! + 1,
    warmupText: 'n + 1',
    formula:
      'a + (range − a) / n, from the mean of the first n; range = max(high − low, |high − close before|, |low − close before|)',
  },
  {
    name: 'adx',
    meaning: 'average directional index (Wilder)',
    inputs: range,
    parameters: [period(14, 2)],
    outputs: [],
    warmup: (n) => 2 * n!,
    warmupText: '2 n',
    formula:
      'a + (dx − a) / n, from the mean of the first n; dx = 100 · |up − down| / (up + down) of the smoothed movements',
  },
  {
    name: 'obv',
    meaning: 'on-balance volume',
    inputs: ['close', 'volume'],
    parameters: [],
    outputs: [],
    warmup: () => 1,
    warmupText: '1',
    formula: 'Σ volume of higher closes − Σ volume of lower ones, from the first bar’s volume',
  },
  {
    name: 'mfi',
    meaning: 'money flow index',
    inputs: ['high', 'low', 'close', 'volume'],
    parameters: [period(14, 2)],
    outputs: [],
    warmup: (n) => n! + 1,
    warmupText: 'n + 1',
    formula:
      '100 · up / (up + down), sums over n bars of typical · volume where the typical price rose, fell; 0 without a flow',
  },
]
