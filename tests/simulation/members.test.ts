// Members of a run, each in a process of its own, that join, leave, are killed and put to sleep by a seeded schedule: of each task every
// step is there once. Short here; SMARTSPEED_KILLS=200 for the long one, SMARTSPEED_SEED for another schedule.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { random } from '../../operators/random.ts'
import { openClient, openKafka } from '../../topics/kafka/engine.ts'
import { journalRead, rowsRead } from '../conformance/rows.ts'
import { describeWith } from '../data.ts'
import { ownServices } from '../services.ts'

const events = Number(process.env.SMARTSPEED_KILLS ?? 9)
const seed = process.env.SMARTSPEED_SEED ?? '1'
const tasks = 6
const patience = { timeout: 120_000, interval: 20 }

describeWith(['kafka', 'time'], 'members that come and go', () => {
  let services: Awaited<ReturnType<typeof ownServices<'kafka' | 'registry'>>>
  const children: ChildProcess[] = []
  beforeAll(async () => {
    services = await ownServices({ names: ['kafka', 'registry'] })
  }, 300_000)
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    await services?.end()
  })

  test(
    `T13, T14: ${events} deaths, sleeps and departures leave every step of every task there once`,
    async () => {
      const dice = random(`members ${seed}`)
      const prefix = 'members.'
      const { brokers } = services.kafka
      const where = { brokers, registry: services.registry.url, prefix, sessionMs: 2_000 }
      const topics = await openKafka(where)
      const records = ['alerts', 'journal', 'snapshots'] as const
      await topics.create(records.map((record) => ({ record, run: 'r', partitions: tasks })))
      const script = fileURLToPath(new URL('./task-child.ts', import.meta.url))
      /** What each task was said to have committed, by any member. */
      const committed = new Array<number>(tasks).fill(0)
      const done = { killed: 0, slept: 0, left: 0 }
      const start = () => {
        const options = JSON.stringify({ engine: 'kafka', dir: '', ...where })
        const child = spawn(process.execPath, [script, options, 'r', String(tasks)], {
          stdio: ['pipe', 'pipe', 'inherit'],
        })
        children.push(child)
        createInterface({ input: child.stdout! }).on('line', (line) => {
          const { committed: task, step } = JSON.parse(line) as { committed?: number; step?: number }
          if (task !== undefined && step !== undefined) committed[task] = Math.max(committed[task]!, step)
        })
        return child
      }
      const total = () => committed.reduce((sum, one) => sum + one, 0)
      /** Until so many steps more were committed, or of each task one. */
      const progress = (steps: number) => {
        const until = total() + steps
        return expect.poll(total, patience).toBeGreaterThan(until)
      }
      const places: (ReturnType<typeof start> | undefined)[] = [start(), start(), undefined]
      await progress(10)
      for (let event = 0; event < events; event++) {
        const at = dice.below(places.length)
        const child = places[at]
        if (child === undefined) places[at] = start()
        else if (dice.below(3) === 0) {
          child.stdin!.write('leave\n')
          await once(child, 'exit')
          places[at] = undefined
          done.left++
        } else if (dice.below(2) === 0) {
          child.kill('SIGSTOP')
          // The others go on without it.
          if (places.some((one) => one !== undefined && one !== child)) await progress(dice.below(30))
          child.kill('SIGCONT')
          done.slept++
        } else {
          child.kill('SIGKILL')
          await once(child, 'exit')
          places[at] = undefined
          done.killed++
        }
        if (!places.some((one) => one !== undefined)) places[0] = start()
        await progress(dice.below(40))
      }
      const before = [...committed]
      for (const [at, child] of places.entries()) places[at] = child ?? start()
      // Each task has an owner who goes on.
      for (const task of committed.keys()) {
        await expect.poll(() => committed[task]!, patience).toBeGreaterThan(before[task]!)
      }
      for (const child of places) {
        child!.stdin!.write('leave\n')
        await once(child!, 'exit')
      }
      expect(await topics.held('r')).toBe(false)
      for (const task of committed.keys()) {
        const steps = (await journalRead(topics, 'r', `t-${task}`)).map(({ step }) => step)
        const rows = await rowsRead<{ message: string }>(topics, 'r.alerts', { partitions: [task] })
        const all = Array.from({ length: steps.length }, (_, i) => i + 1)
        expect(steps, `journal of task ${task}, seed ${seed}`).toEqual(all)
        expect(
          rows.map(({ row }) => Number(row.message)),
          `rows of task ${task}, seed ${seed}`,
        ).toEqual(all)
        expect(steps.length).toBeGreaterThanOrEqual(committed[task]!)
      }
      const client = openClient(where)
      const names = (await client.listTopics()).filter((name) => name.startsWith(prefix))
      const counts = await client.partitionsOf(names)
      const parts = [...counts].flatMap(([topic, count]) =>
        Array.from({ length: count }, (_, partition) => ({ topic, partition })),
      )
      const ends = async (kind: 'stable' | 'latest') => await client.listOffsets(parts, kind)
      // No transaction hangs.
      await expect.poll(async () => await ends('stable'), patience).toEqual(await ends('latest'))
      await client.close()
      await topics.close()
      console.info(`members: ${JSON.stringify(done)}, ${total()} steps, seed ${seed}`)
    },
    300_000 + events * 60_000,
  )
})
