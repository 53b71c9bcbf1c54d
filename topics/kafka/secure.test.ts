// A broker with TLS and users, and a registry behind https and a password: reached through the engine by each client, and what is
// said when a password, a certificate or the way there is wrong.
import { readFileSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { idsRead, journalEntry, tradesOf } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { ownServices } from '../../tests/services.ts'
import { clientNames, type KafkaOptions, openKafka } from './engine.ts'

const password = 'only-the-test-knows'
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

describeWith(['kafka', 'time'], 'Kafka with TLS and users', () => {
  let services: Awaited<ReturnType<typeof ownServices<'kafka' | 'registry'>>>
  let guarded: Server
  let secure: { brokers: readonly string[]; ca: string }
  let open: readonly string[]
  let registry: Pick<KafkaOptions, 'registry' | 'registryTls' | 'registryUser'>
  beforeAll(async () => {
    services = await ownServices({ names: ['kafka', 'registry'], kafka: { users: { alice: password } } })
    secure = services.kafka.secure!
    open = services.kafka.brokers
    guarded = await guard(services.registry.url, join(services.dir, 'kafka/broker.p12'))
    const { port } = guarded.address() as AddressInfo
    registry = {
      registry: `https://127.0.0.1:${port}/apis/ccompat/v7`,
      registryTls: { ca: secure.ca },
      registryUser: { username: 'alice', password },
    }
  }, 600_000)
  afterAll(async () => {
    guarded?.close()
    await services?.end()
  })

  const as = (client: string, mechanism: (typeof mechanisms)[number], word = password) => ({
    ...{ client, brokers: secure.brokers, tls: { ca: secure.ca } },
    sasl: { mechanism, username: 'alice', password: word },
  })

  test.each(clientNames.flatMap((client) => mechanisms.map((mechanism) => [client, mechanism] as const)))(
    'is written and read by %s as a user by %s, with a registry that asks for a password too',
    async (client, mechanism) => {
      const topics = await openKafka({ ...as(client, mechanism), ...registry, prefix: `${client}.${mechanism}.` })
      const writer = await topics.writer({ run: 'r', market: true })
      await writer.commit({ outputs: [tradesOf(0, 5)], journal: journalEntry('r', 't', 0) })
      await writer.close()
      expect(await idsRead(topics, 'market.trades')).toEqual([0, 1, 2, 3, 4])
      await topics.close()
    },
    600_000,
  )

  const refused = async (options: KafkaOptions) => {
    const topics = await openKafka(options).catch((error: unknown) => error)
    if (topics instanceof Error) return topics
    throw new Error('it opened')
  }

  test.each(clientNames)('says by %s that the password is wrong, and where it comes from', async (client) => {
    for (const mechanism of mechanisms) {
      expect(await refused({ ...as(client, mechanism, 'guessed'), ...registry })).toMatchObject({
        code: 'ACCESS_DENIED',
        fix: expect.stringContaining('SMARTSPEED_SASL_PASSWORD'),
      })
    }
  })

  test.each(clientNames)('says by %s that a certificate is not trusted', async (client) => {
    expect(await refused({ ...as(client, 'PLAIN'), tls: {}, ...registry })).toMatchObject({
      code: 'CERTIFICATE_UNTRUSTED',
      fix: expect.stringContaining('--tls-ca'),
    })
  })

  test.each(clientNames)('says by %s that one side speaks TLS and the other does not', async (client) => {
    expect(await refused({ client, brokers: secure.brokers, ...registry })).toMatchObject({
      code: 'TLS_MISMATCH',
      message: expect.stringContaining('speaks TLS'),
      fix: expect.stringContaining('--tls-ca'),
    })
    expect(await refused({ ...as(client, 'PLAIN'), brokers: open, ...registry })).toMatchObject({
      code: 'TLS_MISMATCH',
      message: expect.stringContaining('does not speak TLS'),
    })
  })

  test('says the same of the registry', async () => {
    const topics = async (how: Pick<KafkaOptions, 'registry' | 'registryTls' | 'registryUser'>) => {
      const engine = await openKafka({ brokers: open, prefix: 'registries.', ...how })
      const writer = await engine.writer({ run: 'r', market: true })
      const error = await writer.commit({ outputs: [tradesOf(0, 1)] }).catch((error: unknown) => error)
      await writer.close()
      await engine.close()
      return error
    }
    const { registry: url, registryTls } = registry
    expect(await topics({ registry: url, registryTls: registryTls! })).toMatchObject({ code: 'ACCESS_DENIED' })
    expect(await topics({ ...registry, registryUser: { username: 'alice', password: 'guessed' } })).toMatchObject({
      code: 'ACCESS_DENIED',
      fix: expect.stringContaining('SMARTSPEED_REGISTRY_PASSWORD'),
    })
    expect(await topics({ registry: url })).toMatchObject({
      code: 'CERTIFICATE_UNTRUSTED',
      fix: expect.stringContaining('--registry-ca'),
    })
    expect(await topics({ registry: url.replace('https', 'http') })).toMatchObject({ code: 'TLS_MISMATCH' })
    expect(await topics({ registry: services.registry.url.replace('http', 'https') })).toMatchObject({
      code: 'TLS_MISMATCH',
    })
  })
})

/** The registry behind https and a password, as a proxy before it would be. */
function guard(url: string, pfx: string): Promise<Server> {
  const allowed = `Basic ${Buffer.from(`alice:${password}`).toString('base64')}`
  const { origin } = new URL(url)
  const server = createServer({ pfx: readFileSync(pfx), passphrase: 'smartspeed' }, (asked, answer) => {
    if (asked.headers.authorization !== allowed) {
      answer.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"who are you?"}')
      return
    }
    const passed = plainRequest(`${origin}${asked.url}`, { method: asked.method, headers: asked.headers }, (said) => {
      answer.writeHead(said.statusCode!, said.headers)
      said.pipe(answer)
    })
    asked.pipe(passed)
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}
