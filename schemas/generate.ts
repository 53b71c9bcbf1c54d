// Writes records.generated.ts from the .avsc files: row types, column types, layouts, builders.
// `node schemas/generate.ts` writes it; `--check` fails when the file on disk is not what would be written.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Field } from './columns.ts'

type Avro = string | AvroType | readonly Avro[]
interface AvroType {
  type: Avro
  name?: string
  doc?: string
  logicalType?: string
  symbols?: string[]
  items?: Avro
  fields?: AvroField[]
  dictionary?: boolean
  number?: boolean
}
interface AvroField {
  name: string
  type: Avro
  doc?: string
  omitFalse?: boolean
}

const folder = import.meta.dirname
const target = join(folder, 'records.generated.ts')

function generate(): string {
  const topics = readdirSync(folder)
    .filter((name) => name.endsWith('.avsc'))
    .map((name) => name.slice(0, -'.avsc'.length))
    .sort()
  const records = topics.map((topic) => {
    const schema = JSON.parse(readFileSync(join(folder, `${topic}.avsc`), 'utf8')) as Required<AvroType>
    const named = new Map<string, AvroType>()
    return { topic, schema, fields: schema.fields.map((field) => toField(field, named)) }
  })
  return [
    '// Made by schemas/generate.ts from the .avsc files. Do not edit: change those and run it.',
    "import { type Bytes, type Dictionary, type Field, type List, absentI64, textAt, wordAt } from './columns.ts'",
    `import {
  BoolWriter,
  BytesWriter,
  DictionaryWriter,
  EnumWriter,
  F64Writer,
  I32Writer,
  I64Writer,
  OffsetsWriter,
} from './writers.ts'\n`,
    `export const recordNames = [${topics.map((topic) => `'${topic}'`).join(', ')}] as const`,
    'export type RecordName = (typeof recordNames)[number]\n',
    ...records.map(({ schema, fields }) => rowType(schema, fields)),
    ...records.map(({ schema, fields }) => columnsType(schema.name, fields)),
    enumConstants(records),
    ...records.map(({ schema, fields, topic }) => builder(schema.name, topic, fields)),
    helpers,
    ...records.map(({ schema, fields }) => reader(schema.name, fields)),
    map('export interface Rows', records, (name) => name),
    map('export interface Columns', records, (name) => `${name}Columns`),
    map('export interface Builders', records, (name) => `${name}Builder`),
    `export const builders: { readonly [T in RecordName]: new () => Builders[T] } = {\n${records
      .map(({ topic, schema }) => `  '${topic}': ${schema.name}Builder,`)
      .join('\n')}\n}\n`,
    `export const rowReaders: { readonly [T in RecordName]: (columns: Columns[T], row: number) => Rows[T] } = {\n${records
      .map(({ topic, schema }) => `  '${topic}': ${lower(schema.name)}At,`)
      .join('\n')}\n}\n`,
    `export const layouts: { readonly [T in RecordName]: readonly Field[] } = {\n${records
      .map(
        ({ topic, fields }) =>
          `  '${topic}': [\n${fields.map((field) => `    ${JSON.stringify(field)},`).join('\n')}\n  ],`,
      )
      .join('\n')}\n}\n`,
  ].join('\n')
}

type Record = { topic: string; schema: Required<AvroType>; fields: Field[] }
function map(head: string, records: Record[], value: (name: string) => string): string {
  return `${head} {\n${records.map(({ topic, schema }) => `  '${topic}': ${value(schema.name)}`).join('\n')}\n}\n`
}

function toField(field: AvroField, named: Map<string, AvroType>): Field {
  let type = field.type
  const optional = Array.isArray(type)
  if (Array.isArray(type)) type = type[1] as Avro
  if (typeof type === 'string' && named.has(type)) type = named.get(type)!
  const full = (typeof type === 'string' ? { type } : type) as AvroType
  if (full.name !== undefined && (full.type === 'enum' || full.type === 'record')) named.set(full.name, full)
  const base = { name: field.name, ...(optional ? { optional } : {}) }
  switch (full.type) {
    case 'double':
      return { ...base, kind: 'f64' }
    case 'int':
      return { ...base, kind: 'i32' }
    case 'boolean':
      return { ...base, kind: 'bool', ...(field.omitFalse ? { omitFalse: true } : {}) }
    case 'string':
      return { ...base, kind: full.dictionary ? 'dict' : 'text' }
    case 'bytes':
      return { ...base, kind: 'bytes' }
    case 'enum':
      // Avro allows no hyphens in symbols; rows have them.
      return { ...base, kind: 'enum', symbols: full.symbols!.map((symbol) => symbol.replaceAll('_', '-')) }
    case 'long':
      if (full.logicalType === 'timestamp-micros') return { ...base, kind: 'f64', time: true, whole: true }
      if (full.logicalType === 'amount-e8') return { ...base, kind: 'i64', amount: true }
      if (full.number) return { ...base, kind: 'f64', whole: true }
      return { ...base, kind: 'i64' }
    case 'array': {
      let items = full.items!
      if (typeof items === 'string' && named.has(items)) items = named.get(items)!
      const record = items as AvroType
      if (record.type === 'record') {
        named.set(record.name!, record)
        return { ...base, kind: 'list', items: record.fields!.map((one) => toField(one, named)) }
      }
      return { ...base, kind: 'list', items: [toField({ name: 'value', type: items }, named)] }
    }
    default:
      throw new Error(`${field.name}: no column for ${JSON.stringify(full)}`)
  }
}

function plain(field: Field): boolean {
  return field.items?.length === 1 && field.items[0]!.name === 'value'
}

function rowValue(field: Field): string {
  switch (field.kind) {
    case 'f64':
    case 'i32':
      return 'number'
    case 'i64':
      return 'bigint'
    case 'bool':
      return 'boolean'
    case 'enum':
      return field.symbols!.map((symbol) => `'${symbol}'`).join(' | ')
    case 'dict':
    case 'text':
      return 'string'
    case 'bytes':
      return 'Uint8Array'
    case 'list':
      if (plain(field)) return `readonly ${rowValue(field.items![0]!)}[]`
      return `readonly { ${field.items!.map((item) => `${item.name}: ${rowValue(item)}`).join('; ')} }[]`
  }
}

function rowType(schema: Required<AvroType>, fields: Field[]): string {
  const lines = fields.map((field, at) => {
    const doc = schema.fields[at]!.doc
    const mark = field.optional || field.omitFalse ? '?' : ''
    const value = field.optional || field.omitFalse ? `${rowValue(field)} | undefined` : rowValue(field)
    return `${doc ? `  /** ${doc} */\n` : ''}  ${field.name}${mark}: ${value}`
  })
  return `/** ${schema.doc} */\nexport interface ${schema.name} {\n${lines.join('\n')}\n}\n`
}

function columnValue(field: Field): string {
  switch (field.kind) {
    case 'f64':
      return 'Float64Array'
    case 'i64':
      return 'BigInt64Array'
    case 'i32':
      return 'Int32Array'
    case 'bool':
    case 'enum':
      return 'Uint8Array'
    case 'dict':
      return 'Dictionary'
    case 'text':
    case 'bytes':
      return 'Bytes'
    case 'list':
      return `List<{ ${field.items!.map((item) => `${item.name}: ${columnValue(item)}`).join('; ')} }>`
  }
}

function columnsType(name: string, fields: Field[]): string {
  return `export interface ${name}Columns {\n${fields.map((field) => `  ${field.name}: ${columnValue(field)}`).join('\n')}\n}\n`
}

function writer(field: Field): string {
  switch (field.kind) {
    case 'f64':
      return 'new F64Writer()'
    case 'i64':
      return 'new I64Writer()'
    case 'i32':
      return 'new I32Writer()'
    case 'bool':
      return 'new BoolWriter()'
    case 'enum':
      return `new EnumWriter(${constantOf(field)})`
    case 'dict':
      return 'new DictionaryWriter()'
    case 'text':
    case 'bytes':
      return 'new BytesWriter()'
    case 'list':
      return 'new OffsetsWriter()'
  }
}

function push(field: Field, writer: string, value: string): string {
  if (field.kind === 'bool') return `${writer}.flag(${value})`
  if (field.kind === 'enum') return `${writer}.name(${value})`
  if (field.kind === 'text') return `${writer}.text(${value})`
  return `${writer}.push(${value})`
}

/**
 * Fields that most rows leave out: nothing is done for them until a row has one. Topics whose rows are pushed one by one; those that come as
 * columns, too, are appended whole and may have no gaps.
 */
const rare: { readonly [topic: string]: readonly string[] } = {
  signals: [
    ...['stop', 'takeProfit', 'confidence', 'trigger', 'triggerBy', 'activation', 'callback', 'display', 'reduceOnly'],
    ...['closePosition', 'expires', 'group', 'parent', 'positionSide'],
  ],
  orders: [
    ...['triggerTicks', 'reduceOnly', 'triggerBy', 'activationTicks', 'callback', 'displayLots', 'closePosition'],
    ...['expires', 'group', 'parent', 'positionSide'],
  ],
  executions: ['positionSide'],
  positions: ['positionSide', 'margin', 'leverage', 'liquidationPrice'],
}

/** Bytes that a row takes of a column, without those of texts. */
const widths = { f64: 8, i64: 8, i32: 4, bool: 1, enum: 1, dict: 2, text: 4, bytes: 4, list: 4 } as const

function builder(name: string, topic: string, fields: Field[]): string {
  const writers: string[] = []
  const pushes: string[] = []
  const takes: string[] = []
  const lengths: string[] = []
  let sparse = 0
  for (const field of fields) {
    const own = `this.${field.name}`
    writers.push(`  readonly ${field.name} = ${writer(field)}`)
    if (rare[topic]?.includes(field.name)) {
      const isThere = field.kind === 'bool' ? `row.${field.name}` : `row.${field.name} !== undefined`
      pushes.push(`    if (${isThere}) ${push(field, `${own}.to(this.count)`, `row.${field.name}`)}`)
      takes.push(`      ${field.name}: ${own}.to(rows).take(),`)
      sparse += widths[field.kind]
      if (field.kind === 'text') lengths.push(`${own}.used`)
      continue
    }
    lengths.push(`${own}.byteLength`)
    if (field.kind !== 'list') {
      pushes.push(`    ${push(field, own, `row.${field.name}`)}`)
      takes.push(`      ${field.name}: this.${field.name}.take(),`)
      continue
    }
    const items = field.items!
    for (const item of items) {
      writers.push(`  readonly ${field.name}_${item.name} = ${writer(item)}`)
      lengths.push(`this.${field.name}_${item.name}.byteLength`)
    }
    const first = `this.${field.name}_${items[0]!.name}`
    pushes.push(`    for (const item of row.${field.name}) {`)
    for (const item of items) {
      pushes.push(`      ${push(item, `this.${field.name}_${item.name}`, plain(field) ? 'item' : `item.${item.name}`)}`)
    }
    pushes.push('    }', `    this.${field.name}.end(${first}.length)`)
    takes.push(
      `      ${field.name}: { offsets: this.${field.name}.take(), columns: { ${items
        .map((item) => `${item.name}: this.${field.name}_${item.name}.take()`)
        .join(', ')} } },`,
    )
  }
  if (sparse > 0) lengths.push(`this.count * ${sparse}`)
  return `export class ${name}Builder {
  readonly topic = '${topic}'
  count = 0
${writers.join('\n')}
  push(row: ${name}): void {
${pushes.join('\n')}
    this.count++
  }
  /** The rows so far, as columns; the builder starts anew. */
  take(): ${name}Columns {
${sparse > 0 ? '    const rows = this.count\n' : ''}    this.count = 0
    return {
${takes.join('\n')}
    }
  }
  get byteLength(): number {
    return ${lengths.join(' + ')}
  }
}
`
}

function read(field: Field, column: string, at: string): string {
  switch (field.kind) {
    case 'f64':
      return field.optional ? `optionalNumber(${column}[${at}]!)` : `${column}[${at}]!`
    case 'i32':
      return `${column}[${at}]!`
    case 'i64':
      return field.optional ? `optionalBigint(${column}[${at}]!)` : `${column}[${at}]!`
    case 'bool':
      return field.omitFalse ? `${column}[${at}] === 1 ? true : undefined` : `${column}[${at}] === 1`
    case 'enum':
      return `${constantOf(field)}[${column}[${at}]!]${field.optional ? '' : '!'}`
    case 'dict':
      return field.optional ? `wordAt(${column}, ${at})` : `wordAt(${column}, ${at})!`
    case 'text':
      return field.optional ? `textAt(${column}, ${at}) || undefined` : `textAt(${column}, ${at})`
    case 'bytes':
      return `${column}.bytes.subarray(${column}.offsets[${at}]!, ${column}.offsets[${at} + 1]!)`
    case 'list': {
      const items = field.items!
      const value = plain(field)
        ? read(items[0]!, `${column}.columns.value`, 'at')
        : `({ ${items.map((item) => `${item.name}: ${read(item, `${column}.columns.${item.name}`, 'at')}`).join(', ')} })`
      return `listOf(${column}.offsets, ${at}, (at) => ${value})`
    }
  }
}

const helpers = `
function optionalNumber(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}
function optionalBigint(value: bigint): bigint | undefined {
  return value === absentI64 ? undefined : value
}
function listOf<T>(offsets: Uint32Array, row: number, item: (at: number) => T): T[] {
  const list: T[] = []
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) list.push(item(at))
  return list
}
`
function reader(name: string, fields: Field[]): string {
  return `/** One row of the columns. */
export function ${lower(name)}At(columns: ${name}Columns, row: number): ${name} {
  return {
${fields.map((field) => `    ${field.name}: ${read(field, `columns.${field.name}`, 'row')},`).join('\n')}
  }
}
`
}

/** Names of an enum, in the order of their numbers; equal lists share a constant. */
function constantOf(field: Field): string {
  return `names_${field.symbols!.join('_').replaceAll('-', '')}`
}

function enumConstants(records: Record[]): string {
  const lines = new Set<string>()
  for (const { fields } of records) {
    for (const field of fields.flatMap((one) => [one, ...(one.items ?? [])])) {
      if (field.kind !== 'enum') continue
      lines.add(`const ${constantOf(field)} = [${field.symbols!.map((symbol) => `'${symbol}'`).join(', ')}] as const`)
    }
  }
  return `${[...lines].join('\n')}\n`
}

function lower(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1)
}

const text = generate()
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('schemas/records.generated.ts is not what the .avsc files say: run node schemas/generate.ts')
    process.exit(1)
  }
} else {
  writeFileSync(target, text)
}
