import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AvroSchema, schemaOf } from '../../schemas/avro.ts'
import { alertsOf, rowsRead, tradesOf } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { sharedServices } from '../../tests/services.ts'
import type { Topics } from '../topics.ts'
import { openKafka } from './engine.ts'
import { openRegistry, type Registry } from './registry.ts'

interface Fields {
  readonly fields: readonly { readonly name: string; readonly type: unknown }[]
}

describeWith(['kafka', 'time'], 'schemas', () => {
  const prefix = `registry-${process.pid}.`
  let url: string
  let brokers: readonly string[]
  let registry: Registry
  let topics: Topics
  beforeAll(async () => {
    const { kafka, registry: service } = await sharedServices('kafka', 'registry')
    url = service.url
    brokers = kafka.brokers
    registry = openRegistry(url)
    topics = await openKafka({ brokers: kafka.brokers, registry: url, prefix })
  }, 300_000)
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

  test('are registered once by several processes that come at the same time', async () => {
    const subjects = Array.from({ length: 5 }, (_, at) => `${prefix}at-once-${at}-value`)
    for (const subject of subjects) {
      const registries = Array.from({ length: 6 }, () => openRegistry(url))
      const ids = await Promise.all(registries.map((one) => one.idOf(subject, schemaOf('trades'))))
      expect(new Set(ids).size).toBe(1)
    }
  })

  test.each([
    ['BACKWARD', ['POST']],
    ['NONE', ['GET', 'POST', 'PUT']],
  ])(
    'that cannot read what is there are refused, also by whoever else registers them, where the rule of all subjects is %s',
    async (compatibilityLevel, requests) => {
      const subject = `${prefix}refused-${compatibilityLevel}-value`
      const asked: string[] = []
      const service = await standIn(url, (one) => {
        if (one === 'GET /config') return { status: 200, body: { compatibilityLevel } }
        asked.push(one.split(' ')[0]!)
        return undefined
      })
      await openRegistry(service.url).idOf(subject, schemaOf('trades'))
      expect(asked).toEqual(requests)
      const needed = withField({ name: 'venue', type: 'string' })
      const refusal = openRegistry(service.url).idOf(subject, needed)
      await expect(refusal).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' })
      await openRegistry(service.url).idOf(subject, withField({ name: 'venue', type: 'string', default: '' }))
      service.close()
    },
  )

  test('have the rule from their first one on: services are started so', async () => {
    const answer = await fetch(`${url}/config`)
    expect(await answer.json()).toEqual({ compatibilityLevel: 'BACKWARD' })
  })

  test('of what a run is expected to write are asked for before its rows are, and forgotten with the run', async () => {
    const writer = await topics.writer({ run: 'expecting' })
    writer.expect!(['alerts', 'signals'])
    const [alerts, signals] = ['alerts', 'signals'].map((record) => `${prefix}expecting.${record}-value`)
    await expect.poll(() => registry.latest(signals!)).toEqual(schemaOf('signals'))
    await writer.commit({ outputs: [alertsOf([1])] })
    await writer.close()
    expect((await topics.list()).filter(({ run }) => run === 'expecting')).toHaveLength(1)
    await topics.removeRun('expecting')
    expect([await registry.latest(alerts!), await registry.latest(signals!)]).toEqual([undefined, undefined])
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

  test('of rows with an id that a reader has not seen are asked for once; one that the registry lost is a named error until it is back', async () => {
    const places = { brokers, prefix: `${prefix}ids.` }
    // Ours in other words: the same bytes, under another id.
    const id = await registry.idOf(`${prefix}words-value`, {
      ...(schemaOf('trades') as object),
      doc: 'other words',
    } as AvroSchema)
    const writes = await standIn(url, (asked) =>
      /POST .*versions/.test(asked) ? { status: 200, body: { id } } : undefined,
    )
    let lost = false
    const asked: string[] = []
    const reads = await standIn(url, (one) => {
      asked.push(one)
      return lost && one.includes(`/schemas/ids/${id}`) ? { status: 404, body: { message: 'gone' } } : undefined
    })
    const [theirs, ours] = [
      await openKafka({ ...places, registry: writes.url }),
      await openKafka({ ...places, registry: reads.url }),
    ]
    const own = await ours.writer({ run: 'own', market: true })
    await own.commit({ outputs: [tradesOf(0, 2)] })
    await own.close()
    expect(await rowsRead(ours, 'market.trades')).toHaveLength(2)
    const other = await theirs.writer({ run: 'other', market: true })
    await other.commit({ outputs: [tradesOf(2, 4)] })
    await other.close()
    lost = true
    await expect(rowsRead(ours, 'market.trades')).rejects.toMatchObject({
      code: 'RECORD_INVALID',
      message: expect.stringContaining(`id ${id}`),
      fix: expect.stringContaining('backup'),
    })
    lost = false
    asked.length = 0
    for (let i = 0; i < 2; i++) {
      expect((await rowsRead(ours, 'market.trades')).map(({ row }) => row.id)).toEqual(['0', '1', '2', '3'])
    }
    expect(asked).toEqual([`GET /schemas/ids/${id}`])
    await theirs.close()
    await ours.close()
    writes.close()
    reads.close()
  })

  test('that do not answer are said with what to do', async () => {
    const nobody = openRegistry('http://127.0.0.1:9/apis/ccompat/v7').idOf('x', schemaOf('trades'))
    await expect(nobody).rejects.toMatchObject({ code: 'SERVICE_LOST', fix: expect.stringContaining('--registry') })
    const wrong = openRegistry(url.replace('/ccompat/v7', '/nothing')).idOf('x', schemaOf('trades'))
    await expect(wrong).rejects.toMatchObject({ code: 'SERVICE_LOST' })
  })
})

/** The registry behind a stand-in that answers some requests (`GET /schemas/ids/7`) itself. */
async function standIn(url: string, answer: (asked: string) => { status: number; body: unknown } | undefined) {
  const { origin, pathname } = new URL(url)
  const server = createServer((asked, said) => {
    const own = answer(`${asked.method} ${asked.url!.slice(pathname.length)}`)
    if (own !== undefined) {
      said.writeHead(own.status, { 'content-type': 'application/json' }).end(JSON.stringify(own.body))
      return
    }
    const passed = request(`${origin}${asked.url}`, { method: asked.method, headers: asked.headers }, (answered) => {
      said.writeHead(answered.statusCode!, answered.headers)
      answered.pipe(said)
    })
    asked.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}${pathname}`, close: () => server.close() }
}
