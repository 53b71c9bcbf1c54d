// The same for every taker.
import type { About } from '../about.ts'
import type { SlippagePart } from './index.ts'

export const aboutFixed: About = {
  name: 'fixed',
  meaning: 'every taker is filled worse by the same, small or large, in a calm or a wild market',
  source: 'an assumption of whoever sets it',
}

/** `ticks`, and `bps` basis points of the price. */
export function fixed(ticks: number, bps: number): SlippagePart {
  return (taking) => ticks + (taking.ticks * bps) / 10_000
}
