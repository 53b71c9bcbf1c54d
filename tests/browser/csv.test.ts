// Each chart of each page gives its data: whatever buttons a page has are pressed, so that a new chart is held to it as well.
import { expect, test } from 'vitest'
import { renderComparison } from '../../console/report/compare-page.ts'
import { renderReport } from '../../console/report/page.ts'
import { heatmapPage } from '../../console/study/heatmap-page.ts'
import { validationPage } from '../../console/study/validation-page.ts'
import { describeWith } from '../data.ts'
import { csvOf, pagesInChromium } from './chromium.ts'
import { sampleReport, withMargin } from './sample-report.ts'
import { sampleHeatmap, sampleValidation } from './sample-study.ts'

const run = sampleReport({ minutes: 100 * 1440, tradeChance: 0.005 })
const compared = ['first', 'second'].map((name) => ({ data: { ...run, run: name }, luck: '', settings: [] }))
const pages: Readonly<Record<string, () => string>> = {
  'a run': () => renderReport(withMargin(run)),
  'several runs': () => renderComparison(compared),
  'a study': () => heatmapPage(sampleHeatmap(20)),
  'a validation': () => validationPage(sampleValidation()),
}

describeWith(['chromium', 'time'], 'data as CSV in Chromium', () => {
  const show = pagesInChromium()

  test.each(Object.keys(pages))('the page of %s gives the data of every chart, and of each some rows', async (name) => {
    const page = await show(pages[name]!())
    const idsOf = (what: string) =>
      page.evaluate<string[]>(`[...document.querySelectorAll('${what}')].map(({ id, dataset }) => dataset.csv ?? id)`)
    const buttons = await idsOf('[data-csv]')
    const charts = (await idsOf('[id^="plot-"]')).map((id) => id.slice('plot-'.length))
    const still = (await idsOf('figure.still')).map((id) => id.slice('figure-'.length))
    expect(buttons.length).toBeGreaterThan(0)
    expect(buttons.toSorted()).toEqual([...new Set([...charts, ...still])].sort())
    for (const id of buttons) {
      const [head, ...rows] = await csvOf(page, page.locator(`[data-csv="${id}"]`))
      const columns = head!.split(',')
      expect(columns, id).not.toContain('')
      expect(rows.length, id).toBeGreaterThan(0)
      for (const row of rows) expect(row.split(',').length, `${id}: ${row}`).toBe(columns.length)
      // Each column says something somewhere.
      const empty = columns.filter((_, at) => rows.every((row) => row.split(',')[at] === ''))
      expect(empty, id).toEqual([])
    }
    expect(page.noise).toEqual([])
  })
})
