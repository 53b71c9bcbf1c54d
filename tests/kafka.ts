// A broker and a registry of a test file's own, and places on them that share nothing.
import { openClient, openKafka } from '../topics/kafka/engine.ts'
import type { Place } from './conformance/topics.ts'
import { ownServices } from './services.ts'

export interface KafkaPlaces {
  readonly brokers: readonly string[]
  readonly registry: string
  /** Options of `openTopics` for topics that nobody else has. */
  options(): {
    engine: string
    dir: string
    brokers: readonly string[]
    registry: string
    prefix: string
    ledgerPartitions: number
    sessionMs: number
  }
  newPlace(client: string): Promise<Place>
  end(): Promise<void>
}

let places = 0

export async function kafkaPlaces(): Promise<KafkaPlaces> {
  const never = '86400000'
  const started = await ownServices({
    names: ['kafka', 'registry'],
    // Suites move the time of writing by hand: the broker must not delete meanwhile what looks old to it.
    kafka: { properties: { 'log.initial.task.delay.ms': never, 'log.retention.check.interval.ms': never } },
  })
  const { brokers } = started.kafka
  const registry = started.registry.url
  const options = () => ({
    ...{ engine: 'kafka', dir: '', brokers, registry },
    ...{ prefix: `p${process.pid}-${places++}.`, ledgerPartitions: 2, sessionMs: 2_000 },
  })
  return {
    ...{ brokers, registry, options },
    async newPlace(client) {
      const own = { ...options(), client }
      return {
        options: own,
        open: (more) => openKafka({ ...own, ...more }),
        async remove() {
          const wire = openClient({ brokers, client })
          await wire.deleteTopics((await wire.listTopics()).filter((topic) => topic.startsWith(own.prefix)))
          await wire.close()
        },
      }
    },
    end: () => started.end(),
  }
}
