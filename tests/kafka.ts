// Places on Kafka that share nothing, on the broker of all tests or one of their own; and tests by each wire client.
import type { Endpoints } from '../deploy/services/index.ts'
import { clientNames, openClient, openKafka } from '../topics/kafka/engine.ts'
import type { Place } from './conformance/topics.ts'
import { testWith } from './data.ts'
import { neverDeletes, ownServices, sharedServices } from './services.ts'

export interface SharedPlaces {
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
}

/** On a broker and a registry of a test file's own. */
export interface KafkaPlaces extends SharedPlaces {
  end(): Promise<void>
}

let places = 0

/** On the broker and the registry that all tests share: nothing is started that runs already. */
export async function sharedPlaces(): Promise<SharedPlaces> {
  return placesOn(await sharedServices('kafka', 'registry'))
}

export async function kafkaPlaces(): Promise<KafkaPlaces> {
  const started = await ownServices({ names: ['kafka', 'registry'], kafka: neverDeletes })
  return { ...placesOn(started), end: started.end }
}

function placesOn({ kafka, registry: service }: Pick<Endpoints, 'kafka' | 'registry'>): SharedPlaces {
  const { brokers } = kafka
  const registry = service.url
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
  }
}

/** A test by each wire client: every run has the default one, the other takes as long again for the same promises. */
export function testByClient(name: string, body: (client: string) => Promise<void>, timeoutMs?: number): void {
  for (const client of clientNames) {
    testWith(client === clientNames[0] ? [] : 'time', `${name} (${client})`, () => body(client), timeoutMs)
  }
}
