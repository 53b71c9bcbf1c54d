// Fewer points, the same picture. Also part of the page's script.
// Source: Jugel, Jerzak, Hackenbroich, Markl (2014), "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 7(10):
// a line chart needs of each pixel column only its first, lowest, highest and last point.

interface Curve {
  readonly times: Float64Array
  readonly values: Float64Array
}

/**
 * Indices of the points of a curve to draw between two times in `columns` pixel columns; with the nearest point outside on
 * each side, so that the line enters and leaves.
 *
 * In:  times never falling.
 * Out: rising indices, at most 4 a column and 2.
 */
export function pointsToDraw({ times, values }: Curve, from: number, to: number, columns: number): Uint32Array {
  const begin = Math.max(0, firstAtOrAfter(times, from) - 1)
  const end = Math.min(times.length, firstAfter(times, to) + 1)
  if (end - begin <= 4 * columns) return Uint32Array.from({ length: end - begin }, (_, i) => begin + i)
  const drawn = new Uint32Array(4 * columns + 12)
  let count = 0
  const width = (to - from) / columns || 1
  let at = begin
  while (at < end) {
    const first = at
    const column = Math.floor((times[at]! - from) / width)
    // Where the column ends, once for all its points: the division is too dear to do for each.
    const until = from + (column + 1) * width
    let low = at
    let high = at
    for (at++; at < end && times[at]! < until; at++) {
      if (values[at]! < values[low]!) low = at
      else if (values[at]! > values[high]!) high = at
    }
    const last = at - 1
    for (const index of [first, Math.min(low, high), Math.max(low, high), last]) {
      if (count === 0 || drawn[count - 1]! < index) drawn[count++] = index
    }
  }
  return drawn.slice(0, count)
}

/** Index of the first time at or after `time`. */
export function firstAtOrAfter(times: Float64Array, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the first time after `time`. */
export function firstAfter(times: Float64Array, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! <= time) low = middle + 1
    else high = middle
  }
  return low
}
