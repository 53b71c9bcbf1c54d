import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Batch, batchOf } from '../schemas/batch.ts'
import type { Rows } from '../schemas/records.generated.ts'
import { type MergedRows, merge, type Source } from './merge.ts'
import { compareCursors, laneOf, type Slice, sliceOf } from './slice.ts'
import { inKeyOrder } from './ties.ts'

const records = ['clocks', 'trades', 'quotes', 'candles'] as const
type Name = (typeof records)[number]

/** A row to be merged; `id` stands in its time column, so that it can be found again. */
interface Item {
  id: number
  record: Name
  received: number
  exchange: string
  symbol: string
  key: string
}

const items = fc
  .array(
    fc.record({
      record: fc.constantFrom(...records),
      received: fc.nat({ max: 12 }),
      exchange: fc.constantFrom('binance', 'okx'),
      symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT', '币USDT'),
      key: fc.constantFrom('1m', '5m', 'é'),
    }),
    { maxLength: 120 },
  )
  .map((list) => list.map((item, id): Item => ({ ...item, id })))

describe('merge', () => {
  test('B3: any partition count, block sizes and batch size give the sequence of a plain sort', async () => {
    await fc.assert(
      fc.asyncProperty(
        items,
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        async (list, partitions, blocks, maxRows) => {
          const merged = await all(merge(sourcesOf(list, partitions, blocks), { maxRows }))
          expect(idsOf(merged)).toEqual(plainSort(list))
          for (const { merged: one } of merged.slice(0, -1)) expect(one.rows).toBe(maxRows)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('lanes that their ranks tell apart are merged in Rust as they are row by row', async () => {
    const blocks = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
    const cuts = fc.record({ maxRows: fc.integer({ min: 1, max: 40 }), maxSpan: fc.constantFrom(0, 1, 5, Infinity) })
    await fc.assert(
      fc.asyncProperty(items, blocks, cuts, async (list, sizes, cut) => {
        const inRust = await all(merge(sourcesOf(list, 1, sizes), cut))
        const rowByRow = await all(merge(sourcesOf(list, 1, sizes), { ...cut, compared: true }))
        expect(inRust).toEqual(rowByRow)
      }),
      { numRuns: 300 },
    )
  })

  test('the cursor is the key of the last row, and positions are one past the highest offset given', async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 3 }), async (list, partitions) => {
        const merged = await all(merge(sourcesOf(list, partitions, [4]), { maxRows: 5 }))
        for (let i = 1; i < merged.length; i++) {
          expect(compareCursors(merged[i - 1]!.cursor, merged[i]!.cursor)).toBeLessThan(0)
        }
        const last = merged.at(-1)
        if (last === undefined) return
        const total = last.positions.reduce((sum, { offset }) => sum + offset, 0)
        expect(total).toBe(list.length)
      }),
    )
  })

  test('a batch is cut before it spans more receive time than allowed', async () => {
    const list = [0, 1, 2, 50, 51, 120].map(
      (received, id): Item => ({ id, record: 'trades', received, exchange: 'x', symbol: 'y', key: '' }),
    )
    const merged = await all(merge(sourcesOf(list, 2, [2]), { maxRows: 100, maxSpan: 10 }))
    expect(merged.map(({ merged: one }) => one.rows)).toEqual([3, 2, 1])
  })

  test('a source without rows, and no source at all, end the merge', async () => {
    expect(await all(merge([], { maxRows: 4 }))).toEqual([])
    expect(await all(merge(sourcesOf([], 3, [1]), { maxRows: 4 }))).toEqual([])
  })

  test('a reader that stops early closes every source', async () => {
    let closed = 0
    const batch = batchOf(
      'trades',
      [0, 1, 2].map((id) => rowOf({ ...blank, id, received: id }) as Rows['trades']),
    )
    async function* rows(): AsyncGenerator<Slice, void> {
      try {
        for (;;) yield sliceOf({ topic: 'market.trades', partition: 0, offset: 0, batch })
      } finally {
        closed++
      }
    }
    const sources = [0, 1].map((partition) => ({ lane: laneOf('market.trades', 'trades', partition), slices: rows() }))
    for await (const { merged } of merge(sources, { maxRows: 2 })) {
      expect(merged.rows).toBe(2)
      break
    }
    expect(closed).toBe(2)
  })
})

const blank: Item = { id: 0, record: 'trades', received: 0, exchange: 'x', symbol: 'y', key: '' }

async function all(batches: AsyncIterable<MergedRows>): Promise<MergedRows[]> {
  const list: MergedRows[] = []
  for await (const one of batches) list.push(one)
  return list
}

function idsOf(batches: readonly MergedRows[]): number[] {
  return batches.flatMap(({ merged }) =>
    Array.from({ length: merged.rows }, (_, i) => {
      const source = merged.sources[merged.source[i]!]!
      return source.columns.time[merged.row[i]!]!
    }),
  )
}

/** The rule itself: rows of one key keep the order in which they were written. */
function plainSort(list: readonly Item[]): number[] {
  const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return list
    .toSorted(
      (a, b) =>
        a.received - b.received ||
        records.indexOf(a.record) - records.indexOf(b.record) ||
        text(a.exchange, b.exchange) ||
        text(a.symbol, b.symbol) ||
        (hasKey(a) ? text(a.key, b.key) : 0) ||
        a.id - b.id,
    )
    .map(({ id }) => id)
}

function hasKey({ record }: Item): boolean {
  return record === 'clocks' || record === 'candles'
}

/** The rows spread over partitions by key, each sorted as the port sorts it, in blocks of those sizes. */
function sourcesOf(list: readonly Item[], partitions: number, blocks: readonly number[]): Source[] {
  return records.flatMap((record) =>
    Array.from({ length: partitions }, (_, partition): Source => {
      const rows = list.filter((item) => item.record === record && partitionOf(item, partitions) === partition)
      const lane = laneOf(`market.${record}`, record, partition)
      const read = slices(record, partition, rows, blocks)
      return { lane, slices: lane.keyFields.length === 0 ? read : inKeyOrder(lane, read) }
    }),
  )
}

function partitionOf(item: Item, partitions: number): number {
  const symbol = item.record === 'clocks' ? '' : item.symbol
  const key = `${item.exchange}:${symbol}${hasKey(item) ? item.key : ''}`
  return [...key].reduce((sum, letter) => sum * 7 + letter.charCodeAt(0), 0) % partitions
}

async function* slices(
  record: Name,
  partition: number,
  rows: readonly Item[],
  blocks: readonly number[],
): AsyncGenerator<Slice, void> {
  const offsets = new Map(rows.map((item, offset) => [item, offset]))
  const sorted = rows.toSorted(
    (a, b) =>
      a.received - b.received ||
      (a.exchange < b.exchange ? -1 : a.exchange > b.exchange ? 1 : 0) ||
      (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0) ||
      a.id - b.id,
  )
  for (let from = 0, block = 0; from < sorted.length; block++) {
    const some = sorted.slice(from, from + blocks[block % blocks.length]!)
    from += some.length
    const batch = batchOf(record, some.map(rowOf) as Rows[Name][]) as Batch
    yield sliceOf({
      topic: `market.${record}`,
      partition,
      offset: offsets.get(some[0]!)!,
      offsets: Float64Array.from(some, (item) => offsets.get(item)!),
      batch,
    })
  }
}

function rowOf({ id, record, received, exchange, symbol, key }: Item): Rows[Name] {
  const common = { time: id, received, exchange, symbol }
  switch (record) {
    case 'clocks':
      return { ...common, connection: key, offset: 0, rows: 1 }
    case 'trades':
      return { ...common, price: 1, size: 1, side: 'buy', id: String(id) }
    case 'quotes':
      return { ...common, bid: 1, bidSize: 1, ask: 2, askSize: 1 }
    case 'candles':
      return { ...common, openTime: 0, interval: key, open: 1, high: 1, low: 1, close: 1, volume: 1 }
  }
}
