import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { batchOf, rowsOf } from '../../schemas/batch.ts'
import type { Column, Field } from '../../schemas/columns.ts'
import { layouts } from '../../schemas/records.generated.ts'
import { fetchAll, tradesOf } from '../../tests/conformance/rows.ts'
import { adapt, parseSchema, type Schema, schemaOf } from './evolution.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-evolution-'))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A schema of trades as another version had it. */
function version(change: (fields: Field[]) => Field[]): Schema {
  return parseSchema(JSON.stringify({ record: 'trades', fields: change([...layouts.trades]) }))
}
const columns = () => tradesOf(0, 4).columns as unknown as Record<string, Column>
const read = (from: Schema, written: Record<string, Column>) => {
  const adapted = adapt(from, written, 4)
  return rowsOf({ topic: 'trades', rows: 4, columns: adapted as never })
}

test('a field that the older schema lacks is read as absent, or empty', () => {
  const older = version((fields) => fields.filter(({ name }) => name !== 'id' && name !== 'timeEstimated'))
  const { id: _, timeEstimated: __, ...written } = columns()
  expect(read(older, written)).toEqual(rowsOf(tradesOf(0, 4)).map((row) => ({ ...row, id: '' })))
})

test('a field that only the older schema has is left out', () => {
  const older = version((fields) => [...fields, { name: 'venue', kind: 'i32' }])
  expect(read(older, { ...columns(), venue: new Int32Array(4) })).toEqual(rowsOf(tradesOf(0, 4)))
})

test('enums are read by name, and one that is no longer there is named', () => {
  const symbols = (names: string[]) =>
    version((fields) => fields.map((field) => (field.name === 'side' ? { ...field, symbols: names } : field)))
  const swapped = Uint8Array.from(columns().side as Uint8Array, (side) => 1 - side)
  expect(read(symbols(['sell', 'buy']), { ...columns(), side: swapped })).toEqual(rowsOf(tradesOf(0, 4)))
  expect(() => read(symbols(['buy', 'unknown']), columns())).toThrow(/side of trades was written as "unknown"/)
})

test('a field whose kind has changed is refused by name', () => {
  const older = version((fields) =>
    fields.map((field) => (field.name === 'price' ? { ...field, kind: 'text' } : field)),
  )
  expect(() => read(older, columns())).toThrow(/price of trades was written as text and is f64 now/)
})

test('fields inside lists are matched by name too', () => {
  const level = layouts.books.find(({ name }) => name === 'bids')!.items!
  const bare = layouts.books.map((field) => (field.kind === 'list' ? { ...field, items: [level[0]!] } : field))
  const older = parseSchema(JSON.stringify({ record: 'books', fields: bare }))
  const book = {
    time: 1,
    received: 2,
    exchange: 'e',
    symbol: 's',
    snapshot: true,
    bids: [{ price: 5, size: 1 }],
    asks: [],
  }
  const { columns } = batchOf('books', [book])
  const bids = { offsets: columns.bids.offsets, columns: { price: columns.bids.columns.price } }
  const adapted = adapt(older, { ...columns, bids } as never, 1)
  expect(rowsOf({ topic: 'books', rows: 1, columns: adapted as never })[0]).toMatchObject({
    bids: [{ price: 5, size: 0 }],
  })
})

test('today’s schema changes nothing', () => {
  const written = columns()
  expect(adapt(schemaOf('trades'), written, 4)).toBe(written)
})

test('a log written by another version of a schema is read by what it says itself', async () => {
  const older = await freshEngine()
  older.layouts.trades.splice(
    older.layouts.trades.findIndex(({ name }) => name === 'id'),
    1,
  )
  const log = await older.openEmbedded(dir)
  const writer = await log.writer({ run: 'r', market: true })
  await writer.commit({ outputs: [tradesOf(0, 4)] })
  await log.close()
  const newer = await freshEngine()
  const again = await newer.openEmbedded(dir)
  const append = await again.writer({ run: 'r', market: true })
  await append.commit({ outputs: [tradesOf(4, 6)] })
  const rows = (await fetchAll(again, 'market.trades')).flatMap(({ batch }) => rowsOf(batch))
  expect(rows).toEqual(rowsOf(tradesOf(0, 6)).map((row, i) => (i < 4 ? { ...row, id: '' } : row)))
  await again.close()
})

/** The engine as a process that has just started has it, with layouts that can be changed. */
async function freshEngine() {
  vi.resetModules()
  const { openEmbedded } = await import('./embedded.ts')
  const { layouts } = await import('../../schemas/records.generated.ts')
  return { openEmbedded, layouts: layouts as unknown as Record<'trades', Field[]> }
}
