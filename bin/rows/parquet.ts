// Rows as a Parquet file, row group by row group.
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { rowAt } from '../../schemas/batch.ts'
import type { Field } from '../../schemas/columns.ts'
import { layouts, type RecordName } from '../../schemas/records.generated.ts'
import type { RowSink } from './index.ts'
import type { Target } from './target.ts'

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number]

/** Rows that are held until they are a row group. */
const groupRows = 65_536

/** Times become timestamps of µs in UTC; money stays whole 10⁻⁸; absent fields are null; lists are lists of structs. */
export function parquet(record: RecordName, target: Target): RowSink {
  const fields = layouts[record]
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: fields.length }, ...fields.flatMap(elements)],
    createdBy: 'smartspeed',
  })
  let columns = fields.map((): unknown[] => [])

  async function flush(): Promise<void> {
    const rows = columns[0]!.length
    if (rows > 0) {
      await writer.write({
        columnData: fields.map(({ name }, at) => ({ name, data: columns[at]! })),
        rowGroupSize: rows,
      })
      columns = fields.map(() => [])
    }
    await drain()
  }

  async function drain(): Promise<void> {
    const written = bytes.getBytes().slice()
    bytes.index = 0
    await target.write(written)
  }

  return {
    async write(merged) {
      for (let row = 0; row < merged.rows; row++) {
        const object = rowAt(merged.sources[merged.source[row]!]!, merged.row[row]!) as unknown as Record<
          string,
          unknown
        >
        for (let at = 0; at < fields.length; at++)
          columns[at]!.push(parquetValue(fields[at]!, object[fields[at]!.name]))
      }
      if (columns[0]!.length >= groupRows) await flush()
    },
    async end() {
      await flush()
      await writer.finish()
      await drain()
    },
  }
}

function elements(field: Field): SchemaElement[] {
  const { name } = field
  const repetition_type = field.optional || field.kind === 'f64' ? 'OPTIONAL' : 'REQUIRED'
  switch (field.kind) {
    case 'f64':
      if (field.time) return [{ name, type: 'INT64', converted_type: 'TIMESTAMP_MICROS', repetition_type }]
      return [{ name, type: field.whole ? 'INT64' : 'DOUBLE', repetition_type }]
    case 'i64':
      return [{ name, type: 'INT64', repetition_type }]
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

function parquetValue(field: Field, value: unknown): unknown {
  if (field.kind === 'bool') return value === true
  if (value === undefined) return undefined
  if (field.kind === 'f64') {
    if (!Number.isFinite(value)) return undefined
    return field.whole ? BigInt(value as number) : value
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
