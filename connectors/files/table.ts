// A file of rows of cells: text with separators, plain or gzip, or parquet. Read in pieces, so that memory does not grow with it.
import { open } from 'node:fs/promises'
import { type Capture, openCapture } from '../capture.ts'
import { cellsOf, separatorOf } from './cells.ts'
import { linesOf } from './lines.ts'

export interface TableRow {
  readonly cells: readonly string[]
  /** The row as text, for a dead letter. */
  readonly text: string
  /** Of its line, from 1; of a parquet file the row's, the names of its columns being line 1. */
  readonly number: number
}

export interface Table {
  readonly file: string
  /**
   * Every row, that of the columns' names too where there is one. Returns false when the file ends in the middle; a line that
   * is cut off with it is not given.
   * Errors: FILE_CORRUPT, FILE_BINARY.
   */
  rows(): AsyncGenerator<TableRow, boolean>
  /** Resolves when the file agrees with its own checksum. Errors: FILE_CORRUPT. */
  check(): Promise<void>
  /** Share of the file read so far, 0…1. */
  readonly share: number
}

/** Errors: FILE_MISSING, with files of a like name; FILE_BINARY; FILE_CORRUPT for a parquet file without its end. */
export async function openTable(file: string): Promise<Table> {
  const capture = await openCapture(file)
  if (!(await isParquet(file))) return textTable(capture)
  const { parquetTable } = await import('./parquet.ts')
  return parquetTable(file)
}

/** Whether the file begins as parquet files do. */
export async function isParquet(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const head = new Uint8Array(4)
    await handle.read(head, 0, 4, 0)
    return String.fromCharCode(...head) === 'PAR1'
  } finally {
    await handle.close()
  }
}

function textTable(capture: Capture): Table {
  let position = 0
  return {
    file: capture.file,
    get share() {
      return capture.size === 0 ? 1 : position / capture.size
    },
    check: () => capture.check(),
    async *rows() {
      const lines = linesOf(capture)
      let separator: string | undefined
      let last: TableRow | undefined
      for (;;) {
        const { done, value: line } = await lines.next()
        if (done) {
          // A last line without an end is whole when the data are.
          if (line && last !== undefined) yield last
          return line
        }
        position = line.position
        separator ??= separatorOf(line.text)
        const row = { cells: cellsOf(line.text, separator), text: line.text, number: line.number }
        if (line.ended) yield row
        else last = row
      }
    },
  }
}
