// The frame of a metric over parameters: choosers, the scale of its colours, and what to see in it.
import { full, short } from '../report/format.ts'
import { type Html, html } from '../report/html.ts'
import type { MapChart, MetricMap } from './data.ts'
import { bestPoint, extentOf, isBetter, levelsAt, neighboursOf } from './project.ts'
import { chartFrame, counted, valueText } from './shell.ts'

export function mapFigure(map: MapChart): Html {
  const { id, axes, metric, values } = map
  const [low, high] = extentOf(values) ?? [0, 0]
  const { neutral } = metric
  const inside = neutral !== undefined && neutral > low && neutral < high
  return chartFrame({
    id,
    title: `${metric.name} by ${axes
      .slice(0, 2)
      .map(({ name }) => name)
      .join(' and ')}`,
    unit: metric.unit,
    caption: mapCaption(map),
    keys: 'The arrows go from cell to cell; Escape leaves.',
    tools: html`<button type="button" data-best="${id}">show the best</button>`,
    legend: html`<div class="choosers" id="choosers-${id}"></div>
<div class="scale" id="scale-${id}"><span>${scaleText(low)}</span><span class="scale-bar"><i class="scale-fill"></i>${inside && html`<b class="scale-neutral" title="${scaleText(neutral)}"></b>`}</span><span>${scaleText(high)}</span>${inside && html`<span class="muted">the line is ${scaleText(neutral)}; a dash, where a cell has room: worse than that</span>`}<span class="muted">a stroke across: not tried, refused or failed</span></div>`,
  })
}

/** What the best is, and whether what stands beside it is nearly as good: a peak alone is most likely chance. */
export function mapCaption(map: MetricMap): string {
  const best = bestPoint(map)
  if (best === -1) return 'Nothing was tried that gave a number.'
  const { axes, values, metric } = map
  const place = levelsAt(axes, best)
    .map((level, axis) => `${axes[axis]!.name}=${valueText(axes[axis]!.values[level]!)}`)
    .join(', ')
  const hidden = axes.slice(2).map(({ name }) => name)
  const others = hidden.length === 0 ? '' : ` A cell shows the best over ${hidden.join(', ')}, unless one is chosen.`
  return `The best, ${scaleText(values[best]!)}${metric.unit === '' ? '' : ` ${metric.unit}`} at ${place}, has a ring.${neighbourText(map, best)}${others}`
}

function neighbourText(map: MetricMap, best: number): string {
  const { neutral: nothing } = map.metric
  if (nothing !== undefined && !isBetter(map.values[best]!, nothing, map.metric)) {
    return ` That is no better than ${scaleText(nothing)}: there is nothing here to validate.`
  }
  const beside = neighboursOf(map, best)
  if (beside.length === 0) return ' Nothing beside it was tried.'
  const { values, metric } = map
  const neutral = metric.neutral ?? 0
  const half = neutral + (values[best]! - neutral) / 2
  const kept = beside.filter((point) => values[point] === half || isBetter(values[point]!, half, metric)).length
  return ` Of ${counted(beside.length, 'point')} one step beside it ${full(kept)} ${kept === 1 ? 'keeps' : 'keep'} at least half of that.`
}

const scaleText = (value: number): string => short(Number(value.toPrecision(3)))
