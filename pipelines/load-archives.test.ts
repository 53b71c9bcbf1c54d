// The archives of the shared data against an independent reading of them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Book, Instrument, Quote, Trade } from '../schemas/records.generated.ts'
import { dataDir, describeWith } from '../tests/data.ts'
import { fileOf, hashes, kraken, load, type Order, rows, withLog } from '../tests/loads.ts'
import type { LoadedTicks } from './load-ticks.ts'

describeWith('data', 'files of the shared data', () => {
  const at = (name: string) => join(dataDir, 'csv', name)

  test('hold what an independent reading finds in them', () =>
    withLog(async (topics) => {
      // Numbers of Python's csv module and pyarrow 25 over the same files: rows, first and last time, sums of whole lots.
      const cases: [file: string, order: Order, seen: Partial<LoadedTicks>][] = [
        [
          'binance-spot-btcusdt-trades-20210108.parquet',
          { record: 'trades', format: 'columns' },
          { rows: 2001, from: 1610064000278000, to: 1610064046355000 },
        ],
        [
          'btcusdt-quotes-20210108.parquet',
          { record: 'quotes', format: 'columns' },
          { rows: 451, from: 1610064001076000, to: 1610064046674000 },
        ],
        [
          'ccxt-trades-ethusdt-20230202.csv',
          { record: 'trades', format: 'ccxt', symbol: 'ETHUSDT' },
          { rows: 1000, from: 1675329600138000, to: 1675329807493000 },
        ],
        ['kraken-archive-trades-bcheur-a.csv', kraken, { rows: 148, from: 1672531436000000, to: 1672615187000000 }],
        ['kraken-archive-trades-bcheur-b.csv', kraken, { rows: 486, from: 1672620536000000, to: 1672701423000000 }],
        [
          'tardis-bitmex-trades.csv',
          { record: 'trades', format: 'tardis', exchange: 'bitmex', symbol: 'XBTUSD' },
          { rows: 10, received: { from: 1583020803307160, to: 1583020803336743 } },
        ],
        [
          'tardis-huobi-dm-swap-quotes.csv',
          { record: 'quotes', format: 'tardis', exchange: 'htx-swap', symbol: 'BTC-USD' },
          { rows: 10, from: 1588291201099000, to: 1588291201814000 },
        ],
        [
          'tardis-deribit-incremental-book-l2.csv',
          { record: 'books', format: 'tardis', exchange: 'deribit', symbol: 'BTC-PERPETUAL' },
          { rows: 1, received: { from: 1585699200355684, to: 1585699200355684 } },
        ],
        [
          'tardis-binance-futures-book-snapshot-5.csv',
          { record: 'books', format: 'tardis', exchange: 'binance-usdm' },
          { rows: 10, received: { from: 1598918403810979, to: 1598918404289427 } },
        ],
        [
          'binance-usdm-btcusdt-tdepth-snap-20221101.csv',
          { record: 'books', format: 'binance-archive', exchange: 'binance-usdm' },
          { rows: 1, from: 1667346579146000 },
        ],
        [
          'binance-usdm-btcusdt-tdepth-update-20221101.csv',
          { record: 'books', format: 'binance-archive', exchange: 'binance-usdm' },
          { rows: 1, from: 1667347199939000, gaps: 1 },
        ],
      ]
      for (const [file, order, seen] of cases) {
        expect(await load(topics, at(file), order), file).toMatchObject({
          ...seen,
          duplicates: 0,
          deadLetters: 0,
          complete: true,
        })
      }
      const trades = await rows<Trade>(topics, 'market.trades')
      const of = (symbol: string) => trades.filter((one) => one.symbol === symbol)
      const sum = (list: Trade[], lots: number) =>
        list.reduce((all, { size }) => all + Math.round(size * lots), 0) / lots
      const buys = (list: Trade[]) => list.filter(({ side }) => side === 'buy').length
      expect([sum(of('BTCUSDT'), 1e6), buys(of('BTCUSDT'))]).toEqual([87.071596, 1087])
      expect([sum(of('ETHUSDT'), 1e3), buys(of('ETHUSDT'))]).toEqual([6567.968, 527])
      expect(sum(of('BCHEUR'), 1e8)).toBeCloseTo(426.64478477 + 1035.24613227, 7)
      expect(buys(of('BCHEUR'))).toBe(82 + 272)
      expect(of('BTCUSDT')[2]).toMatchObject({ id: '553287561', size: 0.000311, received: 1610064000369000 })
      expect(of('XBTUSD')[0]).toMatchObject({
        id: 'ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf',
        side: 'sell',
        price: 8531.5,
        size: 2152,
      })
      expect((await rows<Quote>(topics, 'market.quotes'))[0]).toMatchObject({
        ...{
          time: 1588291201099000,
          received: 1588291201234268,
          bid: 8629.2,
          bidSize: 806,
          ask: 8629.3,
          askSize: 5494,
        },
      })
      const books = await rows<Book>(topics, 'market.books')
      expect(books.map((one) => [one.snapshot, one.bids.length, one.asks.length])).toEqual([
        [true, 0, 15],
        ...Array.from({ length: 10 }, () => [true, 5, 5]),
        [true, 100, 0],
        [false, 23, 77],
      ])
      expect(books.at(-1)).toMatchObject({ sequence: 2098041696700n, previousSequence: 2098041693400n })
      const inverse = (await rows<Instrument>(topics, 'market.instruments')).filter((one) => one.inverse)
      expect(inverse.map((one) => [one.symbol, one.settle, one.contractSize])).toEqual([
        ['XBTUSD', 'XBT', 1],
        ['BTC-PERPETUAL', 'BTC', 1],
        ['BTC-USD', 'BTC', 100],
      ])

      const before = await hashes(topics)
      for (const [file, order] of cases) {
        const again = await load(topics, at(file), order)
        expect(again, file).toMatchObject({ rows: 0, gaps: 0 })
        expect(again.duplicates).toBeGreaterThan(0)
      }
      expect(await hashes(topics)).toEqual(before)
    }))

  test('add the same rows plain, zipped, in steps of any size, and split in two that overlap', async () => {
    const lines = readFileSync(at('kraken-archive-trades-bcheur-b.csv'), 'utf8').trimEnd().split('\n')
    const whole = await withLog(async (topics) => {
      await load(topics, fileOf(lines), kraken)
      return hashes(topics)
    })
    for (const stepRows of [1, 7, 64]) {
      const stepped = await withLog(async (topics) => {
        await load(topics, fileOf(lines, `steps${stepRows}.csv.gz`), { ...kraken, stepRows })
        return hashes(topics)
      })
      expect(stepped).toEqual(whole)
    }
    for (const cut of [1, 100, 333, 485]) {
      await withLog(async (topics) => {
        expect((await load(topics, fileOf(lines.slice(0, cut)), kraken)).rows).toBe(cut)
        expect(await load(topics, fileOf(lines), kraken)).toMatchObject({ rows: 486 - cut, duplicates: cut })
        expect((await hashes(topics))['market.trades']).toBe(whole['market.trades'])
      })
    }
  })
})
