// The months of a run, a year a row: the number in each cell, and its size as a tint.
import type { Month, MonthlyReturns } from '../../operators/metrics/index.ts'
import type { ReportData } from './data.ts'
import { full, percent, signed } from './format.ts'
import { still } from './frames.ts'
import { type Html, html } from './html.ts'

const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A run that saw less than two months has its return above. */
export const showsMonths = ({ months }: MonthlyReturns): boolean => months.filter(isKnown).length > 1

export function monthTable({ months }: ReportData): Html {
  if (!showsMonths(months)) return html``
  const known = months.months.filter(isKnown)
  const largest = Math.max(...known.map(({ totalReturn }) => Math.abs(totalReturn)))
  const cell = (year: number, month: number) => {
    return cellOf(
      known.find((one) => one.year === year && one.month === month),
      largest,
    )
  }
  return still(
    {
      id: 'months',
      title: 'Return of each month',
      unit: '% of equity at its beginning, UTC',
      caption: captionOf(known),
    },
    html`<div class="scroll"><table class="months"><thead><tr><th scope="col">Year</th>${names.map((name) => html`<th scope="col" class="number">${name}</th>`)}<th scope="col" class="number">Year</th></tr></thead>
<tbody>${months.years.map(({ year, totalReturn }) => html`<tr><th scope="row">${String(year)}</th>${names.map((_, at) => cell(year, at + 1))}${yearCell(totalReturn)}</tr>`)}</tbody></table></div>`,
  )
}

function cellOf(month: Month | undefined, largest: number): Html {
  if (month === undefined) return html`<td></td>`
  const value = month.totalReturn
  const part = isPart(month)
  // The tint ends where text on it would lose its contrast.
  const tint = largest === 0 ? 0 : Math.round((Math.abs(value) / largest) * 45)
  const colour = value >= 0 ? 'gain' : 'loss'
  return html`<td class="number" title="${full(value * 100)}" style="--tint: var(--${colour}); --share: ${tint}%">${text(value)}${part && '*'}</td>`
}

function yearCell(value: number): Html {
  if (Number.isNaN(value)) return html`<td class="number muted">–</td>`
  return html`<td class="number sum" title="${full(value * 100)}">${text(value)}</td>`
}

/** Three digits are enough to see a season. */
const text = (value: number): string => signed(percent(Number(value.toPrecision(3))))

/** A month that began with nothing or a debt has no return. */
const isKnown = ({ totalReturn }: Month): boolean => !Number.isNaN(totalReturn)

/** The data begin or end within it. */
const isPart = ({ year, month, days }: Month): boolean => days < new Date(Date.UTC(year, month, 0)).getUTCDate()

function captionOf(months: readonly Month[]): string {
  const sorted = [...months].sort((a, b) => a.totalReturn - b.totalReturn)
  const [worst, best] = [sorted[0]!, sorted.at(-1)!]
  const won = months.filter(({ totalReturn }) => totalReturn > 0).length
  const named = ({ year, month, totalReturn }: Month) => `${names[month - 1]} ${year} with ${text(totalReturn)} %`
  const part = months.some(isPart) ? ' * The data begin or end within this month.' : ''
  return `${full(won)} of ${full(months.length)} months won; the best was ${named(best)}, the worst ${named(worst)}.${part}`
}

export function monthsCsv({ months }: MonthlyReturns): string[] {
  const rows = months.map(({ year, month, totalReturn, days }) => {
    return `${year},${month},${Number.isNaN(totalReturn) ? '' : totalReturn},${days}`
  })
  return ['year,month,return,days', ...rows]
}
