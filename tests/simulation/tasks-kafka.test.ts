// Runs cut into tasks on a real broker: by any number of processes that share the tasks, they write what the embedded engine does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { anyAboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { openTopics } from '../../topics/index.ts'
import { clientNames } from '../../topics/kafka/engine.ts'
import type { Topics } from '../../topics/topics.ts'
import { describeWith, testWith } from '../data.ts'
import { type SharedPlaces, sharedPlaces, testByClient } from '../kafka.ts'
import { importSparse, runTasks, sixSymbols, threeAccounts, writtenBy } from '../tasks.ts'

const topologies: Record<string, TopologyInput> = {
  trading: threeAccounts,
  features: { pipeline: 'features', exchange: 'binance-usdm', interval: '10s' },
}

describeWith('kafka', 'runs by tasks on Kafka', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-tasks-'))
  let places: SharedPlaces
  let embedded: Topics
  const wanted: Record<string, Awaited<ReturnType<typeof writtenBy>>> = {}

  beforeAll(async () => {
    places = await sharedPlaces()
    embedded = await openTopics({ dir })
    await importSparse(embedded, { symbols: sixSymbols, minutes: 25, partitions: 6 })
    for (const [name, topology] of Object.entries(topologies)) {
      await runTasks(embedded, name, topology)
      wanted[name] = await writtenBy(embedded, name)
    }
  }, 600_000)

  afterAll(async () => {
    await embedded?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  testByClient(
    'a member alone writes what the embedded engine does',
    async (client) => {
      const topics = await openTopics({ ...places.options(), client })
      await importSparse(topics, { symbols: sixSymbols, minutes: 25, partitions: 6 })
      for (const [name, topology] of Object.entries(topologies)) {
        await runTasks(topics, name, topology)
        expect(await writtenBy(topics, name)).toEqual(wanted[name])
        expect((await topics.tasks(name)).map(({ partition }) => partition)).toEqual(
          name === 'trading' ? [0, 1, 2] : [0, 1, 2, 3, 4, 5],
        )
      }
      expect(wanted.trading!.orders!.rows).toBeGreaterThan(20)
      await topics.close()
    },
    180_000,
  )

  for (const client of clientNames) {
    testWith(
      'time',
      `members that come and go share the tasks, and all end with the result (${client})`,
      async () => {
        const place = { ...places.options(), client }
        const topics = await openTopics(place)
        await importSparse(topics, { symbols: sixSymbols, minutes: 25, partitions: 6 })
        for (const [name, topology] of Object.entries(topologies)) {
          // Which rows a task writes is not the client's business.
          if (client === 'kafkajs' && name === 'features') continue
          const slow = [await member(place, name, topology), await member(place, name, topology)]
          slow.push(await member(place, name, topology))
          const owned = () => slow.flatMap(({ tasks }) => tasks()).sort()
          // Each of them does something before one goes; its tasks are the others' then.
          await expect.poll(() => slow.every(({ steps }) => steps.size > 0), { timeout: 240_000 }).toBe(true)
          const all = (await anyAboutOf(topics, name))!.tasks
          await slow[0]!.leave()
          await expect.poll(owned, { timeout: 240_000 }).toEqual([...all].sort())
          const fast = [await member(place, name, topology, 'max'), await member(place, name, topology, 'max')]
          for (const one of slow.slice(1)) await one.leave()
          const [first, last] = [await fast[0]!.result, await fast[1]!.result]
          expect(first).toEqual(last)
          expect(await writtenBy(topics, name)).toEqual(wanted[name])
          for (const { close } of [...slow, ...fast]) await close()
        }
        await topics.close()
      },
      900_000,
    )
  }

  /** A member with topics of its own; at a low speed others get something to do. */
  async function member(
    place: ReturnType<SharedPlaces['options']>,
    name: string,
    topology: TopologyInput,
    speed: 'max' | number = 5,
  ) {
    const topics = await openTopics(place)
    const stop = new AbortController()
    const steps = new Set<string>()
    let owned: readonly string[] = []
    const observer = { step: ({ task }: { task: string }) => void steps.add(task), state: () => {} }
    const result = runTasks(topics, name, topology, {
      ...{ observer, signal: stop.signal, stepRows: 200, batchRows: 100, snapshotRows: 1000, speed },
      onTasks: (tasks) => {
        owned = tasks
      },
    })
    result.catch(() => {})
    const leave = async () => {
      stop.abort()
      await expect(result).rejects.toMatchObject({ code: 'INTERRUPTED' })
    }
    return { result, steps, tasks: () => owned, leave, close: () => topics.close() }
  }
})
