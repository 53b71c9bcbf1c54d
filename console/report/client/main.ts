// What the page does once it is there: charts, tables, colours, printing.
import { drawCharts } from './charts.ts'
import { readData } from './columns.ts'
import { enliven } from './static-table.ts'
import { switchColours } from './theme.ts'
import { showTrips } from './trips.ts'

try {
  const data = await readData()
  const view = drawCharts(data)
  showTrips(data)
  enliven(data.run)
  switchColours(document.getElementById('theme') as HTMLButtonElement, () => view.draw())
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true
  })
  // In ms since the page was asked for: what a person waits.
  document.documentElement.dataset.ready = String(Math.round(performance.now()))
} catch (error) {
  const place = document.getElementById('failed')!
  place.hidden = false
  place.textContent = `The charts could not be drawn: ${String(error)}. Every figure is here without them; a newer browser may draw them.`
  throw error
}
