// The pages of a study in a real Chromium: what a person sees and does, at 1280 and 390 px, dark and light.
import { expect, test } from 'vitest'
import { heatmapPage } from '../../console/study/heatmap-page.ts'
import { validationPage } from '../../console/study/validation-page.ts'
import { describeWith } from '../data.ts'
import { coloursIn, csvOf, faintTexts, hashOf, pagesInChromium, readout } from './chromium.ts'
import { sampleHeatmap, sampleMap, sampleValidation } from './sample-study.ts'

const study = heatmapPage(sampleHeatmap(40))
const validation = validationPage(sampleValidation())
const plots = ['out-of-sample', 'fan-0', 'fan-1', 'sensitivity'] as const

describeWith(['chromium', 'time'], 'the pages of a study in Chromium', () => {
  const show = pagesInChromium()

  for (const dark of [false, true]) {
    for (const width of [1280, 390]) {
      test(`${dark ? 'dark' : 'light'} at ${width} px they ask for nothing, complain of nothing and draw every chart`, async () => {
        for (const [html, drawn] of [
          [study, ['map']],
          [validation, plots],
        ] as const) {
          const page = await show(html, { width, dark })
          for (const plot of drawn) expect(await coloursIn(page, plot), plot).toBeGreaterThan(3)
          const [whole, seen] = await page.evaluate<[number, number]>(
            '[document.documentElement.scrollWidth, innerWidth]',
          )
          expect(whole).toBeLessThanOrEqual(seen)
          expect(await page.evaluate<string[]>(faintTexts)).toEqual([])
          expect(page.noise).toEqual([])
        }
      })
    }
  }

  test('the answer comes first: the verdict with its reasons and six numbers stand in the first screen', async () => {
    const page = await show(validation)
    expect(await page.locator('#verdict .mark').textContent()).toBe('Amber')
    expect(await page.locator('#verdict li').count()).toBe(2)
    expect(await page.locator('#checks tbody tr').count()).toBe(4)
    const box = await page.locator('#headline').boundingBox()
    expect(box!.y + box!.height).toBeLessThan(450)
    expect(await page.locator('#headline > div').count()).toBe(6)
    for (const level of ['green', 'red'] as const) {
      const other = await show(validationPage(sampleValidation(level)))
      const kind = level === 'green' ? 'good' : 'bad'
      expect(await other.locator(`#verdict .mark.${kind}`).count()).toBe(1)
    }
  })

  test('bars of windows and of spreads are drawn, each chart gives its data as CSV', async () => {
    const page = await show(validation)
    const heights = await page.evaluate<number[]>(
      '[...document.querySelectorAll(".pair i")].map((bar) => bar.getBoundingClientRect().height)',
    )
    expect(heights).toHaveLength(24)
    expect(heights.filter((height) => height > 0)).toHaveLength(24)
    expect(await page.locator('#figure-logits .bin').count()).toBeGreaterThan(10)
    const sample = sampleValidation()
    const lines = {
      ...{ windows: 13, paths: 46, logits: 925, 'out-of-sample': 481, 'fan-0': 251, 'fan-1': 251 },
      sensitivity: sample.sensitivity!.values.filter((value) => !Number.isNaN(value)).length + 1,
    }
    for (const [id, count] of Object.entries(lines)) {
      expect(await csvOf(page, page.locator(`[data-csv="${id}"]`)), id).toHaveLength(count)
    }
    const fan = await csvOf(page, page.locator('[data-csv="fan-0"]'))
    expect(fan[0]).toBe('days,5_%,25_%,50_%,75_%,95_%,as_it_was')
    expect(fan[1]!.split(',').slice(1).map(Number)[5]).toBe(sample.fans[0]!.observed![0])
  })

  test('the keyboard moves the crosshair of a curve, zooms and shows all again', async () => {
    const page = await show(validation)
    await page.locator('#plot-fan-0').focus()
    await page.keyboard.press('ArrowRight')
    expect(await readout(page, 'fan-0')).toMatch(/^days 1 {2}as it was [\d\u2009.]+ {2}95 % /)
    await page.keyboard.press('ArrowRight')
    expect(await readout(page, 'fan-0')).toMatch(/^days 2 /)
    await page.mouse.move(0, 0)
    const whole = await hashOf(page, 'fan-0')
    await page.keyboard.press('ArrowUp')
    expect(await hashOf(page, 'fan-0')).not.toBe(whole)
    await page.keyboard.press('Escape')
    await expect.poll(() => hashOf(page, 'fan-0')).toBe(whole)
    expect(page.noise).toEqual([])
  })

  test('a drag zooms a curve, a double click shows all again', async () => {
    const page = await show(validation)
    await page.locator('#plot-out-of-sample').scrollIntoViewIfNeeded()
    const whole = await hashOf(page, 'out-of-sample')
    const box = (await page.locator('#plot-out-of-sample .u-over').boundingBox())!
    await page.mouse.move(box.x + 100, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + 300, box.y + 60, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => hashOf(page, 'out-of-sample')).not.toBe(whole)
    await page.mouse.dblclick(box.x + 200, box.y + 50)
    await expect.poll(() => hashOf(page, 'out-of-sample')).toBe(whole)
  })

  test('the best cell is marked and read by its button, and the arrows go on from there', async () => {
    const page = await show(study)
    await page.locator('[data-best="map"]').click()
    const input = sampleHeatmap(40)
    const { fast, slow, mode } = input.best[0]!.params
    expect(await readout(page, 'map')).toMatch(
      new RegExp(
        `^fast ${fast} {2}slow ${slow} {2}mode ${mode} {2}Sharpe ratio ${input.best[0]!.value.toPrecision(3)}`,
      ),
    )
    await page.locator('#plot-map').focus()
    await page.keyboard.press('ArrowRight')
    expect(await readout(page, 'map')).toMatch(new RegExp(`^fast ${(fast as number) + 1} {2}slow ${slow} `))
    await page.keyboard.press('Escape')
    expect(await readout(page, 'map')).toBe('')
  })

  test('axes are turned and a third one is fixed, in the picture and in what the pointer reads', async () => {
    const page = await show(study)
    const first = await hashOf(page, 'map')
    const selects = page.locator('#choosers-map select')
    expect(await selects.count()).toBe(3)
    await selects.nth(2).selectOption({ label: 'long-flat' })
    const flat = await hashOf(page, 'map')
    expect(flat).not.toBe(first)
    await page.hover('#plot-map canvas', { position: { x: 300, y: 60 } })
    expect(await readout(page, 'map')).toContain('mode long-flat')
    await selects.nth(0).selectOption({ label: 'mode' })
    expect(await page.locator('#choosers-map label').allTextContents()).toEqual([
      expect.stringMatching(/^across/),
      expect.stringMatching(/^up/),
      expect.stringMatching(/^fast/),
    ])
    await page.locator('[data-best="map"]').click()
    expect(await readout(page, 'map')).toContain(`mode ${sampleHeatmap(40).best[0]!.params.mode}`)
    expect(page.noise).toEqual([])
  })

  test('a study of one parameter is a row of cells, one where nothing gave a number says so', async () => {
    const { axes, values, ...rest } = sampleHeatmap(30, false)
    const row = await show(heatmapPage({ ...rest, axes: axes.slice(1), values: values.slice(0, 30) }))
    expect(await coloursIn(row, 'map')).toBeGreaterThan(3)
    expect(row.noise).toEqual([])
    const none = await show(
      heatmapPage({ ...rest, axes, values: values.map(() => Number.NaN), best: [], trials: 0, failed: 812 }),
    )
    expect(await none.locator('main').textContent()).toContain('No trial gave a number: 812 trials failed')
    expect(none.noise).toEqual([])
  })

  test('parts that a validation lacks say what they need', async () => {
    const { sensitivity, outOfSample, ...rest } = sampleValidation()
    const page = await show(
      validationPage({
        ...{ ...rest, sensitivity: undefined, outOfSample: undefined, paths: undefined, logits: undefined },
        ...{
          windows: [],
          holdOut: undefined,
          fans: [],
          reasons: [],
          checks: [],
          warnings: [],
          dsr: undefined,
          score: undefined,
        },
      }),
    )
    expect(await page.locator('p.empty').count()).toBe(6)
    expect(page.noise).toEqual([])
    const bare = await show(
      validationPage({
        ...{ ...rest, sensitivity, outOfSample },
        paths: Float64Array.of(1, Number.NaN, 2),
      }),
    )
    expect(await bare.locator('#figure-paths figcaption').textContent()).toMatch(/^Each of 2 paths/)
    expect(bare.noise).toEqual([])
  })

  test('of ten thousand cells and more the picture is there at once and names stay text', async () => {
    const map = sampleMap(120)
    const page = await show(heatmapPage({ ...sampleHeatmap(10), ...map, strategy: '<img src=x onerror=alert(1)>' }))
    expect(await page.locator('h1').textContent()).toContain('<img')
    expect(await coloursIn(page, 'map')).toBeGreaterThan(50)
    expect(page.noise).toEqual([])
  })

  test('they print on A4, from the dark page too, and the colour switch redraws them', async () => {
    for (const [html, plot] of [
      [study, 'map'],
      [validation, 'sensitivity'],
    ] as const) {
      const page = await show(html, { dark: true })
      await page.evaluate(
        'addEventListener("beforeprint", () => { window.printed = document.documentElement.dataset.theme })',
      )
      const pdf = await page.pdf({ preferCSSPageSize: true })
      expect(pdf.toString('latin1')).toMatch(/\/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]/)
      expect(await page.evaluate('window.printed')).toBe('paper')
      const dark = await hashOf(page, plot)
      await page.locator('#theme').click()
      expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('light')
      expect(await hashOf(page, plot)).not.toBe(dark)
    }
  })
})
