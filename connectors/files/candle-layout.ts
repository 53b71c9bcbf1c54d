// Candles as a folder of Parquet files: DIR/<exchange>/<SYMBOL>/<interval>/<year>.parquet, and DIR/metadata.json about all of them.
// Times are the start of each candle in ms, without a zone and meaning UTC; prices and sizes are decimals.
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { SmartspeedError } from '../../schemas/errors.ts'

/** Whose candles, and how long one is. */
export interface SeriesName {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
}

/** Digits of the decimals: 18 and 8 fit most; 38 and 18 fit what does not. */
export interface Digits {
  readonly precision: number
  readonly scale: number
}

export const narrow: Digits = { precision: 18, scale: 8 }
export const wide: Digits = { precision: 38, scale: 18 }

const file = z.object({ year: z.int(), rows: z.int(), from: z.int(), to: z.int() })
const series = z.object({
  ...{ exchange: z.string(), symbol: z.string(), interval: z.string(), precision: z.int(), scale: z.int() },
  ...{ tickSize: z.number(), lotSize: z.number(), settle: z.string() },
  /** True when tick and lot were read off the data. */
  inferred: z.boolean(),
  /** `from`: start of the first candle, `to`: end of the last one, µs since 1970 UTC. */
  files: z.array(file),
})
const metadata = z.object({ layout: z.string(), version: z.literal(1), series: z.array(series) })

export type LayoutSeries = z.infer<typeof series>

/** What metadata.json says: every series, by exchange, symbol and interval. */
export type LayoutMetadata = z.infer<typeof metadata>

export const layoutText = '<exchange>/<symbol>/<interval>/<year>.parquet'

/** The folder of a series. A name that could not be a folder has its signs as %XX: `ADA%2FXBT`. */
export function seriesFolder(dir: string, { exchange, symbol, interval }: SeriesName): string {
  return join(dir, folderName(exchange), folderName(symbol), folderName(interval))
}

function folderName(name: string): string {
  const text = encodeURIComponent(name)
  return /^\.+$/.test(text) ? text.replaceAll('.', '%2E') : text
}

export function metadataFile(dir: string): string {
  return join(dir, 'metadata.json')
}

/** What DIR/metadata.json says; nothing where there is none. Errors: FILE_CORRUPT when it is another document. */
export async function readMetadata(dir: string): Promise<LayoutMetadata> {
  const path = metadataFile(dir)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (text === undefined) return { layout: layoutText, version: 1, series: [] }
  try {
    return metadata.parse(JSON.parse(text))
  } catch (cause) {
    throw new SmartspeedError('FILE_CORRUPT', `${path} does not describe candles in this layout`, {
      cause,
      fix: 'move it away: the names of the folders say the same, and steps are read off the data',
    })
  }
}

/** The series that a metadata file says something of. */
export function seriesOf({ series }: LayoutMetadata, name: SeriesName): LayoutSeries | undefined {
  return series.find((one) => seriesFolder('', one) === seriesFolder('', name))
}

export interface LayoutFile extends SeriesName {
  readonly file: string
  readonly year: number
}

/** Every file of a layout by exchange, symbol, interval and year; files and folders of other names are passed over. */
export async function layoutFiles(dir: string): Promise<LayoutFile[]> {
  const found: LayoutFile[] = []
  for (const exchange of await folders(dir)) {
    for (const symbol of await folders(join(dir, exchange))) {
      for (const interval of await folders(join(dir, exchange, symbol))) {
        const folder = join(dir, exchange, symbol, interval)
        for (const name of (await readdir(folder)).sort()) {
          const one = layoutFile(join(folder, name))
          if (one !== undefined) found.push(one)
        }
      }
    }
  }
  return found
}

/** What the path of a file says of it; undefined when it does not end as the layout's do. */
export function layoutFile(path: string): LayoutFile | undefined {
  const [, year] = /^(\d{4})\.parquet$/.exec(basename(path)) ?? []
  const [interval, symbol, exchange] = [path, dirname(path), dirname(dirname(path))].map((at) => basename(dirname(at)))
  if (year === undefined || [interval, symbol, exchange].some((name) => !name || name === '.')) return undefined
  try {
    const [own, of, on] = [exchange!, symbol!, interval!].map(decodeURIComponent) as [string, string, string]
    return { file: path, year: Number(year), exchange: own, symbol: of, interval: on }
  } catch {
    // A stray % in a name: no folder of this layout.
    return undefined
  }
}

async function folders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/** Doubles below this are told apart from their neighbours by whole steps of 10⁻⁸. */
const mostExact = 2 ** 53

/**
 * A double as the whole number that a decimal stores, when its shortest text has no more digits than fit: what is read back is the
 * same double. Undefined when it does not fit.
 */
export function decimalOfDouble(value: number, { precision, scale }: Digits): bigint | undefined {
  const steps = Math.round(value * 1e8)
  if (scale === narrow.scale && Math.abs(steps) < mostExact && steps / 1e8 === value) return BigInt(steps)
  const [, sign, whole, part = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  if (whole === undefined) return undefined
  const power = scale + Number(exponent) - part.length
  if (power < 0 || power > precision) return undefined
  const steps10 = BigInt(whole + part) * 10n ** BigInt(power)
  if (steps10 >= 10n ** BigInt(precision)) return undefined
  return sign === '-' ? -steps10 : steps10
}
