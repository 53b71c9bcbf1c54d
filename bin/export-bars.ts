// Candles of a topic as a folder of Parquet files, a file a year: connectors/files/candle-layout.ts says the layout.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet'
import {
  type Digits,
  decimalOfDouble,
  type LayoutMetadata,
  type LayoutSeries,
  layoutText,
  metadataFile,
  narrow,
  readMetadata,
  type SeriesName,
  seriesFolder,
  seriesOf,
  wide,
} from '../connectors/files/candle-layout.ts'
import { newestInstrument } from '../pipelines/load-candles.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Candle } from '../schemas/records.generated.ts'
import { isoOf } from '../schemas/time.ts'
import type { Topics } from '../topics/topics.ts'
import { type Counts, candlesOf } from './export-candles.ts'
import { openOutputFile } from './output-file.ts'
import { parquetColumns, type SchemaElement } from './rows/parquet.ts'
import { fileTarget } from './rows/target.ts'

export interface ExportBars extends SeriesName {
  readonly dir: string
  /** Decimals of 38 digits, 18 of them behind the point, for what 18 and 8 do not hold. */
  readonly wide?: boolean
  /** Takes what has more digits than the decimals to the nearest. */
  readonly round?: boolean
  readonly signal?: AbortSignal
}

export interface ExportedBars extends SeriesName, Readonly<Counts> {
  readonly dir: string
  readonly rows: number
  /** Numbers that were taken to the nearest decimal. */
  readonly rounded: number
  readonly files: readonly {
    readonly year: number
    readonly file: string
    readonly rows: number
    /** Start of its first candle and end of its last one, µs. */
    readonly from: number
    readonly to: number
  }[]
}

/** Rows of a row group. */
const groupRows = 65_536
const numbers = ['open', 'high', 'low', 'close', 'volume', 'quoteVolume'] as const
const names = { open: 'open', high: 'high', low: 'low', close: 'close', volume: 'volume', quoteVolume: 'quote_volume' }

/**
 * Writes every candle of a series, and what DIR/metadata.json says of it. A file of a year stands under its name only when it is whole;
 * one that has more candles than the topic is not written over.
 *
 * Errors: NO_DATA; VALUE_IMPOSSIBLE for a number that the decimals do not hold exactly, and for candles in no order; FILE_EXISTS for a
 *         file with more candles; INTERRUPTED.
 */
export async function exportBars(topics: Topics, { dir, ...options }: ExportBars): Promise<ExportedBars> {
  const { wide: isWide, round = false, signal, ...name } = options
  const digits = isWide ? wide : narrow
  const rounding = { round, rounded: 0 }
  const metadata = await readMetadata(dir)
  const folder = seriesFolder(dir, name)
  const counts: Counts = { duplicates: 0, contradictions: 0 }
  const files: ExportedBars['files'][number][] = []
  let year: YearFile | undefined
  const close = async (): Promise<void> => {
    if (year !== undefined) files.push(await year.close())
    year = undefined
  }
  try {
    for await (const candle of candlesOf(topics, name, counts)) {
      if (signal?.aborted) throw new SmartspeedError('INTERRUPTED', 'stopped: years that were whole are there')
      const its = new Date(candle.openTime / 1000).getUTCFullYear()
      if (year?.year !== its) {
        await close()
        await mkdir(folder, { recursive: true })
        year = await openYear(join(folder, `${its}.parquet`), its, digits, rounding)
      }
      await year!.add(candle)
    }
    await close()
  } catch (error) {
    await year?.discard()
    throw error
  }
  await writeMetadata(dir, metadata, await described(topics, name, { digits, files, before: seriesOf(metadata, name) }))
  const rows = files.reduce((sum, one) => sum + one.rows, 0)
  return { dir, ...name, ...counts, rows, rounded: rounding.rounded, files }
}

type YearFile = Awaited<ReturnType<typeof openYear>>

interface Rounding {
  readonly round: boolean
  rounded: number
}

async function openYear(file: string, year: number, digits: Digits, rounding: Rounding) {
  const target = await fileTarget(file)
  const writer = parquetColumns(schemaOf(digits), target)
  let [rows, from, to] = [0, 0, 0]
  let columns = emptyColumns()

  async function flush(): Promise<void> {
    if (columns.timestamp.length === 0) return
    await writer.write(Object.entries(columns).map(([name, data]) => ({ name, data })))
    columns = emptyColumns()
  }

  return {
    year,
    async add(candle: Candle): Promise<void> {
      if (rows++ === 0) from = candle.openTime
      to = candle.time
      columns.timestamp.push(millis(candle))
      for (const field of numbers) columns[names[field]]!.push(decimal(candle, field, digits, rounding))
      columns.trades.push(count(candle))
      if (columns.timestamp.length >= groupRows) await flush()
    },
    async close() {
      await flush()
      await writer.end()
      const there = existsSync(file) ? await rowsOf(file) : 0
      if (there > rows) {
        throw new SmartspeedError('FILE_EXISTS', `${file} has ${there} candles, the topic has ${rows} of that year`, {
          fix: `load it first: smartspeed load bars ${file}; or export into another folder`,
        })
      }
      await target.close()
      return { year, file, rows, from, to }
    },
    discard: () => target.discard(),
  }
}

function emptyColumns(): { timestamp: unknown[]; trades: unknown[]; [name: string]: unknown[] } {
  return { timestamp: [], ...Object.fromEntries(numbers.map((field) => [names[field], [] as unknown[]])), trades: [] }
}

function schemaOf({ precision, scale }: Digits): SchemaElement[] {
  const bytes =
    precision > 18 ? ({ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 } as const) : { type: 'INT64' as const }
  return [
    {
      ...{ name: 'timestamp', type: 'INT64', repetition_type: 'OPTIONAL' },
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
    },
    ...numbers.map(
      (field): SchemaElement => ({
        ...{ name: names[field], ...bytes, converted_type: 'DECIMAL', precision, scale },
        repetition_type: 'OPTIONAL',
      }),
    ),
    { name: 'trades', type: 'INT32', repetition_type: 'OPTIONAL' },
  ]
}

function millis({ openTime, symbol }: Candle): bigint {
  if (openTime % 1000 === 0) return BigInt(openTime / 1000)
  throw new SmartspeedError('VALUE_IMPOSSIBLE', `${symbol}: a candle begins at ${isoOf(openTime)}, not at a whole ms`)
}

function decimal(candle: Candle, field: (typeof numbers)[number], digits: Digits, rounding: Rounding) {
  const value = candle[field]
  if (value === undefined) return undefined
  const exact = decimalOfDouble(value, digits)
  if (exact !== undefined) return exact
  const near = rounding.round ? decimalOfDouble(Number(value.toFixed(digits.scale)), digits) : undefined
  if (near !== undefined) {
    rounding.rounded++
    return near
  }
  const { precision, scale } = digits
  throw new SmartspeedError(
    'VALUE_IMPOSSIBLE',
    `${candle.symbol}: ${names[field]} ${value} of the candle from ${isoOf(candle.openTime)} is no decimal(${precision}, ${scale})`,
    {
      fix:
        digits === wide
          ? 'write it as it is: smartspeed cat candles -o FILE.parquet'
          : '--wide writes decimals of 38 digits, 18 of them behind the point; --round takes it to the nearest',
    },
  )
}

function count({ trades, symbol, openTime }: Candle): number | undefined {
  if (trades === undefined || trades < 2_147_483_648) return trades
  throw new SmartspeedError(
    'VALUE_IMPOSSIBLE',
    `${symbol}: ${trades} trades from ${isoOf(openTime)} do not fit 32 bits`,
  )
}

async function rowsOf(file: string): Promise<number> {
  return Number((await parquetMetadataAsync(await asyncBufferFromFile(file))).num_rows)
}

/** What metadata.json says of the series: files that were there before and were not written stay. */
async function described(
  topics: Topics,
  name: SeriesName,
  of: { digits: Digits; files: ExportedBars['files']; before: LayoutSeries | undefined },
): Promise<LayoutSeries> {
  const { digits, files, before } = of
  const instrument = (await newestInstrument(topics, name))!
  const { tickSize, lotSize, settle, inferred } = instrument
  const written = new Set(files.map(({ year }) => year))
  return {
    ...{ ...name, ...digits, tickSize, lotSize, settle, inferred },
    files: [
      ...(before?.files ?? []).filter(({ year }) => !written.has(year)),
      ...files.map(({ year, rows, from, to }) => ({ year, rows, from, to })),
    ].sort((a, b) => a.year - b.year),
  }
}

async function writeMetadata(dir: string, { series }: LayoutMetadata, one: LayoutSeries): Promise<void> {
  const key = (name: SeriesName): string => seriesFolder('', name)
  const all = [...series.filter((other) => key(other) !== key(one)), one]
  const sorted = all.sort((a, b) => (key(a) < key(b) ? -1 : 1))
  const text = `${JSON.stringify({ layout: layoutText, version: 1, series: sorted }, null, 2)}\n`
  const output = await openOutputFile(metadataFile(dir))
  await output.write(Buffer.from(text))
  await output.close()
}
