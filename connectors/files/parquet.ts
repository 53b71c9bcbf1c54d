// Rows of a parquet file, a row group at a time and by column, so that memory holds one group. Times come as whole numbers in their own
// unit, decimals as their own digits: nothing passes through a Date or a double on the way.
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, type Compressors, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Table, TableRow } from './table.ts'

const compressors: Compressors = {
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
  ZSTD: (bytes) => zstdDecompressSync(bytes),
}

const parsers = {
  timestampFromMilliseconds: (millis: bigint) => millis,
  timestampFromMicroseconds: (micros: bigint) => micros,
  timestampFromNanoseconds: (nanos: bigint) => nanos,
}

/** Errors: FILE_CORRUPT when its end, where a parquet file says what is in it, cannot be read. */
export async function parquetTable(path: string): Promise<Table> {
  const file = await asyncBufferFromFile(path)
  const { metadata, scales } = wholeDecimals(
    await parquetMetadataAsync(file).catch((cause) => {
      throw corrupt(path, cause)
    }),
  )
  const rows = Number(metadata.num_rows)
  const columns = metadata.schema.slice(1).map(({ name }) => name)
  const first: TableRow = { cells: columns, text: columns.join(','), number: 1 }
  let done = 0
  return {
    file: path,
    get share() {
      return rows === 0 ? 1 : done / rows
    },
    check: async () => {},
    async *rows() {
      yield first
      for (const { num_rows } of metadata.row_groups) {
        const [start, end] = [done, done + Number(num_rows)]
        const chunks = new Map(columns.map((name) => [name, [] as Chunk[]]))
        const onChunk = ({ columnName, columnData, rowStart }: ColumnData) =>
          chunks.get(columnName)?.push({ start: rowStart, values: columnData })
        const read = { file, metadata, compressors, parsers, utf8: false, rowStart: start, rowEnd: end, onChunk }
        await parquetRead(read).catch((cause) => {
          throw corrupt(path, cause)
        })
        const lists = columns.map((name) => chunks.get(name)!)
        for (let row = start; row < end; row++) {
          const cells = lists.map((list, at) => textOf(valueAt(list, row), scales.get(columns[at]!)))
          yield { cells, text: cells.join(','), number: row + 2 }
        }
        done = end
      }
      return true
    },
  }
}

type ColumnData = Parameters<NonNullable<Parameters<typeof parquetRead>[0]['onChunk']>>[0]

/** Values of a column from a row of the file on. */
interface Chunk {
  readonly start: number
  readonly values: ColumnData['columnData']
}

function valueAt(chunks: readonly Chunk[], row: number): unknown {
  const chunk = chunks.findLast(({ start }) => start <= row)
  return chunk?.values[row - chunk.start]
}

/** A value as the text of a cell; of a decimal, which came as a whole number, with its point. */
function textOf(value: unknown, scale: number | undefined): string {
  if (value === undefined || value === null) return ''
  if (scale !== undefined) return decimalText(wholeOf(value), scale)
  return value instanceof Uint8Array ? decoder.decode(value) : String(value)
}

const decoder = new TextDecoder()

/**
 * The metadata of a file with its decimals taken for what they are stored as, whole numbers, and the scale of each such column: the
 * reader's own conversion multiplies doubles.
 */
export function wholeDecimals(metadata: FileMetaData): { metadata: FileMetaData; scales: ReadonlyMap<string, number> } {
  const scales = new Map<string, number>()
  const schema = metadata.schema.map((element) => {
    const { converted_type, logical_type, ...rest } = element
    if (converted_type !== 'DECIMAL' && logical_type?.type !== 'DECIMAL') return element
    scales.set(element.name, element.scale ?? (logical_type?.type === 'DECIMAL' ? logical_type.scale : 0))
    return rest
  })
  return { metadata: { ...metadata, schema }, scales }
}

/** The whole number that a decimal is stored as: itself, or bytes with the highest first, in two's complement. */
export function wholeOf(value: unknown): bigint {
  if (!(value instanceof Uint8Array)) return BigInt(value as number | bigint)
  let whole = 0n
  for (const byte of value) whole = (whole << 8n) | BigInt(byte)
  return BigInt.asIntN(8 * value.length, whole)
}

/** `1.05` from 105n with a scale of 2; no zeros at the end. */
function decimalText(whole: bigint, scale: number): string {
  if (scale <= 0) return String(whole * 10n ** BigInt(-scale))
  const digits = (whole < 0n ? -whole : whole).toString().padStart(scale + 1, '0')
  const decimals = digits.slice(-scale).replace(/0+$/, '')
  return `${whole < 0n ? '-' : ''}${digits.slice(0, -scale)}${decimals === '' ? '' : `.${decimals}`}`
}

function corrupt(file: string, cause: unknown): SmartspeedError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new SmartspeedError('FILE_CORRUPT', `${file} cannot be read as parquet: ${why}`, {
    cause,
    fix: 'get the file again, or write it as CSV',
  })
}
