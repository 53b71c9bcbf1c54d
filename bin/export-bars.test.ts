import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { parquetMetadataAsync } from 'hyparquet'
import { asyncBufferFromFile } from 'hyparquet/src/node.js'
import { afterAll, describe, expect, test } from 'vitest'
import { instrumentRow } from '../connectors/files/instrument.ts'
import { batchOf } from '../schemas/batch.ts'
import type { Candle } from '../schemas/records.generated.ts'
import { rowsIn } from '../tests/backtests.ts'
import { command, documentOf } from '../tests/commands.ts'
import { dataDir, describeWith } from '../tests/data.ts'
import { openTopics } from '../topics/index.ts'
import { type ExportedBars, exportBars } from './export-bars.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-export-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let places = 0
const place = (): string => join(folder, String(places++))

const name = { exchange: 'binance-usdm', symbol: 'BTCUSDT', interval: '1m' }
const flags = ['--exchange', name.exchange, '--symbol', name.symbol, '--interval', name.interval]
const minute = 60_000_000
/** Two minutes before 2024. */
const start = 1_704_067_080_000_000

function candle(at: number, price = 100, more: Partial<Candle> = {}): Candle {
  const openTime = start + at * minute
  const prices = { open: price, high: price, low: price, close: price, volume: 1.5 }
  return {
    ...{ time: openTime + minute, received: openTime + minute, exchange: name.exchange, symbol: name.symbol },
    ...{ openTime, interval: '1m', ...prices, quoteVolume: undefined, trades: undefined, ...more },
  } as Candle
}

/** A log with these candles, by way of a CSV file. */
async function loaded(candles: readonly Candle[]): Promise<string> {
  const [dir, file] = [place(), `${place()}.csv`]
  const lines = candles.map(({ openTime, open, high, low, close, volume, quoteVolume = '', trades = '' }) =>
    [openTime / 1000, open, high, low, close, volume, quoteVolume, trades].join(','),
  )
  writeFileSync(file, ['open_time_ms,open,high,low,close,volume,quote_volume,trades', ...lines, ''].join('\n'))
  await documentOf('load', 'bars', file, ...flags, '--dir', dir)
  return dir
}

async function candlesIn(dir: string): Promise<Candle[]> {
  const topics = await openTopics({ dir })
  try {
    return await rowsIn(topics, 'candles')
  } finally {
    await topics.close()
  }
}

const exported = (dir: string, to: string, ...more: string[]): Promise<ExportedBars> =>
  documentOf<ExportedBars>('export', 'bars', to, ...flags, '--dir', dir, ...more)

describe('candles as Parquet and back', () => {
  test('any candles come back as they were, a file a year', async () => {
    const price = fc.integer({ min: 1, max: 1e12 }).map((units) => units / 1e8)
    const size = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }).map((units) => units / 1e8)
    const rows = fc.uniqueArray(
      fc.record({
        at: fc.nat({ max: 400_000 }),
        prices: fc.tuple(price, price, price, price),
        ...{ volume: size, quoteVolume: fc.option(size, { nil: undefined }) },
        trades: fc.option(fc.nat(), { nil: undefined }),
      }),
      { selector: ({ at }) => at, minLength: 2, maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(rows, async (some) => {
        const candles = some
          .sort((a, b) => a.at - b.at)
          .map(({ at, prices, ...rest }) => {
            const [low, open, close, high] = prices.toSorted((a, b) => a - b)
            return candle(at, 1, { low, open, close, high, ...rest } as Partial<Candle>)
          })
        // A step of a minute, so that the interval of the file is known.
        const last = candles.at(-1)!
        candles.push({
          ...last,
          openTime: last.openTime + minute,
          time: last.time + minute,
          received: last.time + minute,
        })
        const dir = await loaded(candles)
        const [to, again] = [place(), place()]
        const { rows: count, files } = await exported(dir, to)
        expect(count).toBe(candles.length)
        expect(files.map(({ year }) => year)).toEqual(
          [...new Set(candles.map(({ openTime }) => new Date(openTime / 1000).getUTCFullYear()))].sort(),
        )
        await documentOf('load', 'bars', to, '--dir', again)
        expect(await candlesIn(again)).toEqual(await candlesIn(dir))
        expect(await candlesIn(again)).toEqual(candles)
      }),
      { numRuns: 5 },
    )
  })

  test('the columns are those of the layout, of equal types in every file', async () => {
    const to = place()
    const { files } = await exported(await loaded([candle(0), candle(1), candle(2)]), to)
    const schemas = await Promise.all(
      files.map(async ({ file }) => (await parquetMetadataAsync(await asyncBufferFromFile(file))).schema.slice(1)),
    )
    expect(schemas).toHaveLength(2)
    expect(schemas[0]).toEqual(schemas[1])
    expect(schemas[0]!.map((one) => [one.name, one.type, one.precision, one.scale])).toEqual([
      ['timestamp', 'INT64', undefined, undefined],
      ...['open', 'high', 'low', 'close', 'volume', 'quote_volume'].map((column) => [column, 'INT64', 18, 8]),
      ['trades', 'INT32', undefined, undefined],
    ])
    expect(schemas[0]![0]!.logical_type).toEqual({ type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' })
    const { series } = JSON.parse(readFileSync(join(to, 'metadata.json'), 'utf8'))
    expect(series).toMatchObject([{ ...name, precision: 18, scale: 8, files: [{ year: 2023 }, { year: 2024 }] }])
  })

  test('what the decimals do not hold is refused, written wide, or rounded and counted', async () => {
    const noisy = [candle(0), candle(1, 100, { volume: 0.30000000000000004 })]
    const dir = await loaded(noisy)
    const to = place()
    const refused = await command(['export', 'bars', to, ...flags, '--dir', dir])
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/VALUE_IMPOSSIBLE.*volume 0.30000000000000004.*decimal\(18, 8\)[\s\S]*--wide/)
    const again = place()
    await exported(dir, to, '--wide')
    await documentOf('load', 'bars', to, '--dir', again)
    expect(await candlesIn(again)).toEqual(noisy)
    expect(await exported(dir, place(), '--round')).toMatchObject({ rows: 2, rounded: 1 })
  })

  test('a candle that came again is written once, one that came late in its place', async () => {
    const dir = place()
    const topics = await openTopics({ dir })
    const seen = (one: Candle, received: number): Candle => ({ ...one, received })
    const rows = [
      ...[candle(1), seen(candle(1), candle(1).received + 1), seen(candle(1, 7), candle(1).received + 2)],
      ...[candle(3), seen(candle(2), candle(3).received + 1)],
    ]
    const writer = await topics.writer({ run: 'imports', market: true })
    const steps = { tickSize: 0.1, lotSize: 0.1, inferred: false }
    const instrument = instrumentRow(name.exchange, name.symbol, start, steps)
    await writer.commit({ outputs: [batchOf('instruments', [instrument]), batchOf('candles', rows)] })
    await writer.close()
    const to = place()
    expect(await exportBars(topics, { dir: to, ...name })).toMatchObject({ rows: 3, duplicates: 1, contradictions: 1 })
    await topics.close()
    const again = place()
    await documentOf('load', 'bars', to, '--dir', again)
    expect(await candlesIn(again)).toEqual([candle(1), candle(2), candle(3)])
  })

  test('a file with more candles than the topic is not written over', async () => {
    const to = place()
    await exported(await loaded([candle(2), candle(3), candle(4)]), to)
    const { code, err } = await command([
      ...['export', 'bars', to, ...flags, '--dir', await loaded([candle(2), candle(3)])],
    ])
    expect([code, err]).toEqual([1, expect.stringMatching(/FILE_EXISTS.*2024.parquet has 3 candles, the topic has 2/)])
    const again = place()
    expect(await documentOf('load', 'bars', to, '--dir', again)).toMatchObject({ rows: 3 })
  })

  test('a second export leaves other series in the metadata, and says the steps that were known', async () => {
    const to = place()
    const dir = await loaded([candle(0), candle(1)])
    await exported(dir, to)
    const file = `${place()}.csv`
    writeFileSync(file, 'open_time_ms,open,high,low,close\n1703998800000,1,1,1,1\n1704002400000,1,1,1,1\n')
    const other = ['--exchange', 'kraken', '--symbol', 'ADA/XBT', '--interval', '1h', '--dir', dir]
    await documentOf('load', 'bars', file, ...other, '--tick', '0.25', '--lot', '0.5')
    await documentOf('export', 'bars', to, ...other)
    const { series } = JSON.parse(readFileSync(join(to, 'metadata.json'), 'utf8'))
    expect(series).toMatchObject([name, { symbol: 'ADA/XBT', tickSize: 0.25, lotSize: 0.5, inferred: false }])
    const again = place()
    expect(await documentOf('load', 'bars', to, '--symbol', 'ADA/XBT', '--dir', again)).toMatchObject({
      ...{ rows: 2, files: [{ exchange: 'kraken', symbol: 'ADA/XBT', interval: '1h', tickSize: 0.25, lotSize: 0.5 }] },
    })
  })

  test('a path that says nothing needs the names, a folder without candles is no data', async () => {
    const file = `${place()}.csv`
    writeFileSync(file, 'time,open,high,low,close\n')
    const nameless = await command(['load', 'bars', file, '--dir', place()])
    expect([nameless.code, nameless.err]).toEqual([2, expect.stringContaining("required option '--exchange'")])
    const empty = await command(['load', 'bars', folder, '--dir', place(), '--exchange', 'okx'])
    expect([empty.code, empty.err]).toEqual([1, expect.stringContaining('NO_DATA')])
    const nothing = await command([
      ...['export', 'bars', place(), ...flags.slice(0, -1), '5m', '--dir', await loaded([candle(0), candle(1)])],
    ])
    expect([nothing.code, nothing.err]).toEqual([1, expect.stringMatching(/of other lengths there are 1m/)])
  })
})

describeWith(['data', 'time'], 'real candles', () => {
  test('come back with the same hash', async () => {
    const [dir, to, again] = [place(), place(), place()]
    await documentOf('load', 'bars', join(dataDir, 'bars/btc-perp-1m-2022-01.csv.gz'), ...flags, '--dir', dir)
    await exported(dir, to, '--wide')
    await documentOf('load', 'bars', to, '--dir', again)
    const hash = (log: string) => documentOf<{ rows: number; hash: string }>('hash', 'candles', '--dir', log)
    expect(await hash(again)).toEqual(await hash(dir))
    expect((await hash(dir)).rows).toBe(45_031)
  })
})
