// The report in a real Chromium: what a person sees and does, at 1280 and 390 px, dark and light.
import { expect, test } from 'vitest'
import { describeWith } from '../data.ts'
import { coloursIn, csvOf, expectVisible, faintTexts, hashOf, readout, reportsInChromium } from './chromium.ts'
import { sampleReport, withMargin } from './sample-report.ts'

const plots = [
  ...['equity', 'drawdown', 'price-0', 'position-0'],
  ...['rolling-sharpe', 'rolling-volatility', 'rolling-wins'],
] as const
const sample = sampleReport({ minutes: 45 * 1440, tradeChance: 0.02, gaps: true })

describeWith(['chromium', 'time'], 'the report in Chromium', () => {
  const show = reportsInChromium()

  for (const dark of [false, true]) {
    for (const width of [1280, 390]) {
      test(`${dark ? 'dark' : 'light'} at ${width} px it asks for nothing, complains of nothing and draws every chart`, async () => {
        const page = await show(sample, { width, dark })
        for (const plot of plots) expect(await coloursIn(page, plot), plot).toBeGreaterThan(3)
        const [whole, seen] = await page.evaluate<[number, number]>(
          '[document.documentElement.scrollWidth, innerWidth]',
        )
        expect(whole).toBeLessThanOrEqual(seen)
        expect(await page.evaluate<string[]>(faintTexts)).toEqual([])
        expect(page.noise).toEqual([])
      })
    }
  }

  test('the answer comes first: verdict and six numbers stand in the first screen', async () => {
    const page = await show(sample)
    const box = await page.locator('#headline').boundingBox()
    expect(box!.y + box!.height).toBeLessThan(450)
    expect(await page.locator('#headline > div').count()).toBe(6)
    expect(await page.locator('.mark').textContent()).toMatch(/^(Lost money|Made money, unproven)$/)
  })

  for (const width of [1280, 390]) {
    test(`at ${width} px margin accounts are drawn, with what they came to at their highest`, async () => {
      const page = await show(withMargin(sample), { width, dark: width === 390 })
      expect(await coloursIn(page, 'margin')).toBeGreaterThan(3)
      const whole = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(whole).toBeLessThanOrEqual(width)
      expect(await page.evaluate<string[]>(faintTexts)).toEqual([])
      expect(await page.locator('#figure-margin figcaption').textContent()).toBe(
        'At its highest the maintenance margin of fast was 100 % of the balance (2024-01-24T06:07:00 UTC). The exchange liquidated in 3 executions; the insurance fund took 37.5 USDT in fees, and holds 1\u2009037.5 at the end.',
      )
      const cells = await page.locator('#margin-accounts tbody tr').nth(1).locator('th, td').allTextContents()
      expect(cells.slice(0, 4)).toEqual(['fast', '100', '5', '162.5\u2009k'])
      expect(await page.locator('#margin-positions tbody tr').count()).toBe(4)
      const lines = await csvOf(page, page.locator('[data-csv="margin"]'))
      expect(lines[0]).toContain('slow')
      expect(lines[0]).toContain('fast')
      expect(page.noise).toEqual([])
    })
  }

  test('the crosshair is shared: a pointer on one chart reads the same time on all', async () => {
    const page = await show(sample)
    const box = (await page.locator('#plot-equity .u-over').boundingBox())!
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2)
    // The rolling charts have a point a day, from their first whole window on.
    const dense = plots.slice(0, 4)
    const times = await Promise.all(dense.map(async (plot) => (await readout(page, plot)).slice(0, 13)))
    expect(times[0]).toMatch(/^2024-01-\d\d \d\d$/)
    expect(new Set(times.slice(0, 2)).size).toBe(1)
    expect(times.every((time) => time.startsWith(times[0]!.slice(0, 10)))).toBe(true)
  })

  test('a drag zooms every chart, a double click shows the whole range again', async () => {
    const page = await show(sample)
    const reset = page.locator('[data-reset="position-0"]')
    const before = await hashOf(page, 'price-0')
    const box = (await page.locator('#plot-equity .u-over').boundingBox())!
    await page.mouse.move(box.x + 100, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + 300, box.y + 60, { steps: 4 })
    await page.mouse.up()
    await expectVisible(reset)
    expect(await hashOf(page, 'price-0')).not.toBe(before)
    await page.mouse.dblclick(box.x + 200, box.y + 50)
    expect(await reset.isVisible()).toBe(false)
    await page.mouse.move(0, 0)
    expect(await hashOf(page, 'price-0')).toBe(before)
  })

  test('the keyboard moves the crosshair, zooms and resets', async () => {
    const page = await show(sample)
    await page.locator('#plot-price-0').focus()
    await page.keyboard.press('ArrowRight')
    const first = await readout(page, 'price-0')
    await page.keyboard.press('ArrowRight')
    const second = await readout(page, 'price-0')
    expect(first).toMatch(/^2024-01-01 /)
    expect(second > first).toBe(true)
    expect(await readout(page, 'equity')).not.toBe('')
    const reset = page.locator('[data-reset="price-0"]')
    await page.keyboard.press('ArrowUp')
    await expectVisible(reset)
    const zoomed = await hashOf(page, 'equity')
    await page.keyboard.press('Shift+ArrowRight')
    expect(await hashOf(page, 'equity')).not.toBe(zoomed)
    await page.keyboard.press('Escape')
    expect(await reset.isVisible()).toBe(false)
  })

  test('equity can be drawn on a logarithmic axis, unless it was ever zero or below', async () => {
    const page = await show(sample)
    const linear = await hashOf(page, 'equity')
    await page.locator('#log').click()
    expect(await page.locator('#log').getAttribute('aria-pressed')).toBe('true')
    expect(await hashOf(page, 'equity')).not.toBe(linear)
    expect(await coloursIn(page, 'equity')).toBeGreaterThan(3)
    expect(page.noise).toEqual([])
    const ruined = { ...sample.equity, values: sample.equity.values.map((value, at) => (at === 9 ? -1 : value)) }
    const other = await show({ ...sample, equity: ruined })
    expect(await other.locator('#log').isDisabled()).toBe(true)
  })

  test('the data of a chart are given as CSV to the last digit, over the times of all its curves', async () => {
    const page = await show(sample)
    const lines = await csvOf(page, page.locator('[data-csv="equity"]'))
    expect(lines[0]).toBe('time,equity,buy_and_hold')
    const held = sample.benchmark!.equity
    expect(lines.length).toBe(new Set([...sample.equity.times, ...held.times]).size + 1)
    const last = lines.at(-1)!.split(',').slice(1)
    expect(last).toEqual([sample.equity.values.at(-1), held.values.at(-1)].map(String))
  })

  test('on paper no table is cut off', async () => {
    const page = await show(withMargin(sample), { width: 688 })
    await page.emulateMedia({ media: 'print' })
    const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('.box.static, figure.still')]
      .filter((box) => { const table = box.querySelector('table'); return table && table.scrollWidth > box.clientWidth })
      .map((box) => box.id)`)
    expect(cut).toEqual([])
  })

  test('round trips are sorted, filtered, copied and saved', async () => {
    const page = await show(sample)
    const net = page.locator('#trips-scroll tbody tr:not(.filler) td:nth-child(11)')
    await page.locator('#trips-scroll th button', { hasText: 'Net' }).click()
    const largest = Math.max(...sample.trips.map((trip) => trip.net))
    expect(numberOf(await net.first().textContent())).toBe(largest)
    await page.locator('#trips-scroll th button', { hasText: 'Net' }).click()
    expect(numberOf(await net.first().textContent())).toBe(Math.min(...sample.trips.map((trip) => trip.net)))
    await page.locator('#trips-filter').fill('long net<0')
    const wanted = sample.trips.filter((trip) => trip.side === 'long' && trip.net < 0)
    expect(await net.count()).toBe(wanted.length)
    await page.locator('#trips-copy').click()
    await page.locator('#trips-copy', { hasText: 'copied' }).waitFor()
    const copied = (await page.evaluate<string>('navigator.clipboard.readText()')).split('\n')
    expect(copied.length).toBe(wanted.length + 1)
    expect(copied[0]).toContain('side\tsize\tentryPrice')
    expect((await csvOf(page, page.locator('#trips-csv'))).length).toBe(wanted.length + 1)
    await page.locator('#trips-filter').fill('short long')
    expect(await page.locator('#trips-count').textContent()).toContain('Clear the filter')
  })

  test('of ten thousand round trips only those in sight are in the page, and the last is reached by scrolling', async () => {
    const trips = Array.from({ length: 10_000 }, (_, at) => ({
      ...sample.trips[at % sample.trips.length]!,
      fills: at + 1,
    }))
    const page = await show({ ...sample, trips, tripsOf: trips.length })
    expect(await page.locator('#trips-scroll tbody tr').count()).toBeLessThan(100)
    await page.evaluate('document.getElementById("trips-scroll").scrollTop = 1e9')
    await page.locator('#trips-scroll td:nth-child(8)', { hasText: '10\u2009000' }).waitFor()
    expect(await page.locator('#trips-scroll tbody tr').count()).toBeLessThan(100)
  })

  test('tables of the page are sorted and copied in full precision', async () => {
    const page = await show(sample)
    const table = page.locator('#metrics-0')
    await table.locator('th button', { hasText: 'Value' }).click()
    expect(await table.locator('thead th[aria-sort="ascending"]').count()).toBe(1)
    await table.locator('.bar button', { hasText: 'copy' }).click()
    await table.locator('.bar button', { hasText: 'copied' }).waitFor()
    const text = await page.evaluate<string>('navigator.clipboard.readText()')
    const line = text.split('\n').find((one) => one.startsWith('Total return'))!
    expect(Number.parseFloat(line.split('\t')[1]!) / 100).toBeCloseTo(sample.performance.totalReturn!, 12)
  })

  test('of a million points as many are drawn as there are pixels, when it opens and at each zoom', async () => {
    const times = Float64Array.from({ length: 1_000_000 }, (_, at) => sample.from + at * 3_000_000)
    const wave = (height: number) => ({
      ...{ times, of: times.length },
      values: times.map((_, at) => 1000 + height * Math.round(100 * Math.sin(at / 9e4) + 9 * Math.sin(at * at))),
    })
    const instruments = [{ ...sample.instruments[0]!, price: wave(1), position: wave(0.01) }]
    const data = { ...sample, to: times.at(-1)!, equity: wave(3), instruments }
    const page = await show(data)
    const drawn = await page.evaluate<number[]>(`(async () => {
      let lines = 0
      for (const path of [Path2D, CanvasRenderingContext2D]) {
        const { lineTo } = path.prototype
        path.prototype.lineTo = function (x, y) {
          lines++
          return lineTo.call(this, x, y)
        }
      }
      const plot = document.getElementById('plot-price-0')
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      const drawn = []
      for (const key of ['ArrowUp', 'ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowUp']) {
        const before = lines
        plot.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
        await frame()
        drawn.push(lines - before)
      }
      return drawn
    })()`)
    // What makes it smooth, whatever the machine: of the million points of each of four charts some are drawn a pixel, no more.
    for (const lines of drawn) {
      expect(lines).toBeGreaterThan(100)
      expect(lines).toBeLessThan(4 * 1280 * 16)
    }
    expect(page.noise).toEqual([])
  }, 120_000)

  test('the colour switch goes through system, light and dark, and the charts follow', async () => {
    const page = await show(sample)
    const theme = () => page.evaluate<string>('document.documentElement.dataset.theme')
    const light = await hashOf(page, 'equity')
    await page.locator('#theme').click()
    expect(await theme()).toBe('light')
    await page.locator('#theme').click()
    expect(await theme()).toBe('dark')
    expect(await hashOf(page, 'equity')).not.toBe(light)
    await page.locator('#theme').click()
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.waitForSelector('html[data-theme="dark"]')
    expect(await theme()).toBe('dark')
  })

  test('a run without trades says why under the title', async () => {
    const none = { signals: 0, orders: 0, fills: 0, cancelled: 0, expired: 0, bars: 12, warmup: 30 }
    const page = await show({
      ...sampleReport({ minutes: 12, tradeChance: 0 }),
      activity: { ...sample.activity, ...none },
    })
    expect(await page.locator('#why').textContent()).toContain('The warm-up is longer than the data')
    expect(page.noise).toEqual([])
  })

  test('it prints on A4 in black and white, from the dark page too', async () => {
    const page = await show(sample, { dark: true })
    await page.evaluate(
      'addEventListener("beforeprint", () => { window.printed = document.documentElement.dataset.theme })',
    )
    const pdf = await page.pdf({ preferCSSPageSize: true })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    // A4 is 595 × 842 points.
    expect(pdf.toString('latin1')).toMatch(/\/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]/)
    expect(await page.evaluate('window.printed')).toBe('paper')
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
  })
})

/** A number as it is shown, arrow and thin spaces included. */
function numberOf(text: string | null): number {
  return Number(text!.replace(/[▲▼+\s]/g, '').replace('\u2212', '-'))
}
