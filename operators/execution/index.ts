// The simulated venue: one interface, chosen by what the market data is.
import type { Venue } from '../desk.ts'
import type { MarketState } from '../market-state.ts'
import { BookVenue } from './book-venue.ts'
import { CandleVenue } from './candle-venue.ts'
import { Connection } from './connection.ts'
import { type FeeSchedule, ratesOf } from './fees.ts'
import type { FundingOptions } from './funding.ts'
import type { LatencyOptions } from './latency.ts'
import { type QueueName, queueModel } from './queue/index.ts'
import { Reports } from './reports.ts'
import { type SlippageName, slippage } from './slippage.ts'

export type { FundingOptions } from './funding.ts'
export type { LatencyOptions } from './latency.ts'
export type { Reason } from './orders.ts'
export { type QueueName, queueModels } from './queue/index.ts'
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
  /** What differs from that, by exchange. */
  readonly exchangeFees?: FeeSchedule['exchanges']
  /** One way each, ms; 0 by default. */
  readonly latency?: LatencyOptions
  readonly queue?: QueueName
  /** Of the power queue model; 3 by default. */
  readonly queueExponent?: number
  readonly slippage?: SlippageName
  /** Of perpetuals, where no record says it. */
  readonly funding?: FundingOptions
  /** Of the jitter. */
  readonly seed?: string | number
  /** Of the candles that fill orders, where there are several. */
  readonly interval?: string
}

/**
 * A simulated venue for one account.
 *
 * Errors: RangeError for a fee or a funding rate beyond ±1, a funding interval that is not above 0, a latency below 0 or an exponent that the queue model cannot take; UNKNOWN_NAME for
 * a queue or slippage that is not in the list.
 */
export function createVenue(options: VenueOptions): Venue {
  const { fill, markets, account, takerFee = 0, makerFee = 0, latency = {}, funding = {}, seed = 0, interval } = options
  const instruments = markets.map(({ instrument }) => instrument)
  const rates = ratesOf({ maker: makerFee, taker: takerFee, exchanges: options.exchangeFees }, instruments)
  const exchanges = [...new Set(instruments.map(({ exchange }) => exchange))]
  const connections = new Map(
    exchanges.map((exchange) => [exchange, new Connection(latency, `${seed}/latency/${exchange}`)]),
  )
  const reports = new Reports({ account, rates })
  const parts = { markets, connections, reports, funding, slippage: slippage(options.slippage ?? 'none') }
  if (fill !== 'book') return new CandleVenue({ ...parts, fill, interval })
  return new BookVenue({ ...parts, queue: queueModel(options.queue ?? 'conservative', options.queueExponent) })
}
