// How much a price moves from bar to bar, by year: what rules that follow volatility rest on.

const yearUs = 365 * 86_400e6

export interface VolatilityState {
  readonly returns: Float64Array
  count: number
  lastClose: number
}

/** Root of the mean squared return of the last `bars` closes of one instrument. All of it is state. */
export class VolatilityMeter {
  state: VolatilityState

  constructor(bars: number) {
    this.state = { returns: new Float64Array(bars), count: 0, lastClose: Number.NaN }
  }

  bar(close: number): void {
    const { state } = this
    if (state.lastClose > 0) {
      state.returns[state.count % state.returns.length] = close / state.lastClose - 1
      state.count += 1
    }
    state.lastClose = close
  }

  /**
   * √(mean of r² · bars a year), r the relative change from close to close and its mean taken as 0; NaN before as many bars as asked for.
   * `barUs`: length of a bar; the market never closes, so a year has 365 days.
   */
  annual(barUs: number): number {
    const { returns, count } = this.state
    if (count < returns.length) return Number.NaN
    let sum = 0
    for (const change of returns) sum += change * change
    return Math.sqrt((sum / returns.length) * (yearUs / barUs))
  }
}
