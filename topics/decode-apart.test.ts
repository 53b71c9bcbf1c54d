import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AvroRows } from '../native/avro.ts'
import { builderOf, take } from '../schemas/batch.ts'
import { type RecordName, type Rows, recordNames } from '../schemas/records.generated.ts'
import { rounds } from '../tests/data.ts'
import { anyRow } from '../tests/rows.ts'
import { codecOf } from './codec.ts'
import { sourceOf } from './decode.ts'
import { decodeApart } from './decode-apart.ts'

const schemaId = 7

/** Rows between other bytes, as in a record batch. */
function partOf(rows: readonly Uint8Array[]): AvroRows {
  const bytes = Buffer.concat([Buffer.alloc(3, 255), ...rows, Buffer.alloc(3, 255)])
  let at = 3
  const ends = Int32Array.from(rows, ({ length }) => (at += length))
  return { bytes, starts: ends.map((end, i) => end - rows[i]!.length), ends }
}

/** What decode.ts makes of them. */
function reference<T extends RecordName>(topic: T, rows: readonly Uint8Array[]) {
  const builder = builderOf(topic)
  const decode = codecOf(topic, { schemaId }).into(builder)
  for (const row of rows) decode(sourceOf(row), 0, row.length)
  return take<T>(builder)
}

describe('rows decoded on another thread', () => {
  for (const topic of recordNames) {
    test(`${topic}: any rows, however they are cut into parts, give the columns of decode.ts`, async () => {
      const codec = codecOf(topic, { schemaId })
      const rows = fc.array(anyRow(topic), { maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(rows, fc.nat({ max: 12 }), async (rows, cut) => {
          const bytes = rows.map((row) => codec.encode(row as Rows[typeof topic]))
          const parts = [partOf(bytes.slice(0, cut)), partOf(bytes.slice(cut))]
          expect(bitsOf(await decodeApart(topic, schemaId, parts))).toEqual(bitsOf(reference(topic, bytes)))
        }),
        { numRuns: rounds(60, 15) },
      )
    })

    test(`${topic}: T12: a row that is cut, lengthened or changed is read as decode.ts reads it, or left to it`, async () => {
      const [row] = fc.sample(anyRow(topic), { numRuns: 1, seed: 3 })
      const bytes = Buffer.from(codecOf(topic, { schemaId }).encode(row as Rows[typeof topic]))
      const apart = (one: Uint8Array) => decodeApart(topic, schemaId, [partOf([bytes, one])])
      for (let length = 0; length < Math.min(bytes.length, 600); length++) {
        expect(await apart(bytes.subarray(0, length)), `${length} bytes`).toBeUndefined()
      }
      expect(await apart(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined()
      let read = 0
      for (let at = 5; at < Math.min(bytes.length, 200); at++) {
        for (const flip of [1, 2, 0x80]) {
          const changed = Buffer.from(bytes)
          changed[at]! ^= flip
          const found = await apart(changed)
          if (found === undefined) continue
          expect(bitsOf(found), `byte ${at} ^ ${flip}`).toEqual(bitsOf(reference(topic, [bytes, changed])))
          read++
        }
      }
      expect(read).toBeGreaterThan(0)
    })
  }

  test('rows of another schema, and ones without a value, are left to decode.ts', async () => {
    const rows = [bytesOf('a')]
    expect(await decodeApart('heartbeats', schemaId, [partOf(rows)])).toEqual(reference('heartbeats', rows))
    expect(await decodeApart('heartbeats', 8, [partOf(rows)])).toBeUndefined()
    const { bytes } = partOf(rows)
    const none = Int32Array.of(-1)
    expect(await decodeApart('heartbeats', schemaId, [{ bytes, starts: none, ends: none }])).toBeUndefined()
  })

  test('words that JavaScript would read as others are left to decode.ts', async () => {
    const of = (connection: string) => decodeApart('heartbeats', schemaId, [partOf([bytesOf(connection)])])
    expect((await of('é'))?.columns.connection.values).toEqual(['é'])
    expect(await of('\u{feff}x')).toBeUndefined()
    const broken = Buffer.from(bytesOf('xyz'))
    broken[broken.indexOf('xyz')] = 0xff
    expect(await decodeApart('heartbeats', schemaId, [partOf([broken])])).toBeUndefined()
  })

  test('a dictionary has room for 65,535 words, and no more', async () => {
    const rows = Array.from({ length: 65_536 }, (_, i) => bytesOf(String(i)))
    const most = await decodeApart('heartbeats', schemaId, [partOf(rows.slice(1))])
    expect(most?.columns.connection.values).toHaveLength(65_535)
    expect(await decodeApart('heartbeats', schemaId, [partOf(rows)])).toBeUndefined()
  })
})

function bytesOf(connection: string): Uint8Array {
  const row = { time: 1, received: 2, exchange: 'x', symbol: 'y', connection, watermark: 3 }
  return codecOf('heartbeats', { schemaId }).encode(row)
}

/** With doubles as their bits, so that −0 and every NaN tell apart. */
function bitsOf(value: unknown): unknown {
  if (value instanceof Float64Array) return new BigUint64Array(value.slice().buffer)
  if (ArrayBuffer.isView(value) || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, bitsOf(one)]))
}
