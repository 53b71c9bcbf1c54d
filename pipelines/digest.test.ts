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

test('the digest of rows does not depend on how they were cut into batches', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 20 }), fc.nat(20), async (rows, at) => {
      const cut = Math.min(at, rows.length)
      const parts = [rows.slice(0, cut), rows.slice(cut)].filter((part) => part.length > 0)
      const whole = await digestOf([batchOf('risk-events', rows)])
      expect(await digestOf(parts.map((part) => batchOf('risk-events', part)))).toBe(whole)
    }),
  )
})

test('the digest does not depend on which topic came first, nor on batches without rows', async () => {
  const common = { time: 1, received: 2, exchange: 'a', symbol: 'x', account: 'main' }
  const risk = batchOf('risk-events', [
    { ...common, strategy: 's', check: 'c', action: 'rejected', reason: 'R', detail: 'd' },
  ])
  const alert = batchOf('alerts', [{ ...common, component: 'c', severity: 'info', code: 'A', message: 'm' }])
  expect(await digestOf([risk, alert])).toBe(await digestOf([alert, batchOf('bars', []), risk]))
})

test('the digest changes with any row', async () => {
  const row: RiskEvent = {
    ...{ time: 1, received: 2, exchange: 'a', symbol: 'x', account: 'main', strategy: 's', check: 'c' },
    ...{ action: 'rejected' as const, reason: 'R', detail: 'd' },
  }
  const digest = await digestOf([batchOf('risk-events', [row])])
  for (const change of [{ detail: 'e' }, { value: 0 }, { symbol: 'y' }, { time: 3 }]) {
    expect(await digestOf([batchOf('risk-events', [{ ...row, ...change }])])).not.toBe(digest)
  }
})

test('the digest of rows stays what journals say of them', async () => {
  const common = { time: 1.5, received: 2, exchange: 'a', account: 'main', check: 'c' }
  const risk = batchOf('risk-events', [
    { ...common, symbol: 'x', strategy: 's"', action: 'rejected', reason: 'R', detail: 'dé' },
    { ...common, symbol: '币', strategy: 't', action: 'halted', reason: 'Q', detail: '', value: 3 },
  ])
  expect(await digestOf([risk, risk])).toBe('7042165fe731cf4a7ec62cae34c6e6f2d916484c430fc87d5059daba53970f79')
})
