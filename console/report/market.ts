// The market of one instrument and our position in it, over one time axis, with the regimes behind the price.
import { positionCaption, priceCaption } from './captions.ts'
import type { InstrumentCharts, RegimeBands, ReportData } from './data.ts'
import { full, percent } from './format.ts'
import { figure } from './frames.ts'
import { type Html, html } from './html.ts'

export function marketFigure(instrument: InstrumentCharts, index: number, data: ReportData): Html {
  const { symbol, quote, unit, priceOf, regimes } = instrument
  const name = data.instruments.length > 1 ? `${symbol}: ` : ''
  const shown = regimes.filter(({ times }) => times.length > 0)
  const first = mostTelling(shown)
  return figure(`market-${index}`, [
    {
      ...{
        id: `price-${index}`,
        title: `${name}${priceOf}`,
        unit: quote,
        caption: `${priceCaption(instrument, data)}${regimeText(first)}`,
      },
      tools: shown.length === 0 ? undefined : html`${shown.map((one) => switchOf(one.horizon, index, one === first))}`,
      legend: shown.length === 0 ? undefined : html`${shown.map((one) => legendOf(one, index, one !== first))}`,
    },
    { id: `position-${index}`, title: `${name}position`, unit, caption: positionCaption(instrument) },
  ])
}

/** The horizon over which no regime held nearly all of the time. */
function mostTelling(regimes: readonly RegimeBands[]): RegimeBands | undefined {
  const most = ({ shares }: RegimeBands) => Math.max(...shares)
  return [...regimes].sort((a, b) => most(a) - most(b))[0]
}

function switchOf(horizon: string, index: number, pressed: boolean): Html {
  return html`<button type="button" data-regimes="${index}:${horizon}" aria-pressed="${pressed ? 'true' : 'false'}">regime ${horizon}</button>`
}

/** Each regime with its colour and its share of the time, the longest first. */
function legendOf({ horizon, labels, tones, shares, entries }: RegimeBands, index: number, hidden: boolean): Html {
  const order = labels.map((_, at) => at).sort((a, b) => shares[b]! - shares[a]!)
  return html`<div class="legend regimes" data-legend="${index}:${horizon}"${hidden && html` hidden`}>${order.map(
    (at) =>
      html`<span class="key" title="${full(entries[at]!)} times"><i style="background: var(--regime-${tones[at]!})"></i>${labels[at]!.toLowerCase().replaceAll('_', ' ')} <span class="muted">${percent(shares[at]!)} %</span></span>`,
  )}</div>`
}

/** What was most of the time, and where it comes from. */
function regimeText(first: RegimeBands | undefined): string {
  if (first === undefined) return ''
  const { horizon, labels, shares, entries, source } = first
  const most = shares.indexOf(Math.max(...shares))
  const changes = entries.reduce((sum, one) => sum + one, 0) - 1
  const made = source === 'run' ? 'kept by the run' : 'computed for this report; the run did not use them'
  return ` Bands: the regime over ${horizon}, ${labels[most]!.toLowerCase().replaceAll('_', ' ')} for ${percent(shares[most]!)} % of the time, ${full(changes)} change${changes === 1 ? '' : 's'}; ${made}.`
}
