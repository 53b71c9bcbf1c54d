// We wait our turn at the price.
import type { FillModel } from './index.ts'

/**
 * Of a trade at the price we get what is left of it behind those ahead of us in the queue, whole lots; of the other side's best price
 * that comes to ours, what is there.
 *
 * Source: price-time priority; hftbacktest, "Order Fill" (PartialFillExchange).
 */
export const queue: FillModel = {
  name: 'queue',
  meaning:
    'a resting order fills by trades at its price once those ahead of it in the queue are filled, and whole when the market goes through',
  source: 'price-time priority; hftbacktest, "Order Fill" (PartialFillExchange)',
  atPrice: (left, traded, ahead, opposed) => (opposed ? Math.min(left, Math.max(0, Math.floor(traded - ahead))) : 0),
  past: 0,
  isWhole: false,
}
