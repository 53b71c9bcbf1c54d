// Whether a good result stands on a plateau of the parameters, or on a needle.
import { impossible } from './statistics/impossible.ts'

export interface GridAxis {
  readonly name: string
  /** Rising. */
  readonly values: readonly number[]
}

/** Where each trial stands in a grid: row-major places, the last axis moving fastest. */
export interface Grid {
  readonly axes: readonly GridAxis[]
  /** The place of each trial; without it trial t is at place t, and the grid is full. */
  readonly places?: ArrayLike<number>
}

export interface Sensitivity {
  /**
   * Deviation of the surface's differences over their unsigned mean, all axes together (a step of the grid is 1); null where their
   * mean is 0. Above a summit inside the grid slopes cancel out and this grows however smooth they are: it is not judged alone.
   */
  readonly gradientVariation: number | null
  /** Places at most one step away on each axis from the best that have a trial, and the share of them with at least half its Sharpe ratio. */
  readonly neighbours: number
  readonly neighboursKeep: number | null
}

/**
 * In:     sharpes — of each trial, in one unit. Places without a trial (fast above slow) are holes, over which nothing is said.
 * Errors: SmartspeedError CONFIG_INVALID when trials and places do not match.
 * Source: the parameter sensitivity of the specification (S4 §3.7.2): numpy's gradient, its coefficient of variation.
 */
export function parameterSensitivity(sharpes: ArrayLike<number>, grid: Grid): Sensitivity {
  const surface = surfaceOf(sharpes, grid)
  const strides = stridesOf(grid.axes)
  const slopes = grid.axes.flatMap(({ values }, axis) => slopesAlong(surface, values.length, strides[axis]!))
  const middle = slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length
  const square = slopes.reduce((sum, slope) => sum + (slope - middle) * (slope - middle), 0) / slopes.length
  return {
    gradientVariation: middle === 0 || slopes.length === 0 ? null : Math.sqrt(square) / Math.abs(middle),
    ...neighboursOf(surface, grid.axes, strides),
  }
}

/** The Sharpe ratio at each place, NaN where there is no trial. */
export function surfaceOf(sharpes: ArrayLike<number>, { axes, places }: Grid): Float64Array {
  const size = axes.reduce((product, { values }) => product * values.length, 1)
  const trials = sharpes.length
  if (places === undefined ? size !== trials : places.length !== trials) {
    throw impossible(
      `${trials} trials for ${places === undefined ? `a grid of ${size}` : `${places.length} places`}`,
      'give a trial for each place of the grid, or the place of each trial',
    )
  }
  const surface = new Float64Array(size).fill(Number.NaN)
  for (let trial = 0; trial < trials; trial++) {
    const place = places === undefined ? trial : places[trial]!
    if (!(Number.isInteger(place) && place >= 0 && place < size))
      throw impossible(`trial ${trial} is at place ${place} of a grid of ${size}`, `count places from 0: 0…${size - 1}`)
    surface[place] = sharpes[trial]!
  }
  return surface
}

function stridesOf(axes: readonly GridAxis[]): number[] {
  const strides = axes.map(() => 1)
  for (let axis = axes.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * axes[axis + 1]!.values.length
  return strides
}

/** Central differences; at an end or beside a hole those to the one neighbour that is there. */
function slopesAlong(surface: Float64Array, length: number, stride: number): number[] {
  const slopes: number[] = []
  for (let place = 0; place < surface.length; place++) {
    const at = Math.floor(place / stride) % length
    const here = surface[place]!
    const before = at > 0 ? surface[place - stride]! : Number.NaN
    const after = at < length - 1 ? surface[place + stride]! : Number.NaN
    if (Number.isNaN(here)) continue
    const [isBefore, isAfter] = [!Number.isNaN(before), !Number.isNaN(after)]
    if (isBefore && isAfter) slopes.push((after - before) / 2)
    else if (isAfter) slopes.push(after - here)
    else if (isBefore) slopes.push(here - before)
  }
  return slopes
}

function neighboursOf(surface: Float64Array, axes: readonly GridAxis[], strides: readonly number[]) {
  let best = 0
  for (let place = 0; place < surface.length; place++) {
    if (surface[place]! > surface[best]! || Number.isNaN(surface[best]!)) best = place
  }
  const near = axes.reduce<number[]>(
    (places, { values }, axis) => {
      const at = Math.floor(best / strides[axis]!) % values.length
      const moves = [-1, 0, 1].filter((move) => at + move >= 0 && at + move < values.length)
      return places.flatMap((place) => moves.map((move) => place + move * strides[axis]!))
    },
    [best],
  )
  const seen = near.filter((place) => place !== best && !Number.isNaN(surface[place]!))
  const keep = seen.filter((place) => surface[place]! >= surface[best]! / 2).length
  return { neighbours: seen.length, neighboursKeep: seen.length === 0 ? null : keep / seen.length }
}
