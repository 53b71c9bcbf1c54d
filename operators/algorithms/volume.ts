// What was traded: in all, and on average in each minute of the day.
import { wordAt } from '../../schemas/columns.ts'
import type { CandleColumns, TradeColumns } from '../../schemas/records.generated.ts'
import type { MarketRow } from '../desk.ts'
import { type AlgorithmContext, minuteUs } from './algorithm.ts'

const minutesADay = 1440

/** Volumes of each instrument as of the row, in the exchange's unit. On candles those of the run's interval count, else trades. */
export class VolumeMeter {
  /** Since the run began. */
  readonly total: Float64Array
  private readonly context: AlgorithmContext
  /** The minute that is being filled, since 1970 UTC; NaN before the first row; and what was traded in it. */
  private readonly minute: Float64Array
  private readonly pending: Float64Array
  /** By instrument and minute of the day: volume, and how often that minute was seen to its end. */
  private readonly sums: Float64Array
  private readonly counts: Float64Array

  constructor(context: AlgorithmContext) {
    const { length } = context.instruments
    this.context = context
    this.total = new Float64Array(length)
    this.minute = new Float64Array(length).fill(Number.NaN)
    this.pending = new Float64Array(length)
    this.sums = new Float64Array(length * minutesADay)
    this.counts = new Float64Array(length * minutesADay)
  }

  row({ topic, batch, row, received, market }: MarketRow): void {
    if (market === undefined) return
    const { index } = market.instrument
    const { candles } = this.context
    if (candles === undefined) {
      this.reach(index, Math.floor(received / minuteUs))
      if (topic === 'trades') this.add(index, (batch.columns as TradeColumns).size[row]!)
      return
    }
    if (topic !== 'candles') return
    const { interval, openTime, volume } = batch.columns as CandleColumns
    if (wordAt(interval, row) === candles) this.candle(index, openTime[row]!, volume[row]!)
  }

  /**
   * What is traded from one time to another on average, µs; undefined where one of the minutes was never seen before.
   * Sums of minutes of the day, parts of a minute in proportion.
   */
  expected(index: number, from: number, to: number): number | undefined {
    let volume = 0
    for (let minute = Math.floor(from / minuteUs); minute * minuteUs < to; minute++) {
      const place = index * minutesADay + (minute % minutesADay)
      if (this.counts[place] === 0) return undefined
      const part = Math.min(to, (minute + 1) * minuteUs) - Math.max(from, minute * minuteUs)
      volume += (this.sums[place]! / this.counts[place]!) * (part / minuteUs)
    }
    return volume
  }

  save() {
    const { total, minute, pending, sums, counts } = this
    return { total, minute, pending, sums, counts }
  }

  load(saved: ReturnType<VolumeMeter['save']>): void {
    for (const key of ['total', 'minute', 'pending', 'sums', 'counts'] as const) this[key].set(saved[key])
  }

  /** A candle that is longer than a minute was traded evenly over its minutes. */
  private candle(index: number, openTime: number, volume: number): void {
    const first = Math.floor(openTime / minuteUs)
    const count = Math.max(1, Math.round(this.context.barUs / minuteUs))
    for (let at = 0; at < count; at++) {
      this.reach(index, first + at)
      this.add(index, volume / count)
    }
    // The last of them has ended with the candle.
    if (this.context.barUs >= minuteUs) this.reach(index, first + count)
  }

  /** Ends the minute before. */
  private reach(index: number, minute: number): void {
    const before = this.minute[index]!
    if (minute === before) return
    if (!Number.isNaN(before)) {
      const place = index * minutesADay + (before % minutesADay)
      this.sums[place]! += this.pending[index]!
      this.counts[place]! += 1
    }
    this.minute[index] = minute
    this.pending[index] = 0
  }

  private add(index: number, size: number): void {
    this.total[index]! += size
    this.pending[index]! += size
  }
}
