// A histogram whose bins follow from the values.

import { pow } from '../../native/index.ts'
import { quantile } from './quantile.ts'

/** `counts[i]` values lie in [edges[i], edges[i + 1]); the last bin has its upper edge too. One edge more than counts. */
export interface Histogram {
  readonly edges: Float64Array
  readonly counts: Uint32Array
}

/**
 * Bins of equal width from the lowest to the highest value, as wide as Freedman and Diaconis say: 2 · IQR / ∛n, the width
 * that is nearest to the density that the values came from. At most `most` bins. Where half of the values are equal that
 * width is nothing, and Sturges' number of bins stands in: ⌈log₂ n⌉ + 1.
 *
 * In:     finite numbers, in any order.
 * Out:    one bin from v - 0.5 to v + 0.5 when all values are v; no bins, and no edges, of no values.
 * Errors: RangeError (a bug of the caller) for a value that is not finite.
 * Source: Freedman & Diaconis (1981), "On the histogram as a density estimator"; edges as numpy's `fd`.
 */
export function histogramOf(values: ArrayLike<number>, { most = 60 }: { most?: number } = {}): Histogram {
  const sorted = Float64Array.from(values).sort()
  const count = sorted.length
  if (count === 0) return { edges: new Float64Array(0), counts: new Uint32Array(0) }
  const wrong = sorted.findIndex((value) => value - value !== 0)
  if (wrong >= 0) throw new RangeError(`a histogram of ${sorted[wrong]}`)
  const [low, high] = sorted[0]! < sorted[count - 1]! ? [sorted[0]!, sorted[count - 1]!] : around(sorted[0]!)
  const bins = Math.min(most, binsOf(sorted, high - low))
  const edges = Float64Array.from({ length: bins + 1 }, (_, edge) => low + ((high - low) * edge) / bins)
  edges[bins] = high
  const counts = new Uint32Array(bins)
  let bin = 0
  for (const value of sorted) {
    while (bin < bins - 1 && value >= edges[bin + 1]!) bin++
    counts[bin]!++
  }
  return { edges, counts }
}

function binsOf(sorted: Float64Array, range: number): number {
  if (sorted[0] === sorted[sorted.length - 1]) return 1
  const width = 2 * (quantile(sorted, 0.75) - quantile(sorted, 0.25)) * pow(sorted.length, -1 / 3)
  if (width > 0) return Math.ceil(range / width)
  let powers = 0
  for (let n = 1; n < sorted.length; n *= 2) powers++
  return powers + 1
}

const around = (value: number): [number, number] => [value - 0.5, value + 0.5]
