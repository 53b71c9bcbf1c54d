// Curves over time or over a count, with bands between some of them; each chart has its own range and crosshair.
/// <reference path="../../report/client/uplot.d.ts" />
import { field, save } from '../../report/client/download.ts'
import { token } from '../../report/client/theme.ts'
import { numberLabels, numberTicks, timeLabels, timeTicks } from '../../report/client/ticks.ts'
import { full, isoOf } from '../../report/format.ts'
import type { CurveChart } from '../data.ts'

/** What can be drawn again: after the width or the colours changed. */
export interface Drawn {
  draw(): void
}

/** Draws a chart into its frame and wires its keys and buttons; undefined where the page has no such frame. */
export function curveChart(chart: CurveChart, name: string): Drawn | undefined {
  const element = document.getElementById(`plot-${chart.id}`)
  if (element === null) return undefined
  const readout = document.getElementById(`readout-${chart.id}`)!
  const { at, curves } = chart
  const whole: readonly [number, number] = [at[0] ?? 0, at.at(-1) ?? 1]
  let range: readonly [number, number] = whole
  const plot = new uPlot(optionsOf(chart, element, { range: () => range, show, said }), dataOf(chart), element)

  function show(from: number, to: number): void {
    const span = Math.min(Math.max(to - from, (whole[1] - whole[0]) / Math.max(1, at.length)), whole[1] - whole[0])
    const begin = Math.max(whole[0], Math.min(from, whole[1] - span))
    range = [begin, begin + span]
    plot.setScale('x', { min: range[0], max: range[1] })
  }

  function said(index: number | null | undefined): void {
    readout.replaceChildren(...(index === null || index === undefined ? [] : textsAt(chart, index)))
  }

  element.addEventListener('keydown', (event) => {
    const way = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
    const middle = (range[0] + range[1]) / 2
    const half = (range[1] - range[0]) / 2
    if (way !== 0) {
      const now = plot.cursor.idx ?? (way > 0 ? -1 : at.length)
      const next = Math.min(Math.max(now + way, 0), at.length - 1)
      plot.setCursor({ left: plot.valToPos(at[next]!, 'x'), top: 10 })
    } else if (event.key === 'ArrowUp') show(middle - half / 2, middle + half / 2)
    else if (event.key === 'ArrowDown') show(middle - half * 2, middle + half * 2)
    else if (event.key === 'Escape') show(...whole)
    else return
    event.preventDefault()
  })
  document
    .querySelector(`[data-csv="${chart.id}"]`)!
    .addEventListener('click', () => save(`${name}-${chart.id}.csv`, curvesCsv(chart)))
  return {
    draw() {
      plot.setSize({ width: element.clientWidth, height: heightOf(element) })
      plot.setData(dataOf(chart), curves.length === 0)
      plot.setScale('x', { min: range[0], max: range[1] })
    },
  }
}

/** A line a step: where it is, and every curve there. */
export function curvesCsv({ steps, at, curves }: CurveChart): string[] {
  const head = [steps === 'time' ? 'time' : steps, ...curves.map((curve) => field(curve.name.replaceAll(' ', '_')))]
  const row = (step: number, index: number) =>
    [steps === 'time' ? `${isoOf(step)}Z` : step, ...curves.map(({ values }) => numberText(values[index]!))].join(',')
  return [head.join(','), ...Array.from(at, row)]
}

const numberText = (value: number): string => (Number.isNaN(value) ? '' : String(value))

function textsAt({ steps, at, curves, unit }: CurveChart, index: number): (string | HTMLElement)[] {
  const place = steps === 'time' ? isoOf(at[index]!).replace('T', ' ') : `${steps} ${full(at[index]!)}`
  const parts = curves.toReversed().flatMap(({ name, values }) => {
    const bold = document.createElement('b')
    bold.textContent = full(Number(values[index]!.toPrecision(6)))
    return Number.isNaN(values[index]!) ? [] : [`  ${name} `, bold]
  })
  return [place, ...parts, ` ${unit}`]
}

/** NaN as what uPlot takes for a gap. */
function dataOf({ at, curves }: CurveChart): uPlot.AlignedData {
  const columns = curves.map(({ values }) => Array.from(values, (value) => (Number.isNaN(value) ? null : value)))
  return [Array.from(at), ...columns] as uPlot.AlignedData
}

const heightOf = (element: HTMLElement): number => (element.clientWidth < 500 ? 220 : 280)

interface Told {
  range(): readonly [number, number]
  show(from: number, to: number): void
  said(index: number | null | undefined): void
}

function optionsOf({ steps, unit, curves, bands }: CurveChart, element: HTMLElement, told: Told): uPlot.Options {
  const width = element.clientWidth
  const axis = {
    stroke: () => token('muted'),
    font: `11px ${token('sans')}`,
    labelFont: `11px ${token('sans')}`,
    ...{ labelSize: 16, labelGap: 0 },
    grid: { stroke: () => token('grid'), width: 1 },
    ticks: { stroke: () => token('line'), width: 1, size: 4 },
  }
  return {
    ...{ width, height: heightOf(element), padding: [10, 10, 0, 0] as uPlot.Padding, legend: { show: false } },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 6, width: 2, stroke: () => token('surface'), fill: () => token('ink') },
      bind: {
        dblclick: () => () => {
          told.show(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
          return null
        },
      },
    },
    scales: { x: { time: false, range: () => [...told.range()] as [number, number] }, y: { range: roomy } },
    series: [
      {},
      ...curves.map(({ stroke, dash }, index) => ({
        stroke: () => token(stroke),
        ...{ width: index === curves.length - 1 ? 1.75 : 1, dash: [...dash], points: { show: false } },
      })),
    ],
    bands: bands.map(({ upper, lower, fill }) => ({
      series: [upper + 1, lower + 1] as [number, number],
      fill: () => token(fill),
    })),
    axes: [
      {
        ...axis,
        ...{ size: 42, label: steps === 'time' ? 'time, UTC' : steps },
        splits: (plot, _axis, from, to) =>
          (steps === 'time' ? timeTicks : numberTicks)(from, to, Math.max(2, plot.width / 110)),
        values: (plot, ticks) => {
          const labels = (steps === 'time' ? timeLabels : numberLabels)(ticks)
          // A label that would be cut off at the edge is left out.
          const right = plot.posToVal(plot.bbox.width / uPlot.pxRatio - 26, 'x')
          return labels.map((label, at) => (steps === 'time' && ticks[at]! > right ? '' : label))
        },
      },
      {
        ...axis,
        ...{ size: width < 500 ? 66 : 74, ...(width < 500 ? {} : { label: unit }) },
        splits: (plot, _axis, low, high) => numberTicks(low, high, Math.max(4, plot.height / 44)),
        values: (_plot, ticks) => numberLabels(ticks),
      },
    ],
    hooks: {
      setCursor: [(plot) => told.said(plot.cursor.idx)],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select
          if (wide < 3) return
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          told.show(plot.posToVal(left, 'x'), plot.posToVal(left + wide, 'x'))
        },
      ],
    },
  }
}

function roomy(_plot: uPlot, low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1]
  const room = (high - low) * 0.06 || Math.abs(high) * 0.001 || 1
  return [low - room, high + room]
}
