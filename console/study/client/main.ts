// What the page of a study does once it is there: charts, maps, tables, colours, printing.
import { readData } from '../../report/client/columns.ts'
import { save } from '../../report/client/download.ts'
import { enliven } from '../../report/client/static-table.ts'
import { switchColours } from '../../report/client/theme.ts'
import type { StudyCharts } from '../data.ts'
import { curveChart, type Drawn } from './curves.ts'
import { metricMap } from './map.ts'

try {
  const { name, curves, maps, tables } = await readData<StudyCharts>()
  const charts: Drawn[] = [
    ...curves.map((chart) => curveChart(chart, name)),
    ...maps.map((map) => metricMap(map, name)),
  ].filter((one) => one !== undefined)
  for (const [id, lines] of Object.entries(tables)) {
    document.querySelector(`[data-csv="${id}"]`)?.addEventListener('click', () => save(`${name}-${id}.csv`, lines))
  }
  enliven(name)
  const draw = () => {
    for (const chart of charts) chart.draw()
  }
  switchColours(document.getElementById('theme') as HTMLButtonElement, draw)
  new ResizeObserver(draw).observe(document.querySelector('main')!)
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true
  })
  // In ms since the page was asked for: what a person waits.
  document.documentElement.dataset.ready = String(Math.round(performance.now()))
} catch (error) {
  const place = document.getElementById('failed')!
  place.hidden = false
  place.textContent = `The charts could not be drawn: ${String(error)}. Every table is here without them; a newer browser may draw them.`
  throw error
}
