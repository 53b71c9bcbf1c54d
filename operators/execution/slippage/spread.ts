// Half of the distance between bid and ask, where the data do not know it.
import type { About } from '../about.ts'
import type { SlippagePart } from './index.ts'

export const aboutSpread: About = {
  name: 'spread',
  meaning:
    'a taker pays half of a spread that is assumed, beside what the recorded prices say: meant for candles, which know none',
  source: 'specification, §3.4.3 (base_spread / 2)',
}

/**
 * Half of `spreadBps` basis points of the price.
 *
 * Source: specification, §3.4.3 (base_spread / 2).
 */
export function spread(spreadBps: number): SlippagePart {
  return ({ ticks }) => (ticks * spreadBps) / 20_000
}
