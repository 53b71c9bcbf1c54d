import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pack, unpack } from '../stage.ts'
import { flashCrashConfig, parseFlashCrash } from './config.ts'
import { FlashCrashDetector } from './detector.ts'

const second = 1_000_000
const start = 1_700_000_000 * second
const config = flashCrashConfig.parse({})

/** The alarms of prices that are given at seconds. */
function alarmsOf(
  rows: readonly (readonly [seconds: number, price: number, instrument?: number])[],
  count = 1,
  how = config,
) {
  const detector = new FlashCrashDetector(count, how)
  return rows.flatMap(([seconds, price, instrument = 0]) =>
    detector.row(instrument, start + seconds * second, price)
      ? detector.take().map((alarm) => ({ seconds, ...alarm }))
      : [],
  )
}
/** A price a second. */
const flat = (from: number, to: number, price = 100) =>
  Array.from({ length: to - from }, (_, at) => [from + at, price] as const)

describe('a move', () => {
  test.each([
    ['30s', 30, 0.03, 0.05, 0.08],
    ['1m', 60, 0.04, 0.07, 0.1],
    ['5m', 300, 0.06, 0.1, 0.13],
    ['15m', 900, 0.08, 0.12, 0.15],
  ] as const)('within %s is as bad as its limits say, down and up', (window, length, moderate, severe, extreme) => {
    for (const sign of [-1, 1]) {
      for (const [limit, severity] of [
        [moderate, 'moderate'],
        [severe, 'severe'],
        [extreme, 'extreme'],
      ] as const) {
        const drift = (at: number) => 100 * (1 + sign * limit * 1.0001 * Math.min(1, at / length))
        const rows = [...flat(-900, 0), ...flat(0, length + 2).map(([at]) => [at, drift(at)] as const)]
        const worst = alarmsOf(rows).filter((one) => one.window === window)
        expect(
          worst.map((one) => one.severity),
          `${limit}`,
        ).toContain(severity)
        const less = rows.map(([at, price]) => [at, 100 + (price - 100) * 0.99] as const)
        expect(
          alarmsOf(less)
            .filter((one) => one.window === window)
            .map((one) => one.severity),
        ).not.toContain(severity)
      }
    }
  })

  test('of one row is seen at that row', () => {
    expect(alarmsOf([...flat(0, 60), [60, 89]])).toMatchObject([
      { seconds: 60, instrument: 0, severity: 'extreme', window: '30s', value: expect.closeTo(-0.11, 12), limit: 0.08 },
    ])
  })

  test('severity only rises until it has been calm for its minutes; then it begins anew', () => {
    const rows = [
      ...flat(0, 60),
      ...flat(60, 70, 95.5),
      ...flat(70, 80, 94),
      ...flat(80, 2000, 94),
      [2000, 90.5] as const,
    ]
    expect(alarmsOf(rows).map(({ seconds, severity }) => [seconds, severity])).toEqual([
      [60, 'moderate'],
      [70, 'severe'],
      // Until a minute and 900 s after the last second from which on any window still shows it.
      [expect.any(Number), 'calm'],
      [2000, 'moderate'],
    ])
  })

  test('a price before a silence says nothing: after an outage there is no alarm', () => {
    expect(alarmsOf([...flat(0, 1000), [8000, 60], ...flat(8001, 9000, 60)])).toEqual([])
  })

  test('candles are seen in the windows that are as long as they', () => {
    const minutes = (price: (at: number) => number) =>
      Array.from({ length: 30 }, (_, at) => [at * 60, price(at)] as const)
    expect(alarmsOf(minutes((at) => (at < 20 ? 100 : 95)))).toMatchObject([{ window: '1m', severity: 'moderate' }])
  })

  test('prices that are none are passed over', () => {
    expect(alarmsOf([...flat(0, 60), [60, Number.NaN], [61, 0], [62, -5], [63, 100]])).toEqual([])
  })
})

describe('a cascade', () => {
  const many = (crash: number) => [
    ...Array.from({ length: 60 }, (_, at) => [0, 1, 2, 3].map((one) => [at, 100, one] as const)).flat(),
    ...[0, 1, 2, 3].map((one) => [60, one < crash ? 96 : 100, one] as const),
  ]

  test('is when more than 0.7 of the instruments crash at once', () => {
    expect(alarmsOf(many(2), 4).filter((one) => one.instrument === undefined)).toEqual([])
    expect(alarmsOf(many(3), 4).filter((one) => one.instrument === undefined)).toMatchObject([
      { severity: 'extreme', value: 0.75, limit: 0.7 },
    ])
  })

  test('takes three instruments at least', () => {
    const two = many(4).filter(([, , one]) => one < 2)
    expect(alarmsOf(two, 2).filter((one) => one.instrument === undefined)).toEqual([])
  })
})

test('a detector that is saved at any row goes on as if it had not been', () => {
  const price = fc.integer({ min: 90, max: 110 })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), price), { minLength: 2, maxLength: 80 }),
      fc.nat(),
      (steps, cut) => {
        let seconds = 0
        const rows = steps.map(([more, value]) => {
          seconds += more
          return [seconds, value] as const
        })
        let detector = new FlashCrashDetector(1, config)
        const cutAt = cut % rows.length
        const again = rows.flatMap(([at, value], row) => {
          if (row === cutAt) {
            const saved = unpack<ReturnType<typeof detector.save>>(pack(detector.save()))
            detector = new FlashCrashDetector(1, config)
            detector.load(saved)
          }
          return detector.row(0, start + at * second, value)
            ? detector.take().map((alarm) => ({ seconds: at, ...alarm }))
            : []
        })
        expect(again).toEqual(alarmsOf(rows))
      },
    ),
    { numRuns: 100 },
  )
})

test('a config names what is wrong', () => {
  expect(parseFlashCrash('off')).toBe(undefined)
  expect(parseFlashCrash('default')).toMatchObject({ '15m': { extreme: 0.15 }, cascade: 0.7, resume: 'operator' })
  expect(() => parseFlashCrash({ '2m': {} })).toThrow(/flashCrash/)
  expect(() => parseFlashCrash({ '1m': { severe: 0 } })).toThrow(/severe/)
})
