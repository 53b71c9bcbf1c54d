import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { exchangeOf } from '../connectors/exchanges/index.ts'
import { rowsOf } from '../schemas/batch.ts'
import type { RecordName, Rows } from '../schemas/records.generated.ts'
import { dataDir, describeWith, root } from '../tests/data.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { type ImportOptions, importFiles } from './ingest.ts'

const scratch = mkdtempSync(join(tmpdir(), 'smartspeed-import-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let made = 0
const fresh = (name = 'log') => join(scratch, `${name}-${made++}`)

function file(lines: readonly string[] | string, name = 'capture.txt'): string {
  const folder = fresh('files')
  mkdirSync(folder)
  const path = join(folder, name)
  const text = typeof lines === 'string' ? lines : lines.map((line) => `${line}\n`).join('')
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return path
}

async function withLog<T>(dir: string, work: (topics: Topics) => Promise<T>): Promise<T> {
  const topics = await openTopics({ dir })
  try {
    return await work(topics)
  } finally {
    await topics.close()
  }
}

type More = Partial<Omit<ImportOptions, 'topics' | 'files' | 'exchange'>>

function load(dir: string, files: readonly string[], more: More = {}, exchange = 'binance-usdm') {
  return withLog(dir, (topics) =>
    importFiles({ topics, files, exchange: exchangeOf(exchange), seconds: () => 0, ...more }),
  )
}

/** All rows of a market topic, in the order of receiving. */
function rowsIn<T extends RecordName>(dir: string, topic: T): Promise<Rows[T][]> {
  return withLog(dir, async (topics) => {
    const name = `market.${topic}`
    if (!(await topics.list()).some((info) => info.name === name)) return []
    const rows: Rows[T][] = []
    for await (const { batch } of topics.read<T>(name, { order: 'received' })) rows.push(...rowsOf(batch))
    return rows
  })
}

function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

async function waitFor(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** Every row of the market as text, whatever the order of what was received at once. */
async function everything(dir: string, topics: readonly RecordName[] = marketTopics): Promise<string> {
  const texts: string[] = []
  for (const topic of topics) {
    for (const row of await rowsIn(dir, topic)) texts.push(`${topic} ${JSON.stringify(plain(row))}\n`)
  }
  const hash = createHash('sha256')
  for (const text of texts.sort()) hash.update(text)
  return `${texts.length} rows ${hash.digest('hex')}`
}

/** A row that JSON can say; much faster than the canonical form. */
function plain(row: object): object {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'bigint' ? String(value) : value]),
  )
}

const dataTopics: readonly RecordName[] = ['trades', 'quotes', 'books', 'funding', 'marks', 'candles', 'dead-letters']
const marketTopics: readonly RecordName[] = [...dataTopics, 'instruments', 'clocks', 'heartbeats']

// A little session of BTCUSDT: times in ms from 1,700,000,000,000, the recorder exactly 5 ms behind the exchange.
const start = 1_700_000_000_000
const stamp = (ms: number, nanos = 0) => String(BigInt(start + ms) * 1_000_000n + BigInt(nanos))
const wrap = (ms: number, stream: string, data: object) =>
  `${stamp(ms)} ${JSON.stringify({ stream: `btcusdt@${stream}`, data })}`
const trade = (ms: number, id: number | string, price = '60000.10', more: object = {}) =>
  wrap(ms, 'trade', {
    e: 'trade',
    E: start + ms - 5,
    T: start + ms - 5,
    s: 'BTCUSDT',
    t: id,
    p: price,
    q: '0.010',
    m: false,
    ...more,
  })
const depth = (ms: number, pu: number, u: number, bids: string[][] = [], asks: string[][] = []) =>
  wrap(ms, 'depth@0ms', {
    e: 'depthUpdate',
    E: start + ms - 5,
    T: start + ms - 5,
    s: 'BTCUSDT',
    U: pu + 1,
    u,
    pu,
    b: bids,
    a: asks,
  })
const snapshot = (ms: number, id: number, bids = [['60000.0', '1']], asks = [['60000.1', '1']]) =>
  `${stamp(ms)} ${JSON.stringify({ lastUpdateId: id, E: start + ms - 5, T: start + ms - 5, bids, asks })}`

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

describe('files', () => {
  const lines = Array.from({ length: 2000 }, (_, i) => trade(i, i + 1))

  test('cut off at any end give what is whole, and say so', async () => {
    const zipped = gzipSync(lines.map((line) => `${line}\n`).join(''))
    const path = file('', 'cut.gz')
    writeFileSync(path, zipped.subarray(0, zipped.length >> 1))
    const result = await load(fresh(), [path])
    expect(result.files[0]!.complete).toBe(false)
    expect(result.records.trades).toBeGreaterThan(100)
    expect(result.deadLetters).toBe(0)
    expect(result.warnings[0]).toContain('cut off')

    const plain = await load(fresh(), [file(`${lines[0]}\n${lines[1]}\n${lines[2]!.slice(0, 60)}`)])
    expect([plain.records.trades, plain.files[0]!.complete, plain.deadLetters]).toEqual([2, false, 0])
    const whole = await load(fresh(), [file(`${lines[0]}\n${lines[1]}`)])
    expect([whole.records.trades, whole.files[0]!.complete]).toEqual([2, true])
  })

  test('with Windows line ends are read the same', async () => {
    const result = await load(fresh(), [file(`${lines.slice(0, 3).join('\r\n')}\r\n`)])
    expect([result.records.trades, result.deadLetters]).toEqual([3, 0])
  })

  test('that are damaged, binary, no captures or not there are refused by name', async () => {
    const damaged = gzipSync(lines.map((line) => `${line}\n`).join(''))
    damaged[damaged.length >> 1]! ^= 0x55
    const path = file('', 'damaged.gz')
    writeFileSync(path, damaged)
    await expect(load(fresh(), [path])).rejects.toMatchObject({ code: 'FILE_CORRUPT' })
    writeFileSync(path, Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 1, 2]))
    await expect(load(fresh(), [path])).rejects.toMatchObject({ code: 'FILE_BINARY' })
    const table = file(Array.from({ length: 30 }, (_, i) => `${i};a;b`))
    await expect(load(fresh(), [table])).rejects.toMatchObject({ code: 'FILE_BINARY' })
    const near = file(lines.slice(0, 2), 'btcusdt.gz')
    const wrong = near.replace('btcusdt.gz', 'btcudt.gz')
    await expect(load(fresh(), [wrong])).rejects.toMatchObject({
      code: 'FILE_MISSING',
      fix: expect.stringContaining('btcusdt.gz'),
    })
    await expect(load(fresh(), [near.replace('/btcusdt.gz', '')])).rejects.toMatchObject({ code: 'FILE_BINARY' })
  })

  test('a stop in the middle keeps what was committed, and the next import goes on', async () => {
    const far = Array.from({ length: 3000 }, (_, i) => trade(i * 50, i + 1))
    const dir = fresh()
    const stop = new AbortController()
    const path = file(far, 'far.gz')
    const stopped = load(dir, [path], {
      ...{ stepRows: 100, signal: stop.signal },
      onProgress: () => stop.abort(),
    })
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })
    const { records, duplicates } = await load(dir, [path])
    expect(records.trades! + duplicates.trades!).toBe(3000)
    expect((await rowsIn(dir, 'trades')).map(({ id }) => Number(id))).toEqual(far.map((_, i) => i + 1))
  })

  test('another import at work is refused', async () => {
    const dir = fresh()
    await withLog(dir, async (topics) => {
      const writer = await topics.writer({ run: 'import', market: true })
      const again = importFiles({
        topics,
        files: [file([trade(0, 1)])],
        exchange: exchangeOf('binance'),
        seconds: () => 0,
      })
      await expect(again).rejects.toMatchObject({ code: 'LEASE_HELD' })
      await writer.close()
    })
  })
})

describeWith('data', 'real captures', () => {
  const path = (name: string) => join(dataDir, 'captures', name)
  const usdm = path('usdm-btcusdt-20240808.gz')

  test('every message of a session is a row, the books are in sync, and a second import adds nothing', async () => {
    const dir = fresh()
    const first = await load(dir, [usdm])
    expect(first.records).toMatchObject({ trades: 21_313, quotes: 66_089, books: 6_552 })
    expect(first.streams).toEqual({
      'btcusdt@depth@0ms': 6551,
      'btcusdt@bookTicker': 66_089,
      'btcusdt@trade': 21_313,
      'REST depth snapshot': 1,
    })
    expect(first.symbols).toEqual({ BTCUSDT: { synced: true, gaps: [], crossed: 0, checksums: { ok: 0, bad: 0 } } })
    expect(first.quality).toMatchObject({
      timeBack: 0,
      eventTimeBack: 0,
      impossiblePrice: 0,
      crossed: 0,
      jump: 0,
      gaps: 0,
    })
    expect(first.clocks[0]!.offsetUs).toBe(1_271_933)
    const before = await everything(dir)
    const second = await load(dir, [usdm])
    expect(second.duplicates).toMatchObject({ trades: 21_313, quotes: 66_089, books: 6_552 })
    expect(Object.values(second.records).reduce((sum, rows) => sum + rows, 0)).toBe(0)
    expect(second.symbols.BTCUSDT).toEqual(first.symbols.BTCUSDT)
    expect(await everything(dir)).toEqual(before)
    const [instrument] = await rowsIn(dir, 'instruments')
    expect(instrument).toMatchObject({ tickSize: 0.1, lotSize: 0.001, base: 'BTC', quote: 'USDT', inferred: true })
  })

  test('spot’s session is whole as well', async () => {
    const dir = fresh()
    const { records, symbols } = await load(dir, [path('spot-btcusdt-20240808.gz')], {}, 'binance')
    expect(records).toMatchObject({ trades: 9_757, quotes: 28_040, books: 3_452 })
    expect(symbols.BTCUSDT).toMatchObject({ synced: true, gaps: [], crossed: 0 })
    expect((await rowsIn(dir, 'instruments'))[0]).toMatchObject({ tickSize: 0.01, lotSize: 0.000001, type: 'spot' })
  })

  test('sessions of many symbols are in sync for each of them', async () => {
    for (const [name, exchange, symbols] of [
      ['binance-spot-multi-20211012.gz', 'binance', 2],
      ['binance-usdm-multi-20210722.gz', 'binance-usdm', 2],
      ['binance-coinm-multi-20210722.gz', 'binance-coinm', 5],
    ] as const) {
      const result = await load(fresh(), [path(name)], {}, exchange)
      expect(Object.values(result.symbols)).toEqual(
        Array.from({ length: symbols }, () => ({ synced: true, gaps: [], crossed: 0, checksums: { ok: 0, bad: 0 } })),
      )
      expect(result.deadLetters).toBe(0)
    }
  })

  test('overlapping parts in any order, with a hole that is filled later, give what the whole gives', async () => {
    const lines = gunzipSync(readFileSync(usdm)).toString().split('\n').slice(0, 30_000)
    const whole = fresh()
    await load(whole, [file(lines)])
    const expected = await everything(whole, dataTopics)
    const part = (from: number, to: number) => file(lines.slice(from, to), 'part.gz')
    for (const parts of [
      [part(0, 12_000), part(9_000, 22_000), part(20_000, 30_000)],
      [part(14_000, 30_000), part(0, 15_000)],
      [file([...lines.slice(0, 8_000), ...lines.slice(20_000)]), part(7_000, 21_000)],
    ]) {
      const dir = fresh()
      let last = await load(dir, [parts[0]!])
      for (const one of parts.slice(1)) last = await load(dir, [one])
      expect(last.symbols.BTCUSDT!.synced).toBe(true)
      // The estimated clock of a part is its own; what the exchange said is not.
      expect(await everything(dir, dataTopics)).toEqual(expected)
    }
  })

  test('killed at any moment and started again, an import adds nothing twice and loses nothing', async () => {
    const undisturbed = fresh()
    await load(undisturbed, [usdm])
    const expected = await everything(undisturbed)
    const dir = fresh('killed')
    const program = ['bin/main.ts', '--dir', dir, 'import', usdm, '--exchange', 'binance-usdm']
    let killed = 0
    // Bytes of segments are there before their commit is: these are moments before, in and after commits.
    for (const bytes of [1, 1, 3e6, 6e6, 9e6, 10e6]) {
      const child = spawn(process.execPath, program, { cwd: root, stdio: 'ignore' })
      const ended = new Promise<NodeJS.Signals | null>((resolve) =>
        child.on('exit', (_code, signal) => resolve(signal)),
      )
      await waitFor(() => bytesIn(join(dir, 'market')) >= bytes || child.exitCode !== null)
      child.kill('SIGKILL')
      if ((await ended) === 'SIGKILL') killed++
    }
    expect(killed).toBeGreaterThan(2)
    const { symbols } = await load(dir, [usdm])
    expect(symbols.BTCUSDT).toMatchObject({ synced: true, gaps: [] })
    expect(await everything(dir)).toEqual(expected)
  })
})
