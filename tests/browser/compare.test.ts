// Several runs on one page, in a real Chromium.
import { expect, test } from 'vitest'
import { type Compared, renderComparison } from '../../console/report/compare-page.ts'
import type { ReportData } from '../../console/report/data.ts'
import { describeWith } from '../data.ts'
import { coloursIn, csvOf, faintTexts, hashOf, pagesInChromium } from './chromium.ts'
import { sampleReport } from './sample-report.ts'

const runOf = (run: string, minutes: number): ReportData => ({ ...sampleReport({ minutes, tradeChance: 0.02 }), run })
const runs: readonly Compared[] = [
  { data: runOf('first', 10 * 1440), luck: '', settings: [] },
  {
    data: runOf('longer', 20 * 1440),
    luck: 'luck may be all',
    settings: [{ key: 'params.fast', value: '20', first: '10' }],
  },
  { data: runOf('short', 1440), luck: 'too few days to tell', settings: [] },
]

test('the page holds every run, with its figures, what sets it apart, and how sure that is', () => {
  const page = renderComparison(runs)
  for (const text of [
    'first · longer · short',
    'longer beside first: luck may be all.',
    'params.fast',
    'Profit factor',
  ]) {
    expect(page).toContain(text)
  }
  expect(page).not.toMatch(/(src|href)="(?!data:)/)
  expect(renderComparison(runs.slice(0, 1).concat({ ...runs[0]!, luck: 'equal' }))).toContain('No difference')
  // A setting that a run shares with the first is said of it too.
  expect(page).toMatch(/params.fast<\/th><td>10<\/td><td>20<\/td><td>10<\/td>/)
})

describeWith('chromium', 'a comparison in Chromium', () => {
  const show = pagesInChromium()

  for (const [width, dark] of [
    [1280, false],
    [390, true],
  ] as const) {
    test(`at ${width} px ${dark ? 'in the dark ' : ''}draws both charts, asks for nothing and stays in its width`, async () => {
      const page = await show(renderComparison(runs), { width, dark })
      for (const plot of ['compared', 'compared-drawdown']) expect(await coloursIn(page, plot)).toBeGreaterThan(5)
      const whole = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(whole).toBeLessThanOrEqual(width)
      expect(await page.evaluate<string[]>(faintTexts)).toEqual([])
      expect(page.noise).toEqual([])
    })
  }

  test('a run can be switched off, and the data of all of them saved', async () => {
    const page = await show(renderComparison(runs))
    const before = await hashOf(page, 'compared')
    await page.locator('[data-line="compared:0"]').click()
    expect(await hashOf(page, 'compared')).not.toBe(before)
    const lines = await csvOf(page, page.locator('[data-csv="compared"]'))
    expect(lines[0]).toBe('time,first,longer,short')
    expect(lines[1]).toMatch(/^2024-01-01T00:00:00Z,0,0,0$/)
    const depths = await csvOf(page, page.locator('[data-csv="compared-drawdown"]'))
    for (const line of depths.slice(1))
      for (const cell of line.split(',').slice(1)) expect(Number(cell)).toBeLessThanOrEqual(0)
  })
})
