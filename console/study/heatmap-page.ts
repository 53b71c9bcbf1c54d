// The page of a study: a metric over its parameters, the best trials, and out of how many they were chosen.
import { full, short } from '../report/format.ts'
import { type Html, html } from '../report/html.ts'
import { box } from '../report/tables.ts'
import type { HeatmapInput, MapChart } from './data.ts'
import { mapFigure } from './map-figure.ts'
import { bestPoint } from './project.ts'
import { type Big, counted, headlineOf, page, paramsText, valueText } from './shell.ts'

/**
 * One self-contained HTML file: styles, script and data are inside it, nothing is ever requested.
 *
 * In: up to a million points; `axes` of one value each are not drawn, two or more are.
 */
export function heatmapPage(input: HeatmapInput): string {
  const { study, strategy, axes, values, metric } = input
  const drawn = axes.filter((axis) => axis.values.length > 1)
  const map: MapChart = { id: 'map', axes: drawn.length === 0 ? axes.slice(0, 1) : drawn, values, metric }
  return page({
    subject: input,
    title: `${strategy}: ${metric.name} over ${axes.map(({ name }) => name).join(', ')}`,
    top: html`<div class="verdict"><span class="mark caution">Not validated</span>The best of ${counted(input.trialsSoFar, 'trial')} looks good even where nothing works: ${sentence(input)}</div>`,
    body: html`${headlineOf(numbersOf(input))}
${bestPoint(map) === -1 ? html`<p class="why">No trial gave a number: ${counted(input.failed, 'trial')} failed, ${counted(input.refused, 'combination')} the strategy refused. Try other values of its parameters.</p>` : mapFigure(map)}
<h2>Which were the best?</h2>
${bestTable(input)}`,
    charts: { name: study, curves: [], maps: [map], tables: {} },
  })
}

function sentence({ trialsSoFar, trials }: HeatmapInput): string {
  const earlier = trialsSoFar - trials
  const where =
    earlier <= 0
      ? 'all of them were made here.'
      : `${full(earlier)} of them ${earlier === 1 ? 'was' : 'were'} made in earlier studies of the same strategy and data.`
  return `${where} Whether it holds on data that it was not chosen by is what a validation says.`
}

function numbersOf(input: HeatmapInput): Big[] {
  const { best, metric, trials, failed, refused, trialsSoFar, search, values } = input
  const first = best[0]
  const tried = values.filter((value) => !Number.isNaN(value)).sort()
  const middle = tried.length === 0 ? undefined : tried[Math.floor(tried.length / 2)]!
  const share = tried.length === 0 || metric.neutral === undefined ? undefined : goodShare(tried, input)
  const given = (value: number | undefined) => (value === undefined ? undefined : short(Number(value.toPrecision(4))))
  return [
    {
      name: `Best ${metric.name}${metric.unit === '' ? '' : `, ${metric.unit}`}`,
      value: given(first?.value),
      title: first === undefined ? '' : full(first.value),
      more: first === undefined ? 'no trial gave a number' : paramsText(first.params),
    },
    {
      name: `Median ${metric.name}`,
      value: given(middle),
      title: middle === undefined ? '' : full(middle),
      more: 'of the points that are shown',
    },
    {
      name: 'Better than neutral, % of points',
      value: given(share),
      title: share === undefined ? '' : full(share),
      more: share === undefined ? 'the metric has no neutral value' : `than ${short(metric.neutral!)}`,
    },
    { name: 'Trials of this study', value: short(trials), title: full(trials), more: `chosen by ${search}` },
    {
      name: 'Failed',
      value: short(failed),
      title: full(failed),
      more: `${counted(refused, 'combination')} refused by the strategy`,
    },
    {
      name: 'Trials ever made',
      value: short(trialsSoFar),
      title: full(trialsSoFar),
      more: 'on this market',
    },
  ]
}

function goodShare(tried: Float64Array, { metric: { neutral, better } }: HeatmapInput): number {
  const good = tried.filter((value) => (better === 'larger' ? value > neutral! : value < neutral!)).length
  return (good / tried.length) * 100
}

function bestTable({ best, figures, metric, axes }: HeatmapInput): Html {
  if (best.length === 0) return html`<div class="box"><p class="empty">There is no trial to list.</p></div>`
  const names = [...new Set([...axes.map(({ name }) => name), ...best.flatMap(({ params }) => Object.keys(params))])]
  const isNumber = (name: string) => best.every(({ params }) => typeof (params[name] ?? 0) === 'number')
  const head = (name: string, unit: string) => (unit === '' ? name : `${name}, ${unit}`)
  const cell = (value: number | undefined) =>
    html`<td class="number" title="${value === undefined ? '' : full(value)}">${value === undefined || Number.isNaN(value) ? '–' : short(Number(value.toPrecision(4)))}</td>`
  return box(
    'best',
    `The best ${full(best.length)}`,
    html`<table><thead><tr><th class="number">Rank</th>${names.map((name) => html`<th${isNumber(name) && html` class="number"`}>${name}</th>`)}<th class="number">${head(metric.name, metric.unit)}</th>${figures.map(({ name, unit }) => html`<th class="number">${head(name, unit)}</th>`)}<th class="number">Trial</th></tr></thead><tbody>${best.map(
      ({ trial, params, value, figures: own }, rank) =>
        html`<tr><td class="number">${rank + 1}</td>${names.map((name) => html`<td${isNumber(name) && html` class="number"`}>${params[name] === undefined ? '–' : valueText(params[name])}</td>`)}${cell(value)}${figures.map((_, at) => cell(own[at]))}<td class="number">${full(trial)}</td></tr>`,
    )}</tbody></table>`,
  )
}
