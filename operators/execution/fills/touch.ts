// Nobody is ahead of us, and whoever comes takes all.
import type { FillModel } from './index.ts'

/**
 * Any trade at the price fills whole, whichever side took, and so does the other side's best price that comes to ours: more than any
 * exchange gives, the bound from above.
 *
 * Source: the fills of bar backtesters, as in specification §3.4.1 (a buy fills where low ≤ price).
 */
export const touch: FillModel = {
  name: 'touch',
  meaning: 'a resting order fills whole as soon as its price trades: nobody stands ahead of it, which flatters',
  source: 'specification, §3.4.1 (a buy fills where low ≤ price)',
  atPrice: (left) => left,
  past: 0,
  isWhole: true,
}
