// What every engine promises to the tasks of a run: each has its own partition, and is written by one.

import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { TaskClaim, Topics } from '../../topics/topics.ts'
import { alertsOf, journalEntry, journalRead, rowsRead, tradesOf } from './rows.ts'
import type { Suite } from './topics.ts'

const tasks = 3

export function taskPromises(at: Suite): void {
  const claim = (partition: number, confirm = async () => {}): TaskClaim => ({
    task: `t-${partition}`,
    partition,
    confirm,
  })
  /** The topics of a run, with a partition a task. */
  const create = async (run: string) => {
    const records = ['alerts', 'journal', 'snapshots'] as const
    await at.topics.create(records.map((record) => ({ record, run, partitions: tasks })))
  }
  const messages = async (topics: Topics, run: string) => {
    const rows = await rowsRead<{ message: string }>(topics, `${run}.alerts`)
    return rows.map(({ partition, offset, row }) => [partition, offset, row.message])
  }

  describe('the writer of a task', () => {
    test('writes one partition, whatever the keys of its rows, beside those of other tasks', async () => {
      await create('r')
      const writers = await Promise.all([0, 1, 2].map((one) => at.topics.writer({ run: 'r', task: claim(one) })))
      for (const step of [0, 1]) {
        await Promise.all(
          writers.map((writer, one) =>
            writer.commit({
              outputs: [alertsOf([step * 10 + one])],
              journal: journalEntry('r', `t-${one}`, step),
              snapshot: Buffer.from(`state ${one} ${step}`),
            }),
          ),
        )
      }
      for (const writer of writers) await writer.close()
      expect(await messages(at.topics, 'r')).toEqual(
        [0, 1, 2].flatMap((one) => [0, 1].map((step) => [one, step, String(step * 10 + one)])),
      )
      for (const one of [0, 1, 2]) {
        const steps = (await journalRead(at.topics, 'r', `t-${one}`)).map(({ step }) => step)
        expect(steps).toEqual([0, 1])
        const { step, bytes } = (await at.topics.snapshot('r', `t-${one}`))!
        expect([step, String(Buffer.from(bytes))]).toEqual([1, `state ${one} 1`])
      }
    })

    test('asks whether the task is still its own before it takes anything', async () => {
      const asked: string[] = []
      const mine = claim(0, async () => void asked.push('asked'))
      await (await at.topics.writer({ run: 'r', task: mine })).close()
      expect(asked).toEqual(['asked'])
      const lost = claim(0, async () => {
        throw new Error('it is somebody else’s')
      })
      await expect(at.topics.writer({ run: 'r', task: lost })).rejects.toThrow()
      await (await at.topics.writer({ run: 'r', task: mine })).close()
    })

    test('refuses market rows, steps of other tasks, and topics with too few partitions', async () => {
      await expect(at.topics.writer({ run: 'r', market: true, task: claim(0) })).rejects.toMatchObject({
        code: 'USAGE',
      })
      await at.topics.create([{ record: 'alerts', run: 'r', partitions: 1 }])
      const writer = await at.topics.writer({ run: 'r', task: claim(1) })
      await expect(writer.commit({ outputs: [tradesOf(0, 1)] })).rejects.toMatchObject({ code: 'USAGE' })
      await expect(writer.commit({ outputs: [], task: 't-2' })).rejects.toMatchObject({ code: 'USAGE' })
      await expect(writer.commit({ outputs: [alertsOf([1])] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      await writer.close()
      await expect(writer.commit({ outputs: [] })).rejects.toMatchObject({ code: 'USAGE' })
    })

    test('tells what is known of the run, as any of its writers may', async () => {
      await create('r')
      const [first, second] = await Promise.all([0, 1].map((one) => at.topics.writer({ run: 'r', task: claim(one) })))
      for (const [i, writer] of [first!, second!, first!, second!, first!].entries()) {
        await writer.commit({ outputs: [], run: { said: i } })
        expect(await at.topics.runs()).toEqual([{ run: 'r', about: { said: i } }])
      }
      await at.topics.close()
      at.topics = await at.place.open()
      expect(await at.topics.runs()).toEqual([{ run: 'r', about: { said: 4 } }])
    })
  })

  describe('the tasks of a run', () => {
    test('are listed with how far each has come', async () => {
      await create('r')
      expect(await at.topics.tasks('r')).toEqual([])
      const before = Date.now()
      for (const one of [2, 0]) {
        const writer = await at.topics.writer({ run: 'r', task: claim(one) })
        for (let step = 0; step <= one; step++) {
          await writer.commit({ outputs: [], journal: journalEntry('r', `t-${one}`, step) })
        }
        await writer.commit({ outputs: [alertsOf([1])] })
        await writer.close()
      }
      const alone = await at.topics.writer({ run: 'alone' })
      await alone.commit({ outputs: [], journal: journalEntry('alone', 'trading', 5) })
      await alone.close()
      const far = (await at.topics.tasks('r')).map(({ committedMs, ...rest }) => {
        expect(committedMs).toBeGreaterThanOrEqual(before)
        return rest
      })
      const positions = (step: number) => [{ topic: 'market.trades', partition: 0, offset: step * 100 }]
      expect(far).toEqual([
        { task: 't-0', partition: 0, step: 0, received: 1, positions: positions(0) },
        { task: 't-2', partition: 2, step: 2, received: 3, positions: positions(2) },
      ])
      expect(await at.topics.tasks('alone')).toMatchObject([{ task: 'trading', partition: 0, step: 5 }])
      await at.topics.removeRun('r')
      expect(await at.topics.tasks('r')).toEqual([])
      expect(await at.topics.tasks('none')).toEqual([])
    })
  })

  describe('a member', () => {
    const everything = [0, 1, 2]

    test('that is alone owns all tasks, until it leaves', async () => {
      const calls: (readonly number[])[] = []
      const member = await at.topics.join({
        run: 'r',
        tasks,
        async changed(tasks, { lost, outranked, member }) {
          expect([lost, outranked, member.tasks]).toEqual([false, false, tasks])
          calls.push(tasks)
        },
      })
      expect([calls, member.tasks]).toEqual([[everything], everything])
      expect(await at.topics.held('r')).toBe(true)
      for (const task of everything) await member.confirm(task)
      await expect(member.confirm(3)).rejects.toMatchObject({ code: 'LEASE_HELD' })
      await member.leave()
      await member.leave()
      expect([calls, member.tasks]).toEqual([[everything, []], []])
      await expect(member.confirm(0)).rejects.toMatchObject({ code: 'LEASE_HELD' })
      expect(await at.topics.held('r')).toBe(false)
    })

    test('keeps writers of the run out, and is kept out by them', async () => {
      const other = await at.place.open()
      const writer = await other.writer({ run: 'r' })
      const join = () => at.topics.join({ run: 'r', tasks, changed: async () => {} })
      await expect(join()).rejects.toMatchObject({ code: 'LEASE_HELD' })
      await writer.close()
      const member = await join()
      await expect(join()).rejects.toMatchObject({ code: 'LEASE_HELD' })
      await expect(at.topics.writer({ run: 'r' })).rejects.toMatchObject({ code: 'LEASE_HELD' })
      await expect(other.writer({ run: 'r' })).rejects.toMatchObject({ code: 'LEASE_HELD' })
      await expect(other.removeRun('r')).rejects.toMatchObject({
        code: expect.stringMatching(/LEASE_HELD|RUN_MISSING/),
      })
      await member.leave()
      await (await other.writer({ run: 'r' })).close()
      await other.close()
    })

    test('writes its tasks, in topics with a partition for each of them', async () => {
      const writing: Promise<void>[] = []
      const member = await at.topics.join({
        run: 'r',
        tasks,
        async changed(tasks, { member }) {
          for (const one of tasks) {
            const confirm = () => member.confirm(one)
            writing.push(
              (async () => {
                const writer = await at.topics.writer({ run: 'r', task: claim(one, confirm) })
                await writer.commit({ outputs: [alertsOf([one])], journal: journalEntry('r', `t-${one}`, 1) })
                await writer.close()
              })(),
            )
          }
        },
      })
      await Promise.all(writing)
      await member.leave()
      expect(await messages(at.topics, 'r')).toEqual(everything.map((one) => [one, 0, String(one)]))
      expect((await at.topics.info('r.alerts')).partitions).toBe(tasks)
      expect((await at.topics.tasks('r')).map(({ task }) => task)).toEqual(['t-0', 't-1', 't-2'])
      await at.topics.removeRun('r')
      expect(await at.topics.list()).toEqual([])
    })

    test('that is killed leaves its tasks to the next one', async () => {
      const { child, line } = at.start('join', 'r', String(tasks))
      expect(JSON.parse(await line())).toEqual(everything)
      expect(await at.topics.held('r')).toBe(true)
      child.kill('SIGKILL')
      await once(child, 'exit')
      const owned: number[][] = []
      const changed = async (tasks: readonly number[]) => void owned.push([...tasks])
      const member = await at.topics.join({ run: 'r', tasks, changed })
      await expect.poll(() => owned.at(-1), { timeout: 40_000 }).toEqual(everything)
      await member.leave()
    })
  })
}
