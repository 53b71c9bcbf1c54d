import { expect, test } from 'vitest'
import { only, trial } from './samples.ts'

const loose = { funds: { leverage: 125 } }

test('what an order loses at its stop is a small part of equity; without a stop it is not measured', () => {
  const it = trial(only('trade-risk', {}, loose))
  expect(it.ask('buy', 21, { signal: { stop: 90 } })).toMatchObject({
    reason: 'MAX_TRADE_LOSS',
    value: 0.021,
    limit: 0.02,
  })
  expect(it.ask('buy', 20, { signal: { stop: 90 } })).toMatchObject({ kind: 'new' })
  expect(it.ask('buy', 50)).toMatchObject({ kind: 'new' })
})

test('of an order that turns a position only what it opens is measured at its stop', () => {
  const it = trial(only('trade-risk', {}, loose))
  it.fill('buy', 15, 100)
  const turn = { signal: { stop: 110 } }
  expect(it.ask('sell', 36, turn)).toMatchObject({ reason: 'MAX_TRADE_LOSS', value: 0.021, limit: 0.02 })
  // Fifteen close the position, and twenty stand at risk.
  expect(it.ask('sell', 35, turn)).toMatchObject({ kind: 'new' })
  // Those that are open close it already.
  expect(it.ask('sell', 21, turn)).toMatchObject({ reason: 'MAX_TRADE_LOSS', value: 0.021 })
  expect(it.ask('sell', 20, turn)).toMatchObject({ kind: 'new' })
})
