import { describe, expect, test } from 'vitest'
import { depth, file, fresh, load, rowsIn, snapshot, stamp, start, trade, wrap } from '../tests/imports.ts'

describe('an import', () => {
  test('M1: a gap in the depth leaves the book out of sync until the next snapshot, and is told', async () => {
    const before = [depth(0, 9, 10), snapshot(10, 10), depth(20, 10, 12), depth(30, 12, 15)]
    const gap = [depth(40, 20, 22), depth(50, 22, 25)]
    const after = [snapshot(60, 23), depth(70, 25, 26)]
    const whole = await load(fresh(), [file([...before, ...gap])])
    expect(whole.symbols.BTCUSDT).toMatchObject({
      synced: false,
      gaps: [{ topic: 'books', after: 15, next: 21, missing: 5 }],
    })
    const mended = await load(fresh(), [file([...before, ...gap, ...after])])
    expect(mended.symbols.BTCUSDT).toMatchObject({ synced: true, crossed: 0 })
    expect(mended.symbols.BTCUSDT!.gaps).toHaveLength(1)
    expect(mended.records.books).toBe(8)
    expect(mended.quality.gaps).toBe(1)
  })

  test('a gap of trades is told, and one that another file fills is none', async () => {
    const [one, two, three] = [file([trade(0, 7)]), file([trade(10, 8), trade(20, 9)]), file([trade(30, 10)])]
    const dir = fresh()
    await load(dir, [one])
    const late = await load(dir, [three])
    expect(late.symbols.BTCUSDT!.gaps).toEqual([{ topic: 'trades', after: 7, next: 10, missing: 2 }])
    expect((await load(dir, [two])).symbols.BTCUSDT!.gaps).toEqual([])
    expect((await load(dir, [one, two, three])).symbols.BTCUSDT!.gaps).toEqual([])
    expect((await rowsIn(dir, 'trades')).map(({ id }) => id)).toEqual(['7', '8', '9', '10'])
  })

  test('trades that came one by one and aggregated as well are told, also when they came in different files', async () => {
    const aggregated = (ms: number, id: number) =>
      wrap(ms, 'aggTrade', {
        ...{ e: 'aggTrade', E: start + ms - 5, T: start + ms - 5, s: 'BTCUSDT', a: id },
        ...{ p: '60000.10', q: '0.010', f: id, l: id, m: false },
      })
    const dir = fresh()
    expect((await load(dir, [file([trade(0, 7)])])).warnings).toEqual([])
    const both = await load(dir, [file([aggregated(10, 3)])])
    expect(both.warnings).toEqual([expect.stringMatching(/^BTCUSDT: .*volume counts twice/)])
    expect((await load(fresh(), [file([aggregated(10, 3), aggregated(20, 4)])])).warnings).toEqual([])
  })

  test('an update id with a wrong digit hides nothing that follows', async () => {
    const lines = [depth(0, 9, 10), depth(10, 10, 9_000_000_000_000), depth(20, 12, 14), depth(30, 14, 15)]
    const { records, duplicates } = await load(fresh(), [file(lines)])
    expect([records.books, duplicates.books]).toEqual([4, 0])
  })

  test('M2: a snapshot in the middle of a session loses no message and crosses no book', async () => {
    const lines = [
      ...[depth(0, 9, 10), snapshot(10, 10, [['60000.0', '1']], [['60000.1', '1']])],
      ...[depth(20, 10, 12, [['59999.0', '2']]), snapshot(30, 11), depth(40, 12, 14, [['60000.0', '3']])],
      // The market has moved up past the old best ask, and this snapshot is ahead of the updates.
      ...[
        snapshot(50, 20, [['60005.0', '1']], [['60005.1', '1']]),
        depth(60, 14, 18),
        depth(70, 18, 21, [['60005.0', '4']]),
      ],
    ]
    const { records, symbols, quality } = await load(fresh(), [file(lines)])
    expect(records.books).toBe(8)
    expect(symbols.BTCUSDT).toMatchObject({ synced: true, gaps: [], crossed: 0 })
    expect(quality.crossed).toBe(0)
  })

  test('a crossed book and crossed best prices are counted and kept', async () => {
    const quote = wrap(30, 'bookTicker', {
      e: 'bookTicker',
      u: 13,
      s: 'BTCUSDT',
      b: '60000.2',
      B: '1',
      a: '60000.1',
      A: '1',
      T: start,
      E: start,
    })
    const lines = [depth(0, 9, 10), snapshot(10, 10), depth(20, 10, 12, [['60000.2', '1']]), quote]
    const { symbols, quality, records } = await load(fresh(), [file(lines)])
    expect([symbols.BTCUSDT!.crossed, quality.crossed, records.books, records.quotes]).toEqual([2, 2, 3, 1])
    expect(symbols.BTCUSDT!.synced).toBe(false)
  })

  test('M4: a stamp that steps back takes that of the line above, and the order stays that of receiving', async () => {
    const lines = [trade(100, 1), trade(90, 2), trade(100, 3), trade(110, 4, '60000.10', { T: start })]
    const dir = fresh()
    const { quality } = await load(dir, [file(lines)])
    expect(quality).toMatchObject({ timeBack: 1, eventTimeBack: 2 })
    const rows = await rowsIn(dir, 'trades')
    expect(rows.map(({ id, received }) => [id, received / 1000 - start])).toEqual([
      ['1', 100],
      ['2', 100],
      ['3', 100],
      ['4', 110],
    ])
  })

  test('M5: trades that are sent again after a reconnect are written once', async () => {
    const dir = fresh()
    const lines = [trade(0, 1), trade(10, 2), trade(20, 3), trade(500, 2), trade(510, 3), trade(520, 4)]
    const { records, duplicates } = await load(dir, [file(lines)])
    expect([records.trades, duplicates.trades]).toEqual([4, 2])
    expect((await rowsIn(dir, 'trades')).map(({ id }) => id)).toEqual(['1', '2', '3', '4'])
  })

  test('ids past 2^53 that differ in their last digit are two trades, and one id is one trade', async () => {
    const dir = fresh()
    const ids = ['98765432109876543211', '98765432109876543212', '98765432109876543211', '9007199254740993']
    const lines = ids.map((id, i) => trade(i, 'ID').replace('"ID"', id))
    const { records, duplicates } = await load(dir, [file(lines)])
    expect([records.trades, duplicates.trades]).toEqual([3, 1])
    expect((await rowsIn(dir, 'trades')).map(({ id }) => id)).toEqual([...ids.slice(0, 2), ids[3]])
  })

  test('trades and aggregated trades of one symbol are not taken for each other', async () => {
    const aggregated = (ms: number, id: number) =>
      wrap(ms, 'aggTrade', {
        e: 'aggTrade',
        E: start,
        a: id,
        s: 'BTCUSDT',
        p: '60000.1',
        q: '1',
        f: 90,
        l: 91,
        T: start,
        m: true,
      })
    const { records, duplicates } = await load(fresh(), [
      file([trade(0, 7), aggregated(1, 7), aggregated(2, 7), aggregated(3, 8)]),
    ])
    expect([records.trades, duplicates.trades]).toEqual([3, 1])
  })

  test('M6: what nobody knows goes to the dead letters with its bytes, once, and the rest goes on', async () => {
    const dir = fresh()
    const strange = `${stamp(5)} {"e":"somethingNew","s":"BTCUSDT"}`
    const lines = [
      trade(0, 1),
      strange,
      '',
      `${stamp(6)} {"stream":"btcusdt@trade","da`,
      'no stamp at all',
      '   ',
      trade(10, 2),
    ]
    const result = await load(dir, [file(lines)])
    expect(result.records.trades).toBe(2)
    expect(result.deadLetters).toBe(3)
    expect(result.files[0]).toMatchObject({ lines: 5, unreadable: 3, complete: true })
    const letters = await rowsIn(dir, 'dead-letters')
    expect(letters.map(({ reason }) => reason).sort()).toEqual([
      'MESSAGE_UNKNOWN',
      'MESSAGE_UNREADABLE',
      'MESSAGE_UNREADABLE',
    ])
    expect(letters.map(({ bytes }) => Buffer.from(bytes).toString())).toContain('{"e":"somethingNew","s":"BTCUSDT"}')
    expect((await load(dir, [file(lines)])).deadLetters).toBe(0)
    expect(await rowsIn(dir, 'dead-letters')).toHaveLength(3)
  })

  test('impossible prices are refused with their bytes, a move of more than half is only counted', async () => {
    const dir = fresh()
    const lines = [
      trade(0, 1, '60000.10'),
      trade(10, 2, '600.10'),
      trade(20, 3, '25000.10'),
      trade(90_000, 4, '60000.10'),
    ]
    const result = await load(dir, [file(lines)])
    expect(result.quality).toMatchObject({ impossiblePrice: 1, jump: 1 })
    expect([result.records.trades, result.deadLetters]).toEqual([3, 1])
    const [letter] = await rowsIn(dir, 'dead-letters')
    expect(letter).toMatchObject({ reason: 'VALUE_IMPOSSIBLE', symbol: 'BTCUSDT' })
    expect(Buffer.from(letter!.bytes).toString()).toBe(lines[1]!.slice(20))
  })

  test('M7: a clock that is behind is measured over the first minute, and stands before the first row', async () => {
    const dir = fresh()
    // 1.3 s behind, and now and then faster than in the first minute.
    const behind = (ms: number, id: number, latency: number) =>
      trade(ms, id, '60000.1', { T: start + ms + 1300 - latency, E: start + ms + 1300 - latency })
    const result = await load(dir, [
      file([behind(0, 1, 40), behind(10, 2, 11), behind(59_000, 3, 20), behind(61_000, 4, 2)]),
    ])
    expect(result.clocks).toEqual([
      expect.objectContaining({ exchange: 'binance-usdm', offsetUs: 1_290_000, minFeedLatencyUs: 1000, rows: 3 }),
    ])
    expect(result.quality.tooFast).toBe(1)
    const [clock] = await rowsIn(dir, 'clocks')
    expect(clock).toMatchObject({ offset: 1_290_000, received: start * 1000, symbol: '', connection: 'capture' })
    const trades = await rowsIn(dir, 'trades')
    for (const { time, received } of trades.slice(0, 3))
      expect(received + clock!.offset - time).toBeGreaterThanOrEqual(1000)
  })

  test('spot’s best prices get a time on the exchange’s clock, flagged, that counts for no clock', async () => {
    const dir = fresh()
    const quote = `${stamp(50)} {"stream":"btcusdt@bookTicker","data":{"u":5,"s":"BTCUSDT","b":"60000.10","B":"1","a":"60000.20","A":"1"}}`
    const ahead = trade(20, 1, '60000.1', { T: start + 1020, E: start + 1020 })
    const { clocks } = await load(
      dir,
      [file([quote.replace(stamp(50), stamp(0)).replace('"u":5', '"u":4'), ahead, quote])],
      {},
      'binance',
    )
    expect(clocks[0]).toMatchObject({ offsetUs: 1_001_000, rows: 1 })
    const rows = await rowsIn(dir, 'quotes')
    expect(rows[1]).toMatchObject({ timeEstimated: true, time: (start + 1050) * 1000, received: (start + 50) * 1000 })
  })

  test('heartbeats tick each second of receiving, also through silence', async () => {
    const dir = fresh()
    await load(dir, [file([trade(200, 1), trade(300, 2), trade(4100, 3), trade(5000, 4)])])
    const beats = await rowsIn(dir, 'heartbeats')
    expect(beats.map(({ watermark }) => watermark / 1000 - start)).toEqual([1000, 2000, 3000, 4000, 5000])
    for (const { received, watermark, symbol } of beats) expect([received, symbol]).toEqual([watermark, ''])
  })

  test('instruments are read off the decimals, stand before their first row, and are refined when finer ones come', async () => {
    const dir = fresh()
    await load(dir, [
      file([trade(0, 1, '60000.10'), trade(10, 2, '60000.50'), trade(90_000, 3, '60000.250', { q: '0.0001' })]),
    ])
    const rows = await rowsIn(dir, 'instruments')
    expect(rows).toHaveLength(2)
    expect(rows[0]).toMatchObject({
      symbol: 'BTCUSDT',
      type: 'perpetual',
      tickSize: 0.1,
      lotSize: 0.01,
      inferred: true,
      received: start * 1000,
    })
    expect(rows[1]).toMatchObject({ tickSize: 0.01, lotSize: 0.0001, received: (start + 90_000) * 1000 })
  })

  test('an exchange’s own description is taken instead, and written once', async () => {
    const info = {
      serverTime: start,
      symbols: [
        {
          ...{ symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT', marginAsset: 'USDT' },
          ...{
            contractType: 'PERPETUAL',
            filters: [
              { filterType: 'PRICE_FILTER', tickSize: '0.10' },
              { filterType: 'LOT_SIZE', stepSize: '0.001' },
              { filterType: 'MIN_NOTIONAL', notional: '100' },
            ],
          },
        },
      ],
    }
    const url = 'https://fapi.binance.com/fapi/v1/exchangeInfo'
    const lines = [
      `${stamp(0)} ${JSON.stringify({ rest: url, data: info })}`,
      trade(10, 1),
      `${stamp(20)} ${JSON.stringify({ url, received_unix_s: '1', body: { ...info, serverTime: start + 9 } })}`,
    ]
    const dir = fresh()
    await load(dir, [file(lines)])
    const rows = await rowsIn(dir, 'instruments')
    expect(rows).toEqual([
      expect.objectContaining({ tickSize: 0.1, lotSize: 0.001, minNotional: 100, inferred: false }),
    ])
  })

  test('a snapshot without a symbol belongs to the file’s only one, else to --symbol, else to nobody', async () => {
    const other = (ms: number) => trade(ms, 5).replaceAll('BTCUSDT', 'ETHUSDT').replaceAll('btcusdt', 'ethusdt')
    const dir = fresh()
    await load(dir, [file([snapshot(0, 10), depth(5, 10, 11)])])
    expect((await rowsIn(dir, 'books')).map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'BTCUSDT'])
    const two = file([depth(0, 9, 10), other(1), snapshot(2, 10)])
    await expect(load(fresh(), [two])).rejects.toMatchObject({
      code: 'USAGE',
      fix: expect.stringContaining('--symbol'),
    })
    const named = await load(fresh(), [two], { symbol: 'BTCUSDT' })
    expect(named.symbols.BTCUSDT!.synced).toBe(true)
  })

  test('COIN-M symbols are inverse futures and perpetuals', async () => {
    const dir = fresh()
    await load(
      dir,
      [file([trade(0, 1).replaceAll('BTCUSDT', 'BTCUSD_211231').replace('btcusdt', 'btcusd_211231')])],
      {},
      'binance-coinm',
    )
    expect((await rowsIn(dir, 'instruments'))[0]).toMatchObject({
      type: 'future',
      inverse: true,
      settle: 'BTC',
      contractSize: 100,
    })
  })
})
