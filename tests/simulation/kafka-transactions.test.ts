// Commits of a writer while the way to the broker fails at a chosen request: whatever happens, each step is there exactly once, the
// writer goes on, and nothing hangs. A run of many faults is kafka-faults.test.ts; here each is alone.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { WireClient } from '../../topics/kafka/client.ts'
import { clientNames, openClient, openKafka } from '../../topics/kafka/engine.ts'
import { openProducer, type Producer, persist } from '../../topics/kafka/producer.ts'
import type { Topics, Writer } from '../../topics/topics.ts'
import { alertsOf, idsRead, journalEntry, journalRead, rowsRead, tradesOf } from '../conformance/rows.ts'
import { describeWith } from '../data.ts'
import type { FaultProxy } from './fault-proxy.ts'
import { type FaultyKafka, faultyKafka } from './faulty-kafka.ts'
import { type Frame, withGap } from './kafka-frames.ts'
import { hangingPartitions } from './kafka-settled.ts'

/** An answer that takes longer counts as lost: short, as many are lost here. */
const requestTimeoutMs = 700

describeWith(['kafka', 'time'], 'a writer whose way to the broker fails', () => {
  let kafka: FaultyKafka
  let proxy: FaultProxy
  let prefixes = 0
  beforeAll(async () => {
    kafka = await faultyKafka(2)
    proxy = kafka.ways[0]!.proxy
  })
  afterAll(() => kafka?.end())

  describe.each(clientNames.map((client) => [client]))('by %s', (client) => {
    let prefix: string
    let topics: Topics
    let writer: Writer
    let steps: number
    beforeEach(async () => {
      prefix = `t${prefixes++}.`
      steps = 0
      topics = await openKafka({
        ...{ brokers: kafka.ways[0]!.brokers, registry: kafka.registry, client, prefix, requestTimeoutMs },
        ledgerPartitions: 1,
      })
      writer = await topics.writer({ run: 'r', market: true })
      // The first one makes the topics.
      await commit()
    })
    afterEach(async () => {
      proxy.decide = undefined
      proxy.watch = undefined
      await topics.close()
    })

    const commit = (): Promise<void> => {
      const step = steps++
      const outputs = [tradesOf(step * 3, step * 3 + 3), alertsOf([step])]
      return writer.commit({ outputs, journal: journalEntry('r', 't', step), run: { step } })
    }

    /** One more step goes well, and then all are there once, in every topic, for who reads past the proxy. */
    async function expectAllOnce(runs = ['r']): Promise<void> {
      await commit()
      await writer.close()
      const numbers = Array.from({ length: steps }, (_, i) => i)
      const direct = await openKafka({ brokers: kafka.direct, registry: kafka.registry, prefix, readOnly: true })
      try {
        expect(await idsRead(direct, 'market.trades')).toEqual(Array.from({ length: steps * 3 }, (_, i) => i))
        const alerts = await rowsRead<{ message: string }>(direct, 'r.alerts')
        expect(alerts.map(({ row }) => Number(row.message))).toEqual(numbers)
        expect((await journalRead(direct, 'r', 't')).map(({ step }) => step)).toEqual(numbers)
        expect((await direct.runs()).map(({ run }) => run)).toEqual([...runs].sort())
        expect((await direct.runs()).at(-1)).toEqual({ run: 'r', about: { step: steps - 1 } })
      } finally {
        await direct.close()
      }
      expect(await hangingPartitions(kafka.direct, prefix)).toEqual({})
    }

    test('T1: an end that is delayed until the next transaction is open neither commits nor aborts any of that one', async () => {
      const [late, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const first = proxy.hit({ api: 'EndTxn', way: 'request', fault: { do: 'delay', until: late.promise } })
      const committing = commit()
      const { connection } = await first
      const second = new Promise<void>((resolve) => {
        // Not once: on a slow machine the second one may be given up, too, before this test has looked.
        proxy.decide = ({ api, way }) => {
          if (api !== 'EndTxn' || way !== 'request') return undefined
          resolve()
          return { do: 'delay', until: held.promise }
        }
      })
      // All rows of the next transaction are sent, and it is open.
      await second
      const answered = answerOn(connection, 'EndTxn')
      late.resolve()
      await answered
      const direct = await openKafka({ brokers: kafka.direct, registry: kafka.registry, prefix, readOnly: true })
      expect(await idsRead(direct, 'market.trades')).toEqual([0, 1, 2])
      await direct.close()
      held.resolve()
      await committing
      await expectAllOnce()
    })

    test('T2: an end that was carried out and whose answer is lost is found, and nothing is written twice', async () => {
      const hit = proxy.hit({ api: 'EndTxn', way: 'answer', fault: { do: 'swallow' } })
      await commit()
      await hit
      await expectAllOnce()
    })

    test('T2: an end that never arrived is found to be missing, and the step is written again', async () => {
      const hit = proxy.hit({ api: 'EndTxn', way: 'request', fault: { do: 'swallow' } })
      await commit()
      await hit
      await expectAllOnce()
    })

    test('T2: also when the way fails again and again while the outcome is asked for', async () => {
      const hits = [
        proxy.hit({ api: 'EndTxn', way: 'answer', fault: { do: 'swallow' } }),
        proxy.hit({ api: 'InitProducerId', way: 'answer', times: 2, fault: { do: 'reset' } }),
        proxy.hit({ api: 'Fetch', way: 'answer', fault: { do: 'cut' } }),
      ]
      await commit()
      await expectAllOnce()
      await Promise.all(hits)
    })

    test('T2: also while the transaction of another run is open in the same partition of the ledger', async () => {
      const other = await openKafka({ brokers: kafka.ways[1]!.brokers, registry: kafka.registry, client, prefix })
      const their = await other.writer({ run: 'other' })
      const { promise, resolve } = Promise.withResolvers<void>()
      const { proxy: theirs } = kafka.ways[1]!
      const fault = { do: 'delay', until: promise } as const
      const open = theirs.hit({ api: 'EndTxn', way: 'request', fault })
      const theirCommit = their.commit({ outputs: [alertsOf([1])] })
      await open
      const hit = proxy.hit({ api: 'EndTxn', way: 'answer', fault: { do: 'swallow' } })
      const committing = commit()
      await hit
      // Ours looks for its commit now, and cannot see past the open one.
      await sleep(2 * requestTimeoutMs)
      resolve()
      await Promise.all([committing, theirCommit])
      await other.close()
      await expectAllOnce(['other', 'r'])
    })

    test('T3: rows that arrive after their transaction was aborted are refused, and readers are not stuck', async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const hit = proxy.hit({ api: 'Produce', way: 'request', fault: { do: 'delay', until: promise } })
      const committing = commit()
      const { connection } = await hit
      await committing
      const answered = answerOn(connection, 'Produce')
      resolve()
      await answered
      expect(await hangingPartitions(kafka.direct, prefix)).toEqual({})
      await expectAllOnce()
    })

    test('T6: a gap in the sequence of a producer aborts the transaction whole, and the step is written again', async () => {
      const rewrite = { do: 'rewrite', as: (bytes: Buffer) => withGap(bytes, 5) } as const
      // The second Produce of a commit carries its entries in the ledger: its rows are there by then.
      const hit = proxy.hit({ api: 'Produce', way: 'request', after: 1, fault: rewrite })
      await commit()
      await hit
      await expectAllOnce()
    })

    test('who makes the topics of a run late does not make forget what is kept with it', async () => {
      const late = await openKafka({
        ...{ brokers: kafka.direct, registry: kafka.registry, client, prefix },
        through: (real) => ({
          ...real,
          async createTopics(wanted) {
            // It has looked already what there is; meanwhile the run is begun by another.
            await first.commit({ outputs: [alertsOf([1])], run: { kept: true } })
            return real.createTopics(wanted)
          },
        }),
      })
      const first = await topics.writer({ run: 'late' })
      await late.create([{ record: 'alerts', run: 'late' }])
      expect((await topics.runs()).find(({ run }) => run === 'late')).toEqual({ run: 'late', about: { kept: true } })
      await first.close()
      await late.close()
      await expectAllOnce(['late', 'r'])
    })

    test('a connection that stalls is left for another one', async () => {
      const hit = proxy.hit({ api: 'EndTxn', way: 'request', fault: { do: 'stall' } })
      await commit()
      await hit
      await commit()
      await expectAllOnce()
    })

    const faults = ['swallow', 'reset', 'deliver-reset', 'cut', 'half-close'] as const
    test.each(faults)(
      'whichever message of a commit meets a %s, each step is there once and the writer goes on',
      async (kind) => {
        const messages = await messagesOf(commit)
        expect(messages.map(({ api }) => api)).toEqual(expect.arrayContaining(['Produce', 'EndTxn', 'ListOffsets']))
        for (const [at, { way, api }] of messages.entries()) {
          const after = messages.slice(0, at).filter((one) => one.way === way && one.api === api).length
          const hit = proxy.hit({ way, api, after, fault: { do: kind } })
          await commit()
          // A reader may need fewer requests the next time: then the next commit meets it.
          await Promise.race([hit, commit().then(commit)])
        }
        await expectAllOnce()
      },
      180_000,
    )
  })

  /** What passes while the work is done, on the connections that commit. */
  async function messagesOf(work: () => Promise<void>): Promise<Frame[]> {
    const seen: Frame[] = []
    proxy.watch = (frame) => seen.push(frame)
    await work()
    proxy.watch = undefined
    return seen.filter(({ api }) => api !== 'Metadata')
  }

  describe.each(clientNames.map((client) => [client]))('a producer by %s', (name) => {
    const topic = `producer-${name}`
    const records = [{ key: Buffer.from('key'), value: Buffer.from('value') }]
    let client: WireClient
    let producer: Producer
    beforeEach(async () => {
      client = openClient({ brokers: kafka.ways[0]!.brokers, client: name, requestTimeoutMs })
      await persist(() => client.createTopics([{ topic, partitions: 1, configs: {} }]))
      producer = await openProducer(client, topic, 10_000)
    })
    afterEach(async () => {
      proxy.watch = undefined
      await client.close()
    })

    test('T3: rows that arrive when their transaction was aborted, and no other follows, are refused', async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const hit = proxy.hit({ api: 'Produce', way: 'request', fault: { do: 'delay', until: promise } })
      const sending = producer.transact(async ({ send }) => {
        await send([{ topic, partition: 0, records }], Date.now())
      })
      await expect(sending).rejects.toMatchObject({ kind: 'unknown' })
      await producer.restart()
      const { connection } = await hit
      const answered = answerOn(connection, 'Produce')
      resolve()
      await answered
      expect(await hangingPartitions(kafka.direct, topic, 3000)).toEqual({})
    })

    test('T7: a commit that is asked for before every row is acknowledged waits for them', async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const hit = proxy.hit({ api: 'Produce', way: 'answer', fault: { do: 'delay', until: promise } })
      let ended = false
      proxy.watch = ({ api }) => {
        if (api === 'EndTxn') ended = true
      }
      const committing = producer.transact(async ({ send }) => {
        // Nobody waits for it.
        void send([{ topic, partition: 0, records }], Date.now())
        await hit
      })
      await hit
      // The broker answers others meanwhile: time enough for an end that would not wait.
      for (let i = 0; i < 20; i++) await persist(() => client.partitionsOf([topic]))
      expect(ended).toBe(false)
      resolve()
      await committing
      expect(ended).toBe(true)
    })
  })

  function answerOn(connection: number, api: Frame['api']): Promise<void> {
    return new Promise((resolve) => {
      proxy.watch = (frame) => {
        if (frame.connection === connection && frame.api === api && frame.way === 'answer') resolve()
      }
    })
  }
})
