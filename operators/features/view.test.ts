import { describe, expect, test } from 'vitest'
import { sampleDesk } from '../strategies/sample-desk.ts'
import { barFeatureNames, type FeatureName, FeatureView, featureNames } from './index.ts'

const market = (changes: object) => ({ ...sampleDesk().market(0), ...changes })
const book = { bidTicks: 617_997, bidLots: 3_000, askTicks: 618_003, askLots: 1_000 }
const of = (values: Float64Array, name: FeatureName) => values[featureNames.indexOf(name)]

describe('the features of an instant', () => {
  test('are those of the last closed bar, and of the book as it is now', () => {
    const view = new FeatureView()
    const values = Float64Array.from({ length: 2 * barFeatureNames.length }, (_, i) => i)
    view.bar(values, barFeatureNames.length)
    const read = view.read(market(book))
    for (const [i, name] of barFeatureNames.entries()) expect(of(read, name)).toBe(barFeatureNames.length + i)
    expect([...read.subarray(10, 14)]).toEqual([61_799.7, 61_800.3, 3, 1])
    expect(of(read, 'spread')).toBeCloseTo(0.6 / 61_800, 15)
    expect(of(read, 'imbalance')).toBe(0.5)
    expect(of(view.read(market({ ...book, bidLots: 1_000 })), 'imbalance')).toBe(0)
  })

  test('are NaN where there is no book, and of a side that is empty, with what rests on it', () => {
    const view = new FeatureView()
    expect([...view.read(market({}))].every(Number.isNaN)).toBe(true)
    const read = view.read(market({ ...book, bidTicks: Number.NaN, bidLots: 0 }))
    const known = featureNames.filter((name) => !Number.isNaN(of(read, name)))
    expect(known).toEqual(['ask', 'ask_size'])
  })

  test('have no imbalance where both sizes are below a lot', () => {
    expect(of(new FeatureView().read(market({ ...book, bidLots: 0, askLots: 0 })), 'imbalance')).toBe(0)
  })

  test('go on after a save as if there had been none', () => {
    const view = new FeatureView()
    view.bar(new Float64Array(barFeatureNames.length).fill(7), 0)
    const loaded = new FeatureView()
    loaded.load(view.save())
    expect(loaded.read(market(book))).toEqual(view.read(market(book)))
  })

  test('cost no array: the same one is read again and again', () => {
    const view = new FeatureView()
    expect(view.read(market(book))).toBe(view.read(market({})))
  })
})
