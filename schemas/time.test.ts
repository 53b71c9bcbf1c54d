import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SmartspeedError } from './errors.ts'
import { isoOf, parseTime } from './time.ts'

test('a time is whole µs, or ISO 8601 that is UTC unless it says otherwise', () => {
  const at = 1_723_161_255_000_000
  for (const text of [
    '1723161255000000',
    '2024-08-08T23:54:15Z',
    '2024-08-08T23:54:15',
    '2024-08-08 23:54:15.000',
    '2024-08-09T01:54:15+02:00',
    '2024-08-08T18:24:15-0530',
  ]) {
    expect(parseTime('from', text)).toBe(at)
  }
  expect(parseTime('from', '2024-08-08')).toBe(1_723_075_200_000_000)
  expect(parseTime('from', '2024-08-08T23:54')).toBe(at - 15_000_000)
  expect(parseTime('from', '2024-08-08T23:54:15.0881769')).toBe(at + 88_176)
  expect(parseTime('from', 12)).toBe(12)
})

test('what is no time says the key, the value seen and what is allowed', () => {
  for (const text of [
    'yesterday',
    '2024-02-30',
    '2024-08-08T25:00',
    '1.5',
    '',
    '99999999999999999999',
    '2024-08-08T00:00+19:00',
  ]) {
    const error = thrown(() => parseTime('--from', text))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(error.message).toContain('--from')
    expect(error.message).toContain(`"${text}"`)
    expect(error.fix).toContain('ISO 8601')
  }
})

test('the ISO text of a time is read back as that time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (micros) => {
      expect(parseTime('x', isoOf(micros))).toBe(micros)
    }),
  )
  expect(isoOf(1_723_161_255_000_000)).toBe('2024-08-08T23:54:15Z')
})

function thrown(work: () => unknown): SmartspeedError {
  try {
    work()
  } catch (error) {
    if (error instanceof SmartspeedError) return error
  }
  throw new Error('nothing was thrown')
}
