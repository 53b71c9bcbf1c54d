import { join } from 'node:path'
import { beforeAll, expect } from 'vitest'
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { aboutOf } from '../../pipelines/about.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import { parity } from '../../pipelines/parity.ts'
import { hashTopic } from '../../topics/hash.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { runTopology, seatsOf, tickTopologies } from '../backtests.ts'
import { dataDir, describeWith } from '../data.ts'
import { fresh } from '../imports.ts'
import { type SharedPlaces, sharedPlaces, testByClient } from '../kafka.ts'

const capture = join(dataDir, 'captures/usdm-btcusdt-20240808.gz')

describeWith(['data', 'kafka'], 'the same capture on both engines', () => {
  let places: SharedPlaces
  beforeAll(async () => {
    places = await sharedPlaces()
  }, 300_000)

  /** Imports the capture and runs a backtest over it; the hash of every topic, but those of the importer's own state. */
  async function work(topics: Topics): Promise<Record<string, string>> {
    const exchange = exchangeOf('binance-usdm')
    await importFiles({ topics, files: [capture], exchange, seconds: () => 0 })
    await runTopology(topics, 'run', tickTopologies['sma-cross'])
    const hashes: Record<string, string> = {}
    for (const { name, rows, record } of await topics.list()) {
      if (record === 'journal' || record === 'snapshots') continue
      hashes[name] = `${rows} rows ${(await hashTopic(topics, name)).hash}`
    }
    return hashes
  }

  testByClient('gives the same rows and the same trades', async (client) => {
    const embedded = await openTopics({ dir: fresh() })
    const kafka = await openTopics({ ...places.options(), client })
    const [there, here] = [await work(kafka), await work(embedded)]
    expect(there).toEqual(here)
    expect(Object.keys(there)).toEqual(expect.arrayContaining(['market.trades', 'run.orders', 'run.executions']))
    const about = (await aboutOf(kafka, 'run'))!
    const again = { seats: seatsOf(about.plan.topology), codeHash: 'code' }
    expect(await parity(kafka, 'run', about, again)).toMatchObject({ equal: true })
    await embedded.close()
    await kafka.close()
  })
})
