// The page of a report: the answer first, then question by question, then tables, then config and hashes (LOOK.md).

import { client, styles } from './assets.ts'
import { breakdownTables } from './breakdowns.ts'
import { drawdownCaption, equityCaption, resultsCaption } from './captions.ts'
import type { ReportData } from './data.ts'
import { documentOf } from './document.ts'
import { embed } from './embed.ts'
import { fallTable } from './falls.ts'
import { isFlatBeside } from './flat.ts'
import { durationOf, full, isoOf } from './format.ts'
import { figure } from './frames.ts'
import { headline } from './headline.ts'
import { distributions } from './histogram.ts'
import { type Html, html } from './html.ts'
import { benchmarkLook, lookOf } from './looks.ts'
import { marginSection } from './margin.ts'
import { marketFigure } from './market.ts'
import { moneyTable } from './money.ts'
import { monthTable } from './months.ts'
import { rollingFigure } from './rolling.ts'
import { seatTable, settingsOf } from './seats.ts'
import { assumptionTable, hashTable, metricTables, openTable, problemTable, refusalTable } from './tables.ts'
import { verdictOf, whyNoTrades } from './verdict.ts'

/**
 * One self-contained HTML file: styles, script, chart library and data are inside it, nothing is ever requested.
 *
 * In:  data — of one run; a million points a curve are fine.
 */
export function renderReport(data: ReportData): string {
  const title = `${strategiesOf(data)} on ${symbolsOf(data)}: ${verdictOf(data).word.toLowerCase()}`
  return documentOf({
    title,
    version: data.version,
    style: styles(),
    data: embed(data),
    script: client(),
    body: html`${top(data)}
<main>
<noscript><p class="why">Charts and the list of round trips are drawn by a script; every figure is here without it.</p></noscript>
<p class="why" id="failed" hidden></p>
${data.equity.times.length === 0 ? html`<p class="why">This run stored no account: nothing to draw. Run it again: <code>npx smartspeed backtest --name ${data.run}</code></p>` : equityFigure(data)}
${seatTable(data)}
${fallTable(data)}
<h2>Where did the money go?</h2>
${moneyTable(data)}
${breakdownTables(data)}
<h2>Was it luck?</h2>
${metricTables(data)}
${distributions(data)}
${monthTable(data)}
${rollingFigure(data)}
<h2>What did the market do, and where did we stand?</h2>
${data.instruments.map((instrument, index) => marketFigure(instrument, index, data))}
${marginSection(data)}
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
<footer>Made by smartspeed ${data.version} from run <span class="id">${data.run}</span>. The same input gives the same bytes: <code>npx smartspeed parity ${data.run}</code></footer>`,
  })
}

function symbolsOf({ instruments }: ReportData): string {
  return instruments.map(({ symbol }) => symbol).join(', ')
}

function top(data: ReportData): Html {
  const { seats, instruments, source, from, to, run, activity, luck } = data
  const exchanges = [...new Set(instruments.map((one) => one.exchange))].join(', ')
  const settings = seats.length === 1 ? settingsOf(seats[0]!.params) : ''
  const verdict = verdictOf(data)
  const why = whyNoTrades(data)
  return html`<header>
<h1>${strategiesOf(data)} · ${symbolsOf(data)} on ${exchanges}</h1>
<button type="button" id="theme" class="theme" aria-label="Colours: as the system">as the system</button>
<p class="muted" style="grid-column: 1 / -1; margin: 0">${source} from ${isoOf(from)} to ${isoOf(to)} UTC (${durationOf((to - from) / 1_000)}, ${full(activity.marketRows)} rows) · run <span class="id">${run}</span>${settings !== '' && html`<br>${settings}`}</p>
<div class="verdict"><span class="mark ${verdict.level}">${verdict.word}</span>${verdict.sentence}
${verdict.doubts.length > 0 && html`<ul class="doubts">${verdict.doubts.map((doubt) => html`<li>${doubt}</li>`)}</ul>`}</div>
${luck !== undefined && html`<p class="muted" id="luck" style="grid-column: 1 / -1; margin: 0">${luckText(luck)}</p>`}
</header>
${why !== undefined && html`<section class="why" id="why"><p><b>Why there are no trades.</b> ${why.why}</p><p>${why.next}</p></section>`}
${headline(data)}`
}

/** How many were tried, and what validation said: on the first screen, since it decides what the rest is worth. */
function luckText({ trials, verdicts }: NonNullable<ReportData['luck']>): Html {
  const tried =
    trials === 1 ? 'The only trial that was made on this market' : `${full(trials)} trials were made on this market`
  const mark = { green: 'good', amber: 'caution', red: 'bad' } as const
  const said = verdicts.map(
    (one) =>
      html` · <span class="mark ${mark[one.verdict]}">${one.verdict}</span>${one.strategy} by study <span class="id">${one.study}</span>, its page: the same <code>npx smartspeed validate</code> with <code>--name ${one.study} --report FILE.html</code>`,
  )
  return html`${tried}${said.length === 0 ? html` · validation: none, see <code>npx smartspeed validate --help</code>` : said}`
}

/** Each strategy once, in the order of the run. */
function strategiesOf({ seats }: ReportData): string {
  return [...new Set(seats.map(({ strategy }) => strategy))].join(' + ')
}

function equityFigure(data: ReportData): Html {
  const { currency, equity, benchmark, seats } = data
  const held = {
    name: 'buy and hold',
    look: benchmarkLook,
    hidden: benchmark !== undefined && isFlatBeside(equity, benchmark.equity),
  }
  const results = {
    ...{
      id: 'results',
      title: 'result by account',
      unit: `${currency} since the start`,
      caption: resultsCaption(data),
    },
    name: 'all accounts',
    lines: seats.map(({ account }, at) => ({ name: account, look: lookOf(at) })),
  }
  return figure('equity', [
    {
      ...{ id: 'equity', title: 'Equity at mark', unit: currency, caption: equityCaption(data), log: true },
      name: 'equity',
      lines: benchmark === undefined ? [] : [held],
    },
    ...(seats.length > 1 ? [results] : []),
    { id: 'drawdown', title: 'Drawdown', unit: '% of the highest equity so far', caption: drawdownCaption(data) },
  ])
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
