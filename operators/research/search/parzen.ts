// A density over axes from the points that were seen: a kernel around each, and a flat one for what was not seen.
import { expEach } from '../../../native/index.ts'
import type { Random } from '../../random.ts'
import type { Dimension } from './dimension.ts'
import { normalShare } from './normal.ts'
import type { Params, Value } from './space.ts'

export interface Parzen {
  sample(draws: Random): Params
  /** The density there; of an axis with levels, the share of a value. */
  density(params: Params): number
}

/** The kernels of all points along one axis. */
interface Kernels {
  sample(kernel: number, draws: Random): Value
  /** Multiplies what each kernel has by its density at a value: `factors`, or by e to the power of what it adds to `powers`. */
  weigh(value: Value, factors: Float64Array, powers: Float64Array): void
}

/**
 * In:  points — that were seen, in the order of their trials: of more than 25 the older count less.
 *
 * A kernel is the product of one along each axis. On a line it is normal, cut off at both ends of the line, as wide as the farther
 * of the value's neighbours is away (at the ends as near as the only one), not under 1/min(100, n + 2) of the line. One more
 * stands in the middle, as wide as the line. Of an axis of choices a kernel is the choice with weight 1 beside 1/(n + 1) for each
 * of all.
 * Source: Bergstra, Bardenet, Bengio & Kégl (2011), "Algorithms for Hyper-Parameter Optimization", §4; widths, weights, choices and
 * products as the estimator of Optuna (Akiba et al. 2019) has them, against which tests/golden/search holds this.
 */
export function parzen(dimensions: readonly Dimension[], points: readonly Params[]): Parzen {
  const shares = sharesOf(points.length)
  const axes = dimensions.map((dimension) => {
    const values = points.map((params) => params[dimension.name]!)
    return dimension.kind === 'choice' ? ofChoices(dimension, values) : ofLine(dimension, values)
  })
  return {
    sample(draws) {
      const kernel = pick(shares, draws)
      return Object.fromEntries(dimensions.map(({ name }, at) => [name, axes[at]!.sample(kernel, draws)]))
    },
    density(params) {
      const factors = Float64Array.from(shares)
      const powers = new Float64Array(shares.length)
      for (const [at, { name }] of dimensions.entries()) axes[at]!.weigh(params[name]!, factors, powers)
      const heights = expEach(powers)
      let sum = 0
      for (let at = 0; at < heights.length; at++) sum += factors[at]! * heights[at]!
      return sum
    },
  }
}

function ofChoices({ levels, valueAt, placeOf }: Dimension, values: readonly Value[]): Kernels {
  const kernels = values.length + 1
  const each = 1 / kernels
  const total = 1 + levels * each
  const own = values.map(placeOf)
  // The last kernel is of what was not seen.
  const weightOf = (kernel: number, level: number) =>
    kernel === values.length ? 1 / levels : (each + (own[kernel] === level ? 1 : 0)) / total
  return {
    sample: (kernel, draws) =>
      valueAt(
        pick(
          Array.from({ length: levels }, (_, level) => weightOf(kernel, level)),
          draws,
        ),
      ),
    weigh(value, factors) {
      const level = placeOf(value)
      for (let kernel = 0; kernel < kernels; kernel++) factors[kernel]! *= weightOf(kernel, level)
    },
  }
}

function ofLine({ low, high, levels, cellOf, placeOf, valueAt }: Dimension, values: readonly Value[]): Kernels {
  const centres = values.map(placeOf)
  const widths = widthsOf(centres, low, high)
  centres.push((low + high) / 2)
  widths.push(high - low)
  const inside = centres.map((centre, at) => shareBetween((low - centre) / widths[at]!, (high - centre) / widths[at]!))
  const tops = inside.map((share, at) => 1 / (rootOfTwoPi * widths[at]! * share))
  // Of an axis with levels the same few are asked for again and again.
  const seen = new Map<Value, Float64Array>()
  return {
    sample(kernel, draws) {
      // At least a third of each kernel lies on the line.
      for (;;) {
        const place = centres[kernel]! + widths[kernel]! * draws.normal()
        if (place >= low && place <= high) return valueAt(place)
      }
    },
    weigh(value, factors, powers) {
      if (levels === Number.POSITIVE_INFINITY) {
        const place = placeOf(value)
        for (let at = 0; at < centres.length; at++) {
          const away = (place - centres[at]!) / widths[at]!
          powers[at]! -= (away * away) / 2
          factors[at]! *= tops[at]!
        }
        return
      }
      const own = seen.get(value) ?? parts(value)
      seen.set(value, own)
      for (let at = 0; at < own.length; at++) factors[at]! *= own[at]!
    },
  }

  /** Of each kernel the share that a level has. */
  function parts(value: Value): Float64Array {
    const [from, to] = cellOf(value)
    return Float64Array.from(centres, (centre, at) => {
      return shareBetween((from - centre) / widths[at]!, (to - centre) / widths[at]!) / inside[at]!
    })
  }
}

const rootOfTwoPi = Math.sqrt(2 * Math.PI)

/** What each kernel counts, the one of what was not seen last; together 1. */
function sharesOf(count: number): readonly number[] {
  const full = 25
  const ramp = count - full
  const weights = Array.from({ length: count }, (_, at) => {
    if (at >= ramp) return 1
    // From 1/count up to 1, evenly.
    return ramp === 1 ? 1 / count : 1 / count + (at * (1 - 1 / count)) / (ramp - 1)
  })
  weights.push(1)
  const total = weights.reduce((sum, one) => sum + one, 0)
  return weights.map((one) => one / total)
}

function widthsOf(centres: readonly number[], low: number, high: number): number[] {
  const order = centres.map((_, at) => at).sort((a, b) => centres[a]! - centres[b]! || a - b)
  const least = (high - low) / Math.min(100, centres.length + 2)
  const widths = new Array<number>(centres.length)
  for (const [rank, at] of order.entries()) {
    const below = centres[at]! - (rank === 0 ? low : centres[order[rank - 1]!]!)
    const above = (rank === order.length - 1 ? high : centres[order[rank + 1]!]!) - centres[at]!
    widths[at] = Math.min(Math.max(farther(below, above, rank, order.length), least), high - low)
  }
  return widths
}

/** At the ends of the line the neighbour counts, and the end only where there is none. */
function farther(below: number, above: number, rank: number, count: number): number {
  if (count > 1 && rank === 0) return above
  if (count > 1 && rank === count - 1) return below
  return Math.max(below, above)
}

const shareBetween = (from: number, to: number): number => normalShare(to) - normalShare(from)

/** The number of an entry, as likely as its weight; weights add up to 1. */
function pick(weights: readonly number[], draws: Random): number {
  let rest = draws.next()
  for (const [at, weight] of weights.entries()) {
    rest -= weight
    if (rest < 0) return at
  }
  return weights.length - 1
}
