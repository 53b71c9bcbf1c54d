import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Execution, Order, Signal } from '../../schemas/records.generated.ts'
import { instrumentOf } from '../instrument.ts'
import { feeE8, textToE8, valueE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import { perpetual } from '../portfolio/samples.ts'
import { createRisk } from './index.ts'

const contract = instrumentOf(perpetual({ lotSize: 0.01 }), 0)
const spot = instrumentOf(perpetual({ symbol: 'SPOT', type: 'spot', lotSize: 0.01 }), 1)
const instruments = [contract, spot]
const ticks = 1000 // 100 each, as the account has 10,000

/** An order asked for, or one that is open filled in part, to its end, or cancelled. */
const step = fc.oneof(
  fc.record({
    what: fc.constant('ask' as const),
    index: fc.constantFrom(0, 1),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    lots: fc.integer({ min: 5, max: 3_000 }),
  }),
  fc.record({
    what: fc.constantFrom('fill' as const, 'cancel' as const),
    pick: fc.nat(),
    part: fc.integer({ min: 1, max: 3 }),
  }),
)

/** Takes the steps; `look` is called after each with the account as it is then. */
function live(
  config: Parameters<typeof createRisk>[0],
  steps: readonly Step[],
  look: (account: AccountPortfolio) => void,
) {
  const markets = instruments.map((instrument) => ({
    ...{ instrument, bidTicks: ticks, bidLots: 1, askTicks: ticks, askLots: 1, lastTicks: ticks, markTicks: ticks },
    ...{ received: 0, synced: true },
  }))
  const portfolio = new AccountPortfolio({
    ...{ account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8('10000'), instruments },
  })
  const risk = createRisk(config, { account: 'a', markets, portfolio })
  let passed = 0
  for (const [number, one] of steps.entries()) {
    if (one.what === 'ask') passed += ask(number, one)
    else hear(number, one)
    look(portfolio)
  }
  return passed

  function ask(number: number, { index, side, lots }: Extract<Step, { what: 'ask' }>): number {
    const instrument = instruments[index]!
    const { exchange, symbol } = instrument
    const signal: Signal = {
      ...{ time: number, received: number * 1e6, exchange, symbol, account: 'a', strategy: 's', number },
      ...{ action: 'order', reason: 'test' },
    }
    for (const market of markets) market.received = signal.received
    const how = { type: 'limit', timeInForce: 'gtc', ticks } as const
    const { order } = risk.check({ kind: 'new', signal, instrument, side, lots, ...how })
    if (order !== undefined) portfolio.sent(order)
    return order === undefined ? 0 : 1
  }

  function hear(number: number, { what, pick, part }: Exclude<Step, { what: 'ask' }>): void {
    const open = [...portfolio.open.values()]
    const order = open[pick % Math.max(1, open.length)]
    if (order === undefined) return
    const { exchange, symbol, tickSize, lotSize } = instruments[order.instrument]!
    const lots = Math.max(1, Math.floor(order.leftLots / part))
    const fee = feeE8(valueE8(instruments[order.instrument]!, ticks, lots), 0.001)
    const base: Execution = {
      ...{
        time: number,
        received: number,
        exchange,
        symbol,
        account: 'a',
        number,
        clientId: order.clientId,
        strategy: 's',
      },
      ...{ kind: 'cancelled', tickSize, lotSize, fee: 0n },
    }
    const fill: Partial<Execution> = {
      kind: 'fill',
      side: order.side,
      ticks,
      lots,
      leftLots: order.leftLots - lots,
      fee,
    }
    portfolio.apply(what === 'cancel' ? base : { ...base, ...fill })
  }
}
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const steps = fc.array(step, { minLength: 5, maxLength: 40 })

test('whatever is asked for and however it fills, a spot account never owes cash or asset', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const spotOnly = all.map((one) => (one.what === 'ask' ? { ...one, index: 1 as const } : one))
      live('off', spotOnly, (account) => {
        expect(account.lots(1)).toBeGreaterThanOrEqual(0)
        expect(account.state().cash).toBeGreaterThanOrEqual(0n)
      })
    }),
    { numRuns: 500 },
  )
})

test('O3: whatever is open, no fill takes a position or the account past its limits', () => {
  let passed = 0
  fc.assert(
    fc.property(steps, (all) => {
      const config = {
        'position-size': { share: 0.3 },
        'total-exposure': { share: 0.5 },
        'order-rate': false,
        'daily-loss': false,
      }
      passed += live(config, all, (account) => {
        // The limits held when the orders passed; what may have changed since are fees, a thousandth of what was traded.
        const equity = account.equity() / 1e8 + Number(account.state().fees) / 1e8
        for (const { index, lotSize } of instruments) {
          expect(Math.abs(account.lots(index)) * lotSize * 100).toBeLessThanOrEqual(0.3 * equity + 1e-6)
        }
        expect(account.exposure() / 1e8).toBeLessThanOrEqual(0.5 * equity + 1e-6)
      })
    }),
    { numRuns: 500 },
  )
  expect(passed).toBeGreaterThan(500)
})

test('client ids are counted over the account, and are the same in a second run', () => {
  const order: Step = { what: 'ask', index: 0, side: 'buy', lots: 10 }
  const ids = () => {
    const seen: Order['clientId'][] = []
    live('off', [order, order, order], (account) => seen.push([...account.open.keys()].at(-1)!))
    return seen
  }
  expect(ids()).toEqual(['s.a.1', 's.a.2', 's.a.3'])
  expect(ids()).toEqual(ids())
})
