import { describe, expect, test } from 'vitest'
import type { SmartspeedError } from '../../schemas/errors.ts'
import { describeParameters, parseParameters, strategies, strategyOf } from './index.ts'
import { typedParameters } from './parameters.ts'

const smaCross = strategyOf('sma-cross')

function fault(given: Record<string, unknown>, name = 'sma-cross'): SmartspeedError {
  try {
    parseParameters(strategyOf(name), given)
  } catch (error) {
    return error as SmartspeedError
  }
  throw new Error('no fault')
}

describe('parameters', () => {
  test('become what they are, from text as from a file; what is left out has its default', () => {
    const expected = { fast: 5, slow: 30, size: 0.5, mode: 'long-short' }
    expect(parseParameters(smaCross, { fast: '5', size: '0.5', mode: 'long-short' })).toEqual(expected)
    expect(parseParameters(smaCross, { fast: 5, size: 0.5, mode: 'long-short' })).toEqual(expected)
    for (const strategy of strategies) expect(Object.keys(parseParameters(strategy, {})).length).toBeGreaterThan(0)
  })

  test('are typed alone where the schema is asked later, by what others are beside them', () => {
    expect(typedParameters(smaCross, { fast: '5', size: '0.5', mode: 'long-flat', slow: 1 })).toEqual({
      ...{ fast: 5, size: 0.5, mode: 'long-flat', slow: 1 },
    })
  })

  test('of an unknown name are refused with the value, what is allowed and the nearest name', () => {
    const { code, message, fix } = fault({ fsat: '5' })
    expect([code, message, fix]).toEqual([
      'CONFIG_INVALID',
      'strategy sma-cross: unknown parameter fsat = 5; allowed: fast, slow, size, mode',
      'did you mean "fast"?',
    ])
  })

  test('of a wrong value are refused with the value and what is allowed', () => {
    expect(fault({ fast: 'ten' }).message).toBe(
      'strategy sma-cross: fast = ten; allowed: a whole number at least 1 at most 100000',
    )
    expect(fault({ fast: '0' }).message).toContain('fast = 0; allowed: a whole number at least 1')
    expect(fault({ size: -1 }).message).toContain('size = -1; allowed: a number above 0')
    expect(fault({ mode: 'long-flt' })).toMatchObject({ fix: 'did you mean "long-flat"?' })
    expect(fault({ fast: 30, slow: 10 }).message).toContain('fast = 30; fast must be below slow')
    expect(fault({ size: 'NaN' }).message).toContain('size = NaN')
  })

  test('are described by name, kind, default and meaning', () => {
    expect(describeParameters(smaCross.parameters)[0]).toBe(
      'fast: a whole number at least 1 at most 100000 (default 10), bars of the fast mean',
    )
  })
})

test('an unknown strategy is refused with the nearest name', () => {
  const allowed = strategies.map(({ name }) => name).join(', ')
  expect(() => strategyOf('sma-cros')).toThrow(`unknown strategy "sma-cros"; allowed: ${allowed}`)
  expect(allowed).toMatch(/^sma-cross, market-maker, mean-reversion/)
})
