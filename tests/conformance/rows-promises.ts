import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchOf, rowsOf } from '../../schemas/batch.ts'
import { recordNames } from '../../schemas/records.generated.ts'
import { anyRow } from '../rows.ts'
import { alertsOf, fetchAll, idsRead, rowsRead, tradeRow } from './rows.ts'
import type { Suite } from './topics.ts'

export function rowsPromises(at: Suite): void {
  describe('rows', () => {
    // Each record has a schema of its own, which one client shows as well as another.
    const records = at.share < 0.5 ? recordNames.filter((_, i) => i % 4 === 0) : recordNames
    test.each(records.map((record) => [record]))('of %s come back as they were written', async (record) => {
      const writer = await at.topics.writer({ run: 'any', market: true })
      const anyRows = fc.array(anyRow(record), { minLength: 1, maxLength: 20 })
      const written: unknown[] = []
      for (const rows of fc.sample(anyRows, { numRuns: 12, seed: 7 })) {
        const batch = batchOf(record, rows as never)
        written.push(...rowsOf(batch))
        await writer.commit({ outputs: [batch] })
      }
      const name = (await at.topics.list()).find((topic) => topic.record === record)!.name
      const read = (await fetchAll(at.topics, name)).flatMap(({ batch }) => rowsOf(batch))
      expect(read).toEqual(written)
      await writer.close()
    })

    test('of a partition have rising offsets, and ends says what the next one is', async () => {
      await at.write([0, 10], [10, 11], [11, 500])
      const rows = await rowsRead(at.topics, 'market.trades')
      expect(rows.map(({ offset }) => offset)).toEqual(rows.map(({ row }) => Number(row.id)))
      expect(await at.topics.info('market.trades')).toMatchObject({
        ...{ record: 'trades', run: undefined, partitions: 1, rows: 500, ends: [500] },
        ...{ first: tradeRow(0).received, last: tradeRow(499).received },
      })
    })

    test('keep symbols in any script', async () => {
      const symbols = ['币安人生USDT', 'BTC-USD', 'ß/ẞ', '😀', 'a:b', '', 'x'.repeat(300)]
      const writer = await at.topics.writer({ run: 'feed', market: true })
      await writer.commit({
        outputs: [
          batchOf(
            'trades',
            symbols.map((symbol, i) => tradeRow(i, { symbol })),
          ),
        ],
      })
      await writer.close()
      const rows = await rowsRead(at.topics, 'market.trades')
      expect(rows.map(({ row }) => row.symbol)).toEqual(symbols)
    })

    test('may be large: 20 MB in one', async () => {
      const bytes = Buffer.alloc(20_000_000, 'smartspeed')
      const row = {
        time: 1,
        received: 2,
        exchange: 'b',
        symbol: 's',
        source: 'x',
        reason: 'r',
        message: '',
        bytes,
        attempts: 1,
      }
      const writer = await at.topics.writer({ run: 'feed', market: true })
      await writer.commit({ outputs: [batchOf('dead-letters', [row])] })
      await writer.close()
      const [read] = await rowsRead<{ bytes: Uint8Array }>(at.topics, 'market.dead-letters')
      expect(Buffer.compare(read!.row.bytes, bytes)).toBe(0)
    })
  })

  describe('a topic', () => {
    test('that is made and empty has no rows, and reading it ends', async () => {
      const made = await at.topics.create([{ record: 'trades' }, { record: 'orders', run: 'r', partitions: 3 }])
      expect(made).toEqual({ created: ['market.trades', 'r.orders'], existing: [] })
      expect(await idsRead(at.topics, 'market.trades')).toEqual([])
      expect(await idsRead(at.topics, 'r.orders', { order: 'received' })).toEqual([])
      expect(await at.topics.info('r.orders')).toMatchObject({ rows: 0, run: 'r', first: undefined, ends: [0, 0, 0] })
    })

    test('that is there already keeps its partitions', async () => {
      await at.topics.create([{ record: 'trades', partitions: 4 }])
      expect(await at.topics.create([{ record: 'trades', partitions: 2 }])).toEqual({
        created: [],
        existing: ['market.trades'],
      })
      expect((await at.topics.info('market.trades')).partitions).toBe(4)
    })

    test('that is not there is named, with the nearest that is', async () => {
      await at.topics.create([{ record: 'trades' }])
      const missing = { code: 'TOPIC_MISSING', fix: expect.stringContaining('market.trades') }
      await expect(at.topics.info('market.trade')).rejects.toMatchObject(missing)
      await expect(idsRead(at.topics, 'market.traces')).rejects.toMatchObject(missing)
    })

    test('has at least one partition', async () => {
      for (const partitions of [0, -1, 1.5, Number.NaN]) {
        const made = at.topics.create([{ record: 'quotes' }, { record: 'trades', partitions }])
        await expect(made).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      }
      expect(await at.topics.list()).toEqual([])
    })

    test('of a run with an odd name is refused before anything is made', async () => {
      for (const run of ['', '.', '..', 'a/b', 'a b', 'x'.repeat(101), 'market', 'é']) {
        await expect(at.topics.writer({ run }), run).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
        await expect(at.topics.create([{ record: 'orders', run }]), run).rejects.toMatchObject({
          code: 'CONFIG_INVALID',
        })
      }
      expect(await at.topics.list()).toEqual([])
      const writer = await at.topics.writer({ run: 'A-z_0.9' })
      await writer.commit({ outputs: [alertsOf([1])] })
      await writer.close()
      expect((await at.topics.list()).map(({ name }) => name)).toEqual(['A-z_0.9.alerts'])
    })
  })

  describe('partitions', () => {
    test('are chosen by the hash of the key that Kafka takes, and keep the order of each key', async () => {
      await at.topics.create([{ record: 'trades', partitions: 3 }])
      const symbols = ['BTCUSDT', 'ETHUSDT', '币安人生USDT', 'SOLUSDT']
      const rows = Array.from({ length: 400 }, (_, i) => tradeRow(i, { symbol: symbols[(i * i) % 4]! }))
      const writer = await at.topics.writer({ run: 'feed', market: true })
      await writer.commit({ outputs: [batchOf('trades', rows.slice(0, 250))] })
      await writer.commit({ outputs: [batchOf('trades', rows.slice(250))] })
      await writer.close()
      const read = await rowsRead(at.topics, 'market.trades')
      for (const { partition, row } of read) expect(partition, row.symbol).toBe(kafkaPartitionsOf3[row.symbol])
      for (const symbol of symbols) {
        const ids = read.filter(({ row }) => row.symbol === symbol).map(({ row }) => Number(row.id))
        expect(ids).toEqual(rows.filter((row) => row.symbol === symbol).map(({ id }) => Number(id)))
      }
      const only = await rowsRead(at.topics, 'market.trades', { partitions: [1] })
      expect(only).toEqual(read.filter(({ partition }) => partition === 1))
    })
  })
}

/** org.apache.kafka.common.utils.Utils.toPositive(murmur2(key)) % 3 of `binance:<symbol>`. */
const kafkaPartitionsOf3: Record<string, number> = { BTCUSDT: 2, ETHUSDT: 1, 币安人生USDT: 1, SOLUSDT: 0 }
