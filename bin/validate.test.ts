// `validate` as a person types it, over markets of which it is known what is in them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StudyCharts } from '../console/study/data.ts'
import { random } from '../operators/random.ts'
import { parameterSensitivity, whyNotAsPublished } from '../operators/research/index.ts'
import { type Candle, type Desk, dayUs, hourUs, market, openDesk } from '../tests/stories/desk.ts'
import type { validateResult } from './validate.ts'

/** What it prints with --json. */
type Answer = ReturnType<typeof validateResult>

/** 2022. */
const startUs = 1_640_995_200_000_000
const names = ['--exchange', market.exchange, '--symbol', market.symbol, '--fill', 'next-open', '--taker-fee', '0.0001']
const crossing = ['--strategy', 'sma-cross', '--set', 'mode=long-short', '--set', 'size=1', ...names]

describe('on a random walk', () => {
  const asked = ['validate', ...crossing, '--grid', 'fast=2:12:2', '--grid', 'slow=14:70:8', '--name', 'noise']
  let desk: Desk
  let noise: Answer
  beforeAll(async () => {
    desk = openDesk()
    await desk.load(walk('noise', 480), { interval: '4h' })
    noise = await desk.json<Answer>(...asked, '--report', join(desk.folder, 'noise.html'))
  })
  afterAll(() => desk?.close())

  test('the best of some dozens of crossings is red, and the reasons say that it is luck', () => {
    expect([noise.trials, noise.verdict]).toEqual([48, 'red'])
    expect(noise.reasons.length).toBeGreaterThan(0)
    for (const reason of noise.reasons) expect(reason).toMatch(/or it is luck|of the checks warn/)
  })

  test('round trips in any order end where the trial ended, and so does what was, of all three simulations', async () => {
    const trials = await desk.json<{ trial: number; finalEquity: string; dayEquity: number[] }[]>(
      ...['cat', 'trials', '--run', 'noise'],
    )
    const best = trials.find(({ trial }) => trial === noise.best.trial)!
    const end = Number(best.finalEquity) / 1e8 / best.dayEquity[0]!
    const [trips, ...days] = noise.monteCarlo
    expect([trips!.method, ...days.map(({ method }) => method)]).toEqual(['reshuffle', 'block', 'resample'])
    for (const one of noise.monteCarlo) expect(one.observed.at(-1)).toBeCloseTo(end, 9)
    const { p5, p95 } = trips!.equity.at(-1)!
    expect(p5).toBeCloseTo(end, 9)
    expect(p95).toBeCloseTo(end, 9)
    expect(trips!.maxDrawdown.p5).toBeLessThan(trips!.maxDrawdown.p95)
  })

  test('its page has the verdict, trials, windows, curves, fans and the map of the same numbers', async () => {
    const { html, charts } = pageAt(join(desk.folder, 'noise.html'))
    const { study, reasons, windows, outOfSample, monteCarlo, sensitivity, best, params } = noise
    expect(html).toContain('<h1>sma-cross, validated by walk-forward: red</h1>')
    for (const reason of reasons) expect(html).toContain(`<li>${reason}</li>`)
    expect(html).toMatch(/Trials ever made<\/dt><dd class="big" title="48">48</)
    for (const { code, message } of noise.warnings) {
      expect(html).toContain(`>${code.toLowerCase().replaceAll('_', ' ')}</th>`)
      expect(html).toContain(message)
    }
    expect(charts.name).toBe(study)
    expect(charts.tables.windows!.slice(1)).toEqual(
      windows.map(({ train, test, params: { fast, slow }, ...one }) =>
        [
          ...[train[0]!.from, train.at(-1)!.to, test[0]!.from, test.at(-1)!.to].map(
            (time) => `${new Date(time / 1000).toISOString().slice(0, 19)}Z`,
          ),
          ...[fast, slow, one.inSampleSharpe, one.outOfSampleSharpe, one.outOfSampleReturn],
        ].join(','),
      ),
    )
    const [curve, ...fans] = charts.curves
    const cash = curve!.curves[0]!.values[0]! / outOfSample.equity[0]!
    const times = (list: readonly number[]) => list.map((part) => expect.closeTo(cash * part, 6))
    expect(cash).toBeCloseTo(1_000_000, 6)
    expect([...curve!.at]).toEqual(outOfSample.times)
    expect([...curve!.curves[0]!.values]).toEqual(times(outOfSample.equity))
    expect(fans).toHaveLength(monteCarlo.length)
    for (const [at, { steps, equity, observed }] of monteCarlo.entries()) {
      expect([...fans[at]!.at]).toEqual(steps)
      const drawn = (['p5', 'p25', 'p50', 'p75', 'p95'] as const).map((band) => times(equity.map((one) => one[band])))
      expect(fans[at]!.curves.map(({ values }) => [...values])).toEqual([...drawn, times(observed)])
    }
    const { axes, values } = charts.maps[0]!
    const tried = [...values.entries()].filter(([, sharpe]) => !Number.isNaN(sharpe))
    expect(tried).toHaveLength(48)
    const [summit, height] = tried.reduce((top, one) => (one[1] > top[1] ? one : top))
    expect(height).toBeCloseTo(best.sharpe, 9)
    expect([axes[0]!.values[Math.floor(summit / 8)], axes[1]!.values[summit % 8]]).toEqual([params.fast, params.slow])
    const grid = { axes: axes as { name: string; values: number[] }[], places: tried.map(([place]) => place) }
    const seen = parameterSensitivity(
      tried.map(([, sharpe]) => sharpe),
      grid,
    )
    expect(seen).toEqual({ ...sensitivity, gradientVariation: expect.closeTo(sensitivity!.gradientVariation!, 6) })
  })

  test('the deflated Sharpe ratio that is judged stands beside the published one, and why', async () => {
    const page = join(desk.folder, 'costly.html')
    const costly = ['validate', ...crossing, '--grid', 'fast=2:12:2', '--grid', 'slow=14,70', '--taker-fee', '0.005']
    const { dsr, deflation } = await desk.json<Answer>(...costly, '--name', 'costly', '--report', page)
    // Those that trade most lose most: trials differ by more than luck.
    expect(deflation.asPublished).toBeLessThan(dsr)
    const { out } = await desk.run(...costly, '--name', 'costly')
    const [judged, published] = [dsr, deflation.asPublished].map((one) => one.toFixed(2))
    expect(out).toContain(`deflated Sharpe ratio     ${judged}; ${published} as published`)
    expect(out.replaceAll(/\s+/g, ' ')).toContain(whyNotAsPublished)
    const { html } = pageAt(page)
    const percents = [dsr, deflation.asPublished].map((one) => `title="${one}"`)
    expect(html).toMatch(new RegExp(`id="deflation".*${percents.join('.*')}`))
    expect(html).toContain(whyNotAsPublished)
  })

  describe('walk-forward', () => {
    const days = ['--train', '100', '--test', '40', '--step', '25']

    test('trains on as many days as lie before the first test, or on all days before each, and tests the later half', async () => {
      const { observations } = noise
      const length = Math.floor(observations / 2 / 6)
      const first = observations - 6 * length
      const ends = Array.from({ length: 6 }, (_, at) => first + at * length)
      expect(placesOf(noise)).toEqual(ends.map((end, at) => [[[at * length, end]], [[end, end + length]]]))
      const anchored = await desk.json<Answer>(...asked, '--anchored')
      expect(placesOf(anchored)).toEqual(ends.map((end) => [[[0, end]], [[end, end + length]]]))
    })

    test('takes the lengths of its windows in days: rolling, anchored, and a test after the other without a step', async () => {
      const { observations } = noise
      const starts = Array.from({ length: Math.floor((observations - 140) / 25) + 1 }, (_, at) => 25 * at)
      expect(starts.length).toBeGreaterThan(5)
      const rolling = await desk.json<Answer>(...asked, ...days)
      const places = (train: (at: number) => number) =>
        starts.map((at) => [[[train(at), at + 100]], [[at + 100, at + 140]]])
      expect(placesOf(rolling)).toEqual(places((at) => at))
      // Tests overlap: each day counts once out of sample.
      expect(rolling.outOfSample.observations).toBe(starts.at(-1)! + 40)
      const anchored = await desk.json<Answer>(...asked, ...days, '--anchored')
      expect(placesOf(anchored)).toEqual(places(() => 0))
      const plain = await desk.json<Answer>(...asked, ...days.slice(0, 4))
      expect(plain.windows.map(({ test }) => (test[0]!.from - plain.windows[0]!.test[0]!.from) / dayUs)).toEqual(
        plain.windows.map((_, at) => 40 * at),
      )
    })

    test.for([
      [
        ['--train', '100', '--test', '40', '--windows', '5'],
        /--windows 5 and --train 100/,
        /--windows N tests the later half/,
      ],
      [['--step', '10'], /--step 10 without --train and --test/, /--train 180 --test 30/],
      [['--train', '90'], /--train 90 without --test/, /--train 180 --test 30/],
      [['--train', '90', '--test', '30', '--method', 'cpcv'], /--method cpcv has no --train 90/, /--windows N/],
      [['--train', '1', '--test', '30'], /--train: "1" is not a whole number from 2/, /for example/],
      [
        ['--train', '300', '--test', '100'],
        /train on 300 and test on 100 days, every 100, over 384 days/,
        /fit into the days/,
      ],
    ] as const)('is refused for %j, and told how', async ([wrong, says, fix]) => {
      const { code, err } = await desk.run(...asked, ...wrong)
      expect([code, err]).toEqual([expect.toSatisfy((one: number) => one > 0), expect.stringMatching(says)])
      expect(err).toMatch(fix)
    })
  })

  test.each([
    ['purged-kfold', 5, 4],
    ['cpcv', 15, 7],
  ] as const)(
    '%s trains on nothing that is in a test, or within the embargo behind one',
    async (method, windows, embargo) => {
      const seen = await desk.json<Answer>(...asked, '--method', method, '--embargo', String(embargo))
      expect([seen.method, seen.windows.length]).toEqual([method, windows])
      for (const [train, tests] of placesOf(seen)) {
        const closed = new Set(tests!.flatMap(([from, to]) => range(from, to + embargo)))
        const open = range(0, seen.observations).filter((day) => !closed.has(day))
        expect(train!.flatMap(([from, to]) => range(from, to))).toEqual(open)
      }
      const tested = seen.windows.flatMap(({ test }) => test)
      expect(new Set(tested.map(({ from }) => from)).size).toBe(method === 'cpcv' ? 6 : 5)
    },
  )
})

describe('on a market whose mean return follows its own past', () => {
  const asked = ['validate', ...crossing, '--grid', 'fast=2:8:2', '--grid', 'slow=12:36:6', '--name', 'trending']
  let own: Desk
  let trending: Answer
  beforeAll(async () => {
    own = openDesk()
    await own.load(walk('trending', 500, 0.3), { interval: '4h' })
    trending = await own.json<Answer>(...asked)
  })
  afterAll(() => own?.close())

  test('crossings are not red, and go on in days that no trial saw', () => {
    expect(trending.verdict).not.toBe('red')
    expect(trending.dsr).toBeGreaterThan(0.95)
    expect(trending.sealed!.sharpe).toBeGreaterThan(1)
  })
})

/** A page as it was written, and what its script draws. */
function pageAt(file: string): { html: string; charts: StudyCharts } {
  const html = readFileSync(file, 'utf8')
  const text = (id: string) => new RegExp(`id="${id}">([^<]*)<`).exec(html)![1]!
  const { buffer } = Uint8Array.from(inflateRawSync(Buffer.from(text('columns'), 'base64')))
  const charts = JSON.parse(text('data'), (_, value) =>
    Array.isArray(value?.$) ? new Float64Array(buffer, value.$[1], value.$[2]) : value,
  )
  return { html, charts }
}

/** Days of a market since its first one, those that are trained on and those that are tested. */
function placesOf({ windows }: Answer): [from: number, to: number][][][] {
  const days = (spans: Answer['windows'][number]['test']) =>
    spans.map(({ from, to }): [number, number] => [(from - startUs) / dayUs, (to - startUs) / dayUs])
  return windows.map(({ train, test }) => [days(train), days(test)])
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at)
}

/** Four-hour candles of a price that remembers nothing; with `momentum`, of one whose mean return follows its own past for days. */
function walk(seed: string, days: number, momentum = 0): Candle[] {
  const draw = random(seed)
  let [trend, price] = [0, 40_000]
  return Array.from({ length: days * 6 }, (_, at) => {
    trend = 0.97 * trend + 0.24 * draw.normal()
    const open = price
    price = Math.round(open * (1 + 0.008 * (draw.normal() + momentum * trend)) * 100) / 100
    const [high, low] = [Math.max(open, price), Math.min(open, price)]
    return { openTime: startUs + at * 4 * hourUs, open, high, low, close: price, volume: 100 }
  })
}
