// The picture of a report in README.md: node tests/browser/picture.ts REPORT.html docs/report.png
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { chromiumPath } from '../data.ts'

const [report, picture] = process.argv.slice(2)
if (report === undefined || picture === undefined) throw new Error('usage: picture.ts REPORT.html PICTURE.png')
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const browser = await chromium.launch({ executablePath: chromiumPath() ?? 'chromium', args })
const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, colorScheme: 'light' })
await page.goto(pathToFileURL(resolve(report)).href)
await page.waitForSelector('html[data-ready]')
await page.screenshot({ path: picture })
await browser.close()
