import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { microsIn, numberIn, wholeIn } from './cells.ts'
import { Columns, fileFormat } from './formats.ts'
import { namedOf } from './instrument.ts'
import { tickReader } from './ticks.ts'
import { refuseOtherVenue, sameSymbol } from './venues.ts'

describe('cells', () => {
  test('times in s, ms, µs and ns are one time, to the µs', () => {
    // From 2001-09-09 to 2286-11-20 a time has as many digits as its unit says.
    const micros = fc.integer({ min: 1e15, max: 9_007_199_254_740_991 })
    fc.assert(
      fc.property(micros, fc.integer({ min: 0, max: 999 }), (time, nanos) => {
        const text = String(time)
        expect(microsIn(text, 'time')).toBe(time)
        expect(microsIn(`${text}${String(nanos).padStart(3, '0')}`, 'time')).toBe(time)
        expect(microsIn(`${text.slice(0, 10)}.${text.slice(10)}`, 'time')).toBe(time)
        expect(microsIn(`${text.slice(0, 13)}.${text.slice(13)}999`, 'time')).toBe(time)
        expect(microsIn(text.slice(0, 13), 'time')).toBe(Math.floor(time / 1000) * 1000)
        expect(microsIn(text.slice(0, 10), 'time')).toBe(Math.floor(time / 1e6) * 1e6)
      }),
    )
    expect(microsIn('2023-02-02 09:20:00.138000+00:00', 'time')).toBe(1675329600138000)
    for (const text of ['', '12', '20210108', 'noon', '-1600000000', '16000000001']) {
      expect(() => microsIn(text, 'time'), text).toThrow(expect.objectContaining({ code: 'MESSAGE_UNREADABLE' }))
    }
  })

  test('numbers lose the noise of binary fractions and nothing else', () => {
    expect(numberIn('0.00031099999999999997', 'size')).toBe(0.000311)
    expect(numberIn('0.00002853', 'price')).toBe(0.00002853)
    expect(numberIn('123456789.123456', 'price')).toBe(123456789.123456)
    expect(numberIn('5.117E-7', 'price')).toBe(5.117e-7)
    for (const text of ['', 'abc', 'NaN', 'Infinity', '1,5']) expect(() => numberIn(text, 'price')).toThrow('no price')
    expect(wholeIn('2098041696700', 'id')).toBe(2098041696700n)
    expect(() => wholeIn('1.5', 'id')).toThrow('no id')
  })
})

describe('quotes', () => {
  const read = (header: string, line: string) =>
    tickReader('quotes', new Columns(fileFormat('columns', 'quotes'), 'quotes', header.split(','))).push(
      line.split(','),
    )

  test('carry the update id where there is one, and may lack a side', () => {
    const header = 'update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time'
    expect(read(header, '7,100.5,2,,,1600000000123')).toEqual({
      ...{ topic: 'quotes', time: 1600000000123000, received: undefined },
      row: { bid: 100.5, bidSize: 2, ask: 0, askSize: 0, sequence: 7n },
    })
    expect(() => read(header, '7,,,,,1600000000123')).toThrow('a quote without a side')
    expect(() => read(header, '7,100.5,x,101,1,1600000000123')).toThrow('no bid size')
    expect(() => read(header, 'x,100.5,2,101,1,1600000000123')).toThrow('no update id')
  })
})

describe('sides', () => {
  const reader = (rule?: 'tick-rule') =>
    tickReader(
      'trades',
      new Columns(fileFormat('columns', 'trades'), 'trades', ['time', 'price', 'size', 'side']),
      rule,
    )
  const side = (one: ReturnType<typeof reader>, price: number, said = '') =>
    (one.push(['1600000000', String(price), '1', said]) as { row: { side: string } }).row.side

  test('by the tick rule follow the last other price, and the file where it says one', () => {
    const one = reader('tick-rule')
    expect([5, 5, 4, 4, 5, 5, 3].map((price) => side(one, price))).toEqual('buy buy sell sell buy buy sell'.split(' '))
    expect([side(one, 9, 'sell'), side(one, 9, 'B')]).toEqual(['sell', 'buy'])
  })

  test('that a file leaves empty are an error of the row without the rule', () => {
    expect(() => side(reader(), 5, 'unknown')).toThrow('no side; --side tick-rule infers it')
  })
})

test('a row of the wrong kind in a book is an error of that row, and its message goes on', () => {
  const names = ['timestamp', 'local_timestamp', 'is_snapshot', 'side', 'price', 'amount']
  const reader = tickReader('books', new Columns(fileFormat('columns', 'books'), 'books', names))
  const row = (kind: string, side: string, price: string, size: string) =>
    reader.push(['1600000000000000', '1600000000000001', kind, side, price, size])
  expect(row('true', 'bid', '10', '1')).toBeUndefined()
  expect(() => row('perhaps', 'bid', '10', '1')).toThrow('neither snapshot nor update')
  expect(() => row('true', 'middle', '10', '1')).toThrow('neither bid nor ask')
  expect(() => row('true', 'ask', '0', '1')).toThrow('a price of 0')
  expect(() => row('true', 'ask', '11', '-1')).toThrow('a size of -1')
  expect(row('true', 'ask', '11', '2')).toBeUndefined()
  expect(reader.end()).toMatchObject({ row: { bids: [{ price: 10, size: 1 }], asks: [{ price: 11, size: 2 }] } })
  expect(reader.end()).toBeUndefined()
})

test('names say what contracts are worth and what they are settled in', () => {
  const facts = ([exchange, symbol]: readonly [string, string]) => {
    const { type, base, settle, contractSize, inverse } = namedOf(exchange, symbol)
    return `${type} ${base} ${settle} ${contractSize}${inverse ? ' inverse' : ''}`
  }
  for (const [exchange, symbol, said] of [
    ['deribit', 'BTC-PERPETUAL', 'perpetual BTC BTC 1 inverse'],
    ['deribit', 'ETH-27MAR20', 'future ETH ETH 1 inverse'],
    ['deribit', 'BTC_USDC-PERPETUAL', 'perpetual BTC USDC 1'],
    ['bitmex', 'XBTUSD', 'perpetual XBT XBT 1 inverse'],
    ['okx', 'BTC-USD-SWAP', 'perpetual BTC BTC 100 inverse'],
    ['okx', 'ETH-USD-240628', 'future ETH ETH 10 inverse'],
    ['okx', 'BTC-USDT', 'spot BTC USDT 1'],
    ['htx-swap', 'SHIB-USD', 'perpetual SHIB SHIB 10 inverse'],
    ['kraken-futures', 'FI_XBTUSD_210730', 'future XBT XBT 1 inverse'],
    ['bybit', 'BTCUSD', 'perpetual BTC BTC 1 inverse'],
    ['bybit', 'BTCUSDT', 'perpetual BTC USDT 1'],
    ['hyperliquid', 'BTC', 'perpetual BTC USDC 1'],
    ['kraken', 'BCHEUR', 'spot BCH EUR 1'],
  ] as const) {
    expect(facts([exchange, symbol]), symbol).toBe(said)
  }
  // Worth a fixed amount of bitcoin a dollar: nothing here can say that.
  expect(() => namedOf('bitmex', 'ETHUSD')).toThrow('settlement currency of ETHUSD')
})

test('a file of another venue or symbol is not taken for this one', () => {
  expect(() => refuseOtherVenue('binance-futures', 'binance')).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', fix: 'add --exchange binance-usdm' }),
  )
  for (const [said, exchange] of [
    ['binance-futures', 'binance-usdm'],
    [undefined, 'okx'],
    ['something-else', 'okx'],
  ] as const) {
    expect(() => refuseOtherVenue(said, exchange)).not.toThrow()
  }
  expect([
    sameSymbol('BTC/USDT', 'BTCUSDT'),
    sameSymbol('btc-usdt', 'BTCUSDT'),
    sameSymbol('BTCUSD', 'BTCUSDT'),
  ]).toEqual([true, true, false])
})
