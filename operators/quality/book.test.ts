import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { futuresSync, spotSync } from '../../connectors/exchanges/binance/sync.ts'
import { type Batch, batchOf } from '../../schemas/batch.ts'
import { absentI64 } from '../../schemas/columns.ts'
import type { Book as BookRow } from '../../schemas/records.generated.ts'
import type { SyncRule } from '../../schemas/sync.ts'
import { dataDir, describeWith } from '../../tests/data.ts'
import { unpack } from '../stage.ts'
import { Book, inOrder } from './book.ts'

const steps = { tickSize: 0.5, lotSize: 0.001 }

/** A venue whose ids count messages: an update joins when it continues the snapshot. */
const counting: SyncRule = {
  sequenced: true,
  join: (snapshot, { first, last }) => (last <= snapshot ? 'old' : first <= snapshot + 1n ? 'next' : 'gap'),
  follow: (sequence, { first, last }) => (last <= sequence ? 'old' : first === sequence + 1n ? 'next' : 'gap'),
}

type Level = [ticks: number, lots: number]

function bookRow(more: { snapshot?: boolean; last?: number; first?: number; bids?: Level[]; asks?: Level[] }): BookRow {
  const levels = (side: Level[] = []) => side.map(([ticks, lots]) => ({ price: ticks * 0.5, size: lots * 0.001 }))
  const id = (value: number | undefined) => (value === undefined ? undefined : BigInt(value))
  return {
    ...{ time: 1, received: 2, exchange: 'x', symbol: 'y', timeEstimated: false, snapshot: more.snapshot ?? false },
    ...{ sequence: id(more.last), firstSequence: id(more.first ?? more.last), previousSequence: undefined },
    ...{ bids: levels(more.bids), asks: levels(more.asks) },
  }
}

function fed(book: Book, rows: readonly BookRow[]): string[] {
  const { columns } = batchOf('books', rows)
  return rows.map((_, row) => book.apply(columns, row))
}

const around: BookRow = bookRow({ snapshot: true, last: 10, bids: [[100, 5], [98, 7]], asks: [[101, 6], [104, 1]] }) // biome-ignore format: a level a pair

describe('book', () => {
  test('an update sets sizes, size 0 removes, and the best prices follow', () => {
    const book = new Book(steps, counting)
    expect(book.synced).toBe(false)
    expect(fed(book, [around])).toEqual(['snapshot'])
    expect([book.bidTicks, book.askTicks, book.synced, book.sequence]).toEqual([100, 101, true, 10n])
    expect(fed(book, [bookRow({ last: 11, bids: [[100, 0], [99, 2]], asks: [[101, 0]] })])).toEqual(['applied']) // biome-ignore format: a level a pair
    expect(book.levels('bid')).toEqual([
      { ticks: 99, lots: 2 },
      { ticks: 98, lots: 7 },
    ])
    expect(book.levels('ask', 1)).toEqual([{ ticks: 104, lots: 1 }])
    expect([book.lotsAt('bid', 100), book.next('bid', 99), book.next('bid', 98)]).toEqual([0, 98, Number.NaN])
    expect([book.count('bid'), book.count('ask'), book.largest('bid')]).toEqual([2, 1, 7])
  })

  test('an empty side has no best price', () => {
    const book = new Book(steps, inOrder)
    fed(book, [bookRow({ snapshot: true, asks: [[5, 1]] })])
    expect([book.bidTicks, book.askTicks, book.synced]).toEqual([Number.NaN, 5, true])
  })

  test('updates before the snapshot wait and are joined to it; those it holds already are dropped', () => {
    const book = new Book(steps, counting)
    const updates = [9, 10, 11, 12].map((last) => bookRow({ last, bids: [[90, last]] }))
    expect(fed(book, [...updates, around])).toEqual(['buffered', 'buffered', 'buffered', 'buffered', 'snapshot'])
    expect([book.sequence, book.lotsAt('bid', 90), book.gaps.length]).toEqual([12n, 12, 0])
    expect(fed(book, [bookRow({ last: 12 }), bookRow({ last: 13 })])).toEqual(['old', 'applied'])
  })

  test('M1: after a gap the book is not synced, the gap is recorded, and a new snapshot joins what came since', () => {
    const book = new Book(steps, counting)
    fed(book, [around, bookRow({ last: 11 })])
    expect(fed(book, [bookRow({ first: 15, last: 16, bids: [[97, 3]] }), bookRow({ first: 17, last: 18 })])).toEqual([
      'gap',
      'buffered',
    ])
    expect(book.synced).toBe(false)
    expect(book.gaps).toEqual([{ after: 11n, next: 15n, missing: 3n, time: 1, received: 2 }])
    expect(fed(book, [bookRow({ snapshot: true, last: 15, bids: [[96, 1]], asks: [[101, 1]] })])).toEqual(['snapshot'])
    expect([book.synced, book.sequence, book.bidTicks, book.counts.gap]).toEqual([true, 18n, 97, 1])
  })

  test('M1: a snapshot older than what waits for it is a gap, and the next one may still join', () => {
    const book = new Book(steps, counting)
    fed(book, [bookRow({ last: 20, bids: [[95, 1]] })])
    expect(fed(book, [around])).toEqual(['gap'])
    expect([book.synced, book.gaps[0]!.missing]).toEqual([false, 9n])
    expect(fed(book, [bookRow({ snapshot: true, last: 19, bids: [[90, 1]], asks: [[101, 1]] })])).toEqual(['snapshot'])
    expect([book.synced, book.bidTicks, book.sequence]).toEqual([true, 95, 20n])
  })

  test('M2: after a newer snapshot levels past its depth are unknown, not empty, until they are updated', () => {
    const book = new Book(steps, counting)
    fed(book, [around, bookRow({ last: 11, bids: [[50, 9]] })])
    expect([book.lotsAt('bid', 50), book.lotsAt('bid', 99)]).toEqual([9, 0])
    expect(book.lotsAt('bid', 97)).toBeNaN()
    fed(book, [bookRow({ snapshot: true, last: 13, bids: [[99, 1]], asks: [[100, 2]] })])
    expect(book.lotsAt('bid', 50)).toBeNaN()
    expect(book.lotsAt('bid', 100)).toBe(0)
    expect(book.lotsAt('ask', 101)).toBeNaN()
    fed(book, [bookRow({ last: 12, bids: [[50, 8]] }), bookRow({ last: 14, asks: [[101, 3]] })])
    expect(book.lotsAt('ask', 101)).toBe(3)
    expect([book.synced, book.sequence, book.counts.old]).toEqual([true, 14n, 1])
  })

  test('M2: a snapshot older than a synced book loses nothing', () => {
    const book = new Book(steps, counting)
    fed(book, [around, bookRow({ last: 11, bids: [[99, 4]] })])
    expect(fed(book, [bookRow({ snapshot: true, last: 10, bids: [[90, 1]], asks: [[91, 1]] })])).toEqual(['old'])
    expect([book.lotsAt('bid', 99), book.synced]).toEqual([4, true])
  })

  test('M2: a book whose bid is not below its ask is not synced until it is again', () => {
    const book = new Book(steps, inOrder)
    fed(book, [around, bookRow({ bids: [[101, 1]] })])
    expect([book.synced, book.counts.crossed]).toEqual([false, 1])
    fed(book, [bookRow({ asks: [[101, 0]] })])
    expect([book.synced, book.bidTicks, book.askTicks]).toEqual([true, 101, 104])
  })

  test('a feed without ids takes rows as they come, and updates before its snapshot are of no use', () => {
    const book = new Book(steps, inOrder)
    const { columns } = batchOf('books', [bookRow({ bids: [[1, 1]] })])
    expect(columns.sequence[0]).toBe(absentI64)
    expect(fed(book, [bookRow({ bids: [[1, 1]] }), around, { ...around, sequence: undefined }])).toEqual([
      'old',
      'snapshot',
      'snapshot',
    ])
    expect(book.sequence).toBeUndefined()
  })

  test('of updates that wait for ever the newest 4,096 are kept and the others counted', () => {
    const book = new Book(steps, counting)
    const { columns } = batchOf('books', [around, ...Array.from({ length: 5000 }, (_, i) => bookRow({ last: 20 + i }))])
    for (let row = 1; row <= 5000; row++) book.apply(columns, row)
    expect(book.counts.dropped).toBe(5000 - 4096)
    expect(book.apply(columns, 0)).toBe('gap')
    fed(book, [bookRow({ snapshot: true, last: 5000, bids: [[1, 1]], asks: [[2, 1]] })])
    expect([book.synced, book.sequence]).toEqual([true, 5019n])
  })

  test('any rows, prices near and far, give the book that a Map of prices gives, also after save and load at any row', () => {
    const price = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 200_000 }))
    const level = fc.tuple(price, fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 })))
    const side = fc.array(level, { maxLength: 6 })
    const row = fc.record({ snapshot: fc.boolean(), bids: side, asks: side })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.nat(39), (rows, cut) => {
        let book = new Book(steps, inOrder)
        const model = { bid: new Map<number, number>(), ask: new Map<number, number>() }
        for (const [at, { snapshot, bids, asks }] of rows.entries()) {
          fed(book, [bookRow({ snapshot: snapshot || at === 0, bids, asks })])
          if (snapshot || at === 0) for (const one of [model.bid, model.ask]) one.clear()
          for (const [ticks, lots] of bids) model.bid.set(ticks, lots)
          for (const [ticks, lots] of asks) model.ask.set(ticks, lots)
          if (at === cut) {
            const bytes = book.save()
            book = new Book(steps, inOrder)
            book.load(bytes)
            expect(unpack(book.save())).toEqual(unpack(bytes))
          }
          const expected = (side: 'bid' | 'ask') =>
            [...model[side]]
              .filter(([, lots]) => lots > 0)
              .sort(([a], [b]) => (side === 'bid' ? b - a : a - b))
              .map(([ticks, lots]) => ({ ticks, lots }))
          expect(book.levels('bid')).toEqual(expected('bid'))
          expect(book.levels('ask')).toEqual(expected('ask'))
          const [bid, ask] = [expected('bid')[0]?.ticks ?? Number.NaN, expected('ask')[0]?.ticks ?? Number.NaN]
          expect([book.bidTicks, book.askTicks]).toEqual([bid, ask])
          expect(book.synced).toBe(!(bid >= ask))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a price that walks away for a long time keeps its book', () => {
    const book = new Book(steps, inOrder)
    fed(book, [bookRow({ snapshot: true, bids: [[1_000_000, 1]], asks: [[1_000_001, 1]] })])
    for (let mid = 1_000_000; mid > 800_000; mid -= 1_000) {
      const next = mid - 1_000
      fed(book, [bookRow({ bids: [[mid, 0], [next, 2]], asks: [[next + 1, 3]] })]) // biome-ignore format: a level a pair
    }
    expect([book.bidTicks, book.askTicks, book.count('ask')]).toEqual([800_000, 800_001, 201])
    expect(book.levels('ask', 3).map(({ ticks }) => ticks)).toEqual([800_001, 801_001, 802_001])
    expect(book.levels('ask').at(-1)).toEqual({ ticks: 1_000_001, lots: 1 })
  })
})

interface Depth {
  U: number
  u: number
  pu?: number
  E: number
  b?: [string, string][]
  a?: [string, string][]
  lastUpdateId?: number
  bids?: [string, string][]
  asks?: [string, string][]
}

const read = new Map<string, Batch<'books'>>()

/** Depth lines of a capture as rows, without the importer; read by the first test that asks, as a skipped suite must not. */
function captured(file: string): Batch<'books'> {
  let batch = read.get(file)
  if (batch === undefined) {
    batch = depthOf(file)
    read.set(file, batch)
  }
  return batch
}

function depthOf(file: string): Batch<'books'> {
  const rows: BookRow[] = []
  for (const line of gunzipSync(readFileSync(join(dataDir, 'captures', file)))
    .toString()
    .split('\n')) {
    if (!line.includes('depth') && !line.includes('lastUpdateId')) continue
    const space = line.indexOf(' ')
    const message = JSON.parse(line.slice(space + 1)) as Depth & { data?: Depth }
    const body = message.data ?? message
    const levels = (side: [string, string][] = []) => side.map(([price, size]) => ({ price: +price, size: +size }))
    rows.push({
      ...{ time: body.E * 1000, received: Number(line.slice(0, space - 3)), exchange: 'x', symbol: 'BTCUSDT' },
      ...{ timeEstimated: false, snapshot: body.lastUpdateId !== undefined },
      ...{ sequence: BigInt(body.lastUpdateId ?? body.u), firstSequence: BigInt(body.U ?? 0) },
      ...{ previousSequence: body.pu === undefined ? undefined : BigInt(body.pu) },
      ...{ bids: levels(body.bids ?? body.b), asks: levels(body.asks ?? body.a) },
    })
  }
  return batchOf('books', rows)
}

describeWith('data', 'book on real captures', () => {
  for (const [file, rule, tickSize, lotSize] of [
    ['usdm-btcusdt-20240808.gz', futuresSync, 0.1, 0.001],
    ['spot-btcusdt-20240808.gz', spotSync, 0.01, 0.00001],
  ] as const) {
    test(`${file} joins its snapshot and stays in sync to its end, never crossed`, () => {
      const batch = captured(file)
      const book = new Book({ tickSize, lotSize }, rule)
      let synced = false
      let [low, high] = [0, 0]
      for (let row = 0; row < batch.rows; row++) {
        book.apply(batch.columns, row)
        if (book.synced) {
          synced = true
          if (!(book.bidTicks < book.askTicks)) low += 1
        } else if (synced) high += 1
      }
      expect([synced, low, high, book.gaps, book.counts.crossed]).toEqual([true, 0, 0, [], 0])
      expect(book.counts.buffered).toBeGreaterThan(0)
      expect(book.sequence).toBe(batch.columns.sequence[batch.rows - 1])
    })

    test(`${file} gives level by level the book of a Map of prices`, () => {
      const batch = captured(file)
      const book = new Book({ tickSize, lotSize }, rule)
      const [bids, asks] = [new Map<number, number>(), new Map<number, number>()]
      const { columns } = batch
      const first = columns.snapshot.indexOf(1)
      for (let row = 0; row < batch.rows; row++) book.apply(columns, row)
      // By the sequence alone: the snapshot, then every update that ends behind it.
      const rows = Array.from({ length: batch.rows }, (_, row) => row).filter((row) => row !== first)
      for (const row of [first, ...rows.filter((row) => columns.sequence[row]! > columns.sequence[first]!)]) {
        for (const [map, list] of [
          [bids, columns.bids],
          [asks, columns.asks],
        ] as const) {
          // biome-ignore format: pairs
          for (let item = list.offsets[row]!; item < list.offsets[row + 1]!; item++) {
            const price = list.columns.price[item]!
            if (list.columns.size[item] === 0) map.delete(price)
            else map.set(price, list.columns.size[item]!)
          }
        }
      }
      for (const [side, map] of [
        ['bid', bids],
        ['ask', asks],
      ] as const) {
        // biome-ignore format: pairs
        const expected = [...map].sort(([a], [b]) => (side === 'bid' ? b - a : a - b))
        const found = book.levels(side)
        expect(found.length).toBe(expected.length)
        expect(found).toEqual(
          expected.map(([price, size]) => ({ ticks: Math.round(price / tickSize), lots: Math.round(size / lotSize) })),
        )
      }
    })

    test(`M1: ${file} with one update taken out is not synced from there on, and the gap says where`, () => {
      const batch = captured(file)
      const book = new Book({ tickSize, lotSize }, rule)
      const cut = Math.floor(batch.rows / 2)
      for (let row = 0; row < batch.rows; row++) if (row !== cut) book.apply(batch.columns, row)
      expect(book.synced).toBe(false)
      expect(book.gaps.length).toBe(1)
      expect(book.gaps[0]!.after).toBe(batch.columns.sequence[cut - 1])
      expect(book.gaps[0]!.next).toBe(batch.columns.firstSequence[cut + 1])
    })
  }
})

test('M2: past the depth of the snapshot a level is unknown until a message says its size, also when it says 0', () => {
  const common = { time: 1, received: 1, exchange: 'x', symbol: 'AB' }
  const rows = batchOf('books', [
    { ...common, snapshot: true, bids: [{ price: 100, size: 1 }], asks: [{ price: 101, size: 1 }] },
    { ...common, snapshot: false, bids: [{ price: 98, size: 0 }], asks: [] },
  ])
  const book = new Book({ tickSize: 1, lotSize: 1 }, inOrder)
  book.apply(rows.columns, 0)
  expect([book.lotsAt('bid', 98), book.lotsAt('bid', 97)]).toEqual([Number.NaN, Number.NaN])
  book.apply(rows.columns, 1)
  const loaded = new Book({ tickSize: 1, lotSize: 1 }, inOrder)
  loaded.load(book.save())
  for (const one of [book, loaded]) expect([one.lotsAt('bid', 98), one.lotsAt('bid', 97)]).toEqual([0, Number.NaN])
})
