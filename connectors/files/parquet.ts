// Rows of a parquet file, a row group at a time and by column, so that memory holds one group. Times come as whole numbers in their own unit: nothing passes through a Date.
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, type Compressors, parquetMetadataAsync, parquetRead } from 'hyparquet'
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
  const metadata = await parquetMetadataAsync(file).catch((cause) => {
    throw corrupt(path, cause)
  })
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
        const read = { file, metadata, compressors, parsers, rowStart: start, rowEnd: end, onChunk }
        await parquetRead(read).catch((cause) => {
          throw corrupt(path, cause)
        })
        const lists = columns.map((name) => chunks.get(name)!)
        for (let row = start; row < end; row++) {
          const cells = lists.map((list) => textAt(list, row))
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

function textAt(chunks: readonly Chunk[], row: number): string {
  const chunk = chunks.findLast(({ start }) => start <= row)
  const value: unknown = chunk?.values[row - chunk.start]
  return value === undefined || value === null ? '' : String(value)
}

function corrupt(file: string, cause: unknown): SmartspeedError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new SmartspeedError('FILE_CORRUPT', `${file} cannot be read as parquet: ${why}`, {
    cause,
    fix: 'get the file again, or write it as CSV',
  })
}
