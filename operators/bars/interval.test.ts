import { expect, test } from 'vitest'
import { parseInterval } from './interval.ts'

test('an interval is a time up to a day, a number of trades, a volume or a value', () => {
  expect(parseInterval('1s')).toEqual({ kind: 'time', name: '1s', us: 1e6 })
  expect(parseInterval('45m')).toEqual({ kind: 'time', name: '45m', us: 2700e6 })
  expect(parseInterval('1d')).toEqual({ kind: 'time', name: '1d', us: 86_400e6 })
  expect(parseInterval('100 ticks')).toEqual({ kind: 'ticks', name: '100t', count: 100 })
  expect(parseInterval('2.5 volume')).toEqual({ kind: 'volume', name: '2.5v', size: 2.5 })
  for (const text of ['1000000 dollars', '1000000 quote', '1000000q', '1000000 Dollar'])
    expect(parseInterval(text)).toEqual({ kind: 'quote', name: '1000000q', value: 1e6 })
  for (const text of ['15m', '100 ticks', '5 volume', '2.5 dollars', '1000000000 dollars'])
    expect(parseInterval(parseInterval(text).name)).toEqual(parseInterval(text))
})

test('what is no interval is refused with what is allowed', () => {
  for (const text of ['', '0m', '-1m', '1.5m', '2d', '1w', '1.5 ticks', 'm', '1 banana', '1m2s']) {
    expect(() => parseInterval(text), text).toThrow('allowed is a time from 1s to 1d')
  }
})
