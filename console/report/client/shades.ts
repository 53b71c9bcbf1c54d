// What stands behind a curve: stretches without data, regimes, drawdowns.
/// <reference path="./uplot.d.ts" />
import type { Gap, RegimeBands } from '../data.ts'
import { firstAfter } from '../decimate.ts'
import { token } from './theme.ts'

/** A stretch of time with a short name, such as the rank of a drawdown. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly name: string
}

type Seen = { readonly from: number; readonly to: number }

/** Hatches what has no data. */
export function hatch(plot: uPlot, gaps: readonly Gap[], seen: Seen): void {
  const { ctx, bbox } = plot
  for (const gap of gaps) {
    const place = placeOf(plot, gap, seen)
    if (place === undefined) continue
    const [left, right] = place
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, bbox.top, Math.max(right - left, uPlot.pxRatio), bbox.height)
    ctx.clip()
    ctx.strokeStyle = token('hatch')
    ctx.lineWidth = uPlot.pxRatio
    ctx.beginPath()
    const apart = 6 * uPlot.pxRatio
    for (let x = left - bbox.height; x < right; x += apart) {
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(x + bbox.height, bbox.top)
    }
    ctx.stroke()
    ctx.restore()
  }
}

/** Shades spans and names them along the foot, where there is room. */
export function shade(plot: uPlot, spans: readonly Span[], seen: Seen): void {
  const { ctx, bbox } = plot
  ctx.save()
  for (const span of spans) {
    const place = placeOf(plot, span, seen)
    if (place === undefined) continue
    const [left, right] = place
    ctx.fillStyle = token('span')
    ctx.fillRect(left, bbox.top, Math.max(right - left, uPlot.pxRatio), bbox.height)
    write(ctx, span.name, [left, right, bbox.top + bbox.height - 17 * uPlot.pxRatio])
  }
  ctx.restore()
}

/** Paints regimes as pale bands, each with its name at its foot where that fits: colour is not the only way to tell. */
export function paintBands(plot: uPlot, { times, codes, labels, tones }: RegimeBands, seen: Seen): void {
  const { ctx, bbox } = plot
  ctx.save()
  let painted = Number.NEGATIVE_INFINITY
  for (let at = Math.max(0, firstAfter(times, seen.from) - 1); at < times.length && times[at]! < seen.to; at++) {
    const label = labels[codes[at]!]
    const place = placeOf(plot, { from: times[at]!, to: times[at + 1] ?? seen.to }, seen)
    if (label === undefined || place === undefined) continue
    // What is narrower than a pixel would only tint what was painted before it.
    const [left, right] = [Math.max(place[0], painted), place[1]]
    if (right - left < 0.5) continue
    painted = right
    ctx.fillStyle = token(`regime-${tones[codes[at]!]!}`)
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    write(ctx, label.toLowerCase().replaceAll('_', ' '), [left, right, bbox.top + bbox.height - 15 * uPlot.pxRatio])
  }
  ctx.restore()
}

/** Where a stretch lies on the canvas; undefined when it is out of sight. */
function placeOf(plot: uPlot, { from, to }: Seen, seen: Seen): [left: number, right: number] | undefined {
  if (to < seen.from || from > seen.to) return undefined
  const { left, width } = plot.bbox
  return [Math.max(left, plot.valToPos(from, 'x', true)), Math.min(left + width, plot.valToPos(to, 'x', true))]
}

function write(ctx: CanvasRenderingContext2D, text: string, [left, right, top]: [number, number, number]): void {
  const px = uPlot.pxRatio
  ctx.font = `${10 * px}px ${token('sans')}`
  if (ctx.measureText(text).width + 8 * px > right - left) return
  ctx.fillStyle = token('muted')
  ctx.textAlign = 'left'
  ctx.textBaseline = 'top'
  ctx.fillText(text, left + 4 * px, top + 3 * px)
}
