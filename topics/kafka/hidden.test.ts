import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertsOf, idsRead, journalEntry, journalRead, rowsRead } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { sharedServices } from '../../tests/services.ts'
import { answerLost, type Faulty, faulty, gate } from '../../tests/wire-faults.ts'
import type { TaskClaim, Topics } from '../topics.ts'
import { openClient, openKafka } from './engine.ts'
import { namesOf } from './layout.ts'
import { openProducer } from './producer.ts'

// A transaction that somebody leaves open hides what others commit behind it in the same partition.
describeWith(['kafka', 'time'], 'what an open transaction of somebody else hides', () => {
  let where: { brokers: readonly string[]; registry: string }
  beforeAll(async () => {
    const { kafka, registry } = await sharedServices('kafka', 'registry')
    where = { brokers: kafka.brokers, registry: registry.url }
  }, 300_000)
  const opened: { close(): Promise<unknown> }[] = []
  afterAll(async () => {
    for (const one of opened) await one.close()
  })

  let made = 0
  /** Topics of one ledger partition: all runs share it. */
  const place = () => {
    const prefix = `hidden-${process.pid}-${made++}.`
    const open = async (more: object = {}): Promise<Topics> => {
      const topics = await openKafka({ ...where, prefix, ledgerPartitions: 1, ...more })
      opened.push(topics)
      return topics
    }
    return { prefix, open, names: namesOf(prefix) }
  }
  /** Somebody's transaction over a partition, left open until told. */
  const openTransaction = async (topic: string, key: readonly unknown[]) => {
    const client = openClient(where)
    opened.push(client)
    const producer = await openProducer(client, `${topic}-somebody`, 60_000)
    const end = gate()
    const begun = gate()
    const done = producer
      .transact(async ({ send }) => {
        const record = { key: Buffer.from(JSON.stringify(key)), value: Buffer.from('{}') }
        await send([{ topic, partition: 0, records: [record] }], Date.now())
        begun.open()
        await end.opened
        throw new Error('given up')
      })
      .catch(() => undefined)
    await begun.opened
    return async () => {
      end.open()
      await done
    }
  }
  const claim: TaskClaim = { task: 't', partition: 0, confirm: async () => {} }
  const step = (number: number) => ({ outputs: [alertsOf([number])], journal: journalEntry('r', 't', number) })
  const messages = async (topics: Topics) =>
    (await rowsRead<{ message: string }>(topics, 'r.alerts')).map(({ row }) => Number(row.message))

  /** Opens when it is asked how far a partition goes whoever wrote it; from then on it waits for the open transaction. */
  const asksForTheEnd = (faults: Faulty) => {
    const asked = gate()
    faults.change({
      listOffsets: (real) => async (partitions, kind) => {
        const answer = await real(partitions, kind)
        if (kind === 'latest') asked.open()
        return answer
      },
    })
    return asked.opened
  }

  test('a writer that opens sees what the one before it committed, however long it takes', async () => {
    const { open, names } = place()
    const faults = faulty()
    const first = await (await open({ through: faults.through })).writer({ run: 'r', task: claim })
    await first.commit(step(1))
    const end = await openTransaction(names.ledger, ['run', 'somebody'])
    const committed = gate()
    faults.change({
      endTransaction:
        (real) =>
        async (...args) => {
          await real(...args)
          committed.open()
        },
    })
    // It is committed, and can be read only when the other transaction has ended.
    const reading = first.commit(step(2))
    await committed.opened
    const later = faulty()
    const topics = await open({ through: later.through })
    const asked = asksForTheEnd(later)
    const opening = topics.writer({ run: 'r', task: claim })
    await Promise.race([opening, asked])
    const ending = asked.then(end)
    const second = await opening
    expect((await journalRead(topics, 'r', 't')).map(({ step }) => step)).toEqual([1, 2])
    await ending
    await reading
    await second.commit(step(3))
    expect(await messages(topics)).toEqual([1, 2, 3])
    await expect(first.commit(step(3))).rejects.toMatchObject({ code: 'LEASE_HELD' })
  })

  test('T2: a commit whose end was not answered is found, and not made again', async () => {
    const { open, names } = place()
    const faults = faulty()
    const topics = await open({ through: faults.through })
    const writer = await topics.writer({ run: 'r', task: claim })
    await writer.commit(step(1))
    const end = await openTransaction(names.ledger, ['run', 'somebody'])
    const lost = gate()
    faults.change({
      endTransaction:
        (real) =>
        async (...args) => {
          faults.mend()
          void asksForTheEnd(faults).then(lost.open)
          await answerLost(real)(...args)
        },
    })
    const committed = writer.commit(step(2))
    await Promise.race([committed, lost.opened])
    await end()
    await committed
    await writer.commit(step(3))
    await writer.close()
    expect(await messages(topics)).toEqual([1, 2, 3])
    expect((await journalRead(topics, 'r', 't')).map(({ step }) => step)).toEqual([1, 2, 3])
  })

  test('topics that are made are known when that is said', async () => {
    const { open, names } = place()
    const topics = await open()
    const end = await openTransaction(names.ledger, ['run', 'somebody'])
    let isMade = false
    const creating = topics.create([{ record: 'alerts', run: 'r', partitions: 3 }]).finally(() => {
      isMade = true
    })
    const client = openClient(where)
    opened.push(client)
    const part = { topic: names.ledger, partition: 0 }
    // Until its entry is written, behind the open transaction.
    const written = async () => (await client.listOffsets([part], 'latest'))[0]! > 1
    await expect.poll(written, { timeout: 20_000 }).toBe(true)
    expect(isMade).toBe(false)
    await end()
    expect(await creating).toEqual({ created: ['r.alerts'], existing: [] })
    expect((await topics.info('r.alerts')).partitions).toBe(3)
    expect(await idsRead(topics, 'r.alerts')).toEqual([])
  })

  test('a lease that is taken is seen by who comes next', async () => {
    const { open, names } = place()
    const faults = faulty()
    const holder = await open({ through: faults.through })
    let end = async () => {}
    faults.change({
      // After it has looked whether the lease is free, and before it takes it.
      addPartitions:
        (real) =>
        async (...args) => {
          faults.mend()
          end = await openTransaction(names.leases, ['holder', 'somebody'])
          await real(...args)
        },
    })
    const writer = await holder.writer({ run: 'r' })
    const later = faulty()
    const other = await open({ through: later.through })
    const asked = asksForTheEnd(later)
    const taking = other.writer({ run: 'r' })
    taking.catch(() => undefined)
    await Promise.race([taking, asked])
    await end()
    await expect(taking).rejects.toMatchObject({ code: 'LEASE_HELD' })
    await writer.close()
  })
})
