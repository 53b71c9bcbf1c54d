import { expect, test } from 'vitest'
import { Changes } from './changes.ts'

/** What a look since then meets. */
function seen(changes: Changes, from: number): number[] {
  const met: number[] = []
  expect(changes.since(from, (one) => met.push(one))).toBe(changes.count)
  return met
}

test('a look meets what changed since the last one, in order', () => {
  const changes = new Changes(10)
  for (const one of [3, 7, 3]) changes.put(one)
  expect(seen(changes, 0)).toEqual([3, 7, 3])
  expect(seen(changes, 2)).toEqual([3])
  expect(seen(changes, 3)).toEqual([])
})

test('where more changed than is remembered, or all may have, a look meets every instrument once', () => {
  const changes = new Changes(4)
  for (let at = 0; at < 256; at++) changes.put(at % 4)
  expect(seen(changes, 0)).toHaveLength(256)
  changes.put(1)
  expect(seen(changes, 0)).toEqual([0, 1, 2, 3])
  expect(seen(changes, 1)).toHaveLength(256)
  const from = changes.count
  changes.putAll()
  expect(seen(changes, from)).toEqual([0, 1, 2, 3])
})
