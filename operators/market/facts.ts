// Stylized facts of a market, from its quotes: how a simulated market is held against a real one.

/** Figures of one stretch of quotes. Spreads are in ticks, returns are over one second of the middle price. */
export type Facts = {
  seconds: number
  spread: { median: number; mean: number; timeWeighted: number }
  /** Standard deviation of the returns, in 10⁻⁴. */
  volatilityBps: number
  /** Pearson's: 3 for a normal law. */
  kurtosis: number
  /** Autocorrelation of the returns' sizes at lags of 1…10 seconds, and their mean. */
  volatilityAutocorrelation: number[]
  volatilityAutocorrelationMean: number
  /** Share of the seconds at whose end the price was as at their start. */
  stillSeconds: number
}

export type FactsMeter = {
  /** A quote, in the order of `time` (microseconds from any start; an earlier one than before counts as of that one). */
  quote(time: number, bidTick: number, askTick: number): void
  /** The figures so far; NaN where there are too few seconds. */
  facts(): Facts
}

/** Spreads of more ticks than this count as this many in the median and the mean. */
const widest = 4096
const second = 1e6

/**
 * A meter that has seen nothing. Memory: a number a second.
 *
 * In: without — quotes from `from` on and before `to` are left out (a flash crash is a fact of its own), and so are the
 *     returns of the seconds that these touch.
 */
export function factsMeter(without?: { from: number; to: number }): FactsMeter {
  const spreads = new Float64Array(widest + 1)
  let quotes = 0
  let weighted = 0
  let weight = 0
  let first = 0
  let last: number | undefined
  let bid = 0
  let ask = 0
  // The middle (twice, so whole) at the end of each second.
  const middles: number[] = []

  return {
    quote(time, bidTick, askTick) {
      const now = last === undefined ? time : Math.max(time, last)
      if (last === undefined) first = now
      else for (let s = Math.floor(last / second); s < Math.floor(now / second); s++) middles.push(bid + ask)
      if (without === undefined || now < without.from || now >= without.to) {
        weighted += (ask - bid) * (now - (last ?? now))
        weight += now - (last ?? now)
        spreads[Math.max(0, Math.min(widest, askTick - bidTick))]! += 1
        quotes += 1
      }
      last = now
      bid = bidTick
      ask = askTick
    },
    facts() {
      const firstSecond = Math.floor(first / second)
      const returns: number[] = []
      for (let i = 1; i < middles.length; i++) {
        const from = (firstSecond + i) * second
        if (without !== undefined && from < without.to && from + second > without.from) continue
        returns.push(middles[i]! / middles[i - 1]! - 1)
      }
      const mean = meanOf(returns)
      const variance = meanOf(returns.map((r) => (r - mean) * (r - mean)))
      const sizes = returns.map(Math.abs)
      const correlations = Array.from({ length: 10 }, (_, lag) => autocorrelation(sizes, lag + 1))
      return {
        seconds: returns.length,
        spread: {
          median: medianOf(spreads, quotes),
          mean: meanSpread(spreads, quotes),
          timeWeighted: weighted / weight,
        },
        volatilityBps: Math.sqrt(variance) * 1e4,
        kurtosis: meanOf(returns.map((r) => square((r - mean) * (r - mean)))) / square(variance),
        volatilityAutocorrelation: correlations,
        volatilityAutocorrelationMean: meanOf(correlations),
        stillSeconds: meanOf(returns.map((r) => (r === 0 ? 1 : 0))),
      }
    },
  }
}

const square = (x: number) => x * x

function meanOf(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** Source: Box & Jenkins (1970), the estimate that divides by the whole series' variance. */
function autocorrelation(values: readonly number[], lag: number): number {
  const mean = meanOf(values)
  let together = 0
  let alone = 0
  for (let i = 0; i < values.length; i++) {
    const here = values[i]! - mean
    alone += here * here
    if (i + lag < values.length) together += here * (values[i + lag]! - mean)
  }
  return together / alone
}

function medianOf(counts: Float64Array, total: number): number {
  let below = 0
  for (let value = 0; value < counts.length; value++) {
    below += counts[value]!
    if (below * 2 >= total) return value
  }
  return Number.NaN
}

function meanSpread(counts: Float64Array, total: number): number {
  let sum = 0
  for (let value = 0; value < counts.length; value++) sum += value * counts[value]!
  return sum / total
}
