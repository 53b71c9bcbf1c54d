// A run of a real capture on Kafka, mirrored to a folder, is proven there when the broker is gone; and from a folder to Kafka.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { anyAboutOf } from '../../pipelines/about.ts'
import { parseTopology } from '../../pipelines/config.ts'
import { cutIncident } from '../../pipelines/incident-cut.ts'
import { runIncident } from '../../pipelines/incident-run.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import { mirror } from '../../pipelines/mirror.ts'
import { parity } from '../../pipelines/parity.ts'
import { runPipeline } from '../../pipelines/run.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { runTopology, seatsOf, tickTopologies } from '../backtests.ts'
import { dataDir, describeWith } from '../data.ts'
import { fresh } from '../imports.ts'
import { type KafkaPlaces, kafkaPlaces } from '../kafka.ts'
import { marketRecords } from '../market.ts'
import { ledgerOf, topicsIn } from '../places.ts'

const capture = join(dataDir, 'captures/usdm-btcusdt-20240808.gz')
/** A minute of the capture. */
const [from, to] = ['2024-08-08T23:56:00Z', '2024-08-08T23:57:00Z'].map((time) => Date.parse(time) * 1000) as [
  number,
  number,
]

describeWith(['data', 'kafka', 'time'], 'a run of a real capture, recorded on Kafka', () => {
  let places: KafkaPlaces
  let ended = false
  beforeAll(async () => {
    places = await kafkaPlaces()
  })
  afterAll(() => (ended ? undefined : places?.end()))

  const clock = { nowMs: () => performance.now(), random: () => 0.5 }
  const two = parseTopology({
    ...{ exchange: 'binance-usdm', symbols: ['BTCUSDT'], interval: '1s', keep: ['bars'], risk: 'default', seed: 7 },
    venue: tickTopologies['market-maker'].venue,
    strategies: [
      { ...tickTopologies['market-maker'].strategy, account: { name: 'quotes', cash: 50_000 } },
      { ...tickTopologies['sma-cross'].strategy, account: { name: 'means', cash: 500_000 } },
    ],
  })
  const runs = ['whole', 'cut']
  const options = { topology: two, seats: seatsOf(two), codeHash: 'code' }

  async function record(topics: Topics): Promise<void> {
    await topics.create(marketRecords.map((record) => ({ record, partitions: 2 })))
    await importFiles({ topics, files: [capture], exchange: exchangeOf('binance-usdm'), seconds: () => 0 })
    await runTopology(topics, 'whole', tickTopologies['sma-cross'], { stepRows: 20_000, snapshotRows: 30_000 })
    await runPipeline({ ...options, topics, name: 'cut', clock, stepRows: 30_000, snapshotRows: 30_000 })
  }

  async function told(topics: Topics) {
    const found = await topicsIn(topics)
    const ledgers = []
    for (const run of runs) ledgers.push(await ledgerOf(topics, run))
    return { found, ledgers }
  }

  async function equal(topics: Topics): Promise<void> {
    for (const run of runs) {
      const about = (await anyAboutOf(topics, run))!
      const again = { seats: seatsOf(about.plan.topology), codeHash: 'code' }
      expect(await parity(topics, run, about, again)).toMatchObject({ equal: true, sameCode: true })
    }
  }

  test('is the same on the other engine both ways, and needs no broker to be proven, nor an incident of it to be computed', async () => {
    const kafka = await openTopics(places.options())
    await record(kafka)
    const was = await told(kafka)
    const dir = fresh()
    const folder = await openTopics({ dir })
    for (const run of runs) await mirror({ source: kafka, target: folder, from: 'kafka', run })
    // All else that is there: then every topic of one place is one of the other.
    await mirror({ source: kafka, target: folder, from: 'kafka' })
    expect(await told(folder)).toEqual(was)

    const back = await openTopics(places.options())
    for (const run of runs) await mirror({ source: folder, target: back, from: dir, run, stepRows: 10_000 })
    const there = await told(back)
    expect(was.found).toMatchObject(there.found)
    expect(there.ledgers).toEqual(was.ledgers)
    await equal(back)
    const again = await mirror({ source: folder, target: back, from: dir, run: 'cut', verify: true })
    expect(Object.values(again.topics).every(({ copied }) => copied === 0)).toBe(true)

    const incident = fresh()
    const about = (await anyAboutOf(kafka, 'cut'))!
    await cutIncident({
      topics: kafka,
      run: 'cut',
      about,
      seats: options.seats,
      from,
      to,
      dir: incident,
      only: 'quotes',
    })
    for (const topics of [kafka, back, folder]) await topics.close()
    await places.end()
    ended = true

    const alone = await openTopics({ dir, readOnly: true })
    await equal(alone)
    await alone.close()
    const verdict = await runIncident(incident)
    expect(verdict).toMatchObject({ equal: true, run: 'cut' })
    expect(verdict.rows).toBeGreaterThan(10_000)
  }, 600_000)
})
