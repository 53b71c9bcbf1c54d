// Fills on a chart: a triangle each, and where they are dense one with their number.

import type { Fills } from '../data.ts'
import { firstAfter, firstAtOrAfter } from '../decimate.ts'
import { short } from '../format.ts'
import { token } from './theme.ts'

/** Fills of one side that fall into one cell of the chart. */
export interface Mark {
  readonly time: number
  readonly price: number
  readonly size: number
  readonly count: number
}

/** The fills from one time to another, those of each of `cells` equal stretches as one: mean time, price by size, and their number. */
export function marksOf({ times, prices, sizes, counts }: Fills, from: number, to: number, cells: number): Mark[] {
  const marks: Mark[] = []
  const end = firstAfter(times, to)
  let at = firstAtOrAfter(times, from)
  while (at < end) {
    const cell = Math.floor(((times[at]! - from) / (to - from || 1)) * cells)
    const until = from + ((cell + 1) * (to - from)) / cells
    let [time, value, size, count] = [0, 0, 0, 0]
    do {
      time += times[at]! * counts[at]!
      value += prices[at]! * sizes[at]!
      size += sizes[at]!
      count += counts[at]!
      at++
    } while (at < end && times[at]! < until)
    marks.push({ time: time / count, price: value / size, size, count })
  }
  return marks
}

export interface Sides {
  readonly buys: Fills
  readonly sells: Fills
}

const cellPx = 34

/** Draws the fills that a plot shows: at their prices, or (`lane`) in two lanes along its foot. */
export function drawMarks(plot: uPlot, { buys, sells }: Sides, where: 'price' | 'lane'): void {
  const { ctx, bbox, scales } = plot
  const [from, to] = [scales.x!.min!, scales.x!.max!]
  const cells = Math.max(1, Math.round(bbox.width / uPlot.pxRatio / cellPx))
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  for (const side of ['buy', 'sell'] as const) {
    for (const mark of marksOf(side === 'buy' ? buys : sells, from, to, cells)) {
      const x = plot.valToPos(mark.time, 'x', true)
      const lane = bbox.top + bbox.height - (side === 'buy' ? 19 : 7) * uPlot.pxRatio
      drawMark(ctx, {
        x,
        y: where === 'lane' ? lane : plot.valToPos(mark.price, 'y', true),
        side,
        count: mark.count,
        beside: where === 'lane',
      })
    }
  }
  ctx.restore()
}

/** A triangle that points up for a buy and down for a sell; at a price its tip is the price, its number away from the curve. */
function drawMark(
  ctx: CanvasRenderingContext2D,
  of: { x: number; y: number; side: 'buy' | 'sell'; count: number; beside: boolean },
): void {
  const { x, y, side, count, beside } = of
  const px = uPlot.pxRatio
  const size = 4.5 * px
  const down = side === 'buy' ? 1 : -1
  const text = count > 1 ? short(count) : ''
  ctx.font = `${10 * px}px ${token('sans')}`
  const width = beside && text !== '' ? ctx.measureText(text).width + 2 * px : 0
  const left = x - width / 2
  const tip = beside ? y - down * size : y + down * px
  ctx.beginPath()
  ctx.moveTo(left, tip)
  ctx.lineTo(left - size, tip + down * size * 1.7)
  ctx.lineTo(left + size, tip + down * size * 1.7)
  ctx.closePath()
  ctx.lineWidth = 2 * px
  ctx.strokeStyle = token('surface')
  ctx.stroke()
  ctx.fillStyle = token(side === 'buy' ? 'gain' : 'loss')
  ctx.fill()
  if (text === '') return
  ctx.textAlign = beside ? 'left' : 'center'
  ctx.textBaseline = 'middle'
  ctx.lineWidth = 3 * px
  const [tx, ty] = beside ? [left + size + 2 * px, y] : [x, tip + down * 14 * px]
  ctx.strokeText(text, tx, ty)
  ctx.fillStyle = token(side === 'buy' ? 'gain-text' : 'loss-text')
  ctx.fillText(text, tx, ty)
}
