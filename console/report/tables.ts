// The tables that need no script to be read; client/static-table.ts lets them be sorted, filtered and copied.
import type { ReportData } from './data.ts'
import { full, isoOf, signed } from './format.ts'
import { arrow } from './headline.ts'
import { type Html, html } from './html.ts'
import { benchmarkRows, type MetricRow, metricGroups } from './metrics.ts'
import { leastTrips } from './verdict.ts'

/** Every figure, and for each that is missing the reason. */
export function metricTables(data: ReportData): Html {
  const { performance, currency, tripsOf, activity } = data
  const few =
    activity.fills === 0
      ? 'There is nothing to judge without a trade.'
      : tripsOf < leastTrips
        ? `${full(tripsOf)} closed round trips cannot tell skill from luck; from ${leastTrips} on a mean begins to say something.`
        : 'These figures describe this run. Whether the parameters were fitted to these data shows only on data that nobody has looked at.'
  const boxes = metricGroups(performance, currency).map(({ title, rows }, at) =>
    figureBox(`metrics-${at}`, title, rows),
  )
  return html`<p>${few}</p><div class="columns">${boxes}${benchmarkTable(data)}</div>`
}

/** Figures with their values, and below them those that are missing, by the reason why. */
function figureBox(id: string, title: string, rows: readonly MetricRow[]): Html {
  const given = rows.filter(({ value }) => value !== undefined)
  const missing = missingText(rows)
  if (given.length === 0)
    return html`<div class="box" id="${id}"><div class="bar"><h3>${title}</h3></div>${missing}</div>`
  const table = html`<table><thead><tr><th>Figure</th><th class="number">Value</th><th>Unit</th></tr></thead><tbody>${given.map(metricRow)}</tbody></table>`
  return box(id, title, table, missing)
}

function metricRow({ name, unit, value, detail }: MetricRow): Html {
  return html`<tr><th scope="row">${name}</th><td class="number" title="${detail}">${value}</td><td class="unit">${unit}</td></tr>`
}

/** `Sharpe ratio, Sortino ratio: needs 30 days of data, has 5m 44s.`, a line a reason. */
function missingText(rows: readonly MetricRow[]): Html {
  const absent = rows.filter(({ value }) => value === undefined)
  const reasons = [...new Set(absent.map(({ detail }) => detail))]
  return html`${reasons.map((reason) => {
    const names = absent.filter(({ detail }) => detail === reason).map(({ name }) => name)
    return html`<p class="empty">${names.join(', ')}: ${reason}.</p>`
  })}`
}

/** How the run stands beside holding what it traded. */
function benchmarkTable({ benchmark, performance }: ReportData): Html {
  if (benchmark === undefined) return html``
  return figureBox('benchmark', 'Beside buying and holding, without costs', benchmarkRows(benchmark, performance))
}

export function assumptionTable({ assumptions }: ReportData): Html {
  return box(
    'assumptions',
    'What the simulation takes for granted',
    html`<table class="told"><thead><tr><th>Assumption</th><th>Value</th><th>What follows</th></tr></thead><tbody>${assumptions.map(
      ({ name, value, meaning, file }) =>
        html`<tr><th scope="row">${name}</th><td>${value}</td><td class="unit">${meaning}${file && html` <code>${file}</code>`}</td></tr>`,
    )}</tbody></table>`,
  )
}

export function problemTable({ problems, run }: ReportData): Html {
  if (problems.length === 0) {
    return empty(
      html`Nothing was found: no gap, no crossed book, no unreadable message. What was checked: <code>npx smartspeed cat health --run ${run}</code>`,
    )
  }
  return box(
    'problems',
    'Found in the data and the set-up',
    html`<table class="told"><thead><tr><th>Weight</th><th>What</th><th>Where</th><th class="number">Count</th><th>Detail</th></tr></thead><tbody>${problems.map(
      ({ level, what, where, count, detail }) =>
        html`<tr><td class="level-${level}">${level === 'bad' ? 'questions the result' : 'to know'}</td><td>${what}</td><td>${where}</td><td class="number">${count === undefined ? '' : full(count)}</td><td class="unit">${detail}</td></tr>`,
    )}</tbody></table>`,
  )
}

export function refusalTable({ refusals, activity, run }: ReportData): Html {
  if (refusals.length === 0) {
    return empty(
      html`No check and no venue refused anything of ${full(activity.signals)} signals and ${full(activity.orders)} orders. Each order's verdicts: <code>npx smartspeed cat orders --run ${run}</code>`,
    )
  }
  return box(
    'refusals',
    'By check and reason',
    html`<table class="told"><thead><tr><th>By</th><th>Check</th><th>Reason</th><th class="number">Count</th><th>The first one</th></tr></thead><tbody>${refusals.map(
      ({ by, check, reason, count, example }) =>
        html`<tr><td>${by}</td><td>${check}</td><td><code>${reason}</code></td><td class="number">${full(count)}</td><td class="unit">${example}</td></tr>`,
    )}</tbody></table>`,
  )
}

export function openTable({ open, seats, currency, to }: ReportData): Html {
  if (open.length === 0) return html``
  const several = seats.length > 1
  return html`<h2>Left open at ${isoOf(to)} UTC</h2>${box(
    'open',
    'Marked, not closed',
    html`<table><thead><tr>${several && html`<th>Account</th>`}<th>Symbol</th><th class="number">Size</th><th>Unit</th><th class="number">Entry price</th><th class="number">Mark</th><th class="number">Unrealized, ${currency}</th></tr></thead><tbody>${open.map(
      ({ account, symbol, size, unit, entryPrice, mark, unrealized }) =>
        html`<tr>${several && html`<td>${account}</td>`}<td>${symbol}</td><td class="number">${signed(full(size))}</td><td>${unit}</td><td class="number">${entryPrice === undefined ? '–' : full(entryPrice)}</td><td class="number">${mark === undefined ? '–' : full(mark)}</td><td class="number ${unrealized > 0 ? 'gain' : unrealized < 0 ? 'loss' : ''}">${unrealized === 0 ? undefined : arrow(unrealized > 0 ? 'gain' : 'loss')}${signed(full(unrealized))}</td></tr>`,
    )}</tbody></table>`,
  )}`
}

export function hashTable({ hashes }: ReportData): Html {
  return box(
    'hashes',
    'SHA-256',
    html`<table><thead><tr><th>Of</th><th>Hash</th></tr></thead><tbody>${Object.entries(hashes).map(
      ([name, hash]) => html`<tr><th scope="row">${name}</th><td class="id">${hash}</td></tr>`,
    )}</tbody></table>`,
  )
}

/** A titled table that the script makes sortable, and filterable when it is long. */
export function box(id: string, title: string, table: Html, below: Html = html``): Html {
  return html`<div class="box static" id="${id}"><div class="bar"><h3>${title}</h3></div><div class="scroll">${table}</div>${below}</div>`
}

function empty(text: Html): Html {
  return html`<div class="box"><p class="empty">${text}</p></div>`
}
