import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { afterAll, describe, expect, test } from 'vitest'
import { wholeDecimals, wholeOf } from '../../connectors/files/parquet.ts'
import { batchOf, type Merged, rowsOf } from '../../schemas/batch.ts'
import { toJson } from '../../schemas/json.ts'
import { layouts, type RecordName, type Rows, recordNames } from '../../schemas/records.generated.ts'
import { anyRow } from '../../tests/rows.ts'
import { formatOf, limited, mergedOf, printRows } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-rows-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a format writes of those rows, cut into two batches. */
async function written(
  record: RecordName,
  rows: readonly Rows[RecordName][],
  file: string,
  json?: boolean,
): Promise<Buffer> {
  const path = join(folder, file)
  const half = Math.ceil(rows.length / 2)
  async function* batches(): AsyncGenerator<Merged> {
    for (const some of [rows.slice(0, half), rows.slice(half)]) {
      if (some.length > 0) yield mergedOf(batchOf(record, some as Rows[typeof record][]))
    }
  }
  const stdout = process.stdout.write
  process.stdout.write = (() => true) as typeof stdout
  try {
    await printRows(record, batches(), { output: path, json })
  } finally {
    process.stdout.write = stdout
  }
  return readFileSync(path)
}

/** Rows as JSON says them, for comparison with what a format gives back. */
function plain(record: RecordName, rows: readonly Rows[RecordName][]): unknown[] {
  // As JSON says it: −0 is 0 there.
  return rowsOf(batchOf(record, rows as Rows[typeof record][])).map((row) =>
    JSON.parse(JSON.stringify(toJson(record, row))),
  )
}

/** What a row leaves out where it is false, and a table says. */
const leftOut = new Set(
  recordNames.flatMap((record) => layouts[record].filter(({ omitFalse }) => omitFalse).map(({ name }) => name)),
)

describe('rows in files', () => {
  test('JSON Lines and their gzip hold a row a line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow('books'), { maxLength: 5 }), async (rows) => {
        const lines = (text: string): unknown[] =>
          text
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line))
        expect(lines((await written('books', rows, 'a.jsonl')).toString())).toEqual(plain('books', rows))
        expect(lines(gunzipSync(await written('books', rows, 'a.jsonl.gz')).toString())).toEqual(plain('books', rows))
      }),
      { numRuns: 20 },
    )
  })

  for (const record of recordNames) {
    test(`${record}: Arrow and Parquet give back every row, absent fields as null`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyRow(record), { minLength: 1, maxLength: 5 }), async (rows) => {
          const expected = rowsOf(batchOf(record, rows as Rows[typeof record][])).map(bare)
          expect(arrowRows(record, await written(record, rows, 'a.arrow')).map(bare)).toEqual(expected)
          const bytes = await written(record, rows, 'a.parquet')
          expect((await parquetRows(record, bytes)).map(bare)).toEqual(expected)
        }),
        { numRuns: 10 },
      )
    })
  }

  test('a limit of infinity is one in a table too, and what is no number is null', async () => {
    const row = { time: 1, received: 2, exchange: 'x', symbol: 'S', rate: Infinity, next: undefined }
    const rows = [row, { ...row, rate: -Infinity }, { ...row, rate: NaN }] as Rows['funding'][]
    const rates = [Infinity, -Infinity, null]
    const table = tableFromIPC(await written('funding', rows, 'd.arrow'))
    expect(Array.from(table.getChild('rate')!)).toEqual(rates)
    expect((await parquetRows('funding', await written('funding', rows, 'd.parquet'))).map(({ rate }) => rate)).toEqual(
      rates,
    )
  })

  test('without rows every format still writes a whole file', async () => {
    expect(tableFromIPC(await written('trades', [], 'b.arrow')).schema.fields.map(({ name }) => name)).toContain(
      'price',
    )
    const bytes = await written('trades', [], 'b.parquet')
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
    expect(await parquetReadObjects({ file })).toEqual([])
    expect((await written('heartbeats', [], 'b.csv')).toString()).toBe(
      'time,received,exchange,symbol,connection,watermark\n',
    )
    expect((await written('trades', [], 'b.jsonl')).toString()).toBe('')
  })

  test('CSV quotes what needs it, and leaves absent fields empty', async () => {
    const rows: Rows['alerts'][] = [
      {
        time: 1,
        received: 2,
        exchange: 'x',
        symbol: '',
        account: 'a',
        component: 'c',
        severity: 'info',
        code: 'K',
        message: 'say "no", please',
      },
    ]
    expect((await written('alerts', rows, 'c.csv')).toString().split('\n')[1]).toBe(
      '1,2,x,,a,c,info,K,"say ""no"", please"',
    )
  })

  test('an unknown format is refused with the nearest one, before anything is read', () => {
    expect(() => formatOf({ format: 'parket' })).toThrow(/unknown format "parket"/)
    expect(() => formatOf({ format: 'csv', json: true })).toThrow(/one JSON array/)
  })

  test('a limit reads no further than it must', async () => {
    let read = 0
    async function* endless(): AsyncGenerator<Merged> {
      for (;;) {
        read++
        yield mergedOf(batchOf('heartbeats', [heartbeat, heartbeat]))
      }
    }
    const counts: number[] = []
    for await (const { rows } of limited(endless(), 5)) counts.push(rows)
    expect([counts, read]).toEqual([[2, 2, 1], 3])
  })
})

const heartbeat: Rows['heartbeats'] = { time: 1, received: 1, exchange: 'x', symbol: '', connection: 'c', watermark: 1 }

/** Its own reading of µs would make dates of ms. */
const parsers = { ...DEFAULT_PARSERS, timestampFromMicroseconds: (micros: bigint) => micros }

/** Rows of a Parquet file, money as it is stored. */
async function parquetRows(record: RecordName, bytes: Buffer): Promise<Record<string, unknown>[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  const { metadata, scales } = wholeDecimals(parquetMetadata(file))
  const amounts = layouts[record].filter(({ amount }) => amount).map(({ name }) => name)
  expect([...scales]).toEqual(amounts.map((name) => [name, 8]))
  const rows = await parquetReadObjects({ file, metadata, utf8: false, parsers })
  for (const row of rows) for (const name of amounts) if (row[name] !== null) row[name] = wholeOf(row[name])
  return rows
}

/** Rows of an Arrow file; times straight from their columns, since the library reads them as ms. */
function arrowRows(record: RecordName, bytes: Uint8Array): Record<string, unknown>[] {
  const table = tableFromIPC(bytes)
  const rows: Record<string, unknown>[] = table.toArray().map((row) => row.toJSON())
  for (const { name, time, amount } of layouts[record]) {
    if (!time && !amount) continue
    const wholes = table.getChild(name)!.data.flatMap(({ values }) => {
      if (time) return [...(values as BigInt64Array)]
      const words = values as Uint32Array
      const halves = new BigInt64Array(words.buffer, words.byteOffset, words.length / 2)
      return Array.from({ length: halves.length / 2 }, (_, at) => halves[2 * at]!)
    })
    rows.forEach((row, at) => {
      if (row[name] !== null) row[name] = wholes[at]
    })
  }
  return rows
}

/** Values as they compare whatever a format's own types are: numbers and BigInts as text, bytes as numbers, nothing as null. */
function bare(value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isInteger(value) ? String(BigInt(value)) : value
  if (value instanceof Uint8Array) return [...value].map(String)
  if (typeof value !== 'object') return value
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, bare)
  const object = 'toJSON' in value ? (value as { toJSON(): object }).toJSON() : value
  return Object.fromEntries(
    Object.entries(object)
      .filter(([name]) => !leftOut.has(name))
      .map(([name, one]) => [name, bare(one)]),
  )
}
