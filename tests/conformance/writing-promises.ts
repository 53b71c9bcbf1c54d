// What every engine promises to writers: all or nothing, one at a time, state that comes back.

import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { alertsOf, idsRead, journalEntry, journalRead, rowsRead, tradesOf } from './rows.ts'
import type { Suite } from './topics.ts'

export function writingPromises(at: Suite): void {
  describe('a commit', () => {
    test('makes outputs, journal, snapshot and what is known of the run visible at once, in order', async () => {
      const writer = await at.topics.writer({ run: 'r', market: true })
      const commits = [0, 1, 2].map((step) =>
        writer.commit({
          outputs: [tradesOf(step * 2, step * 2 + 2), alertsOf([step]), alertsOf([step + 0.5])],
          journal: journalEntry('r', 'task', step),
          snapshot: Buffer.from(`state ${step}`),
          run: { step },
        }),
      )
      await Promise.all(commits)
      await writer.close()
      expect(await idsRead(at.topics, 'market.trades')).toEqual([0, 1, 2, 3, 4, 5])
      const alerts = await rowsRead<{ message: string }>(at.topics, 'r.alerts')
      expect(alerts.map(({ row }) => row.message)).toEqual(['0', '0.5', '1', '1.5', '2', '2.5'])
      expect(await journalRead(at.topics, 'r', 'task')).toEqual(
        [0, 1, 2].map((step) => journalEntry('r', 'task', step)),
      )
      expect(await at.topics.snapshot('r', 'task')).toEqual({ step: 2, bytes: new Uint8Array(Buffer.from('state 2')) })
      expect(await at.topics.runs()).toEqual([{ run: 'r', about: { step: 2 } }])
    })

    test('that is refused leaves nothing behind, and the next one is whole', async () => {
      const writer = await at.topics.writer({ run: 'r' })
      const step = { outputs: [alertsOf([1]), tradesOf(0, 1)], journal: journalEntry('r', 't', 0), run: { a: 1 } }
      await expect(writer.commit(step)).rejects.toMatchObject({ code: 'USAGE' })
      expect(await at.topics.list()).toEqual([])
      expect(await at.topics.runs()).toEqual([])
      expect(await journalRead(at.topics, 'r', 't')).toEqual([])
      await writer.commit({ outputs: [alertsOf([1])] })
      expect((await at.topics.info('r.alerts')).ends).toEqual([1])
      await writer.close()
      await expect(writer.commit({ outputs: [] })).rejects.toMatchObject({ code: 'USAGE' })
    })

    test('is seen whole or not at all by a reader of another handle', async () => {
      const other = await at.place.open()
      const writer = await at.topics.writer({ run: 'r', market: true })
      let done = false
      const writing = (async () => {
        for (let step = 0; step < 60; step++)
          await writer.commit({ outputs: [tradesOf(step, step + 1), alertsOf([step])] })
        done = true
      })()
      let looks = 0
      while (!done) {
        const ends = (await other.list()).map(({ ends }) => ends[0])
        if (ends.length > 0) expect(ends).toEqual([ends[0], ends[0]])
        looks++
        await new Promise((resolve) => setImmediate(resolve))
      }
      await writing
      expect(looks).toBeGreaterThan(10)
      await writer.close()
      await other.close()
    })

    test('T13: of a process killed at any moment is there whole or not at all', async () => {
      const run = 'killed'
      let last = -1
      const rounds = 20 * at.share
      for (let round = 0; round < rounds; round++) {
        // Now and then nobody else has the at.topics open when it dies.
        if (round % 4 === 0) await at.topics.close()
        const { child, line } = at.start('write', run)
        expect(await line()).toBe('ready')
        const until = last + 1 + (round % 3)
        while (last < until) last = Number(await line())
        // Somewhere inside the commit that follows.
        await new Promise((resolve) => setTimeout(resolve, (round / rounds) * 4))
        child.kill('SIGKILL')
        await once(child, 'exit')
        await at.topics.close()
        at.topics = await at.place.open()
        const steps = (await journalRead(at.topics, run, 'task')).map(({ step }) => step)
        expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i))
        expect(steps.length).toBeGreaterThan(last)
        const ids = Array.from({ length: steps.length * 3 }, (_, i) => i)
        expect(await idsRead(at.topics, 'market.trades')).toEqual(ids)
        const alerts = await rowsRead<{ message: string }>(at.topics, `${run}.alerts`)
        expect(alerts.map(({ row }) => Number(row.message))).toEqual(ids)
        const { step, bytes } = (await at.topics.snapshot(run, 'task'))!
        expect([step, bytes.length, bytes[0], bytes.at(-1)]).toEqual([
          ...[steps.length - 1, 700_000, step % 251, step % 251],
        ])
        expect(await at.topics.runs()).toEqual([{ run, about: { step: steps.length - 1 } }])
        last = steps.length - 1
      }
    }, 300_000)
  })

  describe('a lease', () => {
    test('is held against this process and others, which learn who holds it', async () => {
      const writer = await at.topics.writer({ run: 'r' })
      await expect(at.topics.writer({ run: 'r' })).rejects.toMatchObject({ code: 'LEASE_HELD' })
      const other = await at.topics.writer({ run: 'other' })
      await other.close()
      expect(await at.start('take', 'r').line()).toContain(`LEASE_HELD`)
      expect(await at.start('take', 'r').line()).toContain(String(process.pid))
      await writer.close()
      expect(await at.start('take', 'r').line()).toBe('taken')
    })

    test('of the market is one for all runs, and refusing it gives the run back', async () => {
      const writer = await at.topics.writer({ run: 'a', market: true })
      await expect(at.topics.writer({ run: 'b', market: true })).rejects.toMatchObject({ code: 'LEASE_HELD' })
      await (await at.topics.writer({ run: 'b' })).close()
      await writer.close()
    })

    test('ends with a process that is killed', async () => {
      const { child, line } = at.start('hold', 'r', 'market')
      expect(await line()).toBe('ready')
      await expect(at.topics.writer({ run: 'r' })).rejects.toMatchObject({
        code: 'LEASE_HELD',
        message: expect.stringContaining(String(child.pid)),
      })
      child.kill('SIGKILL')
      await once(child, 'exit')
      await (await at.topics.writer({ run: 'r', market: true })).close()
    })
  })

  describe('state', () => {
    test('a snapshot of any length is given back as it was, the last one at or before a step', async () => {
      const writer = await at.topics.writer({ run: 'r' })
      const states = [0, 1, 512 * 1024, 512 * 1024 + 1, 3_000_000].map((length) => Buffer.alloc(length, length % 251))
      for (const [step, snapshot] of states.entries()) {
        await writer.commit({ outputs: [], task: 'a', journal: journalEntry('r', 'a', step), snapshot })
        const read = await at.topics.snapshot('r', 'a')
        expect(read!.step).toBe(step)
        expect(Buffer.compare(read!.bytes, snapshot)).toBe(0)
      }
      await writer.commit({ outputs: [], journal: journalEntry('r', 'b', 7), snapshot: Buffer.from('b') })
      expect((await at.topics.snapshot('r', 'a', 3))!.step).toBe(3)
      expect((await at.topics.snapshot('r', 'b'))!.step).toBe(7)
      expect(await at.topics.snapshot('r', 'c')).toBeUndefined()
      expect(await at.topics.snapshot('none', 'a')).toBeUndefined()
      await writer.close()
    })

    test('journal entries of a task come back in order, from a step on', async () => {
      const writer = await at.topics.writer({ run: 'r' })
      for (let step = 0; step < 300; step++) {
        await writer.commit({ outputs: [], journal: journalEntry('r', step % 3 === 0 ? 'b' : 'a', step) })
      }
      await writer.close()
      const steps = (entries: { step: number }[]) => entries.map(({ step }) => step)
      const numbers = Array.from({ length: 300 }, (_, i) => i)
      expect(steps(await journalRead(at.topics, 'r', 'a'))).toEqual(numbers.filter((step) => step % 3 !== 0))
      expect(steps(await journalRead(at.topics, 'r', 'b', 200))).toEqual(
        numbers.filter((step) => step % 3 === 0 && step >= 200),
      )
    })

    test('a run that is removed is gone, and its name starts anew', async () => {
      const writer = await at.topics.writer({ run: 'r', market: true })
      const step = { outputs: [alertsOf([1, 2]), tradesOf(0, 2)], journal: journalEntry('r', 't', 0), run: { n: 1 } }
      await writer.commit({ ...step, snapshot: Buffer.alloc(1000) })
      await expect(at.topics.removeRun('r')).rejects.toMatchObject({ code: 'LEASE_HELD' })
      expect([await at.topics.held('r'), await at.topics.held('s')]).toEqual([true, false])
      await writer.close()
      expect(await at.topics.held('r')).toBe(false)
      await at.topics.removeRun('r')
      expect(await at.topics.runs()).toEqual([])
      expect((await at.topics.list()).map(({ name }) => name)).toEqual(['market.trades'])
      expect(await at.topics.snapshot('r', 't')).toBeUndefined()
      expect(await journalRead(at.topics, 'r', 't')).toEqual([])
      await expect(at.topics.removeRun('r')).rejects.toMatchObject({ code: 'RUN_MISSING' })
      const again = await at.topics.writer({ run: 'r' })
      await again.commit({ outputs: [alertsOf([9])] })
      await again.close()
      expect(
        (await rowsRead<{ message: string }>(at.topics, 'r.alerts')).map(({ offset, row }) => [offset, row.message]),
      ).toEqual([[0, '9']])
    })
  })
}
