import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BarView } from '../desk.ts'
import { instrumentOf } from '../instrument.ts'
import { perpetual } from '../portfolio/samples.ts'
import { sampleDesk } from './sample-desk.ts'
import { smaCross } from './sma-cross.ts'

const bar = (close: number, instrument = 0): BarView => ({
  ...{ instrument, time: 0, openTime: 0, interval: '1m', open: close, high: close, low: close, close, volume: 1 },
})
const params = { fast: 2, slow: 4, size: 1.5, mode: 'long-flat' } as const

/** What was asked at each bar; saved and loaded after each when told. */
function run(
  closes: readonly number[],
  given: Parameters<typeof smaCross.create>[0] = params,
  saves = false,
): string[] {
  const desk = sampleDesk()
  let trader = smaCross.create(given, desk)
  return closes.map((close) => {
    desk.asked.length = 0
    trader.bar!(bar(close))
    if (saves) {
      const bytes = trader.save()
      trader = smaCross.create(given, desk)
      trader.load(bytes)
    }
    return desk.asked.join(', ')
  })
}

test('it goes long when the fast mean rises above the slow one, and out when it falls below', () => {
  expect(run([10, 10, 10, 10, 11, 12, 9, 5])).toEqual(['', '', '', '', 'target 0 1.5', '', '', 'target 0 0'])
})

test('long-short turns the position over', () => {
  expect(run([10, 10, 10, 11, 5, 5], { ...params, mode: 'long-short' })).toEqual([
    '',
    '',
    '',
    'target 0 1.5',
    'target 0 -1.5',
    '',
  ])
})

test('the bar on which both means exist may already give a signal', () => {
  expect(run([1, 2, 3, 4])).toEqual(['', '', '', 'target 0 1.5'])
  expect(run([4, 3, 2, 1])).toEqual(['', '', '', 'target 0 0'])
})

test('equal means end neither side: from there it says again what it wants', () => {
  const given = { ...params, fast: 1, slow: 2 }
  expect(run([1, 2, 2, 3, 3, 2], given)).toEqual(['', 'target 0 1.5', '', 'target 0 1.5', '', 'target 0 0'])
})

test('each instrument is traded by itself', () => {
  const desk = sampleDesk([0, 1].map((index) => instrumentOf(perpetual({ symbol: `S${index}` }), index)))
  const trader = smaCross.create(params, desk)
  for (const close of [1, 2, 3, 4]) {
    trader.bar!(bar(close, 1))
    trader.bar!(bar(5 - close, 0))
  }
  expect(desk.asked).toEqual(['target 1 1.5', 'target 0 0'])
})

test('it is what exact means give at every bar, saved and loaded or not', () => {
  const closes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 80 })
  const lengths = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  fc.assert(
    fc.property(closes, lengths, (ticks, [fast, more]) => {
      const slow = fast + more
      const sum = (end: number, n: number) => ticks.slice(end + 1 - n, end + 1).reduce((a, b) => a + BigInt(b), 0n)
      let before = 0
      const expected = ticks.map((_, i) => {
        if (i + 1 < slow) return ''
        const difference = sum(i, fast) * BigInt(slow) - sum(i, slow) * BigInt(fast)
        const sign = difference > 0n ? 1 : difference < 0n ? -1 : 0
        const said = sign > 0 && before <= 0 ? 'target 0 1' : sign < 0 && before >= 0 ? 'target 0 0' : ''
        before = sign
        return said
      })
      const given = { fast, slow, size: 1, mode: 'long-flat' } as const
      const prices = ticks.map((tick) => tick / 10) // ticks of 0.1
      expect(run(prices, given)).toEqual(expected)
      expect(run(prices, given, true)).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

test('B2: after its warm-up it wants the same position, however much came before', () => {
  const closes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 20, maxLength: 60 })
  const wanted = (asked: readonly string[]) => {
    let last = ''
    return asked.map((one) => {
      last = one || last
      return last
    })
  }
  fc.assert(
    fc.property(closes, (prices) => {
      const whole = wanted(run(prices))
      const w = smaCross.warmup(params)
      for (const from of [w, 2 * w]) {
        const late = wanted(run(prices.slice(from)))
        // Until the means differ for the first time there is nothing to want.
        const first = late.findIndex((one) => one !== '')
        if (first >= 0) expect(late.slice(first)).toEqual(whole.slice(from + first))
      }
    }),
    { numRuns: 200 },
  )
})
