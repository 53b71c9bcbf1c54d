import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyRow } from '../tests/rows.ts'
import { batchOf, rowAt } from './batch.ts'
import { byteText, decimal } from './byte-text.ts'
import { canonical, toJson } from './json.ts'
import { type Rows, recordNames } from './records.generated.ts'
import { type RowTextOptions, rowText } from './row-text.ts'

const decoder = new TextDecoder()

describe('rows as text', () => {
  for (const record of recordNames) {
    test(`${record}: the text of columns is that of canonical, and of toJson in the order of the schema`, () => {
      fc.assert(
        fc.property(fc.array(anyRow(record), { minLength: 1, maxLength: 4 }), (rows) => {
          const batch = batchOf(record, rows as Rows[typeof record][])
          const sorted = linesOf(batch, { order: 'sorted' })
          const plain = linesOf(batch, { order: 'schema' })
          for (let row = 0; row < batch.rows; row++) {
            expect(sorted[row]).toBe(canonical(record, rowAt(batch, row)))
            expect(plain[row]).toBe(JSON.stringify(toJson(record, rowAt(batch, row))))
          }
        }),
        { numRuns: 60 },
      )
    })
  }

  test('omitted fields are left out', () => {
    const batch = batchOf('heartbeats', [
      { time: 1, received: 2, exchange: 'x', symbol: '', connection: 'c', watermark: 3 },
    ])
    expect(linesOf(batch, { order: 'sorted', omit: ['connection', 'time'] })).toEqual([
      '{"exchange":"x","received":2,"symbol":"","watermark":3}',
    ])
  })

  test('numbers that JSON does not have are left out, and are null inside lists', () => {
    const batch = batchOf('predictions', [
      { time: 1, received: 2, exchange: 'x', symbol: '', model: 'm', version: '1', values: [Number.NaN, 0.5] },
    ])
    expect(linesOf(batch, { order: 'schema', omit: ['time', 'received', 'exchange', 'symbol', 'model'] })).toEqual([
      '{"version":"1","values":[null,0.5]}',
    ])
  })
})

describe('decimal', () => {
  const print = (value: number): string => {
    const out = byteText(4)
    decimal(out, value)
    return decoder.decode(out.bytes.subarray(0, out.used))
  }

  test('prints every double as ECMAScript does', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(print(value)).toBe(JSON.stringify(value))
      }),
      { numRuns: 5000 },
    )
  })

  test('prints decimals of few digits, and their neighbours, as ECMAScript does', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: -2, max: 2 }),
        (n, d, ulps) => {
          const near = nextAfter(n / 10 ** d, ulps)
          expect(print(near)).toBe(JSON.stringify(near))
        },
      ),
      { numRuns: 5000 },
    )
  })

  test('prints the edges', () => {
    for (const value of [
      0,
      -0,
      1e-6,
      1e-7,
      9.5e-7,
      1e15,
      1e15 + 0.125,
      1e21,
      2 ** 53,
      -(2 ** 53) - 2,
      99999999.5,
      0.1 + 0.2,
    ]) {
      expect(print(value)).toBe(JSON.stringify(value))
    }
  })
})

function nextAfter(value: number, ulps: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  view.setBigInt64(0, view.getBigInt64(0) + (value === 0 ? 0n : BigInt(ulps)))
  return view.getFloat64(0)
}

function linesOf(batch: ReturnType<typeof batchOf>, options: RowTextOptions): string[] {
  const out = byteText(1)
  const write = rowText(batch.topic, batch.columns, out, options)
  return Array.from({ length: batch.rows }, (_, row) => {
    out.used = 0
    write(row)
    return decoder.decode(out.bytes.subarray(0, out.used))
  })
}
