// The tick venue over a real capture whose recorder's clock was 1.27 s behind: lazily matched, and held against exact exchange order.
import { expect, test } from 'vitest'
import { binanceUsdm } from '../../connectors/exchanges/binance/index.ts'
import type { VenueOptions } from '../../operators/execution/index.ts'
import { MarketState } from '../../operators/market-state.ts'
import type { Execution } from '../../schemas/records.generated.ts'
import { describeWith } from '../data.ts'
import { capture, instrument, type Planned, second, trade } from './capture.ts'

/** Every second a bid and an ask at the best prices as they were known then, taken back after five. */
function plan(): Planned[] {
  const { rows } = capture()
  const market = new MarketState(instrument, { rule: binanceUsdm.sync })
  const orders: Planned[] = []
  let next = rows[0]!.received + second
  for (const { topic, received, batch, row } of rows) {
    market.apply({ topic, batch, row, received })
    if (received < next || !market.synced) continue
    next = received + second
    for (const side of ['buy', 'sell'] as const) {
      const clientId = `${side}.${orders.length}`
      const ticks = side === 'buy' ? market.bidTicks : market.askTicks
      orders.push({ received, clientId, kind: 'new', side, type: 'limit', timeInForce: 'gtx', ticks, lots: 20 })
      orders.push({ received: received + 5 * second, clientId, kind: 'cancel' })
    }
  }
  return orders.sort((a, b) => a.received - b.received)
}

function filledOf(executions: readonly Execution[]): Map<string, number> {
  const filled = new Map<string, number>()
  for (const { kind, clientId, lots } of executions)
    if (kind === 'fill') filled.set(clientId, (filled.get(clientId) ?? 0) + lots!)
  return filled
}

describeWith('data', 'the tick venue on a real capture', () => {
  test('M4, M7: nothing happens before an order arrived, nor is it seen before it could be', () => {
    const { rows, offset } = capture()
    expect(offset).toBeGreaterThan(1.2 * second)
    const orders = plan()
    const { executions, counts } = trade(rows, orders, offset, {
      latency: { outMs: 5, backMs: 3, jitterMs: 1 },
      seed: 1,
    })
    const sent = new Map(orders.filter(({ kind }) => kind === 'new').map((order) => [order.clientId, order.received]))
    expect(executions.filter(({ kind }) => kind === 'fill').length).toBeGreaterThan(100)
    let seen = 0
    for (const { clientId, time, received } of executions) {
      expect(time).toBeGreaterThanOrEqual(sent.get(clientId)! + offset + 5_000)
      expect(received + offset).toBeGreaterThanOrEqual(time + 3_000)
      expect(received).toBeGreaterThanOrEqual(seen)
      seen = received
    }
    expect(counts.clamped).toBeLessThan(rows.length / 1000)
  })

  test('matched lazily as rows are received, few orders fill otherwise than in exact exchange order', () => {
    const { rows, offset } = capture()
    // The same rows as the exchange made them: without a way to us, sorted by their own time.
    const exact = rows.map((row) => ({ ...row, received: row.time })).sort((a, b) => a.time - b.time)
    for (const outMs of [1, 10, 50]) {
      const orders = plan()
      const lazy = filledOf(trade(rows, orders, offset, { latency: { outMs } }).executions)
      const moved = orders.map((order) => ({ ...order, received: order.received + offset }))
      const strict = filledOf(trade(exact, moved, 0, { latency: { outMs } }).executions)
      const ids = orders.filter(({ kind }) => kind === 'new').map(({ clientId }) => clientId)
      const apart = ids.filter((id) => (lazy.get(id) ?? 0) !== (strict.get(id) ?? 0)).length
      expect(lazy.size).toBeGreaterThan(50)
      // Measured: 2 of 680.
      expect(apart / ids.length).toBeLessThanOrEqual(0.01)
    }
  })

  test('B5: later orders stand behind more of the queue and are filled less, and a kinder queue fills more', () => {
    const { rows, offset } = capture()
    const orders = plan()
    const lots = (options: Partial<VenueOptions>) =>
      [...filledOf(trade(rows, orders, offset, options).executions).values()].reduce((sum, one) => sum + one, 0)
    const [soon, late] = [lots({ latency: { outMs: 1 } }), lots({ latency: { outMs: 200 } })]
    expect(late).toBeLessThan(soon)
    expect(lots({ latency: { outMs: 1 }, queue: 'power', queueExponent: 2 })).toBeGreaterThan(soon)
  })
})
