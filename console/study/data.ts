// What the pages of a study are made of. Whoever has a study or a validation fills these; the pages know nothing else of it.

export type Value = number | string | boolean

export type Params = Readonly<Record<string, Value>>

/** One parameter of a map, with its values in the order in which they are drawn. */
export interface MapAxis {
  readonly name: string
  readonly values: readonly Value[]
}

/** What a map shows. */
export interface Metric {
  readonly name: string
  /** Empty: a plain number. */
  readonly unit: string
  /** Which of two values is the better one. */
  readonly better: 'larger' | 'smaller'
  /** What is neither good nor bad, such as 0 of a Sharpe ratio: both sides of it have a colour. Without it there is one colour. */
  readonly neutral?: number
}

/** A metric over a grid of parameters. */
export interface MetricMap {
  readonly axes: readonly MapAxis[]
  /** Row by row, the last axis fastest; NaN: not tried, refused, or failed. */
  readonly values: Float64Array
  readonly metric: Metric
}

/** What a study ran on; said under the title of each page. */
export interface Subject {
  /** Name of the study: in the title, and of the files that are saved. */
  readonly study: string
  readonly strategy: string
  /** `BTCUSDT on binance-usdm, bars of 1m`. */
  readonly data: string
  /** µs since 1970 UTC; `to` is not part of it. */
  readonly from: number
  readonly to: number
  readonly version: string
}

export interface HeatmapInput extends Subject, MetricMap {
  /** `grid`, `tpe`, …. */
  readonly search: string
  /** The best trials, the best first, each with the metric and what else is said of it. */
  readonly best: readonly {
    readonly trial: number
    readonly params: Params
    readonly value: number
    readonly figures: readonly (number | undefined)[]
  }[]
  /** Of the columns `figures`. */
  readonly figures: readonly { readonly name: string; readonly unit: string }[]
  /** Trials of this study, how many of them failed, and combinations that the strategy refused. */
  readonly trials: number
  readonly failed: number
  readonly refused: number
  /** Trials that were ever made on this market, in any study: what its best must be judged by. */
  readonly trialsSoFar: number
}

export type Level = 'green' | 'amber' | 'red'

/** One statistic, what it was held against, and what follows. A note does not decide the verdict. */
export interface Check {
  readonly name: string
  readonly value: number | undefined
  readonly unit: string
  /** `at least 0.95`. */
  readonly threshold: string
  readonly level: Level | 'note'
  readonly sentence: string
}

/** One window of a walk, or a fold: fitted on the first range, tried on the second; of several ranges from the first to the last. Times in µs; Sharpe ratios a year. */
export interface Window {
  readonly trainFrom: number
  readonly trainTo: number
  readonly testFrom: number
  readonly testTo: number
  readonly params: Params
  readonly inSampleSharpe: number
  readonly outOfSampleSharpe: number
  /** A fraction of the equity at its beginning. */
  readonly outOfSampleReturn: number
}

/** What equity might have been: of each step the value below which so many percent of the samples are. */
export interface Fan {
  /** `trades in another order`, `blocks of returns`: its title. */
  readonly name: string
  readonly samples: number
  /** What a step is: a moment in µs, or the number of trades or days since the start. */
  readonly steps: 'time' | 'trades' | 'days'
  readonly at: Float64Array
  readonly p05: Float64Array
  readonly p25: Float64Array
  readonly p50: Float64Array
  readonly p75: Float64Array
  readonly p95: Float64Array
  /** What it was, at the same steps. */
  readonly observed: Float64Array
  /** How deep half of the samples fell at least, and one in twenty; fractions of the peak, <= 0. */
  readonly fell: { readonly half: number; readonly twentieth: number }
}

/** Times in µs, shares of 1. Above 0 of what came before it is no hold-out any more. */
export interface HoldOut {
  readonly from: number
  readonly to: number
  readonly sharpe: number | undefined
  readonly totalReturn: number
  /** Validations that had opened any of it before, and trials that had seen any of it. */
  readonly readsBefore: number
  readonly seenBefore: number
}

export interface ValidationInput extends Subject {
  readonly method: string
  readonly level: Level
  /** One sentence. */
  readonly verdict: string
  /** Why not better, or what a green one rests on: sentences, said under it. */
  readonly reasons: readonly string[]
  readonly checks: readonly Check[]
  readonly warnings: readonly string[]
  /** What would be traded. */
  readonly params: Params
  /** Of equity: `USDT`, or `times the start`. */
  readonly unit: string
  readonly trials: number
  readonly trialsSoFar: number
  /** Undefined: could not be given. All but the Sharpe ratio are shares of 1; `degradation` of the Sharpe ratio in sample. */
  readonly dsr: number | undefined
  /** The deflated Sharpe ratio by the paper's own variance, which is not judged. */
  readonly dsrAsPublished: number | undefined
  readonly pbo: number | undefined
  readonly oosConsistency: number | undefined
  readonly degradation: number | undefined
  readonly outOfSampleSharpe: number | undefined
  /** In 0…100. */
  readonly score: number | undefined
  readonly windows: readonly Window[]
  /** Equity over all test ranges, one after the other. */
  readonly outOfSample: { readonly times: Float64Array; readonly equity: Float64Array } | undefined
  /** What it came to on data that no trial of the search saw; undefined: none were kept. */
  readonly holdOut: HoldOut | undefined
  readonly fans: readonly Fan[]
  /** Sharpe ratios a year, of each path through the test groups. */
  readonly paths: Float64Array | undefined
  /** Of each split the logit of the rank out of sample that the best in sample has; below 0: under the median. */
  readonly logits: Float64Array | undefined
  readonly sensitivity: MetricMap | undefined
}

/** A curve of a chart; `at` may be shared. */
export interface Curve {
  readonly name: string
  readonly values: Float64Array
  /** Tokens of tokens.css. */
  readonly stroke: string
  readonly dash: readonly number[]
}

export interface CurveChart {
  readonly id: string
  /** What stands along the foot; times are µs since 1970 UTC. */
  readonly steps: Fan['steps']
  readonly unit: string
  readonly at: Float64Array
  /** The last is drawn in front. */
  readonly curves: readonly Curve[]
  /** Numbers of two curves, and the token of what is painted between them. */
  readonly bands: readonly { readonly upper: number; readonly lower: number; readonly fill: string }[]
}

export interface MapChart extends MetricMap {
  readonly id: string
}

/** What the script of a page draws. */
export interface StudyCharts {
  /** Files that are saved begin with it. */
  readonly name: string
  readonly curves: readonly CurveChart[]
  readonly maps: readonly MapChart[]
  /** Lines of CSV of the charts that need no script. */
  readonly tables: Readonly<Record<string, readonly string[]>>
}
