// What every wire client of Kafka promises, on a real broker. A client is done when this and the suite of topics pass.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ReadRecord, WireClient } from '../../topics/kafka/client.ts'
import { isFault } from '../../topics/kafka/faults.ts'
import { again, openProducer } from '../../topics/kafka/producer.ts'

let made = 0

export function wireConformance(name: string, open: () => WireClient): void {
  describe(`the wire client ${name}`, () => {
    let client: WireClient
    let topic: string
    beforeEach(async () => {
      client = open()
      topic = `wire-${name}-${process.pid}-${made++}`
      expect(
        await client.createTopics([{ topic, partitions: 2, configs: { 'max.message.bytes': '67108864' } }]),
      ).toEqual([true])
    })
    afterEach(async () => {
      await client.deleteTopics([topic])
      await client.close()
    })

    const record = (text: string) => ({ key: Buffer.from(`key ${text}`), value: Buffer.from(text) })
    /** All that is committed from an offset on. One fetch may give less: the broker reads one segment of its log at a time. */
    const read = async (partition: number, offset: number) => {
      const [end] = await client.listOffsets([{ topic, partition }], 'stable')
      const records: ReadRecord[] = []
      let next = offset
      do {
        const from = [{ topic, partition, offset: next }]
        const [part] = await again(() => client.fetch(from, { waitMs: 200, maxBytes: 1 << 20, lane: 'test' }))
        records.push(...part!.records)
        next = part!.next
      } while (next < end!)
      return { texts: records.map(({ value }) => String(value)), next, records }
    }
    /** A topic that was made a moment ago may have no leader yet. */
    const produceNow = (parts: Parameters<WireClient['produce']>[0]) => again(() => client.produce(parts))
    const stable = async () =>
      client.listOffsets(
        [0, 1].map((partition) => ({ topic, partition })),
        'stable',
      )
    /** Until the markers of ended transactions are in all partitions. */
    const settled = async (wanted: number[]) => expect.poll(stable, { timeout: 10_000 }).toEqual(wanted)

    test('knows which topics are there, with how many partitions', async () => {
      expect(await client.partitionsOf([topic, 'wire-nobody'])).toEqual(new Map([[topic, 2]]))
      expect(await client.createTopics([{ topic, partitions: 7, configs: {} }])).toEqual([false])
      const [one, two] = [`${topic}-one`, `${topic}-two`]
      const several = [one, topic, two].map((topic) => ({ topic, partitions: 3, configs: {} }))
      expect((await client.createTopics(several))[1]).toBe(false)
      expect(await client.partitionsOf([one, two, topic])).toEqual(
        new Map([
          [one, 3],
          [two, 3],
          [topic, 2],
        ]),
      )
      await client.deleteTopics([one, two])
      expect(await client.listTopics()).toContain(topic)
      expect((await client.describeConfigs(topic))['max.message.bytes']).toBe('67108864')
      await client.alterConfigs(topic, { 'retention.ms': '3600000', 'min.insync.replicas': '1' })
      await expect
        .poll(() => client.describeConfigs(topic))
        .toMatchObject({ 'retention.ms': '3600000', 'min.insync.replicas': '1', 'max.message.bytes': '67108864' })
    })

    test('shows what a transaction wrote when it is committed, and nothing of one that is aborted', async () => {
      const producer = await openProducer(client, topic, 10_000)
      const bases: (readonly number[])[] = []
      await producer.transact(async ({ send }) => {
        const parts = [0, 1].map((partition) => ({ topic, partition, records: [record('a'), record('b')] }))
        bases.push(await send(parts, 1_000), await send([{ topic, partition: 0, records: [record('c')] }], 2_000))
        expect((await read(0, 0)).texts).toEqual([])
      })
      expect(bases).toEqual([[0, 0], [2]])
      await settled([4, 3])
      const failing = producer.transact(async ({ send }) => {
        await send([{ topic, partition: 0, records: [record('never')] }], 0)
        throw new Error('changed my mind')
      })
      await expect(failing).rejects.toThrow('changed my mind')
      await producer.transact(async ({ send }) => {
        expect(await send([{ topic, partition: 0, records: [record('d')] }], 3_000)).toEqual([6])
      })
      await settled([8, 3])
      expect(await read(0, 1)).toMatchObject({ texts: ['b', 'c', 'd'], next: 8 })
      expect((await read(0, 0)).records.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
        [0, 1_000],
        [1, 1_000],
        [2, 2_000],
        [6, 3_000],
      ])
      expect(String((await read(1, 1)).records[0]!.key)).toBe('key b')
    })

    test('T4: who initialises a transactional id fences who had it, also in the middle of a transaction', async () => {
      const old = await openProducer(client, topic, 10_000)
      const fenced = await old
        .transact(async ({ send }) => {
          await send([{ topic, partition: 0, records: [record('lost')] }], 0)
          const young = await openProducer(client, topic, 10_000)
          await young.transact(async ({ send }) => {
            await send([{ topic, partition: 0, records: [record('kept')] }], 0)
          })
        })
        .catch((error: unknown) => error)
      expect(isFault(fenced, 'fenced'), String(fenced)).toBe(true)
      await settled([4, 0])
      expect((await read(0, 0)).texts).toEqual(['kept'])
    })

    test('T2: a producer that starts anew goes on, and what it had left open is gone', async () => {
      const producer = await openProducer(client, topic, 10_000)
      const first = producer.transact(async ({ send }) => {
        await send([{ topic, partition: 1, records: [record('open')] }], 0)
        await producer.restart()
      })
      // Its commit comes from a producer that is no more.
      expect(isFault(await first.catch((error: unknown) => error))).toBe(true)
      const again_ = await openProducer(client, topic, 10_000)
      await again_.transact(async ({ send }) => {
        await send([{ topic, partition: 1, records: [record('anew')] }], 0)
      })
      await expect.poll(async () => (await read(1, 0)).texts, { timeout: 10_000 }).toEqual(['anew'])
    })

    test('takes and gives a record of 20 MB, an empty one, and one without a value', async () => {
      const big = { key: Buffer.from('big'), value: Buffer.alloc(20_000_000, 'smartspeed') }
      const empty = { key: Buffer.alloc(0), value: Buffer.alloc(0) }
      const none = { key: Buffer.from('none'), value: null }
      for (const one of [big, empty, none]) {
        await produceNow([{ topic, partition: 0, records: [one], timestamp: 5, sequence: 0 }])
      }
      const { records: all } = await read(0, 0)
      expect(Buffer.compare(all[0]!.value!, big.value)).toBe(0)
      expect(all.slice(1).map(({ key, value }) => [String(key), value === null ? null : value.length])).toEqual([
        ['', 0],
        ['none', null],
      ])
    })

    test('says what went wrong by the one table', async () => {
      const from = [{ topic, partition: 0, offset: 99 }]
      const lost = again(() => client.fetch(from, { waitMs: 0, maxBytes: 1000, lane: 'test' }))
      await expect(lost).rejects.toMatchObject({ kind: 'range', id: 'OFFSET_OUT_OF_RANGE' })
      const nobody = client.listOffsets([{ topic: 'wire-nobody', partition: 0 }], 'latest')
      await expect(nobody).rejects.toMatchObject({ kind: 'retriable' })
      const identity = { transactionalId: `${topic}-unknown`, producerId: 123n, epoch: 0 }
      await expect(client.addPartitions(identity, [{ topic, partition: 0 }])).rejects.toMatchObject({ kind: 'fenced' })
    })

    test('deletes records before an offset', async () => {
      await produceNow([{ topic, partition: 0, records: ['a', 'b', 'c'].map(record), timestamp: 5, sequence: 0 }])
      await client.deleteRecords([{ topic, partition: 0, offset: 2 }])
      expect(await client.listOffsets([{ topic, partition: 0 }], 'earliest')).toEqual([2])
      expect((await read(0, 2)).texts).toEqual(['c'])
      expect(isFault(await read(0, 0).catch((error: unknown) => error), 'range')).toBe(true)
    })
  })
}
