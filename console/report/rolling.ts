// Figures over the last 30, 60 and 90 days: whether one good month made the whole.
import { rollingDays } from '../../operators/metrics/index.ts'
import { leastWindows } from './analysis.ts'
import type { ReportData, Rolling } from './data.ts'
import { durationOf, isoOf, percent, short, signed } from './format.ts'
import { figure } from './frames.ts'
import { type Html, html } from './html.ts'
import { lookOf } from './looks.ts'

/** The shortest window, and enough days after it for a curve. */
const least = rollingDays[0] + leastWindows - 1

/** Three charts over one axis; a sentence where the run is too short for any. */
export function rollingFigure({ rolling, from, to }: ReportData): Html {
  if (rolling.length === 0) {
    return html`<p class="caption">Figures of the last 30, 60 and 90 days are drawn from ${least} days of data on; there are ${durationOf((to - from) / 1e3)}.</p>`
  }
  return figure(
    'rolling',
    rolling.map((one) => ({
      ...{ id: one.id, title: one.title, unit: one.unit, caption: captionOf(one) },
      name: `${one.lines[0]!.days} days`,
      lines: one.lines.slice(1).map(({ days }, at) => ({ name: `${days} days`, look: lookOf(at + 1) })),
    })),
  )
}

function captionOf({ id, lines }: Rolling): string {
  const { days, series } = lines[0]!
  const { times, values } = series
  if (values.length === 0) return `No window of ${days} days has this figure.`
  let [low, high] = [0, 0]
  for (const [at, value] of values.entries()) {
    if (value < values[low]!) low = at
    if (value > values[high]!) high = at
  }
  const text = (at: number) =>
    `${id === 'rolling-sharpe' ? signed(short(values[at]!)) : percent(values[at]! / 100)} (${isoOf(times[at]!).slice(0, 10)})`
  return `Over ${days} days${lines.length > 1 ? ' (the thick line)' : ''} it lay between ${text(low)} and ${text(high)}, at the end ${text(values.length - 1)}.${id === 'rolling-wins' ? ' Days on which equity did not change do not count.' : ''}`
}
