// How returns are spread: their tails, their shape, what was gained for what was lost. A loss is a negative number.
// Where empyrical and quantstats mean different things by one name, both stand here: docs/metrics.md says why.

import { ln } from '../../native/index.ts'
import { type Absent, absent, type Figure, isAbsent } from './figure.ts'
import { quantile } from './quantile.ts'
import { mean, sampleDeviation } from './returns.ts'

/** The 5 % point of the standard normal distribution, and the mean of what lies below it. */
const normal5 = -1.6448536269514729
const normalBelow5 = -2.0627128075074257

/**
 * What was gained above a threshold over what fell short of it.
 *
 * In:     threshold — the return of one period that counts as zero.
 * Source: Keating & Shadwick (2002), "A Universal Performance Measure".
 */
export function omega(returns: Float64Array, { threshold = 0 }: { threshold?: number } = {}): Figure {
  if (returns.length < 2) return absent('NEEDS_2_RETURNS')
  let above = 0
  let below = 0
  for (const value of returns) {
    if (value > threshold) above += value - threshold
    else below += threshold - value
  }
  return below > 0 ? above / below : absent('NO_DOWNSIDE')
}

/** Sum of returns over what the losing ones lost, > 0 when the run gained. Source: Schwager (2012), "Market Sense and Nonsense". */
export function gainToPain(returns: Float64Array): Figure {
  let sum = 0
  let pain = 0
  for (const value of returns) {
    sum += value
    if (value < 0) pain -= value
  }
  if (returns.length === 0) return absent('NO_DATA')
  return pain > 0 ? sum / pain : absent('NO_DOWNSIDE')
}

/**
 * Share of equity whose repeated bet grows fastest: winRate − (1 − winRate) / payoff; below 0 where no bet does.
 *
 * Source: Kelly (1956), "A New Interpretation of Information Rate"; Thorp (2006), f = p − q/b.
 */
export function kellyShare(winRate: number, payoff: number): number {
  return winRate - (1 - winRate) / payoff
}

/** Kelly's share by returns instead of trades, of those that are not zero. Source: quantstats `kelly_criterion`. */
export function kellyOfReturns(returns: Float64Array): Figure {
  if (returns.length === 0) return absent('NO_DATA')
  const [won, lost] = [returns.filter((value) => value > 0), returns.filter((value) => value < 0)]
  if (lost.length === 0) return absent('NO_DOWNSIDE')
  if (won.length === 0) return absent('NO_UPSIDE')
  return kellyShare(won.length / (won.length + lost.length), mean(won) / -mean(lost))
}

/** How far the best twentieth of returns reaches over how far the worst does: the 95 % point over the 5 % point, unsigned. */
export function tailRatio(returns: Float64Array): Figure {
  if (returns.length === 0) return absent('NO_DATA')
  const sorted = returns.toSorted()
  const low = Math.abs(quantile(sorted, 0.05))
  return low > 0 ? Math.abs(quantile(sorted, 0.95)) / low : absent('NEEDS_SPREAD')
}

/** The return that one period in twenty was at or below. */
export function valueAtRisk95(returns: Float64Array): Figure {
  return returns.length === 0 ? absent('NO_DATA') : quantile(returns.toSorted(), 0.05)
}

/** The mean of the worst twentieth of returns, at least of the worst one. Source: Acerbi & Tasche (2002). */
export function expectedShortfall95(returns: Float64Array): Figure {
  if (returns.length === 0) return absent('NO_DATA')
  return mean(returns.toSorted().subarray(0, Math.floor((returns.length - 1) * 0.05) + 1))
}

/** What `valueAtRisk95` would be if returns were normally distributed: quantstats' value at risk. */
export const valueAtRisk95Normal = (returns: Float64Array): Figure => ofNormal(returns, normal5)

/** What `expectedShortfall95` would be if returns were normally distributed: quantstats' conditional value at risk. */
export const expectedShortfall95Normal = (returns: Float64Array): Figure => ofNormal(returns, normalBelow5)

function ofNormal(returns: Float64Array, point: number): Figure {
  const deviation = sampleDeviation(returns)
  return isAbsent(deviation) ? deviation : mean(returns) + point * deviation
}

/** Third standardised moment of the returns; negative when losses reach further than gains. As scipy's `skew`. */
export function skewness(returns: Float64Array): Figure {
  const moments = momentsOf(returns)
  return 'reason' in moments ? moments : moments.third
}

/** Fourth standardised moment, Pearson's: 3 when normal. As scipy's `kurtosis(fisher=False)`, and what `calc psr` takes. */
export function kurtosis(returns: Float64Array): Figure {
  const moments = momentsOf(returns)
  return 'reason' in moments ? moments : moments.fourth
}

/** The estimate from a sample, without bias if returns are normal: pandas' and quantstats' `skew`. Needs three returns. */
export function sampleSkewness(returns: Float64Array): Figure {
  const moments = momentsOf(returns)
  if ('reason' in moments) return moments
  const n = returns.length
  return n < 3
    ? absent('NEEDS_2_RETURNS', `${n} returns, three are needed`)
    : (moments.third * Math.sqrt(n * (n - 1))) / (n - 2)
}

/** The same of the fourth moment, in excess of 3: pandas' and quantstats' `kurtosis`. Needs four returns. */
export function sampleExcessKurtosis(returns: Float64Array): Figure {
  const moments = momentsOf(returns)
  if ('reason' in moments) return moments
  const n = returns.length
  if (n < 4) return absent('NEEDS_2_RETURNS', `${n} returns, four are needed`)
  return ((n - 1) * ((n + 1) * (moments.fourth - 3) + 6)) / ((n - 2) * (n - 3))
}

function momentsOf(returns: Float64Array): Absent | { readonly third: number; readonly fourth: number } {
  const deviation = sampleDeviation(returns)
  if (isAbsent(deviation)) return deviation
  if (deviation === 0) return absent('NO_VOLATILITY')
  const middle = mean(returns)
  let [squares, cubes, fourths] = [0, 0, 0]
  for (const value of returns) {
    const distance = value - middle
    const square = distance * distance
    squares += square
    cubes += square * distance
    fourths += square * square
  }
  const n = returns.length
  const variance = squares / n
  return { third: cubes / n / (variance * Math.sqrt(variance)), fourth: fourths / n / (variance * variance) }
}

/** How straight the logarithm of equity runs: the share of it that a line explains, in [0, 1]. empyrical's `stability`. */
export function stability(equity: Float64Array): Figure {
  const n = equity.length - 1
  if (n < 2) return absent('NEEDS_2_RETURNS')
  const logs = Float64Array.from({ length: n }, (_, i) => ln(equity[i + 1]! / equity[0]!))
  const middle = mean(logs)
  let [across, up, both] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const x = i - (n - 1) / 2
    const y = logs[i]! - middle
    across += x * x
    up += y * y
    both += x * y
  }
  return up > 0 ? (both * both) / (across * up) : absent('NO_VOLATILITY')
}
