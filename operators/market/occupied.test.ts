import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOccupied } from './occupied.ts'

test('the next members are those that a sorted list finds, whatever was added and removed', () => {
  const tick = fc.oneof(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 0, max: 70 }))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), tick), { maxLength: 80 }), fc.array(tick), (changes, questions) => {
      const set = createOccupied(100_000)
      const members = new Set<number>()
      for (const [add, at] of changes) {
        if (add) set.add(at)
        else set.remove(at)
        if (add) members.add(at)
        else members.delete(at)
      }
      for (const at of [...questions, ...changes.map(([, changed]) => changed)]) {
        expect(set.below(at)).toBe(Math.max(-1, ...[...members].filter((member) => member < at)))
        const above = [...members].filter((member) => member > at)
        expect(set.above(at)).toBe(above.length === 0 ? -1 : Math.min(...above))
      }
    }),
    { numRuns: 400, seed: 5 },
  )
})
