import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scoreOf } from './score.ts'

const clean = { lines: 1000, unreadable: 0, missing: 0, rows: 990, remarked: 0 }

test('a source without a fault scores 1', () => {
  expect(scoreOf(clean)).toEqual({ readable: 1, complete: 1, sane: 1, reliability: 1 })
})

test('what cannot be read, did not come, or makes no sense costs its share', () => {
  expect(scoreOf({ ...clean, unreadable: 100 }).reliability).toBe(0.9)
  expect(scoreOf({ ...clean, missing: 1000 }).reliability).toBe(0.5)
  expect(scoreOf({ ...clean, remarked: 99 }).reliability).toBe(0.9)
  expect(scoreOf({ ...clean, unreadable: 500, missing: 1000 }).reliability).toBe(0.25)
})

test('of nothing there is no score', () => {
  expect(scoreOf({ lines: 0, unreadable: 0, missing: 0, rows: 0, remarked: 0 }).reliability).toBeNull()
})

test('a score lies within 0 and 1, and one more fault never raises it', () => {
  const counts = fc.record({
    lines: fc.integer({ min: 1, max: 1e6 }),
    missing: fc.nat(1e6),
    rows: fc.integer({ min: 1, max: 1e6 }),
    remarked: fc.nat(2e6),
  })
  fc.assert(
    fc.property(counts, fc.nat(1e6), (some, broken) => {
      const given = { ...some, unreadable: Math.min(broken, some.lines) }
      const score = scoreOf(given).reliability!
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(1)
      expect(scoreOf({ ...given, missing: given.missing + 1 }).reliability!).toBeLessThanOrEqual(score)
      expect(scoreOf({ ...given, remarked: given.remarked + 1 }).reliability!).toBeLessThanOrEqual(score)
    }),
  )
})
