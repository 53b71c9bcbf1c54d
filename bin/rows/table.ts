// Columns of numbers as rows: CSV with an empty cell, or one JSON array with null, for a number that is not there yet.
import { words } from '../../schemas/byte-text.ts'
import type { Target } from './target.ts'

export interface TableSink {
  /** A column a name, all of one length. */
  write(columns: readonly Float64Array[]): Promise<void>
  end(): Promise<void>
}

/** Rows that are written at once. */
const rowsAtOnce = 1024

export function csvTable(names: readonly string[], target: Target): TableSink {
  let header = `${names.join(',')}\n`
  return {
    async write(columns) {
      for (const rows of parts(columns)) {
        await target.write(words(header + rows.map((row) => `${row.map(cell).join(',')}\n`).join('')))
        header = ''
      }
    },
    async end() {
      await target.write(words(header))
    },
  }
}

export function jsonTable(names: readonly string[], target: Target): TableSink {
  const keys = names.map((name) => `${JSON.stringify(name)}:`)
  let before = '['
  return {
    async write(columns) {
      for (const rows of parts(columns)) {
        const objects = rows.map(
          (row) => `{${row.map((value, at) => `${keys[at]}${cell(value) || 'null'}`).join(',')}}`,
        )
        await target.write(words(before + objects.join(',')))
        before = ','
      }
    },
    async end() {
      await target.write(words(before === '[' ? '[]\n' : ']\n'))
    },
  }
}

function* parts(columns: readonly Float64Array[]): Generator<number[][]> {
  const rows = columns[0]?.length ?? 0
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const length = Math.min(rowsAtOnce, rows - from)
    yield Array.from({ length }, (_, row) => columns.map((column) => column[from + row]!))
  }
}

function cell(value: number): string {
  return Number.isFinite(value) ? String(value) : ''
}
