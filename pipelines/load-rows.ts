// Rows of a foreign file on their way to the topics: stamped, held to bounds, in batches.

import type { TickRecord } from '../connectors/files/formats.ts'
import type { Tick } from '../connectors/files/tick.ts'
import type { Taken } from '../connectors/intake.ts'
import type { PriceBounds } from '../operators/quality/impossible-price.ts'
import { type Batch, builderOf, isFull, take } from '../schemas/batch.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Rows } from '../schemas/records.generated.ts'
import { U8Writer } from '../schemas/writers.ts'

/** A heartbeat stands in each second until so many have passed without a row, then at whole minutes. */
const quietAfterSeconds = 10

export interface LoadedRowsOf {
  readonly record: TickRecord
  readonly exchange: string
  readonly symbol: string
  readonly bounds: PriceBounds
  /** What is added to `time` where the file has no receive time, µs. */
  readonly latencyUs: number
}

/**
 * `received` is the file's own, else time + latency (DESIGN §5); it never steps back: an earlier one takes that of the row before
 * (`timeBack`).
 */
export class LoadedRows {
  firstReceived = Number.NaN
  received = Number.NaN
  /** Least and greatest `time`, µs. */
  from = Number.POSITIVE_INFINITY
  to = Number.NEGATIVE_INFINITY
  timeBack = 0
  /** Rows that were taken in, and those of them that wait. */
  rows = 0
  waiting = 0
  private readonly of: LoadedRowsOf
  private readonly builder
  private readonly series = new U8Writer()
  private full: Taken[] = []
  /** Seconds with a row that heartbeats have not passed yet. */
  private seconds: number[] = []
  private lastSecond = Number.NaN

  constructor(of: LoadedRowsOf) {
    this.of = of
    this.builder = builderOf(of.record) as { push(row: Rows[TickRecord]): void } & ReturnType<
      typeof builderOf<TickRecord>
    >
  }

  /** Errors: VALUE_IMPOSSIBLE for a price out of bounds. */
  push(tick: Tick): void {
    this.hold(tick)
    const { exchange, symbol, record } = this.of
    const stamped = this.stampOf(tick)
    if (stamped < this.received) this.timeBack++
    else this.received = stamped
    if (Number.isNaN(this.firstReceived)) this.firstReceived = this.received
    const { time } = tick
    this.from = Math.min(this.from, time)
    this.to = Math.max(this.to, time)
    this.builder.push({ time, received: this.received, exchange, symbol, ...tick.row } as Rows[TickRecord])
    if (record === 'trades') this.series.push(tick.aggregated ? 1 : 0)
    this.rows++
    this.waiting++
    const second = Math.floor(this.received / 1e6)
    if (this.seconds.at(-1) !== second) this.seconds.push(second)
    if (isFull(this.builder)) this.cut()
  }

  /** When our socket would have got it, µs. */
  stampOf({ received, time }: Tick): number {
    return received ?? time + this.of.latencyUs
  }

  /** Everything since the last call. */
  take(): Taken[] {
    if (this.builder.count > 0) this.cut()
    const taken = this.full
    this.full = []
    this.waiting = 0
    return taken
  }

  /** Whether a second gets a heartbeat, by the rows of those before it; asked in rising order, once all of these were pushed. */
  beats(second: number): boolean {
    let passed = 0
    while (passed < this.seconds.length && this.seconds[passed]! < second) passed++
    if (passed > 0) {
      this.lastSecond = this.seconds[passed - 1]!
      this.seconds = this.seconds.slice(passed)
    }
    return second % 60 === 0 || second - this.lastSecond <= quietAfterSeconds
  }

  private cut(): void {
    const series = this.of.record === 'trades' ? this.series.take() : undefined
    this.full.push({ batch: take(this.builder) as unknown as Batch, series })
  }

  private hold(tick: Tick): void {
    const { lowest, highest } = this.of.bounds
    const wrong = pricesOf(tick).find((price) => !(price >= lowest && price <= highest))
    if (wrong === undefined) return
    throw new SmartspeedError(
      'VALUE_IMPOSSIBLE',
      `${this.of.symbol}: price ${wrong} is not within ${lowest} … ${highest}`,
    )
  }
}

/** Prices that are held to bounds; levels of a book are not: people rest orders anywhere. */
function pricesOf(tick: Tick): readonly number[] {
  if (tick.topic === 'trades') return [tick.row.price]
  if (tick.topic === 'books') return []
  const { bid, bidSize, ask, askSize } = tick.row
  return [...(bidSize > 0 ? [bid] : []), ...(askSize > 0 ? [ask] : [])]
}
