// A metric over two parameters as coloured cells: which axes, what of the others, a cell under the pointer or the arrows.
import { field, save } from '../../report/client/download.ts'
import { token } from '../../report/client/theme.ts'
import { full, short } from '../../report/format.ts'
import type { MapChart, Value } from '../data.ts'
import { bestPoint, extentOf, levelsAt, type Projection, projected, type Sight } from '../project.ts'
import type { Drawn } from './curves.ts'
import { type Shading, shadingOf } from './shading.ts'

/** Room for the labels of the two axes, px. */
const side = 64
const foot = 40

/** Draws a map into its frame and wires its choosers, keys and buttons; undefined where the page has no such frame. */
export function metricMap(map: MapChart, name: string): Drawn | undefined {
  const element = document.getElementById(`plot-${map.id}`)
  if (element === null) return undefined
  const readout = document.getElementById(`readout-${map.id}`)!
  const canvas = document.createElement('canvas')
  element.append(canvas)
  const best = bestPoint(map)
  let sight: Sight = {
    across: 0,
    up: map.axes.length > 1 ? 1 : undefined,
    fixed: map.axes.map(() => undefined),
  }
  let view = projected(map, sight)
  let cursor: number | undefined

  const draw = () => {
    paint(canvas, element, { map, sight, view, best, cursor })
    scaleOf(map)
  }
  const see = (next: Sight) => {
    sight = next
    view = projected(map, sight)
    cursor = undefined
    readout.replaceChildren()
    draw()
  }
  const point = (cell: number | undefined) => {
    cursor = cell
    readout.replaceChildren(...(cell === undefined ? [] : textAt(map, view, sight, cell)))
    draw()
  }
  choosers(map, sight, see)
  canvas.addEventListener('mousemove', (event) => point(cellAt(canvas, view, event)))
  canvas.addEventListener('click', (event) => point(cellAt(canvas, view, event)))
  canvas.addEventListener('mouseleave', () => point(undefined))
  element.addEventListener('keydown', (event) => {
    const next = moved(event.key, cursor ?? view.points.indexOf(best), view)
    if (next === undefined) return
    event.preventDefault()
    point(next === 'none' ? undefined : next)
  })
  const button = (kind: string) => document.querySelector(`[data-${kind}="${map.id}"]`)
  button('best')?.addEventListener('click', () => {
    see({ ...sight, fixed: map.axes.map(() => undefined) })
    choosers(map, sight, see)
    point(view.points.indexOf(best))
  })
  button('csv')!.addEventListener('click', () => save(`${name}-${map.id}.csv`, mapCsv(map)))
  return { draw }
}

/** A line a point that was tried: its parameters and the metric. */
export function mapCsv({ axes, values, metric }: MapChart): string[] {
  const lines = [[...axes.map((axis) => field(axis.name)), field(metric.name.replaceAll(' ', '_'))].join(',')]
  for (const [at, value] of values.entries()) {
    if (Number.isNaN(value)) continue
    const own = levelsAt(axes, at).map((level, axis) => field(String(axes[axis]!.values[level])))
    lines.push([...own, value].join(','))
  }
  return lines
}

/** Where a key leads from a cell: another one, or none. */
function moved(key: string, from: number, { columns, rows }: Projection): number | 'none' | undefined {
  if (key === 'Escape') return 'none'
  const [column, row] = from < 0 ? [0, 0] : [from % columns, Math.floor(from / columns)]
  const steps: Record<string, readonly [number, number]> = {
    ArrowLeft: [column - 1, row],
    ArrowRight: [column + 1, row],
    ArrowUp: [column, row + 1],
    ArrowDown: [column, row - 1],
    Home: [0, row],
    End: [columns - 1, row],
  }
  const to = steps[key]
  if (to === undefined) return undefined
  const within = (at: number, count: number) => Math.min(Math.max(at, 0), count - 1)
  return within(to[1], rows) * columns + within(to[0], columns)
}

/** Which axes are seen, and what of the others; left out of maps where there is nothing to choose. */
function choosers({ id, axes }: MapChart, sight: Sight, see: (sight: Sight) => void): void {
  const place = document.getElementById(`choosers-${id}`)
  if (place === null || axes.length < 2) return
  const names = axes.map(({ name }, at) => ({ value: String(at), text: name }))
  const again = (next: Sight) => {
    see(next)
    choosers({ id, axes } as MapChart, next, see)
  }
  const turned = (key: 'across' | 'up', axis: number): Sight => {
    const other = key === 'across' ? 'up' : 'across'
    // The axis that stood there goes where the other one came from.
    return { ...sight, [key]: axis, ...(sight[other] === axis ? { [other]: sight[key] } : {}) }
  }
  place.replaceChildren(
    chooser('across', names, String(sight.across), (value) => again(turned('across', Number(value)))),
    chooser('up', names, String(sight.up), (value) => again(turned('up', Number(value)))),
    ...axes.flatMap(({ name, values }, axis) => {
      if (axis === sight.across || axis === sight.up) return []
      const options = [
        { value: '', text: 'the best' },
        ...values.map((value, level) => ({ value: String(level), text: labelOf(value) })),
      ]
      const set = (value: string) =>
        again({ ...sight, fixed: sight.fixed.map((one, at) => (at === axis ? levelIn(value) : one)) })
      return [chooser(name, options, String(sight.fixed[axis] ?? ''), set)]
    }),
  )
}

const levelIn = (text: string): number | undefined => (text === '' ? undefined : Number(text))

function chooser(
  name: string,
  options: readonly { value: string; text: string }[],
  now: string,
  chosen: (value: string) => void,
): HTMLElement {
  const label = document.createElement('label')
  const select = document.createElement('select')
  for (const { value, text } of options) select.add(new Option(text, value, false, value === now))
  select.addEventListener('change', () => chosen(select.value))
  label.append(`${name} `, select)
  return label
}

function textAt({ axes, metric }: MapChart, view: Projection, { across, up }: Sight, cell: number) {
  const [column, row] = [cell % view.columns, Math.floor(cell / view.columns)]
  const shown = [`${axes[across]!.name} ${labelOf(axes[across]!.values[column]!)}`]
  if (up !== undefined) shown.push(`${axes[up]!.name} ${labelOf(axes[up]!.values[row]!)}`)
  const at = view.points[cell]!
  if (at === -1) return [`${shown.join('  ')}  not tried, refused or failed`]
  for (const [axis, level] of levelsAt(axes, at).entries()) {
    if (axis !== across && axis !== up) shown.push(`${axes[axis]!.name} ${labelOf(axes[axis]!.values[level]!)}`)
  }
  const bold = document.createElement('b')
  bold.textContent = full(Number(view.values[cell]!.toPrecision(6)))
  return [`${shown.join('  ')}  ${metric.name} `, bold, ` ${metric.unit}`]
}

const labelOf = (value: Value): string => (typeof value === 'number' ? full(value) : String(value))

interface Picture {
  readonly map: MapChart
  readonly sight: Sight
  readonly view: Projection
  readonly best: number
  readonly cursor: number | undefined
}

interface Box {
  readonly width: number
  readonly height: number
  readonly cellWidth: number
  readonly cellHeight: number
}

/** The plot in CSS px: as wide as there is room, as high as square cells ask for within reason. */
function boxOf(width: number, { columns, rows }: Projection): Box {
  const inner = Math.max(60, width - side - 8)
  const height = Math.round(Math.min(Math.max((inner / columns) * rows, rows === 1 ? 44 : 140), 460))
  return { width: inner, height, cellWidth: inner / columns, cellHeight: height / rows }
}

function cellAt(canvas: HTMLCanvasElement, view: Projection, { clientX, clientY }: MouseEvent): number | undefined {
  const { left, top } = canvas.getBoundingClientRect()
  const box = boxOf(canvas.clientWidth, view)
  const column = Math.floor((clientX - left - side) / box.cellWidth)
  const row = view.rows - 1 - Math.floor((clientY - top - 4) / box.cellHeight)
  if (column < 0 || column >= view.columns || row < 0 || row >= view.rows) return undefined
  return row * view.columns + column
}

function paint(canvas: HTMLCanvasElement, element: HTMLElement, picture: Picture): void {
  const { map, view, best, cursor } = picture
  const box = boxOf(element.clientWidth, view)
  const ratio = devicePixelRatio
  canvas.width = Math.round(element.clientWidth * ratio)
  canvas.height = Math.round((box.height + foot + 4) * ratio)
  canvas.style.width = `${element.clientWidth}px`
  canvas.style.height = `${box.height + foot + 4}px`
  const pen = canvas.getContext('2d')!
  pen.setTransform(ratio, 0, 0, ratio, side * ratio, 4 * ratio)
  const extent = extentOf(map.values)
  const shading = extent === undefined ? undefined : shadingOf(map.metric, ...extent)
  for (let cell = 0; cell < view.values.length; cell++) cellOn(pen, box, picture, cell, shading)
  pen.strokeStyle = token('line')
  pen.strokeRect(0, 0, box.width, box.height)
  labelsOn(pen, box, picture)
  const place = view.points.indexOf(best)
  if (best !== -1 && place !== -1) ringOn(pen, box, view, place, 'ink')
  if (cursor !== undefined) ringOn(pen, box, view, cursor, 'accent')
}

function cornerOf({ height, cellWidth, cellHeight }: Box, { columns }: Projection, cell: number): [number, number] {
  return [(cell % columns) * cellWidth, height - (Math.floor(cell / columns) + 1) * cellHeight]
}

/** The value where it fits, a stroke where only its side does; hatched where nothing was tried. */
function cellOn(
  pen: CanvasRenderingContext2D,
  box: Box,
  { view }: Picture,
  cell: number,
  shading: Shading | undefined,
): void {
  const [left, top] = cornerOf(box, view, cell)
  const { cellWidth: width, cellHeight: height } = box
  const value = view.values[cell]!
  if (Number.isNaN(value) || shading === undefined) {
    pen.strokeStyle = token('hatch')
    pen.lineWidth = 0.75
    pen.beginPath()
    pen.moveTo(left, top + height)
    pen.lineTo(left + width, top)
    pen.stroke()
    return
  }
  pen.fillStyle = shading.fill(value)
  // A little over the edge: no seams between cells of broken widths.
  pen.fillRect(left, top, width + 0.5, height + 0.5)
  const text = short(Number(value.toPrecision(3)))
  pen.fillStyle = shading.ink(value)
  pen.font = `10px ${token('sans')}`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  const fits = width > 30 && height > 14 && pen.measureText(text).width < width - 4
  if (fits) pen.fillText(text, left + width / 2, top + height / 2)
  else if (shading.isBad(value) && (onPaper() || (width > 9 && height > 9))) {
    pen.fillRect(left + width / 2 - 2, top + height / 2, 4, 1)
  }
}

/** There both sides of neutral are grey. */
const onPaper = (): boolean => document.documentElement.dataset.theme === 'paper'

function ringOn(pen: CanvasRenderingContext2D, box: Box, view: Projection, cell: number, colour: string): void {
  const [left, top] = cornerOf(box, view, cell)
  // Small cells get a ring that is larger than they are.
  const [width, height] = [Math.max(box.cellWidth, 9), Math.max(box.cellHeight, 9)]
  const [x, y] = [left + (box.cellWidth - width) / 2, top + (box.cellHeight - height) / 2]
  pen.strokeStyle = token('surface')
  pen.lineWidth = 4
  pen.strokeRect(x, y, width, height)
  pen.strokeStyle = token(colour)
  pen.lineWidth = 2
  pen.strokeRect(x, y, width, height)
}

function labelsOn(pen: CanvasRenderingContext2D, box: Box, { map: { axes }, sight, view }: Picture): void {
  const { across, up } = sight
  pen.fillStyle = token('muted')
  pen.font = `11px ${token('sans')}`
  pen.textBaseline = 'top'
  const alongFoot = axes[across]!.values.map(labelOf)
  const widest = Math.max(...alongFoot.map((label) => pen.measureText(label).width))
  for (const column of shownLabels(view.columns, box.width / (widest + 12))) {
    const x = (column + 0.5) * box.cellWidth
    pen.textAlign = 'center'
    pen.fillText(
      alongFoot[column]!,
      Math.min(Math.max(x, widest / 2 - side + 4), box.width - widest / 2 + 6),
      box.height + 6,
    )
  }
  pen.fillText(axes[across]!.name, box.width / 2, box.height + 23)
  if (up === undefined) return
  pen.textAlign = 'right'
  pen.textBaseline = 'middle'
  const upSide = axes[up]!.values.map(labelOf)
  for (const row of shownLabels(view.rows, box.height / 16)) {
    pen.fillText(upSide[row]!, -6, box.height - (row + 0.5) * box.cellHeight, side - 24)
  }
  pen.save()
  pen.translate(-side + 8, box.height / 2)
  pen.rotate(-Math.PI / 2)
  pen.textAlign = 'center'
  pen.fillText(axes[up]!.name, 0, 0)
  pen.restore()
}

/** At most so many of the levels, evenly, the first among them. */
function shownLabels(count: number, room: number): number[] {
  const apart = Math.max(1, Math.ceil(count / Math.max(1, room)))
  return Array.from({ length: Math.ceil(count / apart) }, (_, at) => at * apart)
}

/** The bar that says what colours mean, with its numbers. */
function scaleOf({ id, values, metric }: MapChart): void {
  const place = document.getElementById(`scale-${id}`)
  const extent = extentOf(values)
  if (place === null || extent === undefined) return
  const [low, high] = extent
  const shading = shadingOf(metric, low, high)
  const stops = Array.from({ length: 9 }, (_, at) => shading.fill(low + ((high - low) * at) / 8))
  const bar = place.querySelector<HTMLElement>('.scale-fill')!
  bar.style.background = `linear-gradient(to right, ${stops.join(', ')})`
  const zero = place.querySelector<HTMLElement>('.scale-neutral')
  if (zero !== null) zero.style.left = `${((metric.neutral! - low) / (high - low || 1)) * 100}%`
}
