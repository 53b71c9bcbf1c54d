// The same latency for every message.
import type { About } from '../about.ts'
import type { JitterOptions, Latency } from './index.ts'
import { demandMs } from './ways.ts'

export const aboutConstant: About = {
  name: 'constant',
  meaning: 'every message takes exactly as long, in the quietest and in the wildest hour',
  source: 'hftbacktest, "Latency Models" (ConstantLatency)',
}

/**
 * `outMs` there and `backMs` back.
 *
 * Source: hftbacktest, "Latency Models" (ConstantLatency).
 */
export function constant({ outMs = 0, backMs = 0 }: JitterOptions): Latency {
  demandMs(outMs, backMs)
  const [out, back] = [Math.round(1000 * outMs), Math.round(1000 * backMs)]
  return { out: () => out, back: () => back, save: () => undefined, load: () => {} }
}
