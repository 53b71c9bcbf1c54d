// The page of a report: the answer first, then question by question, then tables, then config and hashes (LOOK.md).

import { client, styles, uplotScript } from './assets.ts'
import { drawdownCaption, equityCaption, positionCaption, priceCaption } from './captions.ts'
import type { InstrumentCharts, ReportData } from './data.ts'
import { embed } from './embed.ts'
import { durationOf, full, isoOf } from './format.ts'
import { headline } from './headline.ts'
import { type Html, html, raw } from './html.ts'
import {
  assumptionTable,
  hashTable,
  metricTables,
  moneyTable,
  openTable,
  problemTable,
  refusalTable,
} from './tables.ts'
import { verdictOf, whyNoTrades } from './verdict.ts'

/**
 * One self-contained HTML file: styles, script, chart library and data are inside it, nothing is ever requested.
 *
 * In:  data — of one run; a million points a curve are fine.
 */
export function renderReport(data: ReportData): string {
  const { json, columns } = embed(data)
  const title = `${data.strategy} on ${symbolsOf(data)}: ${verdictOf(data).word.toLowerCase()}`
  const page = html`<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="smartspeed ${data.version}">
<title>${title}</title>
<style>${raw(styles())}</style>
</head>
<body>
${top(data)}
<main>
<noscript><p class="why">Charts and the list of round trips are drawn by a script; every figure is here without it.</p></noscript>
<p class="why" id="failed" hidden></p>
${data.equity.times.length === 0 ? html`<p class="why">This run stored no account: nothing to draw. Run it again: <code>npx smartspeed backtest --name ${data.run}</code></p>` : equityFigure(data)}
<h2>Where did the money go?</h2>
${moneyTable(data)}
<h2>Was it luck?</h2>
${metricTables(data)}
<h2>What did the market do, and where did we stand?</h2>
${data.instruments.map((instrument, index) => marketFigure(instrument, index, data))}
<h2>What was assumed?</h2>
${assumptionTable(data)}
<h2>What was wrong with the data?</h2>
${problemTable(data)}
<h2>What was refused?</h2>
${refusalTable(data)}
<h2>Round trips</h2>
${tripsBox(data)}
${openTable(data)}
<details id="config"><summary>Config and hashes</summary>
${hashTable(data)}
<div class="box"><div class="bar"><h3>Config</h3><button type="button" data-copy="config-text">copy</button></div><pre id="config-text" tabindex="0">${JSON.stringify(data.config, null, 2)}</pre></div>
</details>
</main>
<footer>Made by smartspeed ${data.version} from run <span class="id">${data.run}</span>. The same input gives the same bytes: <code>npx smartspeed parity ${data.run}</code></footer>
<script type="application/json" id="data">${raw(json)}</script>
<script type="text/plain" id="columns">${raw(columns)}</script>
<script>${raw(uplotScript())}</script>
<script type="module">${raw(client())}</script>
</body>
</html>
`
  return page.html
}

function symbolsOf({ instruments }: ReportData): string {
  return instruments.map(({ symbol }) => symbol).join(', ')
}

function top(data: ReportData): Html {
  const { strategy, params, instruments, source, from, to, run, activity } = data
  const exchanges = [...new Set(instruments.map((one) => one.exchange))].join(', ')
  const settings = Object.entries(params).map(([key, value]) => `${key} ${String(value)}`)
  const verdict = verdictOf(data)
  const why = whyNoTrades(data)
  return html`<header>
<h1>${[strategy, ...settings].join(', ')} · ${symbolsOf(data)} on ${exchanges}</h1>
<button type="button" id="theme" class="theme" aria-label="Colours: as the system">as the system</button>
<p class="muted" style="grid-column: 1 / -1; margin: 0">${source} from ${isoOf(from)} to ${isoOf(to)} UTC (${durationOf((to - from) / 1_000)}, ${full(activity.marketRows)} rows) · run <span class="id">${run}</span></p>
<div class="verdict"><span class="mark ${verdict.level}">${verdict.word}</span>${verdict.sentence}
${verdict.doubts.length > 0 && html`<ul class="doubts">${verdict.doubts.map((doubt) => html`<li>${doubt}</li>`)}</ul>`}</div>
</header>
${why !== undefined && html`<section class="why" id="why"><p><b>Why there are no trades.</b> ${why.why}</p><p>${why.next}</p></section>`}
${headline(data)}`
}

function equityFigure(data: ReportData): Html {
  return figure('equity', [
    { id: 'equity', title: 'Equity at mark', unit: data.currency, caption: equityCaption(data), log: true },
    { id: 'drawdown', title: 'Drawdown', unit: '% of the highest equity so far', caption: drawdownCaption(data) },
  ])
}

function marketFigure(instrument: InstrumentCharts, index: number, data: ReportData): Html {
  const { symbol, quote, unit, priceOf } = instrument
  const name = data.instruments.length > 1 ? `${symbol}: ` : ''
  const [price, position] = [priceCaption(instrument, data), positionCaption(instrument)]
  return figure(`market-${index}`, [
    { id: `price-${index}`, title: `${name}${priceOf}`, unit: quote, caption: price },
    { id: `position-${index}`, title: `${name}position`, unit, caption: position },
  ])
}

/** Charts over one shared time axis, and under them what to see in each. */
function figure(id: string, panels: readonly Panel[]): Html {
  return html`<figure id="figure-${id}">
${panels.map(panel)}
<figcaption>${panels.map((one) => html`<p class="caption"><b>${capital(one.title)}.</b> ${one.caption}</p>`)}</figcaption>
</figure>`
}

interface Panel {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly caption: string
  readonly log?: boolean
}

/** The frame of one chart; the script draws into it and writes the sentence under it. */
function panel({ id, title, unit, log }: Panel): Html {
  const shown = capital(title)
  return html`<div class="panel" id="panel-${id}">
<div class="panel-head"><h3>${shown}, ${unit}</h3><output id="readout-${id}"></output><div class="tools"><button type="button" data-reset="${id}" hidden>whole range</button>${log && html`<button type="button" id="log" aria-pressed="false">log</button>`}<button type="button" data-csv="${id}">data as CSV</button></div></div>
<div class="plot" id="plot-${id}" tabindex="0" role="group" aria-label="${shown}, ${unit}. Left and right arrows move the crosshair, with shift they move the range; up and down zoom; Escape shows the whole range."></div>
</div>`
}

function tripsBox({ trips, tripsOf, run, currency }: ReportData): Html {
  if (trips.length === 0) {
    return html`<div class="box"><p class="empty">No position was opened and closed again. Every execution: <code>npx smartspeed cat executions --run ${run}</code></p></div>`
  }
  const part = trips.length < tripsOf ? `The first ${full(trips.length)} of ${full(tripsOf)}` : full(tripsOf)
  return html`<div class="box long" id="trips" data-currency="${currency}"><div class="bar"><h3>${part} closed round trips</h3>
<input type="search" id="trips-filter" placeholder="long  net&lt;0  fills&gt;2" aria-label="Filter: words, or a column with &lt; or &gt; and a number">
<button type="button" id="trips-copy">copy</button><button type="button" id="trips-csv">data as CSV</button></div>
<div class="scroll" id="trips-scroll" tabindex="0" role="region" aria-label="Round trips"></div>
<p class="empty" id="trips-count"></p>
${trips.length < tripsOf && html`<p class="empty">All of them: <code>npx smartspeed trades ${run} --format csv</code></p>`}</div>`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
