// How long from the command `report` to a page that is drawn, of a year of one-minute bars with 22,080 fills?
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openTopics } from '../topics/index.ts'
import { crossBars } from './bars.ts'
import { type Bench, child, type Figure, mustEqual, timed } from './bench.ts'
import { minutes } from './series.ts'

/** The run of the bench `bars`, which is not timed here; nor is the start of the browser, which a reader has open already. */
export const report: Bench = {
  name: 'report',
  question: 'the report of a year of one-minute bars with 22,080 fills, from the command to the page drawn in Chromium',
  async run({ share, data, folder }) {
    const dir = join(folder, 'log')
    child([join(import.meta.dirname, 'write-bars.ts'), data, dir, String(Math.round(minutes * share))])
    const topics = await openTopics({ engine: 'embedded', dir })
    const { run, fills, trades } = await crossBars(topics)
    await topics.close()
    const file = join(folder, 'report.html')
    const main = join(import.meta.dirname, '..', 'bin', 'main.ts')
    const write = async () => child([...process.execArgv, main, 'report', run, '-o', file, '--dir', dir, '--json'])
    // Loaded here alone: the other benches measure their memory.
    const { chromiumPath } = await import('../tests/data.ts')
    const executablePath = chromiumPath()
    if (executablePath === undefined) {
      const { ms } = await timed(write)
      mustEqual('fills on the page', fillsOn(readFileSync(file, 'utf8')), fills)
      return [{ what: 'the command; no Chromium to open it in', value: ms / 1000, unit: 's' }]
    }
    const { chromium } = await import('playwright-core')
    // Root has no sandbox to go to.
    const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      const written = await timed(write)
      const opened = await timed(async () => {
        await page.goto(pathToFileURL(file).href)
        await page.waitForSelector('html[data-ready]')
        await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
      })
      mustEqual('fills on the page', fillsOn(await page.content()), fills)
      const listed = await page.locator('#trips h3').textContent()
      mustEqual('round trips on the page', Number(listed!.replace(/\D/g, '')), trades)
      const seconds = (...parts: { ms: number }[]) => parts.reduce((sum, { ms }) => sum + ms, 0) / 1000
      return [
        { what: 'the command to the page drawn', value: seconds(written, opened), unit: 's', pass: 3 },
        { what: 'of it the command', value: seconds(written), unit: 's' },
        { what: 'of it the page', value: seconds(opened), unit: 's' },
      ] satisfies Figure[]
    } finally {
      await browser.close()
    }
  },
}

function fillsOn(page: string): number {
  const [, count] = />Fills<\/th><td class="number" title="([^"]*)"/.exec(page) ?? []
  return Number(count?.replace(/\D/g, ''))
}
