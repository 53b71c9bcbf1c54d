// A simulated exchange whose book is open, for tests of orders on it.
import type { VenueOptions } from '../operators/execution/index.ts'
import { Exchange, type Level } from './exchange.ts'

const bids: Level[] = [
  [100, 50],
  [99, 60],
  [97, 20],
]
const asks: Level[] = [
  [101, 60],
  [104, 10],
]
export const buy = { side: 'buy', type: 'limit' } as const
export const sell = { side: 'sell', type: 'limit' } as const
export const stop = { side: 'sell', type: 'stop-market', triggerBy: 'last' } as const

/** A synced book at 1 s. */
export function opened(options: Partial<VenueOptions> = {}): Exchange {
  return new Exchange(options).book({ time: 1_000 }, bids, asks, { snapshot: true })
}
/** A row that touches no level of interest. */
export const tick = (exchange: Exchange, time: number) => exchange.book({ time }, [[10, 1]], [])
/** A long position of so many lots, at 1,001. */
export function long(lots: number, options: Partial<VenueOptions> = {}): Exchange {
  const exchange = opened(options)
  exchange.order(1_000, { side: 'buy', type: 'market', lots })
  tick(exchange, 1_001).executions.length = 0
  return exchange
}
