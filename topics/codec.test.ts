import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { schemaOf, typeOf } from '../schemas/avro.ts'
import { batchOf, builderOf, rowAt, take } from '../schemas/batch.ts'
import type { Field } from '../schemas/columns.ts'
import { layouts, type RecordName, type Rows, recordNames } from '../schemas/records.generated.ts'
import { root } from '../tests/data.ts'
import { anyRow } from '../tests/rows.ts'
import { codecOf } from './codec.ts'
import { sourceOf } from './decode.ts'

interface Golden {
  readonly topic: RecordName
  readonly row: Record<string, unknown>
  readonly hex: string
}

const golden = JSON.parse(readFileSync(join(root, 'tests/golden/avro/rows.json'), 'utf8')) as Golden[]

describe('the codec', () => {
  for (const topic of recordNames) {
    test(`${topic}: writes the bytes that fastavro writes, and reads them`, () => {
      const rows = golden.filter((one) => one.topic === topic)
      expect(rows).toHaveLength(2)
      const codec = codecOf(topic, { schemaId: 258 })
      for (const { row, hex } of rows) {
        const expected = rowOf(layouts[topic], row) as unknown as Rows[typeof topic]
        const bytes = Buffer.from(`0000000102${hex}`, 'hex')
        expect(Buffer.from(codec.encode(expected)).toString('hex')).toBe(bytes.toString('hex'))
        expect(codec.decode(bytes)).toEqual(expected)
      }
    })

    test(`${topic}: any row comes back from its bytes, and through columns`, () => {
      const codec = codecOf(topic, { schemaId: 7 })
      fc.assert(
        fc.property(anyRow(topic), (row) => {
          const plain = row as Rows[typeof topic]
          expect(codec.decode(codec.encode(plain))).toEqual(plain)
          const batch = batchOf(topic, [plain, plain])
          const builder = builderOf(topic)
          const decode = codec.into(builder)
          for (const bytes of codec.encodeBatch(batch)) decode(sourceOf(bytes), 0, bytes.length)
          const back = take<typeof topic>(builder)
          expect([rowAt(back, 0), rowAt(back, 1)]).toEqual([rowAt(batch, 0), rowAt(batch, 1)])
        }),
        { numRuns: 40 },
      )
    })
  }

  test('rows of another registered schema are read by its id: fields it lacks take their defaults', () => {
    const older = structuredClone(schemaOf('trades')) as { fields: { name: string }[] }
    older.fields = older.fields.filter(({ name }) => name !== 'timeEstimated')
    const schema = older as ReturnType<typeof schemaOf>
    const codec = codecOf('trades', { schemaId: 2, writers: (id) => (id === 1 ? schema : undefined) })
    const bytes = Buffer.concat([Buffer.from('0000000001', 'hex'), typeOf(schema).toBuffer(trade)])
    expect(codec.decode(bytes)).toEqual({ ...trade, timeEstimated: undefined })
  })

  test('a long that no double can count is an error where a number stands', () => {
    const bytes = Buffer.from(codecOf('heartbeats', { schemaId: 7 }).encode({ ...heartbeat, time: 0 }))
    const huge = Buffer.from('feffffffffffffffff01', 'hex')
    const grown = Buffer.concat([bytes.subarray(0, 5), huge, bytes.subarray(6)])
    expect(() => codecOf('heartbeats', { schemaId: 7 }).decode(grown)).toThrow(/9223372036854775807 does not fit/)
  })

  test('T12: cut, lengthened, foreign or unknown bytes are named errors, never rows', () => {
    const codec = codecOf('trades', { schemaId: 7 })
    const bytes = codec.encode({ ...trade, id: 'é' })
    for (let length = 0; length < bytes.length; length++) {
      expect(() => codec.decode(bytes.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'RECORD_INVALID' }),
      )
    }
    const wrong = (change: (bytes: Uint8Array) => Uint8Array) => () => codec.decode(change(bytes.slice()))
    expect(wrong((one) => Buffer.concat([one, one]))).toThrow(/no row of trades/)
    expect(wrong((one) => one.with(0, 1))).toThrow(/begin with 0/)
    expect(wrong((one) => one.with(4, 9))).toThrow(/schema id 9 is not known/)
  })

  test('a row that does not fit its schema is refused when it is written', () => {
    const codec = codecOf('trades', { schemaId: 7 })
    expect(() => codec.encode({ ...trade, price: undefined as never })).toThrow(
      expect.objectContaining({ code: 'RECORD_INVALID' }),
    )
    expect(() => codec.encode({ ...trade, time: 0.5 })).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }))
  })

  test('rows longer than the first buffer are written whole', () => {
    const codec = codecOf('trades', { schemaId: 7 })
    const row = { ...trade, id: 'é'.repeat(100_000) }
    expect(codec.decode(codec.encode(row)).id).toBe(row.id)
  })
})

const trade: Rows['trades'] = {
  time: 1,
  received: 2,
  exchange: 'x',
  symbol: 'y',
  price: 1,
  size: 2,
  side: 'buy',
  id: '3',
}

const heartbeat: Rows['heartbeats'] = { time: 1, received: 2, exchange: 'x', symbol: '', connection: 'c', watermark: 3 }

/** A golden row as the product has it: BigInts, bytes, undefined for null, no flag that is false. */
function rowOf(fields: readonly Field[], row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.name, anyValue(field, row[field.name])]))
}

function anyValue(field: Field, value: unknown): unknown {
  if (value === null || (field.omitFalse && value === false)) return undefined
  if (field.kind === 'i64') return BigInt(value as string)
  if (field.kind === 'bytes') return new Uint8Array(Buffer.from(value as string, 'hex'))
  if (field.kind !== 'list') return value
  const items = field.items!
  const plain = items.length === 1 && items[0]!.name === 'value'
  return (value as unknown[]).map((item) =>
    plain ? anyValue(items[0]!, item) : rowOf(items, item as Record<string, unknown>),
  )
}
