// What the parts of the trading loop say to each other (DESIGN §5). The loop itself is pipelines/trading.ts.
import type { Batch } from '../schemas/batch.ts'
import type { Bar, Execution, Order, RecordName, Regime, Signal } from '../schemas/records.generated.ts'
import type { FeatureName } from './features/names.ts'
import type { Instrument } from './instrument.ts'
import type { Horizon } from './regime/horizons.ts'

/** The market row that the loop stands on: one object, moved from row to row. Nobody keeps it. */
export interface MarketRow {
  readonly topic: RecordName
  readonly received: number
  /** The exchange's time of the row, µs. */
  readonly time: number
  readonly batch: Batch
  readonly row: number
  /** The market of its instrument; undefined for rows of none (clocks, heartbeats). */
  readonly market: Market | undefined
}

/** What is known of one instrument's market now. Prices in ticks, sizes in lots; NaN where nothing is known. */
export interface Market {
  readonly instrument: Instrument
  /** Best prices: depth overlaid by the newest quote whose sequence is higher. */
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
  /** Price of the last trade, or close of the last candle. */
  readonly lastTicks: number
  /** Mark price where the exchange gives one, else the middle, else the last price: what positions are valued at. A double, in ticks. */
  readonly markTicks: number
  /** What is known of a perpetual's funding; absent before its first record. */
  readonly funding?: FundingView | undefined
  /** Received time of the newest row of this instrument. */
  readonly received: number
  /** False while depth is subscribed but not in sync: nothing may be decided on it. */
  readonly synced: boolean
}

/** What the last record of a perpetual's funding said. */
export interface FundingView {
  /** Share of the position's value that longs pay shorts, of what falls due next or, without `next`, of what was paid last. */
  readonly rate: number
  /** When it falls due, µs of the exchange's clock, and hours from one settlement to the next; NaN where that is not said. */
  readonly next: number
  readonly hours: number
}

/** The simulated or real exchange, as the loop sees it. Executions come out in the order in which we get to see them. */
export interface Venue {
  /** Step 1, before the row changes its market: orders that reached the exchange before it act on the market as it was. Rows of clocks, heartbeats, funding, marks count too. */
  arrive(row: MarketRow): void
  /** Step 1, after the row changed its market: it meets the resting orders. */
  meet(row: MarketRow): void
  /** Step 5: takes an order (or a cancel) that risk let pass, decided at order.received. */
  take(order: Order): void
  /** When the next execution will be seen, µs; Infinity when none is waiting. No method: it is asked three times a row. */
  readonly reports: { readonly nextDue: number }
  /** Takes the next execution that is due. */
  due(): Execution
  readonly counts: VenueCounts
  /** Where an order is now; undefined once the exchange is done with it, or never had it. Changes nothing. */
  look(clientId: string): OrderAtVenue | undefined
  save(): Uint8Array
  load(bytes: Uint8Array): void
}

/** What happened that no execution says. */
export interface VenueCounts {
  /** Rows whose exchange time was later than the moment at which we got them. */
  readonly clamped: number
  /** Rows that came after an order's arrival with an exchange time before it and gave its queue another length. */
  readonly queueResets: number
  /** Settlements of funding at which something was held and no rate was known: nothing was paid. */
  readonly unknownFunding: number
  /** Of a margin account; undefined where there is none. */
  readonly margin?: { readonly liquidations: number; readonly insuranceFundE8: bigint } | undefined
}

/** An order between its decision and its end, as the exchange has it. */
export type OrderAtVenue =
  | {
      readonly state: 'on its way'
      /** Exchange time at which it arrives, µs. */
      readonly arrival: number
    }
  | {
      /** It waits for its parent to be filled; `leftLots` are what it asked for. */
      readonly state: 'waiting'
      readonly leftLots: number
    }
  | {
      /** It waits for its trigger; or that has come, and it is about to meet the market. */
      readonly state: 'untriggered' | 'triggered'
      /** 0 where it closes a position whose size is not known yet. */
      readonly leftLots: number
      /** Price that triggers it; NaN for a trailing stop that does not follow yet, and where there is none. */
      readonly triggerTicks: number
    }
  | {
      readonly state: 'resting'
      readonly leftLots: number
      /** Lots ahead of it in the queue; Infinity behind a queue of unknown length, NaN where there are no queues (candles). */
      readonly aheadLots: number
      /** Lots at its price without ours, at the level's last row; NaN when that is unknown. */
      readonly levelLots: number
    }

/** Positions and money of one account, exact (DESIGN §7). Amounts are whole 10⁻⁸ of the settlement currency. */
export interface Portfolio {
  /** Step 2: an execution changes position and cash. */
  apply(execution: Execution): void
  /** Step 2: the market of an instrument moved (after venue.meet); only remembers that its mark may have changed. */
  mark(market: Market): void
  lots(instrument: number): number
  /** Cash + value of open positions at mark, 10⁻⁸; a double, exact below 2^53 (90 million units). */
  equity(): number
  /** Sum of absolute values of positions at mark, 10⁻⁸. */
  exposure(): number
  /** Open orders by client id that this account has at the venue, exposure included until the venue says otherwise. */
  readonly open: ReadonlyMap<string, OpenOrder>
  save(): Uint8Array
  load(bytes: Uint8Array): void
}

export interface OpenOrder {
  readonly clientId: string
  readonly instrument: number
  readonly side: 'buy' | 'sell'
  readonly tag: string | undefined
  readonly type: NonNullable<Order['type']>
  /** Limit price; undefined for a market order. */
  readonly ticks: number | undefined
  /** Price that triggers it, as it was asked for; undefined where there is none. */
  readonly triggerTicks: number | undefined
  /** Size asked for in all; 0 for all of a position. */
  readonly lots: number
  readonly leftLots: number
  /** False while it waits for its trigger; true for what has none. */
  readonly triggered: boolean
  /** It takes from a position and never opens one. */
  readonly reduceOnly: boolean
  readonly group: string | undefined
  /** In hedge mode. */
  readonly positionSide?: Order['positionSide']
}

/** What a strategy asks for. Prices and sizes in the exchange's unit; docs/orders.md says what each type does. */
export interface OrderAsk {
  /** Of the strategy's own choice: it takes the place of the order under the same tag. */
  tag: string
  side: 'buy' | 'sell'
  /** Left out with closePosition. */
  size?: number
  /** limit where there is a price, else market. */
  type?: Signal['type']
  /** Limit price. */
  price?: number
  /** gtd where there is `expires`, ioc for a market order, else gtc. */
  timeInForce?: Signal['timeInForce']
  /** Price at which a stop or take-profit acts. */
  trigger?: number
  /** Which price triggers; mark by default. */
  triggerBy?: 'mark' | 'last'
  /** Price from which a trailing stop follows; at once by default. */
  activation?: number
  /** How far a trailing stop stays behind the best price, as a share of it. */
  callback?: number
  /** Size that an iceberg shows. */
  display?: number
  /** Takes from a position, never opens or turns one. */
  reduceOnly?: boolean
  /** In hedge mode (docs/margin.md): which of the two positions; each order of a contract says it. */
  positionSide?: 'long' | 'short'
  /** Closes all of the position that is there when it triggers: of stop-market and take-profit-market. */
  closePosition?: boolean
  /** When it ends, µs since 1970 UTC, on the exchange's clock. */
  expires?: number
  /** One of a group that is filled or triggered cancels the others of that name: one instrument's, sent before the first of them ends. */
  group?: string
  /** Tag of the order that has to be filled first; it works for as much as that got. */
  parent?: string
  /** With the order a stop at one price and a target at another, each for what was filled, one cancels the other: tags `<tag>.stop`, `<tag>.target`. */
  bracket?: { stop?: number; takeProfit?: number }
}

/** What to change of an order: its size in all, what was filled counted; its limit price; its trigger. */
export interface OrderChange {
  size?: number
  price?: number
  trigger?: number
}

/** What a strategy may see and do; one a strategy. Sizes and prices are doubles in the exchange's unit: rounding to ticks and lots is sizing's work. */
export interface Desk {
  readonly instruments: readonly Instrument[]
  /** Receive time of the instant, µs. */
  readonly now: number
  market(instrument: number): Market
  /** What the account pays for a fill, as shares of its value; below 0 it is paid. */
  fees(instrument: number): { readonly maker: number; readonly taker: number }
  /** Signed position, in the exchange's unit. */
  position(instrument: number): number
  /** True while an order under that tag is open or on its way. */
  working(tag: string): boolean
  /** True while anything asked for an instrument is open or on its way, orders of targets too: its position may still change. */
  busy(instrument: number): boolean
  /** One of the 25 features as of now, NaN before its warm-up; the strategy says that it sees them (`features: true`). */
  feature(instrument: number, name: FeatureName): number
  /** All of them, in the order of `featureNames`, until the next instant. */
  features(instrument: number): Float64Array
  /** The regime over a horizon as of now, undefined before its warm-up; the strategy says that it sees them (`regimes: true`). */
  regime(instrument: number, horizon: Horizon): RegimeView | undefined
  /** The last closed bar of an interval that the strategy names in `intervals`, as of now. */
  lastBar(instrument: number, interval: string): BarView | undefined
  /** Asks for a position of that signed size. */
  target(
    instrument: number,
    size: number,
    reason: string,
    more?: { stop?: number; takeProfit?: number; confidence?: number },
  ): void
  /** Asks for an order under a tag of the strategy's own choice. */
  order(instrument: number, order: OrderAsk, reason: string): void
  /** Asks for another size, price or trigger of the order under that tag, if there is one. It keeps its place in the queue where the size alone gets smaller. */
  amend(tag: string, change: OrderChange, reason: string): void
  /** What we know of the order under that tag; undefined while it is on its way to risk, and when there is none. */
  open(tag: string): OpenOrder | undefined
  /** Takes back the order under that tag, if there is one. */
  cancel(tag: string, reason: string): void
  /** Takes back all orders of an instrument that the exchange has when it hears of it. */
  cancelAll(instrument: number, reason: string): void
}

/** A bar or a closed candle, as a strategy sees it. */
export type BarView = Pick<Bar, 'openTime' | 'interval' | 'open' | 'high' | 'low' | 'close' | 'volume'> & {
  readonly instrument: number
  readonly time: number
}

/** What the regime of an instrument is, and since when, µs. Confidence and strength in [0, 1]. */
export type RegimeView = Pick<Regime, 'regime' | 'confidence' | 'strength' | 'since'>

/** A running strategy: every handler is optional and is called at its instant, after executions. */
export interface Trader {
  /** A bar of the run's interval closed (from trades), or a closed candle arrived. */
  bar?(bar: BarView): void
  /** A trade of an instrument was seen. */
  trade?(market: Market, trade: { price: number; size: number; side: 'buy' | 'sell' }): void
  /** The best prices may have changed (after a quote or depth row). */
  top?(market: Market): void
  /** One of this strategy's executions was seen. */
  execution?(execution: Execution): void
  save(): Uint8Array
  load(bytes: Uint8Array): void
}
