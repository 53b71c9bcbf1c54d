// The charts of the page, what each shows, and what its data look like as CSV.
import type { ClientData, Fills, InstrumentCharts, Series } from '../data.ts'
import { isFlatBeside } from '../flat.ts'
import { isoOf } from '../format.ts'
import { benchmarkLook, lookOf } from '../looks.ts'
import { field, save } from './download.ts'
import { type Line, valueAt } from './lines.ts'
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
    lineSwitches(panel)
  }
  for (const [index, instrument] of data.instruments.entries()) regimeSwitch(instrument, index, view)
  for (const [id, lines] of Object.entries(data.tables)) {
    button(`[data-csv="${id}"]`).addEventListener('click', () => save(`${data.run}-${id}.csv`, lines))
  }
  new ResizeObserver(() => view.draw()).observe(document.querySelector('main')!)
  return view
}

function specsOf(data: ClientData): PanelSpec[] {
  const { currency, equity, instruments, gaps, startEquity, results, margin, rolling, falls, to } = data
  const all = instruments.map(({ buys, sells }) => ({ buys, sells }))
  const fills = {
    where: 'lane' as const,
    buys: merged(all.map(({ buys }) => buys)),
    sells: merged(all.map(({ sells }) => sells)),
  }
  const total = { ...equity, values: equity.values.map((value) => value - startEquity) }
  return [
    {
      ...{ id: 'equity', unit: currency, series: equity, gaps, form: 'hold', height: 250, timeAxis: false, fills },
      ...benchmarked(data),
    },
    ...(results.length === 0
      ? []
      : [
          {
            ...{
              id: 'results',
              unit: currency,
              series: total,
              name: 'all accounts',
              gaps,
              form: 'hold' as const,
              height: 200,
            },
            lines: results.map((one, index) => ({ ...one, ...lookOf(index) })),
            timeAxis: false,
          },
        ]),
    {
      ...{ id: 'drawdown', unit: '% of the peak', series: drawdownOf(equity, startEquity), gaps, form: 'depth' },
      ...{ height: 150, timeAxis: true },
      spans: falls.map(({ start, recovery }, rank) => ({ from: start, to: recovery ?? to, name: String(rank + 1) })),
    },
    ...instruments.flatMap((instrument, index) => marketSpecs(instrument, index, gaps)),
    ...margin.slice(0, 1).map(
      ({ name, series }): PanelSpec => ({
        ...{ id: 'margin', unit: '% of the balance', series, name, gaps, form: 'hold', height: 150, timeAxis: true },
        lines: margin.slice(1).map((line, at) => ({ ...line, ...lookOf(at + 1) })),
      }),
    ),
    ...comparedSpecs(data),
    ...rolling.map(({ id, unit, lines }, index): PanelSpec => {
      const [first, ...others] = lines.map(({ days, series }) => ({ name: `${days} days`, series }))
      return {
        ...{ id, unit, series: first!.series, name: first!.name, gaps: [], form: 'line', height: 150 },
        lines: others.map((line, at) => ({ ...line, ...lookOf(at + 1) })),
        timeAxis: index === rolling.length - 1,
      }
    }),
  ]
}

/** The market beside equity; left out at first where equity would be a flat line beside it. */
function benchmarked({ benchmark, equity }: ClientData): Pick<PanelSpec, 'name' | 'lines' | 'hidden'> {
  if (benchmark === undefined) return {}
  const line: Line = { name: 'buy and hold', series: benchmark, ...benchmarkLook }
  return { name: 'equity', lines: [line], hidden: isFlatBeside(equity, benchmark) ? [0] : [] }
}

/** Returns of several runs, and below them how far each stood under its highest value. */
function comparedSpecs({ compared }: ClientData): PanelSpec[] {
  const [first, ...others] = compared
  if (first === undefined) return []
  const under = (series: Series): Series => {
    const worth = { ...series, values: series.values.map((value) => 100 + value) }
    return drawdownOf(worth, 100)
  }
  const looks = others.map((one, at) => ({ ...one, ...lookOf(at) }))
  return [
    {
      ...{ id: 'compared', unit: '% of the start', series: first.series, name: first.name, gaps: [], form: 'hold' },
      ...{ height: 280, timeAxis: false, lines: looks },
    },
    {
      ...{ id: 'compared-drawdown', unit: '% of the peak', series: under(first.series), name: first.name, gaps: [] },
      ...{ form: 'hold', height: 180, timeAxis: true },
      lines: looks.map((line) => ({ ...line, series: under(line.series) })),
    },
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

/** The points of a chart: with those of the curves beside it, or with its fills between them where it shows their prices. */
export function csvOf({ id, series, fills, lines = [], name: called }: PanelSpec): string[] {
  const name = (called ?? id.replace(/-\d+$/, '')).replaceAll(' ', '_')
  const { times, values } = series
  if (fills?.where !== 'price') {
    const curves = [series, ...lines.map((line) => line.series)]
    const heads = ['time', name, ...lines.map((line) => field(line.name.replaceAll(' ', '_')))]
    if (lines.length === 0)
      return [heads.join(','), ...Array.from(times, (time, at) => `${isoOf(time)}Z,${values[at]}`)]
    const row = (time: number) => [`${isoOf(time)}Z`, ...curves.map((one) => valueAt(one, time) ?? '')].join(',')
    return [heads.join(','), ...timesOf(curves).map(row)]
  }
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

/** Every time at which one of the curves has a point, once, in order. */
function timesOf(curves: readonly Series[]): number[] {
  return [...new Set(curves.flatMap(({ times }) => Array.from(times)))].sort((a, b) => a - b)
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

function lineSwitches(panel: Panel): void {
  for (const one of document.querySelectorAll<HTMLButtonElement>(`[data-line^="${panel.spec.id}:"]`)) {
    const line = Number(one.dataset.line!.split(':')[1])
    one.setAttribute('aria-pressed', String(!panel.spec.hidden?.includes(line)))
    one.addEventListener('click', () => one.setAttribute('aria-pressed', String(panel.toggle(line))))
  }
}

/** The buttons of a price chart that choose the horizon whose regimes are painted behind it. */
function regimeSwitch({ regimes }: InstrumentCharts, index: number, { panels }: View): void {
  const panel = panels.find(({ spec }) => spec.id === `price-${index}`)
  const buttons = [...document.querySelectorAll<HTMLButtonElement>(`[data-regimes^="${index}:"]`)]
  if (panel === undefined || buttons.length === 0) return
  const choose = (horizon: string | undefined) => {
    panel.paint(regimes.find((one) => one.horizon === horizon))
    for (const one of buttons) one.setAttribute('aria-pressed', String(one.dataset.regimes === `${index}:${horizon}`))
    for (const one of document.querySelectorAll<HTMLElement>(`[data-legend^="${index}:"]`)) {
      one.hidden = one.dataset.legend !== `${index}:${horizon}`
    }
  }
  for (const one of buttons) {
    one.addEventListener('click', () =>
      choose(one.getAttribute('aria-pressed') === 'true' ? undefined : one.dataset.regimes!.split(':')[1]),
    )
  }
  const first = buttons.find((one) => one.getAttribute('aria-pressed') === 'true')
  choose(first?.dataset.regimes?.split(':')[1])
}

function button(selector: string): HTMLButtonElement {
  return document.querySelector<HTMLButtonElement>(selector)!
}
