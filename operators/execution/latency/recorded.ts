// Latencies that were measured, once more.
import type { About } from '../about.ts'
import type { Latency } from './index.ts'

/** What a file of round trips says; whole µs ≥ 0, as many of each. */
export interface RecordedLatencies {
  readonly outUs: readonly number[]
  readonly backUs: readonly number[]
  /** When each was sent, µs, rising; undefined: they are used one after another, and from the first again after the last. */
  readonly times?: readonly number[] | undefined
}

export const aboutRecorded: About = {
  name: 'recorded',
  meaning:
    'messages take as long as others did when it was measured: at the same time of the market, or in the same order',
  source: 'hftbacktest, "Latency Models" (IntpOrderLatency: between two measurements by a straight line)',
}

/**
 * With times, a message takes what lies on the straight line between the measurements before and after it; outside of them what the
 * nearest one says. Without, message n of a way takes what measurement n of it took.
 *
 * Errors: RangeError when there are none, or not as many of each.
 * Source: hftbacktest, "Latency Models" (IntpOrderLatency).
 */
export function recorded({ outUs, backUs, times }: RecordedLatencies): Latency {
  const count = outUs.length
  if (count === 0 || backUs.length !== count || (times !== undefined && times.length !== count))
    throw new RangeError(`${count} latencies out, ${backUs.length} back, at ${times?.length ?? count} times`)
  if (times !== undefined) {
    const between = (values: readonly number[]) => (time: number) => interpolated(times, values, time)
    return { out: between(outUs), back: between(backUs), save: () => undefined, load: () => {} }
  }
  let [sent, heard] = [0, 0]
  return {
    out: () => outUs[sent++ % count]!,
    back: () => backUs[heard++ % count]!,
    save: () => [sent, heard],
    load: (state) => {
      ;[sent, heard] = state as [number, number]
    },
  }
}

function interpolated(times: readonly number[], values: readonly number[], time: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! <= time) low = middle + 1
    else high = middle
  }
  // `low` is the first measurement after the message.
  if (low === 0) return values[0]!
  if (low === times.length) return values[low - 1]!
  const share = (time - times[low - 1]!) / (times[low]! - times[low - 1]!)
  return Math.round(values[low - 1]! + share * (values[low]! - values[low - 1]!))
}
