// Rows as a Parquet file, row group by row group.
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { Field } from '../../schemas/columns.ts'
import { amountPrecision, amountScale, type ObjectSink } from './objects.ts'
import type { Target } from './target.ts'

export type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number]

/** Rows that are held until they are a row group. */
const groupRows = 65_536

/**
 * Times become timestamps of µs in UTC, money decimals of scale 8, enums text; absent fields and NaN are null; lists are
 * lists of structs.
 */
export function parquetObjects(fields: readonly Field[], target: Target): ObjectSink {
  const writer = parquetColumns(fields.flatMap(elements), target)
  let columns = fields.map((): unknown[] => [])

  async function flush(): Promise<void> {
    if (columns[0]!.length === 0) return
    await writer.write(fields.map(({ name }, at) => ({ name, data: columns[at]! })))
    columns = fields.map(() => [])
  }

  return {
    async write(rows) {
      for (const row of rows) {
        for (let at = 0; at < fields.length; at++) columns[at]!.push(parquetValue(fields[at]!, row[fields[at]!.name]))
      }
      if (columns[0]!.length >= groupRows) await flush()
    },
    async end() {
      await flush()
      await writer.end()
    },
  }
}

/** A Parquet file by columns: each write is a row group. */
export function parquetColumns(schema: readonly SchemaElement[], target: Target) {
  const bytes = new ByteWriter()
  const children = topLevel(schema)
  const root: SchemaElement = { name: 'root', num_children: children }
  const writer = new ParquetWriter({ writer: bytes, schema: [root, ...schema], createdBy: 'smartspeed' })

  async function drain(): Promise<void> {
    const written = bytes.getBytes().slice()
    bytes.index = 0
    await target.write(written)
  }

  return {
    async write(columnData: { name: string; data: unknown[] }[]): Promise<void> {
      await writer.write({ columnData, rowGroupSize: columnData[0]!.data.length })
      await drain()
    },
    async end(): Promise<void> {
      await writer.finish()
      await drain()
    },
  }
}

/** How many of these elements are no children of others. */
function topLevel(schema: readonly SchemaElement[]): number {
  return schema.length - schema.reduce((sum, { num_children = 0 }) => sum + num_children, 0)
}

function elements(field: Field): SchemaElement[] {
  const { name } = field
  const repetition_type = field.optional || field.kind === 'f64' ? 'OPTIONAL' : 'REQUIRED'
  switch (field.kind) {
    case 'f64':
      if (field.time) return [{ ...{ name, repetition_type }, ...timestamp }]
      return [{ name, type: field.whole ? 'INT64' : 'DOUBLE', repetition_type }]
    case 'i64':
      return [field.amount ? amount(name, repetition_type) : { name, type: 'INT64', repetition_type }]
    case 'i32':
      return [{ name, type: 'INT32', repetition_type }]
    case 'bool':
      return [{ name, type: 'BOOLEAN', repetition_type }]
    case 'enum':
    case 'dict':
    case 'text':
      return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type }]
    case 'bytes':
      return [{ name, type: 'BYTE_ARRAY', repetition_type }]
    case 'list': {
      const items = field.items!
      const element: SchemaElement[] = isPlain(field)
        ? elements({ ...items[0]!, name: 'element' })
        : [{ name: 'element', num_children: items.length, repetition_type: 'REQUIRED' }, ...items.flatMap(elements)]
      return [
        { name, converted_type: 'LIST', num_children: 1, repetition_type: 'REQUIRED' },
        { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
        ...element,
      ]
    }
  }
}

/** Both ways of saying it: some readers know one, some take the zone from the other. */
const timestamp: Omit<SchemaElement, 'name'> = {
  ...{ type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
}

/** 64 bits reach past 18 digits, which is what a decimal of 8 bytes may have. */
function amount(name: string, repetition_type: 'OPTIONAL' | 'REQUIRED'): SchemaElement {
  return {
    ...{ name, type: 'FIXED_LEN_BYTE_ARRAY', type_length: 9, repetition_type },
    ...{ converted_type: 'DECIMAL', scale: amountScale, precision: amountPrecision },
  }
}

function parquetValue(field: Field, value: unknown): unknown {
  if (field.kind === 'bool') return value === true
  if (value === undefined) return undefined
  if (field.kind === 'f64') {
    if (Number.isNaN(value)) return undefined
    return field.whole || field.time ? BigInt(value as number) : value
  }
  if (field.kind !== 'list') return value
  return (value as unknown[]).map((item) => {
    if (isPlain(field)) return parquetValue(field.items![0]!, item)
    const object = item as Record<string, unknown>
    return Object.fromEntries(field.items!.map((one) => [one.name, parquetValue(one, object[one.name])]))
  })
}

function isPlain({ items }: Field): boolean {
  return items!.length === 1 && items![0]!.name === 'value'
}
