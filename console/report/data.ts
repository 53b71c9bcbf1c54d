// What a report is made of. `collectReport` reads it from the topics of a run, `renderReport` makes a page of it.
import type {
  Benchmark as BenchmarkFigures,
  Group,
  Histogram,
  ListedDrawdown,
  MonthlyReturns,
  Performance,
} from '../../operators/metrics/index.ts'

/** A curve over receive time. Of `of` points those are kept that a chart can show: first, lowest, highest, last of each stretch. */
export interface Series {
  /** µs since 1970 UTC, never falling. */
  readonly times: Float64Array
  readonly values: Float64Array
  /** Points that were seen. */
  readonly of: number
}

/** Fills of one side. Where they were too many, those of a short stretch are one: its count, total size and mean price. */
export interface Fills {
  readonly times: Float64Array
  readonly prices: Float64Array
  readonly sizes: Float64Array
  readonly counts: Uint32Array
}

/** One instrument of the run, and what happened in it. */
export interface InstrumentCharts {
  readonly exchange: string
  readonly symbol: string
  /** What prices are quoted in, such as USDT. */
  readonly quote: string
  /** What sizes are counted in: BTC, or contracts. */
  readonly unit: string
  /** What the price curve shows: last trade, candle close. */
  readonly priceOf: string
  readonly price: Series
  /** Signed size in `unit`. */
  readonly position: Series
  /** How long a position was open in all, ms; of all points, also those that `position` does not keep. */
  readonly heldMs: number
  readonly buys: Fills
  readonly sells: Fills
  /** What the market was, by horizon; empty where there are too few bars to tell. */
  readonly regimes: readonly RegimeBands[]
}

/** Regimes of one instrument over one horizon: `labels[codes[i]]` from `times[i]` until the next; of an unknown code none. */
export interface RegimeBands {
  readonly horizon: string
  /** Kept by the run, or computed for the report. */
  readonly source: 'run' | 'report'
  readonly labels: readonly string[]
  /** Of each label the number of its colour, 0 to 7. */
  readonly tones: readonly number[]
  readonly times: Float64Array
  readonly codes: Uint8Array
  /** Of each label the share of the time that was told, and the changes to it. */
  readonly shares: readonly number[]
  readonly entries: readonly number[]
}

/** A stretch without data, µs. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** One round trip, from the fill that left zero to the fill that came back. Money in the account's currency. */
export interface Trip {
  readonly account: string
  readonly symbol: string
  readonly side: 'long' | 'short'
  readonly entryTime: number
  readonly exitTime: number
  readonly size: number
  readonly entryPrice: number
  readonly exitPrice: number
  readonly fills: number
  readonly fees: number
  readonly funding: number
  /** After fees and funding. */
  readonly net: number
}

/** Positions that the end of the data left open; they are marked, not closed. */
export interface OpenPosition {
  readonly account: string
  readonly symbol: string
  readonly size: number
  readonly unit: string
  readonly entryPrice: number | undefined
  readonly mark: number | undefined
  readonly unrealized: number
}

/** Where the money went, in whole 10⁻⁸ of the account's currency. */
export interface Money {
  readonly start: bigint
  readonly end: bigint
  /** Profit of closed and open size before costs. */
  readonly realized: bigint
  readonly unrealized: bigint
  /** Paid; rebates are negative. */
  readonly fees: bigint
  /** Received; what was paid is negative. */
  readonly funding: bigint
}

/** What taking and resting cost against the middle of the market at that moment, and what fees came of each, in 10⁻⁸. */
export interface ExecutionCost {
  /** Fills that met the market, and those that rested. */
  readonly taken: number
  readonly rested: number
  readonly takerFees: bigint
  readonly makerFees: bigint
  /** Paid for the distance from the middle (spread, depth), slippage apart; what resting earned is negative. Undefined: not known. */
  readonly takerSpread: bigint | undefined
  readonly makerSpread: bigint | undefined
  /** What the assumed slippage made prices of taking worse; known without bid and ask. Undefined: the run did not write it down. */
  readonly slippage: bigint | undefined
  /** What the middle moved against orders that met the market, from when they were decided to when they were filled; a move in their favour is negative. Undefined: not known. */
  readonly latency: bigint | undefined
  /** Why the distance is not known of all fills. */
  readonly unknown: string | undefined
}

/** One strategy with the account that it trades. */
export interface SeatLine {
  readonly strategy: string
  readonly params: Readonly<Record<string, unknown>>
  readonly account: string
  readonly start: bigint
  readonly end: bigint
  readonly fees: bigint
  readonly funding: bigint
  readonly fills: number
  readonly trips: number
  readonly winRate: number | undefined
  /** Deepest fall from a peak, of every point, as a fraction; 0 or below. */
  readonly maxDrawdown: number
  readonly equity: Series
}

/** The highest that was seen, and when, µs; 0 and undefined where there was none. */
export interface Peak {
  readonly value: number
  readonly time: number | undefined
}

/** What a margin account, or its positions in one instrument, came to need and to pay. Money in the account's currency, amounts in 10⁻⁸. */
export interface MarginUse {
  readonly account: string
  /** Undefined: all of the account. */
  readonly symbol: string | undefined
  /** Of contracts at mark. */
  readonly value: Peak
  /** What positions bound at their leverage, and what had to cover them. */
  readonly initial: Peak
  readonly maintenance: Peak
  /** Executions of the exchange's own, and what they cost. */
  readonly liquidations: number
  readonly liquidationFees: bigint
  readonly fundingPaid: bigint
  readonly fundingReceived: bigint
}

export interface MarginAccountLine extends MarginUse {
  /** Maintenance margin in percent of the balance behind it, of isolated positions the highest; at 100 it is liquidated. */
  readonly ratio: Series
  /** The highest of it, a fraction; 2 stands for all above (`mostRatio`). */
  readonly highest: Peak
  /** Value of contracts over the balance. */
  readonly leverage: Peak
}

/** Of the accounts of a run; undefined in `ReportData`: nobody asked for margin. */
export interface Margin {
  readonly accounts: readonly MarginAccountLine[]
  /** By account and instrument, those that were held. */
  readonly positions: readonly MarginUse[]
  /** What the insurance funds have at the end, 10⁻⁸; undefined before it. */
  readonly fund: bigint | undefined
}

/** The same money in the instruments from the first price to the last: no costs, nothing traded in between. */
export interface Benchmark {
  readonly equity: Series
  readonly figures: BenchmarkFigures
  /** Deepest fall from a peak, a fraction; 0 or below. */
  readonly maxDrawdown: number
}

/** How values are spread. */
export interface Spread extends Histogram {
  /** Of all values. */
  readonly least: number
  readonly p05: number
  readonly median: number
  readonly p95: number
  readonly most: number
  readonly count: number
}

export interface Breakdown {
  readonly id: string
  /** What the groups are: `hour of entry, UTC`. */
  readonly by: string
  readonly groups: readonly Group[]
}

/** One rolling figure over several windows. */
export interface Rolling {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly lines: readonly { readonly days: number; readonly series: Series }[]
}

/** Something the simulation takes for granted. */
export interface Assumption {
  readonly name: string
  readonly value: string
  /** What follows from it for the reader. */
  readonly meaning: string
  /** Where it is written, in the repository. */
  readonly file?: string
}

/** Something that was wrong with the data, or that a reader must know of them. */
export interface Problem {
  /** `bad` questions the result, `note` does not. */
  readonly level: 'bad' | 'note'
  readonly what: string
  readonly where: string
  readonly count: number | undefined
  readonly detail: string
}

/** Orders and signals that a check or the venue refused, for one reason. */
export interface Refusal {
  /** `risk`, `venue`. */
  readonly by: string
  readonly check: string
  readonly reason: string
  readonly count: number
  /** The first one in its own words. */
  readonly example: string
}

/** How far signals came. */
export interface Activity {
  readonly marketRows: number
  readonly bars: number | undefined
  /** Rows or bars that the strategy waits for before its first decision. */
  readonly warmup: number | undefined
  readonly signals: number
  readonly orders: number
  readonly fills: number
  readonly cancelled: number
  readonly expired: number
}

/** What is known of how much luck there may be in a run. */
export interface Luck {
  /** Different things that were tried on its market, whoever tried them; the run is one of them. */
  readonly trials: number
  /** The newest verdict on each of its strategies that was validated. */
  readonly verdicts: readonly {
    readonly strategy: string
    readonly study: string
    readonly verdict: 'green' | 'amber' | 'red'
    readonly reason: string
  }[]
}

export interface ReportData {
  /** Left out where nobody looked. */
  readonly luck?: Luck
  readonly run: string
  /** Who traded: one or more. */
  readonly seats: readonly SeatLine[]
  /** What was read, in words: `trades, quotes, books`, `1m candles`. */
  readonly source: string
  /** The span of the data, receive time, µs; `to` is its last moment. */
  readonly from: number
  readonly to: number
  readonly status: 'done' | 'interrupted' | 'running' | 'failed'
  readonly currency: string
  readonly performance: Performance
  readonly money: Money
  readonly execution: ExecutionCost
  readonly margin: Margin | undefined
  /** Of all accounts together. */
  readonly equity: Series
  /** Undefined: `noBenchmark` says why. */
  readonly benchmark: Benchmark | undefined
  readonly noBenchmark: string
  /** The deepest falls of equity, the deepest first. */
  readonly falls: readonly ListedDrawdown[]
  /** Results of round trips in percent of the value that was entered, and times held in ms. */
  readonly returns: Spread
  readonly holding: Spread
  readonly months: MonthlyReturns
  readonly rolling: readonly Rolling[]
  readonly breakdowns: readonly Breakdown[]
  readonly instruments: readonly InstrumentCharts[]
  readonly gaps: readonly Gap[]
  readonly trips: readonly Trip[]
  /** Closed round trips of the run; `trips` may be the first of them. */
  readonly tripsOf: number
  readonly open: readonly OpenPosition[]
  readonly activity: Activity
  readonly assumptions: readonly Assumption[]
  readonly problems: readonly Problem[]
  readonly refusals: readonly Refusal[]
  readonly config: unknown
  /** Names and values: code, config, each output topic. */
  readonly hashes: Readonly<Record<string, string>>
  /** Version of the product that made the page. */
  readonly version: string
}

/** What the page's own script gets of it. */
export type ClientData = Pick<
  ReportData,
  'run' | 'currency' | 'from' | 'to' | 'equity' | 'instruments' | 'gaps' | 'falls' | 'rolling'
> & {
  readonly startEquity: number
  readonly benchmark: Series | undefined
  /** What each account won or lost since the start; empty where there is but one. */
  readonly results: readonly { readonly name: string; readonly series: Series }[]
  /** Margin ratio of each account; empty where nobody asked for margin. */
  readonly margin: readonly { readonly name: string; readonly series: Series }[]
  /** Returns of several runs, in percent of their start, on a page that compares them; empty on that of one. */
  readonly compared: readonly { readonly name: string; readonly series: Series }[]
  readonly trips: TripColumns
  /** Lines of CSV of what is drawn without a script, by the id of its figure. */
  readonly tables: Readonly<Record<string, readonly string[]>>
}

/** The trips as columns, as they are embedded. */
export interface TripColumns {
  readonly rows: number
  readonly accounts: readonly string[]
  readonly account: Uint32Array
  readonly symbols: readonly string[]
  readonly symbol: Uint32Array
  readonly long: Uint8Array
  readonly entryTime: Float64Array
  readonly exitTime: Float64Array
  readonly size: Float64Array
  readonly entryPrice: Float64Array
  readonly exitPrice: Float64Array
  readonly fills: Uint32Array
  readonly fees: Float64Array
  readonly funding: Float64Array
  readonly net: Float64Array
}
