// A fixed part, and an exponential one on top that is drawn for each message.
import type { About } from '../about.ts'
import type { JitterOptions, Latency, Line } from './index.ts'
import { type Draw, demandMs, twoWays } from './ways.ts'

export const aboutJitter: About = {
  name: 'jitter',
  meaning:
    'messages are late by a part that is drawn for each; long delays are rare, and one does not make the next more likely',
  source: 'queueing theory: time in an M/M/1 queue is exponential (L. Kleinrock, "Queueing Systems", vol. 1, 1975)',
}

/**
 * `outMs` or `backMs`, and an exponential part of mean `jitterMs`.
 *
 * Source: time in an M/M/1 queue is exponential (L. Kleinrock, "Queueing Systems", vol. 1, 1975).
 */
export function jitter({ outMs = 0, backMs = 0, jitterMs = 0 }: JitterOptions, { seed }: Line): Latency {
  demandMs(outMs, backMs, jitterMs)
  const way =
    (ms: number): Draw =>
    (stream) =>
      Math.round(1000 * (ms + jitterMs * stream.exponential()))
  return twoWays(seed, way(outMs), way(backMs))
}
