import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { SmartspeedError } from '../../../schemas/errors.ts'
import { exchangeConformance, type Fixture } from '../../../tests/conformance/exchanges.ts'
import { dataDir, describeWith } from '../../../tests/data.ts'
import { exchangeOf } from '../index.ts'
import { binance, binanceCoinm, binanceUsdm } from './index.ts'

const trade =
  '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false}}'

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return error instanceof SmartspeedError ? error.code : String(error)
  }
  return undefined
}

describe('parse of Binance', () => {
  test('a trade has the matching time, the taker’s side and its id', () => {
    expect(binanceUsdm.parse(trade)).toEqual({
      stream: 'btcusdt@trade',
      records: [
        {
          topic: 'trades',
          row: {
            ...{ time: 1723161256321000, symbol: 'BTCUSDT', price: 61800.3, size: 0.006 },
            ...{ side: 'buy', id: '5266583935' },
          },
        },
      ],
    })
    const sold = binanceUsdm.parse(trade.replace('"m":false', '"m":true')).records[0]
    expect(sold?.row).toMatchObject({ side: 'sell' })
  })

  test('a raw message is named after what it is', () => {
    const { data } = JSON.parse(trade) as { data: object }
    expect(binanceUsdm.parse(JSON.stringify(data))).toEqual(binanceUsdm.parse(trade))
  })

  test('ids past 2^53 keep every digit', () => {
    const long = binanceUsdm.parse(trade.replace('5266583935', '98765432109876543211'))
    expect(long.records[0]?.row).toMatchObject({ id: '98765432109876543211' })
    const quote = '{"e":"bookTicker","u":9007199254740993,"s":"BTCUSDT","b":"1.5","B":"1","a":"2","A":"1","T":1,"E":1}'
    expect(binanceUsdm.parse(quote).records[0]?.row).toMatchObject({ sequence: 9007199254740993n })
    const depth =
      '{"e":"depthUpdate","E":1,"T":1,"s":"X","U":9007199254740993,"u":9007199254740995,"pu":9007199254740992,"b":[],"a":[]}'
    expect(binanceUsdm.parse(depth).records[0]?.row).toMatchObject({
      sequence: 9007199254740995n,
      firstSequence: 9007199254740993n,
      previousSequence: 9007199254740992n,
    })
  })

  test('times in microseconds stay as they are', () => {
    const { records } = binance.parse(trade.replace('1723161256321', '1723161256321123'))
    expect(records[0]?.row.time).toBe(1723161256321123)
  })

  test('a mark price says when funding is paid next, and its own time is the event’s', () => {
    const text =
      '{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15","i":"11784.6","P":"11784.2","r":"0.00038167","T":1562306400000}'
    expect(binanceUsdm.parse(text).records).toEqual([
      { topic: 'marks', row: { time: 1562305380000000, symbol: 'BTCUSDT', mark: 11794.15, index: 11784.6 } },
      {
        topic: 'funding',
        row: { time: 1562305380000000, symbol: 'BTCUSDT', rate: 0.00038167, next: 1562306400000000 },
      },
    ])
    const delivery = text.replace('"r":"0.00038167","T":1562306400000', '"r":"","T":0')
    expect(binanceCoinm.parse(delivery).records.map(({ topic }) => topic)).toEqual(['marks'])
  })

  test('a forced order keeps its own price, size and side', () => {
    const text =
      '{"e":"forceOrder","E":2,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014","p":"9910","ap":"9911","X":"FILLED","l":"0.014","z":"0.014","T":1568014460893}}'
    expect(binanceUsdm.parse(text)).toEqual({
      stream: 'btcusdt@forceOrder',
      records: [
        {
          topic: 'liquidations',
          row: { time: 1568014460893000, symbol: 'BTCUSDT', price: 9910, size: 0.014, side: 'sell' },
        },
      ],
    })
  })

  test('a candle is a record only when it is closed, stamped with the moment it closed', () => {
    const text =
      '{"e":"kline","E":3,"s":"BTCUSDT","k":{"t":1638747660000,"T":1638747719999,"s":"BTCUSDT","i":"1m","f":1,"L":2,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0010","v":"1000","n":100,"x":true,"q":"1.5","V":"5","Q":"0.5","B":"0"}}'
    expect(binance.parse(text).records[0]).toEqual({
      topic: 'candles',
      row: {
        ...{ time: 1638747720000000, symbol: 'BTCUSDT', openTime: 1638747660000000, interval: '1m', open: 0.001 },
        ...{ high: 0.0025, low: 0.001, close: 0.002, volume: 1000, quoteVolume: 1.5, trades: 100 },
      },
    })
    expect(binance.parse(text.replace('"x":true', '"x":false'))).toEqual({ stream: 'btcusdt@kline_1m', records: [] })
  })

  test('the symbol of a snapshot stands in its address, in its body, or nowhere', () => {
    const data = '{"lastUpdateId":7,"bids":[["1.0","2"]],"asks":[]}'
    const symbolOf = (text: string) => binance.parse(text).records.map(({ row }) => row.symbol)
    expect(
      symbolOf(`{"rest":"https://api.binance.com/api/v3/depth?symbol=NKNUSDT&limit=1000","data":${data}}`),
    ).toEqual(['NKNUSDT'])
    expect(symbolOf(`{"lastUpdateId":7,"symbol":"A","pair":"A","bids":[],"asks":[]}`)).toEqual(['A'])
    expect(symbolOf(data)).toEqual([''])
    expect(symbolOf(`{"stream":"btcusdt@depth20@100ms","data":${data}}`)).toEqual(['BTCUSDT'])
  })

  test('a partial book of the futures is a snapshot, though its event is called an update', () => {
    const data = '{"e":"depthUpdate","E":1,"T":1,"s":"X","U":1,"u":2,"pu":0,"b":[],"a":[]}'
    const kindOf = (stream: string) => binanceUsdm.parse(`{"stream":"${stream}","data":${data}}`).records[0]?.row
    expect(kindOf('x@depth20@100ms')).toMatchObject({ snapshot: true })
    expect(kindOf('x@depth@100ms')).toMatchObject({ snapshot: false })
  })

  test('acknowledgements, pings and lists of subscriptions are known and make no record', () => {
    for (const text of [
      '{"result":null,"id":1}',
      '{"result":["btcusdt@aggTrade"],"id":3}',
      '{"ping":1735689620000}',
      '{"error":{"code":2,"msg":"Invalid request"},"id":4}',
      '{}',
    ]) {
      expect(binance.parse(text).records).toEqual([])
    }
  })

  test('M6: a shape that nobody documents is unknown, a known one without a number is unreadable', () => {
    expect(codeOf(() => binance.parse('{"e":"somethingNew","s":"BTCUSDT"}'))).toBe('MESSAGE_UNKNOWN')
    expect(codeOf(() => binance.parse('{"hello":1}'))).toBe('MESSAGE_UNKNOWN')
    expect(codeOf(() => binance.parse('[1,2]'))).toBe('MESSAGE_UNKNOWN')
    expect(codeOf(() => binance.parse('{"stream":"btcusdt@tra'))).toBe('MESSAGE_UNREADABLE')
    for (const [from, to] of [
      ['"p":"61800.30"', '"p":"0"'],
      ['"p":"61800.30"', '"p":"-1"'],
      ['"p":"61800.30"', '"p":"NaN"'],
      ['"p":"61800.30"', '"p":""'],
      ['"p":"61800.30",', ''],
      ['"q":"0.006"', '"q":null'],
      ['"T":1723161256321', '"T":"soon"'],
      ['"t":5266583935', '"t":1.5'],
      ['"m":false', '"m":0'],
    ] as const) {
      expect(trade).toContain(from)
      expect(
        codeOf(() => binanceUsdm.parse(trade.replace(from, to))),
        to,
      ).toBe('MESSAGE_UNREADABLE')
    }
  })

  test('names say what an instrument is', () => {
    expect(exchangeOf('binance').named('1000SATSFDUSD')).toMatchObject({
      type: 'spot',
      base: '1000SATS',
      quote: 'FDUSD',
    })
    expect(binanceUsdm.named('BTCUSDT_220624')).toMatchObject({
      type: 'future',
      settle: 'USDT',
      ccxtSymbol: 'BTC/USDT:USDT-220624',
    })
    expect(binanceCoinm.named('ETCUSD_PERP')).toMatchObject({
      type: 'perpetual',
      base: 'ETC',
      settle: 'ETC',
      contractSize: 10,
      inverse: true,
    })
    expect(binanceCoinm.named('BTCUSD_211231')).toMatchObject({
      type: 'future',
      contractSize: 100,
      ccxtSymbol: 'BTC/USD:BTC-211231',
    })
  })
})

describeWith('data', 'every public payload of Binance', () => {
  for (const [folder, exchange] of Object.entries({
    'binance-spot': binance,
    'binance-usdm': binanceUsdm,
    'binance-coinm': binanceCoinm,
  })) {
    const files = filesOf(folder).filter((file) => /ws_|depth|exchange_?info/.test(file))
    exchangeConformance(
      exchange,
      // The documentation's exchangeInfo has no filters, so nothing says what a tick is; tickers and open candles say nothing.
      files.map((file) =>
        fixture(
          folder,
          file,
          /kline(?!_closed)|ticker|rest_exchange_info|wsuser/.test(file) && !/book_?ticker/i.test(file),
        ),
      ),
    )
  }

  for (const file of filesOf('binance-mixed')) {
    const exchange = file.includes('inverse') ? binanceCoinm : file.includes('linear') ? binanceUsdm : binance
    exchangeConformance(exchange, [fixture('binance-mixed', file, /candlestick|ticker/.test(file))])
  }

  test('names say of every listed instrument what exchangeInfo says', () => {
    for (const [folder, exchange] of [
      ['binance-spot', binance],
      ['binance-usdm', binanceUsdm],
      ['binance-coinm', binanceCoinm],
    ] as const) {
      const file = filesOf(folder).find((name) => /exchangeinfo\.json\.gz/i.test(name))!
      const { records } = exchange.parse(fixture(folder, file, false).text)
      expect(records.length).toBeGreaterThan(10)
      for (const { row } of records) expect(row).toMatchObject(exchange.named(row.symbol))
    }
  })

  test('exchangeInfo gives every instrument its steps', () => {
    const read = (folder: string, file: string) =>
      gunzipSync(readFileSync(join(dataDir, 'payloads', folder, file))).toString()
    const coinm = binanceCoinm.parse(read('binance-coinm', 'real_rest_binance_delivery_dapi_v1_exchangeinfo.json.gz'))
    const rows = coinm.records.map(({ row }) => row)
    expect(rows.find(({ symbol }) => symbol === 'BTCUSD_PERP')).toEqual({
      ...{ time: 1626836043975000, symbol: 'BTCUSD_PERP', type: 'perpetual', base: 'BTC', quote: 'USD', settle: 'BTC' },
      ...{ tickSize: 0.1, lotSize: 1, minNotional: 0, contractSize: 100, inverse: true },
      ...{ ccxtSymbol: 'BTC/USD:BTC', status: 'TRADING', inferred: false },
    })
    const spot = binance.parse(read('binance-spot', 'real_rest_binance_api_v3_exchangeinfo.json.gz'))
    expect(spot.records.length).toBeGreaterThan(1000)
    expect(spot.records[0]?.row).toMatchObject({
      symbol: 'ETHBTC',
      tickSize: 0.000001,
      lotSize: 0.0001,
      minNotional: 0.0001,
    })
  })
})

function filesOf(folder: string): string[] {
  const path = join(dataDir, 'payloads', folder)
  return existsSync(path) ? readdirSync(path) : []
}

function fixture(folder: string, file: string, silent: boolean): Fixture {
  const bytes = readFileSync(join(dataDir, 'payloads', folder, file))
  const text = file.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString()
  return { name: `${folder}/${file}`, text, silent, symbol: 'BTCUSDT' }
}
