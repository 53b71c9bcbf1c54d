// How long from a trade that is published to the order that it caused, committed? Three processes: the publisher, the run that follows
// it, and this one, which reads the orders.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { perpetual } from '../operators/portfolio/samples.ts'
import { batchOf } from '../schemas/batch.ts'
import { catalogue } from '../schemas/catalogue.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { type Bench, type Figure, mustEqual } from './bench.ts'
import { type Broker, withBroker } from './broker.ts'

const orders = 2_000
const everyMs = 20
const commitMs = 5
/** Not counted: code is not compiled yet. */
const warmUp = 0.25

export const kafkaLatency: Bench = {
  name: 'kafka-latency',
  question: `one trade at a time, published to Kafka, to its order committed by a run that follows (--commit-ms ${commitMs})`,
  run({ share, folder }) {
    return withBroker({ folder, share }, async (broker) => {
      const options = { dir: '', ...broker }
      const topics = await openTopics({ engine: 'kafka', ...options })
      await prepare(topics)
      const count = Math.max(40, Math.round(orders * share))
      const run = follow(broker)
      try {
        await untilJournaled(topics, run)
        const publisher = child(['latency-publisher.ts', JSON.stringify(options), String(count), String(everyMs)])
        const waits = await ordersSeen(topics, count)
        await ended(publisher)
        return figuresOf(waits.slice(Math.round(count * warmUp)))
      } finally {
        run.kill('SIGTERM')
        await ended(run)
        await topics.close()
      }
    })
  },
}

/** Topics as `topics create` makes them, the instrument, and a first trade, so that there is something to begin with. */
async function prepare(topics: Topics): Promise<void> {
  const market = catalogue.filter(({ scope }) => scope === 'market')
  await topics.create(market.map(({ name, partitions }) => ({ record: name, partitions })))
  const writer = await topics.writer({ run: 'publisher', market: true })
  const at = { time: 1, received: 1, exchange: 'binance-usdm', symbol: 'BTCUSDT' }
  const instrument = perpetual({ ...at, inferred: false, tickSize: 0.1, lotSize: 0.001 })
  const trade = { ...at, price: 60_000, size: 1, side: 'buy', id: 'first' } as const
  await writer.commit({ outputs: [batchOf('instruments', [instrument]), batchOf('trades', [trade])] })
  await writer.close()
}

function follow({ brokers, registry }: Broker): ChildProcess {
  const where = ['--engine', 'kafka', '--brokers', brokers.join(','), '--registry', registry]
  const what = ['--strategy', join(import.meta.dirname, 'latency-strategy.ts'), '--exchange', 'binance-usdm']
  const how = ['--symbol', 'BTCUSDT', '--name', 'echo', '--follow', '--commit-ms', String(commitMs)]
  return child(['../bin/main.ts', 'run', 'trading', ...what, ...how, ...where])
}

function child([file, ...args]: readonly string[]): ChildProcess {
  const path = join(import.meta.dirname, file!)
  return spawn(process.execPath, ['--no-warnings', path, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
}

/** The run has committed its first step: it follows from here. */
async function untilJournaled(topics: Topics, run: ChildProcess): Promise<void> {
  while ((await topics.tasks('echo')).length === 0) {
    if (run.exitCode !== null) throw new Error(`the run ended with ${run.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** ms from the stamp of each trade to the moment when its order could be read as committed. */
async function ordersSeen(topics: Topics, count: number): Promise<number[]> {
  const waits: number[] = []
  const stop = new AbortController()
  for await (const { batch } of topics.read<'orders'>('echo.orders', { follow: true, signal: stop.signal })) {
    const now = performance.timeOrigin + performance.now()
    for (const received of batch.columns.received) if (received > 1) waits.push(now - received / 1000)
    if (waits.length >= count) stop.abort()
  }
  mustEqual('orders', waits.length, count)
  return waits
}

function figuresOf(waits: readonly number[]): Figure[] {
  const sorted = waits.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  return [
    { what: 'half are faster', value: at(0.5), unit: 'ms', pass: 20 },
    { what: '99 of 100 are faster', value: at(0.99), unit: 'ms', pass: 60 },
    { what: 'the slowest', value: at(1), unit: 'ms' },
  ]
}
