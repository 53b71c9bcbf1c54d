import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { describeWith } from '../../tests/data.ts'
import { newFolder, ownServices } from '../../tests/services.ts'
import { servicesElsewhere, startServices, statusOfServices, stopServices } from './index.ts'
import { runningIn } from './processes.ts'

const { Kafka, logLevel } = kafkajs

describeWith(['kafka', 'time'], 'services of this machine', () => {
  let end: (() => Promise<void>) | undefined
  beforeEach(() => {
    end = undefined
  })
  afterEach(() => end?.())

  /** One folder for all tests: what one left running need not be started by the next. */
  const shared = newFolder()
  afterAll(() => endAll(shared))

  async function endAll(dir: string): Promise<void> {
    await stopServices({ dir, kill: true })
    rmSync(dir, { recursive: true, force: true })
  }

  /** Runs in that folder, however the test before left it. */
  async function up<N extends 'kafka' | 'registry'>(...names: N[]) {
    const ports = { kafka: 0, registry: 0 }
    return { dir: shared, ...(await startServices({ dir: shared, names, ports, quick: true, owner: process.pid })) }
  }

  test('Kafka keeps what was committed when it is stopped and started, and is empty when fresh', async () => {
    const { dir, kafka, statuses } = await up('kafka')
    expect(statuses).toMatchObject([{ name: 'kafka', version: '4.3.1', ready: true }])
    await createTopic(kafka.brokers)
    await commit(kafka.brokers, ['a', 'b'])
    await abort(kafka.brokers, 'c')
    expect(await committed(kafka.brokers, 2)).toEqual(['a', 'b'])

    const down = await stopServices({ dir, names: ['kafka'] })
    expect(down).toMatchObject([{ condition: 'stopped', pid: null, ready: false, endpoint: null }])
    const options = { dir, names: ['kafka'] as const, quick: true, owner: process.pid }
    const again = await startServices(options)
    // The same port, so that whoever was told it still reaches it.
    expect(again.kafka).toEqual(kafka)
    await commit(kafka.brokers, ['d'])
    expect(await committed(kafka.brokers, 3)).toEqual(['a', 'b', 'd'])

    const fresh = await startServices({ ...options, fresh: true })
    expect(await topicsOf(fresh.kafka.brokers)).not.toContain('trades')
  })

  test('the registry keeps schemas and their ids when it is stopped and started, and is empty when fresh', async () => {
    const { dir, registry, statuses } = await up('registry')
    expect(statuses).toMatchObject([{ name: 'registry', version: '3.0.9', ready: true }])
    const id = await register(registry.url)
    await stopServices({ dir, names: ['registry'] })
    const options = { dir, names: ['registry'] as const, quick: true, owner: process.pid }
    const again = await startServices(options)
    expect(again.registry).toEqual(registry)
    expect(await subjects(registry.url)).toEqual(['trades-value'])
    expect(await register(registry.url)).toBe(id)
    const fresh = await startServices({ ...options, fresh: true })
    expect(await subjects(fresh.registry.url)).toEqual([])
  })

  test('a killed broker is named by its pid, and is there again with all that was committed', async () => {
    const { dir, kafka, statuses } = await up('kafka')
    await createTopic(kafka.brokers)
    await commit(kafka.brokers, ['a'])
    process.kill(statuses[0]!.pid!, 'SIGKILL')
    await expect.poll(() => conditionOf(dir)).toBe('killed')
    const [status] = await statusOfServices({ dir, names: ['kafka'] })
    expect(status).toMatchObject({ pid: null, ready: false, endpoint: null })
    expect(status!.detail).toMatch(`pid ${statuses[0]!.pid} ended without being stopped`)
    expect(status!.detail).toMatch('smartspeed services up kafka')

    const notes: string[] = []
    const options = { dir, names: ['kafka'] as const, quick: true, owner: process.pid }
    const again = await startServices({ ...options, note: (line) => notes.push(line) })
    expect(notes).toEqual([expect.stringMatching(`pid ${statuses[0]!.pid} ended without being stopped`)])
    expect(again.kafka).toEqual(kafka)
    await commit(kafka.brokers, ['b'])
    expect(await committed(kafka.brokers, 2)).toEqual(['a', 'b'])
  })

  test('a broker that does not answer is not called ready, and is ready when it answers again', async () => {
    const { dir, statuses } = await up('kafka')
    process.kill(statuses[0]!.pid!, 'SIGSTOP')
    const [status] = await statusOfServices({ dir, names: ['kafka'] })
    process.kill(statuses[0]!.pid!, 'SIGCONT')
    expect(status).toMatchObject({ pid: statuses[0]!.pid, ready: false, detail: expect.stringMatching('no answer') })
    await expect.poll(() => conditionOf(dir), { timeout: 20_000 }).toBe('ready')
  })

  test('what a start left behind that did not finish is named, and is ended by the next start', async () => {
    const { dir, statuses } = await up('registry')
    // As if the process that started it had died before it wrote down whom it started.
    rmSync(join(dir, 'registry/service.json'))
    const left = statuses[0]!.pid!
    const [status] = await statusOfServices({ dir, names: ['registry'] })
    expect(status).toMatchObject({ pid: left, ready: false, condition: 'lost' })
    expect(status!.detail).toMatch(`pid ${left} was left by a start that did not finish`)
    const notes: string[] = []
    const options = { dir, names: ['registry'] as const, ports: { registry: 0 }, quick: true, owner: process.pid }
    const again = await startServices({ ...options, note: (line) => notes.push(line) })
    expect(notes).toEqual([expect.stringMatching(`ending pid ${left}, left by a start that did not finish`)])
    expect(runningIn(join(dir, 'registry')).map(({ pid }) => pid)).toEqual([again.statuses[0]!.pid])
  })

  test('what a killed test run left behind is ended by the next', async () => {
    const dir = newFolder()
    end = () => endAll(dir)
    const options = `{ dir: '${dir}', names: ['registry'], ports: { registry: 0 }, quick: true, owner: process.pid }`
    const index = new URL('index.ts', import.meta.url).href
    const script = `import { startServices } from '${index}'; await startServices(${options}); console.log('up'); setInterval(() => {}, 60_000)`
    const run = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(run.stdout, 'data')
    const [left] = runningIn(join(dir, 'registry'))
    run.kill('SIGKILL')
    await once(run, 'exit')
    expect(servicesElsewhere('nowhere')).toContainEqual({
      pid: left!.pid,
      folder: join(dir, 'registry'),
      left: `the process ${run.pid} that it ran for is gone, end it: kill ${left!.pid}`,
    })
    const notes: string[] = []
    await startServices({ dir, names: [], owner: process.pid, note: (line) => notes.push(line) })
    expect(notes).toContainEqual(expect.stringMatching(`ending pid ${left!.pid}`))
    expect(runningIn(join(dir, 'registry'))).toEqual([])
  })

  test('two starts at the same time give one server, and only the one that started it stops it', async () => {
    const { dir, statuses } = await up('registry')
    const options = { dir, names: ['registry'] as const, quick: true, owner: process.pid }
    await stopServices({ dir, names: ['registry'] })
    const both = await Promise.all([startServices(options), startServices(options)])
    const pids = both.map((started) => started.statuses[0]!.pid)
    expect(pids[0]).toBe(pids[1])
    expect(pids[0]).not.toBe(statuses[0]!.pid)
    const later = await startServices(options)
    await later.stop()
    expect(await conditionOf(dir, 'registry')).toBe('ready')
    for (const started of both) await started.stop()
    expect(await conditionOf(dir, 'registry')).toBe('stopped')
  })

  test('a port that is taken is an error that names who has it and a port that is free', async () => {
    const server = createServer()
    await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)))
    const { port } = server.address() as { port: number }
    const taken = ownServices({ names: ['kafka'], ports: { kafka: port } })
    await expect(taken).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(new RegExp(`port ${port} is taken by pid ${process.pid}\\b`)),
      fix: expect.stringMatching(/--port kafka=\d+$/),
    })
    server.close()
  })

  test('a last port that was taken meanwhile is replaced, and that is said', async () => {
    const { dir, registry } = await up('registry')
    await stopServices({ dir, names: ['registry'] })
    const server = createServer()
    await new Promise((done) => server.listen(Number(new URL(registry.url).port), '127.0.0.1', () => done(undefined)))
    const notes: string[] = []
    const options = { dir, names: ['registry'] as const, quick: true, owner: process.pid }
    const again = await startServices({ ...options, note: (line) => notes.push(line) })
    server.close()
    expect(again.registry.url).not.toBe(registry.url)
    expect(notes).toEqual([expect.stringMatching(/its port \d+ is taken by another process now, so it takes \d+/)])
  })

  test('a port that another folder’s service has is named by that folder', async () => {
    const { dir, registry } = await up('registry')
    const port = Number(new URL(registry.url).port)
    await expect(ownServices({ names: ['registry'], ports: { registry: port } })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(`the service of ${join(dir, 'registry')}`),
    })
    expect(servicesElsewhere('nowhere').map(({ folder }) => folder)).toContain(join(dir, 'registry'))
  })

  test('a broker that cannot start says why, and leaves nothing running', async () => {
    const kafka = { properties: { 'log.retention.ms': 'a week' } }
    const failure = { code: 'SERVICE_FAILED', message: expect.stringMatching(/log\.retention\.ms/) }
    await expect(ownServices({ names: ['kafka'], kafka })).rejects.toMatchObject(failure)
    const { dir } = await up('kafka')
    await stopServices({ dir, names: ['kafka'] })
    const again = startServices({ dir, names: ['kafka'], quick: true, owner: process.pid, kafka })
    await expect(again).rejects.toMatchObject(failure)
    expect(runningIn(join(dir, 'kafka'))).toEqual([])
  })

  test('a start that is interrupted leaves nothing running', async () => {
    const stop = new AbortController()
    const started = await up('registry')
    await stopServices({ dir: started.dir, names: ['registry'] })
    const options = { dir: started.dir, names: ['registry'] as const, quick: true, owner: process.pid }
    const interrupted = startServices({ ...options, signal: stop.signal })
    await expect.poll(() => runningIn(join(started.dir, 'registry')).length).toBe(1)
    stop.abort()
    await expect(interrupted).rejects.toThrow(/abort/i)
    expect(runningIn(join(started.dir, 'registry'))).toEqual([])
    expect(await conditionOf(started.dir, 'registry')).toBe('stopped')
  })

  test('users come in by TLS and password, others do not', async () => {
    const started = await ownServices({ names: ['kafka'], kafka: { users: { alice: 'secret', bob: 'other' } } })
    end = started.end
    const { brokers, ca } = started.kafka.secure!
    const topicsAs = (mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512', password: string) => {
      const sasl = { mechanism, username: 'alice', password } as kafkajs.SASLOptions
      return topicsOf(brokers, { ssl: { ca }, sasl })
    }
    for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
      expect(await topicsAs(mechanism, 'secret')).toContain('__transaction_state')
      await expect(topicsAs(mechanism, 'other'), mechanism).rejects.toThrow(/authentication failed/i)
    }
    await expect(topicsOf(brokers, { ssl: { ca } })).rejects.toThrow()
    // What holds the passwords is for its user alone.
    expect(statSync(join(started.dir, 'kafka/server.properties')).mode & 0o077).toBe(0)
  })

  async function conditionOf(dir: string, name: 'kafka' | 'registry' = 'kafka') {
    return (await statusOfServices({ dir, names: [name] }))[0]!.condition
  }
})

function client(brokers: readonly string[], more: Partial<kafkajs.KafkaConfig> = {}) {
  return new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 2 }, ...more })
}

async function topicsOf(brokers: readonly string[], more: Partial<kafkajs.KafkaConfig> = {}): Promise<string[]> {
  const admin = client(brokers, more).admin()
  try {
    await admin.connect()
    return await admin.listTopics()
  } finally {
    await admin.disconnect()
  }
}

async function createTopic(brokers: readonly string[]): Promise<void> {
  const admin = client(brokers).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'trades', numPartitions: 1 }] })
  await admin.disconnect()
}

async function inTransaction(
  brokers: readonly string[],
  values: readonly string[],
  ending: 'commit' | 'abort',
): Promise<void> {
  const producer = client(brokers).producer({ transactionalId: 'test', maxInFlightRequests: 1, idempotent: true })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic: 'trades', messages: values.map((value) => ({ value })) })
  await transaction[ending]()
  await producer.disconnect()
}

const commit = (brokers: readonly string[], values: readonly string[]) => inTransaction(brokers, values, 'commit')
const abort = (brokers: readonly string[], value: string) => inTransaction(brokers, [value], 'abort')

/** The first rows that a reader of committed data sees. */
async function committed(brokers: readonly string[], count: number): Promise<string[]> {
  const consumer = client(brokers).consumer({
    groupId: `group-${performance.now()}`,
    readUncommitted: false,
    maxWaitTimeInMs: 100,
  })
  await consumer.connect()
  await consumer.subscribe({ topic: 'trades', fromBeginning: true })
  const values: string[] = []
  await new Promise<void>((done, fail) => {
    const eachMessage = async ({ message }: kafkajs.EachMessagePayload) => {
      values.push(String(message.value))
      if (values.length === count) done()
    }
    consumer.run({ eachMessage }).catch(fail)
  })
  await consumer.disconnect()
  return values
}

async function register(url: string): Promise<number> {
  const answer = await fetch(`${url}/subjects/trades-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '{"type":"record","name":"Trade","fields":[]}' }),
  })
  const { id } = (await answer.json()) as { id: number }
  return id
}

async function subjects(url: string): Promise<unknown> {
  return (await fetch(`${url}/subjects`)).json()
}
