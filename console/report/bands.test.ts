import { expect, test } from 'vitest'
import { Bands } from './bands.ts'

test('a regime lasts until the next one, and its share is of the time that was told', () => {
  const bands = new Bands()
  for (const [time, label] of [
    [0, 'BULL'],
    [10, 'BULL'],
    [20, 'BEAR'],
    [30, 'BULL'],
  ] as const)
    bands.push(time, label)
  const { times, codes, labels, shares, entries, tones } = bands.take('1h', 'run', 40)
  expect([...times]).toEqual([0, 20, 30])
  expect(Array.from(codes, (code) => labels[code])).toEqual(['BULL', 'BEAR', 'BULL'])
  expect(shares).toEqual([0.75, 0.25])
  expect(entries).toEqual([2, 1])
  expect(new Set(tones).size).toBe(2)
})

test('of a million changes no more are kept than a chart can show, and shares stay exact', () => {
  const bands = new Bands()
  for (let i = 0; i < 1_000_000; i++) bands.push(i * 100 + (i % 2 === 0 ? 0 : 25), i % 2 === 0 ? 'NORMAL' : 'CRASH')
  const { times, shares, entries } = bands.take('1h', 'run', 100_000_000)
  expect(times.length).toBeLessThanOrEqual(20_000)
  expect(shares[0]).toBeCloseTo(0.625, 6)
  expect(entries).toEqual([500_000, 500_000])
})
