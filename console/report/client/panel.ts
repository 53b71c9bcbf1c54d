// One chart of the page: a curve over time, others beside it, its fills, what stands behind it, its crosshair.
/// <reference path="./uplot.d.ts" />
import type { Gap, RegimeBands, Series } from '../data.ts'
import { full, isoOf } from '../format.ts'
import { aligned, drawnOf, type Line, valueAt } from './lines.ts'
import { drawMarks, type Sides } from './markers.ts'
import { hatch, paintBands, type Span, shade } from './shades.ts'
import { token } from './theme.ts'
import { logTicks, numberLabels, numberTicks, timeLabels, timeTicks } from './ticks.ts'

export interface PanelSpec {
  readonly id: string
  readonly unit: string
  readonly series: Series
  /** What the curve is called where there are others beside it. */
  readonly name?: string
  readonly lines?: readonly Line[]
  /** Numbers of `lines` that are not drawn until a person asks for them. */
  readonly hidden?: readonly number[]
  readonly spans?: readonly Span[]
  readonly gaps: readonly Gap[]
  /** All but `line` hold a value until the next point; `size` is filled from zero, `depth` from zero down. */
  readonly form: 'line' | 'hold' | 'size' | 'depth'
  readonly height: number
  /** The last panel of a figure says the times of all. */
  readonly timeAxis: boolean
  readonly fills?: Sides & { readonly where: 'price' | 'lane' }
}

/** What all panels of a page share: the range, and who is told when a person changes it. */
export interface Range {
  from: number
  to: number
  show(from: number, to: number): void
  reset(): void
}

export class Panel {
  readonly spec: PanelSpec
  private plot: uPlot
  logarithmic = false
  private readonly range: Range
  private readonly element: HTMLElement
  private readonly readout: HTMLElement
  private readonly shown: boolean[]
  /** Where the main curve stands among those of the plot: last, so that it is drawn in front. */
  private readonly main: number
  private bands: RegimeBands | undefined

  constructor(spec: PanelSpec, range: Range) {
    this.spec = spec
    this.range = range
    this.element = document.getElementById(`plot-${spec.id}`)!
    this.readout = document.getElementById(`readout-${spec.id}`)!
    this.main = (spec.lines?.length ?? 0) + 1
    this.shown = (spec.lines ?? []).map((_, index) => !spec.hidden?.includes(index))
    this.plot = this.create()
  }

  /** Draws the range anew: only the points that the plot has pixels for. */
  draw(): void {
    const width = this.element.clientWidth
    if (width !== this.plot.width) this.plot.setSize({ width, height: this.spec.height })
    this.plot.setData(this.data())
  }

  /** Redraws with a linear or a logarithmic axis. */
  scale(logarithmic: boolean): void {
    this.logarithmic = logarithmic
    this.plot.destroy()
    this.plot = this.create()
  }

  /** Draws one of the other curves, or leaves it out; says which it is now. */
  toggle(line: number): boolean {
    this.shown[line] = !this.shown[line]
    this.plot.setSeries(line + 1, { show: this.shown[line] })
    return this.shown[line]
  }

  /** Paints these regimes behind the curve, or none. */
  paint(bands: RegimeBands | undefined): void {
    this.bands = bands
    this.plot.redraw(false)
  }

  /** Puts the crosshair on a time. */
  point(time: number): void {
    this.plot.setCursor({ left: this.plot.valToPos(time, 'x'), top: 10 })
  }

  /** The time of the drawn point that is `by` points from the crosshair; of the first or last one when there is none yet. */
  step(by: number): number | undefined {
    const [times] = this.plot.data
    const { from, to } = this.range
    const at = this.plot.cursor.idx
    let next = at === null || at === undefined ? (by > 0 ? 0 : times.length - 1) : at + by
    while ((next in times && (this.plot.data[this.main]![next] ?? null) === null) || times[next]! < from)
      next += Math.sign(by)
    return times[next] === undefined || times[next]! > to ? undefined : times[next]!
  }

  private data(): uPlot.AlignedData {
    const { series, gaps, lines = [] } = this.spec
    const range = { from: this.range.from, to: this.range.to, columns: Math.max(100, this.element.clientWidth * 2) }
    const { form } = this.spec
    return aligned([...lines.map((line) => line.series), series].map((one) => drawnOf(one, { gaps, form }, range)))
  }

  private create(): uPlot {
    const { spec, range } = this
    const { height, form, unit } = spec
    const width = this.element.clientWidth
    const depth = form === 'depth'
    const paths = form === 'line' ? uPlot.paths.linear!() : uPlot.paths.stepped!({ align: 1 })
    const axis = {
      stroke: () => token('muted'),
      font: `11px ${token('sans')}`,
      labelFont: `11px ${token('sans')}`,
      labelSize: 16,
      labelGap: 0,
      grid: { stroke: () => token('grid'), width: 1 },
      ticks: { stroke: () => token('line'), width: 1, size: 4 },
    }
    const options: uPlot.Options = {
      ...{ width, height, padding: [10, 10, 0, 0] as uPlot.Padding, legend: { show: false } },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        sync: { key: 'report', scales: ['x', null] },
        points: { size: 7, width: 2, stroke: () => token('surface'), fill: () => token('ink') },
        bind: {
          dblclick: () => () => {
            range.reset()
            return null
          },
        },
      },
      scales: {
        x: { time: false, range: () => [range.from, range.to] },
        y: {
          range: (_plot, low, high) => this.yRange(low, high),
          ...(this.logarithmic ? { distr: 100, fwd: Math.log, bwd: Math.exp } : {}),
        },
      },
      series: [
        {},
        ...(spec.lines ?? []).map(({ stroke, dash }, index) => ({
          ...{ paths, width: 1.25, dash: [...dash], show: this.shown[index]! },
          stroke: () => token(stroke),
          points: { show: false },
        })),
        {
          paths,
          width: spec.lines === undefined ? 1.25 : 1.75,
          stroke: () => token(depth ? 'loss' : this.isDense() ? 'dense' : 'ink'),
          ...(depth || form === 'size' ? { fill: () => token(depth ? 'loss-soft' : 'grid'), fillTo: 0 } : {}),
          points: { show: false },
        },
      ],
      axes: [
        {
          ...axis,
          ...(spec.timeAxis ? { size: 42, label: 'time, UTC' } : { size: 6 }),
          splits: (plot, _axis, from, to) => timeTicks(from, to, Math.max(2, plot.width / 110)),
          values: (plot, ticks) => (spec.timeAxis ? timeLabelsIn(plot, ticks) : ticks.map(() => '')),
        },
        {
          ...axis,
          size: width < 500 ? 62 : 74,
          // The heading says the unit too; on a narrow screen there is no room to say it twice.
          ...(width < 500 ? {} : { label: unit }),
          splits: (plot, _axis, low, high) =>
            (this.logarithmic ? logTicks : numberTicks)(low, high, Math.max(4, plot.height / 44)),
          values: (_plot, ticks) => numberLabels(ticks),
        },
      ],
      hooks: {
        drawClear: [(plot) => this.behind(plot)],
        draw: [(plot) => spec.fills && drawMarks(plot, spec.fills, spec.fills.where)],
        setSelect: [(plot) => this.selected(plot)],
        setCursor: [(plot) => this.say(plot)],
      },
    }
    return new uPlot(options, this.data(), this.element)
  }

  private yRange(low: number | null, high: number | null): [number, number] {
    if (low === null || high === null) return this.logarithmic ? [1, 10] : [0, 1]
    const { form, fills } = this.spec
    const [least, most] = form === 'line' || form === 'hold' ? [low, high] : [Math.min(low, 0), Math.max(high, 0)]
    if (this.logarithmic) {
      const room = Math.max((most / least) ** 0.06, 1.0001)
      return [least / room, most * room]
    }
    const room = (most - least) * 0.06 || Math.abs(most) * 0.001 || 1
    // The lanes of fills along the foot need room of their own.
    const foot = fills?.where === 'lane' ? (most - least || room) * 0.14 : 0
    if (form === 'depth') return [least - room, most]
    return [least - room - foot, most + room]
  }

  /** More steps than pixels would be a black bar: they are drawn as a pale one. */
  private isDense(): boolean {
    return this.spec.form === 'size' && this.plot.data[0].length > this.element.clientWidth
  }

  private behind(plot: uPlot): void {
    if (this.bands !== undefined) paintBands(plot, this.bands, this.range)
    shade(plot, this.spec.spans ?? [], this.range)
    hatch(plot, this.spec.gaps, this.range)
  }

  private selected(plot: uPlot): void {
    const { left, width } = plot.select
    if (width < 3) return
    const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    this.range.show(from, to)
  }

  /** What the curves are under the crosshair, each at its last point there: the main one, then those that are drawn beside it. */
  private say(plot: uPlot): void {
    const { idx } = plot.cursor
    const time = idx === null || idx === undefined ? undefined : plot.data[0][idx]
    const { series, lines = [], name = '' } = this.spec
    const value = time === undefined || plot.data[this.main]![idx!] === null ? undefined : valueAt(series, time)
    if (value === undefined) {
      this.readout.textContent = ''
      return
    }
    const unit = unitShort(this.spec.unit)
    const parts = lines
      .filter((_, index) => this.shown[index])
      .map((line) => ({ name: line.name, value: valueAt(line.series, time!) }))
    const texts = [{ name: parts.length === 0 ? '' : name, value }, ...parts].flatMap((part) => said(part))
    this.readout.replaceChildren(`${isoOf(time!).replace('T', ' ')}  `, ...texts, ` ${unit}`)
  }
}

function said({ name, value }: { name: string; value: number | undefined }): (string | HTMLElement)[] {
  if (value === undefined) return []
  const bold = document.createElement('b')
  bold.textContent = full(Number(value.toPrecision(12)))
  return [name === '' ? '' : `  ${name} `, bold]
}

/** A label that would be cut off at the edge is left out. */
function timeLabelsIn(plot: uPlot, ticks: readonly number[]): string[] {
  const right = plot.posToVal(plot.bbox.width / uPlot.pxRatio - 26, 'x')
  return timeLabels(ticks).map((label, at) => (ticks[at]! > right ? '' : label))
}

/** `% of the peak` is said once, in the heading. */
function unitShort(unit: string): string {
  return unit.startsWith('%') ? '%' : unit
}
