// What does it cost that rows come from a broker? The whole graph over the same ticks, from Kafka and from the embedded log.

import type { Batch } from '../schemas/batch.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics, Writer } from '../topics/topics.ts'
import { type Bench, mustEqual } from './bench.ts'
import { withBroker } from './broker.ts'
import { makeMarket, read, scalping, trade } from './ticks.ts'

const minutes = 60
const rounds = 3
const perCommit = 8

export const kafkaGraph: Bench = {
  name: 'kafka-graph',
  question: 'a simulated hour, the whole graph with its outputs committed: from Kafka and from the embedded log',
  async run({ share, folder }) {
    const dir = makeMarket(folder, Math.max(1, Math.round(minutes * share)))
    return withBroker({ folder, share }, async (broker) => {
      const embedded = await openTopics({ dir })
      const kafka = await openTopics({ engine: 'kafka', dir: '', ...broker })
      await copy(embedded, kafka)
      const { last } = await embedded.info('market.quotes')
      const best = {
        reading: Number.POSITIVE_INFINITY,
        kafka: Number.POSITIVE_INFINITY,
        embedded: Number.POSITIVE_INFINITY,
      }
      const call = await scalping()
      let rows = 0
      for (let round = 0; round < (share === 1 ? rounds : 1); round++) {
        const reading = await read(kafka, last! + 1)
        const there = await trade(kafka, `round-${round}`, call)
        const here = await trade(embedded, `round-${round}`, call)
        mustEqual('hashes', there.hashes, here.hashes)
        best.reading = Math.min(best.reading, reading.seconds)
        best.kafka = Math.min(best.kafka, there.seconds)
        best.embedded = Math.min(best.embedded, here.seconds)
        rows = there.rows
      }
      await embedded.close()
      await kafka.close()
      const rate = (seconds: number) => rows / seconds / 1e6
      return [
        { what: 'rows', value: rows / 1e6, unit: 'M' },
        { what: 'whole graph from Kafka', value: rate(best.kafka), unit: 'M rows/s' },
        { what: 'reading and merging alone, from Kafka', value: rate(best.reading), unit: 'M rows/s' },
        { what: 'whole graph from the embedded log', value: rate(best.embedded), unit: 'M rows/s' },
        {
          what: 'the first to the slower of the two others',
          value: best.kafka / Math.max(best.reading, best.embedded),
          unit: 'times the time',
          pass: 2,
        },
      ]
    })
  },
}

/** All topics of the market, some batches a commit. */
async function copy(source: Topics, target: Topics): Promise<void> {
  const writer = await target.writer({ run: 'copy', market: true })
  for (const { name, run } of await source.list()) {
    if (run !== undefined) continue
    let held: Batch[] = []
    for await (const { batch } of source.read(name)) {
      held.push(batch)
      if (held.length === perCommit) held = await commit(writer, held)
    }
    await commit(writer, held)
  }
  await writer.close()
}

async function commit(writer: Writer, outputs: readonly Batch[]): Promise<Batch[]> {
  if (outputs.length > 0) await writer.commit({ outputs })
  return []
}
