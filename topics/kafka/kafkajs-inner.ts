// What kafkajs keeps inside and is used here: its clusters and brokers, a request at a time. Its public interface has no fetch
// without a group. 2.2.4, of 2023, is its last version, so what is inside stays as it is.
import { createRequire } from 'node:module'
import type { ConnectionOptions } from 'node:tls'
import { BytesReader } from './bytes.ts'
import type { ClientOptions } from './client.ts'

export const requestTimeoutMs = 30_000
export const readCommitted = 1
const inFlight = 5

/** What is used of kafkajs/src/broker. */
export interface Broker {
  /** Sends a request of any API and version. */
  readonly connectionPool: {
    send<T>(protocol: {
      request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<unknown> }
      response: { decode(raw: Buffer): Promise<Buffer>; parse(raw: Buffer): Promise<T> }
    }): Promise<T>
  }
  disconnect(): Promise<void>
  addPartitionsToTxn(request: {
    transactionalId: string
    producerId: string
    producerEpoch: number
    topics: { topic: string; partitions: number[] }[]
  }): Promise<unknown>
  produce(request: {
    topicData: { topic: string; partitions: { partition: number; firstSequence: number; messages: OutMessage[] }[] }[]
    transactionalId?: string
    producerId?: string
    producerEpoch?: number
    acks: number
    timeout: number
  }): Promise<{ topics: { topicName: string; partitions: { partition: number; baseOffset: string }[] }[] }>
  endTxn(request: {
    transactionalId: string
    producerId: string
    producerEpoch: number
    transactionResult: boolean
  }): Promise<unknown>
  fetch(request: {
    isolationLevel: number
    maxWaitTime: number
    minBytes: number
    maxBytes: number
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[]
  }): Promise<{ responses: { topicName: string; partitions: FetchedPartition[] }[] }>
  listOffsets(request: {
    replicaId: number
    isolationLevel: number
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[]
  }): Promise<{ responses: { topic: string; partitions: { partition: number; offset: string }[] }[] }>
  metadata(topics: string[]): Promise<{
    controllerId: number
    topicMetadata: {
      topic: string
      isInternal?: boolean
      partitionMetadata: { partitionId: number; leader: number }[]
    }[]
  }>
  createTopics(request: {
    topics: {
      topic: string
      numPartitions: number
      replicationFactor: number
      configEntries: { name: string; value: string }[]
    }[]
    timeout: number
  }): Promise<unknown>
  deleteTopics(request: { topics: string[]; timeout: number }): Promise<unknown>
  deleteRecords(request: {
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[]
  }): Promise<unknown>
  describeConfigs(request: { resources: { type: number; name: string }[] }): Promise<{
    resources: { configEntries: { configName: string; configValue: string | null; configSource: number }[] }[]
  }>
  alterConfigs(request: {
    resources: { type: number; name: string; configEntries: { name: string; value: string }[] }[]
  }): Promise<unknown>
}

export interface OutMessage {
  key: Buffer
  value: Buffer | null
  timestamp: string
}

export interface FetchedPartition {
  readonly partition: number
  readonly abortedTransactions?: { producerId: string; firstOffset: string }[]
  readonly messages: {
    offset: string
    timestamp: string
    key: Buffer | null
    value: Buffer | null
    isControlRecord: boolean
    batchContext: { producerId: string; inTransaction: boolean }
  }[]
}

/** What is used of kafkajs/src/cluster. */
export interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  findBroker(which: { nodeId: string }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
  findGroupCoordinator(which: { groupId: string; coordinatorType: number }): Promise<Broker>
  getNodeIds(): string[]
}

const load = createRequire(import.meta.url)

/** Sends a request whose body is bytes, and whose answer is read from bytes. */
export async function sendRaw<T>(
  broker: Broker,
  { key, version, flexible }: { readonly key: number; readonly version: number; readonly flexible: boolean },
  body: Buffer,
  read: (answer: BytesReader) => T,
): Promise<T> {
  const Encoder = load('kafkajs/src/protocol/encoder') as new () => { writeBufferInternal(bytes: Buffer): unknown }
  try {
    return await broker.connectionPool.send({
      request: {
        ...{ apiKey: key, apiVersion: version, apiName: `API ${key}` },
        async encode() {
          const encoder = new Encoder()
          // The header that the library writes lacks the tagged fields of flexible requests: there are none.
          encoder.writeBufferInternal(flexible ? Buffer.concat([Buffer.from([0]), body]) : body)
          return encoder
        },
      },
      response: {
        decode: async (raw) => raw,
        async parse(raw) {
          const answer = new BytesReader(raw)
          if (flexible) answer.tags()
          return read(answer)
        },
      },
    })
  } catch (error) {
    if ((error as Error).name === 'KafkaJSConnectionClosedError') await broker.disconnect()
    throw error
  }
}

interface Connection {
  isConnected(): boolean
  connect(): Promise<unknown>
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
}

/**
 * A connection that was cut in the middle of an answer keeps what it had of it, and takes what comes after it is connected again for the
 * rest: here it forgets it.
 */
function forgetHalfAnswers(): void {
  const { prototype } = load('kafkajs/src/network/connection') as { prototype: Connection & { [mended]?: true } }
  if (prototype[mended]) return
  const { connect } = prototype
  prototype[mended] = true
  prototype.connect = function (this: Connection) {
    if (!this.isConnected())
      Object.assign(this, { chunks: [], bytesBuffered: 0, bytesNeeded: Int32Array.BYTES_PER_ELEMENT })
    return connect.call(this)
  }
}

interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

/**
 * A queue of requests looks each millisecond whether one waits, by a timer whose time is below zero, of which Node warns; here it looks
 * only while one does: who is put into it schedules the next look.
 */
function restWhenNothingWaits(): void {
  const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue & { [mended]?: true } }
  if (prototype[mended]) return
  const { scheduleCheckPendingRequests } = prototype
  prototype[mended] = true
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this)
  }
}

const mended = Symbol('mended')

/** A cluster that has no connection yet. */
export function newCluster(options: ClientOptions): Cluster {
  forgetHalfAnswers()
  restWhenNothingWaits()
  const { clientId = 'smartspeed', tls, sasl } = options
  const Cluster = load('kafkajs/src/cluster') as new (options: object) => Cluster
  const { createLogger, LEVELS } = load('kafkajs/src/loggers') as {
    createLogger(options: object): unknown
    LEVELS: { NOTHING: number }
  }
  return new Cluster({
    logger: createLogger({ level: LEVELS.NOTHING, logCreator: () => () => undefined }),
    socketFactory: (load('kafkajs/src/network/socketFactory') as () => unknown)(),
    brokers: [...options.brokers],
    clientId,
    ...(tls === undefined ? {} : { ssl: tls as ConnectionOptions }),
    ...(sasl === undefined ? {} : { sasl: { ...sasl, mechanism: sasl.mechanism.toLowerCase() } }),
    connectionTimeout: 5000,
    authenticationTimeout: 10_000,
    reauthenticationThreshold: 10_000,
    requestTimeout: options.requestTimeoutMs ?? requestTimeoutMs,
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    // Whether a request is sent again is decided by who asked.
    retry: { retries: 0 },
    allowAutoTopicCreation: false,
    maxInFlightRequests: inFlight,
    isolationLevel: readCommitted,
  })
}
