import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchOf, builderOf, take } from '../schemas/batch.ts'
import { type RecordName, type Rows, recordNames } from '../schemas/records.generated.ts'
import { anyRow } from '../tests/rows.ts'
import { codecOf } from './codec.ts'
import { sourceOf } from './decode.ts'

/** Rows of a wire form, one after another, decoded into one batch. */
function decoded<T extends RecordName>(topic: T, rows: readonly Uint8Array[]) {
  const builder = builderOf(topic)
  const decode = codecOf(topic, { schemaId: 7 }).into(builder)
  // Between other bytes, as in a record batch.
  const source = sourceOf(Buffer.concat([Buffer.alloc(3, 255), ...rows, Buffer.alloc(3, 255)]))
  let at = 3
  for (const { length } of rows) {
    decode(source, at, at + length)
    at += length
  }
  return take<T>(builder)
}

describe('rows decoded straight into columns', () => {
  for (const topic of recordNames) {
    test(`${topic}: any rows give the columns that avsc and a builder give`, () => {
      const codec = codecOf(topic, { schemaId: 7 })
      fc.assert(
        fc.property(fc.array(anyRow(topic), { maxLength: 12 }), (rows) => {
          const bytes = rows.map((row) => codec.encode(row as Rows[typeof topic]))
          const slowly = bytes.map((one) => codec.decode(one))
          expect(decoded(topic, bytes)).toEqual(batchOf(topic, slowly))
        }),
        { numRuns: 60 },
      )
    })

    test(`${topic}: T12: a row that is cut or lengthened is a named error, never a row`, () => {
      const codec = codecOf(topic, { schemaId: 7 })
      const [row] = fc.sample(anyRow(topic), { numRuns: 1, seed: 3 })
      const bytes = codec.encode(row as Rows[typeof topic])
      const invalid = expect.objectContaining({ code: 'RECORD_INVALID' })
      for (let length = 0; length < Math.min(bytes.length, 600); length++) {
        expect(() => decoded(topic, [bytes.subarray(0, length)]), `${length} bytes`).toThrow(invalid)
      }
      expect(() => decoded(topic, [Buffer.concat([bytes, Buffer.alloc(1)])])).toThrow(invalid)
    })
  }

  test('a list in several blocks, with or without their length, is one list', () => {
    const values = [1, 2, 3]
    const bytes = Buffer.from(codecOf('predictions', { schemaId: 7 }).encode({ ...prediction, values }))
    const doubles = Buffer.from(Float64Array.from(values).buffer)
    const whole = Buffer.concat([Buffer.from([6]), doubles, Buffer.from([0])])
    const at = bytes.indexOf(whole)
    expect(at).toBeGreaterThan(0)
    const blocks = Buffer.concat([
      ...[Buffer.from([2]), doubles.subarray(0, 8), Buffer.from([3, 32]), doubles.subarray(8), Buffer.from([0])],
    ])
    const others = Buffer.concat([bytes.subarray(0, at), blocks, bytes.subarray(at + whole.length)])
    expect(decoded('predictions', [others])).toEqual(decoded('predictions', [bytes]))
  })

  test('numbers that no row can hold are named errors', () => {
    const codec = codecOf('heartbeats', { schemaId: 7 })
    const bytes = Buffer.from(codec.encode({ ...heartbeat, time: 0 }))
    const with0 = (...first: number[]) => Buffer.concat([bytes.subarray(0, 5), Buffer.from(first), bytes.subarray(6)])
    const huge = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    expect(() => decoded('heartbeats', [with0(...huge)])).toThrow(/does not fit a double/)
    expect(() => decoded('heartbeats', [with0(...huge.with(9, 0x81), 1)])).toThrow(/more than 64 bits/)
  })
})

const common = { time: 1, received: 2, exchange: 'x', symbol: 'y' }
const heartbeat: Rows['heartbeats'] = { ...common, connection: 'c', watermark: 3 }
const prediction = { ...common, model: 'm', version: '1' }
