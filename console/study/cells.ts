// A map from trials that need not lie on a grid: points of a search fall into the cells of their parameters.
import { type Dimension, dimensionOf } from '../../operators/research/search/dimension.ts'
import { levelOf, type Space } from '../../operators/research/search/index.ts'
import type { MapAxis, Metric, MetricMap, Params, Value } from './data.ts'
import { isBetter } from './project.ts'

/** The most cells along an axis, and in all. */
const mostAlong = 100
const mostCells = 1_000_000

/**
 * The best value of each cell.
 *
 * In:  trials — with parameters of the space; NaN: it failed.
 * Out: an axis has its own values where those are no more than 100 (fewer where there are many axes), else as many stretches of
 *      equal length, by ratios where it is logarithmic, each named by the value in its middle.
 */
export function mapOf(
  space: Space,
  trials: readonly { readonly params: Params; readonly value: number }[],
  metric: Metric,
): MetricMap {
  const lines = linesOf(space)
  const values = new Float64Array(lines.reduce((size, line) => size * line.axis.values.length, 1)).fill(Number.NaN)
  for (const { params, value } of trials) {
    if (Number.isNaN(value)) continue
    const cell = lines.reduce((at, line) => at * line.axis.values.length + line.cellOf(params[line.axis.name]!), 0)
    if (Number.isNaN(values[cell]!) || isBetter(value, values[cell]!, metric)) values[cell] = value
  }
  return { axes: lines.map(({ axis }) => axis), values, metric }
}

interface Line {
  readonly axis: MapAxis
  cellOf(value: Value): number
}

function linesOf({ axes }: Space): Line[] {
  let most = mostAlong
  while (most ** axes.length > mostCells) most--
  return axes.map((axis): Line => {
    const dimension = dimensionOf(axis)
    if (dimension.levels > most) return stretches(dimension, most)
    const values = Array.from({ length: dimension.levels }, (_, level) => levelOf(axis, level))
    const numbers = new Map(values.map((value, level) => [value, level]))
    return { axis: { name: axis.name, values }, cellOf: (value) => numbers.get(value)! }
  })
}

function stretches({ name, low, high, placeOf, valueAt }: Dimension, count: number): Line {
  const middle = (at: number) => valueAt(low + ((at + 0.5) * (high - low)) / count)
  const named = (value: Value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)
  return {
    axis: { name, values: Array.from({ length: count }, (_, at) => named(middle(at))) },
    cellOf: (value) => Math.min(count - 1, Math.floor(((placeOf(value) - low) / (high - low)) * count)),
  }
}
