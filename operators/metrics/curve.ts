// An equity curve over the time of a run, and its values at the ends of UTC days.

/** Equity as a step function: `equity[i]` from `times[i]` on, until the next point. Times in µs since 1970 UTC, never falling. */
export interface Curve {
  /** A point before the others. It stands apart so that a span of a long curve need not be copied to be given a beginning. */
  readonly opening?: { readonly time: number; readonly equity: number }
  readonly times: Float64Array
  readonly equity: Float64Array
}

/** The time that a figure is about, in µs since 1970 UTC, and the equity it began with. */
export interface Span {
  readonly from: number
  readonly to: number
  /** Equity at `from`; without it, that of the last point at or before `from`, else of the first after it. */
  readonly start?: number
}

export const dayUs = 86_400_000_000
/** An edge shorter than this is no day of its own: a curve made of bars begins with the first close, not with the first open. */
const shortestDayUs = 3_600_000_000

/**
 * The part of a curve that lies in a span: an opening at `from`, and views of the points after it, up to and with `to`.
 *
 * Out:    no opening when there is neither a point up to `to` nor a `start`.
 * Errors: RangeError (a bug of the caller) when lengths differ, a time falls, or a number is not finite.
 */
export function curveWithin(times: Float64Array, equity: Float64Array, { from, to, start }: Span): Curve {
  check(times, equity)
  const first = firstAfter(times, from)
  const end = Math.max(first, firstAfter(times, to))
  const known = start ?? equity.subarray(0, end)[Math.max(0, first - 1)]
  return {
    opening: known === undefined ? undefined : { time: from, equity: known },
    times: times.subarray(first, end),
    equity: equity.subarray(first, end),
  }
}

/**
 * Equity at mark at the end of each UTC day, with the equity at the start before them and the equity at `to` behind them.
 *
 * Out:    a point at `from`, at each midnight between, and at `to`; n days are n + 1 points. A point stamped exactly at
 *         midnight belongs to the day that ends there. A day without points keeps the equity of the day before.
 *         The first and the last day may be parts of days; a part shorter than an hour joins its neighbour.
 *         One point when no time passes, none when the curve is empty.
 * Errors: as `curveWithin`.
 */
export function dailyEquity(times: Float64Array, equity: Float64Array, span: Span): Curve {
  return dayEnds(curveWithin(times, equity, span), span.to)
}

/** The same of a curve that was cut to its span already. */
export function dayEnds({ opening, times, equity }: Curve, to: number): Curve {
  if (opening === undefined) return { times: new Float64Array(0), equity: new Float64Array(0) }
  const ends = dayBounds(opening.time, to)
  let next = 0
  const marks = ends.map((end) => {
    while (next < times.length && times[next]! <= end) next++
    return next === 0 ? opening.equity : equity[next - 1]!
  })
  return { times: Float64Array.from(ends), equity: Float64Array.from(marks) }
}

/** Where the days of a span end, its own beginning before them, µs; see `dailyEquity`. */
export function dayBounds(from: number, to: number): number[] {
  const ends = [from]
  for (let midnight = (Math.floor(from / dayUs) + 1) * dayUs; midnight < to; midnight += dayUs) {
    if (midnight - from >= shortestDayUs && to - midnight >= shortestDayUs) ends.push(midnight)
  }
  if (to > from) ends.push(to)
  return ends
}

/** The mean of a curve over time, from its opening to `to`; the last equity when no time passes. */
export function meanEquity({ opening, times, equity }: Curve, to: number): number | undefined {
  if (opening === undefined) return undefined
  let sum = 0
  let { time: since, equity: held } = opening
  for (let point = 0; point < times.length; point++) {
    const time = times[point]!
    sum += held * (time - since)
    since = time
    held = equity[point]!
  }
  return to > opening.time ? (sum + held * (to - since)) / (to - opening.time) : held
}

/** The index of the first time that is later than `at`. */
function firstAfter(times: Float64Array, at: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! > at) high = middle
    else low = middle + 1
  }
  return low
}

function check(times: Float64Array, equity: Float64Array): void {
  if (times.length !== equity.length)
    throw new RangeError(`${times.length} times, but ${equity.length} values of equity`)
  let last = Number.NEGATIVE_INFINITY
  for (let point = 0; point < times.length; point++) {
    const time = times[point]!
    // `!(>=)` also catches a time that is NaN; a difference of a number with itself is 0 only when it is finite.
    if (!(time >= last)) throw new RangeError(`time ${time} of point ${point} comes after ${last}`)
    if (equity[point]! - equity[point]! !== 0) throw new RangeError(`equity of point ${point} is ${equity[point]}`)
    last = time
  }
}
