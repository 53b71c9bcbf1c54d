// Rows for people, pipes and files: what `cat`, `bars` and `trades` print.
import { extname } from 'node:path'
import type { Batch, Merged } from '../../schemas/batch.ts'
import { SmartspeedError, unknownName } from '../../schemas/errors.ts'
import type { RecordName } from '../../schemas/records.generated.ts'
import { printResult } from '../output.ts'
import { arrowObjects } from './arrow.ts'
import { csv } from './csv.ts'
import { jsonArray, jsonLines } from './json.ts'
import { ofRecord } from './objects.ts'
import { parquetObjects } from './parquet.ts'
import { fileTarget, stdoutTarget, type Target } from './target.ts'

/** Takes rows of one record type, and ends. Nothing that it was given is kept, but for the rows of one row group. */
export interface RowSink {
  write(rows: Merged): Promise<void>
  end(): Promise<void>
}

export type RowFormat = (record: RecordName, target: Target) => RowSink

const formats: Readonly<Record<string, RowFormat>> = {
  jsonl: jsonLines,
  csv,
  arrow: ofRecord(arrowObjects),
  parquet: ofRecord(parquetObjects),
}
const binary = new Set(['arrow', 'parquet'])

export interface RowOptions {
  readonly format?: string | undefined
  /** A file instead of stdout; its ending says the format, unless that is given. */
  readonly output?: string | undefined
  readonly json?: boolean | undefined
}

/**
 * Prints rows as they come, no faster than the reader takes them.
 *
 * Out:    the number of rows. With `--json` one array on stdout; with `-o` and `--json`, `{rows, file}` there.
 * Errors: UNKNOWN_NAME for a format, USAGE for flags that exclude each other; those of the rows and of the file system.
 */
export async function printRows(record: RecordName, rows: AsyncIterable<Merged>, options: RowOptions): Promise<number> {
  const { output, json } = options
  const open = formatOf(options)
  const target = output === undefined ? stdoutTarget() : await fileTarget(output)
  let count = 0
  try {
    const sink = open(record, target)
    for await (const merged of rows) {
      await sink.write(merged)
      count += merged.rows
    }
    await sink.end()
    await target.close()
  } catch (error) {
    await target.discard()
    throw error
  }
  if (output !== undefined) await printResult(json, { rows: count, file: output }, () => `${count} rows in ${output}`)
  return count
}

/** The format that the options ask for; to be called before any work is done. */
export function formatOf({ format, output, json }: RowOptions): RowFormat {
  const ending = output === undefined ? undefined : extname(output.replace(/\.gz$/, '')).slice(1)
  const name = format ?? (ending !== undefined && Object.hasOwn(formats, ending) ? ending : 'jsonl')
  const chosen = Object.hasOwn(formats, name) ? formats[name] : undefined
  if (chosen === undefined) throw unknownName('format', name, Object.keys(formats))
  if (output === undefined && json) {
    if (format === undefined || format === 'jsonl') return jsonArray
    throw new SmartspeedError('USAGE', `--json prints one JSON array, --format ${format} does not`, {
      fix: 'leave one of them out',
    })
  }
  if (output === undefined && binary.has(name) && process.stdout.isTTY) {
    throw new SmartspeedError('USAGE', `${name} is not for a terminal`, { fix: `add -o FILE.${name}` })
  }
  return chosen
}

/** A batch as a merged batch of its own. */
export function mergedOf(batch: Batch, rows = batch.rows): Merged {
  return {
    rows,
    source: new Uint16Array(rows),
    row: Uint32Array.from({ length: rows }, (_, row) => row),
    sources: [batch],
  }
}

/** The first rows of those that come; no more is read than that takes. */
export async function* limited(rows: AsyncIterable<Merged>, limit: number | undefined): AsyncGenerator<Merged> {
  let left = limit ?? Number.POSITIVE_INFINITY
  if (left <= 0) return
  for await (const merged of rows) {
    yield merged.rows <= left ? merged : { ...merged, rows: left }
    left -= merged.rows
    if (left <= 0) return
  }
}
