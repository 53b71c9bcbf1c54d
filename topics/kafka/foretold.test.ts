// A commit whose entries go with its rows, because it is known where these will lie; and a reader that goes on from there.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertsOf, idsRead, rowsRead, tradesOf } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { ownServices } from '../../tests/services.ts'
import { faulty } from '../../tests/wire-faults.ts'
import type { Topics } from '../topics.ts'
import type { WireClient } from './client.ts'
import { clientNames, openClient, openKafka } from './engine.ts'
import { KafkaFault } from './faults.ts'
import { namesOf } from './layout.ts'

describeWith(['kafka', 'time'], 'where rows will lie', () => {
  let services: Awaited<ReturnType<typeof ownServices<'kafka' | 'registry'>>>
  let where: { brokers: readonly string[]; registry: string }
  beforeAll(async () => {
    services = await ownServices({ names: ['kafka', 'registry'] })
    where = { brokers: services.kafka.brokers, registry: services.registry.url }
  }, 300_000)
  const opened: { close(): Promise<unknown> }[] = []
  afterAll(async () => {
    for (const one of opened.reverse()) await one.close()
    await services?.end()
  })

  let made = 0
  const open = async (client: string) => {
    const faults = faulty()
    const prefix = `foretold-${made++}.`
    const topics: Topics = await openKafka({ ...where, client, prefix, through: faults.through })
    opened.push(topics)
    const names = namesOf(prefix)
    const writer = await topics.writer({ run: 'r', market: true })
    /** Topics of each request that writes, and how transactions ended, of one commit. */
    const commit = async (number: number): Promise<string[]> => {
      const seen: string[] = []
      // A broker may want to be asked again.
      const see = (what: string) => seen.at(-1) === what || seen.push(what)
      faults.change({
        produce: (real) => (parts, producer) => {
          // Signs of life are written outside of transactions, at their own times.
          if (producer) see(parts.map(({ topic }) => (topic === names.ledger ? 'ledger' : 'rows')).join('+'))
          return real(parts, producer)
        },
        initProducer:
          (real) =>
          (...args) => {
            see('abort')
            return real(...args)
          },
      })
      await writer.commit({ outputs: [tradesOf(number, number + 1), alertsOf([number])] })
      faults.mend()
      return seen
    }
    const committed = async () => {
      const alerts = await rowsRead<{ message: string }>(topics, 'r.alerts')
      return [await idsRead(topics, 'market.trades'), alerts.map(({ row }) => Number(row.message))]
    }
    return { topics, faults, names, writer, commit, committed }
  }
  /** A row that another program puts into a topic of ours. */
  const intrude = async (client: WireClient, topic: string) => {
    const records = [{ key: Buffer.from('k'), value: Buffer.from('not ours') }]
    await client.produce([{ topic, partition: 0, records, timestamp: Date.now(), sequence: 0 }])
  }
  const wire = (client: string): WireClient => {
    const one = openClient({ ...where, client })
    opened.push(one)
    return one
  }
  const apart = ['rows+rows', 'ledger']
  const together = ['rows+rows+ledger']

  test.each(clientNames)(
    'is known of what this writer wrote before: one request for rows and entries (%s)',
    async (name) => {
      const { commit, committed } = await open(name)
      expect(await commit(0)).toEqual(apart)
      for (let number = 1; number < 5; number++) expect(await commit(number)).toEqual(together)
      expect(await committed()).toEqual([
        [0, 1, 2, 3, 4],
        [0, 1, 2, 3, 4],
      ])
    },
  )

  test.each(clientNames)(
    'is not where another writer came first: aborted, made again, and not foretold any more (%s)',
    async (name) => {
      const { commit, committed, names, topics } = await open(name)
      await commit(0)
      expect(await commit(1)).toEqual(together)
      await intrude(wire(name), names.topic('market.trades'))
      expect(await commit(2)).toEqual([...together, 'abort', ...apart])
      await intrude(wire(name), names.topic('market.trades'))
      expect(await commit(3)).toEqual(apart)
      const all = [0, 1, 2, 3]
      expect(await committed()).toEqual([all, all])
      // Who reads it all from its beginning, without having seen it grow, finds the same.
      const other = await openKafka({ ...where, prefix: names.topic(''), readOnly: true })
      opened.push(other)
      expect(await idsRead(other, 'market.trades')).toEqual(all)
      expect((await topics.info('market.trades')).rows).toBe(4)
    },
  )

  test.each(clientNames)('is not known after an abort, until the next commit is there (%s)', async (name) => {
    const { commit, committed, faults, writer } = await open(name)
    await commit(0)
    const seen: string[] = []
    faults.change({
      produce: (real) => async (parts, producer) => {
        const offsets = await real(parts, producer)
        if (producer) seen.push(`${parts.length}`)
        if (producer && seen.length === 1)
          throw new KafkaFault('TRANSACTION_ABORTABLE', 'a request that was carried out')
        return offsets
      },
    })
    await writer.commit({ outputs: [tradesOf(1, 2), alertsOf([1])] })
    expect(seen).toEqual(['3', '2', '1'])
    expect(await commit(2)).toEqual(together)
    expect(await committed()).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
  })

  test.each(clientNames)('a row of another program between two parts of a step is passed over (%s)', async (name) => {
    const { committed, faults, names, writer } = await open(name)
    const client = wire(name)
    const topic = names.topic('market.trades')
    let requests = 0
    faults.change({
      produce: (real) => async (parts, producer) => {
        const offsets = await real(parts, producer)
        if (producer && ++requests === 1) await intrude(client, topic)
        return offsets
      },
    })
    // More than a record batch takes.
    await writer.commit({ outputs: [tradesOf(0, 8_192), tradesOf(8_192, 10_000), alertsOf([0])] })
    expect(requests).toBe(3)
    const [ids] = await committed()
    expect(ids).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  })

  test.each(clientNames)(
    'tells a reader where to begin: of a block that grows it fetches what is new (%s)',
    async (name) => {
      const { commit, faults, topics } = await open(name)
      for (let number = 0; number < 10; number++) await commit(number)
      const asked: number[] = []
      faults.change({
        fetchSpans: (real) => async (from, options) => {
          const parts = await real(from, options)
          asked.push(...parts.map(({ spans }) => spans.count))
          return parts
        },
      })
      const ids = await rowsRead(topics, 'market.trades', { from: { offsets: [9] } })
      expect(ids.map(({ row, offset }) => [row.id, offset])).toEqual([['9', 9]])
      expect(asked).toEqual([1])
    },
  )
})
