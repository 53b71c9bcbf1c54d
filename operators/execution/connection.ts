// One connection to a simulated exchange: its clock, its latency, and that nothing on it overtakes anything.
import { type Latency, type LatencyOptions, latency } from './latency.ts'

/**
 * What lies between us and one exchange (DESIGN §5, "Clocks disagree"). Our clock plus `offset` is the exchange's; messages
 * arrive in the order in which they were sent, both ways.
 */
export class Connection {
  /** Exchange clock − ours, µs; 0 until a `clocks` row says otherwise. */
  offset = 0
  /** Rows whose exchange time was later than the moment at which we got them; they count as of that moment. */
  clamped = 0
  private lastArrival = Number.NEGATIVE_INFINITY
  private lastSeen = Number.NEGATIVE_INFINITY
  private readonly latency: Latency

  constructor(options: LatencyOptions, seed: string) {
    this.latency = latency(options, seed)
  }

  /** The exchange time at which what we send at `received` arrives, µs. */
  arrival(received: number): number {
    this.lastArrival = Math.max(this.lastArrival, received + this.offset + this.latency.out())
    return this.lastArrival
  }

  /** When we see what the exchange did at `time` because of a row that we got at `received`, µs of our clock. */
  seen(time: number, received: number): number {
    this.lastSeen = Math.max(this.lastSeen, received, time + this.latency.back() - this.offset)
    return this.lastSeen
  }

  /** When we see what is told at once: not before anything told earlier. */
  seenAtOnce(received: number): number {
    this.lastSeen = Math.max(this.lastSeen, received)
    return this.lastSeen
  }

  /** The exchange time of a row: its own, but not later than now on the exchange's clock; now where it was estimated. */
  timeOf(time: number, received: number, estimated: boolean): number {
    const now = received + this.offset
    if (estimated) return now
    if (time <= now) return time
    this.clamped += 1
    return now
  }

  save(): ConnectionState {
    const { offset, clamped, lastArrival, lastSeen } = this
    return { offset, clamped, lastArrival, lastSeen, latency: this.latency.save() }
  }

  load({ latency, ...fields }: ConnectionState): void {
    Object.assign(this, fields)
    this.latency.load(latency)
  }
}

export interface ConnectionState {
  readonly offset: number
  readonly clamped: number
  readonly lastArrival: number
  readonly lastSeen: number
  readonly latency: Uint8Array[]
}
