// What an exchange does not take, beside what makes no sense: its filters, by the names that Binance gives them.
import type { Instrument } from '../instrument.ts'
import type { MarketState } from '../market-state.ts'
import type { Live, Reason } from './orders.ts'

/** Limits of every instrument of a venue; what is left out is not asked. Smallest order values are the instruments' own. */
export interface FilterOptions {
  /** Open orders of an instrument, those that wait for a trigger not among them. */
  readonly maxOrders?: number
  /** Orders of an instrument that wait for a trigger. */
  readonly maxAlgoOrders?: number
  /** A limit buy is at most `up` times the mark, a limit sell at least `down` times. */
  readonly percentPrice?: { readonly up: number; readonly down: number } | undefined
  /** Largest size of an order, in the exchange's unit. */
  readonly maxSize?: number | undefined
  /** Highest price and trigger. */
  readonly maxPrice?: number | undefined
  /** Most parts of an iceberg: size / shown size. */
  readonly icebergParts?: number
}

/** What is open of an instrument already. */
export interface OpenCounts {
  readonly orders: number
  readonly algoOrders: number
}

/**
 * Why the filters refuse an order, or an order as it would be after a change; undefined when they do not. `mark` in ticks: NaN refuses nothing.
 * What only reduces a position may be worth less than the smallest order value.
 *
 * Source: the filters of Binance's exchangeInfo (developers.binance.com, "Filters"; USDⓈ-M measures PERCENT_PRICE from the mark price).
 */
export function filtered(
  order: Pick<Live, 'side' | 'type' | 'ticks' | 'lots' | 'display' | 'reduceOnly' | 'trigger'>,
  { instrument, markTicks }: Pick<MarketState, 'instrument' | 'markTicks'>,
  counts: OpenCounts,
  limits: FilterOptions,
): Reason | undefined {
  const { type, ticks, lots, display, trigger } = order
  const { maxSize, maxPrice, percentPrice, icebergParts, maxOrders, maxAlgoOrders } = limits
  const highest = Math.max(type === 'limit' ? ticks : 0, trigger === undefined ? 0 : trigger.ticks || 0)
  if (maxSize !== undefined && lots * instrument.lotSize > maxSize * most) return 'LOT_SIZE'
  if (maxPrice !== undefined && highest * instrument.tickSize > maxPrice * most) return 'PRICE_FILTER'
  if (percentPrice !== undefined && type === 'limit' && trigger === undefined) {
    const isFar = order.side === 'buy' ? ticks > markTicks * percentPrice.up : ticks < markTicks * percentPrice.down
    if (isFar) return 'PERCENT_PRICE'
  }
  if (!order.reduceOnly && isTooSmall(instrument, lots, highest > 0 ? highest : markTicks)) return 'MIN_NOTIONAL'
  if (icebergParts !== undefined && display > 0 && Math.ceil(lots / display) > icebergParts) return 'ICEBERG_PARTS'
  if (trigger === undefined) return counts.orders >= (maxOrders ?? Infinity) ? 'MAX_NUM_ORDERS' : undefined
  return counts.algoOrders >= (maxAlgoOrders ?? Infinity) ? 'MAX_NUM_ALGO_ORDERS' : undefined
}

/** What is over a limit by an error of the arithmetic is not over it. */
const most = 1 + 1e-12

function isTooSmall(
  { minNotional, inverse, contractSize, lotSize, tickSize }: Instrument,
  lots: number,
  ticks: number,
) {
  if (minNotional === 0) return false
  // Inverse contracts state their smallest order in quote units, which a contract is a fixed number of.
  const value = lots * lotSize * contractSize * (inverse ? 1 : ticks * tickSize)
  return value * most < minNotional
}
