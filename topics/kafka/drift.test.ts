import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AvroSchema, schemaOf } from '../../schemas/avro.ts'
import { rowsRead, tradesOf } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { sharedServices } from '../../tests/services.ts'
import type { Topics } from '../topics.ts'
import type { WireClient } from './client.ts'
import { clientNames, openClient, openKafka } from './engine.ts'
import { openRegistry, type Registry } from './registry.ts'

const hour = 3_600_000

describeWith(['kafka', 'time'], 'topics that somebody changed', () => {
  let where: { brokers: readonly string[]; registry: string }
  let wire: WireClient
  let registry: Registry
  let prefix: string
  let topics: Topics
  let made = 0
  beforeAll(async () => {
    const { kafka, registry: service } = await sharedServices('kafka', 'registry')
    where = { brokers: kafka.brokers, registry: service.url }
    registry = openRegistry(service.url)
  }, 300_000)
  const open = async (client?: string) => {
    await topics?.close()
    await wire?.close()
    prefix = `drift-${process.pid}-${made++}.`
    const by = client === undefined ? {} : { client }
    wire = openClient({ ...where, ...by })
    topics = await openKafka({ ...where, ...by, prefix, minIsr: 1 })
  }
  beforeEach(() => open())
  afterAll(async () => {
    await topics?.close()
    await wire?.close()
  })

  const wanted = [{ record: 'trades', partitions: 2, retentionMs: 48 * hour }, { record: 'clocks' }] as const
  const drift = (options: Parameters<NonNullable<Topics['drift']>>[0] = {}) => topics.drift!(options)

  for (const client of clientNames) {
    test(`have no drift as they are made, and each setting that is changed is said and changed back (${client})`, async () => {
      await open(client)
      expect(await topics.create(wanted)).toEqual({ created: ['market.trades', 'market.clocks'], existing: [] })
      expect(await drift()).toEqual([])
      expect(await drift({ wanted })).toEqual([])
      const changed = {
        ...{ 'retention.ms': '1000', 'cleanup.policy': 'compact', 'min.insync.replicas': '2' },
        ...{ 'max.message.bytes': '1000', 'message.timestamp.type': 'LogAppendTime' },
      }
      await wire.alterConfigs(`${prefix}market.trades`, changed)
      await wire.alterConfigs(`${prefix}smartspeed.ledger`, { 'cleanup.policy': 'delete' })
      await expect.poll(async () => (await drift()).length, { timeout: 20_000 }).toBe(6)
      expect(await drift()).toEqual(
        expect.arrayContaining([
          ...Object.entries(changed).map(([setting, is]) =>
            expect.objectContaining({ topic: 'market.trades', setting, is, mendable: true }),
          ),
          expect.objectContaining({ topic: `${prefix}smartspeed.ledger`, is: 'delete', wanted: 'compact' }),
        ]),
      )
      expect(await drift({ mend: true })).toEqual([])
      await expect.poll(() => drift(), { timeout: 20_000 }).toEqual([])
    })
  }

  test('that were made otherwise than is asked now: partitions stay, the rest is changed where it is told to', async () => {
    await topics.create(wanted)
    const other = [{ record: 'trades', partitions: 6, retentionMs: hour }] as const
    const partitions = { topic: 'market.trades', setting: 'partitions', is: '2', wanted: '6', mendable: false }
    const ms = (hours: number) => String(hours * hour)
    expect(await drift({ wanted: other })).toEqual([
      partitions,
      { topic: 'market.trades', setting: 'retention.ms', is: ms(48), wanted: ms(1), mendable: true },
    ])
    expect(await drift({ wanted: other, mend: true })).toEqual([partitions])
    expect(await topics.info('market.trades')).toMatchObject({ partitions: 2, retentionMs: hour })
    await expect.poll(() => drift({ wanted: other }), { timeout: 20_000 }).toEqual([partitions])
    expect(await drift()).toEqual([])
  })

  test('that were deleted, or whose schema is gone or cannot be read, are said as what they are', async () => {
    await topics.create(wanted)
    await registry.remove(`${prefix}market.trades-value`)
    await wire.deleteTopics([`${prefix}market.clocks`])
    await expect
      .poll(() => drift(), { timeout: 20_000 })
      .toEqual([
        { topic: 'market.clocks', setting: 'topic', is: 'deleted', wanted: 'there', mendable: false },
        {
          ...{ topic: 'market.trades', setting: 'schema', is: 'not registered', wanted: 'schemas/trades.avsc' },
          mendable: true,
        },
      ])
    expect(await drift({ mend: true })).toMatchObject([{ topic: 'market.clocks' }])
    expect(await registry.latest(`${prefix}market.trades-value`)).toEqual(schemaOf('trades'))
    await registry.remove(`${prefix}market.trades-value`)
    await openRegistry(where.registry).idOf(`${prefix}market.trades-value`, foreign())
    expect(await drift({ mend: true })).toMatchObject([
      { topic: 'market.clocks' },
      { topic: 'market.trades', setting: 'schema', is: expect.stringContaining('cannot read'), mendable: false },
    ])
  })

  test('whose schema is refused are not made', async () => {
    await registry.idOf(`${prefix}market.trades-value`, foreign())
    await expect(topics.create(wanted)).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' })
    expect(await topics.list()).toEqual([])
    expect(await wire.partitionsOf([`${prefix}market.trades`])).toEqual(new Map())
  })

  test('made before anything is written take its rows', async () => {
    await topics.create(wanted)
    const writer = await topics.writer({ run: 'r', market: true })
    await writer.commit({ outputs: [tradesOf(0, 40)] })
    await writer.close()
    expect(await rowsRead(topics, 'market.trades')).toHaveLength(40)
  })
})

/** Trades whose size is text: ours cannot read them. */
function foreign(): AvroSchema {
  const { fields, ...rest } = schemaOf('trades') as unknown as { fields: readonly { name: string }[] }
  return {
    ...rest,
    fields: fields.map((one) => (one.name === 'size' ? { ...one, type: 'string' } : one)),
  } as unknown as AvroSchema
}
