// The .avsc files as Avro types, and whether a type can read what another wrote.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import avro from 'avsc'
import { SmartspeedError } from './errors.ts'
import type { RecordName } from './records.generated.ts'

/** An Avro schema as JSON. */
export type AvroSchema = avro.Schema

const texts = new Map<RecordName, AvroSchema>()

/** The schema of a topic, as its .avsc file says it. */
export function schemaOf(record: RecordName): AvroSchema {
  let schema = texts.get(record)
  if (schema === undefined) {
    schema = readSchema(join(import.meta.dirname, `${record}.avsc`))
    texts.set(record, schema)
  }
  return schema
}

/** The schema in a file. */
export function readSchema(file: string): AvroSchema {
  return JSON.parse(readFileSync(file, 'utf8')) as AvroSchema
}

/** A schema as a type whose 64-bit longs are BigInts; times and other longs that stay below 2^53 are numbers, as rows have them. */
export function typeOf(schema: AvroSchema): avro.Type {
  return avro.Type.forSchema(schema, { typeHook: longs })
}

function longs(schema: AvroSchema): avro.Type | undefined {
  if (schema === 'long') return bigLong
  const { type, logicalType, number } = schema as { type?: unknown; logicalType?: string; number?: boolean }
  if (type !== 'long') return undefined
  return number === true || logicalType === 'timestamp-micros' ? numberLong : bigLong
}

/** The library's own reads and writes numbers beyond ±2^52 wrong where they are negative. */
const numberLong = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => {
    const value = bytes.readInt32LE(4) * 0x1_0000_0000 + bytes.readUInt32LE(0)
    if (Number.isSafeInteger(value)) return value
    throw new RangeError(`${bytes.readBigInt64LE()} does not fit a double`)
  },
  toBuffer: (value: number) => {
    const bytes = Buffer.allocUnsafe(8)
    const high = Math.floor(value / 0x1_0000_0000)
    bytes.writeInt32LE(high, 4)
    bytes.writeUInt32LE(value - high * 0x1_0000_0000, 0)
    return bytes
  },
  fromJSON: Number,
  toJSON: (value: number) => value,
  isValid: Number.isSafeInteger,
  compare: (a: number, b: number) => Math.sign(a - b),
})

const bigLong = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: (value: string | number) => BigInt(value),
  toJSON: (value: bigint) => String(value),
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
})

/** A reader's type, for the bytes that a writer's type made. @throws SmartspeedError SCHEMA_INCOMPATIBLE */
export function resolverOf(reader: avro.Type, writer: avro.Type, name: string): avro.Resolver {
  try {
    return reader.createResolver(writer)
  } catch (cause) {
    throw new SmartspeedError(
      'SCHEMA_INCOMPATIBLE',
      `${name}: the schema cannot read what the older one wrote: ${(cause as Error).message}`,
      {
        cause,
        fix: 'give a new field a default, keep old types and symbols: schemas/versions/README.md',
      },
    )
  }
}
