// The tables of docs/search.md: node tests/golden/search/compare.ts [CANDLES.csv.gz], on the functions of the tests and on candles.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { random } from '../../../operators/random.ts'
import {
  front,
  type Params,
  parseAxes,
  type Space,
  searchOf,
  type Told,
} from '../../../operators/research/search/index.ts'
import {
  bestOf,
  branin,
  coveredBy,
  type Known,
  ridge,
  sphere,
  told,
  zdt1,
} from '../../../operators/research/search/known-functions.ts'

const seeds = Array.from({ length: 20 }, (_, seed) => seed)
const round = (value: number) => Number(value.toPrecision(3))
const median = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2
}
const row = (...cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)

/** How far the best of 100 trials is from the best there is, medians of 20 seeds. */
function missed({ space, best, value }: Known, name: string, batch?: number): number {
  return median(
    seeds.map((seed) => {
      const search = searchOf(name).create(space, { seed, trials: 100, ...(batch === undefined ? {} : { batch }) })
      return best - bestOf(told(search, ({ params }) => [value(params)]))
    }),
  )
}

/** The largest grid of no more than 100 points, ends included. */
function gridMissed({ space, best, value }: Known): number {
  const points = Math.floor(100 ** (1 / space.axes.length))
  const axes = space.axes.map((axis) => {
    if ('values' in axis) return axis
    const at = (part: number) => {
      const real = axis.log ? axis.from * (axis.to / axis.from) ** part : axis.from + part * (axis.to - axis.from)
      return axis.whole ? Math.round(real) : real
    }
    return { name: axis.name, values: Array.from({ length: points }, (_, i) => at(i / (points - 1))) }
  })
  const all = told(searchOf('grid').create({ axes }, { seed: 0, trials: 100 }), ({ params }) => [value(params)])
  return best - bestOf(all)
}

console.log('Missed after 100 trials, medians of 20 seeds\n')
row('search', branin.name, sphere.name, ridge.name)
row('grid', ...[branin, sphere, ridge].map((known) => round(gridMissed(known))))
for (const [name, batch] of [['random'], ['tpe', 1], ['tpe', 4], ['tpe', 8], ['tpe', 16], ['pareto', 20]] as const) {
  const called = batch === undefined ? name : `${name}, ${batch} at once`
  row(called, ...[branin, sphere, ridge].map((known) => round(missed(known, name, batch))))
}

console.log(
  '\nA value whose noise shrinks with the root of the share of the data: missed by the one that looked best\n',
)
row('search', 'trials', 'whole backtests that they cost', 'missed')
for (const [name, trials] of [
  ['halving', 120],
  ['random', 12],
  ['random', 81],
] as const) {
  const results = seeds.map((seed) => {
    const noise = random(`noise ${seed}`)
    const all = told(searchOf(name).create(sphere.space, { seed, trials }), ({ params, share }) => [
      sphere.value(params) + (2 * noise.normal()) / Math.sqrt(27 * share),
    ])
    const chosen = all
      .filter(({ share }) => share === 1)
      .reduce((a, b) => (b.objectives[0]! > a.objectives[0]! ? b : a))
    return {
      cost: all.reduce((sum, one) => sum + one.share, 0),
      count: all.length,
      missed: -sphere.value(chosen.params),
    }
  })
  row(name, results[0]!.count, round(results[0]!.cost), round(median(results.map((one) => one.missed))))
}

console.log('\nCovered of the trade-off of ZDT1 (2/3 is all), medians of 20 seeds\n')
for (const [name, trials] of [
  ['random', 480],
  ['pareto', 480],
  ['random', 2400],
  ['pareto', 2400],
] as const) {
  const areas = seeds.map((seed) => {
    const all = told(searchOf(name).create(zdt1.space, { seed, trials }), ({ params }) => zdt1.values(params))
    return coveredBy(front(all).map(({ objectives }) => objectives))
  })
  row(name, trials, round(median(areas)))
}

const file = process.argv[2]
if (file !== undefined) crossings(gunzipSync(readFileSync(file)).toString())

/** The best of few trials of two means over real candles, by its place among all 10,000 of the grid. */
function crossings(csv: string): void {
  const [head, ...lines] = csv.trim().split('\n')
  const column = head!.split(',').indexOf('close')
  const closes = lines.map((line) => Number(line.split(',')[column]))
  const space = parseAxes(['fast=2:101', 'slow=102:201'])
  const sums = [0]
  for (const close of closes) sums.push(sums.at(-1)! + close)
  const known = new Map<string, number>()
  const value = (params: Params) => {
    const key = JSON.stringify(params)
    if (!known.has(key)) known.set(key, sharpeOf(closes, sums, params.fast as number, params.slow as number))
    return known.get(key)!
  }
  const all = told(searchOf('grid').create(space, { seed: 0, trials: 10_000 }), ({ params }) => [value(params)])
  const sorted = all.map(({ objectives }) => objectives[0]!).sort((a, b) => b - a)
  console.log(
    `\nsma-cross over ${closes.length} candles: the best of 10,000 has a Sharpe ratio of ${round(sorted[0]!)} a bar\n`,
  )
  row('search', 'trials', 'rank of the best found, of 10,000: median of 20 seeds', 'worst')
  for (const trials of [100, 300]) {
    for (const name of ['random', 'tpe', 'pareto']) {
      const batch = name === 'pareto' ? 20 : undefined
      const ranks = seeds.map((seed) => {
        const search = searchOf(name).create(space as Space, { seed, trials, ...(batch ? { batch } : {}) })
        const best = bestOf(told(search, ({ params }) => [value(params)]) as Told[])
        return sorted.findIndex((one) => one <= best) + 1
      })
      row(name, trials, median(ranks), Math.max(...ranks))
    }
  }
}

/** Of the returns of each bar, long while the fast mean is above the slow one, with 4 bp of the value at each change. */
function sharpeOf(closes: readonly number[], sums: readonly number[], fast: number, slow: number): number {
  let [held, sum, squares] = [0, 0, 0]
  const count = closes.length - slow
  for (let at = slow; at < closes.length; at++) {
    const now = (sums[at]! - sums[at - fast]!) * slow > (sums[at]! - sums[at - slow]!) * fast ? 1 : 0
    const gain = now * (closes[at]! / closes[at - 1]! - 1) - (now === held ? 0 : 0.0004)
    held = now
    sum += gain
    squares += gain * gain
  }
  const mean = sum / count
  return mean / Math.sqrt(squares / count - mean * mean)
}
