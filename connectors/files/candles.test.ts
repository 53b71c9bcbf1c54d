import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { candleLines } from './candles.ts'
import { checkExchange, instrumentRow } from './instrument.ts'
import { StepFinder } from './steps.ts'

const minute = { exchange: 'binance', symbol: 'ADABTC', interval: { name: '1m', us: 60_000_000 } }
const header = 'open_time_ms,open,high,low,close,volume'

describe('candle lines', () => {
  test('a candle stands at the moment it closed', () => {
    expect(candleLines(header, minute).parse('1509836520000,1,3,0.5,2,10')).toEqual({
      ...{ time: 1509836580000000, received: 1509836580000000, exchange: 'binance', symbol: 'ADABTC' },
      ...{ openTime: 1509836520000000, interval: '1m', open: 1, high: 3, low: 0.5, close: 2, volume: 10 },
      ...{ quoteVolume: undefined, trades: undefined },
    })
  })

  test('times are ISO text or numbers of s, ms, µs or ns, by the name of the column or by their size', () => {
    for (const [name, text] of [
      ['timestamp', '2017-11-04 23:02:00.000000'],
      ['timestamp', '2017-11-04T23:02:00Z'],
      ['time', '1509836520'],
      ['time', '1509836520000'],
      ['open_time', '1509836520000000'],
      ['date', '1509836520000000000'],
    ] as const) {
      const lines = candleLines(`${name},open,high,low,close`, minute)
      expect(lines.parse(`${text},1,1,1,1`).openTime).toBe(1509836520000000)
    }
    expect(candleLines('x_s,open,high,low,close', { ...minute, timeColumn: 'x_s' }).parse('60,1,1,1,1').openTime).toBe(
      60e6,
    )
  })

  test('klines of the Binance archive have no header', () => {
    const line =
      '1637971200000,0.00002853,0.00002854,0.00002851,0.00002854,36304.20000000,1637971259999,1.03547608,79,19523.00000000,0.55694227,0'
    const lines = candleLines(line, minute)
    expect(lines.headless).toBe(true)
    expect(lines.parse(line)).toMatchObject({ open: 0.00002853, volume: 36304.2, quoteVolume: 1.03547608, trades: 79 })
  })

  test('columns may stand in any order, in quotes, between semicolons', () => {
    const lines = candleLines('"Close";"High";"Low";"Open";"Date"', minute)
    expect(lines.parse('"2";"3";"0.5";"1";"2017-11-04T23:02"')).toMatchObject({ open: 1, close: 2, volume: 0 })
  })

  test('a line that is no candle says what is wrong with it', () => {
    const { parse } = candleLines(header, minute)
    for (const [line, code, words] of [
      ['1509836520000,1,3,0.5', 'MESSAGE_UNREADABLE', 'no close'],
      ['1509836520000,1,3,x,2,10', 'MESSAGE_UNREADABLE', 'no low'],
      [',1,3,0.5,2,10', 'MESSAGE_UNREADABLE', 'no time'],
      ['yesterday,1,3,0.5,2,10', 'MESSAGE_UNREADABLE', 'no time'],
      ['1509836520000,1,1.5,0.5,2,10', 'VALUE_IMPOSSIBLE', 'the high'],
      ['1509836520000,1,3,1.5,2,10', 'VALUE_IMPOSSIBLE', 'the low'],
      ['1509836520000,1,3,0,2,10', 'VALUE_IMPOSSIBLE', 'above 0'],
      ['1509836520000,1,3,0.5,2,-1', 'VALUE_IMPOSSIBLE', 'volume'],
      ['1509836520001,1,3,0.5,2,1', 'VALUE_IMPOSSIBLE', 'grid'],
    ] as const) {
      expect(() => parse(line), line).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(words) }),
      )
    }
  })

  test('times before 1970, after 2286 or of no known unit are refused, as those of other files are', () => {
    const { parse } = candleLines('time,open,high,low,close', minute)
    for (const [time, words] of [
      ['-60000000', 'before 1970'],
      ['1969-12-31T23:59:00Z', 'before 1970'],
      ['60000', 'no time in s, ms, µs or ns'],
      ['150983652000', 'no time in s, ms, µs or ns'],
      ['9999-12-31', 'after the year 2286'],
    ] as const) {
      expect(() => parse(`${time},1,1,1,1`), time).toThrow(
        expect.objectContaining({ code: 'MESSAGE_UNREADABLE', message: expect.stringContaining(words) }),
      )
    }
    expect(() => candleLines(header, minute).parse('1509836520000000,1,1,1,1,1')).toThrow('after the year 2286')
  })

  test('numbers are decimal, and of a size that a market can have', () => {
    const { parse } = candleLines(header, minute)
    for (const [price, code] of [
      ['0x10', 'MESSAGE_UNREADABLE'],
      ['0b1', 'MESSAGE_UNREADABLE'],
      ['Infinity', 'MESSAGE_UNREADABLE'],
      ['1e300', 'VALUE_IMPOSSIBLE'],
      ['1000000000000001', 'VALUE_IMPOSSIBLE'],
    ] as const) {
      expect(() => parse(`1509836520000,${price},${price},${price},${price},1`), price).toThrow(
        expect.objectContaining({ code }),
      )
    }
    expect(() => parse('1509836520000,1,1,1,1,1e300')).toThrow(expect.objectContaining({ code: 'VALUE_IMPOSSIBLE' }))
    expect(parse('1509836520000,9.9e-05,9.9E-5,9.9e-05,.000099,1').close).toBe(0.000099)
  })

  test('a missing column is an error that names the columns there are', () => {
    expect(() => candleLines(header, { ...minute, timeColumn: 'open_time' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', fix: 'did you mean "open_time_ms"?' }),
    )
    expect(() => candleLines('time,open,high,low', minute)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('no column "close"; the file has: time, open, high, low'),
        fix: 'a header names the columns: time,open,high,low,close,volume',
      }),
    )
    expect(() => candleLines('time,open,high,low,closing', minute)).toThrow(
      expect.objectContaining({ fix: 'did you mean "closing"?' }),
    )
  })
})

describe('steps', () => {
  const stepOf = (...values: number[]): number | undefined => {
    const finder = new StepFinder()
    for (const value of values) finder.show(value)
    return finder.step
  }

  test('the step is the finest decimal place among the numbers, without the noise of binary fractions', () => {
    expect(stepOf(46319, 46320.5)).toBe(0.1)
    expect(stepOf(0.0027300000000000002, 0.002666)).toBe(0.000001)
    expect(stepOf(5.330000000000001e-5)).toBe(1e-7)
    expect(stepOf(100, 2000)).toBe(1)
    expect(stepOf(0)).toBe(undefined)
  })

  test('every number shown is a whole number of steps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 8 })), { minLength: 1 }),
        (numbers) => {
          const step = stepOf(...numbers.map(([digits, decimals]) => digits / 10 ** decimals))!
          for (const [digits, decimals] of numbers) {
            const steps = digits / 10 ** decimals / step
            expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6 + 1e-15 * steps)
          }
        },
      ),
    )
  })
})

describe('instruments of files', () => {
  const steps = { tickSize: 0.1, lotSize: 1, inferred: true }

  test('the exchange and the symbol say what is traded', () => {
    expect(instrumentRow('binance-usdm', 'BTCUSDT', 5, steps)).toMatchObject({
      type: 'perpetual',
      base: 'BTC',
      settle: 'USDT',
      received: 5,
    })
    expect(instrumentRow('binance-coinm', 'BTCUSD_PERP', 5, steps)).toMatchObject({
      settle: 'BTC',
      inverse: true,
      contractSize: 100,
    })
    expect(instrumentRow('okx', 'BTC-USDT-SWAP', 5, steps)).toMatchObject({
      type: 'perpetual',
      quote: 'USDT',
      ccxtSymbol: 'BTC/USDT:USDT',
    })
    expect(instrumentRow('kraken', 'ADA/XBT', 5, steps)).toMatchObject({ type: 'spot', base: 'ADA', quote: 'XBT' })
    expect(instrumentRow('kraken', 'WEIRD', 5, { ...steps, settle: 'EUR' })).toMatchObject({ settle: 'EUR' })
  })

  test('what cannot be known is asked for', () => {
    expect(() => instrumentRow('kraken', 'WEIRD', 5, steps)).toThrow(expect.objectContaining({ code: 'USAGE' }))
    expect(() => checkExchange('binance-usd')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_NAME', fix: 'did you mean "binance-usdm"?' }),
    )
  })
})
