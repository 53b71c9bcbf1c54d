// How does a pipeline scale out? The features of eight instruments from Kafka, by one, two and four tasks, each in a process of its own.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { simulateMarket } from '../bin/commands/simulate.ts'
import { exchangeOf } from '../connectors/exchanges/index.ts'
import { importFiles } from '../pipelines/ingest.ts'
import { openTopics } from '../topics/index.ts'
import { openClient } from '../topics/kafka/engine.ts'
import { persist } from '../topics/kafka/producer.ts'
import { partitionOf } from '../topics/partition.ts'
import { type Bench, type Figure, mustEqual } from './bench.ts'
import { type Broker, withBroker } from './broker.ts'

const exchange = 'binance-usdm'
const partitions = 4
const symbolsEach = 2
const minutes = 20
const main = join(import.meta.dirname, '..', 'bin', 'main.ts')

export const scale: Bench = {
  name: 'scale',
  question: `features of ${partitions * symbolsEach} instruments from Kafka, by 1, 2 and 4 processes; one core each where there are so many`,
  async run({ share, folder }) {
    return withBroker({ folder, share }, async (broker) => {
      await fill(broker, folder, Math.max(0.2, minutes * share))
      const figures: Figure[] = [{ what: 'cores', value: availableParallelism(), unit: '' }]
      const rates: number[] = []
      let hashes: unknown
      for (const tasks of [1, 2, 4]) {
        const results = await Promise.all(Array.from({ length: tasks }, () => member(broker, tasks)))
        hashes ??= results[0]!.hashes
        for (const result of results) mustEqual(`hashes of ${tasks} tasks`, result.hashes, hashes)
        const seconds = await working(broker, `scale-${tasks}`)
        rates.push(results[0]!.rows / seconds / 1e6)
        figures.push({ what: `${tasks} tasks`, value: rates.at(-1)!, unit: 'M rows/s' })
      }
      figures.push({ what: '2 tasks to 1', value: rates[1]! / rates[0]!, unit: 'times' })
      figures.push({ what: '4 tasks to 1', value: rates[2]! / rates[0]!, unit: 'times' })
      return figures
    })
  },
}

/** Market topics of four partitions, each with rows of two instruments. */
async function fill(broker: Broker, folder: string, long: number): Promise<void> {
  const files: string[] = []
  const held = new Array<number>(partitions).fill(0)
  for (let n = 0; held.some((count) => count < symbolsEach); n++) {
    const symbol = `COIN${n}USDT`
    const partition = partitionOf(`${exchange}:${symbol}`, partitions)
    if (held[partition]! === symbolsEach) continue
    held[partition]!++
    const file = join(folder, `${symbol}.gz`)
    await simulateMarket({ seed: n, minutes: long, exchange, symbol, file, truth: false, crash: false })
    files.push(file)
  }
  const topics = await openTopics({ engine: 'kafka', dir: '', ...broker })
  const records = ['trades', 'quotes', 'books', 'marks', 'funding', 'liquidations', 'candles'] as const
  await topics.create(records.map((record) => ({ record, partitions })))
  await importFiles({ topics, files, exchange: exchangeOf(exchange), seconds: () => performance.now() / 1000 })
  await topics.close()
}

/** One process that takes its share of the tasks, until the run has ended. */
async function member({ brokers, registry }: Broker, tasks: number): Promise<{ rows: number; hashes: unknown }> {
  const where = ['--engine', 'kafka', '--brokers', brokers.join(), '--registry', registry, '--json']
  const run = ['run', 'features', '--exchange', exchange, '--interval', '1s', '--tasks', `${tasks}`]
  const child = spawn(process.execPath, ['--no-warnings', main, ...run, '--name', `scale-${tasks}`, ...where], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { out: '', said: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    texts.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    texts.said += text
  })
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(texts.said)
  return JSON.parse(texts.out) as { rows: number; hashes: unknown }
}

/** Seconds from the first commit of a run to its last, by the times that the broker keeps: no start of a process is in it. */
async function working({ brokers }: Broker, run: string): Promise<number> {
  const client = openClient({ brokers })
  const topic = `${run}.journal`
  let [first, last] = [Number.POSITIVE_INFINITY, 0]
  const count = (await persist(() => client.partitionsOf([topic]))).get(topic)!
  for (let partition = 0; partition < count; partition++) {
    const [end] = await persist(() => client.listOffsets([{ topic, partition }], 'stable'))
    for (let offset = 0; offset < end!; ) {
      const from = [{ topic, partition, offset }]
      const [part] = await persist(() => client.fetch(from, { waitMs: 100, maxBytes: 2 ** 20, lane: 'times' }))
      for (const { timestamp } of part!.records) {
        first = Math.min(first, timestamp)
        last = Math.max(last, timestamp)
      }
      offset = part!.next
    }
  }
  await client.close()
  return Math.max(1, last - first) / 1000
}
