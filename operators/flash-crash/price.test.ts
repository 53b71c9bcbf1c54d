import { expect, test } from 'vitest'
import type { Market } from '../desk.ts'
import { tradedTicks } from './price.ts'

test.each([
  ['the last trade within the best prices', { lastTicks: 101, bidTicks: 100, askTicks: 103 }, 101],
  ['the bid where that is above the last trade', { lastTicks: 90, bidTicks: 100, askTicks: 103 }, 100],
  ['the ask where that has fallen below it', { lastTicks: 110, bidTicks: 100, askTicks: 103 }, 103],
  ['the middle where nobody has traded', { bidTicks: 100, askTicks: 103 }, 101.5],
  ['the last trade where there is no book', { lastTicks: 90 }, 90],
  ['the mark where there is nothing else', { markTicks: 77 }, 77],
  ['not a number where nothing is known', {}, Number.NaN],
])('it is %s', (_, known, expected) => {
  const unknown = { lastTicks: Number.NaN, bidTicks: Number.NaN, askTicks: Number.NaN, markTicks: Number.NaN }
  expect(tradedTicks({ ...unknown, ...known } as Market)).toBe(expected)
})
