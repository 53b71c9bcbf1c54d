// The frame of a study's page: self-contained as the report is, with its styles and what its script needs of it.
import { scriptOf, styles } from '../report/assets.ts'
import { documentOf } from '../report/document.ts'
import { packed } from '../report/embed.ts'
import { durationOf, full, isoOf, short } from '../report/format.ts'
import { type Html, html } from '../report/html.ts'
import type { Params, StudyCharts, Subject, Value } from './data.ts'

/** The page's script, in order: each may use what stands before it. Paths as console/report/assets.ts reads them. */
const scripts = [
  'format.ts',
  'client/columns.ts',
  'client/download.ts',
  'client/theme.ts',
  'client/ticks.ts',
  'client/static-table.ts',
  '../study/project.ts',
  '../study/client/shading.ts',
  '../study/client/curves.ts',
  '../study/client/map.ts',
  '../study/client/main.ts',
]

interface Shell {
  readonly subject: Subject
  readonly title: string
  /** Under the title. */
  readonly top: Html
  readonly body: Html
  readonly charts: StudyCharts
}

/** The whole page; nothing is ever requested. */
export function page({ subject, title, top, body, charts }: Shell): string {
  const { study, data, from, to, version } = subject
  return documentOf({
    title,
    version,
    style: styles(['../study/study.css']),
    data: packed(charts),
    script: scriptOf(scripts),
    body: html`<header>
<h1>${title}</h1>
<button type="button" id="theme" class="theme" aria-label="Colours: as the system">as the system</button>
<p class="muted" style="grid-column: 1 / -1; margin: 0">${data} from ${isoOf(from)} to ${isoOf(to)} UTC (${durationOf((to - from) / 1_000)}) · study <span class="id">${study}</span></p>
${top}
</header>
<main>
<noscript><p class="why">Charts are drawn by a script; every table is here without it.</p></noscript>
<p class="why" id="failed" hidden></p>
${body}
</main>
<footer>Made by smartspeed ${version} from study <span class="id">${study}</span>. The same trials give the same bytes.</footer>`,
  })
}

export interface Big {
  readonly name: string
  /** Undefined: it could not be given, and `more` says why. */
  readonly value: string | undefined
  /** In full precision. */
  readonly title: string
  readonly more: string
}

/** The six numbers under the title. */
export function headlineOf(numbers: readonly Big[]): Html {
  return html`<dl class="headline" id="headline">${numbers.map(
    ({ name, value, title, more }) =>
      html`<div><dt>${name}</dt><dd class="big" title="${title}">${value ?? html`<span class="muted">–</span>`}</dd><dd class="more">${more}</dd></div>`,
  )}</dl>`
}

/** The frame of a chart that the script draws. `choosers`: room above it for what a person may choose. */
export function chartFrame({
  id,
  title,
  unit,
  caption,
  keys,
  tools,
  legend,
}: {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly caption: string
  /** What the arrows do here. */
  readonly keys: string
  readonly tools?: Html
  readonly legend?: Html
}): Html {
  const named = unit === '' ? title : `${title}, ${unit}`
  return html`<figure id="figure-${id}"><div class="panel" id="panel-${id}">
<div class="panel-head"><h3>${named}</h3><output id="readout-${id}"></output><div class="tools">${tools}<button type="button" data-csv="${id}">data as CSV</button></div></div>
${legend}
<div class="plot" id="plot-${id}" tabindex="0" role="group" aria-label="${named}. ${keys}"></div>
</div>
<figcaption><p class="caption">${caption}</p></figcaption></figure>`
}

/** `fast=21, slow=150`. */
export function paramsText(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(', ')
}

export const valueText = (value: Value): string => (typeof value === 'number' ? full(value) : String(value))

/** `1 trial`, `12 trials`, with all digits up to ten thousand. */
export function counted(number: number, noun: string): string {
  return `${number < 10_000 ? full(number) : short(number)} ${noun}${number === 1 ? '' : 's'}`
}
