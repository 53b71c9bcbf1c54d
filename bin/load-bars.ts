// Candles from a file, or from a folder of Parquet files whose paths say whose they are.
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  type LayoutFile,
  layoutFile,
  layoutFiles,
  layoutText,
  readMetadata,
  type SeriesName,
  seriesFolder,
  seriesOf,
} from '../connectors/files/candle-layout.ts'
import { checkExchange } from '../connectors/files/instrument.ts'
import { parseInterval } from '../operators/bars/index.ts'
import { type LoadCandles, type LoadedCandles, loadCandles } from '../pipelines/load-candles.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Topics } from '../topics/topics.ts'

export interface BarsCall extends Partial<SeriesName> {
  /** A file, or the folder of a layout. */
  readonly path: string
  readonly timeColumn?: string | undefined
  readonly tickSize?: number | undefined
  readonly lotSize?: number | undefined
  readonly settle?: string | undefined
}

/** One file and whose candles it holds. */
export type PlannedBars = Omit<LoadCandles, 'signal' | 'onProgress'>

/** What was loaded of a folder: sums, and each file. */
export interface LoadedFolder {
  readonly rows: number
  readonly from: number
  readonly to: number
  readonly duplicates: number
  readonly contradictions: number
  readonly deadLetters: number
  readonly files: readonly (SeriesName & { readonly file: string } & LoadedCandles)[]
}

/**
 * The files that a call names, checked before anything is opened. Flags say whose candles a file holds; of a file in a layout its path
 * does where they do not, and of a folder they choose series. Steps and currency are the flags', else those of metadata.json.
 *
 * Errors: USAGE for a name that neither says; UNKNOWN_NAME, CONFIG_INVALID for one that is none; NO_DATA for a folder without such
 *         files; FILE_CORRUPT for metadata that are none.
 */
export async function planBars({ path, ...call }: BarsCall): Promise<{ folder: boolean; files: PlannedBars[] }> {
  const folder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false
  if (!folder) {
    const at = layoutFile(resolve(path))
    return { folder, files: [await planOne({ ...(at ?? {}), ...givenNames(call), file: path }, call, at)] }
  }
  const files = (await layoutFiles(path)).filter((one) => isWanted(one, call))
  if (files.length === 0) {
    throw new SmartspeedError('NO_DATA', `${path} holds no candles of that name as ${layoutText}`, {
      fix: 'name a CSV or Parquet file, with --exchange, --symbol and --interval',
    })
  }
  return { folder, files: await Promise.all(files.map((one) => planOne(one, call, one))) }
}

/** Loads the files in their order. Errors: those of `loadCandles`, after what was committed. */
export async function loadFolder(
  topics: Topics,
  files: readonly PlannedBars[],
  signal?: AbortSignal,
): Promise<LoadedFolder> {
  const loaded: LoadedFolder['files'][number][] = []
  for (const plan of files) {
    const { exchange, symbol, interval, file } = plan
    const result = await loadCandles(topics, { ...plan, ...(signal === undefined ? {} : { signal }) })
    loaded.push({ file, exchange, symbol, interval: interval.name, ...result })
  }
  const sum = (of: (one: LoadedCandles) => number): number => loaded.reduce((total, one) => total + of(one), 0)
  return {
    rows: sum(({ rows }) => rows),
    from: Math.min(...loaded.map(({ from }) => from)),
    to: Math.max(...loaded.map(({ to }) => to)),
    duplicates: sum(({ duplicates }) => duplicates),
    contradictions: sum(({ contradictions }) => contradictions),
    deadLetters: sum(({ deadLetters }) => deadLetters),
    files: loaded,
  }
}

type Call = Omit<BarsCall, 'path'>

function givenNames({ exchange, symbol, interval }: Call): Partial<SeriesName> {
  return {
    ...(exchange === undefined ? {} : { exchange }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(interval === undefined ? {} : { interval }),
  }
}

function isWanted(one: SeriesName, call: Call): boolean {
  return (['exchange', 'symbol', 'interval'] as const).every((key) => call[key] === undefined || call[key] === one[key])
}

async function planOne(
  name: Partial<SeriesName> & { readonly file: string },
  { timeColumn, tickSize, lotSize, settle }: Call,
  at: LayoutFile | undefined,
): Promise<PlannedBars> {
  const { file } = name
  const [exchange, symbol, interval] = [needed(name, 'exchange'), needed(name, 'symbol'), needed(name, 'interval')]
  checkExchange(exchange)
  const parsed = parseInterval(interval)
  if (parsed.kind !== 'time') {
    throw new SmartspeedError('CONFIG_INVALID', `--interval ${interval}: candles have a length in time`, {
      fix: 'choose 1s, 1m, 5m, 1h … 1d',
    })
  }
  const told = at === undefined ? undefined : await stepsOf(at)
  return {
    ...{ file, exchange, symbol, timeColumn, interval: { name: parsed.name, us: parsed.us } },
    ...{ tickSize: tickSize ?? told?.tickSize, lotSize: lotSize ?? told?.lotSize, settle: settle ?? told?.settle },
  }
}

function needed(name: Partial<SeriesName> & { readonly file: string }, key: keyof SeriesName): string {
  const value = name[key]
  if (value !== undefined) return value
  throw new SmartspeedError('USAGE', `required option '--${key}' not specified`, {
    fix: `a path that ends in ${layoutText} says it; ${name.file} does not`,
  })
}

/** What metadata.json says of a series; steps that were only read off its data are not told as known. */
async function stepsOf(at: LayoutFile): Promise<{ tickSize?: number; lotSize?: number; settle: string } | undefined> {
  const dir = dirname(dirname(dirname(dirname(at.file))))
  const own = seriesOf(await readMetadata(dir), at)
  if (own === undefined || seriesFolder(dir, own) !== dirname(at.file)) return undefined
  const { tickSize, lotSize, settle, inferred } = own
  return inferred ? { settle } : { tickSize, lotSize, settle }
}
