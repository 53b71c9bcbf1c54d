// The simulated venue: one interface, chosen by what the market data is.
import type { Venue } from '../desk.ts'
import type { MarketState } from '../market-state.ts'
import { BookVenue } from './book-venue.ts'
import { CandleVenue } from './candle-venue.ts'
import { Connection } from './connection.ts'
import type { FilterOptions } from './filters.ts'
import type { FundingOptions } from './funding.ts'
import type { LatencyOptions } from './latency.ts'
import { MarginAccount, type MarginAccountOptions } from './margin-account.ts'
import { type QueueName, queueModel } from './queue/index.ts'
import { Reports } from './reports.ts'
import { type SelfTrade, selfTradeNamed } from './self-trade.ts'
import { type SlippageName, slippage } from './slippage.ts'

export type { FilterOptions } from './filters.ts'
export type { FundingOptions } from './funding.ts'
export type { LatencyOptions } from './latency.ts'
export type { Reason } from './orders.ts'
export { type QueueName, queueModels } from './queue/index.ts'
export { type SelfTrade, selfTrades } from './self-trade.ts'
export { type SlippageName, slippages } from './slippage.ts'

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
  /** One way each, ms; 0 by default. */
  readonly latency?: LatencyOptions
  readonly queue?: QueueName
  /** Of the power queue model; 3 by default. */
  readonly queueExponent?: number
  readonly slippage?: SlippageName
  /** What the exchange does not take; nothing but what makes no sense by default. */
  readonly filters?: FilterOptions
  /** Where an order of ours would meet another one; expire-maker by default. */
  readonly selfTrade?: SelfTrade
  /** Of perpetuals, where no record says it. */
  readonly funding?: FundingOptions
  /** Of the jitter. */
  readonly seed?: string | number
  /** Undefined: nobody asks for margin, and nothing is liquidated. */
  readonly margin?: Pick<MarginAccountOptions, 'terms' | 'cash'> | undefined
  /** Of the candles that fill orders, where there are several. */
  readonly interval?: string
}

/**
 * A simulated venue for one account.
 *
 * Errors: RangeError for a fee or a funding rate beyond ±1, a funding interval that is not above 0, a latency below 0 or an exponent that the queue model cannot take; UNKNOWN_NAME for
 * a queue, slippage or self-trade prevention that is not in the list.
 */
export function createVenue(options: VenueOptions): Venue {
  const { fill, markets, account, takerFee = 0, makerFee = 0, latency = {}, funding = {}, seed = 0, interval } = options
  for (const rate of [takerFee, makerFee]) {
    if (!(Math.abs(rate) <= 1)) throw new RangeError(`a fee is a share within ±1, not ${rate}`)
  }
  const exchanges = [...new Set(markets.map((market) => market.instrument.exchange))]
  const connections = new Map(
    exchanges.map((exchange) => [exchange, new Connection(latency, `${seed}/latency/${exchange}`)]),
  )
  const margin = options.margin && new MarginAccount({ ...options.margin, markets, takerFee })
  const reports = new Reports({ account, rates: { maker: makerFee, taker: takerFee }, margin })
  const parts = {
    ...{ markets, connections, reports, margin, funding, filters: options.filters ?? {} },
    ...{
      slippage: slippage(options.slippage ?? 'none'),
      selfTrade: selfTradeNamed(options.selfTrade ?? 'expire-maker'),
    },
  }
  if (fill !== 'book') return new CandleVenue({ ...parts, fill, interval })
  return new BookVenue({ ...parts, queue: queueModel(options.queue ?? 'conservative', options.queueExponent) })
}
