import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Batch, batchOf, rowAt, rowsOf } from '../../schemas/batch.ts'
import type { Column } from '../../schemas/columns.ts'
import { layouts, type RecordName, recordNames } from '../../schemas/records.generated.ts'
import { tradeRow, tradesOf } from '../../tests/conformance/rows.ts'
import { anyRow } from '../../tests/rows.ts'
import { sliceRows } from '../rows.ts'
import { draftBlock, packDraft, readBlock, readHead, schemaBlock, schemaText } from './block.ts'

const place = { offset: 7, written: 1_700_000_000_123, commit: 99, part: 1, parts: 3 }

function bytesOf(batch: Batch, topic = 'market.x'): Promise<Uint8Array> {
  return packDraft(draftBlock(topic, { partition: 2, partitions: 5 }, batch, 0xfedcba9876543210n), place)
}

function batchIn(record: RecordName, bytes: Uint8Array): Batch {
  const head = readHead(bytes)!
  return { topic: record, rows: head.rows, columns: readBlock(bytes, head, layouts[record]) } as Batch
}

test.each(recordNames.map((record) => [record]))(
  'a block of %s holds what was put in, also parts of batches',
  async (record) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow(record), { minLength: 1, maxLength: 12 }), fc.nat(11), async (rows, cut) => {
        const batch = batchOf(record, rows as never)
        expect(rowsOf(batchIn(record, await bytesOf(batch)))).toEqual(rowsOf(batch))
        const from = Math.min(cut, batch.rows - 1)
        const part = sliceRows(batch, from, batch.rows)
        expect(rowsOf(batchIn(record, await bytesOf(part)))).toEqual(rowsOf(batch).slice(from))
      }),
      { numRuns: 30 },
    )
  },
)

test('a block says what it is', async () => {
  const bytes = await bytesOf(tradesOf(10, 20), '币.trades')
  expect(readHead(bytes)).toMatchObject({
    ...{ kind: 'rows', length: bytes.length, rows: 10, sorted: true, topic: '币.trades', partition: 2, partitions: 5 },
    ...{ offset: 7, written: 1_700_000_000_123, schema: 0xfedcba9876543210n, commit: 99, part: 1, parts: 3 },
    ...{ min: 1_704_067_200_000_010, max: 1_704_067_200_000_019 },
  })
  expect(bytes.length % 8).toBe(0)
})

test('a block of a schema gives its text back', () => {
  const bytes = schemaBlock(5n, '{"record":"trades"}', place)
  const head = readHead(bytes)!
  expect([head.kind, head.schema, schemaText(bytes, head)]).toEqual(['schema', 5n, '{"record":"trades"}'])
})

test('T12: a block with any one bit flipped, or cut short, is none', async () => {
  const bytes = await bytesOf(tradesOf(0, 3))
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    expect(readHead(bytes), String(bit)).toBeUndefined()
    bytes[bit >> 3]! ^= 1 << (bit & 7)
  }
  for (let length = 0; length < bytes.length; length++) expect(readHead(bytes.slice(0, length))).toBeUndefined()
  expect(readHead(bytes)).toBeDefined()
})

test('rows are sorted by receive time, exchange and symbol, or said not to be', async () => {
  const sorted = async (...rows: [received: number, exchange: string, symbol: string][]) => {
    const row = { time: 0, price: 1, size: 1, side: 'buy' as const, id: '' }
    const batch = batchOf(
      'trades',
      rows.map(([received, exchange, symbol]) => ({ ...row, received, exchange, symbol })),
    )
    return readHead(await bytesOf(batch))!.sorted
  }
  expect(await sorted([1, 'b', 'x'], [2, 'a', 'y'], [2, 'a', 'z'], [2, 'b', 'a'], [3, 'a', 'a'])).toBe(true)
  expect(await sorted([2, 'a', 'a'], [1, 'b', 'b'])).toBe(false)
  expect(await sorted([1, 'b', 'a'], [1, 'a', 'b'])).toBe(false)
  expect(await sorted([1, 'a', 'b'], [1, 'a', 'a'])).toBe(false)
})

test('columns of equal values take the room of one, and are equal to the bit', async () => {
  const row = {
    time: -0,
    received: 5,
    exchange: 'e',
    symbol: 's',
    price: Number.NaN,
    size: 0,
    side: 'sell' as const,
    id: '',
  }
  const equal = batchOf('trades', Array(4096).fill(row))
  const bytes = await bytesOf(equal)
  expect(bytes.length).toBeLessThan(400)
  const read = batchIn('trades', bytes)
  expect(Object.is(rowAt(read as Batch<'trades'>, 4095).time, -0)).toBe(true)
  expect(rowAt(read as Batch<'trades'>, 17).price).toBeNaN()
  const zeros = batchOf('trades', [...Array(7).fill(row), { ...row, time: 0 }])
  expect(
    rowsOf(batchIn('trades', await bytesOf(zeros)) as Batch<'trades'>).map(({ time }) => Object.is(time, -0)),
  ).toEqual([...Array(7).fill(true), false])
})

test('columns that are read are views of the bytes, at multiples of their size', async () => {
  const rows = Array.from({ length: 100 }, (_, i) => tradeRow(i * i, { price: 1 / i, size: Math.sqrt(i) }))
  const bytes = await bytesOf(batchOf('trades', rows))
  const columns = batchIn('trades', bytes).columns as unknown as Record<string, Column>
  for (const name of ['time', 'received', 'price', 'size']) {
    const column = columns[name] as Float64Array
    expect(column.buffer).toBe(bytes.buffer)
    expect(column.byteOffset % 8).toBe(0)
  }
})
