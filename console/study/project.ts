// A map of many axes seen over two of them. Also part of the page's script.
import type { Metric, MetricMap } from './data.ts'

/** What a map is seen by: the numbers of the axes along the foot and up the side, and of each axis the level that is looked at. */
export interface Sight {
  readonly across: number
  /** Undefined of a map with one axis. */
  readonly up: number | undefined
  /** Undefined: whatever is best there. Of `across` and `up` not used. */
  readonly fixed: readonly (number | undefined)[]
}

/** The cells, a row of the side after the other from its first level on: each the best value and where in the map it stands. */
export interface Projection {
  readonly columns: number
  readonly rows: number
  /** NaN where nothing was tried. */
  readonly values: Float64Array
  /** Number of the point in the map; -1 where nothing was tried. */
  readonly points: Int32Array
}

export function projected({ axes, values, metric }: MetricMap, { across, up, fixed }: Sight): Projection {
  const columns = axes[across]!.values.length
  const rows = up === undefined ? 1 : axes[up]!.values.length
  const best = new Float64Array(columns * rows).fill(Number.NaN)
  const points = new Int32Array(columns * rows).fill(-1)
  for (let point = 0; point < values.length; point++) {
    const value = values[point]!
    if (Number.isNaN(value)) continue
    const levels = levelsAt(axes, point)
    if (levels.some((level, axis) => axis !== across && axis !== up && level !== (fixed[axis] ?? level))) continue
    const cell = (up === undefined ? 0 : levels[up]!) * columns + levels[across]!
    if (points[cell] !== -1 && !isBetter(value, best[cell]!, metric)) continue
    best[cell] = value
    points[cell] = point
  }
  return { columns, rows, values: best, points }
}

/** The number of the best point, the first of equals; -1 where nothing was tried. */
export function bestPoint({ values, metric }: MetricMap): number {
  let best = -1
  for (let point = 0; point < values.length; point++) {
    if (Number.isNaN(values[point]!)) continue
    if (best === -1 || isBetter(values[point]!, values[best]!, metric)) best = point
  }
  return best
}

/** Of each axis the level at which a point stands. */
export function levelsAt(axes: MetricMap['axes'], point: number): number[] {
  const levels = new Array<number>(axes.length)
  let rest = point
  for (let axis = axes.length - 1; axis >= 0; axis--) {
    const count = axes[axis]!.values.length
    levels[axis] = rest % count
    rest = Math.floor(rest / count)
  }
  return levels
}

/** The points that are one step along one axis from a point, those that were tried. */
export function neighboursOf({ axes, values }: MetricMap, point: number): number[] {
  const levels = levelsAt(axes, point)
  const found: number[] = []
  let stride = values.length
  for (const [axis, { values: own }] of axes.entries()) {
    stride /= own.length
    for (const by of [-1, 1]) {
      const level = levels[axis]! + by
      const other = point + by * stride
      if (level >= 0 && level < own.length && !Number.isNaN(values[other]!)) found.push(other)
    }
  }
  return found
}

/** The lowest and highest of what was tried; undefined where nothing was. */
export function extentOf(values: Float64Array): readonly [low: number, high: number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low > high ? undefined : [low, high]
}

export const isBetter = (a: number, b: number, { better }: Metric): boolean => (better === 'larger' ? a > b : a < b)
