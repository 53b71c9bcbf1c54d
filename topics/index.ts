// The engines, by name. A new engine is one line here, its folder, and its call of tests/conformance/topics.ts.
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { SmartspeedError, unknownName } from '../schemas/errors.ts'
import { openEmbedded } from './embedded/embedded.ts'
import type { Topics } from './topics.ts'

/** Each engine takes what it needs and passes over the rest. */
export interface EngineOptions {
  /** Folder of the embedded log. */
  readonly dir: string
  readonly readOnly?: boolean
  /** Kafka: `host:port` of some brokers, and the URL of the schema registry's Confluent interface. */
  readonly brokers?: readonly string[]
  readonly registry?: string
  /** Kafka: stands before the names of topics, subjects and transactional ids. */
  readonly prefix?: string
  /** Kafka: which wire client. */
  readonly client?: string
  /** Kafka: partitions of the ledger, when it is made. */
  readonly ledgerPartitions?: number
  /** Kafka: a member of a run that gave no sign of life for so long has lost its tasks; 10,000 ms when left out. */
  readonly sessionMs?: number
  /** Kafka: copies of each topic that is made, and how many of them a write waits for; the broker's defaults when left out. */
  readonly replicas?: number
  readonly minIsr?: number
  /** Kafka: by TLS, and as whom. */
  readonly tls?: TlsOptions
  readonly sasl?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
    readonly username: string
    readonly password: string
  }
  /** Kafka: what to trust for the registry's https, and as whom. */
  readonly registryTls?: TlsOptions
  readonly registryUser?: { readonly username: string; readonly password: string }
}

const engines: Readonly<Record<string, (options: EngineOptions) => Promise<Topics>>> = {
  embedded: ({ dir, readOnly }) => openEmbedded(dir, { readOnly }),
  // What it takes to speak to a broker is loaded only by who does.
  kafka: async ({ dir: _, brokers, registry, ...rest }) => {
    const { openKafka } = await import('./kafka/engine.ts')
    return openKafka({ ...rest, brokers: demand('brokers', brokers), registry: demand('registry', registry) })
  },
}

function demand<T>(name: 'brokers' | 'registry', value: T | undefined): T {
  if (value !== undefined) return value
  throw new SmartspeedError('CONFIG_INVALID', `--engine kafka needs --${name}`, {
    fix: 'for example --brokers 127.0.0.1:9092 --registry http://127.0.0.1:8081/apis/ccompat/v7',
  })
}

export const engineNames: readonly string[] = Object.keys(engines)

/** Opens the topics of an engine. @throws SmartspeedError UNKNOWN_NAME, and what the engine's own `open` says */
export function openTopics(options: EngineOptions & { engine?: string }): Promise<Topics> {
  const { engine = 'embedded' } = options
  const open = Object.hasOwn(engines, engine) ? engines[engine] : undefined
  if (open === undefined) throw unknownName('engine', engine, engineNames)
  return open(options)
}
