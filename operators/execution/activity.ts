// How much an instrument trades and moves, for the impact of our own orders.
import type { Activity } from './slippage/index.ts'

const minute = 60_000_000
/** Bars that the means go back over, about. */
const memory = 60

/** Means over the last bars: of candles as they come, or of minutes of trades by their exchange time. All of it is state. */
export class ActivityMeter implements Activity {
  lots = 0
  variance = 0
  private bars = 0
  private lastClose = Number.NaN
  private minute = Number.NEGATIVE_INFINITY
  private close = Number.NaN
  private traded = 0

  /** A trade at an exchange time, µs. Minutes without trades are no bars. */
  trade(ticks: number, lots: number, time: number): void {
    const current = Math.floor(time / minute)
    if (current > this.minute) {
      if (this.minute > Number.NEGATIVE_INFINITY) this.bar(this.close, this.traded)
      this.minute = current
      this.traded = 0
    }
    this.close = ticks
    this.traded += lots
  }

  /** A closed bar. */
  bar(close: number, lots: number): void {
    if (this.lastClose > 0) {
      this.bars = Math.min(this.bars + 1, memory)
      const change = (close - this.lastClose) / this.lastClose
      this.variance += (change * change - this.variance) / this.bars
      this.lots += (lots - this.lots) / this.bars
    }
    this.lastClose = close
  }
}
