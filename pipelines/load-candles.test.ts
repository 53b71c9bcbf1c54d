import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { rowAt } from '../schemas/batch.ts'
import type { Candle, DeadLetter, Instrument } from '../schemas/records.generated.ts'
import { dataDir, describeWith } from '../tests/data.ts'
import { openEmbedded } from '../topics/embedded/embedded.ts'
import { hashTopic } from '../topics/hash.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { type LoadCandles, loadCandles } from './load-candles.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-candles-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let folders = 0

const minute = { exchange: 'binance-usdm', symbol: 'BTCUSDT', interval: { name: '1m', us: 60_000_000 } }

async function withLog<T>(work: (topics: Topics) => Promise<T>): Promise<T> {
  const topics = await openEmbedded(join(folder, `log${folders++}`))
  try {
    return await work(topics)
  } finally {
    await topics.close()
  }
}

function fileOf(lines: readonly string[], name = 'candles.csv'): string {
  const file = join(folder, name)
  const text = `${['open_time_ms,open,high,low,close,volume', ...lines].join('\n')}\n`
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text)
  return file
}

function line(minutes: number, price: number | string = 100): string {
  return `${minutes * 60_000},${price},${price},${price},${price},1.5`
}

async function rows<T>(topics: Topics, topic: string): Promise<T[]> {
  const list: T[] = []
  for await (const { merged } of replay(topics, { inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++) list.push(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as T)
  }
  return list
}

const load = (topics: Topics, file: string, more: Partial<LoadCandles> = {}) =>
  loadCandles(topics, { ...minute, file, ...more })

describe('loading candles', () => {
  test('adds each candle once, whether the file comes again or overlaps another', () =>
    withLog(async (topics) => {
      const first = await load(topics, fileOf([1, 2, 3].map((at) => line(at))))
      expect(first).toMatchObject({ rows: 3, duplicates: 0, from: 60e6, to: 240e6, holes: 0 })
      expect(await load(topics, fileOf([1, 2, 3].map((at) => line(at))))).toMatchObject({ rows: 0, duplicates: 3 })
      expect(await load(topics, fileOf([3, 4, 4].map((at) => line(at))))).toMatchObject({ rows: 1, duplicates: 2 })
      expect((await rows<Candle>(topics, 'market.candles')).map(({ openTime }) => openTime / 60e6)).toEqual([
        1, 2, 3, 4,
      ])
      expect(await rows<Instrument>(topics, 'market.instruments')).toHaveLength(1)
    }))

  test('counts holes and the candles that are missing in them', () =>
    withLog(async (topics) => {
      const loaded = await load(topics, fileOf([1, 2, 5, 6, 8].map((at) => line(at))))
      expect(loaded).toMatchObject({ rows: 5, holes: 2, missing: 3 })
    }))

  test('M6: a bad line becomes a dead letter with its bytes, once, and the others are loaded', () =>
    withLog(async (topics) => {
      const file = fileOf([line(1), 'nonsense', line(2)])
      expect(await load(topics, file)).toMatchObject({ rows: 2, deadLetters: 1 })
      expect(await load(topics, file)).toMatchObject({ rows: 0, deadLetters: 1 })
      const letters = await rows<DeadLetter>(topics, 'market.dead-letters')
      expect(letters).toHaveLength(1)
      expect(letters[0]).toMatchObject({ reason: 'MESSAGE_UNREADABLE', offset: 3, symbol: 'BTCUSDT' })
      expect(new TextDecoder().decode(letters[0]!.bytes)).toBe('nonsense')
    }))

  test('a second candle of a time with other prices is a contradiction: a dead letter with its bytes, once', () =>
    withLog(async (topics) => {
      const file = fileOf([line(1), line(2), line(2, 200), line(3)])
      expect(await load(topics, file)).toMatchObject({ rows: 3, duplicates: 0, contradictions: 1, deadLetters: 1 })
      expect(await load(topics, file)).toMatchObject({ rows: 0, duplicates: 3, contradictions: 1, deadLetters: 1 })
      const letters = await rows<DeadLetter>(topics, 'market.dead-letters')
      expect(letters).toHaveLength(1)
      expect(letters[0]).toMatchObject({ reason: 'VALUE_IMPOSSIBLE', offset: 4, received: 180e6 })
      expect(letters[0]!.message).toContain('there already, with other numbers')
      expect(new TextDecoder().decode(letters[0]!.bytes)).toBe(line(2, 200))
      expect((await rows<Candle>(topics, 'market.candles')).map(({ close }) => close)).toEqual([100, 100, 100])
    }))

  test('a file that contradicts what another one said is told, and changes nothing', () =>
    withLog(async (topics) => {
      await load(topics, fileOf([line(1), line(2)]))
      const other = fileOf([line(2, 101), line(3)], 'other.csv')
      expect(await load(topics, other)).toMatchObject({ rows: 1, duplicates: 0, contradictions: 1 })
      expect((await rows<Candle>(topics, 'market.candles')).map(({ close }) => close)).toEqual([100, 100, 100])
    }))

  test('steps are read off the numbers, unless they are given', () =>
    withLog(async (topics) => {
      await load(topics, fileOf([line(1, '100.25'), line(2, '101.5')]))
      await load(topics, fileOf([line(3)]), { tickSize: 0.5, lotSize: 0.001, settle: 'USDC' })
      const known = await rows<Instrument>(topics, 'market.instruments')
      expect(known.map(({ tickSize, lotSize, settle, inferred }) => [tickSize, lotSize, settle, inferred])).toEqual([
        [0.01, 0.1, 'USDT', true],
        [0.5, 0.001, 'USDC', false],
      ])
      expect(known[0]!.received).toBeLessThan((await rows<Candle>(topics, 'market.candles'))[0]!.received)
    }))

  test('a file cut off in the middle gives what is whole and says so', () =>
    withLog(async (topics) => {
      const file = fileOf(
        Array.from({ length: 5000 }, (_, at) => line(at + 1, 100 + Math.sin(at))),
        'cut.csv.gz',
      )
      const whole = readFileSync(file)
      writeFileSync(file, whole.subarray(0, whole.length >> 1))
      const loaded = await load(topics, file)
      expect(loaded.complete).toBe(false)
      expect(loaded.rows).toBeGreaterThan(100)
    }))

  test('stopped in the middle it keeps what was committed, and the same command adds the rest', () =>
    withLog(async (topics) => {
      const file = fileOf(Array.from({ length: 70_000 }, (_, at) => line(at + 1)))
      const stop = new AbortController()
      const stopped = load(topics, file, { signal: stop.signal, onProgress: () => stop.abort() })
      await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })
      expect(await load(topics, file)).toMatchObject({ rows: 4_464, duplicates: 65_536 })
    }))

  test('another interval than the file has, a file without candles and a file that is not there are named', () =>
    withLog(async (topics) => {
      const hours = { name: '1s', us: 1_000_000 }
      await expect(load(topics, fileOf([line(1), line(2)]), { interval: hours })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      })
      await expect(load(topics, fileOf(['\0'], 'binary.csv'))).rejects.toMatchObject({
        ...{ code: 'FILE_BINARY', fix: 'a CSV file is lines of text under a header, plain or gzip' },
      })
      await expect(load(topics, fileOf(['x']))).rejects.toMatchObject({ code: 'NO_DATA' })
      await expect(load(topics, join(folder, 'candle.csv'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
      expect(await topics.list()).toEqual([])
    }))
})

describeWith('data', 'candles of the shared data', () => {
  test('are loaded whole, with the holes that their page says', () =>
    withLog(async (topics) => {
      const of = async (name: string, symbol: string, interval: LoadCandles['interval']) =>
        load(topics, join(dataDir, 'bars', name), { symbol, interval })
      const five = { name: '5m', us: 300e6 }
      expect(await of('btc-perp-1m-2022-01.csv.gz', 'BTCUSDT', minute.interval)).toMatchObject({
        rows: 45_031,
        holes: 0,
      })
      expect(await of('unittest-btc-1m.csv.gz', 'UNITTESTBTC', minute.interval)).toMatchObject({
        rows: 13_681,
        holes: 538,
      })
      expect(await of('ada-btc-5m.csv.gz', 'ADABTC', five)).toMatchObject({ rows: 5_720, holes: 5 })
      expect((await hashTopic(topics, 'market.candles')).rows).toBe(45_031 + 13_681 + 5_720)
    }))
})
