// The market has to go through our price.
import type { FillModel } from './index.ts'

/**
 * Nothing at the price itself fills: a trade has to be beyond it, or the other side's best price.
 *
 * Nobody who stood at a price that was passed was left unfilled, so that no fill of this model is in doubt; which others there would
 * have been, it does not say.
 * Source: price priority; hftbacktest, "Order Fill" (the condition "your order price > sell trade price").
 */
export const through: FillModel = {
  name: 'through',
  meaning:
    'a resting order fills only when the market goes through its price: no fill is in doubt, many real ones are missing',
  source: 'price priority; hftbacktest, "Order Fill"',
  atPrice: () => 0,
  past: 1,
  isWhole: false,
}
