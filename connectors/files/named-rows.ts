// Rows by the names of their fields: CSV with a first line of names, a JSON list of objects, or an object a line; plain or gzip.
import { SmartspeedError } from '../../schemas/errors.ts'
import { openCapture } from '../capture.ts'
import { cellsOf, excerpt, separatorOf } from './cells.ts'
import { linesOf } from './lines.ts'

export interface NamedRow {
  /** The text of a field; undefined when it is absent, empty or null. Case, `_`, `-` and spaces in names do not count. */
  get(name: string): string | undefined
  /** File and line, or number in a list, for an error. */
  readonly place: string
}

/**
 * The rows of a file, in its order. A list of JSON is held in memory, other files are not.
 * Errors: FILE_…; MESSAGE_UNREADABLE for a row that is no object or not as long as the line of names.
 */
export async function* namedRows(file: string): AsyncGenerator<NamedRow> {
  let names: readonly string[] | undefined
  let list = ''
  let separator = ','
  for await (const { text, number } of linesOf(await openCapture(file))) {
    const place = `${file}, line ${number}`
    if (list !== '' || (names === undefined && text.trimStart().startsWith('['))) list += `${text}\n`
    else if (text.trimStart().startsWith('{')) yield objectRow(parsed(text, place), place)
    else if (names === undefined) {
      separator = separatorOf(text)
      names = cellsOf(text, separator).map(plain)
    } else yield cellRow(names, cellsOf(text, separator), place)
  }
  if (list === '') return
  const rows = parsed(list, file)
  if (!Array.isArray(rows)) throw unreadable(`${file} is no list of rows`)
  for (const [at, row] of rows.entries()) yield objectRow(row, `${file}, row ${at + 1}`)
}

function cellRow(names: readonly string[], cells: readonly string[], place: string): NamedRow {
  if (cells.length !== names.length) {
    throw unreadable(`${place}: ${cells.length} cells, and ${names.length} columns have names`)
  }
  return {
    place,
    get(name) {
      const cell = cells[names.indexOf(plain(name))]
      return cell === '' ? undefined : cell
    },
  }
}

function objectRow(row: unknown, place: string): NamedRow {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw unreadable(`${place}: ${excerpt(JSON.stringify(row))} is no object`)
  }
  const fields = new Map(Object.entries(row).map(([name, value]) => [plain(name), value as unknown]))
  return {
    place,
    get(name) {
      const value = fields.get(plain(name))
      return value === undefined || value === null || value === '' ? undefined : String(value)
    },
  }
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadable(`${place}: ${excerpt(text)} is no JSON`, cause)
  }
}

/** `clientOrderId`, `client_order_id` and `Client Order ID` are one name. */
function plain(name: string): string {
  return name.replace(/[\s_-]/g, '').toLowerCase()
}

function unreadable(message: string, cause?: unknown): SmartspeedError {
  return new SmartspeedError('MESSAGE_UNREADABLE', message, { cause, fix: 'CSV with a line of names, or JSON objects' })
}
