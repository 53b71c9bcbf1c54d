// The deepest falls of equity: how deep, how long down, how long back.
import type { ReportData } from './data.ts'
import { durationOf, full, isoOf, percent, signed } from './format.ts'
import { type Html, html } from './html.ts'
import { box } from './tables.ts'

/** Nothing when equity never fell. */
export function fallTable({ falls, to }: ReportData): Html {
  if (falls.length === 0) return html``
  return html`<div class="under">${box(
    'falls',
    `The ${falls.length === 1 ? 'one drawdown' : `${full(falls.length)} deepest drawdowns`}, shaded above`,
    html`<table><thead><tr><th class="number">Rank</th><th class="number">Depth, % of the peak</th><th>Peak, UTC</th><th>Lowest, UTC</th><th>Back at the peak, UTC</th><th class="number">Falling</th><th class="number">Coming back</th><th class="number">In all</th></tr></thead><tbody>${falls.map(
      ({ depth, start, trough, recovery, recoveryMs, durationMs }, rank) =>
        html`<tr><td class="number">${rank + 1}</td><td class="number loss" title="${full(depth * 100)}">${signed(percent(depth))}</td><td class="time">${timeText(start)}</td><td class="time">${timeText(trough)}</td><td class="time">${recovery === undefined ? html`<span class="muted">not by ${timeText(to)}</span>` : timeText(recovery)}</td><td class="number" title="${full((trough - start) / 1e3)}">${durationOf((trough - start) / 1e3)}</td><td class="number"${recoveryMs !== undefined && html` title="${full(recoveryMs)}"`}>${recoveryMs === undefined ? '–' : durationOf(recoveryMs)}</td><td class="number" title="${full(durationMs)}">${durationOf(durationMs)}</td></tr>`,
    )}</tbody></table>`,
  )}</div>`
}

/** To the second: a table is read, not computed with. */
const timeText = (time: number): string => isoOf(Math.floor(time / 1e6) * 1e6).replace('T', ' ')
