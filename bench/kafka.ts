// How fast are the two wire clients on a local broker, and the engine on each of them? Everything in one run, on the same records.
import { join } from 'node:path'
import { startServices } from '../deploy/services/index.ts'
import { lackOfJava } from '../deploy/services/java.ts'
import { maxBatchRows } from '../schemas/batch.ts'
import { codecOf } from '../topics/codec.ts'
import { openTopics } from '../topics/index.ts'
import { clientNames, openClient } from '../topics/kafka/engine.ts'
import { openProducer, persist } from '../topics/kafka/producer.ts'
import { type Bench, type Figure, mustEqual, timed } from './bench.ts'
import { trades } from './trades.ts'

const rows = 1_048_576
const perCommit = 65_536
const passPublish = 0.1
const passRead = 0.5

export const kafka: Bench = {
  name: 'kafka',
  question: 'trades through each wire client alone, and through the Kafka engine on each, on a local broker',
  async run({ share, folder }) {
    if (lackOfJava() !== undefined) return []
    const services = await startServices({
      dir: join(folder, 'services'),
      ports: { kafka: 0, registry: 0 },
      owner: process.pid,
    })
    try {
      const count = Math.ceil((rows * share) / perCommit) * perCommit
      const where = { brokers: services.kafka.brokers, registry: services.registry.url }
      const figures: Figure[] = []
      const rates = new Map<string, number>()
      // The first round warms the broker and is not counted.
      for (const round of [0, 1]) {
        for (const client of clientNames) {
          const found = [
            ...(await alone(where.brokers, client, count, round)),
            ...(await engine(where, client, count, round)),
          ]
          if (round === 0) continue
          figures.push(...found)
          for (const { what, value } of found) rates.set(what, value)
        }
      }
      for (const what of ['written', 'read']) {
        const [first, second] = clientNames
        figures.push({
          what: `${what}: ${first} to ${second}, alone`,
          value: rates.get(`${first} alone, ${what}`)! / rates.get(`${second} alone, ${what}`)!,
          unit: 'times',
        })
      }
      return figures
    } finally {
      await services.stop()
    }
  },
}

/** Rows that are encoded already, in transactions as large as a step, and read as bytes: what the wire and the client cost. */
async function alone(brokers: readonly string[], name: string, count: number, round: number): Promise<Figure[]> {
  const client = openClient({ brokers, client: name })
  const topic = `alone-${name}-${round}`
  const part = { topic, partition: 0 }
  await persist(() => client.createTopics([{ topic, partitions: 1, configs: {} }]))
  const codec = codecOf('trades', { schemaId: 1 })
  const batch = trades(0, maxBatchRows)
  const key = Buffer.from('binance:BTCUSDT')
  const records = codec.encodeBatch(batch).map((value) => ({ key, value: value as Buffer }))
  const producer = await openProducer(client, topic, 10_000)
  const write = await timed(async () => {
    for (let at = 0; at < count; at += perCommit) {
      await producer.transact(async ({ send }) => {
        for (let sent = 0; sent < perCommit; sent += maxBatchRows) await send([{ ...part, records }], Date.now())
      })
    }
  })
  let read = 0
  const fetch = await timed(async () => {
    for (let offset = 0; read < count; ) {
      const from = [{ ...part, offset }]
      const [got] = await persist(() => client.fetch(from, { waitMs: 100, maxBytes: 2 ** 22, lane: 'bench' }))
      offset = got!.next
      read += got!.records.length
    }
  })
  mustEqual('rows read', read, count)
  await client.close()
  return [
    { what: `${name} alone, written`, value: count / write.ms / 1000, unit: 'M rows/s' },
    { what: `${name} alone, read`, value: count / fetch.ms / 1000, unit: 'M rows/s' },
  ]
}

/** The same through the port: columns to Avro and back, the ledger, exactly once. */
async function engine(
  where: { readonly brokers: readonly string[]; readonly registry: string },
  client: string,
  count: number,
  round: number,
): Promise<Figure[]> {
  const topics = await openTopics({ engine: 'kafka', dir: '', ...where, client, prefix: `engine-${client}-${round}.` })
  const writer = await topics.writer({ run: 'bench', market: true })
  const step = Array.from({ length: perCommit / maxBatchRows }, (_, i) => trades(i * maxBatchRows, maxBatchRows))
  const write = await timed(async () => {
    for (let at = 0; at < count; at += perCommit) await writer.commit({ outputs: step })
  })
  const small: number[] = []
  const one = trades(0, 1)
  for (let i = 0; i < Math.min(300, count / 1000); i++)
    small.push((await timed(() => writer.commit({ outputs: [one] }))).ms)
  small.sort((a, b) => a - b)
  await writer.close()
  let read = 0
  let checked = 0
  const fetch = await timed(async () => {
    for await (const { batch } of topics.read<'trades'>('market.trades', { to: { offsets: [count] } })) {
      read += batch.rows
      checked += batch.columns.price[batch.rows - 1]!
    }
  })
  mustEqual('rows read', read, count)
  mustEqual('prices are numbers', Number.isFinite(checked), true)
  await topics.close()
  return [
    {
      what: `engine on ${client}, written`,
      value: count / write.ms / 1000,
      unit: 'M rows/s',
      pass: passPublish,
      at: 'least',
    },
    {
      what: `engine on ${client}, read`,
      value: count / fetch.ms / 1000,
      unit: 'M rows/s',
      pass: passRead,
      at: 'least',
    },
    { what: `engine on ${client}, commit of one row, half are faster`, value: small[small.length >> 1]!, unit: 'ms' },
    {
      what: `engine on ${client}, commit of one row, 99 of 100 are faster`,
      value: small[Math.floor(small.length * 0.99)]!,
      unit: 'ms',
    },
  ]
}
