import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileFormat } from '../connectors/files/formats.ts'
import type { Book, DeadLetter, Heartbeat, Trade } from '../schemas/records.generated.ts'
import { fileOf, kraken, load, type Order, rows, withLog } from '../tests/loads.ts'
import { scratch } from '../tests/scratch.ts'

const tardisTrades = 'exchange,symbol,timestamp,local_timestamp,id,side,price,amount'
const second = 1_600_000_000

describe('trades with ids', () => {
  const ccxt = (n: number) => `${second}.${n},${n},buy,100,1`
  const archive = (n: number) => `${n},100,1,100,${second}${n},false,true`

  test('are one trade whatever file, format or capture brings them', () =>
    withLog(async (topics) => {
      const numbers = [100, 101, 102, 104]
      const first = fileOf(['datetime,timestamp,id,side,price,amount', ...numbers.map((n) => `x,${ccxt(n)}`)])
      expect(await load(topics, first, { record: 'trades', format: 'ccxt', symbol: 'ETHUSDT' })).toMatchObject({
        rows: 4,
        gaps: 1,
      })
      const second = fileOf([101, 102, 103, 104].map(archive))
      expect(
        await load(topics, second, { record: 'trades', format: 'binance-archive', symbol: 'ETHUSDT' }),
      ).toMatchObject({
        ...{ rows: 1, duplicates: 3, gaps: 0 },
      })
    }))

  test('of the Binance archive are known by their shape, aggregated ones in a series of their own', () =>
    withLog(async (topics) => {
      const order = { record: 'trades', format: 'binance-archive' } as const
      const ms = second * 1000
      expect(await load(topics, fileOf([`7,20000,1,20000,${ms},true,true`]), order)).toMatchObject({ rows: 1 })
      expect(await load(topics, fileOf([`7,20000,1,3,5,${ms},true,true`]), order)).toMatchObject({ rows: 1 })
      // Since 2025 the spot archive counts µs.
      expect(await load(topics, fileOf([`8,20000,1,3,5,${ms}123,false`]), order)).toMatchObject({
        rows: 1,
        to: ms * 1000 + 123,
      })
      const named = [
        'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker',
        `7,20000,1,3,5,${ms},true`,
      ]
      expect(await load(topics, fileOf(named), order)).toMatchObject({ rows: 0, duplicates: 1 })
      expect((await rows<Trade>(topics, 'market.trades')).map(({ side }) => side)).toEqual(['sell', 'sell', 'buy'])
    }))
})

describe('rows without ids', () => {
  test('are as many as the file that has the most of them', () =>
    withLog(async (topics) => {
      const twice = [`${second},100,1`, `${second},100,1`]
      expect(await load(topics, fileOf(twice), kraken)).toMatchObject({ rows: 2 })
      expect(await load(topics, fileOf([...twice, twice[0]!, `${second},100,2`]), kraken)).toMatchObject({
        rows: 2,
        duplicates: 2,
      })
    }))

  test('that differ only in their receive time are two', () =>
    withLog(async (topics) => {
      const lines = [1, 2].map((n) => `binance,BTCUSDT,${second}000000,${second}00000${n},,buy,20000,1`)
      const order = { record: 'trades', format: 'tardis' } as const
      expect(await load(topics, fileOf([tardisTrades, ...lines]), order)).toMatchObject({ rows: 2 })
      expect(await load(topics, fileOf([tardisTrades, ...lines]), order)).toMatchObject({ rows: 0, duplicates: 2 })
    }))

  test('of any file come out once, however it was cut into files, steps and tries', async () => {
    const trade = fc.record({ step: fc.constantFrom(0, 0, 0, 1, 40), ticks: fc.integer({ min: 1, max: 3 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(trade, { minLength: 1, maxLength: 40 }), fc.nat(), fc.nat(), async (trades, a, b) => {
        let time = second
        const lines = trades.map(({ step, ticks }) => {
          time += step
          return `${time},${ticks},1`
        })
        await withLog(async (topics) => {
          const whole = await load(topics, fileOf(lines), { ...kraken, stepRows: 1 + (a % 9) })
          expect(whole.rows).toBe(lines.length)
          const part = lines.slice(a % lines.length, (a % lines.length) + 1 + (b % lines.length))
          expect(await load(topics, fileOf(part), { ...kraken, stepRows: 1 + (b % 5) })).toMatchObject({ rows: 0 })
        })
        // Head, then all of it: what the head has not got is added.
        await withLog(async (topics) => {
          const head = lines.slice(0, 1 + (b % lines.length))
          await load(topics, fileOf(head), kraken)
          expect((await load(topics, fileOf(lines), { ...kraken, stepRows: 3 })).rows).toBe(lines.length - head.length)
          expect((await rows<Trade>(topics, 'market.trades')).length).toBe(lines.length)
        })
      }),
      { numRuns: 12 },
    )
  })
})

describe('books', () => {
  const header = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount'
  const level = (time: number, received: number, snapshot: boolean, side: string, price: number, size: number) =>
    `deribit,BTC-PERPETUAL,${second}00000${time},${second}00000${received},${snapshot},${side},${price},${size}`
  const order = { record: 'books', format: 'tardis', exchange: 'deribit', symbol: 'BTC-PERPETUAL' } as const

  test('of Tardis are messages of the rows of one receive time, a snapshot apart from what follows it', () =>
    withLog(async (topics) => {
      const lines = [
        ...[level(1, 2, true, 'bid', 10000, 5), level(1, 2, true, 'ask', 10001, 6), level(1, 2, false, 'bid', 9999, 1)],
        ...[
          level(3, 4, false, 'bid', 10000, 0),
          level(4, 4, false, 'ask', 10002, 7),
          level(5, 6, false, 'ask', 10001, 0),
        ],
      ]
      expect(await load(topics, fileOf([header, ...lines]), order)).toMatchObject({ rows: 4, deadLetters: 0 })
      const books = await rows<Book>(topics, 'market.books')
      expect(books.map(({ snapshot, bids, asks }) => [snapshot, bids, asks])).toEqual([
        [true, [{ price: 10000, size: 5 }], [{ price: 10001, size: 6 }]],
        [false, [{ price: 9999, size: 1 }], []],
        [false, [{ price: 10000, size: 0 }], [{ price: 10002, size: 7 }]],
        [false, [], [{ price: 10001, size: 0 }]],
      ])
      expect(await load(topics, fileOf([header, ...lines]), { ...order, stepRows: 1 })).toMatchObject({
        rows: 0,
        duplicates: 4,
      })
    }))

  test('of Binance follow each other by their ids, and a gap between files is counted', () =>
    withLog(async (topics) => {
      const names = 'symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu'
      const row = (first: number, last: number, kind: string, pu: number) =>
        `BTCUSDT,${second}${String(last).padStart(3, '0')},${first},${last},b,${kind},20000.1,${last},${pu}`
      const depth = { record: 'books', format: 'binance-archive', exchange: 'binance-usdm' } as const
      expect(await load(topics, fileOf([names, row(5, 5, 'snap', -1)]), depth)).toMatchObject({ rows: 1, gaps: 0 })
      expect(await load(topics, fileOf([names, row(4, 7, 'set', 3), row(8, 9, 'set', 7)]), depth)).toMatchObject({
        rows: 2,
        gaps: 0,
      })
      expect(await load(topics, fileOf([names, row(12, 13, 'set', 11)]), depth)).toMatchObject({ rows: 1, gaps: 1 })
      expect((await rows<Book>(topics, 'market.books'))[0]).toMatchObject({ sequence: 5n, firstSequence: undefined })
    }))
})

describe('what comes with the rows', () => {
  test('a clock that makes the fastest of the first minute as fast as it may be, and receive times of the file', () =>
    withLog(async (topics) => {
      const line = (time: number, received: number) => `binance,BTCUSDT,${time},${received},1${time},buy,20000.5,0.01`
      const lines = [line(second * 1e6, second * 1e6 + 9000), line(second * 1e6 + 1e6, second * 1e6 + 1e6 + 5000)]
      await load(topics, fileOf([tardisTrades, ...lines]), { record: 'trades', format: 'tardis' })
      expect(await rows(topics, 'market.clocks')).toMatchObject([
        { offset: 1000 - 5000, rows: 2, received: second * 1e6 + 9000 },
      ])
      expect(await rows(topics, 'market.instruments')).toMatchObject([{ tickSize: 0.1, lotSize: 0.01, inferred: true }])
    }))

  test('steps that were given, and an instrument that says so', () =>
    withLog(async (topics) => {
      const order = { ...kraken, tickSize: 0.05, lotSize: 0.001 }
      for (let n = 0; n < 2; n++) await load(topics, fileOf([`${second},100,1`]), order)
      expect(await rows(topics, 'market.instruments')).toMatchObject([
        { tickSize: 0.05, lotSize: 0.001, inferred: false },
      ])
    }))

  test('heartbeats in each second near a row, then at whole minutes, half a day after one and a day before the next', () =>
    withLog(async (topics) => {
      await load(topics, fileOf([`${second},1,1`, `${second + 300},1,1`, `${second + 400_000},1,1`]), kraken)
      const beats = (await rows<Heartbeat>(topics, 'market.heartbeats')).map(
        ({ watermark }) => watermark / 1e6 - second,
      )
      expect(beats.filter((at) => at <= 300).length).toBe(10 + 5)
      expect(beats.slice(0, 12)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 80])
      const quiet = beats.filter((at) => at > 310)
      expect(Math.max(...quiet.filter((at) => at < 200_000))).toBeGreaterThan(300 + 43_200 - 60)
      expect(quiet.filter((at) => at > 300 + 43_200 && at < 400_000 - 86_400)).toEqual([])
      expect(quiet.every((at, i) => i === 0 || (at - quiet[0]!) % 60 === 0 || at > 400_000)).toBe(true)
    }))

  test('a receive time that never steps back, and rows that made it do so counted', () =>
    withLog(async (topics) => {
      const lines = [`${second + 1},1,1`, `${second},1,1`, `${second + 2},1,1`]
      expect(await load(topics, fileOf(lines), kraken)).toMatchObject({ rows: 3, timeBack: 1, from: second * 1e6 })
      const received = (await rows<Trade>(topics, 'market.trades')).map((one) => (one.received - 1000) / 1e6 - second)
      expect(received).toEqual([1, 1, 2])
    }))
})

describe('lines that cannot be read', () => {
  const lines = [
    `${second},100,1`,
    `${second + 1},-5,1`,
    `${second + 2},abc,1`,
    `${second + 3},101,0`,
    `5,101,1`,
    `${second + 4},102,1`,
  ]

  test('are dead letters with their bytes, once, and closed when the file is mended', () =>
    withLog(async (topics) => {
      expect(await load(topics, fileOf(lines, 'bad.csv'), kraken)).toMatchObject({ rows: 2, deadLetters: 4 })
      expect(await load(topics, fileOf(lines, 'bad.csv'), kraken)).toMatchObject({ rows: 0, deadLetters: 4 })
      const letters = await rows<DeadLetter>(topics, 'market.dead-letters')
      expect(letters.map(({ reason, offset, bytes }) => [reason, offset, new TextDecoder().decode(bytes)])).toEqual([
        ['VALUE_IMPOSSIBLE', 2, lines[1]],
        ['MESSAGE_UNREADABLE', 3, lines[2]],
        ['VALUE_IMPOSSIBLE', 4, lines[3]],
        ['MESSAGE_UNREADABLE', 5, lines[4]],
      ])
      const mended = lines.map((line, i) => (i === 2 ? `${second + 2},100,1` : line))
      expect(await load(topics, fileOf(mended, 'bad.csv'), kraken)).toMatchObject({ rows: 1, deadLetters: 3 })
      expect((await rows<DeadLetter>(topics, 'market.dead-letters')).at(-1)).toMatchObject({
        reason: 'REDRIVEN',
        offset: 3,
      })
    }))

  test('a file that is cut off gives what is whole, without its last line', () =>
    withLog(async (topics) => {
      const packed = gzipSync(
        Array.from({ length: 30_000 }, (_, n) => `${second + n},${100 + ((n * 7919) % 997)},1.5`).join('\n'),
      )
      const file = join(scratch(), 'cut.csv.gz')
      writeFileSync(file, packed.subarray(0, packed.length / 2))
      const seen = await load(topics, file, kraken)
      expect(seen).toMatchObject({ complete: false, deadLetters: 0 })
      expect(seen.rows).toBeGreaterThan(1000)
      const last = (await rows<Trade>(topics, 'market.trades')).at(-1)!
      expect(last).toMatchObject({ size: 1.5, price: 100 + (((last.time / 1e6 - second) * 7919) % 997) })
    }))
})

test('stopped in the middle it keeps what was committed, and the same command adds the rest', () =>
  withLog(async (topics) => {
    const file = fileOf(Array.from({ length: 500 }, (_, n) => `${second + n},100,${n + 1}`))
    const stop = new AbortController()
    const stopped = load(topics, file, {
      ...kraken,
      stepRows: 100,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })
    const kept = (await rows<Trade>(topics, 'market.trades')).length
    expect(kept).toBe(100)
    expect(await load(topics, file, kraken)).toMatchObject({ rows: 400, duplicates: 100 })
    expect(new Set((await rows<Trade>(topics, 'market.trades')).map(({ size }) => size)).size).toBe(500)
  }))

test('what a file is not is said before anything is written', () =>
  withLog(async (topics) => {
    const good = `${second}000000,${second}000001,1,buy,20000,1`
    const tardis = fileOf([tardisTrades, `binance,BTCUSDT,${good}`])
    const cases: [file: string, order: Order, code: string, words: RegExp, fix: RegExp][] = [
      [
        tardis,
        { record: 'trades', format: 'tardis', exchange: 'binance-usdm' },
        'CONFIG_INVALID',
        /is of binance/,
        /--exchange binance/,
      ],
      [
        tardis,
        { record: 'trades', format: 'tardis', symbol: 'ETHUSDT' },
        'NO_DATA',
        /it has BTCUSDT/,
        /--symbol BTCUSDT/,
      ],
      [tardis, { record: 'quotes', format: 'tardis' }, 'CONFIG_INVALID', /no column "bid_price"/, /--format/],
      [
        fileOf(['a,b,c', '1,2,3']),
        { record: 'trades', format: 'tardis' },
        'CONFIG_INVALID',
        /no column "exchange"/,
        /columns/,
      ],
      [
        fileOf(['1,2,3,4']),
        { record: 'trades', format: 'columns' },
        'CONFIG_INVALID',
        /names no columns/,
        /row of names/,
      ],
      [fileOf([`${second},100,1`]), { ...kraken, side: undefined }, 'USAGE', /which side took/, /--side tick-rule/],
      [
        fileOf([`${second},-1,1`]),
        kraken,
        'NO_DATA',
        /no trades of --format kraken-archive.*price of -1/,
        /docs\/load/,
      ],
      [fileOf(['x,1,1']), { ...kraken, symbol: 'WEIRD' }, 'USAGE', /settlement currency/, /--settle/],
    ]
    for (const [file, order, code, words, fix] of cases) {
      await expect(load(topics, file, order), String(words)).rejects.toMatchObject({
        ...{ code, message: expect.stringMatching(words), fix: expect.stringMatching(fix) },
      })
    }
    expect((await topics.list()).filter(({ rows }) => rows > 0)).toEqual([])
    expect(() => fileFormat('tardiss', 'trades')).toThrow(expect.objectContaining({ fix: 'did you mean "tardis"?' }))
    expect(() => fileFormat('ccxt', 'books')).toThrow('has trades, no books')
  }))
