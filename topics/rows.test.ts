import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf, rowsOf } from '../schemas/batch.ts'
import { type RecordName, recordNames } from '../schemas/records.generated.ts'
import { anyRow } from '../tests/rows.ts'
import { gatherRows, sliceRows } from './rows.ts'

const anyBatch = (record: RecordName) =>
  fc.array(anyRow(record), { minLength: 1, maxLength: 12 }).map((rows) => batchOf(record, rows as never))

test.each(recordNames.map((record) => [record]))('rows of %s can be sliced and gathered', (record) => {
  fc.assert(
    fc.property(
      fc.array(anyBatch(record), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(2), fc.nat(11)), { minLength: 1, maxLength: 20 }),
      fc.nat(11),
      fc.nat(11),
      (batches, picks, a, b) => {
        const all = batches.map((batch) => rowsOf(batch))
        const [from, to] = [Math.min(a, b, batches[0]!.rows - 1), Math.min(Math.max(a, b) + 1, batches[0]!.rows)]
        const slice = sliceRows(batches[0]!, from, to)
        expect(rowsOf(slice)).toEqual(all[0]!.slice(from, to))
        // What is gathered from a slice begins somewhere inside its arrays.
        const sources = [slice, ...batches.slice(1)]
        const source = picks.map(([s]) => s % sources.length)
        const row = picks.map(([, r], i) => r % sources[source[i]!]!.rows)
        const wanted = source.map((s, i) => rowsOf(sources[s]!)[row[i]!])
        expect(rowsOf(gatherRows(sources, row, source))).toEqual(wanted)
      },
    ),
    { numRuns: 30 },
  )
})

test('the whole of a batch is the batch itself', () => {
  const row = { time: 1, received: 1, exchange: 'a', connection: 'c', symbol: '', watermark: 1 }
  const batch = batchOf('heartbeats', [row])
  expect(sliceRows(batch, 0, 1)).toBe(batch)
})
