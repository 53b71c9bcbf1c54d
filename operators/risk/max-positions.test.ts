import { expect, test } from 'vitest'
import type { Execution, Signal } from '../../schemas/records.generated.ts'
import { instrumentOf } from '../instrument.ts'
import { textToE8 } from '../portfolio/money.ts'
import { AccountPortfolio } from '../portfolio/portfolio.ts'
import { perpetual } from '../portfolio/samples.ts'
import { profileOf } from '../regime/profiles.ts'
import { maxPositions } from './max-positions.ts'
import { Risk } from './risk.ts'

const instruments = ['BTCUSDT', 'ETHUSDT', 'XRPUSDT'].map((symbol, index) =>
  instrumentOf(perpetual({ symbol, tickSize: 1, lotSize: 1 }), index),
)

/** An account that may have so many positions, in markets at 100 whose risk regimes are those. */
function account(count: number, regimes: readonly (string | undefined)[] = []) {
  const markets = instruments.map((instrument) => ({
    ...{ instrument, bidTicks: 100, bidLots: 1, askTicks: 100, askLots: 1, lastTicks: 100, markTicks: 100 },
    ...{ received: 0, synced: true },
  }))
  const portfolio = new AccountPortfolio({
    ...{ account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8('10000'), instruments },
  })
  const checks = [{ name: maxPositions.name, running: maxPositions.create({ count }) }]
  const context = { account: 'a', markets, portfolio, profileOf: (index: number) => profileOf(regimes[index]) }
  const risk = new Risk(checks, context)
  const base = (index: number) => ({
    ...{ time: 0, received: 0, exchange: 'binance-usdm', symbol: instruments[index]!.symbol, account: 'a' },
    ...{ strategy: 's', number: 1 },
  })
  return {
    fill(index: number, side: 'buy' | 'sell', lots: number) {
      const fill: Execution = {
        ...{ ...base(index), clientId: '0', kind: 'fill', side, ticks: 100, lots, leftLots: 0 },
        ...{ tickSize: 1, lotSize: 1, fee: 0n },
      }
      portfolio.apply(fill)
    },
    /** Asks for an order, which is open from then on if it passes. */
    ask(index: number, side: 'buy' | 'sell', lots: number) {
      const signal: Signal = { ...base(index), action: 'order', reason: 'test' }
      const how = { type: 'limit', timeInForce: 'gtc', ticks: 100 } as const
      const { order, event } = risk.check({ kind: 'new', signal, instrument: instruments[index]!, side, lots, ...how })
      if (order !== undefined) portfolio.sent(order)
      return order ?? event
    },
  }
}

test('instruments count that are held or have open orders; one that is there already may grow', () => {
  const { ask } = account(1)
  expect(ask(0, 'buy', 1)).toMatchObject({ verdicts: [{ check: 'max-positions', value: 1, limit: 1 }] })
  expect(ask(0, 'buy', 1)).toMatchObject({ kind: 'new' })
  expect(ask(1, 'sell', 1)).toMatchObject({
    ...{ check: 'max-positions', reason: 'MAX_POSITIONS', value: 2, limit: 1 },
    detail: '2 instruments would have a position; 1 may',
  })
})

test('what only takes from a position passes, however many there are', () => {
  const { ask, fill } = account(1)
  fill(0, 'buy', 5)
  fill(1, 'sell', 5)
  expect(ask(1, 'buy', 5)).toMatchObject({ kind: 'new' })
  expect(ask(0, 'buy', 1)).toMatchObject({ reason: 'MAX_POSITIONS' })
})

test('the regime of the instrument says how many, where it is known', () => {
  const { ask, fill } = account(1, ['CRASH', 'BULL_RUN', undefined])
  fill(1, 'buy', 1)
  fill(2, 'buy', 1)
  expect(ask(0, 'buy', 1)).toMatchObject({ value: 3, limit: 2, detail: expect.stringContaining('in regime CRASH') })
  expect(ask(1, 'buy', 1)).toMatchObject({ verdicts: [{ value: 2, limit: 15 }] })
  expect(ask(2, 'buy', 1)).toMatchObject({ reason: 'MAX_POSITIONS', limit: 1 })
})
