// How results and times of round trips are spread: bars of plain HTML, which any width and paper can show.
import type { ReportData, Spread } from './data.ts'
import { durationOf, full, short, signed } from './format.ts'
import { type Frame, still } from './frames.ts'
import { type Html, html } from './html.ts'

type Side = 'gain' | 'loss' | 'even'

/** Both histograms, side by side; a sentence when no round trip was closed. */
export function distributions({ returns, holding }: ReportData): Html {
  if (returns.count === 0) return html``
  return html`<div class="tables figures">${still(returnFrame(returns), bars(returns, percentText, sideOf))}${still(
    holdingFrame(holding),
    bars(holding, durationOf, () => 'even'),
  )}</div>`
}

function returnFrame({ least, p05, median, p95, most, count }: Spread): Frame {
  const text = (value: number) => `${percentText(value)} %`
  const caption =
    count === 1
      ? `The one round trip gave ${text(median)}.`
      : `Of ${full(count)} round trips half gave less than ${text(median)}; nine in ten lay between ${text(p05)} and ${text(p95)}, the worst at ${text(least)}, the best at ${text(most)}.`
  return { id: 'returns', title: 'Results of round trips', unit: '% of the value entered, net', caption }
}

function holdingFrame({ least, median, p95, most, count }: Spread): Frame {
  const caption =
    count === 1
      ? `The one round trip was held for ${durationOf(median)}.`
      : `Half of the round trips were held for less than ${durationOf(median)}, one in twenty for longer than ${durationOf(p95)}; the shortest ${durationOf(least)}, the longest ${durationOf(most)}.`
  return { id: 'holding', title: 'Times held', unit: 'round trips in each bar', caption }
}

/** Lines of CSV: the bins and how many fell into each. */
export function histogramCsv({ edges, counts }: Spread, unit: string): string[] {
  return [
    `from_${unit},to_${unit},round_trips`,
    ...Array.from(counts, (count, at) => `${edges[at]},${edges[at + 1]},${count}`),
  ]
}

function bars(
  { edges, counts }: Spread,
  text: (value: number) => string,
  side: (from: number, to: number) => Side,
): Html {
  const most = Math.max(...counts)
  const zero = (0 - edges[0]!) / (edges.at(-1)! - edges[0]!)
  const [first, middle, last] = [edges[0]!, edges[Math.floor(edges.length / 2)]!, edges.at(-1)!]
  return html`<div class="histogram"><div class="count-axis"><span>${full(most)}</span><span>0</span></div>
<div class="bins" role="img" aria-label="${Array.from(counts, (count, at) => `${text(edges[at]!)} to ${text(edges[at + 1]!)}: ${count}`).join('; ')}">${Array.from(
    counts,
    (count, at) =>
      html`<span class="bin" title="${text(edges[at]!)} to ${text(edges[at + 1]!)}: ${full(count)}"><i class="${side(edges[at]!, edges[at + 1]!)}" style="height: ${((count / most) * 100).toFixed(2)}%"></i></span>`,
  )}${zero > 0 && zero < 1 && html`<b class="zero" style="left: ${(zero * 100).toFixed(2)}%"></b>`}</div>
<div class="value-axis"><span>${text(first)}</span><span>${text(middle)}</span><span>${text(last)}</span></div></div>`
}

/** A bin on both sides of zero is neither gain nor loss. */
function sideOf(from: number, to: number): Side {
  return from >= 0 ? 'gain' : to <= 0 ? 'loss' : 'even'
}

const percentText = (value: number): string => signed(short(Number(value.toPrecision(3))))
