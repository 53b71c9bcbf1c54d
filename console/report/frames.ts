// The frames of charts: heading, unit, buttons, a place to draw, and under it what to see.
import { type Html, html } from './html.ts'
import { type Look, mainLook } from './looks.ts'

export interface Frame {
  readonly id: string
  readonly title: string
  readonly unit: string
  /** One or two sentences, computed from the data. */
  readonly caption: string
  readonly log?: boolean
  /** What the main curve is called where there are others beside it. */
  readonly name?: string
  /** The curves beside the main one, which can be switched off. */
  readonly lines?: readonly { readonly name: string; readonly look: Look; readonly hidden?: boolean }[]
  /** Above the plot: more buttons and a legend. */
  readonly tools?: Html | undefined
  readonly legend?: Html | undefined
}

/** Charts over one shared time axis, and under them what to see in each. The script draws them. */
export function figure(id: string, frames: readonly Frame[]): Html {
  return html`<figure id="figure-${id}">
${frames.map(timeFrame)}
${captions(frames)}
</figure>`
}

function timeFrame({ id, title, unit, log, name: main = '', lines = [], tools, legend }: Frame): Html {
  const shown = capital(title)
  return html`<div class="panel" id="panel-${id}">
<div class="panel-head"><h3>${shown}, ${unit}</h3><output id="readout-${id}"></output><div class="tools"><button type="button" data-reset="${id}" hidden>whole range</button>${tools}${log && html`<button type="button" id="log" aria-pressed="false">log</button>`}<button type="button" data-csv="${id}">data as CSV</button></div></div>
${lines.length > 0 && html`<div class="legend"><span class="key">${sample(mainLook)}${main}</span>${lines.map(({ name, look, hidden }, at) => html`<button type="button" class="key" data-line="${id}:${at}" aria-pressed="${hidden ? 'false' : 'true'}">${sample(look)}${name}</button>`)}</div>`}${legend}
<div class="plot" id="plot-${id}" tabindex="0" role="group" aria-label="${shown}, ${unit}. Left and right arrows move the crosshair, with shift they move the range; up and down zoom; Escape shows the whole range."></div>
</div>`
}

/** A chart that needs no script: its drawing is part of the page, its CSV among the page's tables. */
export function still(frame: Frame, drawing: Html): Html {
  const { id, title, unit } = frame
  return html`<figure id="figure-${id}" class="still"><div class="panel-head"><h3>${capital(title)}, ${unit}</h3><div class="tools"><button type="button" data-csv="${id}">data as CSV</button></div></div>
${drawing}
${captions([frame])}</figure>`
}

function captions(frames: readonly Frame[]): Html {
  const several = frames.length > 1
  return html`<figcaption>${frames.map((one) => html`<p class="caption">${several && html`<b>${capital(one.title)}.</b> `}${one.caption}</p>`)}</figcaption>`
}

/** A short stretch of a curve, as it is drawn. */
function sample({ stroke, dash }: Look): Html {
  return html`<svg class="sample" width="20" height="8" aria-hidden="true"><line x1="0" y1="4" x2="20" y2="4" stroke="var(--${stroke})" stroke-width="2" stroke-dasharray="${dash.join(' ')}"></line></svg>`
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
