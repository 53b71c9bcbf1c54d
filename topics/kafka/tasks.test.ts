import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { alertsOf, journalEntry, journalRead, rowsRead } from '../../tests/conformance/rows.ts'
import { describeWith, testWith } from '../../tests/data.ts'
import { testByClient } from '../../tests/kafka.ts'
import { sharedServices } from '../../tests/services.ts'
import { faulty, gate } from '../../tests/wire-faults.ts'
import type { Membership, TasksChange, Topics, Writer } from '../topics.ts'
import { openClient, openKafka } from './engine.ts'
import { KafkaFault } from './faults.ts'
import { namesOf } from './layout.ts'
import { openProducer } from './producer.ts'

const sessionMs = 3_000
const patience = { timeout: 90_000 }

describeWith('kafka', 'tasks on Kafka', () => {
  let where: { brokers: readonly string[]; registry: string }
  beforeAll(async () => {
    const { kafka, registry } = await sharedServices('kafka', 'registry')
    where = { brokers: kafka.brokers, registry: registry.url }
  }, 300_000)
  const opened: { close(): Promise<unknown> }[] = []
  const children: ChildProcess[] = []
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    for (const one of opened.splice(0).reverse()) await one.close()
  })

  let made = 0
  const place = (client: string) => {
    const prefix = `tasks-${process.pid}-${made++}.`
    const options = { ...where, prefix, client, sessionMs, ledgerPartitions: 4 }
    const open = async (more: object = {}): Promise<Topics> => {
      const topics = await openKafka({ ...options, ...more })
      opened.push(topics)
      return topics
    }
    const create = async (topics: Topics, tasks: number) => {
      const records = ['alerts', 'journal', 'snapshots'] as const
      await topics.create(records.map((record) => ({ record, run: 'r', partitions: tasks })))
    }
    return { open, create, names: namesOf(prefix), options: { ...options, engine: 'kafka', dir: '' } }
  }
  /** Joins, and notes what it is told; what it must give up is given up when `finish` says so. */
  const join = async (topics: Topics, tasks: number, { rank = 0, finish = async () => {} } = {}) => {
    const calls: { tasks: readonly number[]; lost: boolean; outranked: boolean }[] = []
    const changed = async (tasks: readonly number[], { lost, outranked }: TasksChange) => {
      calls.push({ tasks, lost, outranked })
      if (calls.length > 1) await finish()
    }
    const member = await topics.join({ run: 'r', tasks, rank, changed })
    return { member, calls }
  }
  const owns = (member: Membership, tasks: readonly number[]) =>
    expect.poll(() => member.tasks, patience).toEqual(tasks)
  const writerOf = (topics: Topics, member: Membership, task: number): Promise<Writer> =>
    topics.writer({
      run: 'r',
      task: { task: `t-${task}`, partition: task, confirm: () => member.confirm(task) },
    })
  const step = (task: number, number: number) => ({
    outputs: [alertsOf([number])],
    journal: journalEntry('r', `t-${task}`, number),
  })
  const messages = async (topics: Topics, partition: number) => {
    const rows = await rowsRead<{ message: string }>(topics, 'r.alerts', { partitions: [partition] })
    return rows.map(({ row }) => Number(row.message))
  }
  const stepsOf = async (topics: Topics, task: number) =>
    (await journalRead(topics, 'r', `t-${task}`)).map(({ step }) => step)
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

  testByClient(
    'stay where they are, and move only when they were given up',
    async (client) => {
      const { open, create } = place(client)
      const topics = await open()
      await create(topics, 4)
      const finishing = gate()
      const first = await join(topics, 4, { finish: () => finishing.opened })
      const kept = await writerOf(topics, first.member, 0)
      const second = await join(await open(), 4)
      // Asked to give up two, it has not done so yet: nobody else is given them.
      await owns(first.member, [0, 1])
      expect(second.member.tasks).toEqual([])
      await kept.commit(step(0, 1))
      finishing.open()
      await owns(second.member, [2, 3])
      await kept.commit(step(0, 2))
      await expect(first.member.confirm(2)).rejects.toMatchObject({ code: 'LEASE_HELD' })
      await first.member.confirm(0)
      await second.member.confirm(2)
      const third = await join(await open(), 4)
      await expect.poll(() => third.member.tasks.length, patience).toBe(1)
      expect(first.member.tasks).toContain(0)
      await second.member.leave()
      await third.member.leave()
      await owns(first.member, [0, 1, 2, 3])
      await kept.commit(step(0, 3))
      expect(await messages(topics, 0)).toEqual([1, 2, 3])
      expect(first.calls.every(({ lost }) => !lost)).toBe(true)
      await kept.close()
    },
    180_000,
  )

  test('of a higher rank go to the new members alone, and the old ones learn why', async () => {
    const { open, create } = place('platformatic')
    const topics = await open()
    await create(topics, 2)
    const old = await join(topics, 2)
    const forgotten = await writerOf(topics, old.member, 0)
    const young = await join(await open(), 2, { rank: 1 })
    await owns(young.member, [0, 1])
    await expect.poll(() => old.calls.at(-1), patience).toEqual({ tasks: [], lost: false, outranked: true })
    await young.member.leave()
    await owns(old.member, [0, 1])
    expect(old.calls.at(-1)).toEqual({ tasks: [0, 1], lost: false, outranked: false })
    // The task came back, but not to the writer that was left open when it went.
    await expect(forgotten.commit(step(0, 1))).rejects.toMatchObject({ code: 'LEASE_HELD' })
    const next = await writerOf(topics, old.member, 0)
    await next.commit(step(0, 1))
    await next.close()
    expect(await messages(topics, 0)).toEqual([1])
  }, 120_000)

  test('are as many for all members', async () => {
    const { open } = place('platformatic')
    const first = await join(await open(), 2)
    await expect(join(await open(), 3)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await owns(first.member, [0, 1])
  })

  test('are dropped by who waits for its generation when the group no longer knows it: neither waits for the other', async () => {
    const { open } = place('platformatic')
    const faults = faulty()
    const topics = await open({ through: faults.through })
    // The loss is taken note of when the work has ended, as a run does.
    let work: Promise<unknown> | undefined
    const { member, calls } = await join(topics, 1, { finish: async () => void (await work) })
    const wire = openClient(where)
    opened.push(wire)
    const [asks, refused] = [gate(), gate()]
    const self = { group: '', memberId: '' }
    faults.change({
      joinGroup: (real) => async (request) => {
        Object.assign(self, request)
        asks.open()
        await refused.opened
        return real(request)
      },
    })
    const other = join(await open(), 1)
    await asks.opened
    await wire.leaveGroup(self.group, self.memberId)
    faults.change({ heartbeat: (real) => (at) => real(at).finally(refused.open) })
    work = member.confirm(0).then(
      () => 'its own',
      (error: { code: string }) => error.code,
    )
    expect(await work).toBe('LEASE_HELD')
    faults.mend()
    await expect.poll(() => calls.at(1), patience).toEqual({ tasks: [], lost: true, outranked: false })
    const { member: heir } = await other
    await owns(heir, [0])
    await heir.leave()
    await owns(member, [0])
  }, 60_000)

  testByClient(
    'T5: a commit in which the generation changes is made again, once, where the task stays',
    async (client) => {
      const { open, create } = place(client)
      const faults = faulty()
      const topics = await open({ through: faults.through })
      await create(topics, 2)
      const { member } = await join(topics, 2)
      const writer = await writerOf(topics, member, 0)
      await writer.commit(step(0, 1))
      const refused: string[] = []
      /** Another member comes or goes between the rows of the next step and its commit. */
      const overtake = (how: () => Promise<void>) =>
        faults.change({
          commitGroup: (real) => async (producer, self, offsets) => {
            faults.mend()
            let generation = 0
            faults.change({
              heartbeat: (real) => async (at) => {
                await real(at)
                generation = at.generation
              },
            })
            await how()
            await expect.poll(() => generation, patience).toBeGreaterThan(self.generation)
            await real(producer, self, offsets).catch((error: KafkaFault) => {
              refused.push(error.id)
              throw error
            })
          },
        })
      let other: Membership | undefined
      overtake(async () => {
        other = (await join(await open(), 2)).member
      })
      await writer.commit(step(0, 2))
      overtake(() => other!.leave())
      await writer.commit(step(0, 3))
      await writer.commit(step(0, 4))
      expect(refused).toEqual(['ILLEGAL_GENERATION', 'ILLEGAL_GENERATION'])
      expect(await messages(topics, 0)).toEqual([1, 2, 3, 4])
      expect(await stepsOf(topics, 0)).toEqual([1, 2, 3, 4])
      await writer.close()
    },
    180_000,
  )

  /** What an owner commits late, by a broker that was asked whose the task is, or was not. */
  const commitLate = async (client: string, asked: boolean) => {
    const { open, create } = place(client)
    const faults = faulty()
    const topics = await open({ through: faults.through })
    await create(topics, 1)
    const old = await join(topics, 1)
    const writer = await writerOf(topics, old.member, 0)
    await writer.commit(step(0, 1))
    const other = await open()
    let young: Awaited<ReturnType<typeof join>> | undefined
    const moved = gate()
    // It thinks that all is well: its heartbeats are answered, though not by the broker.
    faults.change({
      heartbeat: () => async () => {},
      addPartitions: (real) => async (producer, partitions) => {
        faults.change({ addPartitions: undefined, commitGroup: asked ? undefined : () => async () => {} })
        young = await join(other, 1)
        await owns(young.member, [0])
        if (asked) faults.mend()
        moved.open()
        await real(producer, partitions)
      },
      // Nothing of the transaction begins before, or its time would be over.
      addGroup:
        (real) =>
        async (...args) => {
          await moved.opened
          await real(...args)
        },
    })
    const late = await writer.commit(step(0, 2)).then(
      () => 'committed',
      (error: { code: string }) => error.code,
    )
    faults.mend()
    // Without the generation in the commit nothing would have stopped it: the new owner has not initialised anything.
    expect(late).toBe(asked ? 'LEASE_HELD' : 'committed')
    const next = await writerOf(other, young!.member, 0)
    expect(await messages(other, 0)).toEqual(asked ? [1] : [1, 2])
    await next.commit(step(0, 2))
    await next.close()
    if (!asked) return
    await expect.poll(() => old.calls.at(-1), patience).toMatchObject({ lost: true })
    await expect(writer.commit(step(0, 3))).rejects.toMatchObject({ code: 'LEASE_HELD' })
    expect(await messages(other, 0)).toEqual([1, 2])
    expect(await stepsOf(other, 0)).toEqual([1, 2])
  }
  const late = 'T4, T14: what an owner commits after its task went to another is'
  testByClient(`${late} refused, before that one has begun`, (client) => commitLate(client, true), 180_000)
  testWith('time', `${late} written by a group that is not asked`, () => commitLate('platformatic', false), 180_000)

  test('T4: being fenced is final for that ownership, and a new one begins where the journal ends', async () => {
    const { open, create, names } = place('platformatic')
    const topics = await open()
    await create(topics, 1)
    const { member } = await join(topics, 1)
    const writer = await writerOf(topics, member, 0)
    await writer.commit(step(0, 1))
    const thief = openClient(where)
    opened.push(thief)
    await openProducer(thief, names.task('r', 't-0'), 10_000)
    await expect(writer.commit(step(0, 2))).rejects.toMatchObject({ code: 'LEASE_HELD' })
    await expect(writer.commit(step(0, 2))).rejects.toMatchObject({ code: 'LEASE_HELD' })
    const next = await writerOf(topics, member, 0)
    expect(await stepsOf(topics, 0)).toEqual([1])
    await next.commit(step(0, 2))
    await next.close()
    expect(await messages(topics, 0)).toEqual([1, 2])
  })

  test('are not initialised unless a heartbeat says whose they are', async () => {
    const { open } = place('platformatic')
    const faults = faulty()
    const topics = await open({ through: faults.through })
    const { member } = await join(topics, 1)
    const asked: string[] = []
    const timeouts: number[] = []
    faults.change({
      initProducer: (real) => async (id, timeoutMs, last) => {
        timeouts.push(timeoutMs)
        return real(id, timeoutMs, last)
      },
    })
    await (await writerOf(topics, member, 0)).close()
    // What a member leaves open ends before others may have its tasks.
    expect(timeouts.every((timeoutMs) => timeoutMs < sessionMs) && timeouts.length > 0).toBe(true)
    faults.change({
      heartbeat: () => async () => {
        asked.push('heartbeat')
        throw new KafkaFault('UNKNOWN_MEMBER_ID', 'a heartbeat')
      },
      initProducer:
        (real) =>
        (...args) => {
          asked.push('initialised')
          return real(...args)
        },
    })
    await expect(writerOf(topics, member, 0)).rejects.toMatchObject({ code: 'LEASE_HELD' })
    expect(asked).not.toContain('initialised')
    faults.mend()
    await owns(member, [0])
    await (await writerOf(topics, member, 0)).close()
  }, 120_000)

  test('T9: no transaction is open while a task restores, however long that takes', async () => {
    const { open, create, names } = place('platformatic')
    const faults = faulty()
    const topics = await open({ through: faults.through, sessionMs: 1_000 })
    await create(topics, 1)
    const claim = { task: 't-0', partition: 0, confirm: async () => {} }
    const begun: string[] = []
    const note =
      <A extends unknown[], R>(name: string) =>
      (real: (...args: A) => R) =>
      (...args: A) => {
        begun.push(name)
        return real(...args)
      }
    faults.change({ addPartitions: note('addPartitions'), addGroup: note('addGroup'), produce: note('produce') })
    const writer = await topics.writer({ run: 'r', task: claim })
    expect(await stepsOf(topics, 0)).toEqual([])
    const client = openClient(where)
    opened.push(client)
    // One that is open all the while, to know that its time is over.
    const control = await openProducer(client, `${names.task('r', 't-0')}-control`, 600)
    const ended = await control
      .transact(async ({ send }) => {
        const part = { topic: names.topic('r.alerts'), partition: 0 }
        await send([{ ...part, records: [{ key: Buffer.from('k'), value: Buffer.alloc(0) }] }], Date.now())
        const end = async (kind: 'stable' | 'latest') => (await client.listOffsets([part], kind))[0]
        await expect.poll(async () => (await end('stable')) === (await end('latest')), patience).toBe(true)
      })
      .catch((error: KafkaFault) => error.kind)
    expect([ended, begun]).toEqual(['fenced', []])
    await writer.commit(step(0, 1))
    await writer.close()
    expect(await stepsOf(topics, 0)).toEqual([1])
  }, 120_000)

  testWith(
    'time',
    'T14: a process that slept past its session can emit nothing when it wakes',
    async () => {
      const { open, create, options } = place('platformatic')
      const topics = await open()
      await create(topics, 2)
      const script = fileURLToPath(new URL('../../tests/simulation/task-child.ts', import.meta.url))
      const child = spawn(process.execPath, [script, JSON.stringify(options), 'r', '2'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      children.push(child)
      const said: { committed?: number; step?: number; lost?: boolean; failed?: number; code?: string }[] = []
      createInterface({ input: child.stdout! }).on('line', (line) => said.push(JSON.parse(line)))
      await expect.poll(() => said.filter(({ step }) => step !== undefined).length, patience).toBeGreaterThan(10)
      child.kill('SIGSTOP')
      // Of a higher rank, so that what the sleeper owned is not given back to it.
      const { member } = await join(topics, 2, { rank: 1 })
      await owns(member, [0, 1])
      const writers = [await writerOf(topics, member, 0), await writerOf(topics, member, 1)]
      const before = [await stepsOf(topics, 0), await stepsOf(topics, 1)]
      child.kill('SIGCONT')
      await expect.poll(() => said.some(({ lost }) => lost === true), patience).toBe(true)
      for (const [task, writer] of writers.entries()) await writer.commit(step(task, before[task]!.length + 1))
      for (const task of [0, 1]) {
        const count = before[task]!.length + 1
        expect(await stepsOf(topics, task)).toEqual(upTo(count))
        expect(await messages(topics, task)).toEqual(upTo(count))
      }
      // What it was told was committed is there, and it was not told more.
      for (const task of [0, 1]) {
        const told = said.filter(({ committed }) => committed === task).map(({ step }) => step!)
        expect(Math.max(...told)).toBeLessThanOrEqual(before[task]!.length)
      }
      for (const writer of writers) await writer.close()
    },
    180_000,
  )
})
