import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absent, assess, failed, trendOf } from './assess.ts'
import { type Benchmarked, countsOf, scoreOf } from './benchmark.ts'
import { benchmarkPage } from './benchmark-page.ts'
import { benches } from './index.ts'
import { type Mark, marks } from './marks.ts'

const latency: Mark = {
  ...{ name: 'latency', what: 'made up', source: 'here', unit: 'µs', at: 'most', acceptable: 15, target: 10 },
  ...{ excellent: 5, confidence: 0.95, measure: { lack: '' } },
}
const rate: Mark = { ...latency, name: 'rate', at: 'least', acceptable: 80, target: 100, excellent: 150 }

/** Four repetitions round a mean: their interval at 95 % is mean ± 3.182 × deviation / 2, which is 1.299 times `width` wide. */
const around = (mean: number, width: number): number[] => {
  return [mean - width / 2, mean - width / 2, mean + width / 2, mean + width / 2]
}
const reach = (3.182446305284263 * Math.sqrt(1 / 3)) / 2
const verdictOf = (mark: Mark, values: readonly number[]) => assess(mark, values, { quick: false })

describe('a verdict', () => {
  test('rests on the end of the interval that is nearer to failure', () => {
    expect(verdictOf(latency, around(4, 0.1)).verdict).toBe('excellent')
    expect(verdictOf(latency, around(8, 0.1))).toMatchObject({ verdict: 'pass', targetMet: true, why: '' })
    expect(verdictOf(latency, around(12, 0.1))).toMatchObject({ verdict: 'pass', targetMet: false })
    expect(verdictOf(latency, around(12, 0.1)).why).toMatch(/short of the target/)
    expect(verdictOf(latency, around(20, 0.1))).toMatchObject({ verdict: 'fail', why: 'the mean does not meet it' })
    expect(verdictOf(rate, around(200, 1)).verdict).toBe('excellent')
    expect(verdictOf(rate, around(110, 1))).toMatchObject({ verdict: 'pass', targetMet: true })
    expect(verdictOf(rate, around(90, 1))).toMatchObject({ verdict: 'pass', targetMet: false })
    expect(verdictOf(rate, around(70, 1)).verdict).toBe('fail')
  })

  test('is not a pass where the mean meets the mark and the interval reaches beyond it', () => {
    const width = 1
    const inside = verdictOf(latency, around(15 - reach * width - 1e-9, width))
    const across = verdictOf(latency, around(15 - reach * width + 1e-9, width))
    expect([inside.verdict, across.verdict]).toEqual(['pass', 'fail'])
    expect(across.why).toMatch(/the mean meets it, the end of its interval does not/)
    expect(verdictOf(rate, around(80 + reach * width + 1e-9, width)).verdict).toBe('pass')
    expect(verdictOf(rate, around(80 + reach * width - 1e-9, width)).verdict).toBe('fail')
    // The same at the next mark: a mean that is excellent with an interval that is not is a pass.
    expect(verdictOf(latency, around(4.9, 1)).verdict).toBe('pass')
  })

  test('that passes at a confidence passes at every lower one', () => {
    const values = fc.array(fc.double({ min: 1, max: 30, noNaN: true }), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(values, fc.double({ min: 0.5, max: 0.99, noNaN: true }), (some, confidence) => {
        const good = new Set(['pass', 'excellent'])
        const [strict, loose] = [0.999, confidence].map((level) => verdictOf({ ...latency, confidence: level }, some))
        if (good.has(strict!.verdict)) expect(good.has(loose!.verdict)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test('needs two repetitions, and is none over little data', () => {
    expect(verdictOf(latency, [1])).toMatchObject({ verdict: 'unproven', targetMet: null })
    expect(verdictOf(latency, [1]).statistics).toMatchObject({
      meanInterval: null,
      medianInterval: null,
      deviation: null,
    })
    expect(assess(latency, [100, 100], { quick: true }).verdict).toBe('checked')
    expect(verdictOf({ ...latency, confidence: 0.95 }, [3, 3, 3])).toMatchObject({ verdict: 'excellent' })
  })
})

test('statistics say where mean and median lie, and how single calls are spread', () => {
  const calls = { count: 7, p50: 1, p95: 2, p99: 3, most: 4 }
  const { statistics } = assess(latency, [1, 2, 3, 4, 5], { quick: false, calls })
  expect(statistics).toMatchObject({ mean: 3, median: 3, p05: 1.2, p95: 4.8, trend: 'rising', calls })
  expect(statistics!.deviation).toBeCloseTo(Math.sqrt(2.5), 12)
  expect(statistics!.meanInterval!.low).toBeCloseTo(3 - 2.7764451051977987 * Math.sqrt(0.5), 9)
  expect(statistics!.medianInterval).toEqual({ low: 1, high: 5 })
})

test('a trend is told from five repetitions on, when chance would seldom make it', () => {
  expect(trendOf([1, 2, 3, 4])).toBe('too few to tell')
  expect(trendOf([1, 2, 3, 4, 5, 6])).toBe('rising')
  expect(trendOf([6, 5, 4, 3, 2, 1])).toBe('falling')
  expect(trendOf([1, 6, 2, 5, 3, 4])).toBe('stable')
  expect(trendOf([2, 2, 2, 2, 2, 2])).toBe('stable')
})

describe('the marks', () => {
  test('have names of their own, levels in order, and a bench or a reason', () => {
    expect(new Set(marks.map(({ name }) => name)).size).toBe(marks.length)
    for (const { name, at, acceptable, target, excellent, measure } of marks) {
      const order = [acceptable, target, ...(excellent === undefined ? [] : [excellent])]
      expect(order, name).toEqual(order.toSorted((a, b) => (at === 'most' ? b - a : a - b)))
      if ('lack' in measure) expect(measure.lack, name).not.toBe('')
    }
  })

  test('name benches that are there', () => {
    const there = new Set(benches.map(({ name }) => name))
    const named = marks.flatMap(({ measure }) => ('bench' in measure ? [measure.bench] : []))
    expect(named.filter((name) => !there.has(name))).toEqual([])
  })

  test('are all that was asked for', () => {
    const from = (source: string) => marks.filter((mark) => mark.source.startsWith(source)).length
    expect([from('S0 §9'), from('S0 §2'), from('S4 NFR-10')]).toEqual([5, 7, 6])
  })
})

test('a page shows every figure with its verdict, and asks for nothing', () => {
  const assessed = [
    ...[verdictOf(latency, around(4, 0.1)), verdictOf(rate, around(81, 4)), assess(latency, [1], { quick: false })],
    ...[
      absent({ ...latency, name: 'missing' }, 'there is <none>'),
      failed({ ...rate, name: 'wrong' }, 'bench x: fills'),
    ],
  ]
  expect(countsOf(assessed)).toEqual({ excellent: 1, pass: 0, fail: 2, unproven: 1, checked: 0, absent: 1 })
  expect(scoreOf(assessed)).toBeCloseTo(1 / 3, 12)
  expect(scoreOf([absent(latency, '')])).toBe(null)
  const machine = { cpu: 'a <cpu>', cores: 2, memoryGb: 8, node: '24', platform: 'linux x64' }
  const result: Benchmarked = {
    ...{
      startedMs: 0,
      quick: false,
      machine,
      assessed,
      verdicts: countsOf(assessed),
      score: scoreOf(assessed),
      past: {},
    },
  }
  const page = benchmarkPage(result)
  for (const text of [
    'Falls short',
    'excellent',
    'not applicable',
    'unproven',
    'There is &lt;none&gt;',
    'a &lt;cpu&gt;',
  ]) {
    expect(page).toContain(text)
  }
  expect(page.match(/<svg/g)).toHaveLength(3)
  expect(page).not.toMatch(/(src|href)="(?!data:)/)
  expect(page).not.toContain('NaN')
})
