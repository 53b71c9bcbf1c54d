import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codecOf } from '../topics/codec.ts'
import { type AvroSchema, schemaOf, typeOf } from './avro.ts'
import { type RecordName, recordNames } from './records.generated.ts'
import { incompatibility, versionsIn } from './versions.ts'

const versions = versionsIn()

describe('versions of the schemas', () => {
  for (const topic of recordNames) {
    const own = versions.filter((version) => version.topic === topic)

    test(`${topic}: its newest version is the schema, and none is missing`, () => {
      expect(own.map(({ number }) => number)).toEqual(own.map((_, at) => at + 1))
      expect(own.at(-1)?.schema, 'copy the changed schema to schemas/versions: see README.md there').toEqual(
        schemaOf(topic),
      )
    })

    for (const { number, schema } of own) {
      test(`${topic}: rows of version ${number} are read`, () => {
        expect(incompatibility(schemaOf(topic), schema, topic)).toBe(undefined)
        const type = typeOf(schema)
        const codec = codecOf(topic, { schemaId: 0, writers: () => schema })
        fc.assert(
          fc.property(anyOf(schema), (value) => {
            const bytes = Buffer.concat([Buffer.from('0000000001', 'hex'), type.toBuffer(value)])
            expect(codec.decode(bytes)).toMatchObject({ exchange: (value as { exchange: string }).exchange })
          }),
          { numRuns: 20 },
        )
      })
    }
  }

  test('no version is of a topic that is not there', () => {
    expect(versions.filter(({ topic }) => !(recordNames as readonly string[]).includes(topic))).toEqual([])
  })
})

describe('the check of versions turns red', () => {
  const change = (topic: RecordName, edit: (fields: Field[]) => void): string | undefined => {
    const changed = structuredClone(schemaOf(topic)) as unknown as { fields: Field[] }
    edit(changed.fields)
    return incompatibility(changed as unknown as AvroSchema, schemaOf(topic), topic)
  }
  const of = (fields: Field[], name: string): Field => fields.find((field) => field.name === name)!

  test('on a new field without a default', () => {
    expect(change('trades', (fields) => fields.push({ name: 'venue', type: 'string' }))).toContain('venue')
    expect(change('trades', (fields) => fields.push({ name: 'venue', type: 'string', default: '' }))).toBe(undefined)
  })

  test('on a renamed field', () => {
    expect(change('trades', (fields) => Object.assign(of(fields, 'price'), { name: 'cost' }))).toContain('cost')
  })

  test('on a type that cannot hold the older one', () => {
    expect(change('trades', (fields) => Object.assign(of(fields, 'price'), { type: 'int' }))).toBeTypeOf('string')
    expect(change('quotes', (fields) => Object.assign(of(fields, 'sequence'), { type: 'long' }))).toBeTypeOf('string')
    expect(change('alerts', (fields) => Object.assign(of(fields, 'message'), { type: 'bytes' }))).toBe(undefined)
  })

  test('on a symbol that is gone, also inside a union', () => {
    const without = (symbols: string[]) => ({ type: 'enum', name: 'Side', symbols })
    expect(change('trades', (fields) => Object.assign(of(fields, 'side'), { type: without(['buy']) }))).toContain(
      'sell',
    )
    expect(
      change('orders', (fields) => Object.assign(of(fields, 'side'), { type: ['null', without(['sell'])] })),
    ).toContain('buy')
  })
})

interface Field {
  name: string
  type: unknown
  default?: unknown
}

/** Any value of an Avro schema, as avsc takes it. */
function anyOf(schema: unknown, named = new Map<string, unknown>()): fc.Arbitrary<unknown> {
  if (Array.isArray(schema)) return fc.oneof(...schema.map((one) => anyOf(one, named)))
  if (typeof schema === 'string')
    return named.has(schema) ? anyOf(named.get(schema), named) : anyOf({ type: schema }, named)
  const full = schema as {
    type: string
    name?: string
    number?: boolean
    logicalType?: string
    symbols?: string[]
    items?: unknown
    fields?: Field[]
  }
  if (full.name !== undefined) named.set(full.name, full)
  switch (full.type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'int':
      return fc.integer()
    case 'long':
      return full.number || full.logicalType === 'timestamp-micros'
        ? fc.maxSafeInteger()
        : fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'double':
      return fc.double()
    case 'string':
      return fc.string({ unit: 'grapheme' })
    case 'bytes':
      return fc.uint8Array().map((bytes) => Buffer.from(bytes))
    case 'enum':
      return fc.constantFrom(...full.symbols!)
    case 'array':
      return fc.array(anyOf(full.items, named), { maxLength: 3 })
    case 'record':
      return fc.record(Object.fromEntries(full.fields!.map(({ name, type }) => [name, anyOf(type, named)])))
    default:
      throw new Error(`no values for ${JSON.stringify(schema)}`)
  }
}
