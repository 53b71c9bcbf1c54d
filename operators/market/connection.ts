// When the recording machine gets what the exchange sent: a connection with a delay that varies.

import { random } from '../random.ts'

/** Nothing arrives faster; above the 1,000 µs that an importer takes for the fastest way. */
export const fastestMicros = 1200
const usualJitterMicros = 1100
/** Now and then the way is congested, and everything behind waits: a connection delivers in order. */
const congestion = { share: 0.0015, micros: 18_000 }

export type Connection = {
  /** Whole microseconds, and nanoseconds beyond them, at which a message sent at `sent` arrives: never before the last. */
  arrival(sent: number): { micros: number; nanos: number }
}

/** A connection from a seed. The result of `arrival` is one object, valid until the next call. */
export function createConnection(seed: string): Connection {
  const draw = random(`${seed}/connection`)
  const stamp = { micros: 0, nanos: 0 }
  return {
    arrival(sent) {
      const jammed = draw.next() < congestion.share ? congestion.micros * draw.exponential() : 0
      const micros = Math.floor(sent + fastestMicros + usualJitterMicros * draw.exponential() + jammed)
      if (micros > stamp.micros) {
        stamp.micros = micros
        stamp.nanos = draw.below(1000)
        return stamp
      }
      // Behind one that waited: read from the same buffer a fraction of a microsecond later.
      stamp.nanos += 100 + draw.below(700)
      if (stamp.nanos >= 1000) {
        stamp.nanos -= 1000
        stamp.micros += 1
      }
      return stamp
    },
  }
}
