// What every search promises, and what each one is for.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SmartspeedError } from '../../../schemas/errors.ts'
import { testWith } from '../../../tests/data.ts'
import { parseAxes } from './axes.ts'
import { countOf, front, rungsOf, type Search, searches, searchOf, type Told } from './index.ts'
import { bestOf, branin, type Known, ridge, sphere, told, zdt1 } from './known-functions.ts'
import { type Asked, keyOf, type Options, type Params, pointAt, type Space, sizeOf } from './space.ts'

const crossing = parseAxes(['fast=2:12', 'slow=5:14', 'mode=long-flat,long-short'])
const below = (params: Params) => (params.fast as number) < (params.slow as number)
const options = { seed: 7, trials: 150, batch: 20, fits: below }

/** A study of two objectives, of which some trials fail. */
const judged = ({ params, share }: Asked): number[] => {
  const [fast, slow] = [params.fast as number, params.slow as number]
  if (fast === 7) return [Number.NaN, Number.NaN]
  return [-Math.abs(fast - 6) - Math.abs(slow - 9) + share, params.mode === 'long-flat' ? fast : -fast]
}

describe.each(searches.map((one) => [one.name, one] as const))('%s', (_name, { create }) => {
  const make = (more: Partial<Options> = {}) => create(crossing, { ...options, ...more })
  const whole = told(make(), judged)

  test('asks the same again for the same seed and what was told', () => {
    expect(told(make(), judged)).toEqual(whole)
  })

  test('goes on as it would have, wherever it was stopped and in whatever order it is told', () => {
    fc.assert(
      fc.property(fc.nat(whole.length), fc.integer(), (count, order) => {
        const cut = whole.slice(0, count)
        const mixed = order % 2 === 0 ? cut : cut.toReversed()
        const asked = make().ask(mixed)
        const next = whole.slice(count, count + asked.length)
        expect(asked).toEqual(next.map(({ params, share }) => ({ params, share })))
        expect(asked.length > 0).toBe(count < whole.length)
      }),
      { numRuns: 40 },
    )
  })

  test('does not count what was told past a hole', () => {
    const holed = whole.filter(({ trial }) => trial !== 3)
    expect(make().ask(holed)).toEqual(make().ask(whole.slice(0, 3)))
  })

  test('asks for nothing that the strategy refuses, for no point twice on the same data, for no more than the trials', () => {
    expect(whole.every(({ params }) => below(params))).toBe(true)
    const keys = whole.map(({ params, share }) => `${keyOf(crossing, params)} ${share}`)
    expect(new Set(keys).size).toBe(keys.length)
    expect(whole.length).toBeLessThanOrEqual(options.trials)
    for (const trials of [1, 13, 50]) expect(told(make({ trials }), judged).length).toBeLessThanOrEqual(trials)
  })

  test('ends when no point is left, however many trials there may be', () => {
    const { combinations, refused } = countOf(crossing, below)
    const all = told(make({ trials: 5_000 }), judged)
    const points = new Set(all.map(({ params }) => keyOf(crossing, params)))
    if (_name === 'halving') expect(points.size).toBe(20)
    else expect(points.size).toBe(combinations - refused)
  })

  test('ends where every trial fails, and where nothing fits', () => {
    expect(told(make({ trials: 60 }), () => [Number.NaN]).length).toBeGreaterThan(20)
    expect(make({ fits: () => false }).ask([])).toEqual([])
  })
})

describe('sequences that do not learn', () => {
  test.each(['grid', 'random'])('%s gives the same sequence however it is cut', (name) => {
    const sequence = (batch: number) =>
      told(searchOf(name).create(crossing, { ...options, batch }), judged).map(({ params }) => params)
    for (const batch of [1, 7, 1_000]) expect(sequence(batch)).toEqual(sequence(20))
  })

  test('a grid is the points in their order, less what is refused', () => {
    const all = Array.from({ length: sizeOf(crossing) }, (_, at) => pointAt(crossing, at))
    const asked = told(searchOf('grid').create(crossing, { ...options, trials: 1_000 }), judged)
    expect(asked.map(({ params }) => params)).toEqual(all.filter(below))
    expect(countOf(crossing, below)).toEqual({ combinations: 220, refused: all.filter((one) => !below(one)).length })
  })

  test('a grid over any number is refused with what to write', () => {
    const create = () => searchOf('grid').create(parseAxes(['size=0.1:1']), options)
    expect(create).toThrow(SmartspeedError)
    expect(create).toThrow(/size takes any number/)
  })

  test('a grid that no machine comes through is refused before it is counted', () => {
    const vast = parseAxes(['a=1:1000000', 'b=1:1000'])
    for (const asked of [() => searchOf('grid').create(vast, options), () => countOf(vast, below)])
      expect(asked).toThrow(/1,000,000,000 combinations; at most 1,000,000/)
  })

  test('random draws every point equally often, and by ratios where the axis is logarithmic', () => {
    const space = parseAxes(['a=1:4', 'b=1:5'])
    const firsts = Array.from({ length: 2_000 }, (_, seed) => keyOf(space, asksOf('random', space, seed)[0]!.params))
    const counts = Map.groupBy(firsts, (key) => key)
    expect(counts.size).toBe(20)
    // Of 100 each; five standard deviations of a binomial.
    for (const one of counts.values()) expect(Math.abs(one.length - 100)).toBeLessThan(49)
    const rates = asksOf('random', parseAxes(['rate=log:0.0001:1.0']), 1, 2_000).map(
      ({ params }) => params.rate as number,
    )
    expect(rates.filter((rate) => rate < 0.01).length / 2_000).toBeCloseTo(0.5, 1)
  })

  test('of a space too large to shuffle points are drawn, none twice', () => {
    const space = parseAxes(['a=1:100000', 'b=1:100000', 'c=1:100000'])
    const keys = asksOf('random', space, 1, 500).map(({ params }) => keyOf(space, params))
    expect(new Set(keys).size).toBe(500)
  })
})

describe('tpe', () => {
  const seeds = Array.from({ length: 20 }, (_, seed) => seed)
  const reached = (name: string, { space, value }: Known, batch?: number) =>
    seeds.map((seed) =>
      bestOf(told(searchOf(name).create(space, { seed, trials: 100, batch }), ({ params }) => [value(params)])),
    )

  // Equal searches would win 10 of 20; 15 and more has a chance of 2 %.
  for (const [name, known, wins, nearer] of [
    ['branin', branin, 15, 4],
    ['sphere', sphere, 18, 10],
    ['ridge', ridge, 18, 10],
  ] as const)
    testWith(name === 'branin' ? [] : 'time', `comes nearer to the best of ${name} than random trials do`, () => {
      const [random, own] = [reached('random', known), reached('tpe', known)]
      expect(own.filter((best, at) => best > random[at]!).length).toBeGreaterThanOrEqual(wins)
      expect(known.best - median(own)).toBeLessThan((known.best - median(random)) / nearer)
    })

  testWith('time', 'still does when four are asked for at once', () => {
    const [random, own] = [reached('random', branin), reached('tpe', branin, 4)]
    expect(own.filter((best, at) => best > random[at]!).length).toBeGreaterThanOrEqual(16)
  })
})

describe('halving', () => {
  test('has the rounds of the paper: a third each on three times as much, and no round costs more than the first', () => {
    expect(rungsOf(81)).toEqual([
      { trials: 81, share: 1 / 27 },
      { trials: 27, share: 1 / 9 },
      { trials: 9, share: 1 / 3 },
      { trials: 3, share: 1 },
    ])
    expect(rungsOf(2)).toEqual([{ trials: 2, share: 1 }])
    for (let first = 1; first < 400; first++) {
      const rungs = rungsOf(first)
      const each = first / 3 ** (rungs.length - 1)
      for (const { trials, share } of rungs) expect(trials * share).toBeLessThanOrEqual(each + 1e-9)
      expect(rungs.at(-1)!.share).toBe(1)
    }
  })

  test('spends what the paper says, and begins with as many as that leaves room for', () => {
    const all = asksToEnd(searchOf('halving').create(sphere.space, { seed: 1, trials: 120 }), sphere)
    expect(all.length).toBeLessThanOrEqual(120)
    expect(all.filter(({ share }) => share < 0.04)).toHaveLength(81)
    expect(all.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo((4 * 81) / 27, 9)
  })

  test('keeps those that were best, where a small share of the data tells the truth', () => {
    const all = asksToEnd(searchOf('halving').create(sphere.space, { seed: 3, trials: 500, batch: 81 }), sphere)
    const first = all.slice(0, 81)
    const ordered = first.toSorted((a, b) => b.objectives[0]! - a.objectives[0]!)
    const last = all.filter(({ share }) => share === 1).map(({ params }) => keyOf(sphere.space, params))
    expect(new Set(last)).toEqual(new Set(ordered.slice(0, 3).map(({ params }) => keyOf(sphere.space, params))))
  })

  test('keeps most of the best ones where little data is noisy', () => {
    // The noise of a mean shrinks with the root of the share.
    const seeds = Array.from({ length: 20 }, (_, seed) => seed)
    const kept = seeds.filter((seed) => {
      const noise = (trial: number) => ((((seed * 7919 + trial * 104729) % 1009) / 1009) * 2 - 1) * 2
      let trial = 0
      const all = told(searchOf('halving').create(sphere.space, { seed, trials: 500, batch: 81 }), (asked) => [
        sphere.value(asked.params) + noise(trial++) / Math.sqrt(asked.share * 27),
      ])
      const truth = all.slice(0, 81).toSorted((a, b) => sphere.value(b.params) - sphere.value(a.params))
      const last = all.filter(({ share }) => share === 1).map(({ params }) => keyOf(sphere.space, params))
      return last.includes(keyOf(sphere.space, truth[0]!.params))
    })
    expect(kept.length).toBeGreaterThanOrEqual(16)
  })

  test('puts those that failed last', () => {
    const all = told(searchOf('halving').create(sphere.space, { seed: 1, trials: 500, batch: 9 }), ({ params }) => {
      return [(params.a as number) > 0 ? Number.NaN : (params.a as number)]
    })
    const good = all.filter(({ trial, objectives }) => trial < 9 && !Number.isNaN(objectives[0])).length
    const next = all.filter(({ trial }) => trial >= 9 && trial < 12)
    expect(next.filter(({ objectives }) => !Number.isNaN(objectives[0]))).toHaveLength(Math.min(3, good))
  })
})

describe('pareto', () => {
  test('ends near the best trade-offs of ZDT1, along all of them', () => {
    const trials = told(searchOf('pareto').create(zdt1.space, { seed: 1, trials: 2400 }), ({ params }) =>
      zdt1.values(params),
    )
    const points = front(trials).map(({ objectives }) => objectives as [number, number])
    const away = points.reduce((sum, [x, y]) => sum + Math.abs(-y - (1 - Math.sqrt(-x))), 0) / points.length
    expect(away).toBeLessThan(0.01)
    const firsts = points.map(([x]) => -x).sort((a, b) => a - b)
    expect(firsts[0]).toBeLessThan(0.01)
    expect(firsts.at(-1)).toBeGreaterThan(0.95)
    expect(Math.max(...firsts.slice(1).map((x, at) => x - firsts[at]!))).toBeLessThan(0.15)
  })

  test('with one objective it is a search for the best', () => {
    const trials = told(searchOf('pareto').create(sphere.space, { seed: 1, trials: 960 }), ({ params }) => [
      sphere.value(params),
    ])
    expect(bestOf(trials)).toBeGreaterThan(-0.05)
  })
})

describe('the front', () => {
  const trial = (number: number, objectives: number[], share = 1): Told => ({
    ...{ trial: number, objectives, share },
    params: {},
  })

  test('has the trials that nothing beats in all objectives, equals together, without those that failed', () => {
    const all = [trial(4, [1, 5]), trial(1, [3, 3]), trial(2, [2, 2]), trial(3, [3, 3]), trial(0, [9, Number.NaN])]
    expect(front(all).map((one) => one.trial)).toEqual([1, 3, 4])
    expect(front([])).toEqual([])
  })

  test('holds only trials on the largest share of the data against each other', () => {
    expect(front([trial(0, [9], 1 / 3), trial(1, [1]), trial(2, [2])]).map((one) => one.trial)).toEqual([2])
  })

  test('no trial of it is dominated, and each other trial is by one of it', () => {
    const points = fc.array(fc.tuple(fc.nat(6), fc.nat(6), fc.nat(6)), { maxLength: 30 })
    fc.assert(
      fc.property(points, (values) => {
        const all = values.map((objectives, at) => trial(at, objectives))
        const best = front(all)
        const beats = (a: Told, b: Told) =>
          a.objectives.every((one, at) => one >= b.objectives[at]!) &&
          a.objectives.some((one, at) => one > b.objectives[at]!)
        for (const one of all) expect(best.includes(one)).toBe(!all.some((other) => beats(other, one)))
      }),
    )
  })
})

test('an unknown search is refused with the nearest name', () => {
  expect(() => searchOf('tpee')).toThrow(/unknown search "tpee"/)
})

function asksOf(name: string, space: Space, seed: number, trials = 1): readonly Asked[] {
  return searchOf(name).create(space, { seed, trials }).ask([])
}

function asksToEnd(search: Search, { value }: Known): Told[] {
  return told(search, ({ params }) => [value(params)])
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2
}
