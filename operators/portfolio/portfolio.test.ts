import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../schemas/batch.ts'
import type { Execution, Order } from '../../schemas/records.generated.ts'
import { rounds } from '../../tests/data.ts'
import type { Market } from '../desk.ts'
import { type Instrument, instrumentOf, priceOf } from '../instrument.ts'
import { bigValue, e8ToText, scaleOf, textToE8 } from './money.ts'
import { AccountPortfolio } from './portfolio.ts'
import { perpetual } from './samples.ts'

const linear = instrumentOf(perpetual(), 0)
const spot = instrumentOf(perpetual({ exchange: 'binance', type: 'spot', tickSize: 0.01, lotSize: 0.00001 }), 1)
/** Values of this one have more than eight decimals, so that rounding happens. */
const odd = instrumentOf(perpetual({ symbol: 'ODD', tickSize: 0.00001, lotSize: 0.00001 }), 2)
const inverse = instrumentOf(perpetual({ symbol: 'BTCUSD_PERP', lotSize: 1, contractSize: 100, inverse: true }), 3)
const instruments = [linear, spot, odd, inverse]

const account = (cash = '1000') =>
  new AccountPortfolio({ account: 'a', exchange: 'binance-usdm', currency: 'USDT', cash: textToE8(cash), instruments })

let number = 0
function execution(instrument: Instrument, changes: Partial<Execution>): Execution {
  const { exchange, symbol, tickSize, lotSize } = instrument
  number++
  return {
    ...{ time: number, received: number, exchange, symbol, account: 'a', number, clientId: `s.a.${number}` },
    ...{ strategy: 's', kind: 'fill', tickSize, lotSize, fee: 0n },
    ...changes,
  }
}

const fill = (instrument: Instrument, side: 'buy' | 'sell', ticks: number, lots: number, fee = '0') =>
  execution(instrument, { side, ticks, lots, leftLots: 0, fee: textToE8(fee) })

function market(instrument: Instrument, markTicks: number): Market {
  return { ...{ instrument, markTicks, received: 0, synced: true, lastTicks: markTicks }, ...noBook }
}
const noBook = { bidTicks: Number.NaN, bidLots: Number.NaN, askTicks: Number.NaN, askLots: Number.NaN }

describe('a contract', () => {
  test('bought at a price has that price as its entry, digit by digit', () => {
    for (const instrument of [linear, spot]) {
      for (const ticks of [618_063, 618_064, 1_234_567, 7]) {
        const portfolio = account()
        portfolio.apply(fill(instrument, 'buy', ticks, 10))
        expect(rowsOf(portfolio.take().positions)[0]!.entryPrice).toBe(priceOf(instrument, ticks))
      }
    }
  })

  test('pays profit when it closes, at average cost', () => {
    const portfolio = account()
    portfolio.apply(fill(linear, 'buy', 100_000, 1000, '0.5')) // 1 at 10,000
    portfolio.apply(fill(linear, 'buy', 110_000, 1000, '0.5')) // 1 at 11,000
    portfolio.apply(fill(linear, 'sell', 108_000, 500, '0.25')) // 0.5 at 10,800: 150 above 10,500
    const rows = rowsOf(portfolio.take().positions)
    expect(rows.map((row) => row.entryPrice)).toEqual([10000, 10500, 10500])
    expect(e8ToText(rows[2]!.realized)).toBe('150')
    expect(e8ToText(rows[2]!.cost)).toBe('15750')
    expect(portfolio.state().cash).toBe(textToE8('1148.75'))
  })

  test('turned through zero ends one position and begins the next', () => {
    const portfolio = account()
    portfolio.apply(fill(linear, 'buy', 100_000, 1000))
    portfolio.apply(fill(linear, 'sell', 101_000, 3000))
    const [, row] = rowsOf(portfolio.take().positions)
    expect(row).toMatchObject({ lots: -2000, entryPrice: 10100, realized: textToE8('100'), cost: textToE8('-20200') })
  })

  test('that is inverse earns coins when it is long and the price rises', () => {
    const portfolio = account('1')
    portfolio.apply(fill(inverse, 'buy', 500_000, 100)) // 10,000 USD at 50,000 = 0.2 BTC
    portfolio.mark(market(inverse, 625_000)) // at 62,500 = 0.16 BTC
    expect(e8ToText(portfolio.state().unrealized)).toBe('0.04')
    portfolio.apply(fill(inverse, 'sell', 625_000, 100))
    expect(e8ToText(portfolio.state().equity)).toBe('1.04')
    expect(rowsOf(portfolio.take().positions)[0]).toMatchObject({ entryPrice: 50_000, cost: textToE8('0.2') })
  })

  test('receives and pays funding', () => {
    const portfolio = account()
    portfolio.apply(fill(linear, 'sell', 100_000, 1000))
    portfolio.apply(execution(linear, { kind: 'funding', fee: textToE8('-1.25') }))
    portfolio.apply(execution(linear, { kind: 'funding', fee: textToE8('0.5') }))
    expect(e8ToText(portfolio.state().cash)).toBe('1000.75')
    expect(rowsOf(portfolio.take().accounts).map((row) => row.event)).toEqual(['execution', 'funding', 'funding'])
  })
})

test('a spot purchase turns cash into the asset, and equity stays', () => {
  const portfolio = account()
  portfolio.apply(fill(spot, 'buy', 1_000_000, 5_000, '0.5')) // 0.05 at 10,000
  expect(portfolio.state()).toMatchObject({
    cash: textToE8('499.5'),
    equity: textToE8('999.5'),
    exposure: textToE8('500'),
  })
  portfolio.mark(market(spot, 1_100_000))
  expect(portfolio.state()).toMatchObject({ cash: textToE8('499.5'), equity: textToE8('1049.5') })
  portfolio.apply(fill(spot, 'sell', 1_100_000, 5_000))
  expect(portfolio.state()).toMatchObject({ cash: textToE8('1049.5'), equity: textToE8('1049.5'), exposure: 0n })
})

test('an amount past 64 bits is an error with a name, not another amount', () => {
  const portfolio = account('90000000000')
  expect(() => portfolio.apply(fill(linear, 'buy', 10_000_000, 1_000_000_000_000))).toThrow('more than an account')
})

describe('the minute row', () => {
  const rowsAt = (instants: readonly [received: number, mark: number][]) => {
    const portfolio = account()
    portfolio.apply(fill(linear, 'buy', 100_000, 1000))
    portfolio.take()
    for (const [received, mark] of instants) {
      portfolio.mark(market(linear, mark))
      portfolio.instant(received)
    }
    return rowsOf(portfolio.take().accounts).map(({ time, received, equity }) => [time, received, e8ToText(equity)])
  }
  const minute = 60_000_000

  test('stands at the first instant at or after its minute, with the marks of that instant', () => {
    expect(
      rowsAt([
        [minute + 1, 100_010],
        [2 * minute - 1, 100_020],
        [2 * minute, 100_030],
        [2 * minute + 5, 100_040],
        [3 * minute + 7, 100_050],
      ]),
    ).toEqual([
      [2 * minute, 2 * minute, '1003'],
      [3 * minute, 3 * minute + 7, '1005'],
    ])
  })

  test('is one for the last full minute, when nothing happened for several', () => {
    expect(
      rowsAt([
        [minute, 100_010],
        [5 * minute + 9, 100_020],
      ]),
    ).toEqual([
      [minute, minute, '1001'],
      [5 * minute, 5 * minute + 9, '1002'],
    ])
  })
})

describe('open orders', () => {
  const order = (clientId: string, changes: Partial<Order> = {}): Order => {
    const { exchange, symbol, tickSize, lotSize } = linear
    return {
      ...{ time: 1, received: 1, exchange, symbol, account: 'a', clientId, strategy: 's', signal: 1, kind: 'new' },
      ...{ side: 'buy', type: 'limit', ticks: 100, lots: 10, tickSize, lotSize, verdicts: [] },
      ...changes,
    }
  }

  test('O3: count until the venue says filled, cancelled, rejected or expired', () => {
    const portfolio = account()
    for (const id of ['1', '2', '3', '4']) portfolio.sent(order(id))
    portfolio.sent(order('5', { side: 'sell', tag: 'ask' }))
    expect([portfolio.openLots(0, 'buy'), portfolio.openLots(0, 'sell'), portfolio.comingLots(0)]).toEqual([40, 10, 40])
    portfolio.sent(order('1', { kind: 'cancel' }))
    portfolio.apply(execution(linear, { kind: 'accepted', clientId: '1' }))
    portfolio.apply(execution(linear, { kind: 'cancel-rejected', clientId: '1' }))
    expect(portfolio.open.size).toBe(5)
    portfolio.apply(execution(linear, { kind: 'cancelled', clientId: '1' }))
    portfolio.apply(execution(linear, { kind: 'rejected', clientId: '2' }))
    portfolio.apply(execution(linear, { kind: 'expired', clientId: '3' }))
    expect([...portfolio.open.keys()]).toEqual(['4', '5'])
    portfolio.apply(execution(linear, { clientId: '4', side: 'buy', ticks: 100, lots: 4, leftLots: 6 }))
    expect(portfolio.open.get('4')!.leftLots).toBe(6)
    expect([portfolio.openLots(0, 'buy'), portfolio.comingLots(0)]).toEqual([6, 6])
    portfolio.apply(execution(linear, { clientId: '4', side: 'buy', ticks: 100, lots: 6, leftLots: 0 }))
    expect([portfolio.openLots(0, 'buy'), portfolio.openLots(0, 'sell'), portfolio.comingLots(0)]).toEqual([0, 10, 0])
  })

  test('come back with the account after save and load', () => {
    const one = account()
    one.sent(order('1'))
    one.apply(fill(linear, 'buy', 100_000, 1000, '0.5'))
    one.instant(7)
    one.take()
    const two = account()
    two.load(one.save())
    for (const portfolio of [one, two]) {
      portfolio.mark(market(linear, 100_777))
      portfolio.apply(fill(linear, 'sell', 100_500, 400))
      portfolio.instant(60_000_000)
    }
    const strip = (rows: readonly object[]) => rows.map((row) => ({ ...row, time: 0, received: 0 }))
    expect(strip(rowsOf(two.take().accounts))).toEqual(strip(rowsOf(one.take().accounts)))
    expect(two.state()).toEqual(one.state())
    expect([...two.open]).toEqual([...one.open])
  })
})

// DESIGN §7: the sum of every account's changes equals its balance exactly, over 10,000 random order streams.
test('the changes of an account add up to its balance to the last 10⁻⁸', () => {
  const event = fc.record({
    index: fc.constantFrom(0, 1, 2, 3),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    ticks: fc.integer({ min: 1, max: 2_000_000 }),
    lots: fc.integer({ min: 1, max: 100_000 }),
    fee: fc.integer({ min: -1_000, max: 1_000_000_000 }),
    funding: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 16 }), (events) => {
      const portfolio = account('1000000')
      // An account book of its own: what each trade was worth, in BigInt, without averages or positions.
      let spent = 0n
      let spotSpent = 0n
      let paid = 0n
      const held = [0, 0, 0, 0]
      for (const { index, side, ticks, lots, fee, funding } of events) {
        const instrument = instruments[index]!
        if (side === 'sell' && index === 1 && held[1]! < lots) continue // a spot account cannot sell what it has not
        paid += BigInt(fee)
        if (funding && index !== 1) {
          portfolio.apply(execution(instrument, { kind: 'funding', fee: BigInt(fee) }))
          continue
        }
        const signed = side === 'buy' ? lots : -lots
        held[index]! += signed
        const worth = bigValue(scaleOf(instrument), ticks, signed) * (instrument.inverse ? -1n : 1n)
        spent += worth
        if (index === 1) spotSpent += worth
        portfolio.apply(execution(instrument, { side, ticks, lots, leftLots: 0, fee: BigInt(fee) }))
        portfolio.mark(market(instrument, ticks + 0.5))
      }
      const { positions, accounts } = portfolio.take()
      const last = new Map(rowsOf(positions).map((row) => [`${row.exchange}:${row.symbol}`, row]))
      let cost = 0n
      for (const row of last.values()) cost += row.symbol === 'BTCUSD_PERP' ? -row.cost : row.cost
      const { cash, equity, unrealized, realized, fees, funding } = portfolio.state()
      const start = textToE8('1000000')
      // Balance = equity − what is not realised; and what was spent on positions is still in them or was realised.
      expect(equity - unrealized).toBe(start + realized - fees + funding)
      expect(equity - unrealized - cost).toBe(start - spent - paid)
      expect(fees - funding).toBe(paid)
      const spotRow = last.get('binance:BTCUSDT')
      expect(cash).toBe(equity - unrealized - (spotRow?.cost ?? 0n))
      if (spotRow !== undefined) expect(spotSpent).toBe(spotRow.cost - spotRow.realized)
      for (const [index, instrument] of instruments.entries()) {
        const row = last.get(`${instrument.exchange}:${instrument.symbol}`)
        expect(row?.lots ?? 0).toBe(held[index])
        if (row?.lots === 0) expect(row.cost).toBe(0n)
      }
      if (accounts.rows > 0) expect(rowsOf(accounts).at(-1)!.realized).toBe(realized)
    }),
    { numRuns: rounds(10_000, 2000) },
  )
})
