// What a report is made of. `collectReport` reads it from the topics of a run, `renderReport` makes a page of it.
import type { Performance } from '../../operators/metrics/index.ts'

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
}

/** A stretch without data, µs. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** One round trip, from the fill that left zero to the fill that came back. Money in the account's currency. */
export interface Trip {
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

/** Something the simulation takes for granted. */
export interface Assumption {
  readonly name: string
  readonly value: string
  /** What follows from it for the reader. */
  readonly meaning: string
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

export interface ReportData {
  readonly run: string
  readonly strategy: string
  readonly params: Readonly<Record<string, unknown>>
  /** What was read, in words: `trades, quotes, books`, `1m candles`. */
  readonly source: string
  /** The span of the data, receive time, µs; `to` is its last moment. */
  readonly from: number
  readonly to: number
  readonly status: 'done' | 'interrupted' | 'running' | 'failed'
  readonly currency: string
  readonly performance: Performance
  readonly money: Money
  readonly equity: Series
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
export type ClientData = Pick<ReportData, 'run' | 'currency' | 'from' | 'to' | 'equity' | 'instruments' | 'gaps'> & {
  readonly startEquity: number
  readonly trips: TripColumns
}

/** The trips as columns, as they are embedded. */
export interface TripColumns {
  readonly rows: number
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
