// How fast are the two wire clients on a local broker, and the engine on each of them? Everything in one run, on the same records:
// the trades of the real capture, again and again.
import { join } from 'node:path'
import { exchangeOf } from '../connectors/exchanges/index.ts'
import { importFiles } from '../pipelines/ingest.ts'
import { type Batch, maxBatchRows } from '../schemas/batch.ts'
import { codecOf } from '../topics/codec.ts'
import { openTopics } from '../topics/index.ts'
import { clientNames, openClient } from '../topics/kafka/engine.ts'
import { openProducer, persist } from '../topics/kafka/producer.ts'
import { replay } from '../topics/replay.ts'
import { type Bench, type Figure, mustEqual, timed } from './bench.ts'
import { type Broker, withBroker } from './broker.ts'

const rows = 1_048_576
const perCommit = 65_536
const passPublish = 0.1
const passRead = 0.5

export const kafka: Bench = {
  name: 'kafka',
  question: 'trades through each wire client alone, and through the Kafka engine on each, on a local broker',
  async run({ share, data, folder }) {
    const trades = await tradesOf(data, join(folder, 'log'))
    return withBroker({ folder, share }, async (broker) => {
      const count = Math.ceil((rows * share) / perCommit) * perCommit
      const figures: Figure[] = []
      // The first round warms the broker and is not counted.
      for (const round of share === 1 ? [0, 1] : [1]) {
        for (const client of clientNames) {
          const found = [
            ...(await alone(broker, trades, { client, count, round })),
            ...(await engine(broker, trades, { client, count, round })),
          ]
          if (round === 1) figures.push(...found, ...ratiosOf(client, found))
        }
      }
      return figures
    })
  },
}

interface How {
  readonly client: string
  readonly count: number
  readonly round: number
}

/** Trades of the capture, and the next ones behind them: as many as are asked for, 8,192 a batch. */
type Trades = (from: number, count: number) => readonly Batch<'trades'>[]

async function tradesOf(data: string, dir: string): Promise<Trades> {
  const topics = await openTopics({ dir })
  const files = [join(data, 'captures', 'usdm-btcusdt-20240808.gz')]
  await importFiles({ topics, files, exchange: exchangeOf('binance-usdm'), seconds: () => 0 })
  const whole: Batch<'trades'>[] = []
  for await (const { batch } of topics.read<'trades'>('market.trades'))
    if (batch.rows === maxBatchRows) whole.push(batch)
  const { first, last } = await topics.info('market.trades')
  await topics.close()
  const span = last! - first! + 1
  return (from, count) =>
    Array.from({ length: count / maxBatchRows }, (_, i) => {
      const number = from / maxBatchRows + i
      return later(whole[number % whole.length]!, Math.floor(number / whole.length) * span)
    })
}

function later(batch: Batch<'trades'>, by: number): Batch<'trades'> {
  const { time, received } = batch.columns
  const columns = { ...batch.columns, time: time.map((one) => one + by), received: received.map((one) => one + by) }
  return { ...batch, columns }
}

/** Rows that are encoded already, in transactions as large as a step, and read as bytes: what the wire and the client cost. */
async function alone({ brokers }: Broker, trades: Trades, { client: name, count, round }: How): Promise<Figure[]> {
  const client = openClient({ brokers, client: name })
  const topic = `alone-${name}-${round}`
  const part = { topic, partition: 0 }
  await persist(() => client.createTopics([{ topic, partitions: 1, configs: {} }]))
  const codec = codecOf('trades', { schemaId: 1 })
  const key = Buffer.from('binance-usdm:BTCUSDT')
  const records = codec.encodeBatch(trades(0, maxBatchRows)[0]!).map((value) => ({ key, value: value as Buffer }))
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
      const [got] = await persist(() => client.fetchSpans(from, { waitMs: 100, maxBytes: 2 ** 22, lane: 'bench' }))
      offset = got!.next
      read += got!.spans.count
    }
  })
  mustEqual('rows read', read, count)
  await client.close()
  return [rate(`${name} alone, written`, count, write.ms), rate(`${name} alone, read`, count, fetch.ms)]
}

/** The same through the port: columns to Avro and back, the ledger, exactly once; and through the merge of a replay. */
async function engine(broker: Broker, trades: Trades, { client, count, round }: How): Promise<Figure[]> {
  const topics = await openTopics({ engine: 'kafka', dir: '', ...broker, client, prefix: `engine-${client}-${round}.` })
  const writer = await topics.writer({ run: 'bench', market: true })
  let prices = 0
  let writeMs = 0
  for (let at = 0; at < count; at += perCommit) {
    const step = trades(at, perCommit)
    prices += sumOf(step)
    writeMs += (await timed(() => writer.commit({ outputs: step }))).ms
  }
  const small: number[] = []
  const one = trades(count, maxBatchRows)[0]!
  const row = { ...one, rows: 1 }
  for (let i = 0; i < Math.min(300, count / 1000); i++)
    small.push((await timed(() => writer.commit({ outputs: [row] }))).ms)
  small.sort((a, b) => a - b)
  await writer.close()
  let read = 0
  let seen = 0
  const fetch = await timed(async () => {
    for await (const { batch } of topics.read<'trades'>('market.trades', { to: { offsets: [count] } })) {
      read += batch.rows
      seen += sumOf([batch])
    }
  })
  let replayed = 0
  const again = await timed(async () => {
    const inputs = [{ topic: 'market.trades' }]
    for await (const { merged } of replay(topics, { inputs, ends: { 'market.trades': [count] } }))
      replayed += merged.rows
  })
  mustEqual('rows read and replayed', [read, replayed], [count, count])
  mustEqual('the sum of all prices', Math.round(seen), Math.round(prices))
  await topics.close()
  const marks = client === clientNames[0]
  return [
    { ...rate(`engine on ${client}, written`, count, writeMs), ...(marks ? { pass: passPublish, at: 'least' } : {}) },
    rate(`engine on ${client}, read`, count, fetch.ms),
    {
      ...rate(`engine on ${client}, replayed`, count, again.ms),
      ...(marks ? { pass: passRead, at: 'least' } : {}),
    },
    { what: `engine on ${client}, commit of one row, half are faster`, value: small[small.length >> 1]!, unit: 'ms' },
    {
      what: `engine on ${client}, commit of one row, 99 of 100 are faster`,
      value: small[Math.floor(small.length * 0.99)]!,
      unit: 'ms',
    },
  ]
}

function sumOf(batches: readonly Batch<'trades'>[]): number {
  let sum = 0
  for (const { columns } of batches) for (const price of columns.price) sum += price
  return sum
}

function rate(what: string, rows: number, ms: number): Figure {
  return { what, value: rows / ms / 1000, unit: 'M rows/s' }
}

/** What the engine costs on top of its client, in the same run. */
function ratiosOf(client: string, figures: readonly Figure[]): Figure[] {
  const of = (what: string) => figures.find((one) => one.what === what)!.value
  return [
    ['written', 'written'],
    ['replayed', 'read'],
  ].map(([done, bare]) => ({
    what: `engine on ${client}, ${done}: of the client alone`,
    value: of(`engine on ${client}, ${done}`) / of(`${client} alone, ${bare}`),
    unit: 'times',
  }))
}
