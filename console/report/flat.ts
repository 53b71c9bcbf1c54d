// Whether one curve would be a flat line beside another. Also part of the page's script.
import type { Series } from './data.ts'

/** With less of the height than this a curve is a line. */
const least = 1 / 8

/** True when `curve` moves so little beside `other` that, drawn together, nothing of it could be read. */
export function isFlatBeside(curve: Series, other: Series): boolean {
  const [low, high] = rangeOf(curve.values)
  const [otherLow, otherHigh] = rangeOf(other.values)
  const whole = Math.max(high, otherHigh) - Math.min(low, otherLow)
  return high - low < whole * least
}

function rangeOf(values: Float64Array): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}
