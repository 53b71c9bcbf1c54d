// What nobody knows of the market at that instant, and never to the taker's good.
import { random } from '../../random.ts'
import type { About } from '../about.ts'
import type { SlippagePart } from './index.ts'

export const aboutNoise: About = {
  name: 'noise',
  meaning: 'every taking order is filled worse by a part that is drawn for it, never better',
  source: 'specification, §3.4.3 (|N(0, random_noise_bps)|)',
}

/**
 * |N| · noiseBps basis points of the price, N standard normal, one draw an order.
 *
 * The draw is that of a stream of the order's own: nothing is remembered, all parts of an order pay the same share, and another order
 * more or less changes no other.
 * Source: specification, §3.4.3 (|N(0, random_noise_bps)|).
 */
export function noise(noiseBps: number, seed: string): SlippagePart {
  return ({ clientId, ticks }) =>
    (ticks * noiseBps * Math.abs(random(`${seed}/slippage/${clientId}`).normal())) / 10_000
}
