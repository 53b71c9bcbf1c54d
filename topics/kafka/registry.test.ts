import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AvroSchema, schemaOf } from '../../schemas/avro.ts'
import { rowsRead, tradesOf } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { sharedServices } from '../../tests/services.ts'
import type { Topics } from '../topics.ts'
import { openKafka } from './engine.ts'
import { openRegistry, type Registry } from './registry.ts'

interface Fields {
  readonly fields: readonly { readonly name: string; readonly type: unknown }[]
}

describeWith('kafka', 'schemas', () => {
  const prefix = `registry-${process.pid}.`
  let url: string
  let registry: Registry
  let topics: Topics
  beforeAll(async () => {
    const { kafka, registry: service } = await sharedServices('kafka', 'registry')
    url = service.url
    registry = openRegistry(url)
    topics = await openKafka({ brokers: kafka.brokers, registry: url, prefix })
  })
  afterAll(() => topics?.close())

  const withField = (field: object): AvroSchema => {
    const schema = schemaOf('trades') as unknown as Fields
    return { ...schema, fields: [...schema.fields, field] } as unknown as AvroSchema
  }

  test('are registered once, and their ids looked up once', async () => {
    const subject = `${prefix}once-value`
    const id = await registry.idOf(subject, schemaOf('trades'))
    expect(await openRegistry(url).idOf(subject, schemaOf('trades'))).toBe(id)
    expect(await registry.schemaOf(id)).toEqual(schemaOf('trades'))
  })

  test('that cannot read what is there are refused, also by whoever else registers them', async () => {
    const subject = `${prefix}refused-value`
    await registry.idOf(subject, schemaOf('trades'))
    const needed = withField({ name: 'venue', type: 'string' })
    const refusal = openRegistry(url).idOf(subject, needed)
    await expect(refusal).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' })
    await openRegistry(url).idOf(subject, withField({ name: 'venue', type: 'string', default: '' }))
  })

  test('that are refused stop a commit before anything is produced', async () => {
    const subject = `${prefix}market.trades-value`
    // What somebody else wrote there: our schema cannot read a size that is text.
    const { fields, ...rest } = schemaOf('trades') as unknown as Fields
    const other = { ...rest, fields: fields.map((one) => (one.name === 'size' ? { ...one, type: 'string' } : one)) }
    await registry.idOf(subject, other as unknown as AvroSchema)
    const writer = await topics.writer({ run: 'feed', market: true })
    await expect(writer.commit({ outputs: [tradesOf(0, 3)] })).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' })
    expect(await topics.list()).toEqual([])
    await registry.remove(subject)
    await writer.commit({ outputs: [tradesOf(0, 3)] })
    await writer.close()
    expect((await rowsRead(topics, 'market.trades')).length).toBe(3)
  })

  test('that do not answer are said with what to do', async () => {
    const nobody = openRegistry('http://127.0.0.1:9/apis/ccompat/v7').idOf('x', schemaOf('trades'))
    await expect(nobody).rejects.toMatchObject({ code: 'SERVICE_LOST', fix: expect.stringContaining('--registry') })
    const wrong = openRegistry(url.replace('/ccompat/v7', '/nothing')).idOf('x', schemaOf('trades'))
    await expect(wrong).rejects.toMatchObject({ code: 'SERVICE_LOST' })
  })
})
