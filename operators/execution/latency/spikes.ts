// A normal latency that now and then is many times as long.
import type { About } from '../about.ts'
import type { Latency, LatencyOptions, Line } from './index.ts'
import { type Draw, demandMs, demandShare, twoWays } from './ways.ts'

/** One way, both ways alike. */
export interface SpikeOptions {
  /** Mean of the normal part, ms. */
  readonly baseMs: number
  /** Its standard deviation, ms. */
  readonly jitterMs?: number
  readonly spikeProbability?: number
  /** How many times as long a message takes that meets a spike, ≥ 1. */
  readonly spikeMultiplier?: number
  /** No message is faster, ms. */
  readonly leastMs?: number
}

/** What is not said. */
export const spikeDefaults = { jitterMs: 20, spikeProbability: 0.01, spikeMultiplier: 10, leastMs: 1 } as const

export const aboutSpikes: About = {
  name: 'spikes',
  meaning: 'one message in so many takes many times as long, each by itself: no storm that lasts',
  source: 'specification, §3.4.4 (base 50 ms, normal jitter 20 ms, 1 % of spikes, ten times as long, 1 ms at least)',
}

export function isSpikes(options: LatencyOptions): options is SpikeOptions {
  return 'baseMs' in options
}

/**
 * max(leastMs, (baseMs + jitterMs · N) · (spikeMultiplier with probability spikeProbability, else 1)), N standard normal.
 *
 * Two draws a message, the normal one and that of the spike.
 * Errors: RangeError for a latency below 0, a probability outside [0, 1), a multiplier below 1.
 * Source: specification, §3.4.4; each message draws, there as well as back.
 */
export function spikes(options: SpikeOptions, { seed }: Line): Latency {
  const { baseMs, jitterMs, spikeProbability, spikeMultiplier, leastMs } = { ...spikeDefaults, ...options }
  demandMs(baseMs, jitterMs, leastMs)
  demandShare('a spike’s probability', spikeProbability)
  if (!(spikeMultiplier >= 1 && spikeMultiplier < Number.POSITIVE_INFINITY))
    throw new RangeError(`a spike makes latency 1 or more times as long, not ${spikeMultiplier}`)
  const draw: Draw = (stream) => {
    const ms = baseMs + jitterMs * stream.normal()
    return Math.round(1000 * Math.max(leastMs, stream.next() < spikeProbability ? ms * spikeMultiplier : ms))
  }
  return twoWays(seed, draw, draw)
}
