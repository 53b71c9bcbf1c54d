// Reports in a real Chromium, for the tests that look at them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Download, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { ReportData } from '../../console/report/data.ts'
import { renderReport } from '../../console/report/page.ts'
import { chromiumPath } from '../data.ts'

type How = { width?: number; dark?: boolean }
type Opened = Page & { noise: string[] }
export type Show = (data: ReportData, how?: How) => Promise<Opened>

/** A browser for the tests of the block that calls this; gives what opens a report in it. */
export function reportsInChromium(): Show {
  const show = pagesInChromium()
  return (data, how) => show(renderReport(data), how)
}

/** The same for any page of the report's kind, by its HTML. */
export function pagesInChromium(): (html: string, how?: How) => Promise<Opened> {
  let browser: Browser
  let folder: string
  let files = 0
  const open: Page[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smartspeed-report-'))
    // Root has no sandbox to go to; the page asks for nothing and runs only our own script.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    browser = await chromium.launch({ executablePath: chromiumPath()!, args })
  })
  afterEach(async () => {
    for (const page of open.splice(0)) {
      await keepPicture(page)
      await page.context().close()
    }
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The page, opened as a file, once it has drawn itself; whatever it says or asks for is in `noise`. */
  return async function show(html: string, how: How = {}): Promise<Opened> {
    const file = join(folder, `${files++}.html`)
    writeFileSync(file, html)
    const context = await browser.newContext({
      viewport: { width: how.width ?? 1280, height: 900 },
      colorScheme: how.dark ? 'dark' : 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    open.push(page)
    const noise: string[] = []
    page.on('console', (message) => noise.push(message.text()))
    page.on('pageerror', (error) => noise.push(error.message))
    page.on('request', (request) => noise.push(request.url()))
    await page.goto(pathToFileURL(file).href)
    await page.waitForSelector('html[data-ready]')
    expect(noise.shift()).toBe(pathToFileURL(file).href)
    return Object.assign(page, { noise })
  }
}

let pictures = 0

/** What a page looks like at the end of its test, where SMARTSPEED_PICTURES names a folder: CI keeps them for whoever wants to look. */
async function keepPicture(page: Page): Promise<void> {
  const folder = process.env.SMARTSPEED_PICTURES
  if (folder === undefined) return
  const name = (expect.getState().currentTestName ?? 'page').replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 120)
  await page.screenshot({ path: join(folder, `${name}-${process.pid}-${pictures++}.png`) })
}

/** Different colours that a chart's canvas shows. */
export async function coloursIn(page: Page, plot: string): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('#plot-${plot} canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })()`)
}

export async function hashOf(page: Page, plot: string): Promise<string> {
  return page.evaluate<string>(`document.querySelector('#plot-${plot} canvas').toDataURL()`)
}

export async function readout(page: Page, plot: string): Promise<string> {
  return (await page.locator(`#readout-${plot}`).textContent()) ?? ''
}

export async function csvOf(page: Page, button: Locator): Promise<string[]> {
  const [download] = await Promise.all<[Promise<Download>, Promise<void>]>([
    page.waitForEvent('download'),
    button.click(),
  ] as never)
  return readFileSync(await (download as unknown as Download).path(), 'utf8')
    .trimEnd()
    .split('\n')
}

export async function expectVisible(locator: Locator): Promise<void> {
  await locator.waitFor({ state: 'visible', timeout: 30_000 })
  expect(await locator.isVisible()).toBe(true)
}

/** Texts whose colour stands out from what is behind them by less than 4.5 : 1 (WCAG 2.2, 1.4.3). */
export const faintTexts = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number)
  const luminance = ([r, g, b]) => [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor)
      if (colour.length === 3 || colour[3] > 0.99) return colour
    }
    return [255, 255, 255]
  }
  const faint = []
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
    if (!own || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(element.tagName) || element.offsetParent === null) continue
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) faint.push(element.tagName + '.' + element.className + ' ' + element.textContent.slice(0, 30) + ' ' + ratio.toFixed(2))
  }
  return faint
})()`
