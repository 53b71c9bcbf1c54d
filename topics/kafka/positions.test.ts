import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalEntry, tradesOf } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { sharedServices } from '../../tests/services.ts'
import type { Topics } from '../topics.ts'
import type { WireClient } from './client.ts'
import { openClient, openKafka } from './engine.ts'
import { namesOf } from './layout.ts'
import type { Block } from './ledger.ts'
import { offsetOf } from './positions.ts'

test('a row is never put behind where it lies in Kafka', () => {
  const block = (number: number, row: number, rows: number, offset: number, end: number) =>
    ({ number, row, rows, offset, end }) as Block
  // Three commits of a block have markers between them: rows 0…9 lie somewhere in 100…111.
  const blocks = [block(0, 0, 10, 100, 112), block(1, 10, 5, 113, 118)]
  expect([0, 1, 9].map((row) => offsetOf({ blocks }, row))).toEqual([100, 101, 109])
  expect([10, 14, 15, 99].map((row) => offsetOf({ blocks }, row))).toEqual([113, 117, 118, 118])
  expect(offsetOf({ blocks: [] }, 0)).toBe(0)
  // Rows that retention has deleted: the first ones that are there.
  expect(offsetOf({ blocks: blocks.slice(1) }, 3)).toBe(113)
})

describeWith('kafka', 'positions of tasks', () => {
  const prefix = `positions-${process.pid}.`
  const names = namesOf(prefix)
  let topics: Topics
  let client: WireClient
  beforeAll(async () => {
    const { kafka, registry } = await sharedServices('kafka', 'registry')
    topics = await openKafka({ brokers: kafka.brokers, registry: registry.url, prefix })
    client = openClient({ brokers: kafka.brokers })
  }, 300_000)
  afterAll(async () => {
    await topics?.close()
    await client?.close()
  })

  test('are shown as offsets of plain groups in Kafka’s own numbers, and go with their run', async () => {
    const feed = await topics.writer({ run: 'feed', market: true })
    // Three steps, so that markers stand between the rows.
    for (const step of [0, 1, 2]) await feed.commit({ outputs: [tradesOf(step * 10, step * 10 + 10)] })
    await feed.close()
    const trades = { topic: names.topic('market.trades'), partition: 0 }
    const [stable] = await client.listOffsets([trades], 'stable')
    expect(stable).toBeGreaterThan(30)
    const member = await topics.join({ run: 'r', tasks: 1, changed: async () => {} })
    const task = { task: 't', partition: 0, confirm: () => member.confirm(0) }
    const shown = () => client.fetchOffsets(names.positions('r', 't'))
    const commitAt = async (step: number, offset: number) => {
      const writer = await topics.writer({ run: 'r', task })
      const positions = [
        { topic: 'market.trades', partition: 0, offset },
        { topic: 'market.nothing', partition: 0, offset: 7 },
      ]
      await writer.commit({ outputs: [], journal: { ...journalEntry('r', 't', step), positions } })
      await writer.close()
    }
    await commitAt(1, 4)
    expect(await shown()).toEqual([{ ...trades, offset: 4 }])
    // Read to its end: as Kafka's tools count, nothing is left.
    await commitAt(2, 30)
    expect(await shown()).toEqual([{ ...trades, offset: stable }])
    // What a tool sets there changes nothing: the journal wins.
    const elsewhere = [{ ...trades, offset: 1 }]
    await client.commitOffsets(names.positions('r', 't'), elsewhere)
    expect(await shown()).toEqual(elsewhere)
    expect((await topics.tasks('r'))[0]!.positions[0]!.offset).toBe(30)
    await commitAt(3, 30)
    expect(await shown()).toEqual([{ ...trades, offset: stable }])
    expect(await client.membersOf(names.positions('r', 't'))).toEqual([])
    expect((await client.listTopics()).includes(names.tasks('r'))).toBe(true)
    await expect(topics.removeRun('r')).rejects.toMatchObject({ code: 'LEASE_HELD' })
    await member.leave()
    await topics.removeRun('r')
    expect(await shown()).toEqual([])
    expect(await client.fetchOffsets(names.group('r'))).toEqual([])
    expect((await client.listTopics()).includes(names.tasks('r'))).toBe(false)
  }, 120_000)

  test('that cannot be shown keep no writer from committing', async () => {
    const writer = await topics.writer({ run: 'odd' })
    const positions = [{ topic: 'market.trades', partition: 99, offset: 5 }]
    await writer.commit({ outputs: [], journal: { ...journalEntry('odd', 't', 1), positions } })
    await writer.close()
    expect((await topics.tasks('odd'))[0]).toMatchObject({ step: 1, positions })
  })
})
