// What the charts of the report let a person do beside looking: curves, regimes, accounts, data.
import { expect, test } from 'vitest'
import { describeWith } from '../data.ts'
import { coloursIn, csvOf, hashOf, readout, reportsInChromium } from './chromium.ts'
import { sampleReport } from './sample-report.ts'

const sample = sampleReport({ minutes: 45 * 1440, tradeChance: 0.02, gaps: true })

describeWith(['chromium', 'time'], 'the charts of the report in Chromium', () => {
  const show = reportsInChromium()

  test('a chart that needs no script gives its data as CSV, and so do tables with bars', async () => {
    const page = await show(sample)
    const returns = await csvOf(page, page.locator('[data-csv="returns"]'))
    expect(returns[0]).toBe('from_percent,to_percent,round_trips')
    const counted = returns.slice(1).reduce((sum, line) => sum + Number(line.split(',')[2]), 0)
    expect(counted).toBe(sample.tripsOf)
    const months = await csvOf(page, page.locator('[data-csv="months"]'))
    expect(months).toHaveLength(sample.months.months.length + 1)
    expect(months[1]).toBe(`2024,1,${sample.months.months[0]!.totalReturn},31`)
    const money = await csvOf(page, page.locator('#money button', { hasText: 'CSV' }))
    expect(money.at(-1)).toMatch(/^Net result,-?[\d.]+,/)
    const hours = await csvOf(page, page.locator('#by-hour button', { hasText: 'CSV' }))
    expect(hours).toHaveLength(25)
    expect(Number(hours[1]!.split(',')[1])).toBe(sample.breakdowns[0]!.groups[0]!.net)
  })

  test('curves beside the main one are switched off and on, and the crosshair reads those that are there', async () => {
    const page = await show(sample)
    const held = page.locator('[data-line="equity:0"]')
    const before = await hashOf(page, 'equity')
    const shown = (await held.getAttribute('aria-pressed')) === 'true'
    await held.click()
    expect(await held.getAttribute('aria-pressed')).toBe(String(!shown))
    expect(await hashOf(page, 'equity')).not.toBe(before)
    if (shown) await held.click()
    await page.locator('#plot-equity').focus()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    expect(await readout(page, 'equity')).toMatch(/equity [\d\u2009.]+ {2}buy and hold [\d\u2009.]+ USDT$/)
  })

  test('the regimes behind the price follow the horizon, with a legend that names each', async () => {
    const page = await show(sample)
    const pressed = page.locator('[data-regimes][aria-pressed="true"]')
    expect(await pressed.count()).toBe(1)
    expect(await page.locator('.regimes:visible').textContent()).toMatch(/ranging [\d.]+ %/)
    const first = await hashOf(page, 'price-0')
    await page.locator('[data-regimes][aria-pressed="false"]').click()
    expect(await pressed.count()).toBe(1)
    const second = await hashOf(page, 'price-0')
    expect(second).not.toBe(first)
    await pressed.click()
    expect(await page.locator('.regimes:visible').count()).toBe(0)
    expect(await hashOf(page, 'price-0')).not.toBe(second)
  })

  test('several accounts have a line each, and their table', async () => {
    const [seat] = sample.seats
    const half = { ...seat!.equity, values: seat!.equity.values.map((value, at) => value - at / 100) }
    const seats = [
      { ...seat!, account: 'main' },
      { ...seat!, account: 'other', equity: half },
    ]
    const page = await show({ ...sample, seats })
    expect(await coloursIn(page, 'results')).toBeGreaterThan(3)
    const lines = await csvOf(page, page.locator('[data-csv="results"]'))
    expect(lines[0]).toBe('time,all_accounts,main,other')
    expect(await page.locator('#accounts tbody tr').count()).toBe(2)
    expect(page.noise).toEqual([])
  })
})
