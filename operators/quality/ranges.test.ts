import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rounds } from '../../tests/data.ts'
import { bytesOf, fill, Ranges } from './ranges.ts'

describe('ranges of ids', () => {
  test('hold what a plain set holds, whatever the order of what is added', () => {
    const added = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 12 })), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(added, (ranges) => {
        const set = new Set<number>()
        const own = new Ranges()
        for (const [from, length] of ranges) {
          const had = set.has(from + length)
          if (length % 2 === 0) own.add(from, from + length)
          else expect(own.take(from, from + length)).toBe(!had)
          if (length % 2 === 1 && had) continue
          for (let id = from; id <= from + length; id++) set.add(id)
        }
        const again = new Ranges(own.save())
        for (let id = 0; id < 320; id++) {
          expect(own.has(id)).toBe(set.has(id))
          expect(again.has(id)).toBe(set.has(id))
          const below = [...set].filter((one) => one < id)
          expect(own.below(id)).toBe(below.length === 0 ? Number.NaN : Math.max(...below))
          expect(own.covers(id, id + 3)).toBe([0, 1, 2, 3].every((more) => set.has(id + more)))
        }
      }),
      { numRuns: rounds(300, 60) },
    )
  })

  test('many ids that do not follow each other lie in leaves, which can be put away and fetched', () => {
    const ranges = new Ranges()
    const total = 400_000
    for (let i = 0; i < total; i++) ranges.add(i * 10, i * 10)
    expect(ranges.leaves.length).toBeGreaterThan(5)
    const away = new Map<number, Uint8Array>()
    for (const leaf of ranges.finished()) {
      leaf.key = away.size
      away.set(leaf.key, bytesOf(leaf))
    }
    const again = new Ranges(ranges.save())
    expect(again.finished()).toEqual([])
    const bring = (from: number, to: number) => {
      for (const leaf of again.away(from, to)) fill(leaf, away.get(leaf.key!)!)
    }
    bring(1_600_000, 1_600_000)
    expect([again.has(1_600_000), again.has(1_600_001)]).toEqual([true, false])
    again.add(1_600_001, 1_600_001)
    expect(again.has(1_600_001)).toBe(true)
    expect(again.finished().length).toBe(1)
    expect(again.save().filter(({ bytes }) => bytes !== undefined).length).toBe(2)
    bring(0, total * 10)
    for (let i = 0; i < total; i++) expect(again.has(i * 10)).toBe(true)
    again.add(0, total * 10)
    expect(again.covers(0, total * 10)).toBe(true)
  })

  test('numbers near 2^53 come back whole', () => {
    const ranges = new Ranges()
    ranges.add(2 ** 53 - 3, 2 ** 53 - 2)
    ranges.add(5, 5)
    const again = new Ranges(ranges.save())
    expect([again.has(2 ** 53 - 3), again.has(2 ** 53 - 4), again.has(5)]).toEqual([true, false, true])
  })
})
