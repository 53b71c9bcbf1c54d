// Who traded: each strategy of a run with its own account, in one line.
import type { ReportData, SeatLine } from './data.ts'
import { full, fullE8, percent, short, signed } from './format.ts'
import { arrow } from './headline.ts'
import { type Html, html } from './html.ts'
import { box } from './tables.ts'

/** Nothing when there is one: the page is about it. */
export function seatTable({ seats, currency }: ReportData): Html {
  if (seats.length < 2) return html``
  return html`<div class="under">${box(
    'accounts',
    'Accounts, a strategy each',
    html`<table><thead><tr><th>Account</th><th>Strategy</th><th class="number">Start, ${currency}</th><th class="number">Net, ${currency}</th><th class="number">Return, % of start</th><th class="number">Drawdown, % of peak</th><th class="number">Fills</th><th class="number">Trips</th><th class="number">Won, %</th><th class="number">Fees, ${currency}</th><th class="number">Funding, ${currency}</th></tr></thead><tbody>${seats.map(seatRow)}</tbody></table>`,
  )}</div>`
}

function seatRow({
  account,
  strategy,
  params,
  start,
  end,
  fees,
  funding,
  fills,
  trips,
  winRate,
  maxDrawdown,
}: SeatLine): Html {
  const net = end - start
  const side = net > 0n ? 'gain' : net < 0n ? 'loss' : undefined
  const share = Number(net) / Number(start)
  return html`<tr><th scope="row">${account}</th><td title="${settingsOf(params)}">${strategy}</td><td class="number">${fullE8(start)}</td><td class="number ${side ?? ''}" title="${fullE8(net)}">${side && arrow(side)}${signed(short(Number(net) / 1e8))}</td><td class="number" title="${full(share * 100)}">${signed(percent(share))}</td><td class="number" title="${full(maxDrawdown * 100)}">${signed(percent(maxDrawdown))}</td><td class="number">${full(fills)}</td><td class="number">${full(trips)}</td>${winRate === undefined ? html`<td class="number muted">–</td>` : html`<td class="number" title="${full(winRate * 100)}">${percent(winRate)}</td>`}<td class="number" title="${fullE8(fees)}">${short(Number(fees) / 1e8)}</td><td class="number" title="${fullE8(funding)}">${signed(short(Number(funding) / 1e8))}</td></tr>`
}

/** `fast 10, slow 30`; a strategy among them by its name: the config at the foot of the page has the rest. */
export function settingsOf(params: SeatLine['params']): string {
  return Object.entries(params)
    .map(([key, value]) => `${key} ${spoken(value)}`)
    .join(', ')
}

function spoken(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return value.map(spoken).join(' ')
  if ('name' in value && typeof value.name === 'string') return value.name
  return Object.entries(value)
    .map(([key, one]) => `${key} ${spoken(one)}`)
    .join(' · ')
}
