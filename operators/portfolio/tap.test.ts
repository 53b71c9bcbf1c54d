import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowsOf } from '../../schemas/batch.ts'
import type { Execution } from '../../schemas/records.generated.ts'
import { rounds } from '../../tests/data.ts'
import { instrumentOf } from '../instrument.ts'
import type { E8 } from './money.ts'
import { AccountPortfolio } from './portfolio.ts'
import { type EquityTap, PortfolioRows } from './portfolio-rows.ts'
import { perpetual } from './samples.ts'

const instruments = [instrumentOf(perpetual(), 0), instrumentOf(perpetual({ symbol: 'ETHUSDT' }), 1)]
const dayUs = 86_400_000_000
const dayOf = (received: number) => Math.floor((received - 1) / dayUs)

/** The last equity that was heard of each day. */
class Days implements EquityTap {
  readonly last = new Map<number, bigint>()
  heard = 0

  hear(received: number, equity: E8): void {
    this.last.set(dayOf(received), BigInt(equity))
    this.heard++
  }

  replaces(received: number, earlier: number): boolean {
    return dayOf(received) === dayOf(earlier)
  }
}

const options = { account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: 100_000_000_000n, instruments }

const event = fc.record({
  gap: fc.constantFrom(0, 1, 20_000_000, 60_000_000, 90_000_000, dayUs / 2, dayUs, 3 * dayUs + 1),
  index: fc.constantFrom(0, 1),
  what: fc.constantFrom('mark', 'mark', 'fill', 'accepted', 'take'),
  ticks: fc.integer({ min: 1, max: 1_000_000 }),
  side: fc.constantFrom('buy' as const, 'sell' as const),
})

test('a tap that wants the last row of each day hears what rows of accounts say, whenever it is asked', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 40 }), (events) => {
      const written = new AccountPortfolio(options)
      const days = new Days()
      const tapped = new AccountPortfolio({ ...options, rows: new PortfolioRows([options], days) })
      let received = 1_700_000_000_000_000
      for (const [at, { gap, index, what, ticks, side }] of events.entries()) {
        received += gap
        if (what === 'take') {
          tapped.tell()
          continue
        }
        const { exchange, symbol, tickSize, lotSize } = instruments[index]!
        const execution = {
          ...{ time: received, received, exchange, symbol, account: 'a', number: at, clientId: `${at}`, strategy: 's' },
          ...{ kind: what, tickSize, lotSize, fee: 7n, ticks, lots: 3, leftLots: 0, side },
        } as Execution
        const market = { instrument: instruments[index]!, markTicks: ticks } as never
        for (const portfolio of [written, tapped]) {
          if (what === 'mark') portfolio.mark(market, received)
          else portfolio.apply(execution)
          portfolio.instant(received)
        }
      }
      tapped.tell()
      const expected = new Map<number, bigint>()
      for (const row of rowsOf(written.take().accounts)) expected.set(dayOf(row.received), row.equity)
      expect(days.last).toEqual(expected)
    }),
    { numRuns: rounds(5000, 1000) },
  )
})

test('of a day without executions it hears one row, and rows of accounts are not written', () => {
  const days = new Days()
  const tapped = new AccountPortfolio({ ...options, rows: new PortfolioRows([options], days) })
  for (let minute = 1; minute <= 1440; minute++) {
    const received = minute * 60_000_000
    tapped.mark({ instrument: instruments[0]!, markTicks: 500 + minute } as never, received)
    tapped.instant(received)
  }
  tapped.tell()
  expect(days.heard).toBe(1)
  expect(tapped.take().accounts.rows).toBe(0)
})
