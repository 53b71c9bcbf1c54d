import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf, rowAt } from '../schemas/batch.ts'
import { absentCode } from '../schemas/columns.ts'
import { type RecordName, type Rows, recordNames } from '../schemas/records.generated.ts'
import { anyRow } from '../tests/rows.ts'
import { codecOf } from './codec.ts'

function bytesOf<T extends RecordName>(topic: T, rows: readonly Rows[T][]): { fast: string[]; slow: string[] } {
  const codec = codecOf(topic, { schemaId: 0x01020304 })
  const batch = batchOf(topic, rows)
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return { fast: codec.encodeBatch(batch).map(hex), slow: rows.map((_, row) => hex(codec.encode(rowAt(batch, row)))) }
}

for (const topic of recordNames) {
  test(`${topic}: columns give the bytes that avsc writes of their rows`, () => {
    fc.assert(
      fc.property(fc.array(anyRow(topic), { maxLength: 12 }), (rows) => {
        const { fast, slow } = bytesOf(topic, rows as unknown as Rows[typeof topic][])
        expect(fast).toEqual(slow)
      }),
      { numRuns: 60 },
    )
  })
}

test('rows longer than the memory they begin with are written whole', () => {
  const [row] = fc.sample(anyRow('snapshots'), { numRuns: 1, seed: 1 })
  const rows = [0, 3_000_000, 1].map((length) => ({ ...row!, bytes: new Uint8Array(length).fill(7) }))
  const { fast, slow } = bytesOf('snapshots', rows)
  expect(fast.map(({ length }) => length)).toEqual(slow.map(({ length }) => length))
  expect(fast).toEqual(slow)
})

test('a column that holds what no row may is a named error', () => {
  const codec = codecOf('heartbeats', { schemaId: 7 })
  const batch = batchOf('heartbeats', [
    { time: 1, received: 2, exchange: 'x', symbol: '', connection: 'c', watermark: 3 },
  ])
  const with_ = (columns: object) => ({ ...batch, columns: { ...batch.columns, ...columns } })
  const invalid = expect.objectContaining({ code: 'RECORD_INVALID' })
  for (const watermark of [0.5, Number.NaN, 2 ** 53]) {
    expect(() => codec.encodeBatch(with_({ watermark: Float64Array.of(watermark) }))).toThrow(invalid)
  }
  const connection = { codes: Uint16Array.of(absentCode), values: [] }
  expect(() => codec.encodeBatch(with_({ connection }))).toThrow(invalid)
})
