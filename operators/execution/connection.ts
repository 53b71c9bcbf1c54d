// One connection to a simulated exchange: its clock, its latency, its limits, and that nothing on it overtakes anything.
import type { Order } from '../../schemas/records.generated.ts'
import { type Latency, type LatencyOptions, latency } from './latency/index.ts'
import type { Limits, LimitsState } from './limits/windows.ts'
import type { Reason } from './orders.ts'

export interface ConnectionParts {
  readonly exchange: string
  readonly seed: string
  readonly latency: LatencyOptions
  /** Of what the exchange takes from an account; undefined: it takes everything. */
  readonly limits?: Limits | undefined
}

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

  private readonly limits: Limits | undefined

  constructor({ exchange, seed, latency: options, limits }: ConnectionParts) {
    this.latency = latency(options, { exchange, seed: `${seed}/latency/${exchange}` })
    this.limits = limits
  }

  /** The exchange time at which what we send at `received` arrives, µs. */
  arrival(received: number): number {
    const sent = received + this.offset
    this.lastArrival = Math.max(this.lastArrival, sent + this.latency.out(sent))
    return this.lastArrival
  }

  /** Counts what arrives at `time`, to be asked in the order of arrival: why the exchange will not even look at it. */
  refusal(order: Pick<Order, 'kind'>, time: number): Reason | undefined {
    return this.limits?.refusal(order.kind, time)
  }

  /** When we see what the exchange did at `time` because of a row that we got at `received`, µs of our clock. */
  seen(time: number, received: number): number {
    this.lastSeen = Math.max(this.lastSeen, received, time + this.latency.back(time) - this.offset)
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
    return { offset, clamped, lastArrival, lastSeen, latency: this.latency.save(), limits: this.limits?.save() }
  }

  load({ latency, limits, ...fields }: ConnectionState): void {
    Object.assign(this, fields)
    this.latency.load(latency)
    if (limits !== undefined) this.limits?.load(limits)
  }
}

export interface ConnectionState {
  readonly offset: number
  readonly clamped: number
  readonly lastArrival: number
  readonly lastSeen: number
  readonly latency: unknown
  readonly limits: LimitsState | undefined
}
