// How long messages take to an exchange and back: one interface, a file a model.
import type { About } from '../about.ts'
import { aboutConstant, constant } from './constant.ts'
import { aboutJitter, jitter } from './jitter.ts'
import { aboutNetwork, isNetwork, type NetworkOptions, network } from './network.ts'
import { aboutRecorded, type RecordedLatencies, recorded } from './recorded.ts'
import { aboutSpikes, isSpikes, type SpikeOptions, spikes } from './spikes.ts'

/** Latencies one after another, whole µs ≥ 0. */
export interface Latency {
  /** Of a message that leaves for the exchange when its clock shows `time`, µs. */
  out(time: number): number
  /** Of one that leaves the exchange at `time`. */
  back(time: number): number
  /** All that it remembers. */
  save(): unknown
  load(state: unknown): void
}

/** One way each, ms, ≥ 0; fractions count to the microsecond. What is left out is 0. */
export interface JitterOptions {
  readonly outMs?: number
  readonly backMs?: number
  /** Mean of an exponential part that each message gets on top. */
  readonly jitterMs?: number
}

export type LatencyOptions = JitterOptions | SpikeOptions | NetworkOptions | RecordedLatencies

/** Whose connection it is, and the seed of what is random there. */
export interface Line {
  readonly exchange: string
  readonly seed: string
}

/**
 * The latency of the connection to one exchange. Each way has random streams of its own, so that the number of executions does
 * not change when the next order arrives.
 *
 * Errors: RangeError when a latency is below 0 or no number, CONFIG_INVALID for an exchange that a profile has no figure of.
 */
export function latency(options: LatencyOptions, line: Line): Latency {
  if ('outUs' in options) return recorded(options)
  if (isNetwork(options)) return network(options, line)
  if (isSpikes(options)) return spikes(options, line)
  return isSteady(options) ? constant(options) : jitter(options, line)
}

/** What the model that the options choose takes for granted. */
export function aboutLatency(options: LatencyOptions): About {
  if ('outUs' in options) return aboutRecorded
  if (isNetwork(options)) return aboutNetwork
  if (isSpikes(options)) return aboutSpikes
  return isSteady(options) ? aboutConstant : aboutJitter
}

function isSteady({ jitterMs = 0 }: JitterOptions): boolean {
  return jitterMs === 0
}
