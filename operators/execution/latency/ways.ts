// Two ways of one connection, each with a random stream of its own.
import { type Random, random } from '../../random.ts'
import type { Latency } from './index.ts'

/** One message: µs, of a message that leaves when the exchange's clock shows `time`. */
export type Draw = (stream: Random, time: number) => number

/** A latency whose state is the two streams. */
export function twoWays(seed: string, out: Draw, back: Draw): Latency {
  const [there, home] = [random(`${seed}/out`), random(`${seed}/back`)]
  return {
    out: (time) => out(there, time),
    back: (time) => back(home, time),
    save: () => [there.save(), home.save()],
    load: (state) => {
      const [first, second] = state as readonly [Uint8Array, Uint8Array]
      there.load(first)
      home.load(second)
    },
  }
}

/** @throws RangeError for what is no latency */
export function demandMs(...latencies: readonly number[]): void {
  for (const ms of latencies) {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY))
      throw new RangeError(`a latency is 0 or more milliseconds, not ${ms}`)
  }
}

/** @throws RangeError for what is no probability below 1 */
export function demandShare(name: string, share: number): void {
  if (!(share >= 0 && share < 1)) throw new RangeError(`${name} is a share in [0, 1), not ${share}`)
}
