// Made by schemas/generate.ts from the .avsc files. Do not edit: change those and run it.
import { type Bytes, type Dictionary, type Field, type List, absentI64, textAt, wordAt } from './columns.ts'
import {
  BoolWriter,
  BytesWriter,
  DictionaryWriter,
  EnumWriter,
  F64Writer,
  I32Writer,
  I64Writer,
  OffsetsWriter,
} from './writers.ts'

export const recordNames = ['accounts', 'alerts', 'audit', 'bars', 'books', 'candles', 'clocks', 'commands', 'dead-letters', 'executions', 'features', 'funding', 'health', 'heartbeats', 'instruments', 'interest', 'journal', 'liquidations', 'marks', 'orders', 'positions', 'predictions', 'quotes', 'regimes', 'risk-events', 'signals', 'snapshots', 'trades', 'trials'] as const
export type RecordName = (typeof recordNames)[number]

/** An account after executions and funding, and each UTC minute. */
export interface Account {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  account: string
  currency: string
  cash: bigint
  unrealized: bigint
  /** cash + value of positions at mark */
  equity: bigint
  realized: bigint
  fees: bigint
  funding: bigint
  /** sum of the absolute values of positions at mark */
  exposure: bigint
  event: 'execution' | 'minute' | 'funding' | 'end'
}

/** What a person should know. */
export interface Alert {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  account: string
  component: string
  severity: 'info' | 'warning' | 'critical'
  code: string
  message: string
}

/** An act on a deployment, or on a run: who did what, when and why. Each names the one before it by hash, so that none can be changed, left out or put between unseen. */
export interface Audit {
  /** when it was done, µs since 1970 UTC */
  time: number
  /** the same; never before that of the act before */
  received: number
  /** empty */
  exchange: string
  /** empty */
  symbol: string
  /** or the run */
  deployment: string
  /** from 1, without holes */
  sequence: number
  action: 'apply' | 'rollback' | 'destroy' | 'heal' | 'halt' | 'lift' | 'override'
  outcome: 'begun' | 'done' | 'failed'
  version: number
  /** SHA-256 of the deployment of that version; of a halt that of its command */
  hash: string
  /** local, compose or kubernetes; of a halt the account, empty for all */
  target: string
  who: string
  /** the changes, a line each */
  what: string
  /** the reason that was given, or why it failed */
  why: string
  /** SHA-256 of the act before as canonical JSON; zeros for the first */
  previous: string
}

/** A bar computed from trades; time is the moment it closed. */
export interface Bar {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** start of the candle */
  openTime: number
  /** 1m, 1h, 100t … */
  interval: string
  open: number
  high: number
  low: number
  close: number
  /** in the exchange’s own unit */
  volume: number
  quoteVolume?: number | undefined
  /** number of trades */
  trades?: number | undefined
}

/** A snapshot of the order book, or new sizes at some of its prices; size 0 removes. */
export interface Book {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** true when time was derived from received */
  timeEstimated?: boolean | undefined
  snapshot: boolean
  /** last update id in the message */
  sequence?: bigint | undefined
  /** first update id in the message (Binance U) */
  firstSequence?: bigint | undefined
  /** last update id of the message before (Binance pu) */
  previousSequence?: bigint | undefined
  bids: readonly { price: number; size: number }[]
  asks: readonly { price: number; size: number }[]
}

/** A closed candle from an exchange or a file; time is the moment it closed. */
export interface Candle {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** true when time was derived from received */
  timeEstimated?: boolean | undefined
  /** start of the candle */
  openTime: number
  /** 1m, 1h, 100t … */
  interval: string
  open: number
  high: number
  low: number
  close: number
  /** in the exchange’s own unit */
  volume: number
  quoteVolume?: number | undefined
  /** number of trades */
  trades?: number | undefined
}

/** How far a connection’s exchange clock stands from ours. */
export interface Clock {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  connection: string
  /** exchange − ours, µs */
  offset: number
  /** µs */
  roundTrip?: number | undefined
  /** rows that it rests on */
  rows: number
}

/** What a person did; an input of the trading loop. */
export interface Command {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  account: string
  action: 'pause' | 'resume' | 'cancel' | 'flatten' | 'lift' | 'parameter'
  name?: string | undefined
  value?: string | undefined
  who: string
  why: string
}

/** What could not be read, with its bytes. */
export interface DeadLetter {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** source topic or connection */
  source: string
  /** error code */
  reason: string
  message: string
  bytes: Uint8Array
  /** offset or line number in the source */
  offset?: number | undefined
  connection?: string | undefined
  attempts: number
}

/** What a venue reports of an order, and what it did to the account. */
export interface Execution {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  account: string
  /** counts the executions of the venue from 1 */
  number: number
  clientId: string
  venueId?: string | undefined
  strategy: string
  kind: 'accepted' | 'rejected' | 'fill' | 'cancelled' | 'cancel-rejected' | 'expired' | 'liquidation' | 'funding' | 'triggered' | 'amended' | 'amend-rejected'
  side?: 'buy' | 'sell' | undefined
  /** price, in ticks */
  ticks?: number | undefined
  /** size, in lots */
  lots?: number | undefined
  /** open size after this */
  leftLots?: number | undefined
  tickSize: number
  lotSize: number
  /** paid, 10⁻⁸ of the settlement currency */
  fee: bigint
  liquidity?: 'maker' | 'taker' | undefined
  /** lots ahead in the queue when it was accepted */
  queueAhead?: number | undefined
  reason?: string | undefined
  /** in hedge mode: which of the two positions */
  positionSide?: 'long' | 'short' | undefined
  /** of a simulated fill that took: by how many ticks the assumed slippage made its price worse */
  slippageTicks?: number | undefined
}

/** One row of a feature set. */
export interface Feature {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  set: string
  version: number
  values: readonly number[]
}

/** Funding rate of a perpetual. */
export interface Funding {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** true when time was derived from received */
  timeEstimated?: boolean | undefined
  rate: number
  /** when it is paid */
  next?: number | undefined
  intervalHours?: number | undefined
}

/** State of a component. */
export interface Health {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  component: string
  status: 'up' | 'degraded' | 'down'
  score?: number | undefined
  detail: string
}

/** Up to which receive time a connection’s rows are complete. */
export interface Heartbeat {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  connection: string
  watermark: number
}

/** What one unit of an instrument is, and what the exchange accepts. */
export interface Instrument {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  type: 'spot' | 'perpetual' | 'future' | 'option'
  base: string
  quote: string
  /** currency that profit and loss are paid in */
  settle: string
  /** smallest price step */
  tickSize: number
  /** smallest size step */
  lotSize: number
  /** smallest order value, quote units; 0 when unknown */
  minNotional: number
  /** base units (inverse: quote units) of size 1 */
  contractSize: number
  /** true when settled in the base currency */
  inverse: boolean
  ccxtSymbol: string
  status: string
  /** tick and lot were read off the data */
  inferred: boolean
}

/** Open interest, in the exchange’s own unit. */
export interface Interest {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** true when time was derived from received */
  timeEstimated?: boolean | undefined
  openInterest: number
}

/** What one step of a task read and wrote. */
export interface JournalEntry {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  run: string
  task: string
  step: number
  /** next offset of each input partition */
  positions: readonly { topic: string; partition: number; offset: number }[]
  /** order key of the last row, as JSON */
  cursor: string
  rows: number
  firstReceived?: number | undefined
  lastReceived?: number | undefined
  outputs: readonly { topic: string; rows: number }[]
  /** SHA-256 over this step’s outputs */
  hash: string
  codeHash: string
  configHash: string
}

/** A forced order; side is its own. */
export interface Liquidation {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** true when time was derived from received */
  timeEstimated?: boolean | undefined
  price: number
  size: number
  side: 'buy' | 'sell'
}

/** Mark and index price. */
export interface Mark {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** true when time was derived from received */
  timeEstimated?: boolean | undefined
  mark: number
  index?: number | undefined
}

/** An order that every risk check let pass, or the request to cancel one. Written only by risk, read by venues. */
export interface Order {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  account: string
  /** strategy.account.sequence */
  clientId: string
  strategy: string
  /** number of the signal it came from */
  signal: number
  kind: 'new' | 'cancel' | 'amend' | 'cancel-all'
  side?: 'buy' | 'sell' | undefined
  type?: 'market' | 'limit' | 'stop-market' | 'stop-limit' | 'take-profit-market' | 'take-profit-limit' | 'trailing-stop' | undefined
  timeInForce?: 'gtc' | 'ioc' | 'fok' | 'gtx' | 'gtd' | undefined
  /** size, in lots */
  lots?: number | undefined
  /** limit price, in ticks */
  ticks?: number | undefined
  triggerTicks?: number | undefined
  tickSize: number
  lotSize: number
  reduceOnly?: boolean | undefined
  tag?: string | undefined
  /** one a risk check, in their order */
  verdicts: readonly { check: string; allowed: boolean; value: number; limit: number }[]
  /** which price triggers */
  triggerBy?: 'mark' | 'last' | undefined
  /** price from which a trailing stop follows, in ticks */
  activationTicks?: number | undefined
  /** how far a trailing stop stays behind the best price, as a share of it */
  callback?: number | undefined
  /** size that an iceberg shows, in lots */
  displayLots?: number | undefined
  /** closes all of the position that is there when it triggers */
  closePosition?: boolean | undefined
  /** when a gtd order ends, µs since 1970 UTC */
  expires?: number | undefined
  /** one of a group that is filled cancels the others */
  group?: string | undefined
  /** client id of the order that has to be filled first */
  parent?: string | undefined
  /** in hedge mode: which of the two positions */
  positionSide?: 'long' | 'short' | undefined
}

/** A position after a change. */
export interface Position {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  account: string
  /** signed */
  lots: number
  lotSize: number
  /** average price of the open size */
  entryPrice?: number | undefined
  /** signed value paid for the open size */
  cost: bigint
  /** price that it was valued at */
  mark?: number | undefined
  unrealized: bigint
  /** profit and loss of closed size since the start, before fees */
  realized: bigint
  fees: bigint
  funding: bigint
  /** in hedge mode: which of the two positions */
  positionSide?: 'long' | 'short' | undefined
  /** what it binds in a margin account, units of the settlement currency */
  margin?: number | undefined
  /** that it was opened with, as its tier allows */
  leverage?: number | undefined
  /** mark at which the margin ratio is 100 %, all others unchanged */
  liquidationPrice?: number | undefined
}

/** What a model said. */
export interface Prediction {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  model: string
  version: string
  values: readonly number[]
}

/** Best bid and ask. */
export interface Quote {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** true when time was derived from received */
  timeEstimated?: boolean | undefined
  bid: number
  bidSize: number
  ask: number
  askSize: number
  /** update id */
  sequence?: bigint | undefined
}

/** The regime of an instrument over one horizon. */
export interface Regime {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  horizon: string
  regime: string
  confidence: number
  strength: number
  since: number
  probabilities: readonly number[]
}

/** A limit that was met, and what was done. */
export interface RiskEvent {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  account: string
  strategy: string
  signal?: number | undefined
  check: string
  action: 'rejected' | 'halted' | 'resumed' | 'scaled' | 'reduced' | 'cancelled' | 'flattened'
  reason: string
  value?: number | undefined
  limit?: number | undefined
  detail: string
}

/** What a strategy wants. */
export interface Signal {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  account: string
  strategy: string
  /** counts the signals of this strategy from 1 */
  number: number
  /** a position to reach, an order to send, an order to take back or to change, all orders of an instrument to take back */
  action: 'target' | 'order' | 'cancel' | 'amend' | 'cancel-all'
  /** position to reach, in the exchange’s unit, signed */
  target?: number | undefined
  /** the strategy’s name for the order, to take it back by */
  tag?: string | undefined
  side?: 'buy' | 'sell' | undefined
  /** in the exchange’s unit */
  size?: number | undefined
  type?: 'market' | 'limit' | 'stop-market' | 'stop-limit' | 'take-profit-market' | 'take-profit-limit' | 'trailing-stop' | undefined
  /** gtx is post-only, gtd good until expires */
  timeInForce?: 'gtc' | 'ioc' | 'fok' | 'gtx' | 'gtd' | undefined
  price?: number | undefined
  stop?: number | undefined
  takeProfit?: number | undefined
  confidence?: number | undefined
  reason: string
  /** price at which a stop or take-profit acts */
  trigger?: number | undefined
  /** which price triggers */
  triggerBy?: 'mark' | 'last' | undefined
  /** price from which a trailing stop follows */
  activation?: number | undefined
  /** how far a trailing stop stays behind the best price, as a share of it */
  callback?: number | undefined
  /** size that an iceberg shows, in the exchange’s unit */
  display?: number | undefined
  /** takes from a position, never opens one */
  reduceOnly?: boolean | undefined
  /** closes all of the position that is there when it triggers */
  closePosition?: boolean | undefined
  /** when a gtd order ends, µs since 1970 UTC */
  expires?: number | undefined
  /** one of a group that is filled cancels the others */
  group?: string | undefined
  /** tag of the order that has to be filled first */
  parent?: string | undefined
  /** in hedge mode: which of the two positions */
  positionSide?: 'long' | 'short' | undefined
}

/** A piece of a task’s state; the last one is the manifest. */
export interface SnapshotChunk {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  run: string
  task: string
  step: number
  chunk: number
  chunks: number
  sha256: string
  bytes: Uint8Array
}

/** One trade; side is the taker’s. */
export interface Trade {
  /** when the exchange says it happened, µs since 1970 UTC */
  time: number
  /** when our socket got it, µs since 1970 UTC */
  received: number
  /** exchange id */
  exchange: string
  /** symbol as the exchange spells it */
  symbol: string
  /** true when time was derived from received */
  timeEstimated?: boolean | undefined
  price: number
  size: number
  side: 'buy' | 'sell'
  /** the exchange’s own id, as decimal text */
  id: string
}

/** A set of parameters that was tried on a stretch of the market, and what it came to. Every one counts: the more were tried, the more luck the best one had. */
export interface Trial {
  /** begin of the stretch, and as many µs behind it as the number of the trial says: trials of a study stand in their order */
  time: number
  /** the same */
  received: number
  /** exchange id; of several all of them, with commas */
  exchange: string
  /** of several all of them, with commas */
  symbol: string
  /** of the stretch: receive time of its last row */
  end: number
  /** what it was tried for: a study, or a backtest */
  study: string
  strategy: string
  /** its number in the study, from 0 */
  trial: number
  /** SHA-256 of what was tried: strategy, parameters, market, stretch, sizing, exits, risk. The same again is no other trial */
  id: string
  /** canonical JSON */
  params: string
  /** by the event-driven graph, or over whole columns */
  how: 'graph' | 'vectorized'
  /** of the stretch that it was tried on: 1, or less where a search drops the bad ones early */
  share: number
  finalEquity: bigint
  fees: bigint
  fills: number
  /** round trips that ended */
  trips: number
  /** round trips that gained after fees and funding */
  wins: number
  /** of daily returns, a year of 365 days; absent where it cannot be given */
  sharpe?: number | undefined
  /** deepest, of equity at day ends, at most 0 */
  drawdown?: number | undefined
  /** equity at mark when the stretch begins, at each UTC midnight in it, and at its end, in units of the settlement currency */
  dayEquity: readonly number[]
  /** why it came to nothing */
  error?: string | undefined
}

export interface AccountColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  account: Dictionary
  currency: Dictionary
  cash: BigInt64Array
  unrealized: BigInt64Array
  equity: BigInt64Array
  realized: BigInt64Array
  fees: BigInt64Array
  funding: BigInt64Array
  exposure: BigInt64Array
  event: Uint8Array
}

export interface AlertColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  account: Dictionary
  component: Dictionary
  severity: Uint8Array
  code: Dictionary
  message: Bytes
}

export interface AuditColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  deployment: Dictionary
  sequence: Float64Array
  action: Uint8Array
  outcome: Uint8Array
  version: Float64Array
  hash: Bytes
  target: Dictionary
  who: Bytes
  what: Bytes
  why: Bytes
  previous: Bytes
}

export interface BarColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  openTime: Float64Array
  interval: Dictionary
  open: Float64Array
  high: Float64Array
  low: Float64Array
  close: Float64Array
  volume: Float64Array
  quoteVolume: Float64Array
  trades: Float64Array
}

export interface BookColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  timeEstimated: Uint8Array
  snapshot: Uint8Array
  sequence: BigInt64Array
  firstSequence: BigInt64Array
  previousSequence: BigInt64Array
  bids: List<{ price: Float64Array; size: Float64Array }>
  asks: List<{ price: Float64Array; size: Float64Array }>
}

export interface CandleColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  timeEstimated: Uint8Array
  openTime: Float64Array
  interval: Dictionary
  open: Float64Array
  high: Float64Array
  low: Float64Array
  close: Float64Array
  volume: Float64Array
  quoteVolume: Float64Array
  trades: Float64Array
}

export interface ClockColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  connection: Dictionary
  offset: Float64Array
  roundTrip: Float64Array
  rows: Float64Array
}

export interface CommandColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  account: Dictionary
  action: Uint8Array
  name: Bytes
  value: Bytes
  who: Bytes
  why: Bytes
}

export interface DeadLetterColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  source: Dictionary
  reason: Dictionary
  message: Bytes
  bytes: Bytes
  offset: Float64Array
  connection: Dictionary
  attempts: Int32Array
}

export interface ExecutionColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  account: Dictionary
  number: Float64Array
  clientId: Bytes
  venueId: Bytes
  strategy: Dictionary
  kind: Uint8Array
  side: Uint8Array
  ticks: Float64Array
  lots: Float64Array
  leftLots: Float64Array
  tickSize: Float64Array
  lotSize: Float64Array
  fee: BigInt64Array
  liquidity: Uint8Array
  queueAhead: Float64Array
  reason: Dictionary
  positionSide: Uint8Array
  slippageTicks: Float64Array
}

export interface FeatureColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  set: Dictionary
  version: Int32Array
  values: List<{ value: Float64Array }>
}

export interface FundingColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  timeEstimated: Uint8Array
  rate: Float64Array
  next: Float64Array
  intervalHours: Float64Array
}

export interface HealthColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  component: Dictionary
  status: Uint8Array
  score: Float64Array
  detail: Bytes
}

export interface HeartbeatColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  connection: Dictionary
  watermark: Float64Array
}

export interface InstrumentColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  type: Uint8Array
  base: Bytes
  quote: Bytes
  settle: Bytes
  tickSize: Float64Array
  lotSize: Float64Array
  minNotional: Float64Array
  contractSize: Float64Array
  inverse: Uint8Array
  ccxtSymbol: Bytes
  status: Dictionary
  inferred: Uint8Array
}

export interface InterestColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  timeEstimated: Uint8Array
  openInterest: Float64Array
}

export interface JournalEntryColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  run: Dictionary
  task: Dictionary
  step: Float64Array
  positions: List<{ topic: Dictionary; partition: Int32Array; offset: Float64Array }>
  cursor: Bytes
  rows: Float64Array
  firstReceived: Float64Array
  lastReceived: Float64Array
  outputs: List<{ topic: Dictionary; rows: Float64Array }>
  hash: Bytes
  codeHash: Dictionary
  configHash: Dictionary
}

export interface LiquidationColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  timeEstimated: Uint8Array
  price: Float64Array
  size: Float64Array
  side: Uint8Array
}

export interface MarkColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  timeEstimated: Uint8Array
  mark: Float64Array
  index: Float64Array
}

export interface OrderColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  account: Dictionary
  clientId: Bytes
  strategy: Dictionary
  signal: Float64Array
  kind: Uint8Array
  side: Uint8Array
  type: Uint8Array
  timeInForce: Uint8Array
  lots: Float64Array
  ticks: Float64Array
  triggerTicks: Float64Array
  tickSize: Float64Array
  lotSize: Float64Array
  reduceOnly: Uint8Array
  tag: Bytes
  verdicts: List<{ check: Dictionary; allowed: Uint8Array; value: Float64Array; limit: Float64Array }>
  triggerBy: Uint8Array
  activationTicks: Float64Array
  callback: Float64Array
  displayLots: Float64Array
  closePosition: Uint8Array
  expires: Float64Array
  group: Bytes
  parent: Bytes
  positionSide: Uint8Array
}

export interface PositionColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  account: Dictionary
  lots: Float64Array
  lotSize: Float64Array
  entryPrice: Float64Array
  cost: BigInt64Array
  mark: Float64Array
  unrealized: BigInt64Array
  realized: BigInt64Array
  fees: BigInt64Array
  funding: BigInt64Array
  positionSide: Uint8Array
  margin: Float64Array
  leverage: Float64Array
  liquidationPrice: Float64Array
}

export interface PredictionColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  model: Dictionary
  version: Bytes
  values: List<{ value: Float64Array }>
}

export interface QuoteColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  timeEstimated: Uint8Array
  bid: Float64Array
  bidSize: Float64Array
  ask: Float64Array
  askSize: Float64Array
  sequence: BigInt64Array
}

export interface RegimeColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  horizon: Dictionary
  regime: Dictionary
  confidence: Float64Array
  strength: Float64Array
  since: Float64Array
  probabilities: List<{ value: Float64Array }>
}

export interface RiskEventColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  account: Dictionary
  strategy: Dictionary
  signal: Float64Array
  check: Dictionary
  action: Uint8Array
  reason: Dictionary
  value: Float64Array
  limit: Float64Array
  detail: Bytes
}

export interface SignalColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  account: Dictionary
  strategy: Dictionary
  number: Float64Array
  action: Uint8Array
  target: Float64Array
  tag: Bytes
  side: Uint8Array
  size: Float64Array
  type: Uint8Array
  timeInForce: Uint8Array
  price: Float64Array
  stop: Float64Array
  takeProfit: Float64Array
  confidence: Float64Array
  reason: Bytes
  trigger: Float64Array
  triggerBy: Uint8Array
  activation: Float64Array
  callback: Float64Array
  display: Float64Array
  reduceOnly: Uint8Array
  closePosition: Uint8Array
  expires: Float64Array
  group: Bytes
  parent: Bytes
  positionSide: Uint8Array
}

export interface SnapshotChunkColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  run: Dictionary
  task: Dictionary
  step: Float64Array
  chunk: Int32Array
  chunks: Int32Array
  sha256: Bytes
  bytes: Bytes
}

export interface TradeColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  timeEstimated: Uint8Array
  price: Float64Array
  size: Float64Array
  side: Uint8Array
  id: Bytes
}

export interface TrialColumns {
  time: Float64Array
  received: Float64Array
  exchange: Dictionary
  symbol: Dictionary
  end: Float64Array
  study: Dictionary
  strategy: Dictionary
  trial: Float64Array
  id: Bytes
  params: Bytes
  how: Uint8Array
  share: Float64Array
  finalEquity: BigInt64Array
  fees: BigInt64Array
  fills: Float64Array
  trips: Float64Array
  wins: Float64Array
  sharpe: Float64Array
  drawdown: Float64Array
  dayEquity: List<{ value: Float64Array }>
  error: Bytes
}

const names_execution_minute_funding_end = ['execution', 'minute', 'funding', 'end'] as const
const names_info_warning_critical = ['info', 'warning', 'critical'] as const
const names_apply_rollback_destroy_heal_halt_lift_override = ['apply', 'rollback', 'destroy', 'heal', 'halt', 'lift', 'override'] as const
const names_begun_done_failed = ['begun', 'done', 'failed'] as const
const names_pause_resume_cancel_flatten_lift_parameter = ['pause', 'resume', 'cancel', 'flatten', 'lift', 'parameter'] as const
const names_accepted_rejected_fill_cancelled_cancelrejected_expired_liquidation_funding_triggered_amended_amendrejected = ['accepted', 'rejected', 'fill', 'cancelled', 'cancel-rejected', 'expired', 'liquidation', 'funding', 'triggered', 'amended', 'amend-rejected'] as const
const names_buy_sell = ['buy', 'sell'] as const
const names_maker_taker = ['maker', 'taker'] as const
const names_long_short = ['long', 'short'] as const
const names_up_degraded_down = ['up', 'degraded', 'down'] as const
const names_spot_perpetual_future_option = ['spot', 'perpetual', 'future', 'option'] as const
const names_new_cancel_amend_cancelall = ['new', 'cancel', 'amend', 'cancel-all'] as const
const names_market_limit_stopmarket_stoplimit_takeprofitmarket_takeprofitlimit_trailingstop = ['market', 'limit', 'stop-market', 'stop-limit', 'take-profit-market', 'take-profit-limit', 'trailing-stop'] as const
const names_gtc_ioc_fok_gtx_gtd = ['gtc', 'ioc', 'fok', 'gtx', 'gtd'] as const
const names_mark_last = ['mark', 'last'] as const
const names_rejected_halted_resumed_scaled_reduced_cancelled_flattened = ['rejected', 'halted', 'resumed', 'scaled', 'reduced', 'cancelled', 'flattened'] as const
const names_target_order_cancel_amend_cancelall = ['target', 'order', 'cancel', 'amend', 'cancel-all'] as const
const names_graph_vectorized = ['graph', 'vectorized'] as const

export class AccountBuilder {
  readonly topic = 'accounts'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly account = new DictionaryWriter()
  readonly currency = new DictionaryWriter()
  readonly cash = new I64Writer()
  readonly unrealized = new I64Writer()
  readonly equity = new I64Writer()
  readonly realized = new I64Writer()
  readonly fees = new I64Writer()
  readonly funding = new I64Writer()
  readonly exposure = new I64Writer()
  readonly event = new EnumWriter(names_execution_minute_funding_end)
  push(row: Account): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.account.push(row.account)
    this.currency.push(row.currency)
    this.cash.push(row.cash)
    this.unrealized.push(row.unrealized)
    this.equity.push(row.equity)
    this.realized.push(row.realized)
    this.fees.push(row.fees)
    this.funding.push(row.funding)
    this.exposure.push(row.exposure)
    this.event.name(row.event)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): AccountColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      account: this.account.take(),
      currency: this.currency.take(),
      cash: this.cash.take(),
      unrealized: this.unrealized.take(),
      equity: this.equity.take(),
      realized: this.realized.take(),
      fees: this.fees.take(),
      funding: this.funding.take(),
      exposure: this.exposure.take(),
      event: this.event.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.account.byteLength + this.currency.byteLength + this.cash.byteLength + this.unrealized.byteLength + this.equity.byteLength + this.realized.byteLength + this.fees.byteLength + this.funding.byteLength + this.exposure.byteLength + this.event.byteLength
  }
}

export class AlertBuilder {
  readonly topic = 'alerts'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly account = new DictionaryWriter()
  readonly component = new DictionaryWriter()
  readonly severity = new EnumWriter(names_info_warning_critical)
  readonly code = new DictionaryWriter()
  readonly message = new BytesWriter()
  push(row: Alert): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.account.push(row.account)
    this.component.push(row.component)
    this.severity.name(row.severity)
    this.code.push(row.code)
    this.message.text(row.message)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): AlertColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      account: this.account.take(),
      component: this.component.take(),
      severity: this.severity.take(),
      code: this.code.take(),
      message: this.message.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.account.byteLength + this.component.byteLength + this.severity.byteLength + this.code.byteLength + this.message.byteLength
  }
}

export class AuditBuilder {
  readonly topic = 'audit'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly deployment = new DictionaryWriter()
  readonly sequence = new F64Writer()
  readonly action = new EnumWriter(names_apply_rollback_destroy_heal_halt_lift_override)
  readonly outcome = new EnumWriter(names_begun_done_failed)
  readonly version = new F64Writer()
  readonly hash = new BytesWriter()
  readonly target = new DictionaryWriter()
  readonly who = new BytesWriter()
  readonly what = new BytesWriter()
  readonly why = new BytesWriter()
  readonly previous = new BytesWriter()
  push(row: Audit): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.deployment.push(row.deployment)
    this.sequence.push(row.sequence)
    this.action.name(row.action)
    this.outcome.name(row.outcome)
    this.version.push(row.version)
    this.hash.text(row.hash)
    this.target.push(row.target)
    this.who.text(row.who)
    this.what.text(row.what)
    this.why.text(row.why)
    this.previous.text(row.previous)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): AuditColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      deployment: this.deployment.take(),
      sequence: this.sequence.take(),
      action: this.action.take(),
      outcome: this.outcome.take(),
      version: this.version.take(),
      hash: this.hash.take(),
      target: this.target.take(),
      who: this.who.take(),
      what: this.what.take(),
      why: this.why.take(),
      previous: this.previous.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.deployment.byteLength + this.sequence.byteLength + this.action.byteLength + this.outcome.byteLength + this.version.byteLength + this.hash.byteLength + this.target.byteLength + this.who.byteLength + this.what.byteLength + this.why.byteLength + this.previous.byteLength
  }
}

export class BarBuilder {
  readonly topic = 'bars'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly openTime = new F64Writer()
  readonly interval = new DictionaryWriter()
  readonly open = new F64Writer()
  readonly high = new F64Writer()
  readonly low = new F64Writer()
  readonly close = new F64Writer()
  readonly volume = new F64Writer()
  readonly quoteVolume = new F64Writer()
  readonly trades = new F64Writer()
  push(row: Bar): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.openTime.push(row.openTime)
    this.interval.push(row.interval)
    this.open.push(row.open)
    this.high.push(row.high)
    this.low.push(row.low)
    this.close.push(row.close)
    this.volume.push(row.volume)
    this.quoteVolume.push(row.quoteVolume)
    this.trades.push(row.trades)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): BarColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      openTime: this.openTime.take(),
      interval: this.interval.take(),
      open: this.open.take(),
      high: this.high.take(),
      low: this.low.take(),
      close: this.close.take(),
      volume: this.volume.take(),
      quoteVolume: this.quoteVolume.take(),
      trades: this.trades.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.openTime.byteLength + this.interval.byteLength + this.open.byteLength + this.high.byteLength + this.low.byteLength + this.close.byteLength + this.volume.byteLength + this.quoteVolume.byteLength + this.trades.byteLength
  }
}

export class BookBuilder {
  readonly topic = 'books'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly timeEstimated = new BoolWriter()
  readonly snapshot = new BoolWriter()
  readonly sequence = new I64Writer()
  readonly firstSequence = new I64Writer()
  readonly previousSequence = new I64Writer()
  readonly bids = new OffsetsWriter()
  readonly bids_price = new F64Writer()
  readonly bids_size = new F64Writer()
  readonly asks = new OffsetsWriter()
  readonly asks_price = new F64Writer()
  readonly asks_size = new F64Writer()
  push(row: Book): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.timeEstimated.flag(row.timeEstimated)
    this.snapshot.flag(row.snapshot)
    this.sequence.push(row.sequence)
    this.firstSequence.push(row.firstSequence)
    this.previousSequence.push(row.previousSequence)
    for (const item of row.bids) {
      this.bids_price.push(item.price)
      this.bids_size.push(item.size)
    }
    this.bids.end(this.bids_price.length)
    for (const item of row.asks) {
      this.asks_price.push(item.price)
      this.asks_size.push(item.size)
    }
    this.asks.end(this.asks_price.length)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): BookColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      timeEstimated: this.timeEstimated.take(),
      snapshot: this.snapshot.take(),
      sequence: this.sequence.take(),
      firstSequence: this.firstSequence.take(),
      previousSequence: this.previousSequence.take(),
      bids: { offsets: this.bids.take(), columns: { price: this.bids_price.take(), size: this.bids_size.take() } },
      asks: { offsets: this.asks.take(), columns: { price: this.asks_price.take(), size: this.asks_size.take() } },
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.timeEstimated.byteLength + this.snapshot.byteLength + this.sequence.byteLength + this.firstSequence.byteLength + this.previousSequence.byteLength + this.bids.byteLength + this.bids_price.byteLength + this.bids_size.byteLength + this.asks.byteLength + this.asks_price.byteLength + this.asks_size.byteLength
  }
}

export class CandleBuilder {
  readonly topic = 'candles'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly timeEstimated = new BoolWriter()
  readonly openTime = new F64Writer()
  readonly interval = new DictionaryWriter()
  readonly open = new F64Writer()
  readonly high = new F64Writer()
  readonly low = new F64Writer()
  readonly close = new F64Writer()
  readonly volume = new F64Writer()
  readonly quoteVolume = new F64Writer()
  readonly trades = new F64Writer()
  push(row: Candle): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.timeEstimated.flag(row.timeEstimated)
    this.openTime.push(row.openTime)
    this.interval.push(row.interval)
    this.open.push(row.open)
    this.high.push(row.high)
    this.low.push(row.low)
    this.close.push(row.close)
    this.volume.push(row.volume)
    this.quoteVolume.push(row.quoteVolume)
    this.trades.push(row.trades)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): CandleColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      timeEstimated: this.timeEstimated.take(),
      openTime: this.openTime.take(),
      interval: this.interval.take(),
      open: this.open.take(),
      high: this.high.take(),
      low: this.low.take(),
      close: this.close.take(),
      volume: this.volume.take(),
      quoteVolume: this.quoteVolume.take(),
      trades: this.trades.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.timeEstimated.byteLength + this.openTime.byteLength + this.interval.byteLength + this.open.byteLength + this.high.byteLength + this.low.byteLength + this.close.byteLength + this.volume.byteLength + this.quoteVolume.byteLength + this.trades.byteLength
  }
}

export class ClockBuilder {
  readonly topic = 'clocks'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly connection = new DictionaryWriter()
  readonly offset = new F64Writer()
  readonly roundTrip = new F64Writer()
  readonly rows = new F64Writer()
  push(row: Clock): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.connection.push(row.connection)
    this.offset.push(row.offset)
    this.roundTrip.push(row.roundTrip)
    this.rows.push(row.rows)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): ClockColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      connection: this.connection.take(),
      offset: this.offset.take(),
      roundTrip: this.roundTrip.take(),
      rows: this.rows.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.connection.byteLength + this.offset.byteLength + this.roundTrip.byteLength + this.rows.byteLength
  }
}

export class CommandBuilder {
  readonly topic = 'commands'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly account = new DictionaryWriter()
  readonly action = new EnumWriter(names_pause_resume_cancel_flatten_lift_parameter)
  readonly name = new BytesWriter()
  readonly value = new BytesWriter()
  readonly who = new BytesWriter()
  readonly why = new BytesWriter()
  push(row: Command): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.account.push(row.account)
    this.action.name(row.action)
    this.name.text(row.name)
    this.value.text(row.value)
    this.who.text(row.who)
    this.why.text(row.why)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): CommandColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      account: this.account.take(),
      action: this.action.take(),
      name: this.name.take(),
      value: this.value.take(),
      who: this.who.take(),
      why: this.why.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.account.byteLength + this.action.byteLength + this.name.byteLength + this.value.byteLength + this.who.byteLength + this.why.byteLength
  }
}

export class DeadLetterBuilder {
  readonly topic = 'dead-letters'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly source = new DictionaryWriter()
  readonly reason = new DictionaryWriter()
  readonly message = new BytesWriter()
  readonly bytes = new BytesWriter()
  readonly offset = new F64Writer()
  readonly connection = new DictionaryWriter()
  readonly attempts = new I32Writer()
  push(row: DeadLetter): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.source.push(row.source)
    this.reason.push(row.reason)
    this.message.text(row.message)
    this.bytes.push(row.bytes)
    this.offset.push(row.offset)
    this.connection.push(row.connection)
    this.attempts.push(row.attempts)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): DeadLetterColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      source: this.source.take(),
      reason: this.reason.take(),
      message: this.message.take(),
      bytes: this.bytes.take(),
      offset: this.offset.take(),
      connection: this.connection.take(),
      attempts: this.attempts.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.source.byteLength + this.reason.byteLength + this.message.byteLength + this.bytes.byteLength + this.offset.byteLength + this.connection.byteLength + this.attempts.byteLength
  }
}

export class ExecutionBuilder {
  readonly topic = 'executions'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly account = new DictionaryWriter()
  readonly number = new F64Writer()
  readonly clientId = new BytesWriter()
  readonly venueId = new BytesWriter()
  readonly strategy = new DictionaryWriter()
  readonly kind = new EnumWriter(names_accepted_rejected_fill_cancelled_cancelrejected_expired_liquidation_funding_triggered_amended_amendrejected)
  readonly side = new EnumWriter(names_buy_sell)
  readonly ticks = new F64Writer()
  readonly lots = new F64Writer()
  readonly leftLots = new F64Writer()
  readonly tickSize = new F64Writer()
  readonly lotSize = new F64Writer()
  readonly fee = new I64Writer()
  readonly liquidity = new EnumWriter(names_maker_taker)
  readonly queueAhead = new F64Writer()
  readonly reason = new DictionaryWriter()
  readonly positionSide = new EnumWriter(names_long_short)
  readonly slippageTicks = new F64Writer()
  push(row: Execution): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.account.push(row.account)
    this.number.push(row.number)
    this.clientId.text(row.clientId)
    this.venueId.text(row.venueId)
    this.strategy.push(row.strategy)
    this.kind.name(row.kind)
    this.side.name(row.side)
    this.ticks.push(row.ticks)
    this.lots.push(row.lots)
    this.leftLots.push(row.leftLots)
    this.tickSize.push(row.tickSize)
    this.lotSize.push(row.lotSize)
    this.fee.push(row.fee)
    this.liquidity.name(row.liquidity)
    this.queueAhead.push(row.queueAhead)
    this.reason.push(row.reason)
    if (row.positionSide !== undefined) this.positionSide.to(this.count).name(row.positionSide)
    this.slippageTicks.push(row.slippageTicks)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): ExecutionColumns {
    const rows = this.count
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      account: this.account.take(),
      number: this.number.take(),
      clientId: this.clientId.take(),
      venueId: this.venueId.take(),
      strategy: this.strategy.take(),
      kind: this.kind.take(),
      side: this.side.take(),
      ticks: this.ticks.take(),
      lots: this.lots.take(),
      leftLots: this.leftLots.take(),
      tickSize: this.tickSize.take(),
      lotSize: this.lotSize.take(),
      fee: this.fee.take(),
      liquidity: this.liquidity.take(),
      queueAhead: this.queueAhead.take(),
      reason: this.reason.take(),
      positionSide: this.positionSide.to(rows).take(),
      slippageTicks: this.slippageTicks.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.account.byteLength + this.number.byteLength + this.clientId.byteLength + this.venueId.byteLength + this.strategy.byteLength + this.kind.byteLength + this.side.byteLength + this.ticks.byteLength + this.lots.byteLength + this.leftLots.byteLength + this.tickSize.byteLength + this.lotSize.byteLength + this.fee.byteLength + this.liquidity.byteLength + this.queueAhead.byteLength + this.reason.byteLength + this.slippageTicks.byteLength + this.count * 1
  }
}

export class FeatureBuilder {
  readonly topic = 'features'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly set = new DictionaryWriter()
  readonly version = new I32Writer()
  readonly values = new OffsetsWriter()
  readonly values_value = new F64Writer()
  push(row: Feature): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.set.push(row.set)
    this.version.push(row.version)
    for (const item of row.values) {
      this.values_value.push(item)
    }
    this.values.end(this.values_value.length)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): FeatureColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      set: this.set.take(),
      version: this.version.take(),
      values: { offsets: this.values.take(), columns: { value: this.values_value.take() } },
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.set.byteLength + this.version.byteLength + this.values.byteLength + this.values_value.byteLength
  }
}

export class FundingBuilder {
  readonly topic = 'funding'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly timeEstimated = new BoolWriter()
  readonly rate = new F64Writer()
  readonly next = new F64Writer()
  readonly intervalHours = new F64Writer()
  push(row: Funding): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.timeEstimated.flag(row.timeEstimated)
    this.rate.push(row.rate)
    this.next.push(row.next)
    this.intervalHours.push(row.intervalHours)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): FundingColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      timeEstimated: this.timeEstimated.take(),
      rate: this.rate.take(),
      next: this.next.take(),
      intervalHours: this.intervalHours.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.timeEstimated.byteLength + this.rate.byteLength + this.next.byteLength + this.intervalHours.byteLength
  }
}

export class HealthBuilder {
  readonly topic = 'health'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly component = new DictionaryWriter()
  readonly status = new EnumWriter(names_up_degraded_down)
  readonly score = new F64Writer()
  readonly detail = new BytesWriter()
  push(row: Health): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.component.push(row.component)
    this.status.name(row.status)
    this.score.push(row.score)
    this.detail.text(row.detail)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): HealthColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      component: this.component.take(),
      status: this.status.take(),
      score: this.score.take(),
      detail: this.detail.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.component.byteLength + this.status.byteLength + this.score.byteLength + this.detail.byteLength
  }
}

export class HeartbeatBuilder {
  readonly topic = 'heartbeats'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly connection = new DictionaryWriter()
  readonly watermark = new F64Writer()
  push(row: Heartbeat): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.connection.push(row.connection)
    this.watermark.push(row.watermark)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): HeartbeatColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      connection: this.connection.take(),
      watermark: this.watermark.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.connection.byteLength + this.watermark.byteLength
  }
}

export class InstrumentBuilder {
  readonly topic = 'instruments'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly type = new EnumWriter(names_spot_perpetual_future_option)
  readonly base = new BytesWriter()
  readonly quote = new BytesWriter()
  readonly settle = new BytesWriter()
  readonly tickSize = new F64Writer()
  readonly lotSize = new F64Writer()
  readonly minNotional = new F64Writer()
  readonly contractSize = new F64Writer()
  readonly inverse = new BoolWriter()
  readonly ccxtSymbol = new BytesWriter()
  readonly status = new DictionaryWriter()
  readonly inferred = new BoolWriter()
  push(row: Instrument): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.type.name(row.type)
    this.base.text(row.base)
    this.quote.text(row.quote)
    this.settle.text(row.settle)
    this.tickSize.push(row.tickSize)
    this.lotSize.push(row.lotSize)
    this.minNotional.push(row.minNotional)
    this.contractSize.push(row.contractSize)
    this.inverse.flag(row.inverse)
    this.ccxtSymbol.text(row.ccxtSymbol)
    this.status.push(row.status)
    this.inferred.flag(row.inferred)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): InstrumentColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      type: this.type.take(),
      base: this.base.take(),
      quote: this.quote.take(),
      settle: this.settle.take(),
      tickSize: this.tickSize.take(),
      lotSize: this.lotSize.take(),
      minNotional: this.minNotional.take(),
      contractSize: this.contractSize.take(),
      inverse: this.inverse.take(),
      ccxtSymbol: this.ccxtSymbol.take(),
      status: this.status.take(),
      inferred: this.inferred.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.type.byteLength + this.base.byteLength + this.quote.byteLength + this.settle.byteLength + this.tickSize.byteLength + this.lotSize.byteLength + this.minNotional.byteLength + this.contractSize.byteLength + this.inverse.byteLength + this.ccxtSymbol.byteLength + this.status.byteLength + this.inferred.byteLength
  }
}

export class InterestBuilder {
  readonly topic = 'interest'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly timeEstimated = new BoolWriter()
  readonly openInterest = new F64Writer()
  push(row: Interest): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.timeEstimated.flag(row.timeEstimated)
    this.openInterest.push(row.openInterest)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): InterestColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      timeEstimated: this.timeEstimated.take(),
      openInterest: this.openInterest.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.timeEstimated.byteLength + this.openInterest.byteLength
  }
}

export class JournalEntryBuilder {
  readonly topic = 'journal'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly run = new DictionaryWriter()
  readonly task = new DictionaryWriter()
  readonly step = new F64Writer()
  readonly positions = new OffsetsWriter()
  readonly positions_topic = new DictionaryWriter()
  readonly positions_partition = new I32Writer()
  readonly positions_offset = new F64Writer()
  readonly cursor = new BytesWriter()
  readonly rows = new F64Writer()
  readonly firstReceived = new F64Writer()
  readonly lastReceived = new F64Writer()
  readonly outputs = new OffsetsWriter()
  readonly outputs_topic = new DictionaryWriter()
  readonly outputs_rows = new F64Writer()
  readonly hash = new BytesWriter()
  readonly codeHash = new DictionaryWriter()
  readonly configHash = new DictionaryWriter()
  push(row: JournalEntry): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.run.push(row.run)
    this.task.push(row.task)
    this.step.push(row.step)
    for (const item of row.positions) {
      this.positions_topic.push(item.topic)
      this.positions_partition.push(item.partition)
      this.positions_offset.push(item.offset)
    }
    this.positions.end(this.positions_topic.length)
    this.cursor.text(row.cursor)
    this.rows.push(row.rows)
    this.firstReceived.push(row.firstReceived)
    this.lastReceived.push(row.lastReceived)
    for (const item of row.outputs) {
      this.outputs_topic.push(item.topic)
      this.outputs_rows.push(item.rows)
    }
    this.outputs.end(this.outputs_topic.length)
    this.hash.text(row.hash)
    this.codeHash.push(row.codeHash)
    this.configHash.push(row.configHash)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): JournalEntryColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      run: this.run.take(),
      task: this.task.take(),
      step: this.step.take(),
      positions: { offsets: this.positions.take(), columns: { topic: this.positions_topic.take(), partition: this.positions_partition.take(), offset: this.positions_offset.take() } },
      cursor: this.cursor.take(),
      rows: this.rows.take(),
      firstReceived: this.firstReceived.take(),
      lastReceived: this.lastReceived.take(),
      outputs: { offsets: this.outputs.take(), columns: { topic: this.outputs_topic.take(), rows: this.outputs_rows.take() } },
      hash: this.hash.take(),
      codeHash: this.codeHash.take(),
      configHash: this.configHash.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.run.byteLength + this.task.byteLength + this.step.byteLength + this.positions.byteLength + this.positions_topic.byteLength + this.positions_partition.byteLength + this.positions_offset.byteLength + this.cursor.byteLength + this.rows.byteLength + this.firstReceived.byteLength + this.lastReceived.byteLength + this.outputs.byteLength + this.outputs_topic.byteLength + this.outputs_rows.byteLength + this.hash.byteLength + this.codeHash.byteLength + this.configHash.byteLength
  }
}

export class LiquidationBuilder {
  readonly topic = 'liquidations'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly timeEstimated = new BoolWriter()
  readonly price = new F64Writer()
  readonly size = new F64Writer()
  readonly side = new EnumWriter(names_buy_sell)
  push(row: Liquidation): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.timeEstimated.flag(row.timeEstimated)
    this.price.push(row.price)
    this.size.push(row.size)
    this.side.name(row.side)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): LiquidationColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      timeEstimated: this.timeEstimated.take(),
      price: this.price.take(),
      size: this.size.take(),
      side: this.side.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.timeEstimated.byteLength + this.price.byteLength + this.size.byteLength + this.side.byteLength
  }
}

export class MarkBuilder {
  readonly topic = 'marks'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly timeEstimated = new BoolWriter()
  readonly mark = new F64Writer()
  readonly index = new F64Writer()
  push(row: Mark): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.timeEstimated.flag(row.timeEstimated)
    this.mark.push(row.mark)
    this.index.push(row.index)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): MarkColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      timeEstimated: this.timeEstimated.take(),
      mark: this.mark.take(),
      index: this.index.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.timeEstimated.byteLength + this.mark.byteLength + this.index.byteLength
  }
}

export class OrderBuilder {
  readonly topic = 'orders'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly account = new DictionaryWriter()
  readonly clientId = new BytesWriter()
  readonly strategy = new DictionaryWriter()
  readonly signal = new F64Writer()
  readonly kind = new EnumWriter(names_new_cancel_amend_cancelall)
  readonly side = new EnumWriter(names_buy_sell)
  readonly type = new EnumWriter(names_market_limit_stopmarket_stoplimit_takeprofitmarket_takeprofitlimit_trailingstop)
  readonly timeInForce = new EnumWriter(names_gtc_ioc_fok_gtx_gtd)
  readonly lots = new F64Writer()
  readonly ticks = new F64Writer()
  readonly triggerTicks = new F64Writer()
  readonly tickSize = new F64Writer()
  readonly lotSize = new F64Writer()
  readonly reduceOnly = new BoolWriter()
  readonly tag = new BytesWriter()
  readonly verdicts = new OffsetsWriter()
  readonly verdicts_check = new DictionaryWriter()
  readonly verdicts_allowed = new BoolWriter()
  readonly verdicts_value = new F64Writer()
  readonly verdicts_limit = new F64Writer()
  readonly triggerBy = new EnumWriter(names_mark_last)
  readonly activationTicks = new F64Writer()
  readonly callback = new F64Writer()
  readonly displayLots = new F64Writer()
  readonly closePosition = new BoolWriter()
  readonly expires = new F64Writer()
  readonly group = new BytesWriter()
  readonly parent = new BytesWriter()
  readonly positionSide = new EnumWriter(names_long_short)
  push(row: Order): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.account.push(row.account)
    this.clientId.text(row.clientId)
    this.strategy.push(row.strategy)
    this.signal.push(row.signal)
    this.kind.name(row.kind)
    this.side.name(row.side)
    this.type.name(row.type)
    this.timeInForce.name(row.timeInForce)
    this.lots.push(row.lots)
    this.ticks.push(row.ticks)
    if (row.triggerTicks !== undefined) this.triggerTicks.to(this.count).push(row.triggerTicks)
    this.tickSize.push(row.tickSize)
    this.lotSize.push(row.lotSize)
    if (row.reduceOnly) this.reduceOnly.to(this.count).flag(row.reduceOnly)
    this.tag.text(row.tag)
    for (const item of row.verdicts) {
      this.verdicts_check.push(item.check)
      this.verdicts_allowed.flag(item.allowed)
      this.verdicts_value.push(item.value)
      this.verdicts_limit.push(item.limit)
    }
    this.verdicts.end(this.verdicts_check.length)
    if (row.triggerBy !== undefined) this.triggerBy.to(this.count).name(row.triggerBy)
    if (row.activationTicks !== undefined) this.activationTicks.to(this.count).push(row.activationTicks)
    if (row.callback !== undefined) this.callback.to(this.count).push(row.callback)
    if (row.displayLots !== undefined) this.displayLots.to(this.count).push(row.displayLots)
    if (row.closePosition) this.closePosition.to(this.count).flag(row.closePosition)
    if (row.expires !== undefined) this.expires.to(this.count).push(row.expires)
    if (row.group !== undefined) this.group.to(this.count).text(row.group)
    if (row.parent !== undefined) this.parent.to(this.count).text(row.parent)
    if (row.positionSide !== undefined) this.positionSide.to(this.count).name(row.positionSide)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): OrderColumns {
    const rows = this.count
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      account: this.account.take(),
      clientId: this.clientId.take(),
      strategy: this.strategy.take(),
      signal: this.signal.take(),
      kind: this.kind.take(),
      side: this.side.take(),
      type: this.type.take(),
      timeInForce: this.timeInForce.take(),
      lots: this.lots.take(),
      ticks: this.ticks.take(),
      triggerTicks: this.triggerTicks.to(rows).take(),
      tickSize: this.tickSize.take(),
      lotSize: this.lotSize.take(),
      reduceOnly: this.reduceOnly.to(rows).take(),
      tag: this.tag.take(),
      verdicts: { offsets: this.verdicts.take(), columns: { check: this.verdicts_check.take(), allowed: this.verdicts_allowed.take(), value: this.verdicts_value.take(), limit: this.verdicts_limit.take() } },
      triggerBy: this.triggerBy.to(rows).take(),
      activationTicks: this.activationTicks.to(rows).take(),
      callback: this.callback.to(rows).take(),
      displayLots: this.displayLots.to(rows).take(),
      closePosition: this.closePosition.to(rows).take(),
      expires: this.expires.to(rows).take(),
      group: this.group.to(rows).take(),
      parent: this.parent.to(rows).take(),
      positionSide: this.positionSide.to(rows).take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.account.byteLength + this.clientId.byteLength + this.strategy.byteLength + this.signal.byteLength + this.kind.byteLength + this.side.byteLength + this.type.byteLength + this.timeInForce.byteLength + this.lots.byteLength + this.ticks.byteLength + this.tickSize.byteLength + this.lotSize.byteLength + this.tag.byteLength + this.verdicts.byteLength + this.verdicts_check.byteLength + this.verdicts_allowed.byteLength + this.verdicts_value.byteLength + this.verdicts_limit.byteLength + this.group.used + this.parent.used + this.count * 52
  }
}

export class PositionBuilder {
  readonly topic = 'positions'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly account = new DictionaryWriter()
  readonly lots = new F64Writer()
  readonly lotSize = new F64Writer()
  readonly entryPrice = new F64Writer()
  readonly cost = new I64Writer()
  readonly mark = new F64Writer()
  readonly unrealized = new I64Writer()
  readonly realized = new I64Writer()
  readonly fees = new I64Writer()
  readonly funding = new I64Writer()
  readonly positionSide = new EnumWriter(names_long_short)
  readonly margin = new F64Writer()
  readonly leverage = new F64Writer()
  readonly liquidationPrice = new F64Writer()
  push(row: Position): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.account.push(row.account)
    this.lots.push(row.lots)
    this.lotSize.push(row.lotSize)
    this.entryPrice.push(row.entryPrice)
    this.cost.push(row.cost)
    this.mark.push(row.mark)
    this.unrealized.push(row.unrealized)
    this.realized.push(row.realized)
    this.fees.push(row.fees)
    this.funding.push(row.funding)
    if (row.positionSide !== undefined) this.positionSide.to(this.count).name(row.positionSide)
    if (row.margin !== undefined) this.margin.to(this.count).push(row.margin)
    if (row.leverage !== undefined) this.leverage.to(this.count).push(row.leverage)
    if (row.liquidationPrice !== undefined) this.liquidationPrice.to(this.count).push(row.liquidationPrice)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): PositionColumns {
    const rows = this.count
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      account: this.account.take(),
      lots: this.lots.take(),
      lotSize: this.lotSize.take(),
      entryPrice: this.entryPrice.take(),
      cost: this.cost.take(),
      mark: this.mark.take(),
      unrealized: this.unrealized.take(),
      realized: this.realized.take(),
      fees: this.fees.take(),
      funding: this.funding.take(),
      positionSide: this.positionSide.to(rows).take(),
      margin: this.margin.to(rows).take(),
      leverage: this.leverage.to(rows).take(),
      liquidationPrice: this.liquidationPrice.to(rows).take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.account.byteLength + this.lots.byteLength + this.lotSize.byteLength + this.entryPrice.byteLength + this.cost.byteLength + this.mark.byteLength + this.unrealized.byteLength + this.realized.byteLength + this.fees.byteLength + this.funding.byteLength + this.count * 25
  }
}

export class PredictionBuilder {
  readonly topic = 'predictions'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly model = new DictionaryWriter()
  readonly version = new BytesWriter()
  readonly values = new OffsetsWriter()
  readonly values_value = new F64Writer()
  push(row: Prediction): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.model.push(row.model)
    this.version.text(row.version)
    for (const item of row.values) {
      this.values_value.push(item)
    }
    this.values.end(this.values_value.length)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): PredictionColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      model: this.model.take(),
      version: this.version.take(),
      values: { offsets: this.values.take(), columns: { value: this.values_value.take() } },
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.model.byteLength + this.version.byteLength + this.values.byteLength + this.values_value.byteLength
  }
}

export class QuoteBuilder {
  readonly topic = 'quotes'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly timeEstimated = new BoolWriter()
  readonly bid = new F64Writer()
  readonly bidSize = new F64Writer()
  readonly ask = new F64Writer()
  readonly askSize = new F64Writer()
  readonly sequence = new I64Writer()
  push(row: Quote): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.timeEstimated.flag(row.timeEstimated)
    this.bid.push(row.bid)
    this.bidSize.push(row.bidSize)
    this.ask.push(row.ask)
    this.askSize.push(row.askSize)
    this.sequence.push(row.sequence)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): QuoteColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      timeEstimated: this.timeEstimated.take(),
      bid: this.bid.take(),
      bidSize: this.bidSize.take(),
      ask: this.ask.take(),
      askSize: this.askSize.take(),
      sequence: this.sequence.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.timeEstimated.byteLength + this.bid.byteLength + this.bidSize.byteLength + this.ask.byteLength + this.askSize.byteLength + this.sequence.byteLength
  }
}

export class RegimeBuilder {
  readonly topic = 'regimes'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly horizon = new DictionaryWriter()
  readonly regime = new DictionaryWriter()
  readonly confidence = new F64Writer()
  readonly strength = new F64Writer()
  readonly since = new F64Writer()
  readonly probabilities = new OffsetsWriter()
  readonly probabilities_value = new F64Writer()
  push(row: Regime): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.horizon.push(row.horizon)
    this.regime.push(row.regime)
    this.confidence.push(row.confidence)
    this.strength.push(row.strength)
    this.since.push(row.since)
    for (const item of row.probabilities) {
      this.probabilities_value.push(item)
    }
    this.probabilities.end(this.probabilities_value.length)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): RegimeColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      horizon: this.horizon.take(),
      regime: this.regime.take(),
      confidence: this.confidence.take(),
      strength: this.strength.take(),
      since: this.since.take(),
      probabilities: { offsets: this.probabilities.take(), columns: { value: this.probabilities_value.take() } },
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.horizon.byteLength + this.regime.byteLength + this.confidence.byteLength + this.strength.byteLength + this.since.byteLength + this.probabilities.byteLength + this.probabilities_value.byteLength
  }
}

export class RiskEventBuilder {
  readonly topic = 'risk-events'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly account = new DictionaryWriter()
  readonly strategy = new DictionaryWriter()
  readonly signal = new F64Writer()
  readonly check = new DictionaryWriter()
  readonly action = new EnumWriter(names_rejected_halted_resumed_scaled_reduced_cancelled_flattened)
  readonly reason = new DictionaryWriter()
  readonly value = new F64Writer()
  readonly limit = new F64Writer()
  readonly detail = new BytesWriter()
  push(row: RiskEvent): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.account.push(row.account)
    this.strategy.push(row.strategy)
    this.signal.push(row.signal)
    this.check.push(row.check)
    this.action.name(row.action)
    this.reason.push(row.reason)
    this.value.push(row.value)
    this.limit.push(row.limit)
    this.detail.text(row.detail)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): RiskEventColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      account: this.account.take(),
      strategy: this.strategy.take(),
      signal: this.signal.take(),
      check: this.check.take(),
      action: this.action.take(),
      reason: this.reason.take(),
      value: this.value.take(),
      limit: this.limit.take(),
      detail: this.detail.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.account.byteLength + this.strategy.byteLength + this.signal.byteLength + this.check.byteLength + this.action.byteLength + this.reason.byteLength + this.value.byteLength + this.limit.byteLength + this.detail.byteLength
  }
}

export class SignalBuilder {
  readonly topic = 'signals'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly account = new DictionaryWriter()
  readonly strategy = new DictionaryWriter()
  readonly number = new F64Writer()
  readonly action = new EnumWriter(names_target_order_cancel_amend_cancelall)
  readonly target = new F64Writer()
  readonly tag = new BytesWriter()
  readonly side = new EnumWriter(names_buy_sell)
  readonly size = new F64Writer()
  readonly type = new EnumWriter(names_market_limit_stopmarket_stoplimit_takeprofitmarket_takeprofitlimit_trailingstop)
  readonly timeInForce = new EnumWriter(names_gtc_ioc_fok_gtx_gtd)
  readonly price = new F64Writer()
  readonly stop = new F64Writer()
  readonly takeProfit = new F64Writer()
  readonly confidence = new F64Writer()
  readonly reason = new BytesWriter()
  readonly trigger = new F64Writer()
  readonly triggerBy = new EnumWriter(names_mark_last)
  readonly activation = new F64Writer()
  readonly callback = new F64Writer()
  readonly display = new F64Writer()
  readonly reduceOnly = new BoolWriter()
  readonly closePosition = new BoolWriter()
  readonly expires = new F64Writer()
  readonly group = new BytesWriter()
  readonly parent = new BytesWriter()
  readonly positionSide = new EnumWriter(names_long_short)
  push(row: Signal): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.account.push(row.account)
    this.strategy.push(row.strategy)
    this.number.push(row.number)
    this.action.name(row.action)
    this.target.push(row.target)
    this.tag.text(row.tag)
    this.side.name(row.side)
    this.size.push(row.size)
    this.type.name(row.type)
    this.timeInForce.name(row.timeInForce)
    this.price.push(row.price)
    if (row.stop !== undefined) this.stop.to(this.count).push(row.stop)
    if (row.takeProfit !== undefined) this.takeProfit.to(this.count).push(row.takeProfit)
    if (row.confidence !== undefined) this.confidence.to(this.count).push(row.confidence)
    this.reason.text(row.reason)
    if (row.trigger !== undefined) this.trigger.to(this.count).push(row.trigger)
    if (row.triggerBy !== undefined) this.triggerBy.to(this.count).name(row.triggerBy)
    if (row.activation !== undefined) this.activation.to(this.count).push(row.activation)
    if (row.callback !== undefined) this.callback.to(this.count).push(row.callback)
    if (row.display !== undefined) this.display.to(this.count).push(row.display)
    if (row.reduceOnly) this.reduceOnly.to(this.count).flag(row.reduceOnly)
    if (row.closePosition) this.closePosition.to(this.count).flag(row.closePosition)
    if (row.expires !== undefined) this.expires.to(this.count).push(row.expires)
    if (row.group !== undefined) this.group.to(this.count).text(row.group)
    if (row.parent !== undefined) this.parent.to(this.count).text(row.parent)
    if (row.positionSide !== undefined) this.positionSide.to(this.count).name(row.positionSide)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): SignalColumns {
    const rows = this.count
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      account: this.account.take(),
      strategy: this.strategy.take(),
      number: this.number.take(),
      action: this.action.take(),
      target: this.target.take(),
      tag: this.tag.take(),
      side: this.side.take(),
      size: this.size.take(),
      type: this.type.take(),
      timeInForce: this.timeInForce.take(),
      price: this.price.take(),
      stop: this.stop.to(rows).take(),
      takeProfit: this.takeProfit.to(rows).take(),
      confidence: this.confidence.to(rows).take(),
      reason: this.reason.take(),
      trigger: this.trigger.to(rows).take(),
      triggerBy: this.triggerBy.to(rows).take(),
      activation: this.activation.to(rows).take(),
      callback: this.callback.to(rows).take(),
      display: this.display.to(rows).take(),
      reduceOnly: this.reduceOnly.to(rows).take(),
      closePosition: this.closePosition.to(rows).take(),
      expires: this.expires.to(rows).take(),
      group: this.group.to(rows).take(),
      parent: this.parent.to(rows).take(),
      positionSide: this.positionSide.to(rows).take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.account.byteLength + this.strategy.byteLength + this.number.byteLength + this.action.byteLength + this.target.byteLength + this.tag.byteLength + this.side.byteLength + this.size.byteLength + this.type.byteLength + this.timeInForce.byteLength + this.price.byteLength + this.reason.byteLength + this.group.used + this.parent.used + this.count * 76
  }
}

export class SnapshotChunkBuilder {
  readonly topic = 'snapshots'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly run = new DictionaryWriter()
  readonly task = new DictionaryWriter()
  readonly step = new F64Writer()
  readonly chunk = new I32Writer()
  readonly chunks = new I32Writer()
  readonly sha256 = new BytesWriter()
  readonly bytes = new BytesWriter()
  push(row: SnapshotChunk): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.run.push(row.run)
    this.task.push(row.task)
    this.step.push(row.step)
    this.chunk.push(row.chunk)
    this.chunks.push(row.chunks)
    this.sha256.text(row.sha256)
    this.bytes.push(row.bytes)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): SnapshotChunkColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      run: this.run.take(),
      task: this.task.take(),
      step: this.step.take(),
      chunk: this.chunk.take(),
      chunks: this.chunks.take(),
      sha256: this.sha256.take(),
      bytes: this.bytes.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.run.byteLength + this.task.byteLength + this.step.byteLength + this.chunk.byteLength + this.chunks.byteLength + this.sha256.byteLength + this.bytes.byteLength
  }
}

export class TradeBuilder {
  readonly topic = 'trades'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly timeEstimated = new BoolWriter()
  readonly price = new F64Writer()
  readonly size = new F64Writer()
  readonly side = new EnumWriter(names_buy_sell)
  readonly id = new BytesWriter()
  push(row: Trade): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.timeEstimated.flag(row.timeEstimated)
    this.price.push(row.price)
    this.size.push(row.size)
    this.side.name(row.side)
    this.id.text(row.id)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): TradeColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      timeEstimated: this.timeEstimated.take(),
      price: this.price.take(),
      size: this.size.take(),
      side: this.side.take(),
      id: this.id.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.timeEstimated.byteLength + this.price.byteLength + this.size.byteLength + this.side.byteLength + this.id.byteLength
  }
}

export class TrialBuilder {
  readonly topic = 'trials'
  count = 0
  readonly time = new F64Writer()
  readonly received = new F64Writer()
  readonly exchange = new DictionaryWriter()
  readonly symbol = new DictionaryWriter()
  readonly end = new F64Writer()
  readonly study = new DictionaryWriter()
  readonly strategy = new DictionaryWriter()
  readonly trial = new F64Writer()
  readonly id = new BytesWriter()
  readonly params = new BytesWriter()
  readonly how = new EnumWriter(names_graph_vectorized)
  readonly share = new F64Writer()
  readonly finalEquity = new I64Writer()
  readonly fees = new I64Writer()
  readonly fills = new F64Writer()
  readonly trips = new F64Writer()
  readonly wins = new F64Writer()
  readonly sharpe = new F64Writer()
  readonly drawdown = new F64Writer()
  readonly dayEquity = new OffsetsWriter()
  readonly dayEquity_value = new F64Writer()
  readonly error = new BytesWriter()
  push(row: Trial): void {
    this.time.push(row.time)
    this.received.push(row.received)
    this.exchange.push(row.exchange)
    this.symbol.push(row.symbol)
    this.end.push(row.end)
    this.study.push(row.study)
    this.strategy.push(row.strategy)
    this.trial.push(row.trial)
    this.id.text(row.id)
    this.params.text(row.params)
    this.how.name(row.how)
    this.share.push(row.share)
    this.finalEquity.push(row.finalEquity)
    this.fees.push(row.fees)
    this.fills.push(row.fills)
    this.trips.push(row.trips)
    this.wins.push(row.wins)
    this.sharpe.push(row.sharpe)
    this.drawdown.push(row.drawdown)
    for (const item of row.dayEquity) {
      this.dayEquity_value.push(item)
    }
    this.dayEquity.end(this.dayEquity_value.length)
    this.error.text(row.error)
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): TrialColumns {
    this.count = 0
    return {
      time: this.time.take(),
      received: this.received.take(),
      exchange: this.exchange.take(),
      symbol: this.symbol.take(),
      end: this.end.take(),
      study: this.study.take(),
      strategy: this.strategy.take(),
      trial: this.trial.take(),
      id: this.id.take(),
      params: this.params.take(),
      how: this.how.take(),
      share: this.share.take(),
      finalEquity: this.finalEquity.take(),
      fees: this.fees.take(),
      fills: this.fills.take(),
      trips: this.trips.take(),
      wins: this.wins.take(),
      sharpe: this.sharpe.take(),
      drawdown: this.drawdown.take(),
      dayEquity: { offsets: this.dayEquity.take(), columns: { value: this.dayEquity_value.take() } },
      error: this.error.take(),
    }
  }
  get byteLength(): number {
    return this.time.byteLength + this.received.byteLength + this.exchange.byteLength + this.symbol.byteLength + this.end.byteLength + this.study.byteLength + this.strategy.byteLength + this.trial.byteLength + this.id.byteLength + this.params.byteLength + this.how.byteLength + this.share.byteLength + this.finalEquity.byteLength + this.fees.byteLength + this.fills.byteLength + this.trips.byteLength + this.wins.byteLength + this.sharpe.byteLength + this.drawdown.byteLength + this.dayEquity.byteLength + this.dayEquity_value.byteLength + this.error.byteLength
  }
}


function optionalNumber(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}
function optionalBigint(value: bigint): bigint | undefined {
  return value === absentI64 ? undefined : value
}
function listOf<T>(offsets: Uint32Array, row: number, item: (at: number) => T): T[] {
  const list: T[] = []
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) list.push(item(at))
  return list
}

/** One row of the columns. */
export function accountAt(columns: AccountColumns, row: number): Account {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    account: wordAt(columns.account, row)!,
    currency: wordAt(columns.currency, row)!,
    cash: columns.cash[row]!,
    unrealized: columns.unrealized[row]!,
    equity: columns.equity[row]!,
    realized: columns.realized[row]!,
    fees: columns.fees[row]!,
    funding: columns.funding[row]!,
    exposure: columns.exposure[row]!,
    event: names_execution_minute_funding_end[columns.event[row]!]!,
  }
}

/** One row of the columns. */
export function alertAt(columns: AlertColumns, row: number): Alert {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    account: wordAt(columns.account, row)!,
    component: wordAt(columns.component, row)!,
    severity: names_info_warning_critical[columns.severity[row]!]!,
    code: wordAt(columns.code, row)!,
    message: textAt(columns.message, row),
  }
}

/** One row of the columns. */
export function auditAt(columns: AuditColumns, row: number): Audit {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    deployment: wordAt(columns.deployment, row)!,
    sequence: columns.sequence[row]!,
    action: names_apply_rollback_destroy_heal_halt_lift_override[columns.action[row]!]!,
    outcome: names_begun_done_failed[columns.outcome[row]!]!,
    version: columns.version[row]!,
    hash: textAt(columns.hash, row),
    target: wordAt(columns.target, row)!,
    who: textAt(columns.who, row),
    what: textAt(columns.what, row),
    why: textAt(columns.why, row),
    previous: textAt(columns.previous, row),
  }
}

/** One row of the columns. */
export function barAt(columns: BarColumns, row: number): Bar {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    openTime: columns.openTime[row]!,
    interval: wordAt(columns.interval, row)!,
    open: columns.open[row]!,
    high: columns.high[row]!,
    low: columns.low[row]!,
    close: columns.close[row]!,
    volume: columns.volume[row]!,
    quoteVolume: optionalNumber(columns.quoteVolume[row]!),
    trades: optionalNumber(columns.trades[row]!),
  }
}

/** One row of the columns. */
export function bookAt(columns: BookColumns, row: number): Book {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    timeEstimated: columns.timeEstimated[row] === 1 ? true : undefined,
    snapshot: columns.snapshot[row] === 1,
    sequence: optionalBigint(columns.sequence[row]!),
    firstSequence: optionalBigint(columns.firstSequence[row]!),
    previousSequence: optionalBigint(columns.previousSequence[row]!),
    bids: listOf(columns.bids.offsets, row, (at) => ({ price: columns.bids.columns.price[at]!, size: columns.bids.columns.size[at]! })),
    asks: listOf(columns.asks.offsets, row, (at) => ({ price: columns.asks.columns.price[at]!, size: columns.asks.columns.size[at]! })),
  }
}

/** One row of the columns. */
export function candleAt(columns: CandleColumns, row: number): Candle {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    timeEstimated: columns.timeEstimated[row] === 1 ? true : undefined,
    openTime: columns.openTime[row]!,
    interval: wordAt(columns.interval, row)!,
    open: columns.open[row]!,
    high: columns.high[row]!,
    low: columns.low[row]!,
    close: columns.close[row]!,
    volume: columns.volume[row]!,
    quoteVolume: optionalNumber(columns.quoteVolume[row]!),
    trades: optionalNumber(columns.trades[row]!),
  }
}

/** One row of the columns. */
export function clockAt(columns: ClockColumns, row: number): Clock {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    connection: wordAt(columns.connection, row)!,
    offset: columns.offset[row]!,
    roundTrip: optionalNumber(columns.roundTrip[row]!),
    rows: columns.rows[row]!,
  }
}

/** One row of the columns. */
export function commandAt(columns: CommandColumns, row: number): Command {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    account: wordAt(columns.account, row)!,
    action: names_pause_resume_cancel_flatten_lift_parameter[columns.action[row]!]!,
    name: textAt(columns.name, row) || undefined,
    value: textAt(columns.value, row) || undefined,
    who: textAt(columns.who, row),
    why: textAt(columns.why, row),
  }
}

/** One row of the columns. */
export function deadLetterAt(columns: DeadLetterColumns, row: number): DeadLetter {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    source: wordAt(columns.source, row)!,
    reason: wordAt(columns.reason, row)!,
    message: textAt(columns.message, row),
    bytes: columns.bytes.bytes.subarray(columns.bytes.offsets[row]!, columns.bytes.offsets[row + 1]!),
    offset: optionalNumber(columns.offset[row]!),
    connection: wordAt(columns.connection, row),
    attempts: columns.attempts[row]!,
  }
}

/** One row of the columns. */
export function executionAt(columns: ExecutionColumns, row: number): Execution {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    account: wordAt(columns.account, row)!,
    number: columns.number[row]!,
    clientId: textAt(columns.clientId, row),
    venueId: textAt(columns.venueId, row) || undefined,
    strategy: wordAt(columns.strategy, row)!,
    kind: names_accepted_rejected_fill_cancelled_cancelrejected_expired_liquidation_funding_triggered_amended_amendrejected[columns.kind[row]!]!,
    side: names_buy_sell[columns.side[row]!],
    ticks: optionalNumber(columns.ticks[row]!),
    lots: optionalNumber(columns.lots[row]!),
    leftLots: optionalNumber(columns.leftLots[row]!),
    tickSize: columns.tickSize[row]!,
    lotSize: columns.lotSize[row]!,
    fee: columns.fee[row]!,
    liquidity: names_maker_taker[columns.liquidity[row]!],
    queueAhead: optionalNumber(columns.queueAhead[row]!),
    reason: wordAt(columns.reason, row),
    positionSide: names_long_short[columns.positionSide[row]!],
    slippageTicks: optionalNumber(columns.slippageTicks[row]!),
  }
}

/** One row of the columns. */
export function featureAt(columns: FeatureColumns, row: number): Feature {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    set: wordAt(columns.set, row)!,
    version: columns.version[row]!,
    values: listOf(columns.values.offsets, row, (at) => columns.values.columns.value[at]!),
  }
}

/** One row of the columns. */
export function fundingAt(columns: FundingColumns, row: number): Funding {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    timeEstimated: columns.timeEstimated[row] === 1 ? true : undefined,
    rate: columns.rate[row]!,
    next: optionalNumber(columns.next[row]!),
    intervalHours: optionalNumber(columns.intervalHours[row]!),
  }
}

/** One row of the columns. */
export function healthAt(columns: HealthColumns, row: number): Health {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    component: wordAt(columns.component, row)!,
    status: names_up_degraded_down[columns.status[row]!]!,
    score: optionalNumber(columns.score[row]!),
    detail: textAt(columns.detail, row),
  }
}

/** One row of the columns. */
export function heartbeatAt(columns: HeartbeatColumns, row: number): Heartbeat {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    connection: wordAt(columns.connection, row)!,
    watermark: columns.watermark[row]!,
  }
}

/** One row of the columns. */
export function instrumentAt(columns: InstrumentColumns, row: number): Instrument {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    type: names_spot_perpetual_future_option[columns.type[row]!]!,
    base: textAt(columns.base, row),
    quote: textAt(columns.quote, row),
    settle: textAt(columns.settle, row),
    tickSize: columns.tickSize[row]!,
    lotSize: columns.lotSize[row]!,
    minNotional: columns.minNotional[row]!,
    contractSize: columns.contractSize[row]!,
    inverse: columns.inverse[row] === 1,
    ccxtSymbol: textAt(columns.ccxtSymbol, row),
    status: wordAt(columns.status, row)!,
    inferred: columns.inferred[row] === 1,
  }
}

/** One row of the columns. */
export function interestAt(columns: InterestColumns, row: number): Interest {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    timeEstimated: columns.timeEstimated[row] === 1 ? true : undefined,
    openInterest: columns.openInterest[row]!,
  }
}

/** One row of the columns. */
export function journalEntryAt(columns: JournalEntryColumns, row: number): JournalEntry {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    run: wordAt(columns.run, row)!,
    task: wordAt(columns.task, row)!,
    step: columns.step[row]!,
    positions: listOf(columns.positions.offsets, row, (at) => ({ topic: wordAt(columns.positions.columns.topic, at)!, partition: columns.positions.columns.partition[at]!, offset: columns.positions.columns.offset[at]! })),
    cursor: textAt(columns.cursor, row),
    rows: columns.rows[row]!,
    firstReceived: optionalNumber(columns.firstReceived[row]!),
    lastReceived: optionalNumber(columns.lastReceived[row]!),
    outputs: listOf(columns.outputs.offsets, row, (at) => ({ topic: wordAt(columns.outputs.columns.topic, at)!, rows: columns.outputs.columns.rows[at]! })),
    hash: textAt(columns.hash, row),
    codeHash: wordAt(columns.codeHash, row)!,
    configHash: wordAt(columns.configHash, row)!,
  }
}

/** One row of the columns. */
export function liquidationAt(columns: LiquidationColumns, row: number): Liquidation {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    timeEstimated: columns.timeEstimated[row] === 1 ? true : undefined,
    price: columns.price[row]!,
    size: columns.size[row]!,
    side: names_buy_sell[columns.side[row]!]!,
  }
}

/** One row of the columns. */
export function markAt(columns: MarkColumns, row: number): Mark {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    timeEstimated: columns.timeEstimated[row] === 1 ? true : undefined,
    mark: columns.mark[row]!,
    index: optionalNumber(columns.index[row]!),
  }
}

/** One row of the columns. */
export function orderAt(columns: OrderColumns, row: number): Order {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    account: wordAt(columns.account, row)!,
    clientId: textAt(columns.clientId, row),
    strategy: wordAt(columns.strategy, row)!,
    signal: columns.signal[row]!,
    kind: names_new_cancel_amend_cancelall[columns.kind[row]!]!,
    side: names_buy_sell[columns.side[row]!],
    type: names_market_limit_stopmarket_stoplimit_takeprofitmarket_takeprofitlimit_trailingstop[columns.type[row]!],
    timeInForce: names_gtc_ioc_fok_gtx_gtd[columns.timeInForce[row]!],
    lots: optionalNumber(columns.lots[row]!),
    ticks: optionalNumber(columns.ticks[row]!),
    triggerTicks: optionalNumber(columns.triggerTicks[row]!),
    tickSize: columns.tickSize[row]!,
    lotSize: columns.lotSize[row]!,
    reduceOnly: columns.reduceOnly[row] === 1 ? true : undefined,
    tag: textAt(columns.tag, row) || undefined,
    verdicts: listOf(columns.verdicts.offsets, row, (at) => ({ check: wordAt(columns.verdicts.columns.check, at)!, allowed: columns.verdicts.columns.allowed[at] === 1, value: columns.verdicts.columns.value[at]!, limit: columns.verdicts.columns.limit[at]! })),
    triggerBy: names_mark_last[columns.triggerBy[row]!],
    activationTicks: optionalNumber(columns.activationTicks[row]!),
    callback: optionalNumber(columns.callback[row]!),
    displayLots: optionalNumber(columns.displayLots[row]!),
    closePosition: columns.closePosition[row] === 1 ? true : undefined,
    expires: optionalNumber(columns.expires[row]!),
    group: textAt(columns.group, row) || undefined,
    parent: textAt(columns.parent, row) || undefined,
    positionSide: names_long_short[columns.positionSide[row]!],
  }
}

/** One row of the columns. */
export function positionAt(columns: PositionColumns, row: number): Position {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    account: wordAt(columns.account, row)!,
    lots: columns.lots[row]!,
    lotSize: columns.lotSize[row]!,
    entryPrice: optionalNumber(columns.entryPrice[row]!),
    cost: columns.cost[row]!,
    mark: optionalNumber(columns.mark[row]!),
    unrealized: columns.unrealized[row]!,
    realized: columns.realized[row]!,
    fees: columns.fees[row]!,
    funding: columns.funding[row]!,
    positionSide: names_long_short[columns.positionSide[row]!],
    margin: optionalNumber(columns.margin[row]!),
    leverage: optionalNumber(columns.leverage[row]!),
    liquidationPrice: optionalNumber(columns.liquidationPrice[row]!),
  }
}

/** One row of the columns. */
export function predictionAt(columns: PredictionColumns, row: number): Prediction {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    model: wordAt(columns.model, row)!,
    version: textAt(columns.version, row),
    values: listOf(columns.values.offsets, row, (at) => columns.values.columns.value[at]!),
  }
}

/** One row of the columns. */
export function quoteAt(columns: QuoteColumns, row: number): Quote {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    timeEstimated: columns.timeEstimated[row] === 1 ? true : undefined,
    bid: columns.bid[row]!,
    bidSize: columns.bidSize[row]!,
    ask: columns.ask[row]!,
    askSize: columns.askSize[row]!,
    sequence: optionalBigint(columns.sequence[row]!),
  }
}

/** One row of the columns. */
export function regimeAt(columns: RegimeColumns, row: number): Regime {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    horizon: wordAt(columns.horizon, row)!,
    regime: wordAt(columns.regime, row)!,
    confidence: columns.confidence[row]!,
    strength: columns.strength[row]!,
    since: columns.since[row]!,
    probabilities: listOf(columns.probabilities.offsets, row, (at) => columns.probabilities.columns.value[at]!),
  }
}

/** One row of the columns. */
export function riskEventAt(columns: RiskEventColumns, row: number): RiskEvent {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    account: wordAt(columns.account, row)!,
    strategy: wordAt(columns.strategy, row)!,
    signal: optionalNumber(columns.signal[row]!),
    check: wordAt(columns.check, row)!,
    action: names_rejected_halted_resumed_scaled_reduced_cancelled_flattened[columns.action[row]!]!,
    reason: wordAt(columns.reason, row)!,
    value: optionalNumber(columns.value[row]!),
    limit: optionalNumber(columns.limit[row]!),
    detail: textAt(columns.detail, row),
  }
}

/** One row of the columns. */
export function signalAt(columns: SignalColumns, row: number): Signal {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    account: wordAt(columns.account, row)!,
    strategy: wordAt(columns.strategy, row)!,
    number: columns.number[row]!,
    action: names_target_order_cancel_amend_cancelall[columns.action[row]!]!,
    target: optionalNumber(columns.target[row]!),
    tag: textAt(columns.tag, row) || undefined,
    side: names_buy_sell[columns.side[row]!],
    size: optionalNumber(columns.size[row]!),
    type: names_market_limit_stopmarket_stoplimit_takeprofitmarket_takeprofitlimit_trailingstop[columns.type[row]!],
    timeInForce: names_gtc_ioc_fok_gtx_gtd[columns.timeInForce[row]!],
    price: optionalNumber(columns.price[row]!),
    stop: optionalNumber(columns.stop[row]!),
    takeProfit: optionalNumber(columns.takeProfit[row]!),
    confidence: optionalNumber(columns.confidence[row]!),
    reason: textAt(columns.reason, row),
    trigger: optionalNumber(columns.trigger[row]!),
    triggerBy: names_mark_last[columns.triggerBy[row]!],
    activation: optionalNumber(columns.activation[row]!),
    callback: optionalNumber(columns.callback[row]!),
    display: optionalNumber(columns.display[row]!),
    reduceOnly: columns.reduceOnly[row] === 1 ? true : undefined,
    closePosition: columns.closePosition[row] === 1 ? true : undefined,
    expires: optionalNumber(columns.expires[row]!),
    group: textAt(columns.group, row) || undefined,
    parent: textAt(columns.parent, row) || undefined,
    positionSide: names_long_short[columns.positionSide[row]!],
  }
}

/** One row of the columns. */
export function snapshotChunkAt(columns: SnapshotChunkColumns, row: number): SnapshotChunk {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    run: wordAt(columns.run, row)!,
    task: wordAt(columns.task, row)!,
    step: columns.step[row]!,
    chunk: columns.chunk[row]!,
    chunks: columns.chunks[row]!,
    sha256: textAt(columns.sha256, row),
    bytes: columns.bytes.bytes.subarray(columns.bytes.offsets[row]!, columns.bytes.offsets[row + 1]!),
  }
}

/** One row of the columns. */
export function tradeAt(columns: TradeColumns, row: number): Trade {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    timeEstimated: columns.timeEstimated[row] === 1 ? true : undefined,
    price: columns.price[row]!,
    size: columns.size[row]!,
    side: names_buy_sell[columns.side[row]!]!,
    id: textAt(columns.id, row),
  }
}

/** One row of the columns. */
export function trialAt(columns: TrialColumns, row: number): Trial {
  return {
    time: columns.time[row]!,
    received: columns.received[row]!,
    exchange: wordAt(columns.exchange, row)!,
    symbol: wordAt(columns.symbol, row)!,
    end: columns.end[row]!,
    study: wordAt(columns.study, row)!,
    strategy: wordAt(columns.strategy, row)!,
    trial: columns.trial[row]!,
    id: textAt(columns.id, row),
    params: textAt(columns.params, row),
    how: names_graph_vectorized[columns.how[row]!]!,
    share: columns.share[row]!,
    finalEquity: columns.finalEquity[row]!,
    fees: columns.fees[row]!,
    fills: columns.fills[row]!,
    trips: columns.trips[row]!,
    wins: columns.wins[row]!,
    sharpe: optionalNumber(columns.sharpe[row]!),
    drawdown: optionalNumber(columns.drawdown[row]!),
    dayEquity: listOf(columns.dayEquity.offsets, row, (at) => columns.dayEquity.columns.value[at]!),
    error: textAt(columns.error, row) || undefined,
  }
}

export interface Rows {
  'accounts': Account
  'alerts': Alert
  'audit': Audit
  'bars': Bar
  'books': Book
  'candles': Candle
  'clocks': Clock
  'commands': Command
  'dead-letters': DeadLetter
  'executions': Execution
  'features': Feature
  'funding': Funding
  'health': Health
  'heartbeats': Heartbeat
  'instruments': Instrument
  'interest': Interest
  'journal': JournalEntry
  'liquidations': Liquidation
  'marks': Mark
  'orders': Order
  'positions': Position
  'predictions': Prediction
  'quotes': Quote
  'regimes': Regime
  'risk-events': RiskEvent
  'signals': Signal
  'snapshots': SnapshotChunk
  'trades': Trade
  'trials': Trial
}

export interface Columns {
  'accounts': AccountColumns
  'alerts': AlertColumns
  'audit': AuditColumns
  'bars': BarColumns
  'books': BookColumns
  'candles': CandleColumns
  'clocks': ClockColumns
  'commands': CommandColumns
  'dead-letters': DeadLetterColumns
  'executions': ExecutionColumns
  'features': FeatureColumns
  'funding': FundingColumns
  'health': HealthColumns
  'heartbeats': HeartbeatColumns
  'instruments': InstrumentColumns
  'interest': InterestColumns
  'journal': JournalEntryColumns
  'liquidations': LiquidationColumns
  'marks': MarkColumns
  'orders': OrderColumns
  'positions': PositionColumns
  'predictions': PredictionColumns
  'quotes': QuoteColumns
  'regimes': RegimeColumns
  'risk-events': RiskEventColumns
  'signals': SignalColumns
  'snapshots': SnapshotChunkColumns
  'trades': TradeColumns
  'trials': TrialColumns
}

export interface Builders {
  'accounts': AccountBuilder
  'alerts': AlertBuilder
  'audit': AuditBuilder
  'bars': BarBuilder
  'books': BookBuilder
  'candles': CandleBuilder
  'clocks': ClockBuilder
  'commands': CommandBuilder
  'dead-letters': DeadLetterBuilder
  'executions': ExecutionBuilder
  'features': FeatureBuilder
  'funding': FundingBuilder
  'health': HealthBuilder
  'heartbeats': HeartbeatBuilder
  'instruments': InstrumentBuilder
  'interest': InterestBuilder
  'journal': JournalEntryBuilder
  'liquidations': LiquidationBuilder
  'marks': MarkBuilder
  'orders': OrderBuilder
  'positions': PositionBuilder
  'predictions': PredictionBuilder
  'quotes': QuoteBuilder
  'regimes': RegimeBuilder
  'risk-events': RiskEventBuilder
  'signals': SignalBuilder
  'snapshots': SnapshotChunkBuilder
  'trades': TradeBuilder
  'trials': TrialBuilder
}

export const builders: { readonly [T in RecordName]: new () => Builders[T] } = {
  'accounts': AccountBuilder,
  'alerts': AlertBuilder,
  'audit': AuditBuilder,
  'bars': BarBuilder,
  'books': BookBuilder,
  'candles': CandleBuilder,
  'clocks': ClockBuilder,
  'commands': CommandBuilder,
  'dead-letters': DeadLetterBuilder,
  'executions': ExecutionBuilder,
  'features': FeatureBuilder,
  'funding': FundingBuilder,
  'health': HealthBuilder,
  'heartbeats': HeartbeatBuilder,
  'instruments': InstrumentBuilder,
  'interest': InterestBuilder,
  'journal': JournalEntryBuilder,
  'liquidations': LiquidationBuilder,
  'marks': MarkBuilder,
  'orders': OrderBuilder,
  'positions': PositionBuilder,
  'predictions': PredictionBuilder,
  'quotes': QuoteBuilder,
  'regimes': RegimeBuilder,
  'risk-events': RiskEventBuilder,
  'signals': SignalBuilder,
  'snapshots': SnapshotChunkBuilder,
  'trades': TradeBuilder,
  'trials': TrialBuilder,
}

export const rowReaders: { readonly [T in RecordName]: (columns: Columns[T], row: number) => Rows[T] } = {
  'accounts': accountAt,
  'alerts': alertAt,
  'audit': auditAt,
  'bars': barAt,
  'books': bookAt,
  'candles': candleAt,
  'clocks': clockAt,
  'commands': commandAt,
  'dead-letters': deadLetterAt,
  'executions': executionAt,
  'features': featureAt,
  'funding': fundingAt,
  'health': healthAt,
  'heartbeats': heartbeatAt,
  'instruments': instrumentAt,
  'interest': interestAt,
  'journal': journalEntryAt,
  'liquidations': liquidationAt,
  'marks': markAt,
  'orders': orderAt,
  'positions': positionAt,
  'predictions': predictionAt,
  'quotes': quoteAt,
  'regimes': regimeAt,
  'risk-events': riskEventAt,
  'signals': signalAt,
  'snapshots': snapshotChunkAt,
  'trades': tradeAt,
  'trials': trialAt,
}

export const layouts: { readonly [T in RecordName]: readonly Field[] } = {
  'accounts': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"account","kind":"dict"},
    {"name":"currency","kind":"dict"},
    {"name":"cash","kind":"i64","amount":true},
    {"name":"unrealized","kind":"i64","amount":true},
    {"name":"equity","kind":"i64","amount":true},
    {"name":"realized","kind":"i64","amount":true},
    {"name":"fees","kind":"i64","amount":true},
    {"name":"funding","kind":"i64","amount":true},
    {"name":"exposure","kind":"i64","amount":true},
    {"name":"event","kind":"enum","symbols":["execution","minute","funding","end"]},
  ],
  'alerts': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"account","kind":"dict"},
    {"name":"component","kind":"dict"},
    {"name":"severity","kind":"enum","symbols":["info","warning","critical"]},
    {"name":"code","kind":"dict"},
    {"name":"message","kind":"text"},
  ],
  'audit': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"deployment","kind":"dict"},
    {"name":"sequence","kind":"f64","whole":true},
    {"name":"action","kind":"enum","symbols":["apply","rollback","destroy","heal","halt","lift","override"]},
    {"name":"outcome","kind":"enum","symbols":["begun","done","failed"]},
    {"name":"version","kind":"f64","whole":true},
    {"name":"hash","kind":"text"},
    {"name":"target","kind":"dict"},
    {"name":"who","kind":"text"},
    {"name":"what","kind":"text"},
    {"name":"why","kind":"text"},
    {"name":"previous","kind":"text"},
  ],
  'bars': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"openTime","kind":"f64","time":true,"whole":true},
    {"name":"interval","kind":"dict"},
    {"name":"open","kind":"f64"},
    {"name":"high","kind":"f64"},
    {"name":"low","kind":"f64"},
    {"name":"close","kind":"f64"},
    {"name":"volume","kind":"f64"},
    {"name":"quoteVolume","optional":true,"kind":"f64"},
    {"name":"trades","optional":true,"kind":"f64","whole":true},
  ],
  'books': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"timeEstimated","kind":"bool","omitFalse":true},
    {"name":"snapshot","kind":"bool"},
    {"name":"sequence","optional":true,"kind":"i64"},
    {"name":"firstSequence","optional":true,"kind":"i64"},
    {"name":"previousSequence","optional":true,"kind":"i64"},
    {"name":"bids","kind":"list","items":[{"name":"price","kind":"f64"},{"name":"size","kind":"f64"}]},
    {"name":"asks","kind":"list","items":[{"name":"price","kind":"f64"},{"name":"size","kind":"f64"}]},
  ],
  'candles': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"timeEstimated","kind":"bool","omitFalse":true},
    {"name":"openTime","kind":"f64","time":true,"whole":true},
    {"name":"interval","kind":"dict"},
    {"name":"open","kind":"f64"},
    {"name":"high","kind":"f64"},
    {"name":"low","kind":"f64"},
    {"name":"close","kind":"f64"},
    {"name":"volume","kind":"f64"},
    {"name":"quoteVolume","optional":true,"kind":"f64"},
    {"name":"trades","optional":true,"kind":"f64","whole":true},
  ],
  'clocks': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"connection","kind":"dict"},
    {"name":"offset","kind":"f64","whole":true},
    {"name":"roundTrip","optional":true,"kind":"f64","whole":true},
    {"name":"rows","kind":"f64","whole":true},
  ],
  'commands': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"account","kind":"dict"},
    {"name":"action","kind":"enum","symbols":["pause","resume","cancel","flatten","lift","parameter"]},
    {"name":"name","optional":true,"kind":"text"},
    {"name":"value","optional":true,"kind":"text"},
    {"name":"who","kind":"text"},
    {"name":"why","kind":"text"},
  ],
  'dead-letters': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"source","kind":"dict"},
    {"name":"reason","kind":"dict"},
    {"name":"message","kind":"text"},
    {"name":"bytes","kind":"bytes"},
    {"name":"offset","optional":true,"kind":"f64","whole":true},
    {"name":"connection","optional":true,"kind":"dict"},
    {"name":"attempts","kind":"i32"},
  ],
  'executions': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"account","kind":"dict"},
    {"name":"number","kind":"f64","whole":true},
    {"name":"clientId","kind":"text"},
    {"name":"venueId","optional":true,"kind":"text"},
    {"name":"strategy","kind":"dict"},
    {"name":"kind","kind":"enum","symbols":["accepted","rejected","fill","cancelled","cancel-rejected","expired","liquidation","funding","triggered","amended","amend-rejected"]},
    {"name":"side","optional":true,"kind":"enum","symbols":["buy","sell"]},
    {"name":"ticks","optional":true,"kind":"f64","whole":true},
    {"name":"lots","optional":true,"kind":"f64","whole":true},
    {"name":"leftLots","optional":true,"kind":"f64","whole":true},
    {"name":"tickSize","kind":"f64"},
    {"name":"lotSize","kind":"f64"},
    {"name":"fee","kind":"i64","amount":true},
    {"name":"liquidity","optional":true,"kind":"enum","symbols":["maker","taker"]},
    {"name":"queueAhead","optional":true,"kind":"f64","whole":true},
    {"name":"reason","optional":true,"kind":"dict"},
    {"name":"positionSide","optional":true,"kind":"enum","symbols":["long","short"]},
    {"name":"slippageTicks","optional":true,"kind":"f64","whole":true},
  ],
  'features': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"set","kind":"dict"},
    {"name":"version","kind":"i32"},
    {"name":"values","kind":"list","items":[{"name":"value","kind":"f64"}]},
  ],
  'funding': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"timeEstimated","kind":"bool","omitFalse":true},
    {"name":"rate","kind":"f64"},
    {"name":"next","optional":true,"kind":"f64","time":true,"whole":true},
    {"name":"intervalHours","optional":true,"kind":"f64"},
  ],
  'health': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"component","kind":"dict"},
    {"name":"status","kind":"enum","symbols":["up","degraded","down"]},
    {"name":"score","optional":true,"kind":"f64"},
    {"name":"detail","kind":"text"},
  ],
  'heartbeats': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"connection","kind":"dict"},
    {"name":"watermark","kind":"f64","time":true,"whole":true},
  ],
  'instruments': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"type","kind":"enum","symbols":["spot","perpetual","future","option"]},
    {"name":"base","kind":"text"},
    {"name":"quote","kind":"text"},
    {"name":"settle","kind":"text"},
    {"name":"tickSize","kind":"f64"},
    {"name":"lotSize","kind":"f64"},
    {"name":"minNotional","kind":"f64"},
    {"name":"contractSize","kind":"f64"},
    {"name":"inverse","kind":"bool"},
    {"name":"ccxtSymbol","kind":"text"},
    {"name":"status","kind":"dict"},
    {"name":"inferred","kind":"bool"},
  ],
  'interest': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"timeEstimated","kind":"bool","omitFalse":true},
    {"name":"openInterest","kind":"f64"},
  ],
  'journal': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"run","kind":"dict"},
    {"name":"task","kind":"dict"},
    {"name":"step","kind":"f64","whole":true},
    {"name":"positions","kind":"list","items":[{"name":"topic","kind":"dict"},{"name":"partition","kind":"i32"},{"name":"offset","kind":"f64","whole":true}]},
    {"name":"cursor","kind":"text"},
    {"name":"rows","kind":"f64","whole":true},
    {"name":"firstReceived","optional":true,"kind":"f64","time":true,"whole":true},
    {"name":"lastReceived","optional":true,"kind":"f64","time":true,"whole":true},
    {"name":"outputs","kind":"list","items":[{"name":"topic","kind":"dict"},{"name":"rows","kind":"f64","whole":true}]},
    {"name":"hash","kind":"text"},
    {"name":"codeHash","kind":"dict"},
    {"name":"configHash","kind":"dict"},
  ],
  'liquidations': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"timeEstimated","kind":"bool","omitFalse":true},
    {"name":"price","kind":"f64"},
    {"name":"size","kind":"f64"},
    {"name":"side","kind":"enum","symbols":["buy","sell"]},
  ],
  'marks': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"timeEstimated","kind":"bool","omitFalse":true},
    {"name":"mark","kind":"f64"},
    {"name":"index","optional":true,"kind":"f64"},
  ],
  'orders': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"account","kind":"dict"},
    {"name":"clientId","kind":"text"},
    {"name":"strategy","kind":"dict"},
    {"name":"signal","kind":"f64","whole":true},
    {"name":"kind","kind":"enum","symbols":["new","cancel","amend","cancel-all"]},
    {"name":"side","optional":true,"kind":"enum","symbols":["buy","sell"]},
    {"name":"type","optional":true,"kind":"enum","symbols":["market","limit","stop-market","stop-limit","take-profit-market","take-profit-limit","trailing-stop"]},
    {"name":"timeInForce","optional":true,"kind":"enum","symbols":["gtc","ioc","fok","gtx","gtd"]},
    {"name":"lots","optional":true,"kind":"f64","whole":true},
    {"name":"ticks","optional":true,"kind":"f64","whole":true},
    {"name":"triggerTicks","optional":true,"kind":"f64","whole":true},
    {"name":"tickSize","kind":"f64"},
    {"name":"lotSize","kind":"f64"},
    {"name":"reduceOnly","kind":"bool","omitFalse":true},
    {"name":"tag","optional":true,"kind":"text"},
    {"name":"verdicts","kind":"list","items":[{"name":"check","kind":"dict"},{"name":"allowed","kind":"bool"},{"name":"value","kind":"f64"},{"name":"limit","kind":"f64"}]},
    {"name":"triggerBy","optional":true,"kind":"enum","symbols":["mark","last"]},
    {"name":"activationTicks","optional":true,"kind":"f64","whole":true},
    {"name":"callback","optional":true,"kind":"f64"},
    {"name":"displayLots","optional":true,"kind":"f64","whole":true},
    {"name":"closePosition","kind":"bool","omitFalse":true},
    {"name":"expires","optional":true,"kind":"f64","time":true,"whole":true},
    {"name":"group","optional":true,"kind":"text"},
    {"name":"parent","optional":true,"kind":"text"},
    {"name":"positionSide","optional":true,"kind":"enum","symbols":["long","short"]},
  ],
  'positions': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"account","kind":"dict"},
    {"name":"lots","kind":"f64","whole":true},
    {"name":"lotSize","kind":"f64"},
    {"name":"entryPrice","optional":true,"kind":"f64"},
    {"name":"cost","kind":"i64","amount":true},
    {"name":"mark","optional":true,"kind":"f64"},
    {"name":"unrealized","kind":"i64","amount":true},
    {"name":"realized","kind":"i64","amount":true},
    {"name":"fees","kind":"i64","amount":true},
    {"name":"funding","kind":"i64","amount":true},
    {"name":"positionSide","optional":true,"kind":"enum","symbols":["long","short"]},
    {"name":"margin","optional":true,"kind":"f64"},
    {"name":"leverage","optional":true,"kind":"f64"},
    {"name":"liquidationPrice","optional":true,"kind":"f64"},
  ],
  'predictions': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"model","kind":"dict"},
    {"name":"version","kind":"text"},
    {"name":"values","kind":"list","items":[{"name":"value","kind":"f64"}]},
  ],
  'quotes': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"timeEstimated","kind":"bool","omitFalse":true},
    {"name":"bid","kind":"f64"},
    {"name":"bidSize","kind":"f64"},
    {"name":"ask","kind":"f64"},
    {"name":"askSize","kind":"f64"},
    {"name":"sequence","optional":true,"kind":"i64"},
  ],
  'regimes': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"horizon","kind":"dict"},
    {"name":"regime","kind":"dict"},
    {"name":"confidence","kind":"f64"},
    {"name":"strength","kind":"f64"},
    {"name":"since","kind":"f64","time":true,"whole":true},
    {"name":"probabilities","kind":"list","items":[{"name":"value","kind":"f64"}]},
  ],
  'risk-events': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"account","kind":"dict"},
    {"name":"strategy","kind":"dict"},
    {"name":"signal","optional":true,"kind":"f64","whole":true},
    {"name":"check","kind":"dict"},
    {"name":"action","kind":"enum","symbols":["rejected","halted","resumed","scaled","reduced","cancelled","flattened"]},
    {"name":"reason","kind":"dict"},
    {"name":"value","optional":true,"kind":"f64"},
    {"name":"limit","optional":true,"kind":"f64"},
    {"name":"detail","kind":"text"},
  ],
  'signals': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"account","kind":"dict"},
    {"name":"strategy","kind":"dict"},
    {"name":"number","kind":"f64","whole":true},
    {"name":"action","kind":"enum","symbols":["target","order","cancel","amend","cancel-all"]},
    {"name":"target","optional":true,"kind":"f64"},
    {"name":"tag","optional":true,"kind":"text"},
    {"name":"side","optional":true,"kind":"enum","symbols":["buy","sell"]},
    {"name":"size","optional":true,"kind":"f64"},
    {"name":"type","optional":true,"kind":"enum","symbols":["market","limit","stop-market","stop-limit","take-profit-market","take-profit-limit","trailing-stop"]},
    {"name":"timeInForce","optional":true,"kind":"enum","symbols":["gtc","ioc","fok","gtx","gtd"]},
    {"name":"price","optional":true,"kind":"f64"},
    {"name":"stop","optional":true,"kind":"f64"},
    {"name":"takeProfit","optional":true,"kind":"f64"},
    {"name":"confidence","optional":true,"kind":"f64"},
    {"name":"reason","kind":"text"},
    {"name":"trigger","optional":true,"kind":"f64"},
    {"name":"triggerBy","optional":true,"kind":"enum","symbols":["mark","last"]},
    {"name":"activation","optional":true,"kind":"f64"},
    {"name":"callback","optional":true,"kind":"f64"},
    {"name":"display","optional":true,"kind":"f64"},
    {"name":"reduceOnly","kind":"bool","omitFalse":true},
    {"name":"closePosition","kind":"bool","omitFalse":true},
    {"name":"expires","optional":true,"kind":"f64","time":true,"whole":true},
    {"name":"group","optional":true,"kind":"text"},
    {"name":"parent","optional":true,"kind":"text"},
    {"name":"positionSide","optional":true,"kind":"enum","symbols":["long","short"]},
  ],
  'snapshots': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"run","kind":"dict"},
    {"name":"task","kind":"dict"},
    {"name":"step","kind":"f64","whole":true},
    {"name":"chunk","kind":"i32"},
    {"name":"chunks","kind":"i32"},
    {"name":"sha256","kind":"text"},
    {"name":"bytes","kind":"bytes"},
  ],
  'trades': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"timeEstimated","kind":"bool","omitFalse":true},
    {"name":"price","kind":"f64"},
    {"name":"size","kind":"f64"},
    {"name":"side","kind":"enum","symbols":["buy","sell"]},
    {"name":"id","kind":"text"},
  ],
  'trials': [
    {"name":"time","kind":"f64","time":true,"whole":true},
    {"name":"received","kind":"f64","time":true,"whole":true},
    {"name":"exchange","kind":"dict"},
    {"name":"symbol","kind":"dict"},
    {"name":"end","kind":"f64","time":true,"whole":true},
    {"name":"study","kind":"dict"},
    {"name":"strategy","kind":"dict"},
    {"name":"trial","kind":"f64","whole":true},
    {"name":"id","kind":"text"},
    {"name":"params","kind":"text"},
    {"name":"how","kind":"enum","symbols":["graph","vectorized"]},
    {"name":"share","kind":"f64"},
    {"name":"finalEquity","kind":"i64","amount":true},
    {"name":"fees","kind":"i64","amount":true},
    {"name":"fills","kind":"f64","whole":true},
    {"name":"trips","kind":"f64","whole":true},
    {"name":"wins","kind":"f64","whole":true},
    {"name":"sharpe","optional":true,"kind":"f64"},
    {"name":"drawdown","optional":true,"kind":"f64"},
    {"name":"dayEquity","kind":"list","items":[{"name":"value","kind":"f64"}]},
    {"name":"error","optional":true,"kind":"text"},
  ],
}
