// Densities, fronts and what is reached, held against Optuna, pymoo and scipy.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { testWith } from '../../../tests/data.ts'
import { dimensionOf } from './dimension.ts'
import { crowding, fronts } from './front.ts'
import { bestOf, branin, coveredBy, type Known, ridge, sphere, told, zdt1 } from './known-functions.ts'
import { normalShare } from './normal.ts'
import { pareto } from './pareto.ts'
import { parzen } from './parzen.ts'
import type { Axis, Params } from './space.ts'
import { tpe } from './tpe.ts'

interface Golden {
  densities: { kind: string; axes: Axis[]; seen: Params[]; at: Params[]; logDensity: number[] }[]
  pareto: { points: number[][]; fronts: number[][]; crowding: (number | null)[] | null; covered: number | null }[]
  normal: [x: number, share: number][]
  reached: Record<string, number>
}

const path = new URL('../../../tests/golden/search/search.json', import.meta.url)
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'))

for (const kind of new Set(golden.densities.map((one) => one.kind))) {
  test(`the density over ${kind} is Optuna’s, however many points were seen`, () => {
    for (const { axes, seen, at, logDensity } of golden.densities.filter((one) => one.kind === kind)) {
      const estimate = parzen(axes.map(dimensionOf), seen)
      for (const [index, params] of at.entries()) {
        expect(Math.log(estimate.density(params))).toBeCloseTo(logDensity[index]!, 10)
      }
    }
  })
}

test('fronts and their crowding are pymoo’s', () => {
  for (const { points, fronts: expected, crowding: room, covered } of golden.pareto) {
    const own = fronts(points)
    expect(own).toEqual(expected)
    if (room !== null) {
      const first = own[0]!.map((at) => points[at]!)
      const wanted = room.map((one) => one ?? Number.POSITIVE_INFINITY)
      for (const [at, one] of crowding(first).entries()) expect(one).toBeCloseTo(wanted[at]!, 9)
    }
    if (covered !== null) expect(coveredBy(points)).toBeCloseTo(covered, 12)
  }
})

test('the share of a normal below x is scipy’s', () => {
  for (const [x, share] of golden.normal) expect(normalShare(x)).toBeCloseTo(share, 14)
})

describe('after as many trials', () => {
  const seeds = Array.from({ length: 12 }, (_, seed) => seed)
  const missed = ({ space, best, value }: Known) =>
    median(seeds.map((seed) => best - bestOf(told(tpe(space, { seed, trials: 100 }), ({ params }) => [value(params)]))))

  for (const [name, known] of [
    ['branin', branin],
    ['sphere', sphere],
    ['ridge', ridge],
  ] as const)
    testWith(name === 'branin' ? [] : 'time', `tpe comes as near to the best of ${name} as Optuna’s`, () => {
      // Medians of few seeds: of two equal searches one may be some half above the other.
      expect(missed(known)).toBeLessThan(2 * golden.reached[`${name} tpe`]!)
    })

  testWith('time', 'pareto covers more of ZDT1 than Optuna’s NSGA-II, and almost all there is', () => {
    const areas = seeds.slice(0, 5).map((seed) => {
      const trials = told(pareto(zdt1.space, { seed, trials: 2400 }), ({ params }) => zdt1.values(params))
      return coveredBy(trials.map(({ objectives }) => objectives))
    })
    expect(median(areas)).toBeGreaterThan(golden.reached['zdt1 nsga-ii']!)
    // Of 2/3.
    expect(Math.min(...areas)).toBeGreaterThan(0.65)
  })
})

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2
}
