// Tables that are not topics, in every format: round trips, runs, the tables of a report.
import { e8ToText } from '../../operators/portfolio/money.ts'
import { words } from '../../schemas/byte-text.ts'
import type { Field } from '../../schemas/columns.ts'
import { SmartspeedError, unknownName } from '../../schemas/errors.ts'
import { printLine, printResult } from '../output.ts'
import { arrowObjects } from './arrow.ts'
import type { RowOptions } from './index.ts'
import type { ObjectFormat, ObjectSink, Row } from './objects.ts'
import { parquetObjects } from './parquet.ts'
import { fileTarget, stdoutTarget, type Target } from './target.ts'

export interface Table {
  readonly name: string
  readonly fields: readonly Field[]
  readonly rows: Iterable<Row> | AsyncIterable<Row>
}

/** Fields of tables: text, a number, a whole number, µs since 1970 UTC, whole 10⁻⁸ of money. Each may be absent. */
export const text = (name: string): Field => ({ name, kind: 'text', optional: true })
export const number = (name: string): Field => ({ name, kind: 'f64' })
export const whole = (name: string): Field => ({ name, kind: 'f64', whole: true })
export const time = (name: string): Field => ({ name, kind: 'f64', whole: true, time: true })
export const amount = (name: string): Field => ({ name, kind: 'i64', amount: true, optional: true })

const formats: Readonly<Record<string, ObjectFormat>> = {
  ...{ jsonl: jsonObjects, csv: csvObjects, arrow: arrowObjects, parquet: parquetObjects },
}

/** Rows that are handed on at once. */
const rowsAtOnce = 1024

/** Errors: UNKNOWN_NAME with the nearest format. */
export function tableFormat(name: string): ObjectFormat {
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined
  if (format === undefined) throw unknownName('format', name, Object.keys(formats))
  return format
}

/** The format of a table by its flag, else by the ending of its file, else JSON Lines. Errors: UNKNOWN_NAME; USAGE as `formatOf`. */
export function tableFormatOf({ format, output, json }: RowOptions): ObjectFormat {
  const ending = output === undefined ? undefined : /\.([a-z]+)(\.gz)?$/.exec(output)?.[1]
  const name = format ?? (ending !== undefined && Object.hasOwn(formats, ending) ? ending : 'jsonl')
  const chosen = tableFormat(name)
  if (output !== undefined) return chosen
  if (json && name !== 'jsonl') {
    throw new SmartspeedError('USAGE', `--json prints one JSON array, --format ${name} does not`, {
      fix: 'leave one of them out',
    })
  }
  if ((name === 'arrow' || name === 'parquet') && process.stdout.isTTY) {
    throw new SmartspeedError('USAGE', `${name} is not for a terminal`, { fix: `add -o FILE.${name}` })
  }
  return chosen
}

/** A row a figure: its name, its value, and where there is none the reason. */
export function figureTable(
  name: string,
  { reasons, ...figures }: { readonly reasons: Readonly<Record<string, string | undefined>> } & object,
): Table {
  const rows = Object.entries(figures).map(([figure, value]) => {
    return { figure, value: (value as number | null) ?? undefined, reason: reasons[figure] }
  })
  return { name, fields: [text('figure'), number('value'), text('reason')], rows }
}

/** Writes a table to stdout, or to a file that stands under its name only when it is whole; gives its rows. */
export async function writeTable(table: Table, format: ObjectFormat, output: string | undefined): Promise<number> {
  const target = output === undefined ? stdoutTarget() : await fileTarget(output)
  try {
    const sink = format(table.fields, target)
    let rows = 0
    let some: Row[] = []
    for await (const row of table.rows) {
      some.push(row)
      rows++
      if (some.length < rowsAtOnce) continue
      await sink.write(some)
      some = []
    }
    if (some.length > 0) await sink.write(some)
    await sink.end()
    await target.close()
    return rows
  } catch (error) {
    await target.discard()
    throw error
  }
}

/** Prints a table as the options ask: with `--json` one array, and with `-o` too what was written. */
export async function printTable(table: Table, options: RowOptions): Promise<void> {
  const format = tableFormatOf(options)
  const { json, output } = options
  if (json && output === undefined) {
    const rows = []
    for await (const row of table.rows) rows.push(plainRow(table.fields, row))
    return printLine(JSON.stringify(rows))
  }
  const rows = await writeTable(table, format, output)
  if (output !== undefined) await printResult(json, { rows, file: output }, () => `${rows} rows in ${output}`)
}

/** Money as decimal text, absent values null. */
function jsonObjects(fields: readonly Field[], target: Target): ObjectSink {
  return {
    async write(rows) {
      const lines = Array.from(rows, (row) => `${JSON.stringify(plainRow(fields, row))}\n`)
      await target.write(words(lines.join('')))
    },
    async end() {},
  }
}

/** A row as JSON says it. */
export function plainRow(fields: readonly Field[], row: Row): Record<string, string | number | boolean | null> {
  return Object.fromEntries(fields.map((field) => [field.name, plain(field, row[field.name])]))
}

function plain({ amount }: Field, value: unknown): string | number | boolean | null {
  if (value === undefined || value === null) return null
  if (amount) return e8ToText(value as bigint)
  if (typeof value === 'number' && !Number.isFinite(value)) return null
  return value as string | number | boolean
}

/** RFC 4180; absent cells are empty. */
function csvObjects(fields: readonly Field[], target: Target): ObjectSink {
  let header = `${fields.map(({ name }) => name).join(',')}\n`
  return {
    async write(rows) {
      const lines = Array.from(
        rows,
        (row) => `${fields.map((field) => cell(plain(field, row[field.name]))).join(',')}\n`,
      )
      await target.write(words(header + lines.join('')))
      header = ''
    },
    async end() {
      await target.write(words(header))
    },
  }
}

function cell(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
