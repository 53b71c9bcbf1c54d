// Lag as we say it, and as Kafka's own consumer-groups tool does, of the same tasks.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { perpetual } from '../../operators/portfolio/samples.ts'
import { parseTopology } from '../../pipelines/config.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import { lookAtTasks, type TaskLook } from '../../pipelines/lag-look.ts'
import { runPipeline } from '../../pipelines/run.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics, Writer } from '../../topics/topics.ts'
import { seatsOf, tickTopologies } from '../backtests.ts'
import { tradesOf } from '../conformance/rows.ts'
import { describeWith, root } from '../data.ts'
import { type KafkaPlaces, kafkaPlaces } from '../kafka.ts'
import { describeGroup } from '../kafka-tools.ts'
import { marketRecords, simulateTo } from '../market.ts'
import { type Pace, task, topic } from './lag-child.ts'

const exchange = 'binance'

describeWith(['kafka', 'time'], 'lag and kafka-consumer-groups', () => {
  let places: KafkaPlaces
  let options: ReturnType<KafkaPlaces['options']>
  let topics: Topics
  const children: ChildProcess[] = []
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-lag-'))

  beforeAll(async () => {
    places = await kafkaPlaces()
  }, 120_000)
  afterAll(async () => {
    for (const one of children) one.kill('SIGKILL')
    await topics?.close()
    await places?.end()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  const group = (run: string, name: string) => `${options.prefix}smartspeed.${run}.${name}`

  test('of a task that is behind both say where it is, and differ by the markers of transactions alone; caught up, both say 0', async () => {
    options = patient(places)
    topics = await openTopics(options)
    const market: Writer = await topics.writer({ run: 'import', market: true })
    let rows = 0
    let transactions = 0
    const feed = async (count: number) => {
      await market.commit({ outputs: [tradesOf(rows, rows + count)] })
      rows += count
      transactions++
    }
    await feed(30)
    await begin(topics, 'r')
    const child = await start('r')

    const theirs = async () => (await describeGroup(options.brokers, group('r', task)))[0]
    const ours = async () => (await lookAtTasks(topics, { run: 'r' }))[0]!.partitions[0]!
    await until(async () => (await ours()).rows === 0 && (await theirs())?.lag === 0)
    // Kafka's end counts a marker for each transaction; ours, rows.
    expect(await theirs()).toEqual({
      ...{ topic: `${options.prefix}${topic}`, partition: 0, lag: 0 },
      ...{ committed: rows + transactions, end: rows + transactions },
    })
    expect(await ours()).toMatchObject({ committed: rows, end: rows, rows: 0 })

    child.send({ rows: 1000, everyMs: 20, hang: true } satisfies Pace)
    await once(child, 'message')
    const before = (await ours()).committed!
    for (const count of [5, 7, 11]) await feed(count)
    const { committed, rows: toGo } = await ours()
    const kafka = (await theirs())!
    expect(committed).toBeGreaterThanOrEqual(before)
    expect(toGo).toBe(rows - committed!)
    expect({ end: kafka.end, committed: kafka.committed }).toEqual({ end: rows + transactions, committed: 31 })
    // The position of before stands behind the marker of the first transaction; those of the three others are counted as rows.
    expect(kafka.lag).toBe(toGo + 3)
    child.send({ rows: 1000, everyMs: 20 } satisfies Pace)
    await until(async () => (await ours()).rows === 0 && (await theirs())?.lag === 0)

    // A part of what is there: the position lies amid rows, and is shown when the task is given back.
    child.send({ rows: 4, everyMs: 20, hang: true } satisfies Pace)
    await once(child, 'message')
    await feed(40)
    child.send({ rows: 4, everyMs: 300 } satisfies Pace)
    await until(async () => (await ours()).rows < 40)
    const gone = once(child, 'exit')
    child.send({ rows: 4, everyMs: 300, leave: true } satisfies Pace)
    await gone
    const left = await ours()
    const last = (await theirs())!
    expect(left.rows).toBeGreaterThan(0)
    // Amid rows a position is shown as if no marker stood before it in its block: lag is never understated.
    expect(last.end).toBe(rows + transactions)
    expect(last.committed).toBe(left.committed)
    expect(last.lag).toBe(left.rows + transactions)
    await market.close()
  }, 600_000)

  test('of a finished run of two tasks both say 0 in every partition of every input', async () => {
    await topics.close()
    options = patient(places)
    topics = await openTopics(options)
    const { file } = await simulateTo(join(folder, 'market.gz'), { seed: 3, minutes: 1, crash: false })
    await topics.create(marketRecords.map((record) => ({ record, partitions: 2 })))
    await importFiles({ topics, files: [file], exchange: exchangeOf('binance-usdm'), seconds: () => 0 })
    const { strategy: maker, ...base } = tickTopologies['market-maker']
    const topology = parseTopology({
      ...base,
      strategies: [
        { ...maker, account: { name: 'a', cash: 50_000 } },
        { ...maker, account: { name: 'b', cash: 60_000 } },
      ],
    })
    const clock = { nowMs: () => performance.now(), random: () => 0.5 }
    await runPipeline({ topics, topology, seats: seatsOf(topology), codeHash: 'c', name: 'two', clock })
    const looks = await lookAtTasks(topics, { run: 'two' })
    expect(looks.map(({ task, finished }) => [task, finished])).toEqual([
      ['trading-0', true],
      ['trading-1', true],
    ])
    for (const look of looks) {
      const lines = await describeGroup(options.brokers, group('two', look.task))
      expect(placesOf(look)).toEqual(lines.map(({ topic, partition, lag }) => `${topic}/${partition}: ${lag}`).sort())
    }
  }, 600_000)

  function placesOf({ partitions }: TaskLook): string[] {
    return partitions.map(({ topic, partition, rows }) => `${options.prefix}${topic}/${partition}: ${rows}`).sort()
  }

  async function start(run: string): Promise<ChildProcess> {
    const program = join(root, 'tests/simulation/lag-child.ts')
    const child = fork(program, [JSON.stringify(options), run], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    children.push(child)
    await once(child, 'message')
    child.send({ rows: 1000, everyMs: 20 } satisfies Pace)
    return child
  }
})

/** A run that follows the trades of one symbol, as it begins. */
async function begin(topics: Topics, run: string): Promise<void> {
  const { ends } = await topics.info(topic)
  const plan = {
    ...{ exchange, symbols: ['BTCUSDT'], from: undefined, to: undefined, topology: {}, inputs: [{ topic, ends }] },
    instruments: [perpetual({ exchange, symbol: 'BTCUSDT', tickSize: 0.1, lotSize: 0.001 })],
  }
  const writer = await topics.writer({ run })
  const about = {
    kind: 'backtest',
    pipeline: 'trading',
    tasks: [task],
    mode: 'follow',
    status: 'running',
    plan,
    seats: [],
  }
  await writer.commit({ outputs: [], run: about })
  await writer.close()
}

/** A session that outlives a pause of a busy machine. */
function patient(places: KafkaPlaces) {
  return { ...places.options(), sessionMs: 10_000 }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(200)
}
