import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf } from '../schemas/batch.ts'
import type { RiskEvent } from '../schemas/records.generated.ts'
import { digestOf } from './digest.ts'

const event = fc.record({
  time: fc.nat(),
  received: fc.nat(),
  exchange: fc.constantFrom('a', 'b'),
  symbol: fc.constantFrom('x', 'y', '币'),
  account: fc.constant('main'),
  strategy: fc.constantFrom('s', 't'),
  check: fc.constantFrom('leverage', 'drawdown'),
  action: fc.constantFrom('rejected' as const, 'halted' as const),
  reason: fc.constantFrom('R1', 'R2'),
  value: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
  detail: fc.string(),
}) as fc.Arbitrary<RiskEvent>

test('the digest of rows does not depend on how they were cut into batches', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), fc.nat(20), (rows, at) => {
      const cut = Math.min(at, rows.length)
      const parts = [rows.slice(0, cut), rows.slice(cut)].filter((part) => part.length > 0)
      expect(digestOf(parts.map((part) => batchOf('risk-events', part)))).toBe(digestOf([batchOf('risk-events', rows)]))
    }),
  )
})

test('the digest does not depend on which topic came first, nor on batches without rows', () => {
  const common = { time: 1, received: 2, exchange: 'a', symbol: 'x', account: 'main' }
  const risk = batchOf('risk-events', [
    { ...common, strategy: 's', check: 'c', action: 'rejected', reason: 'R', detail: 'd' },
  ])
  const alert = batchOf('alerts', [{ ...common, component: 'c', severity: 'info', code: 'A', message: 'm' }])
  expect(digestOf([risk, alert])).toBe(digestOf([alert, batchOf('bars', []), risk]))
})

test('the digest changes with any row', () => {
  const row: RiskEvent = {
    ...{ time: 1, received: 2, exchange: 'a', symbol: 'x', account: 'main', strategy: 's', check: 'c' },
    ...{ action: 'rejected' as const, reason: 'R', detail: 'd' },
  }
  const digest = digestOf([batchOf('risk-events', [row])])
  for (const change of [{ detail: 'e' }, { value: 0 }, { symbol: 'y' }, { time: 3 }]) {
    expect(digestOf([batchOf('risk-events', [{ ...row, ...change }])])).not.toBe(digest)
  }
})
