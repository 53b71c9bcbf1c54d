import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { batchOf, rowAt } from '../schemas/batch.ts'
import { toJson } from '../schemas/json.ts'
import type { Candle, Clock, Quote, Trade } from '../schemas/records.generated.ts'
import { openEmbedded } from './embedded/embedded.ts'
import { hashTopic } from './hash.ts'
import { pacer } from './pace.ts'
import { type Replayed, type ReplayOptions, replay } from './replay.ts'
import type { Topics } from './topics.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-replay-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let folders = 0

const inputs = ['market.clocks', 'market.trades', 'market.quotes', 'market.candles'].map((topic) => ({ topic }))

interface Item {
  readonly topic: (typeof inputs)[number]['topic']
  readonly received: number
  readonly exchange: string
  readonly symbol: string
  readonly key: string
}

const items = fc.array(
  fc.record({
    topic: fc.constantFrom(...inputs.map(({ topic }) => topic)),
    received: fc.integer({ min: 1, max: 15 }),
    exchange: fc.constantFrom('binance', 'okx'),
    symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT', '币USDT'),
    key: fc.constantFrom('1m', '5m'),
  }),
  { maxLength: 60 },
)

/** A log that holds the items, written `step` at a time into topics of so many partitions. */
async function logOf(list: readonly Item[], partitions: number, step: number): Promise<Topics> {
  const topics = await openEmbedded(join(folder, String(folders++)))
  await topics.create((['clocks', 'trades', 'quotes', 'candles'] as const).map((record) => ({ record, partitions })))
  const writer = await topics.writer({ run: 'import', market: true })
  const numbered = list.map((item, time) => ({ ...item, time }))
  for (let from = 0; from < numbered.length; from += step) {
    const some = numbered.slice(from, from + step)
    const rows = <T>(topic: string, row: (item: (typeof some)[number]) => T): T[] =>
      some.filter((item) => item.topic === topic).map(row)
    const common = ({ time, received, exchange, symbol }: (typeof some)[number]) => ({
      time,
      received,
      exchange,
      symbol,
    })
    const outputs = [
      batchOf(
        'clocks',
        rows(
          'market.clocks',
          (one): Clock => ({ ...common(one), symbol: '', connection: one.key, offset: 0, rows: 1 }),
        ),
      ),
      batchOf(
        'trades',
        rows(
          'market.trades',
          (one): Trade => ({ ...common(one), price: 1, size: 1, side: 'buy', id: String(one.time) }),
        ),
      ),
      batchOf(
        'quotes',
        rows('market.quotes', (one): Quote => ({ ...common(one), bid: 1, bidSize: 1, ask: 2, askSize: 1 })),
      ),
      batchOf(
        'candles',
        rows(
          'market.candles',
          (one): Candle => ({
            ...common(one),
            openTime: 0,
            interval: one.key,
            open: 1,
            high: 1,
            low: 1,
            close: 1,
            volume: 1,
          }),
        ),
      ),
    ]
    await writer.commit({ outputs: outputs.filter(({ rows }) => rows > 0) })
  }
  await writer.close()
  return topics
}

async function all(topics: Topics, options: Partial<ReplayOptions> = {}): Promise<Replayed[]> {
  const list: Replayed[] = []
  for await (const one of replay(topics, { inputs, ...options })) list.push(one)
  return list
}

/** The rows as JSON, one a row. */
function linesOf(replayed: readonly Replayed[]): string[] {
  return replayed.flatMap(({ merged }) =>
    Array.from({ length: merged.rows }, (_, row) => {
      const batch = merged.sources[merged.source[row]!]!
      return `${batch.topic} ${JSON.stringify(toJson(batch.topic, rowAt(batch, merged.row[row]!)))}`
    }),
  )
}

describe('replay', () => {
  test('B3: partition count, size of commits and batch size never show in the rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        items,
        fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20 })),
        async (list, [partitions, step, maxRows]) => {
          const plain = await logOf(list, 1, 1000)
          const other = await logOf(list, partitions, step)
          const expected = linesOf(await all(plain))
          expect(expected.length).toBe(list.length)
          expect(linesOf(await all(other, { maxRows }))).toEqual(expected)
          expect((await hashTopic(other, 'market.candles')).hash).toBe((await hashTopic(plain, 'market.candles')).hash)
          await plain.close()
          await other.close()
        },
      ),
      { numRuns: 25 },
    )
  })

  test('a replay goes on behind any cursor without losing or repeating a row, and positions go on too', async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 3 }), async (list, partitions) => {
        const topics = await logOf(list, partitions, 7)
        const whole = await all(topics, { maxRows: 3 })
        const lines = linesOf(whole)
        let given = 0
        for (const { merged, cursor, positions } of whole) {
          given += merged.rows
          const rest = await all(topics, { maxRows: 5, after: JSON.parse(JSON.stringify(cursor)), positions })
          expect(linesOf(rest)).toEqual(lines.slice(given))
          if (rest.length > 0) expect(rest.at(-1)!.positions).toEqual(whole.at(-1)!.positions)
        }
        await topics.close()
      }),
      { numRuns: 15 },
    )
  })

  test('symbols and exchange choose rows; clocks without a symbol stay', async () => {
    const list = inputs.flatMap(({ topic }) =>
      ['binance', 'okx'].flatMap((exchange) =>
        ['BTCUSDT', 'ETHUSDT'].map(
          (symbol, received): Item => ({ topic, received: received + 1, exchange, symbol, key: '1m' }),
        ),
      ),
    )
    const topics = await logOf(list, 2, 4)
    const lines = linesOf(await all(topics, { exchange: 'okx', symbols: ['ETHUSDT'] }))
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['clocks', 'clocks', 'trades', 'quotes', 'candles'])
    for (const line of lines) expect(line).toContain('"exchange":"okx"')
    expect(lines.join('\n')).not.toContain('BTCUSDT')
    await topics.close()
  })

  test('from is inclusive, to exclusive, and pinned ends hide what was committed later', async () => {
    const list = Array.from({ length: 10 }, (_, i): Item => ({ ...trade, received: i + 1 }))
    const topics = await logOf(list, 1, 3)
    const received = async (options: Partial<ReplayOptions>) =>
      (await all(topics, options)).flatMap(({ merged }) =>
        Array.from(
          { length: merged.rows },
          (_, row) => merged.sources[merged.source[row]!]!.columns.received[merged.row[row]!]!,
        ),
      )
    expect(await received({ from: 3, to: 7 })).toEqual([3, 4, 5, 6])
    expect(await received({ ends: { 'market.trades': [4] } })).toEqual([1, 2, 3, 4])
    await topics.close()
  })

  test('an input that is not there says so', async () => {
    const topics = await logOf([], 1, 1)
    await expect(all(topics, { inputs: [{ topic: 'market.trade' }] })).rejects.toMatchObject({ code: 'TOPIC_MISSING' })
    await topics.close()
  })

  test('at a speed, each batch waits until its last row is due and is at most 50 ms of its time long; rows are the same', async () => {
    const list = Array.from({ length: 40 }, (_, i): Item => ({ ...trade, received: 1 + i * 30_000 }))
    const topics = await logOf(list, 1, 50)
    let now = 0
    const timer = {
      now: () => now,
      sleep: async (ms: number) => {
        now += ms
      },
    }
    const seen: Replayed[] = []
    const pace = pacer(2, undefined, timer)
    let origin: number | undefined
    for await (const one of replay(topics, { inputs, speed: 2, pace })) {
      origin ??= one.cursor.received
      const { merged, cursor } = one
      const first = merged.sources[0]!.columns.received[merged.row[0]!]!
      expect(now).toBeCloseTo((cursor.received - origin) / 1000 / 2, 6)
      expect((cursor.received - first) / 1000 / 2).toBeLessThanOrEqual(50)
      seen.push(one)
    }
    expect(now).toBeGreaterThan(500)
    expect(linesOf(seen)).toEqual(linesOf(await all(topics)))
    await topics.close()
  })

  test('an abort ends a paced replay while it waits', async () => {
    const topics = await logOf(
      [
        { ...trade, received: 1 },
        { ...trade, received: 3_600_000_000 },
      ],
      1,
      5,
    )
    const stop = new AbortController()
    const seen: Replayed[] = []
    for await (const one of replay(topics, { inputs, speed: 1, signal: stop.signal })) {
      seen.push(one)
      setTimeout(() => stop.abort(), 5)
    }
    expect(linesOf(seen)).toHaveLength(1)
    await topics.close()
  })
})

const trade: Item = { topic: 'market.trades', received: 1, exchange: 'okx', symbol: 'BTCUSDT', key: '1m' }
