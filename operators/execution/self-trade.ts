// An account does not trade with itself: what happens where an order of ours would meet another one of ours.
import { unknownName } from '../../schemas/errors.ts'
import type { Live } from './orders.ts'

/**
 * none: our orders do not see each other. expire-maker: what rests expires, and the taker goes on. expire-taker: the taker ends
 * where it meets what rests. expire-both: both do.
 *
 * Source: Binance's modes of selfTradePreventionMode. expire-maker is its default: on Spot since 2023-10-26, on Futures since
 * 2024-12-10 (announcements of 2023-10-11 and 2024-11).
 */
export const selfTrades = ['expire-maker', 'expire-taker', 'expire-both', 'none'] as const
export type SelfTrade = (typeof selfTrades)[number]

/** @throws SmartspeedError UNKNOWN_NAME */
export function selfTradeNamed(name: SelfTrade): SelfTrade {
  if (!selfTrades.includes(name)) throw unknownName('self-trade prevention', name, selfTrades)
  return name
}

/** The nearest order of ours that a taker would meet, at its limit or better (NaN: any price); of two at one price the older. */
export function ownAgainst(resting: readonly Live[], taker: Pick<Live, 'side' | 'ticks'>): Live | undefined {
  const buys = taker.side === 'buy'
  let nearest: Live | undefined
  for (let at = 0; at < resting.length; at++) {
    const one = resting[at]!
    if (one.side === taker.side || !(one.leftLots > 0)) continue
    if (buys ? one.ticks > taker.ticks : one.ticks < taker.ticks) continue
    if (nearest === undefined || (buys ? one.ticks < nearest.ticks : one.ticks > nearest.ticks)) nearest = one
  }
  return nearest
}
