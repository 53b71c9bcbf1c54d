// The simulated venue: one interface, chosen by what the market data is.
import type { Venue } from '../desk.ts'
import type { MarketState } from '../market-state.ts'
import { BookVenue } from './book-venue.ts'
import { CandleVenue } from './candle-venue.ts'
import { Connection } from './connection.ts'
import type { FeeRates } from './fees.ts'
import { type FillName, fillModel } from './fills/index.ts'
import type { FilterOptions } from './filters.ts'
import type { FundingOptions } from './funding.ts'
import type { LatencyOptions } from './latency/index.ts'
import { type LimitOptions, limitsOf } from './limits/index.ts'
import { MarginAccount, type MarginAccountOptions } from './margin-account.ts'
import { type QueueName, queueModel } from './queue/index.ts'
import { Reports } from './reports.ts'
import { type SelfTrade, selfTradeNamed } from './self-trade.ts'
import { type SlippageName, type SlippageOptions, slippage } from './slippage/index.ts'

export { type FillName, fillModels } from './fills/index.ts'
export type { FilterOptions } from './filters.ts'
export type { FundingOptions } from './funding.ts'
export type { LatencyOptions } from './latency/index.ts'
export type { Reason } from './orders.ts'
export { type QueueName, queueModels } from './queue/index.ts'
export { type SelfTrade, selfTrades } from './self-trade.ts'
export { type SlippageName, slippages } from './slippage/index.ts'

export type Fill = 'book' | 'next-open' | 'close'

export interface VenueOptions {
  /** `book` on ticks; `next-open` or `close` on candles. */
  readonly fill: Fill
  /** By instrument index. The loop applies the rows to them. */
  readonly markets: readonly MarketState[]
  readonly account: string
  /** Shares of a fill's value; 0 by default. */
  readonly takerFee?: number
  readonly makerFee?: number
  /** Of exchanges whose fees are others. */
  readonly fees?: Readonly<Record<string, FeeRates>>
  /** 0 by default. */
  readonly latency?: LatencyOptions
  /** How orders that rest are filled: `queue` on ticks and `through` on candles by default. */
  readonly fills?: FillName
  readonly queue?: QueueName
  /** Of the power queue models; 3 by default. */
  readonly queueExponent?: number
  readonly slippage?: SlippageName | SlippageOptions
  /** What the exchange takes from the account in a stretch of time; everything by default. */
  readonly limits?: LimitOptions
  /** What the exchange does not take; nothing but what makes no sense by default. */
  readonly filters?: FilterOptions
  /** Where an order of ours would meet another one; expire-maker by default. */
  readonly selfTrade?: SelfTrade
  /** Of perpetuals, where no record says it. */
  readonly funding?: FundingOptions
  /** Of everything random. */
  readonly seed?: string | number
  /** Undefined: nobody asks for margin, and nothing is liquidated. */
  readonly margin?: Pick<MarginAccountOptions, 'terms' | 'cash'> | undefined
  /** Of the candles that fill orders, where there are several. */
  readonly interval?: string
}

/**
 * A simulated venue for one account.
 *
 * Errors: RangeError for a fee or a funding rate beyond ±1, a funding interval that is not above 0, a latency or slippage below 0, an
 * exponent that the queue model cannot take, or candles that are to know of queues; UNKNOWN_NAME for a model or a self-trade prevention
 * that is not in its list; CONFIG_INVALID for a latency profile without a figure of the exchange.
 */
export function createVenue(options: VenueOptions): Venue {
  const {
    fill,
    markets,
    account,
    takerFee = 0,
    makerFee = 0,
    fees = {},
    latency = {},
    funding = {},
    interval,
  } = options
  const { seed = 0, limits = 'off', fills = fill === 'book' ? 'queue' : 'through' } = options
  const rates = { maker: makerFee, taker: takerFee }
  for (const { maker, taker } of [rates, ...Object.values(fees)]) {
    for (const rate of [taker, maker])
      if (!(Math.abs(rate) <= 1)) throw new RangeError(`a fee is a share within ±1, not ${rate}`)
  }
  if (fill !== 'book' && fills === 'queue') throw new RangeError('candles know of no queue: through or touch')
  const exchanges = [...new Set(markets.map((market) => market.instrument.exchange))]
  const connectionTo = (exchange: string) =>
    new Connection({ exchange, latency, limits: limitsOf(limits, exchange), seed: String(seed) })
  const ratesOf = (exchange: string) => fees[exchange] ?? rates
  const dearest = Math.max(...exchanges.map((exchange) => ratesOf(exchange).taker))
  const margin = options.margin && new MarginAccount({ ...options.margin, markets, takerFee: dearest })
  const parts = {
    ...{ markets, margin, funding, filters: options.filters ?? {} },
    connections: new Map(exchanges.map((exchange) => [exchange, connectionTo(exchange)])),
    reports: new Reports({ account, rates: ratesOf, margin }),
    slippage: slippage(options.slippage ?? 'none', String(seed)),
    selfTrade: selfTradeNamed(options.selfTrade ?? 'expire-maker'),
  }
  const model = fillModel(fills)
  if (fill !== 'book') return new CandleVenue({ ...parts, fill, interval, fills: model })
  const queue = queueModel(options.queue ?? 'conservative', options.queueExponent)
  return new BookVenue({ ...parts, resting: { fills: model, queue } })
}
