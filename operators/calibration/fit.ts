// Which of several simulations is nearest to what really happened.
import type { Random } from '../random.ts'
import { fillError, priceErrorBps, timeErrorMs } from './errors.ts'
import type { Matched } from './match.ts'
import { type Outcome, shareOf } from './outcome.ts'

/** How far one simulation is off. */
export interface Fit {
  /** Mean share of an order that was filled in one and not in the other; orders of one side alone count too. */
  readonly fillError: number
  /** Mean absolute errors over the orders that both filled; NaN where there are none. */
  readonly timeErrorMs: number
  readonly priceErrorBps: number
  /** Sum of the three, each as a share of the worst simulation's; 0…3, the lower the nearer. */
  readonly score: number
  /** Share of bootstrap samples of the real orders in which it is the nearest; ties count for the first. */
  readonly nearest: number
}

/** Absolute errors by real order; NaN where they cannot be told. */
interface Errors {
  readonly fill: Float64Array
  readonly time: Float64Array
  readonly price: Float64Array
  /** Shares filled of orders that nobody really sent. */
  readonly extra: number
}

/**
 * The fit of each simulation to the same real orders, in the order of the simulations.
 *
 * A simulation without an order fills nothing of it; one with an order that was not there is off by what it filled. Errors of time and
 * price are of what both filled: a simulation that both filled nothing of counts as the worst there.
 * In:     `samples` bootstrap samples of the real orders, drawn alike for all simulations.
 * Errors: RangeError without real orders.
 */
export function fitsOf(
  matches: readonly Matched[],
  real: readonly Outcome[],
  { random, samples }: { readonly random: Random; readonly samples: number },
): Fit[] {
  const count = real.length
  if (count === 0) throw new RangeError('there are no real orders to fit')
  const errors = matches.map((matched) => errorsOf(matched, real))
  const whole = Int32Array.from({ length: count }, (_, i) => i)
  const means = errors.map((one) => meansOf(one, whole))
  const scores = scoresOf(means)
  const wins = new Int32Array(matches.length)
  const drawn = new Int32Array(count)
  for (let sample = 0; sample < samples; sample++) {
    for (let n = 0; n < count; n++) drawn[n] = random.below(count)
    wins[leastAt(scoresOf(errors.map((one) => meansOf(one, drawn))))]! += 1
  }
  return means.map(([fill, time, price], at) => ({
    ...{ fillError: fill, timeErrorMs: time, priceErrorBps: price },
    ...{ score: scores[at]!, nearest: wins[at]! / samples },
  }))
}

/** The place of the least score; of several the first. */
export function leastAt(scores: readonly number[]): number {
  let least = 0
  for (let at = 1; at < scores.length; at++) if (scores[at]! < scores[least]!) least = at
  return least
}

function errorsOf({ pairs, onlySimulated }: Matched, real: readonly Outcome[]): Errors {
  const place = new Map(real.map((one, at) => [one, at]))
  const [time, price] = [new Float64Array(real.length).fill(Number.NaN), new Float64Array(real.length).fill(Number.NaN)]
  const fill = Float64Array.from(real, shareOf)
  for (const pair of pairs) {
    const at = place.get(pair.real)!
    fill[at] = Math.abs(fillError(pair))
    time[at] = Math.abs(timeErrorMs(pair))
    price[at] = Math.abs(priceErrorBps(pair))
  }
  return { fill, time, price, extra: onlySimulated.reduce((sum, one) => sum + (one.filled > 0 ? shareOf(one) : 0), 0) }
}

function meansOf({ fill, time, price, extra }: Errors, places: Int32Array): [number, number, number] {
  return [meanAt(fill, places) + extra / places.length, meanAt(time, places), meanAt(price, places)]
}

/** The mean of those that are known; NaN for none. */
function meanAt(values: Float64Array, places: Int32Array): number {
  let [sum, count] = [0, 0]
  for (let n = 0; n < places.length; n++) {
    const value = values[places[n]!]!
    if (Number.isNaN(value)) continue
    sum += value
    count += 1
  }
  return sum / count
}

function scoresOf(means: readonly (readonly [number, number, number])[]): number[] {
  const scores = means.map(() => 0)
  for (const kind of [0, 1, 2] as const) {
    let worst = 0
    for (const one of means) if (one[kind] > worst) worst = one[kind]
    for (const [at, one] of means.entries()) {
      if (Number.isNaN(one[kind])) scores[at]! += 1
      else if (worst > 0) scores[at]! += one[kind] / worst
    }
  }
  return scores
}
