// What a matrix of trials is asked: choices in and out of sample, sensitivity, held against numpy, and what always holds of them.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../random.ts'
import type { Choice } from './choice.ts'
import {
  bestOver,
  checkMatrix,
  cpcvOver,
  holdOut,
  type PathFigures,
  parameterSensitivity,
  purgedKFoldOver,
  type TrialMatrix,
  trialMatrix,
  walkForward,
  walkForwardWindows,
} from './index.ts'
import { whole } from './trial-matrix.ts'

type Answer = {
  choices: [trial: number, inside: number, outside: number, gain: number, fall: number][]
  pathSharpes?: number[]
} & Pick<ReturnType<typeof walkForward>, 'oosConsistency' | 'degradation' | 'inOutCorrelation'>

interface Golden {
  matrix: { returns: number[][]; answers: Record<string, Answer> }
  surfaces: {
    shape: number[]
    sharpes: number[]
    gradientVariation: number
    neighbours: number
    neighboursKeep: number
  }[]
}

const file = new URL('../../tests/golden/research/research.json', import.meta.url)
const golden: Golden = JSON.parse(readFileSync(file, 'utf8'))
const day = 86_400_000_000
const daysOf = (count: number) => Float64Array.from({ length: count }, (_, i) => i * day)

function noise(seed: number, trials: number, days: number): TrialMatrix {
  const draw = random(seed)
  const series = Array.from({ length: trials }, () => Array.from({ length: days }, () => 0.01 * draw.normal()))
  return trialMatrix(series, { times: daysOf(days) })
}

describe('as numpy has it', () => {
  const matrix = trialMatrix(golden.matrix.returns, { times: daysOf(120) })
  const { answers } = golden.matrix

  test.each([
    ['rolling', () => walkForward(matrix, { windows: 4 })],
    ['anchored', () => walkForward(matrix, { windows: 4, anchored: true })],
    ['every 10', () => walkForward(matrix, { train: 50, test: 20, step: 10 })],
    ['purged-kfold', () => purgedKFoldOver(matrix, { folds: 5, horizon: 1, embargo: 2 })],
    ['cpcv', () => cpcvOver(matrix, { groups: 5, testGroups: 3, horizon: 1, embargo: 2 })],
  ] as const)('%s chooses the same trials, which earn the same', (name, answer) => {
    const { windows, ...seen } = answer()
    const { choices, pathSharpes, ...expected } = answers[name]!
    expect(windows.map(({ trial }) => trial)).toEqual(choices.map(([trial]) => trial))
    for (const [at, [, inside, outside, gain, fall]] of choices.entries()) {
      const one = windows[at]!
      expect(one.inSampleSharpe).toBeCloseTo(inside, 9)
      expect(one.outOfSampleSharpe).toBeCloseTo(outside, 9)
      expect(one.outOfSampleReturn).toBeCloseTo(gain, 12)
      expect(one.outOfSampleMaxDrawdown).toBeCloseTo(fall, 12)
    }
    expect(seen.oosConsistency).toBe(expected.oosConsistency)
    expect(seen.degradation).toBeCloseTo(expected.degradation!, 9)
    expect(seen.inOutCorrelation).toBeCloseTo(expected.inOutCorrelation!, 9)
    const paths = 'paths' in seen ? (seen.paths as PathFigures[]) : []
    expect(paths).toHaveLength(pathSharpes?.length ?? 0)
    for (const [path, sharpe] of (pathSharpes ?? []).entries()) expect(paths[path]!.sharpe).toBeCloseTo(sharpe, 9)
  })

  test('slopes of a surface over one, two and three axes, and the neighbours of its summit', () => {
    for (const { shape, sharpes, gradientVariation, ...near } of golden.surfaces) {
      const axes = shape.map((length, axis) => ({ name: `axis ${axis}`, values: [...Array(length).keys()] }))
      const seen = parameterSensitivity(sharpes, { axes })
      expect(seen.gradientVariation).toBeCloseTo(gradientVariation, 9)
      expect(seen).toMatchObject(near)
    }
  })
})

describe('walk-forward', () => {
  test('tests every day of the later half once, whatever the windows, and trains just before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 500 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        (days, windows, anchored) => {
          fc.pre(Math.floor(days / 2 / windows) >= 2)
          const cut = walkForwardWindows(days, { windows, anchored })
          expect(cut).toHaveLength(windows)
          expect(cut.at(-1)!.test.to).toBe(days)
          for (const [at, { train, test }] of cut.entries()) {
            expect(train.to).toBe(test.from)
            expect(train.from).toBe(anchored ? 0 : cut[0]!.train.from + test.from - cut[0]!.test.from)
            if (at > 0) expect(test.from).toBe(cut[at - 1]!.test.to)
          }
        },
      ),
    )
  })

  test('no return of a test, or behind it, changes what is chosen for it', () => {
    const matrix = noise(1, 20, 100)
    const before = walkForward(matrix, { windows: 3 }).windows
    for (const [at, { test }] of walkForwardWindows(100, { windows: 3 }).entries()) {
      const returns = matrix.returns.map((value, i) => (i % 100 >= test.from ? -value : value))
      expect(walkForward({ ...matrix, returns }, { windows: 3 }).windows[at]!.trial).toBe(before[at]!.trial)
    }
  })

  test('a day that two windows test counts once out of sample', () => {
    const { outOfSample } = walkForward(noise(2, 4, 100), { train: 40, test: 30, step: 10 })
    expect(outOfSample.times).toEqual([...daysOf(100).subarray(40)])
    expect(outOfSample.equity).toHaveLength(60)
  })

  test.each([
    [{ windows: 30 }, /30 windows over 100 days/],
    [{ train: 80, test: 30 }, /train on 80 and test on 30 days/],
    [{ train: 10, test: 10, step: 0 }, /every 0/],
  ])('says that %j does not fit into 100 days', (options, says) => {
    expect(() => walkForward(noise(3, 2, 100), options)).toThrow(says)
  })
})

describe('choices', () => {
  test('of equal trials take the first, and do not see trials that never traded as better than a gain', () => {
    const up = [0.01, 0.02, 0.01, 0.03]
    const matrix = trialMatrix([[0, 0, 0, 0], up, up], { times: daysOf(4) })
    expect(bestOver(matrix, whole(matrix)).trial).toBe(1)
  })

  test('spans begin at the first day and end where the last one does', () => {
    const { train, test } = holdOut(noise(4, 3, 100), { share: 0.3 }) as Choice
    expect([train, test]).toEqual([[{ from: 0, to: 70 * day }], [{ from: 70 * day, to: 100 * day }]])
  })

  test('each path of cpcv covers all days; its figures are those of the paths', () => {
    const { outOfSample, paths, pathSharpe, windows } = cpcvOver(noise(5, 6, 90))
    expect([outOfSample.observations, paths.length, windows.length]).toEqual([90, 5, 15])
    const sharpes = paths.map(({ sharpe }) => sharpe).toSorted((a, b) => a - b)
    expect(pathSharpe).toMatchObject({ min: sharpes[0], median: sharpes[2], max: sharpes[4] })
  })

  test('an embargo that leaves nothing to train on is refused', () => {
    expect(() => purgedKFoldOver(noise(6, 2, 20), { folds: 2, embargo: 20, horizon: 20 })).toThrow(
      'leave less than 2 days',
    )
  })

  test('a matrix of nothing, of other sizes, or with a return that is no number is refused', () => {
    const matrix = noise(7, 2, 10)
    expect(() => checkMatrix({ ...matrix, trials: 0 })).toThrow(expect.objectContaining({ code: 'NO_DATA' }))
    expect(() => checkMatrix({ ...matrix, trials: 3 })).toThrow('20 returns and 10 times for 3 trials')
    const returns = matrix.returns.with(13, Number.NaN)
    expect(() => checkMatrix({ ...matrix, returns })).toThrow('the return of trial 1 on day 3 is NaN')
    expect(() => trialMatrix([[1, 2]], { times: daysOf(3) })).toThrow('trial 0 has 2 returns for 3 days')
  })
})

describe('sensitivity', () => {
  const axes = [
    { name: 'fast', values: [1, 2, 3] },
    { name: 'slow', values: [1, 2, 3, 4] },
  ]

  test('a plateau keeps all neighbours, a needle none', () => {
    const flat = Array.from({ length: 12 }, (_, i) => 1 + i / 100)
    expect(parameterSensitivity(flat, { axes }).neighboursKeep).toBe(1)
    const needle = Array.from({ length: 12 }, (_, i) => (i === 5 ? 2 : 0.1))
    expect(parameterSensitivity(needle, { axes })).toMatchObject({ neighbours: 8, neighboursKeep: 0 })
  })

  test('nothing is said over holes of a grid, and trials may come in any order', () => {
    const full = Array.from({ length: 12 }, (_, i) => Math.sin(i))
    const order = [7, 2, 11, 0, 5, 1, 10, 3, 9, 4, 8, 6]
    const shuffled = order.map((place) => full[place]!)
    expect(parameterSensitivity(shuffled, { axes, places: order })).toEqual(parameterSensitivity(full, { axes }))
    const upper = [1, 2, 3, 6, 7, 11]
    const seen = parameterSensitivity([1, 2, 4, 2, 3, 4], { axes, places: upper })
    // Slopes by hand: 0, −1, 0, 0, 1 along fast, 1, 1.5, 2, 1, 1 along slow; of equal summits the first.
    expect(seen.gradientVariation).toBeCloseTo(Math.sqrt(0.7025) / 0.65, 12)
    expect(seen).toMatchObject({ neighbours: 3, neighboursKeep: 1 })
  })

  test('trials that are not those of the grid are refused', () => {
    expect(() => parameterSensitivity([1, 2], { axes })).toThrow('2 trials for a grid of 12')
    expect(() => parameterSensitivity([1], { axes, places: [12] })).toThrow('trial 0 is at place 12')
  })
})
