// US-001: "As a strategy developer, I want to quickly test a new trading idea across multiple parameter combinations so that I can
// identify promising configurations without waiting hours." How fast it is bench/trials.ts measures; here nothing is timed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, root } from '../data.ts'
import { type Desk, market, openDesk, realMinutes } from './desk.ts'

/** What the sweep prints, as far as it is looked at. */
interface Swept {
  readonly study: string
  readonly how: string
  readonly combinations: number
  readonly bars: number
  readonly trialsSoFar: number
  readonly best: readonly { params: { bars: number; size: number }; finalEquity: number; fills: number }[]
}

const bars = 300
/** 100 ranges of 10 sizes. */
const grid = ['--grid', 'bars=2:101', '--grid', 'size=0.1:1:0.1']

describeWith('data', 'US-001: a new idea over a thousand parameter combinations', () => {
  let desk: Desk
  let file: string
  let code: string

  beforeAll(async () => {
    desk = openDesk()
    const text = readFileSync(join(root, 'docs/add-a-strategy.md'), 'utf8')
    code = text.split('```ts\n')[1]!.split('```')[0]!
    file = desk.write('breakout.ts', code)
    await desk.load(realMinutes(600, bars))
  })
  afterAll(() => desk?.close())

  const names = ['--exchange', market.exchange, '--symbol', market.symbol, '--fill', 'next-open']

  test('US-001: a strategy is defined in fewer than 50 lines, in a file outside the repository', () => {
    expect(code.trim().split('\n').length).toBeLessThan(50)
    expect(file.startsWith(root)).toBe(false)
  })

  test('US-001: one command runs 1,000 combinations of it, counts them, and writes a heatmap with what each came to', async () => {
    const page = join(desk.folder, 'map.html')
    const swept = desk.shell<Swept>(['sweep', '--strategy', file, ...grid, ...names, '--heatmap', page, '--top', '3'])
    // It has no vectorized form: each was traded by the event-driven graph, in processes that loaded the file.
    expect(swept).toMatchObject({ combinations: 1000, trialsSoFar: 1000, bars, how: 'graph' })
    const trials = await desk.json<Trial[]>('cat', 'trials', '--run', swept.study)
    expect(new Set(trials.map(({ params }) => params)).size).toBe(1000)
    // What is said of the best is what a backtest of it says.
    const [best] = swept.best
    const sets = Object.entries(best!.params).flatMap(([name, value]) => ['--set', `${name}=${value}`])
    const again = desk.shell<{ finalEquity: number; fills: number }>([
      'backtest',
      '--strategy',
      file,
      ...sets,
      ...names,
    ])
    expect([again.finalEquity, again.fills]).toEqual([best!.finalEquity, best!.fills])
    expect(again.fills).toBeGreaterThan(0)
    // And the page holds what each of them made, at its place.
    const { axes, values } = mapIn(readFileSync(page, 'utf8'))
    expect(axes.map(({ name, values }) => [name, values.length])).toEqual([
      ['bars', 100],
      ['size', 10],
    ])
    expect(values).toHaveLength(1000)
    for (const { params, dayEquity } of trials) {
      const own = JSON.parse(params) as Record<string, number>
      const [row, column] = axes.map(({ name, values }) => values.indexOf(own[name]!)) as [number, number]
      expect(values[row * 10 + column]).toBeCloseTo(100 * (dayEquity.at(-1)! / dayEquity[0]! - 1), 9)
    }
  })
})

interface Trial {
  readonly params: string
  readonly dayEquity: readonly number[]
}

interface MetricMap {
  readonly axes: readonly { readonly name: string; readonly values: readonly number[] }[]
  readonly values: Float64Array
}

/** The map of a page: JSON, in which its numbers are named by their place in a deflated block (console/report/embed.ts). */
function mapIn(page: string): MetricMap {
  const textOf = (id: string) => new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(page)![1]!
  const { buffer } = new Uint8Array(inflateRawSync(Buffer.from(textOf('columns'), 'base64')))
  const { maps } = JSON.parse(textOf('data'), (_name, value) => {
    const [, at, length] = (value?.$ ?? []) as [string, number, number]
    return length === undefined ? value : new Float64Array(buffer, at, length)
  }) as { maps: readonly MetricMap[] }
  return maps[0]!
}
