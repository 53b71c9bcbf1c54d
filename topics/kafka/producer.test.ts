import { afterAll, beforeAll, expect } from 'vitest'
import { alertsOf, idsRead, rowsRead, tradesOf } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { testByClient } from '../../tests/kafka.ts'
import { ownServices, sharedServices } from '../../tests/services.ts'
import { faulty, gate } from '../../tests/wire-faults.ts'
import type { Topics } from '../topics.ts'
import type { Outgoing, Partition, ProducerIdentity, WireClient } from './client.ts'
import { openClient, openKafka } from './engine.ts'
import { isFault, KafkaFault } from './faults.ts'
import { namesOf } from './layout.ts'
import { again, openProducer } from './producer.ts'

describeWith('kafka', 'a transaction', () => {
  let services: Awaited<ReturnType<typeof ownServices<'kafka'>>>
  let where: { brokers: readonly string[]; registry: string }
  beforeAll(async () => {
    // Newer brokers ask the coordinator about each first row of a transaction; not all do, so what holds must not rest on it.
    const properties = { 'transaction.partition.verification.enable': 'false' }
    services = await ownServices({ names: ['kafka'], kafka: { properties } })
    where = { brokers: services.kafka.brokers, registry: (await sharedServices('registry')).registry.url }
  }, 300_000)
  const opened: { close(): Promise<unknown> }[] = []
  afterAll(async () => {
    for (const one of opened.reverse()) await one.close()
    await services?.end()
  })

  let made = 0
  const wire = (client: string): WireClient => {
    const one = openClient({ ...where, client })
    opened.push(one)
    return one
  }
  const newTopic = async (client: WireClient): Promise<Partition> => {
    const topic = `transaction-${made++}`
    await client.createTopics([{ topic, partitions: 1, configs: {} }])
    return { topic, partition: 0 }
  }
  const open = async (client: string) => {
    const faults = faulty()
    const prefix = `transaction-${made++}.`
    const topics: Topics = await openKafka({ ...where, client, prefix, through: faults.through })
    opened.push(topics)
    return { topics, faults, names: namesOf(prefix) }
  }
  /** How far readers of committed rows are behind the end. */
  const stuckBy = async (client: WireClient, part: Partition) => {
    const [stable, latest] = await Promise.all([
      client.listOffsets([part], 'stable'),
      client.listOffsets([part], 'latest'),
    ])
    return latest[0]! - stable[0]!
  }
  const rowOf = (part: Partition, sequence: number): Outgoing => ({
    ...part,
    records: [{ key: Buffer.from('k'), value: Buffer.from('late') }],
    timestamp: 1,
    sequence,
  })
  const idOf = (work: Promise<unknown>) =>
    work.then(
      () => 'accepted',
      (error: KafkaFault) => error.id,
    )

  testByClient(
    'T3: a row that arrives after its transaction was aborted is refused, and readers go on',
    async (name) => {
      const { topics, faults, names } = await open(name)
      const writer = await topics.writer({ run: 'r' })
      await writer.commit({ outputs: [alertsOf([1])] })
      let arrive: () => Promise<unknown> = async () => undefined
      faults.change({
        produce: (real) => async (parts, producer) => {
          faults.mend()
          arrive = () => real(parts, producer)
          throw new KafkaFault('NETWORK_EXCEPTION', 'a request that is still on its way')
        },
      })
      await writer.commit({ outputs: [alertsOf([2])] })
      expect(isFault(await arrive().catch((error: unknown) => error))).toBe(true)
      await writer.commit({ outputs: [alertsOf([3])] })
      await writer.close()
      const rows = await rowsRead<{ message: string }>(topics, 'r.alerts')
      expect(rows.map(({ row }) => row.message)).toEqual(['1', '2', '3'])
      const client = wire(name)
      const part = { topic: names.topic('r.alerts'), partition: 0 }
      await expect.poll(() => stuckBy(client, part), { timeout: 20_000 }).toBe(0)
    },
  )

  testByClient('T3: an abort in the same epoch would let it in, and readers would hang', async (name) => {
    const client = wire(name)
    const part = await newTopic(client)
    const begin = async () => {
      const producer = await again(() => client.initProducer(part.topic, 10_000))
      await again(() => client.addPartitions(producer, [part]))
      await again(() => client.produce([rowOf(part, 0)], producer))
      return producer
    }
    const anew = await begin()
    await again(() => client.initProducer(part.topic, 10_000, anew))
    expect(await idOf(client.produce([rowOf(part, 1)], anew))).not.toBe('accepted')
    await expect.poll(() => stuckBy(client, part), { timeout: 20_000 }).toBe(0)
    const same: ProducerIdentity = await begin()
    await again(() => client.endTransaction(same, false))
    await expect.poll(() => stuckBy(client, part), { timeout: 20_000 }).toBe(0)
    expect(await idOf(again(() => client.produce([rowOf(part, 1)], same)))).toBe('accepted')
    expect(await stuckBy(client, part)).toBe(1)
  })

  testByClient('T6: in which rows came out of order is aborted whole, and made again', async (name) => {
    const { topics, faults, names } = await open(name)
    const writer = await topics.writer({ run: 'r', market: true })
    await writer.commit({ outputs: [tradesOf(0, 3), alertsOf([0])] })
    const refused: string[] = []
    faults.change({
      produce: (real) => async (parts, producer) => {
        faults.mend()
        const gap = parts.map((part) => ({
          ...part,
          sequence: part.sequence + (part.topic.endsWith('alerts') ? 5 : 0),
        }))
        try {
          return await real(gap, producer)
        } catch (error) {
          refused.push((error as KafkaFault).id)
          throw error
        }
      },
    })
    await writer.commit({ outputs: [tradesOf(3, 6), alertsOf([1])] })
    await writer.commit({ outputs: [tradesOf(6, 9), alertsOf([2])] })
    await writer.close()
    expect(refused).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER'])
    expect(await idsRead(topics, 'market.trades')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    const alerts = await rowsRead<{ message: string }>(topics, 'r.alerts')
    expect(alerts.map(({ row }) => row.message)).toEqual(['0', '1', '2'])
    // What lies in the topics of the transaction that was aborted is left out for every reader, in both of them.
    const client = wire(name)
    for (const topic of ['market.trades', 'r.alerts']) {
      expect(await stuckBy(client, { topic: names.topic(topic), partition: 0 })).toBe(0)
    }
  })

  testByClient('T7: does not end before every row that was sent is acknowledged', async (name) => {
    const faults = faulty()
    const client = faults.through(wire(name))
    const part = await newTopic(client)
    const order: string[] = []
    const slow = gate()
    faults.change({
      produce: (real) => async (parts, producer) => {
        const bases = await real(parts, producer)
        await slow.opened
        order.push('acknowledged')
        return bases
      },
      endTransaction: (real) => async (producer, commit) => {
        order.push(commit ? 'commit' : 'abort')
        await real(producer, commit)
      },
    })
    const producer = await openProducer(client, part.topic, 10_000)
    const done = producer.transact(async ({ send }) => {
      // Nobody waits for it here.
      void send([{ ...part, records: rowOf(part, 0).records }], 1)
    })
    await expect.poll(() => stuckBy(client, part), { timeout: 20_000 }).toBe(1)
    slow.open()
    await done
    expect(order).toEqual(['acknowledged', 'commit'])
    await expect.poll(() => stuckBy(client, part), { timeout: 20_000 }).toBe(0)
  })
})
