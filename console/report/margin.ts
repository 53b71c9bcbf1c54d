// How near margin accounts came to liquidation, what they needed for that, and what it cost.
import type { MarginAccountLine, MarginUse, Peak, ReportData } from './data.ts'
import { full, fullE8, isoOf, percent, short } from './format.ts'
import { figure } from './frames.ts'
import { type Html, html } from './html.ts'
import { lookOf } from './looks.ts'
import { mostRatio } from './scan-margin.ts'
import { box } from './tables.ts'

/** A chart of the ratio, a line an account, and one a position; nothing where nobody asked for margin. */
export function marginSection(data: ReportData): Html {
  const { margin, currency } = data
  if (margin === undefined) return html``
  const { accounts, positions } = margin
  const [first, ...others] = accounts
  const chart = {
    ...{ id: 'margin', title: 'margin ratio', unit: '% of the balance behind it; liquidated at 100' },
    ...{ caption: captionOf(data), name: first!.account },
    lines: others.map(({ account }, at) => ({ name: account, look: lookOf(at + 1) })),
  }
  return html`<h2>How near was liquidation?</h2>
${figure('margin', [chart])}
<div class="under">${box(
    'margin-accounts',
    `Accounts, at their highest; money in ${currency}`,
    html`<table><thead><tr><th>Account</th><th class="number">Margin ratio, %</th><th class="number">Leverage, ×</th>${heads}</tr></thead><tbody>${accounts.map(accountRow)}</tbody></table>`,
  )}</div>
${positions.length > accounts.length && positionTable(data, positions)}`
}

/** Of one instrument an account is its position. */
function positionTable({ seats, currency }: ReportData, positions: readonly MarginUse[]): Html {
  const several = seats.length > 1
  const row = (one: MarginUse) =>
    html`<tr>${several && html`<td>${one.account}</td>`}<th scope="row">${one.symbol}</th>${useCells(one)}</tr>`
  return html`<div class="under">${box(
    'margin-positions',
    `Positions by instrument, at their highest; money in ${currency}`,
    html`<table><thead><tr>${several && html`<th>Account</th>`}<th>Symbol</th>${heads}</tr></thead><tbody>${positions.map(row)}</tbody></table>`,
  )}</div>`
}

const heads = [
  'Value',
  'Initial margin',
  'Maintenance',
  'Liquidations',
  'Liquidation fees',
  'Funding paid',
  'Funding received',
].map((name) => html`<th class="number">${name}</th>`)

function accountRow(line: MarginAccountLine): Html {
  const { account, highest, leverage } = line
  const ratio =
    highest.value >= mostRatio
      ? html`<td class="number">≥ ${mostRatio * 100}</td>`
      : peakCell({ ...highest, value: highest.value * 100 })
  return html`<tr><th scope="row">${account}</th>${ratio}${peakCell(leverage)}${useCells(line)}</tr>`
}

function useCells(use: MarginUse): Html {
  const { value, initial, maintenance, liquidations, liquidationFees, fundingPaid, fundingReceived } = use
  const paid = [liquidationFees, fundingPaid, fundingReceived]
  return html`${[value, initial, maintenance].map(peakCell)}<td class="number">${full(liquidations)}</td>${paid.map((amount) => html`<td class="number" title="${fullE8(amount)}">${short(Number(amount) / 1e8)}</td>`)}`
}

function peakCell({ value, time }: Peak): Html {
  if (time === undefined) return html`<td class="number muted">–</td>`
  return html`<td class="number" title="${full(value)} at ${isoOf(time)}">${short(value)}</td>`
}

/** How high it was, and what came of it. */
function captionOf({ margin, currency }: ReportData): string {
  const { accounts, fund } = margin!
  const [worst] = [...accounts].sort((a, b) => b.highest.value - a.highest.value)
  const { highest, account } = worst!
  if (highest.time === undefined) return 'No contract was held: nothing had to be covered.'
  const whose = accounts.length > 1 ? ` of ${account}` : ''
  const most = highest.value >= mostRatio ? `${mostRatio * 100} % or more` : `${percent(highest.value)} %`
  const sums = accounts.reduce(
    (sum, { liquidations, liquidationFees }) => ({ count: sum.count + liquidations, fees: sum.fees + liquidationFees }),
    { count: 0, fees: 0n },
  )
  const left = fund === undefined ? '' : `, and holds ${fullE8(fund)} at the end`
  const came =
    sums.count === 0
      ? 'Nothing was liquidated.'
      : `The exchange liquidated in ${full(sums.count)} execution${sums.count === 1 ? '' : 's'}; the insurance fund took ${fullE8(sums.fees)} ${currency} in fees${left}.`
  return `At its highest the maintenance margin${whose} was ${most} of the balance (${isoOf(highest.time)} UTC). ${came}`
}
