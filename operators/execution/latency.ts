// How long messages take to the exchange and back: a fixed part and seeded jitter.
import { type Random, random } from '../random.ts'

export interface LatencyOptions {
  /** One way, ms, ≥ 0; fractions count to the microsecond. */
  readonly outMs?: number
  readonly backMs?: number
  /** Mean of an exponential part that each message gets on top, ms. */
  readonly jitterMs?: number
}

/** Latencies one after another, whole µs; all of its state is the random streams. */
export interface Latency {
  out(): number
  back(): number
  save(): Uint8Array[]
  load(state: readonly Uint8Array[]): void
}

/**
 * Latencies of one connection. Both ways have random streams of their own, so that the number of executions does not change
 * when the next order arrives. Without jitter nothing is drawn.
 *
 * Errors: RangeError when a latency is below 0 or no number.
 */
export function latency({ outMs = 0, backMs = 0, jitterMs = 0 }: LatencyOptions, seed: string): Latency {
  for (const ms of [outMs, backMs, jitterMs]) {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY))
      throw new RangeError(`a latency is 0 or more milliseconds, not ${ms}`)
  }
  const streams = [random(`${seed}/out`), random(`${seed}/back`)] as const
  const draw = (ms: number, stream: Random) =>
    Math.round(1000 * (jitterMs === 0 ? ms : ms + jitterMs * stream.exponential()))
  return {
    out: () => draw(outMs, streams[0]),
    back: () => draw(backMs, streams[1]),
    save: () => streams.map((stream) => stream.save()),
    load: (state) => {
      for (const [at, stream] of streams.entries()) stream.load(state[at]!)
    },
  }
}
