// A block is read by the schema that wrote it, then given the shape of today's: fields by name, what is new absent.
import { createHash } from 'node:crypto'
import {
  absentCode,
  absentEnum,
  absentI64,
  type Bytes,
  type Column,
  type Field,
  type List,
} from '../../schemas/columns.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { layouts, type RecordName } from '../../schemas/records.generated.ts'

export interface Schema {
  readonly id: bigint
  readonly record: RecordName
  readonly fields: readonly Field[]
  readonly text: string
}

type Columns = Readonly<Record<string, Column>>

const current = new Map<RecordName, Schema>()

/** The schema that blocks of a record type are written by now. */
export function schemaOf(record: RecordName): Schema {
  let schema = current.get(record)
  if (schema === undefined) {
    schema = parseSchema(JSON.stringify({ record, fields: layouts[record].map(stored) }))
    current.set(record, schema)
  }
  return schema
}

/** What of a field decides how its column lies on disk. */
function stored({ name, kind, optional, symbols, items }: Field): Field {
  return { name, kind, optional, symbols, items: items?.map(stored) }
}

/** A schema from its text; the id is the beginning of the text's SHA-256. */
export function parseSchema(text: string): Schema {
  const { record, fields } = JSON.parse(text) as { record: RecordName; fields: Field[] }
  return { id: createHash('sha256').update(text).digest().readBigUInt64LE(0), record, fields, text }
}

/** The id as it stands in the index. */
export function schemaName(id: bigint): string {
  return id.toString(16).padStart(16, '0')
}

/** Columns written by an older (or newer) schema in the shape of today's. @throws SmartspeedError SCHEMA_INCOMPATIBLE */
export function adapt(from: Schema, columns: Columns, rows: number): Columns {
  if (from.id === schemaOf(from.record).id) return columns
  return adaptFields(from.record, from.fields, layouts[from.record], columns, rows)
}

function adaptFields(
  record: string,
  from: readonly Field[],
  to: readonly Field[],
  columns: Columns,
  rows: number,
): Columns {
  const adapted: Record<string, Column> = {}
  for (const field of to) {
    const old = from.find(({ name }) => name === field.name)
    const column = columns[field.name]
    adapted[field.name] =
      old === undefined || column === undefined ? absent(field, rows) : adaptColumn(record, old, field, column)
  }
  return adapted
}

function adaptColumn(record: string, old: Field, field: Field, column: Column): Column {
  if (old.kind === 'list' && field.kind === 'list') {
    const { offsets, columns } = column as List
    return { offsets, columns: adaptFields(record, old.items!, field.items!, columns, offsets.at(-1)!) }
  }
  if (old.kind === 'enum' && field.kind === 'enum') return adaptEnum(record, old, field, column as Uint8Array)
  const alike = (kind: string) => (kind === 'text' ? 'bytes' : kind)
  if (alike(old.kind) === alike(field.kind)) return column
  if (old.kind === 'i32' && field.kind === 'f64') return Float64Array.from(column as Int32Array)
  throw new SmartspeedError(
    'SCHEMA_INCOMPATIBLE',
    `field ${field.name} of ${record} was written as ${old.kind} and is ${field.kind} now`,
    { fix: 'use the version of smartspeed that wrote the log, or import the data anew' },
  )
}

function adaptEnum(record: string, old: Field, field: Field, column: Uint8Array): Uint8Array {
  const numbers = old.symbols!.map((symbol) => field.symbols!.indexOf(symbol))
  if (numbers.every((number, i) => number === i)) return column
  return column.map((code) => {
    if (code === absentEnum) return absentEnum
    const number = numbers[code]
    if (number !== undefined && number >= 0) return number
    throw new SmartspeedError(
      'SCHEMA_INCOMPATIBLE',
      `${field.name} of ${record} was written as "${old.symbols![code]}", which the schema no longer has`,
    )
  })
}

/** A column of absent values; where a field cannot be absent, of zeros and empty texts. */
function absent(field: Field, rows: number): Column {
  switch (field.kind) {
    case 'f64':
      return new Float64Array(rows).fill(field.optional ? Number.NaN : 0)
    case 'i64':
      return new BigInt64Array(rows).fill(field.optional ? absentI64 : 0n)
    case 'i32':
      return new Int32Array(rows)
    case 'bool':
      return new Uint8Array(rows)
    case 'enum':
      return new Uint8Array(rows).fill(field.optional ? absentEnum : 0)
    case 'dict':
      return field.optional
        ? { codes: new Uint16Array(rows).fill(absentCode), values: [] }
        : { codes: new Uint16Array(rows), values: [''] }
    case 'text':
    case 'bytes':
      return { offsets: new Uint32Array(rows + 1), bytes: new Uint8Array(0) } satisfies Bytes
    case 'list': {
      const columns = Object.fromEntries(field.items!.map((item) => [item.name, absent(item, 0)]))
      return { offsets: new Uint32Array(rows + 1), columns } satisfies List
    }
  }
}
