// Round trips by what they have in common: in which regime, hour, weekday, instrument or strategy money was made or lost.
import { type Group, unknownKey } from '../../operators/metrics/index.ts'
import type { Breakdown, ReportData } from './data.ts'
import { durationOf, full, short, signed } from './format.ts'
import { capital } from './frames.ts'
import { arrow } from './headline.ts'
import { type Html, html } from './html.ts'
import { box } from './tables.ts'

/** Below so many round trips differences between groups say little. */
const few = 100

/** A table for each way of grouping; the longest on a side of its own. */
export function breakdownTables({ breakdowns, currency, tripsOf }: ReportData): Html {
  if (breakdowns.length === 0) return html``
  const [first, ...others] = breakdowns
  const tables = others.map((one) => breakdownTable(one, currency))
  return html`<p>${sentence(breakdowns, currency, tripsOf)}</p><div class="tables breakdowns">${breakdownTable(first!, currency)}${tables.length > 0 && html`<div>${tables}</div>`}</div>`
}

function breakdownTable({ id, by, groups }: Breakdown, currency: string): Html {
  const largest = Math.max(...groups.map(({ net }) => Math.abs(net ?? 0)))
  return box(
    `by-${id}`,
    `By ${by}`,
    html`<table class="groups"><thead><tr><th>${capital(by.replace(/( of| at|,).*$/, ''))}</th><th class="number">Net, ${currency}</th><th class="share"></th><th class="number">Trips</th><th class="number">Won, %</th><th class="number">Won / lost</th><th class="number">Mean held</th></tr></thead><tbody>${groups.map((group) => groupRow(group, largest))}</tbody></table>`,
  )
}

function groupRow(
  { key, trades, net, winRate, profitFactor, averageHoldingMs, reasons }: Group,
  largest: number,
): Html {
  const worth = net ?? 0
  const side = worth > 0 ? 'gain' : worth < 0 ? 'loss' : undefined
  const share = largest === 0 ? 0 : (Math.abs(worth) / largest) * 100
  const bar = html`<span class="${worth > 0 ? 'plus' : 'less'}" style="width: ${share.toFixed(2)}%"></span>`
  const number = (value: number | null, text: (value: number) => string, reason: string | undefined) =>
    value === null
      ? html`<td class="number muted" title="${reason ?? ''}">–</td>`
      : html`<td class="number" title="${full(value)}">${text(value)}</td>`
  return html`<tr><th scope="row">${key === unknownKey ? 'not known yet' : key}</th><td class="number ${side ?? ''}" title="${full(worth)}">${side && arrow(side)}${signed(short(worth))}</td><td class="share">${share > 0 && bar}</td><td class="number">${full(trades ?? 0)}</td>${number(winRate === null ? null : winRate * 100, short, reasons.winRate)}${number(profitFactor, short, reasons.profitFactor)}${number(averageHoldingMs, durationOf, reasons.averageHoldingMs)}</tr>`
}

/** What stands out: the most and the least that any group of the first table and of the next made. */
function sentence(breakdowns: readonly Breakdown[], currency: string, trips: number): string {
  const text = ({ key, net, trades }: Group) => `${key} (${signed(short(net ?? 0))} in ${full(trades ?? 0)})`
  const extremes = breakdowns.slice(0, 2).map(({ by, groups }) => {
    const sorted = groups
      .filter(({ key, trades }) => (trades ?? 0) > 0 && key !== unknownKey)
      .sort((a, b) => (a.net ?? 0) - (b.net ?? 0))
    return `by ${by} from ${text(sorted[0]!)} to ${text(sorted.at(-1)!)}`
  })
  const doubt = trips < few ? ' Of so few round trips most differences are chance.' : ''
  return `Closed round trips after costs, ${currency}: ${extremes.join('; ')}.${doubt}`
}
