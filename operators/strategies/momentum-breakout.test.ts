import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BarView } from '../desk.ts'
import { featureNames } from '../features/names.ts'
import { momentumBreakout } from './momentum-breakout.ts'
import { parseParameters } from './parameters.ts'
import { sampleDesk } from './sample-desk.ts'

type Given = Record<string, unknown>
/** high, low, close and volume_ratio of a bar. */
type Row = readonly [high: number, low: number, close: number, volumeRatio?: number]

const volumeRatio = featureNames.indexOf('volume_ratio')
const paramsOf = (given: Given) =>
  parseParameters(momentumBreakout, { bars: 3, exitBars: 2, beyond: 0.01, trail: 0, ...given }) as Parameters<
    typeof momentumBreakout.create
  >[0]
const bar = ([high, low, close]: Row): BarView => ({
  ...{ instrument: 0, time: 0, openTime: 0, interval: '1m', open: close, high, low, close, volume: 1 },
})
/** Three bars between 90 and 110: breakouts begin at 111.1 and at 89.1. */
const calm: Row[] = [
  [110, 95, 100],
  [105, 90, 100],
  [105, 95, 100],
]

/** What was asked at each bar; saved and loaded after each when told. */
function run(rows: readonly Row[], given: Given = {}, saves = false): string[] {
  const desk = sampleDesk()
  let trader = momentumBreakout.create(paramsOf(given), desk)
  return rows.map((row) => {
    desk.asked.length = 0
    desk.features(0)[volumeRatio] = row[3] ?? 2
    trader.bar!(bar(row))
    if (saves) {
      const bytes = trader.save()
      trader = momentumBreakout.create(paramsOf(given), desk)
      trader.load(bytes)
    }
    return desk.asked.join(', ')
  })
}

const breaking = (rows: readonly Row[], given: Given = {}) => run([...calm, ...rows], given).slice(3)

describe('it enters', () => {
  test('long at a close that is far enough above the highest high, and not below that', () => {
    expect(breaking([[112, 100, 111.1]])).toEqual(['target 0 1'])
    expect(breaking([[112, 100, 111.09]])).toEqual([''])
    expect(breaking([[112, 100, 110.6]], { beyond: 0.005, size: 3 })).toEqual(['target 0 3'])
  })

  test('short at a close far enough below the lowest low, unless it is long-flat', () => {
    expect(breaking([[100, 88, 89.1]])).toEqual(['target 0 -1'])
    expect(breaking([[100, 88, 89.2]])).toEqual([''])
    expect(breaking([[100, 88, 89.1]], { mode: 'long-flat' })).toEqual([''])
  })

  test('only on enough volume; 0 asks for none', () => {
    expect(breaking([[112, 100, 112, 1.5]])).toEqual(['target 0 1'])
    expect(breaking([[112, 100, 112, 1.49]])).toEqual([''])
    expect(breaking([[112, 100, 112, 2.9]], { volumeFactor: 3 })).toEqual([''])
    expect(breaking([[112, 100, 112, Number.NaN]], { volumeFactor: 0 })).toEqual(['target 0 1'])
  })

  test('nothing while the feature is not known', () => {
    expect(breaking([[112, 100, 112, Number.NaN]])).toEqual([''])
  })

  test('nothing before there are as many bars as the channel has', () => {
    expect(run([...calm.slice(1), [200, 100, 200]])).toEqual(['', '', ''])
    expect(momentumBreakout.warmup(paramsOf({ bars: 50 }))).toBe(51)
    expect(momentumBreakout.warmup(paramsOf({}))).toBe(21)
  })

  test('nothing by its own high: the channel is of the bars before', () => {
    expect(breaking([[500, 100, 111]])).toEqual([''])
  })
})

describe('it leaves', () => {
  const entered: Row = [113, 105, 112]

  test('at a close through the other edge of the shorter channel', () => {
    // The low of the two bars before is 95, then 105.
    expect(breaking([entered, [112, 94, 95]])).toEqual(['target 0 1', ''])
    expect(breaking([entered, [112, 94, 94.9]])).toEqual(['target 0 1', 'target 0 0'])
    expect(breaking([entered, [113, 107, 112], [112, 104, 104.9]])).toEqual(['target 0 1', '', 'target 0 0'])
  })

  test('when it fell back from its best price since entry', () => {
    // The best is 120: 5 % of it are 6.
    const best: Row = [120, 112, 119]
    expect(breaking([entered, best, [119, 114, 114.1]], { trail: 0.05 })).toEqual(['target 0 1', '', ''])
    expect(breaking([entered, best, [119, 114, 114]], { trail: 0.05 })).toEqual(['target 0 1', '', 'target 0 0'])
    // The high of the entry's own bar came before the entry.
    expect(
      breaking(
        [
          [130, 105, 112],
          [112, 111, 111],
        ],
        { trail: 0.05 },
      ),
    ).toEqual(['target 0 1', ''])
    const short: Row = [100, 88, 89]
    expect(breaking([short, [89, 80, 84.9]], { trail: 0.0625 })).toEqual(['target 0 -1', ''])
    expect(breaking([short, [89, 80, 85]], { trail: 0.0625 })).toEqual(['target 0 -1', 'target 0 0'])
  })

  test('and turns over where the close breaks out on the other side', () => {
    expect(breaking([entered, [112, 80, 85]])).toEqual(['target 0 1', 'target 0 -1'])
    expect(breaking([entered, [112, 80, 85, 1]])).toEqual(['target 0 1', 'target 0 0'])
  })
})

test('saved and loaded after every bar it goes on the same, and is never on two sides', () => {
  const row = fc
    .tuple(fc.integer({ min: 90, max: 110 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.double({ min: 0.5, max: 3 }))
    .map(([close, up, down, ratio]): Row => [close + up, close - down, close, ratio])
  fc.assert(
    fc.property(fc.array(row, { maxLength: 80 }), (rows) => {
      const given = { trail: 0.05, exitBars: 4 }
      const whole = run(rows, given)
      expect(run(rows, given, true)).toEqual(whole)
      const targets = whole.filter((one) => one !== '')
      for (const [i, one] of targets.entries()) expect(one).not.toBe(targets[i - 1] ?? 'target 0 0')
    }),
    { numRuns: 200 },
  )
})
