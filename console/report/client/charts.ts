// The charts of the page, what each shows, and what its data look like as CSV.
import type { ClientData, Fills, InstrumentCharts, Series } from '../data.ts'
import { isoOf } from '../format.ts'
import { field, save } from './download.ts'
import { Panel, type PanelSpec } from './panel.ts'
import { View } from './view.ts'

/** Draws every chart of the page into its frame and wires its buttons and keys. */
export function drawCharts(data: ClientData): View {
  const view = new View(data)
  for (const spec of specsOf(data)) {
    const plot = document.getElementById(`plot-${spec.id}`)
    if (plot === null) continue
    const panel = new Panel(spec, view)
    view.panels.push(panel)
    plot.addEventListener('keydown', (event) => view.key(panel, event))
    button(`[data-csv="${spec.id}"]`).addEventListener('click', () => save(`${data.run}-${spec.id}.csv`, csvOf(spec)))
    button(`[data-reset="${spec.id}"]`).addEventListener('click', () => view.reset())
    if (spec.id === 'equity') logSwitch(panel)
  }
  new ResizeObserver(() => view.draw()).observe(document.querySelector('main')!)
  return view
}

function specsOf({ currency, equity, instruments, gaps, startEquity }: ClientData): PanelSpec[] {
  const all = instruments.map(({ buys, sells }) => ({ buys, sells }))
  const fills = {
    where: 'lane' as const,
    buys: merged(all.map(({ buys }) => buys)),
    sells: merged(all.map(({ sells }) => sells)),
  }
  return [
    { id: 'equity', unit: currency, series: equity, gaps, form: 'hold', height: 250, timeAxis: false, fills },
    {
      id: 'drawdown',
      unit: '% of the peak',
      series: drawdownOf(equity, startEquity),
      gaps,
      form: 'depth',
      height: 150,
      timeAxis: true,
    },
    ...instruments.flatMap((instrument, index) => marketSpecs(instrument, index, gaps)),
  ]
}

function marketSpecs(
  { quote, unit, price, position, buys, sells }: InstrumentCharts,
  index: number,
  gaps: ClientData['gaps'],
): PanelSpec[] {
  const fills = { where: 'price' as const, buys, sells }
  return [
    { id: `price-${index}`, unit: quote, series: price, gaps, form: 'line', height: 280, timeAxis: false, fills },
    { id: `position-${index}`, unit, series: position, gaps, form: 'size', height: 150, timeAxis: true },
  ]
}

/** How far equity stood below its highest value so far, in percent of that; the curve's own peaks are all in it. */
export function drawdownOf({ times, values, of }: Series, start: number): Series {
  let peak = start
  const depths = values.map((value) => {
    if (value > peak) peak = value
    return peak > 0 ? ((value - peak) / peak) * 100 : 0
  })
  return { times, values: depths, of }
}

/** Fills of several instruments in the order of time. */
function merged(parts: readonly Fills[]): Fills {
  if (parts.length === 1) return parts[0]!
  const rows = parts.flatMap(({ times, prices, sizes, counts }) =>
    Array.from(times, (time, at) => ({ time, price: prices[at]!, size: sizes[at]!, count: counts[at]! })),
  )
  rows.sort((a, b) => a.time - b.time)
  return {
    times: Float64Array.from(rows, (row) => row.time),
    prices: Float64Array.from(rows, (row) => row.price),
    sizes: Float64Array.from(rows, (row) => row.size),
    counts: Uint32Array.from(rows, (row) => row.count),
  }
}

/** The points of a chart, and its fills between them where it shows their prices. */
export function csvOf({ id, series, fills }: PanelSpec): string[] {
  const name = id.replace(/-\d+$/, '')
  const { times, values } = series
  if (fills?.where !== 'price')
    return [`time,${name}`, ...Array.from(times, (time, at) => `${isoOf(time)}Z,${values[at]}`)]
  const rows: [time: number, text: string][] = Array.from(times, (time, at) => [time, `${values[at]},,,,`])
  for (const [side, { times: at, prices, sizes, counts }] of [
    ['buy', fills.buys],
    ['sell', fills.sells],
  ] as const) {
    for (const [row, time] of at.entries()) {
      rows.push([time, [NaN, side, counts[row]!, sizes[row]!, prices[row]!].map(shown).join(',')])
    }
  }
  rows.sort(([a], [b]) => a - b)
  return [`time,${name},side,fills,size,mean_price`, ...rows.map(([time, text]) => `${isoOf(time)}Z,${text}`)]
}

const shown = (value: string | number): string => (Number.isNaN(value) ? '' : field(value))

function logSwitch(panel: Panel): void {
  const log = button('#log')
  if (panel.spec.series.values.some((value) => value <= 0)) {
    log.disabled = true
    log.title = 'Equity was zero or below: it has no logarithm'
  }
  log.addEventListener('click', () => {
    panel.scale(!panel.logarithmic)
    log.setAttribute('aria-pressed', String(panel.logarithmic))
  })
}

function button(selector: string): HTMLButtonElement {
  return document.querySelector<HTMLButtonElement>(selector)!
}
