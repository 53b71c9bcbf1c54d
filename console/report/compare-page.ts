// Several runs on one page: their returns and drawdowns over one time axis, their figures side by side, what they were given apart.
import { client, styles } from './assets.ts'
import type { ClientData, ReportData, Series } from './data.ts'
import { documentOf } from './document.ts'
import { packed } from './embed.ts'
import { durationOf, isoOf, percent, short, signed } from './format.ts'
import { figure } from './frames.ts'
import { type Html, html } from './html.ts'
import { lookOf } from './looks.ts'
import { metricGroups } from './metrics.ts'
import { box } from './tables.ts'
import { verdictOf } from './verdict.ts'

/** One of the runs. */
export interface Compared {
  readonly data: ReportData
  /** Whether it is better than the first one beyond luck, in a sentence; of the first one nothing. */
  readonly luck: string
  /** Settings in which it is not like the first one. */
  readonly settings: readonly { readonly key: string; readonly value: string; readonly first: string }[]
}

/**
 * One self-contained HTML file, as the page of a single run is.
 *
 * In:  runs — two or more; the first is what the others are held against.
 */
export function renderComparison(runs: readonly Compared[]): string {
  const all = runs.map(({ data }) => data)
  const names = all.map(({ run }) => run)
  return documentOf({
    title: `${names.join(', ')}: compared`,
    version: all[0]!.version,
    style: styles(),
    data: packed(clientData(all)),
    script: client(),
    body: html`<header>
<h1>${names.join(' · ')}</h1>
<button type="button" id="theme" class="theme" aria-label="Colours: as the system">as the system</button>
<p class="muted" style="grid-column: 1 / -1; margin: 0">${full(all)}</p>
<div class="verdict"><span class="mark ${levelOf(bestOf(all))}">${bestOf(all)?.run ?? 'No difference'}</span>${sentenceOf(runs)}</div>
</header>
<main>
<noscript><p class="why">Charts are drawn by a script; every figure is here without it.</p></noscript>
<p class="why" id="failed" hidden></p>
${curves(all)}
<h2>How do they differ?</h2>
${headTable(runs)}
<div class="under">${settingsTable(runs)}</div>
<h2>Every figure</h2>
${metricTables(all).map((one) => html`<div class="under">${one}</div>`)}
</main>
<footer>Made by smartspeed ${all[0]!.version}. Where the outputs of two of them part: <code>npx smartspeed runs compare ${names[0]} ${names[1]}</code></footer>`,
  })
}

/** The run that returned most, where one did. */
function bestOf(all: readonly ReportData[]): ReportData | undefined {
  const sorted = all.toSorted((a, b) => returnOf(b) - returnOf(a))
  return returnOf(sorted[0]!) > returnOf(sorted[1]!) ? sorted[0] : undefined
}

/** To have lost least is no reason for green. */
const levelOf = (best: ReportData | undefined): string =>
  best !== undefined && returnOf(best) > 0 ? 'good' : 'caution'

const returnOf = ({ performance }: ReportData): number => performance.totalReturn ?? Number.NEGATIVE_INFINITY

function sentenceOf(runs: readonly Compared[]): string {
  const best = bestOf(runs.map(({ data }) => data))
  const most = best === undefined ? 'None returned more than the others.' : `It returned most: ${returnText(best)} %.`
  return [most, ...runs.slice(1).map(({ data, luck }) => `${data.run} beside ${runs[0]!.data.run}: ${luck}.`)].join(' ')
}

function returnText({ performance: { totalReturn } }: ReportData): string {
  return totalReturn === null ? '–' : signed(percent(totalReturn))
}

function full(all: readonly ReportData[]): string {
  const [from, to] = [Math.min(...all.map((one) => one.from)), Math.max(...all.map((one) => one.to))]
  const markets = [
    ...new Set(all.flatMap(({ instruments }) => instruments.map(({ exchange, symbol }) => `${symbol} on ${exchange}`))),
  ]
  return `${markets.join(', ')} from ${isoOf(from)} to ${isoOf(to)} UTC (${durationOf((to - from) / 1000)})`
}

function curves(all: readonly ReportData[]): Html {
  const lines = all.slice(1).map(({ run }, at) => ({ name: run, look: lookOf(at) }))
  const name = all[0]!.run
  const deepest = all.toSorted((a, b) => depthOf(a) - depthOf(b))[0]!
  return figure('compared', [
    {
      ...{ id: 'compared', title: 'return', unit: '% of the start', name, lines },
      caption: `At the end ${all.map((one) => `${one.run} ${returnText(one)} %`).join(', ')}.`,
    },
    {
      ...{ id: 'compared-drawdown', title: 'drawdown', unit: '% of the highest equity so far', name, lines },
      caption: `The deepest was that of ${deepest.run}: ${signed(percent(depthOf(deepest)))} %.`,
    },
  ])
}

const depthOf = ({ performance }: ReportData): number => performance.intradayMaxDrawdown ?? 0

/** What a reader asks first, a run a row. */
function headTable(runs: readonly Compared[]): Html {
  const cell = (value: number | null, text: (value: number) => string) =>
    value === null ? html`<td class="number muted">–</td>` : html`<td class="number">${text(value)}</td>`
  const share = (value: number) => signed(percent(value))
  return box(
    'runs',
    'The runs',
    html`<table><thead><tr><th>Run</th><th>Verdict</th><th class="number">Return, % of the start</th><th class="number">Drawdown, % of the peak</th><th class="number">Sharpe ratio</th><th class="number">Round trips</th><th class="number">Won, %</th></tr></thead><tbody>${runs.map(
      ({ data }) =>
        html`<tr><th scope="row" class="id">${data.run}</th><td>${verdictOf(data).word}</td>${cell(data.performance.totalReturn, share)}${cell(data.performance.intradayMaxDrawdown, share)}${cell(data.performance.sharpe, (value) => signed(short(value)))}<td class="number">${data.tripsOf}</td>${cell(data.performance.winRate, percent)}</tr>`,
    )}</tbody></table>`,
  )
}

function settingsTable(runs: readonly Compared[]): Html {
  const keys = [...new Set(runs.flatMap(({ settings }) => settings.map(({ key }) => key)))].sort()
  if (keys.length === 0) return html`<div class="box"><p class="empty">They were given the same settings.</p></div>`
  const first = (key: string) => runs.flatMap(({ settings }) => settings).find((one) => one.key === key)!.first
  const value = ({ settings }: Compared, key: string) => settings.find((one) => one.key === key)?.value ?? first(key)
  return box(
    'settings',
    'What they were given apart',
    html`<table><thead><tr><th>Setting</th>${runs.map(({ data }) => html`<th class="id">${data.run}</th>`)}</tr></thead><tbody>${keys.map(
      (key) => html`<tr><th scope="row">${key}</th>${runs.map((run) => html`<td>${value(run, key)}</td>`)}</tr>`,
    )}</tbody></table>`,
  )
}

/** Every figure that one of the runs has, a run a column. */
function metricTables(all: readonly ReportData[]): readonly Html[] {
  const groups = all.map(({ performance, currency }) => metricGroups(performance, currency))
  return groups[0]!.map(({ title, rows }, group) => {
    const kept = rows.map((row, at) => ({ ...row, values: groups.map((one) => one[group]!.rows[at]!) }))
    const given = kept.filter(({ values }) => values.some(({ value }) => value !== undefined))
    return box(
      `metrics-${group}`,
      title,
      html`<table><thead><tr><th>Figure</th>${all.map(({ run }) => html`<th class="number">${run}</th>`)}<th>Unit</th></tr></thead><tbody>${given.map(
        ({ name, unit, values }) =>
          html`<tr><th scope="row">${name}</th>${values.map(({ value, detail }) => html`<td class="number" title="${detail}">${value ?? '–'}</td>`)}<td class="unit">${unit}</td></tr>`,
      )}</tbody></table>`,
    )
  })
}

function clientData(all: readonly ReportData[]): ClientData {
  const none = { times: new Float64Array(0), values: new Float64Array(0), of: 0 }
  const empty = { rows: 0, accounts: [], symbols: [] }
  return {
    ...{ run: all.map(({ run }) => run).join('-'), currency: '%', startEquity: 0, equity: none, benchmark: undefined },
    from: Math.min(...all.map(({ from }) => from)),
    to: Math.max(...all.map(({ to }) => to)),
    ...{ instruments: [], gaps: [], falls: [], rolling: [], results: [], margin: [], tables: {} },
    trips: empty as unknown as ClientData['trips'],
    compared: all.map((one) => ({ name: one.run, series: returnsOf(one) })),
  }
}

/** Equity as percent of what the run began with. */
function returnsOf({ equity: { times, values, of }, money }: ReportData): Series {
  const start = Number(money.start) / 1e8
  return { times, values: values.map((value) => (start > 0 ? (value / start - 1) * 100 : 0)), of }
}
