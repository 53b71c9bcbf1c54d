// Charts of plain HTML: how values are spread, and two values a window. Any width and paper can show them.
import { histogramOf } from '../../operators/metrics/index.ts'
import { full, isoOf, short } from '../report/format.ts'
import { still } from '../report/frames.ts'
import { type Html, html } from '../report/html.ts'
import type { Window } from './data.ts'

export interface SpreadChart {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly caption: string
  readonly values: Float64Array
  /** What the values are, in the head of the CSV. */
  readonly name: string
}

/** A histogram; what is below zero is hatched, and zero has a line. */
export function spreadFigure({ id, title, unit, caption, values }: SpreadChart): Html {
  const { edges, counts } = histogramOf(values, { most: 40 })
  const most = Math.max(...counts)
  const [low, high] = [edges[0]!, edges.at(-1)!]
  const zero = -low / (high - low)
  const text = (at: number) => short(Number(edges[at]!.toPrecision(3)))
  const named = (at: number) => `${text(at)} to ${text(at + 1)}: ${full(counts[at]!)}`
  const sideOf = (at: number) => (edges[at]! >= 0 ? 'gain' : edges[at + 1]! <= 0 ? 'loss' : 'even')
  return still(
    { id, title, unit, caption },
    html`<div class="histogram"><div class="count-axis"><span>${full(most)}</span><span>0</span></div>
<div class="bins" role="img" aria-label="${Array.from(counts, (_, at) => named(at)).join('; ')}">${Array.from(
      counts,
      (count, at) =>
        html`<span class="bin" title="${named(at)}"><i class="${sideOf(at)}" style="height: ${((count / most) * 100).toFixed(2)}%"></i></span>`,
    )}${zero > 0 && zero < 1 && html`<b class="zero" style="left: ${(zero * 100).toFixed(2)}%"></b>`}</div>
<div class="value-axis"><span>${text(0)}</span><span>${text(Math.floor((edges.length - 1) / 2))}</span><span>${text(edges.length - 1)}</span></div></div>`,
  )
}

/** Every value, in the order in which it came. */
export function spreadCsv({ values, name }: SpreadChart): string[] {
  return [name, ...Array.from(values, String)]
}

/** Two bars a window from a common zero: pale in sample, full out of sample; below zero hatched. */
export function windowFigure(windows: readonly Window[], caption: string): Html {
  const all = windows.flatMap(({ inSampleSharpe, outOfSampleSharpe }) => [inSampleSharpe, outOfSampleSharpe])
  const known = all.filter(Number.isFinite)
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)]
  const span = high - low || 1
  const bar = (value: number, kind: string) => {
    if (!Number.isFinite(value)) return html`<i></i>`
    const from = ((Math.min(value, 0) - low) / span) * 100
    const size = (Math.abs(value) / span) * 100
    return html`<i class="${kind} ${value < 0 ? 'loss' : 'gain'}" style="bottom: ${from.toFixed(2)}%; height: ${size.toFixed(2)}%"></i>`
  }
  const named = ({ testFrom, inSampleSharpe, outOfSampleSharpe }: Window) =>
    `tried from ${dayOf(testFrom)}: in sample ${text(inSampleSharpe)}, out of sample ${text(outOfSampleSharpe)}`
  return still(
    { id: 'windows', title: 'Sharpe ratio of each window', unit: 'a year', caption },
    html`<div class="legend"><span class="key"><i class="pair-key in-sample gain"></i>in sample</span><span class="key"><i class="pair-key gain"></i>out of sample</span><span class="key"><i class="pair-key loss"></i>below zero</span></div>
<div class="histogram"><div class="count-axis"><span>${text(high)}</span><span>${text(low)}</span></div>
<div class="pairs" role="img" aria-label="${windows.map(named).join('; ')}">${windows.map(
      (window) =>
        html`<span class="pair" title="${named(window)}">${bar(window.inSampleSharpe, 'in-sample')}${bar(window.outOfSampleSharpe, 'out-of-sample')}</span>`,
    )}<b class="level" style="bottom: ${((-low / span) * 100).toFixed(2)}%"></b></div>
<div class="value-axis"><span>${dayOf(windows[0]!.testFrom)}</span>${windows.length > 1 && html`<span>${dayOf(windows.at(-1)!.testFrom)}</span>`}</div></div>`,
  )
}

export function windowsCsv(windows: readonly Window[]): string[] {
  const names = [...new Set(windows.flatMap(({ params }) => Object.keys(params)))]
  const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  return [
    [
      ...['train_from', 'train_to', 'test_from', 'test_to'],
      ...names.map(quoted),
      ...['in_sample_sharpe', 'out_of_sample_sharpe', 'out_of_sample_return'],
    ].join(','),
    ...windows.map((one) =>
      [
        ...[one.trainFrom, one.trainTo, one.testFrom, one.testTo].map((time) => `${isoOf(time)}Z`),
        ...names.map((name) => quoted(String(one.params[name] ?? ''))),
        ...[one.inSampleSharpe, one.outOfSampleSharpe, one.outOfSampleReturn].map((value) =>
          Number.isNaN(value) ? '' : value,
        ),
      ].join(','),
    ),
  ]
}

/** The date of a time: windows are days and longer. */
export const dayOf = (time: number): string => isoOf(time).slice(0, 10)

const text = (value: number): string => (Number.isFinite(value) ? short(Number(value.toPrecision(3))) : '–')
